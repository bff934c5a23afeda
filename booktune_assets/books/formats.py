"""What a file is, judged by its bytes, and the reader for it. Runs in the worker.

Belongs here: sniffing and the table of readers. Does not: reading. All readers are imported here:
they load their libraries (PyMuPDF, lxml, markdown-it) only when they are called.
"""

from __future__ import annotations

import gc
import zipfile
from collections.abc import Callable
from pathlib import Path

from booktune_assets.books.asciidoc import read_asciidoc
from booktune_assets.books.blocks import Limits, Parsed
from booktune_assets.books.desk import Desk
from booktune_assets.books.epub import read_epub
from booktune_assets.books.exercises import mark_exercises
from booktune_assets.books.livebook import read_livebook
from booktune_assets.books.markdown import read_markdown
from booktune_assets.books.parts import settle_parts
from booktune_assets.books.pdf import read_pdf
from booktune_assets.errors import BookError, Code

__all__ = ["parse", "sniff"]

_SUFFIXES = {
    ".pdf": "pdf", ".epub": "epub", ".md": "md", ".markdown": "md", ".livemd": "livemd",
    ".adoc": "adoc", ".asciidoc": "adoc", ".asc": "adoc",
}  # fmt: skip
_HEAD = 4096
_LOOK = "Look at the file in a viewer; it may be empty or all images"
_INCLUDES = "All of its text stands in files that it includes: booktune add puts them together"


def parse(
    path: Path, limits: Limits, tick: Callable[[int, int], None], desk: Desk | None = None
) -> Parsed:
    """The book in a file of any known format; pictures go to the ``desk``."""
    found = sniff(path)
    gc.disable()  # a book is a million small objects without cycles: a tenth of the time
    try:
        parsed = _parsed(found, path, limits, tick, desk or Desk())
        settle_parts(parsed.blocks)
        mark_exercises(parsed.blocks)
        parsed.add_heads()
    finally:
        gc.enable()
    named = _SUFFIXES.get(path.suffix.lower())
    if named != found and {named, found} != {"md", "livemd"}:
        says = named or f"{path.suffix}, which names no format" if path.suffix else "nothing"
        parsed.warn(f"FORMAT_MISMATCH: the name says {says}; the content is {found}")
    if not any(block.text.strip() for block in parsed.blocks if block.kind != "running_head"):
        raise BookError(Code.NO_CONTENT, _INCLUDES if parsed.counts.get("includes_left") else _LOOK)
    return parsed


def _parsed(
    found: str, path: Path, limits: Limits, tick: Callable[[int, int], None], desk: Desk
) -> Parsed:
    if found == "pdf":
        return read_pdf(path, limits, tick, desk)
    if found == "epub":
        return read_epub(path, limits, tick, desk)
    if found == "adoc":
        return read_asciidoc(path, limits, desk)
    return (read_livebook if found == "livemd" else read_markdown)(path, limits, desk)


def sniff(path: Path) -> str:
    """``pdf``, ``epub``, ``adoc``, ``md`` or ``livemd``; raises ``UNKNOWN_FORMAT`` for all else.

    Text does not say which mark-up it is in: there the name decides.
    """
    with path.open("rb") as handle:
        head = handle.read(_HEAD)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK"):
        if _is_epub(path):
            return "epub"
    elif _is_text(head) and not head.startswith(
        b"-----BEGIN PGP"
    ):  # .asc is a signature's name too
        if _SUFFIXES.get(path.suffix.lower()) == "adoc":
            return "adoc"
        live = path.suffix.lower() == ".livemd" or b"<!-- livebook:" in head
        return "livemd" if live else "md"
    raise BookError(
        Code.UNKNOWN_FORMAT, "Convert it to PDF, EPUB, AsciiDoc or Markdown first", file=path.name
    )


def _is_epub(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as problem:
        raise BookError(Code.DAMAGED_FILE, f"Get a whole copy of it ({problem})") from problem
    return "META-INF/container.xml" in names or any(n.lower().endswith(".opf") for n in names)


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    control = sum(1 for byte in head if byte < 9 or 13 < byte < 32)
    return b"\0" not in head and control <= len(head) / 200
