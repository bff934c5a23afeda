"""The view of a book under ``reports/show/``: where it lies, when it is written.

Belongs here: drawing the pages of a book beside its HTML, telling whether that is still the book as
it was read. Does not: what stands on it (``books/view.py``), addresses (``serve.py``).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from booktune_assets.errors import BookError, Code
from booktune_assets.lake import Lake, replaced
from booktune_assets.settings import Settings

__all__ = ["Opened", "draw_view", "fresh_view", "opened", "view_of"]

DPI = 90  # of the page images
STAMP = "made-from.json"  # beside index.html: what was shown, and by which version of ours
Bar = Callable[[Sequence[int]], AbstractContextManager[Iterable[int]]]


@dataclass(frozen=True, slots=True)
class Opened:
    """A book to be shown: its key and file, the frames of ``raw_books``, the folder of figures."""

    key: str
    path: Path
    frames: Mapping[str, pl.DataFrame]
    kept: Path


def view_of(settings: Settings, key: str) -> Path:
    """Where the view of a whole book lies."""
    return settings.reports / "show" / key / "index.html"


def opened(settings: Settings, name: str) -> Opened:
    """A book of the shelf as it was read. Raises ``BookError(NOT_BUILT)``."""
    from booktune_assets.books.shelf import Shelf
    from booktune_assets.schemas import tables_of

    found = Shelf(settings).book(name)
    lake = Lake(settings.lake)
    if lake.receipt("raw_books", found.key) is None:
        raise BookError(Code.NOT_BUILT, f"booktune run raw_books --book {found.key}", book=name)
    frames = {table.name: lake.read(table.name, found.key) for table in tables_of("raw_books")}
    return Opened(found.key, found.path, frames, lake.folder("raw_books", found.key) / "figures")


def fresh_view(settings: Settings, name: str) -> Path:
    """The view of a book of the shelf; drawn again when the book was read anew since."""
    lake = Lake(settings.lake)
    book = opened(settings, name)
    receipt = lake.receipt("raw_books", book.key)
    made_from = {"digest": receipt.digest if receipt else "", "file": str(book.path)}
    view = view_of(settings, book.key)
    stamp = view.with_name(STAMP)
    if view.is_file() and _stamped(stamp) == made_from:
        return view
    draw_view(book, view.parent)
    with replaced(stamp) as temp:
        temp.write_text(json.dumps(made_from), encoding="utf-8")
    return view


def draw_view(
    book: Opened, folder: Path, wanted: Sequence[int] = (), bar: Bar = nullcontext
) -> Path:
    """Write page images, figures and the HTML; of the ``wanted`` pages only, or of all.

    ``bar`` wraps the pages that are drawn, for a progress bar. Raises ``BookError(UNKNOWN_PAGE)``.
    """
    from booktune_assets.books.crops import crop_page
    from booktune_assets.books.view import pages_of, view_html

    known = book.frames["raw_books__pages"]["page"].to_list()
    if odd := sorted(set(wanted) - set(known)):
        remedy = f"It has pages {min(known)} to {max(known)}"
        raise BookError(Code.UNKNOWN_PAGE, remedy, book=book.key, page=odd[0])
    (folder / "pages").mkdir(parents=True, exist_ok=True)
    pictures: dict[int, str] = {}
    drawn = pages_of(book.frames["raw_books__pages"])
    with bar([page for page in drawn if not wanted or page in wanted]) as pages:
        for page in pages:
            if picture := crop_page(book.path, page, [], dpi=DPI):
                target = folder / "pages" / f"{page:04}.png"
                target.write_bytes(picture)
                pictures[page] = f"pages/{target.name}"
    figures = _copied(book.frames["raw_books__figures"], book.kept, folder / "figures")
    file = folder / ("index.html" if not wanted else f"page-{'-'.join(map(str, wanted))}.html")
    with replaced(file) as temp:
        whole = "index.html" if (folder / "index.html").is_file() else None
        html = view_html(book.frames, pictures, wanted, figures, whole=whole)
        temp.write_text(html, encoding="utf-8")
    return file


def _stamped(stamp: Path) -> object:
    try:
        return json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _copied(figures: pl.DataFrame, kept: Path, folder: Path) -> dict[str, str]:
    """Pictures of figures beside the view: addresses by figure."""
    shown: dict[str, str] = {}
    for figure, file in figures.drop_nulls("file").select("figure_id", "file").iter_rows():
        source = kept / Path(file).name
        if source.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / source.name)
            shown[figure] = f"figures/{source.name}"
    return shown
