"""``beam verify``: does the code of a book do what the book says?

Belongs here: which book, the rows, where the report goes. Does not: verifying (``beam/``), the
asset (``assets/verification.py``), which is built when the book is one of the shelf.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.figures import NewFile
from booktune_assets.cli.words import clean, refuse_folder

if TYPE_CHECKING:
    import polars as pl

__all__ = ["verify"]

Frames = Mapping[str, "pl.DataFrame"]
_VERDICTS = ("match", "error_as_said", "ran", "mismatch", "unverifiable", "harness_error")


@click.command()
@click.argument("book")
@click.option(
    "--out", type=NewFile(allow_dash=True), default="-",
    help="Where to write one JSON object a line (default: standard output).",
)  # fmt: skip
@click.option(
    "--report", type=NewFile(),
    help="HTML page for the author: what differs, beside pictures of the pages.",
)  # fmt: skip
@pass_asked
def verify(asked: Asked, book: str, out: Path, report: Path | None) -> None:
    """Run the code of a book and say what is not as the book shows it.

    BOOK is a key of the shelf or a book file, which needs no home. A row has a verdict: match,
    error_as_said, ran (nothing to compare with), mismatch, unverifiable (with the reason) or
    harness_error.
    """
    from booktune_assets.beam.code_report import code_report
    from booktune_assets.errors import BookError, Code
    from booktune_assets.lake import replaced

    refuse_folder(book)
    if "/" in book and not Path(book).is_file():  # no key looks like that
        raise BookError(Code.FILE_MISSING, "Name a book file, or a key of the shelf", path=book)
    path, about, frames, rows = _of_file(asked, Path(book)) if Path(book).is_file() else _of_shelf(
        asked, book
    )  # fmt: skip
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows.iter_rows(named=True)]
    if str(out) == "-":
        sys.stdout.writelines(lines)
    else:
        with replaced(out) as temp:
            temp.write_text("".join(lines), encoding="utf-8")
    if report is not None:
        page = code_report(about, rows, frames, _pictures(path, rows, frames["sections__spans"]))
        with replaced(report) as temp:
            temp.write_text(page, encoding="utf-8")
    _say(rows, out, report)


def _of_file(asked: Asked, file: Path) -> tuple[Path, str, Frames, pl.DataFrame]:
    from booktune_assets.beam.verify import verify as run_code
    from booktune_assets.books.reader import read_book
    from booktune_assets.books.sections import into_sections
    from booktune_assets.ids import slug

    key = slug(file.stem)
    raw = read_book(file, key, asked.settings.reading, includes=True).frames
    parts = (raw[f"raw_books__{name}"] for name in ("blocks", "spans", "pages", "links"))
    frames = into_sections(key, str(raw["raw_books"]["file_sha256"][0]), *parts)
    rows = run_code(key, frames, asked.settings.beam.toolchains)
    return file, str(raw["raw_books"]["title"][0]), frames, rows


def _of_shelf(asked: Asked, name: str) -> tuple[Path, str, Frames, pl.DataFrame]:
    """Builds the asset, so that its page shows the same; raises what kept it from being built."""
    from booktune_assets.assets.execute import run_assets
    from booktune_assets.books.shelf import Shelf
    from booktune_assets.errors import BookError, Code
    from booktune_assets.lake import Lake

    settings = asked.settings
    found = Shelf(settings).book(name)
    lake = Lake(settings.lake)
    if lake.receipt("sections", found.key) is None:
        raise BookError(Code.NOT_BUILT, f"booktune run --book {found.key}", book=name)
    summary = run_assets(settings, ["code_verification"], [found.key])
    if problem := next((one.error for one in summary.failed if one.error), None):
        raise problem
    if summary.broken:
        raise BookError(Code.INTERNAL, f"See run {summary.broken[0]} in the UI", book=name)
    tables = ("sections", "sections__blocks", "sections__spans")
    frames = {table: lake.read(table, found.key) for table in tables}
    title = str(lake.read("raw_books", found.key)["title"][0])
    return found.path, title, frames, lake.read("code_verification", found.key)


def _pictures(path: Path, rows: pl.DataFrame, spans: pl.DataFrame) -> dict[tuple[str, int], bytes]:
    """A picture of each block on each page that has a mismatch of it; none without pages."""
    import polars as pl

    from booktune_assets.books.crops import crop_page
    from booktune_assets.errors import BooktuneError

    wrong = rows.filter(pl.col("verdict") == "mismatch", pl.col("page").is_not_null())
    wanted = set(wrong.select("block_id", "page").iter_rows())
    found: dict[tuple[str, int], bytes] = {}
    for row in spans.sort("part").unique(("block_id", "page"), keep="first").iter_rows(named=True):
        place, box = (row["block_id"], row["page"]), (row["x0"], row["y0"], row["x1"], row["y1"])
        if place not in wanted or None in box:
            continue
        try:
            picture = crop_page(path, row["page"], [box], dpi=100)
        except BooktuneError:  # the report stands without it
            continue
        if picture:
            found[place] = picture
    return found


def _say(rows: pl.DataFrame, out: Path, report: Path | None) -> None:
    for chain in sorted(set(rows["toolchain"].to_list())) or [""]:
        held = [name for name, on in rows.select("verdict", "toolchain").iter_rows() if on == chain]
        words = ", ".join(f"{held.count(name)} {name}" for name in _VERDICTS if name in held)
        told = f"{words or 'no code'}  ({chain or 'nothing run'})"
        click.echo(f"{len(held)} checks: {told}", err=True)
    if str(out) != "-":
        click.echo(f"rows      {clean(out)}", err=True)
    if report is not None:
        click.echo(f"report    {clean(report)}", err=True)
