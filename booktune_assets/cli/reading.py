"""``read`` and ``show``: a book as it was read, as records and as a page to look at.

Belongs here: the records that other tools score, and the view a person opens. Does not: reading
(``books/``), examples and reports (``look.py``).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from booktune_assets.books.records import SILENT, record_of
from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.words import clean

if TYPE_CHECKING:
    import polars as pl

__all__ = ["read", "show"]

DPI = 90  # of the page images


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--records", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default="-",
    help="Where to write one JSON object a line (default: standard output).",
)  # fmt: skip
@pass_asked
def read(asked: Asked, file: Path, records: Path) -> None:
    """Read one book file into records in reading order; needs no home.

    A record has kind (heading, code, prose, table), level, lang (the language, as a fence would
    name it), class (iex, erl_shell, shell and output told apart), text, page and href.
    """
    from booktune_assets.books.reader import read_book
    from booktune_assets.ids import slug
    from booktune_assets.lake import replaced

    raw = read_book(file, slug(file.stem), asked.settings.reading)
    lines = [
        json.dumps(record, ensure_ascii=False) + "\n"
        for record in _records(raw.frames["raw_books__blocks"], raw.frames["raw_books__spans"])
    ]
    if str(records) == "-":
        sys.stdout.writelines(lines)
        return
    with replaced(records) as temp:
        temp.write_text("".join(lines), encoding="utf-8")
    click.echo(f"{len(lines)} records in {clean(records)}", err=True)


def _records(blocks: pl.DataFrame, spans: pl.DataFrame) -> list[dict[str, Any]]:
    """Blocks in reading order with their first place; words inside of drawings are no text."""
    first = spans.sort("block_id", "part").unique("block_id", keep="first", maintain_order=True)
    joined = blocks.join(first.select("block_id", "page", "href"), on="block_id", how="left")
    return [
        {
            **record_of(row["kind"], row["level"], row["lang"], row["text"]),
            "page": row["page"],
            "href": row["href"],
        }
        for row in joined.sort("ordinal").iter_rows(named=True)
        if row["kind"] not in SILENT
    ]


@click.command()
@click.argument("book")
@click.option("--page", "wanted", type=int, multiple=True, help="Page to show; may be repeated.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write (default: <home>/reports/show/BOOK).",
)  # fmt: skip
@click.option("--open", "launch", is_flag=True, help="Open it in the browser.")
@pass_asked
def show(asked: Asked, book: str, wanted: tuple[int, ...], out: Path | None, launch: bool) -> None:
    """Write an HTML view of a book: page images with a box per block beside the text.

    BOOK is a key of the shelf or a book file.
    """
    from booktune_assets.books.crops import crop_page
    from booktune_assets.books.view import pages_of, view_html
    from booktune_assets.lake import replaced

    key, path, frames = _book(asked, book)
    here = pages_of(frames["raw_books__pages"])
    known = frames["raw_books__pages"]["page"].to_list()
    if odd := sorted(set(wanted) - set(known)):
        raise click.UsageError(f"{key} has pages {min(known)} to {max(known)}, not {odd[0]}.")
    folder = out or asked.settings.reports / "show" / key
    (folder / "pages").mkdir(parents=True, exist_ok=True)
    pictures: dict[int, str] = {}
    todo = [page for page in here if not wanted or page in wanted]
    with click.progressbar(todo, label="drawing pages", file=sys.stderr) as pages:
        for page in pages:
            if picture := crop_page(path, page, [], dpi=DPI):
                target = folder / "pages" / f"{page:04}.png"
                target.write_bytes(picture)
                pictures[page] = f"pages/{target.name}"
    file = folder / ("index.html" if not wanted else f"page-{'-'.join(map(str, wanted))}.html")
    with replaced(file) as temp:
        whole = "index.html" if (folder / "index.html").is_file() else None
        temp.write_text(view_html(frames, pictures, wanted, whole=whole), encoding="utf-8")
    click.echo(f"view      {clean(file)}  ({len(wanted) or len(known)} of {len(known)} pages)")
    if launch:
        click.launch(file.resolve().as_uri())


def _book(asked: Asked, name: str) -> tuple[str, Path, dict[str, pl.DataFrame]]:
    """Key, file and frames of ``raw_books``: of a file, or of a book of the shelf that was read."""
    from booktune_assets.books.reader import read_book
    from booktune_assets.books.shelf import Shelf
    from booktune_assets.errors import BookError, Code
    from booktune_assets.ids import slug
    from booktune_assets.lake import Lake
    from booktune_assets.schemas import tables_of

    if Path(name).is_file():
        path = Path(name)
        return (
            slug(path.stem),
            path,
            read_book(path, slug(path.stem), asked.settings.reading).frames,
        )
    found = Shelf(asked.settings).book(name)
    lake = Lake(asked.settings.lake)
    if lake.receipt("raw_books", found.key) is None:
        raise BookError(Code.NOT_BUILT, f"booktune run raw_books --book {found.key}", book=name)
    frames = {table.name: lake.read(table.name, found.key) for table in tables_of("raw_books")}
    return found.key, found.path, frames
