"""``read`` and ``show``: a book as it was read, as records and as a page to look at.

Belongs here: the records that other tools score, and the view a person opens. Does not: reading
(``books/``), examples and reports (``look.py``).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from booktune_assets.books.records import SILENT, record_of
from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.figures import NewFile, counted
from booktune_assets.cli.words import WRONG_USE, clean, refuse_book, refuse_folder
from booktune_assets.errors import Code

if TYPE_CHECKING:
    import polars as pl

    from booktune_assets.page.views import Opened

__all__ = ["book_of", "read", "show"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--records", type=NewFile(allow_dash=True), default="-",
    help="Where to write one JSON object a line (default: standard output); a new folder is made.",
)  # fmt: skip
@click.option("--precise", is_flag=True, help="Cells of ruled tables by pdfplumber; slower.")
@click.option("--ocr", is_flag=True, help="Recognise the text of scanned pages (Tesseract).")
@pass_asked
def read(asked: Asked, file: Path, records: Path, precise: bool, ocr: bool) -> None:
    """Read one book file into records in reading order; needs no home.

    A record has kind (heading, code, prose, table), level, lang (the language, as a fence would
    name it), class (iex, erl_shell, shell and output told apart), text, page and href. What was odd
    is said on standard error.
    """
    from booktune_assets.books.bounded import begin

    if not file.exists():
        dash = "; a book is read from a file, not from standard input" if str(file) == "-" else ""
        click.echo(f"{Code.FILE_MISSING.value}: no such file: {clean(file)}{dash}", err=True)
        raise click.exceptions.Exit(WRONG_USE)
    refuse_book(records, file, "--records")
    begin()  # it starts while the libraries of tables are loaded here
    from booktune_assets.books.reader import read_book
    from booktune_assets.ids import slug
    from booktune_assets.lake import replaced

    reading = asked.settings.reading
    reading = reading.model_copy(
        update={"precise": precise or reading.precise, "ocr": ocr or reading.ocr}
    )
    kept = asked.settings.cache / "ocr" if reading.ocr else None
    raw = read_book(file, slug(file.stem), reading, kept=kept, includes=True)
    for words in raw.frames["raw_books"]["warnings"][0]:
        click.echo(f"warning: {clean(words)}", err=True)
    lines = _lines(raw.frames["raw_books__blocks"], raw.frames["raw_books__spans"])
    if str(records) == "-":
        sys.stdout.writelines(lines)
        return
    number = 0
    with replaced(records) as temp, temp.open("w", encoding="utf-8") as handle:
        for line in lines:
            handle.write(line)
            number += 1
    click.echo(f"{counted(number, 'record')} in {clean(records)}", err=True)


def _lines(blocks: pl.DataFrame, spans: pl.DataFrame) -> Iterator[str]:
    """Blocks in reading order with their first place; words inside of drawings are no text."""
    places = spans.select("block_id", "page", "href", "part").iter_rows()
    place = next(places, None)
    for row in blocks.iter_rows(named=True):  # places follow in the order of their blocks
        page = href = None
        while place is not None and place[0] == row["block_id"]:
            if place[3] == 0:
                _, page, href, _ = place
            place = next(places, None)
        if row["kind"] not in SILENT:
            record = record_of(row["kind"], row["level"], row["lang"], row["text"])
            told = {**record, "page": page, "href": href}
            yield json.dumps(told, ensure_ascii=False) + "\n"


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
    from booktune_assets.page.views import draw_view

    found = book_of(asked, book)
    known = found.frames["raw_books__pages"].height
    folder = out or asked.settings.reports / "show" / found.key
    file = draw_view(found, folder, wanted, _bar)
    click.echo(f"view      {clean(file)}  ({len(wanted) or known} of {known} pages)")
    if launch:
        click.launch(file.resolve().as_uri())


def _bar(pages: Sequence[int]) -> AbstractContextManager[Iterable[int]]:
    """Progress on standard error; none for a book without pages."""
    return (
        click.progressbar(pages, label="drawing pages", file=sys.stderr)
        if pages
        else (nullcontext(pages))
    )


def book_of(asked: Asked, name: str) -> Opened:
    """A book file, which is read now, or a book of the shelf that was read."""
    from booktune_assets.books.reader import read_book
    from booktune_assets.ids import slug
    from booktune_assets.page.views import Opened, opened

    settings = asked.settings
    refuse_folder(name)
    if not Path(name).is_file():
        return opened(settings, name)
    path, key = Path(name), slug(Path(name).stem)
    made = settings.home / "work" / "show" / key
    kept = settings.cache / "ocr"
    raw = read_book(path, key, settings.reading, figures=made, kept=kept, includes=True)
    return Opened(key, path, raw.frames, made)
