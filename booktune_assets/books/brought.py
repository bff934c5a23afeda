"""Pictures that a book of plain text brings along when it is put on the shelf.

Belongs here: which files a text names, and their folder beside the book there. Does not: what is
done with pictures that are read (``pictures.py``), copying the book (``cli/shelf.py``).

A text in Markdown, Livebook's or AsciiDoc names its pictures by where they stand beside it. On the
shelf, where texts of many books lie side by side, each has a folder for its own: ``NAME.pictures``.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote

from booktune_assets.books.neighbours import pictures_folder
from booktune_assets.books.pictures import beside
from booktune_assets.lake import replaced

__all__ = ["bring_pictures", "names_of_pictures"]

_ENDS = re.compile(r"\.(?:png|jpe?g|gif|webp|svg)(?![\w/])", re.I)
_PARTS = re.compile(r"[\s()\[\]<>\"'`|:,;]")
_LONG = 400  # characters of such a name
_IMAGES = re.compile(r"^:imagesdir:[ \t]+(?P<folder>\S+)[ \t]*$", re.M)  # of AsciiDoc
_ENDS_MAX, _NAMES_MAX = 50_000, 5_000
_TEXT_MAX = 50_000_000  # characters of a text that is looked at
_BYTES_MAX = 1_000_000_000  # of all pictures of a book


def names_of_pictures(text: str) -> list[str]:
    """What in a text may name pictures beside it, once each, with the folders of AsciiDoc."""
    found: dict[str, None] = {}
    folders = [
        "",
        *dict.fromkeys(one["folder"].rstrip("/") + "/" for one in _IMAGES.finditer(text)),
    ]
    for count, match in enumerate(_ENDS.finditer(text)):
        if count >= _ENDS_MAX or len(found) >= _NAMES_MAX:
            break
        before = text[max(0, match.start() - _LONG) : match.end()]
        framed = text[match.end() : match.end() + 1] == ">" and before.rpartition("<")[2]
        name = unquote(framed or _PARTS.split(before)[-1])
        for folder in folders if not name.startswith("/") else ():
            found.setdefault(folder + name)
    return list(found)


def bring_pictures(source: Path, text: str, target: Path) -> int:
    """Copy the pictures that ``text`` names from beside ``source`` to those of the book ``target``.

    Only files in the folder of the source and below; how many there were.
    """
    load, into = beside(source), pictures_folder(target)
    taken = held = 0
    for name in names_of_pictures(text[:_TEXT_MAX]):
        plain = posixpath.normpath(name)
        data = load(name) if not plain.startswith("..") else None
        if data is None or held + len(data) > _BYTES_MAX:
            continue
        taken, held = taken + 1, held + len(data)
        place = into / plain
        if place.is_file() and place.read_bytes() == data:
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        with replaced(place) as temp:
            temp.write_bytes(data)
    return taken
