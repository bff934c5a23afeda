"""``beam verify``: does the code of a book do what the book says?

Belongs here: which book, the rows, where the report goes. Does not: verifying (``beam/``), the
asset (``assets/verification.py``), which is built when the book is one of the shelf.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.beam_books import BookFrames, book_frames, exports_folder
from booktune_assets.cli.figures import NewFile
from booktune_assets.cli.words import clean

if TYPE_CHECKING:
    import polars as pl

__all__ = ["verify"]

_PLAIN = (".md", ".markdown", ".livemd", ".adoc", ".asciidoc", ".asc", ".txt")
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
    from booktune_assets.lake import replaced

    found = book_frames(asked, book)
    rows = _lined(_built(asked, found) if found.shelved else _run(asked, found), found.path)
    held = list(rows.iter_rows(named=True)) or [_nothing(found)]
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in held]
    if str(out) == "-":
        sys.stdout.writelines(lines)
    else:
        with replaced(out) as temp:
            temp.write_text("".join(lines), encoding="utf-8")
    if report is not None:
        pictures = _pictures(found.path, rows, found.frames["sections__spans"])
        page = code_report(found.title, rows, found.frames, pictures, _calls(asked, found))
        with replaced(report) as temp:
            temp.write_text(page, encoding="utf-8")
    _say(rows, out, report)
    if rows.is_empty():
        click.echo(f"NO_CODE   {clean(_nothing(found)['detail'])}", err=True)


def _nothing(book: BookFrames) -> dict[str, Any]:
    """The row of a book in which there is nothing to run: what was read instead."""
    kinds = Counter(book.frames["sections__blocks"]["kind"].to_list())
    read = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()) or "nothing"
    detail = f"no block of Elixir or Erlang was found; the blocks are: {read}"
    return {"book_id": book.key, "verdict": "unverifiable", "reason": "NO_CODE", "detail": detail}


def _run(asked: Asked, book: BookFrames) -> pl.DataFrame:
    from booktune_assets.beam.verify import verify as run_code

    return run_code(book.key, book.frames, asked.settings.beam.toolchains)


def _lined(rows: pl.DataFrame, file: Path) -> pl.DataFrame:
    """With the line of the file, where that is plain text; null in other formats."""
    import polars as pl

    from booktune_assets.beam.places import lines_of

    held: list[int | None] = [None] * rows.height
    if file.suffix.lower() in _PLAIN and rows.height and rows["page"].null_count() == rows.height:
        held = lines_of(rows.to_dicts(), file.read_bytes().decode("utf-8-sig", "replace"))
    after = rows.get_column_index("section_line") + 1
    return rows.insert_column(after, pl.Series("file_line", held, pl.Int32))


def _built(asked: Asked, book: BookFrames) -> pl.DataFrame:
    """Builds the asset, so that its page shows the same; raises what kept it from being built."""
    from booktune_assets.assets.execute import run_assets
    from booktune_assets.errors import BookError, Code
    from booktune_assets.lake import Lake

    summary = run_assets(asked.settings, ["code_verification"], [book.key])
    if problem := next((one.error for one in summary.failed if one.error), None):
        raise problem
    if summary.broken:
        raise BookError(Code.INTERNAL, f"See run {summary.broken[0]} in the UI", book=book.key)
    return Lake(asked.settings.lake).read("code_verification", book.key)


def _calls(asked: Asked, book: BookFrames) -> list[dict[str, Any]]:
    """Calls that come to nothing; of a book of the shelf those that its asset holds."""
    from booktune_assets.beam.book_code import code_frames
    from booktune_assets.beam.places import places_of
    from booktune_assets.beam.verify import passages
    from booktune_assets.lake import Lake

    name = "code_verification__calls"
    if book.shelved:
        return Lake(asked.settings.lake).read(name, book.key).to_dicts()
    found = passages(book.frames["sections"], book.frames["sections__blocks"])
    places = places_of(book.frames["sections__spans"])
    with exports_folder(asked) as folder:
        return code_frames(book.key, found, places, folder)[name].to_dicts()


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
