"""``export``: a book or a section of it as a Livebook notebook.

Belongs here: which book, where to, what is said. Does not: the notebook (``books/notebook.py``),
exports of data sets (``pairs/export.py``).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.figures import NewFile, counted
from booktune_assets.cli.reading import book_of
from booktune_assets.cli.words import clean, refuse_book

if TYPE_CHECKING:
    from booktune_assets.books.notebook import Notebook

__all__ = ["export"]


@click.command()
@click.argument("book")
@click.option("--section", "wanted", help="Only this section: its id, title or printed number.")
@click.option(
    "--to", "target", type=NewFile(allow_dash=True),
    help="File to write, - for standard output (default: <home>/exports/notebooks/BOOK.livemd).",
)  # fmt: skip
@pass_asked
def export(asked: Asked, book: str, wanted: str | None, target: Path | None) -> None:
    """Write a book, or one section of it, as a notebook that Livebook opens.

    BOOK is a key of the shelf or a book file. Pictures are put into the folder files beside it.
    """
    from booktune_assets.books.notebook import (
        find_section,
        into_notebook,
        labelled_in,
        shown_in,
        written_in,
    )
    from booktune_assets.books.sections import into_sections
    from booktune_assets.ids import slug

    one = book_of(asked, book)
    key, source, frames, kept = one.key, one.path, one.frames, one.kept
    row = frames["raw_books"].row(0, named=True)
    found = into_sections(
        key, row["file_sha256"], frames["raw_books__blocks"], frames["raw_books__spans"],
        frames["raw_books__pages"],
    )  # fmt: skip
    section = find_section(found["sections"], wanted) if wanted else None
    name = key if section is None else slug(f"{key} {wanted}")
    file = target or asked.settings.exports / "notebooks" / f"{name}.livemd"
    streamed = str(target) == "-" or (file.exists() and not file.is_file())
    refuse_book(file, source, "--to")
    shown = shown_in(frames["raw_books__figures"])
    there = {block: had for block, had in shown.items() if (kept / had[0]).is_file()}
    made = into_notebook(
        row, found["sections"], found["sections__blocks"], section, {} if streamed else there,
        written_in(frames["raw_books__blocks"]), labelled_in(frames["raw_books__blocks"]),
    )  # fmt: skip
    if streamed and there:
        click.echo("warning: pictures are left out: they need a folder beside the file", err=True)
    if str(target) == "-":
        sys.stdout.write(made.text)
        return
    _write(made, file, kept)
    pictures = f", {counted(len(made.files), 'picture')}" if made.files else ""
    click.echo(
        f"notebook  {clean(file)}  ({made.sections} sections, {made.cells} cells, "
        f"{made.outputs} outputs{pictures})"
    )


def _write(made: Notebook, file: Path, kept: Path) -> None:
    """The notebook and its pictures, which lie in the folder ``kept``."""
    from booktune_assets.books.notebook import FILES
    from booktune_assets.lake import replaced

    file.parent.mkdir(parents=True, exist_ok=True)
    for name in made.files:  # first, so that no notebook shows what is not there
        picture = file.parent / FILES / name
        picture.parent.mkdir(exist_ok=True)
        with replaced(picture) as temp:
            temp.write_bytes((kept / name).read_bytes())
    with replaced(file) as temp:
        temp.write_text(made.text, encoding="utf-8")
