"""``beam check`` and ``beam symbols``: what can be said of the code of a book without running it.

Belongs here: which books and files, rows out, a line of what there is. Does not: judging blocks
(``beam/judged_blocks.py``), tables of symbols (``beam/book_code.py``).
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.beam_books import book_frames, exports_folder
from booktune_assets.cli.figures import NewFile
from booktune_assets.cli.words import clean

if TYPE_CHECKING:
    from booktune_assets.beam.steps import Passage

__all__ = ["check", "symbols"]

_SOURCES = {".ex": "elixir", ".exs": "elixir", ".erl": "erlang", ".hrl": "erlang"}
_SHOWN = 20
Row = dict[str, Any]


@click.command()
@click.argument("books", nargs=-1, required=True, metavar="BOOK...")
@click.option(
    "--out", type=NewFile(allow_dash=True), default="-",
    help="Where to write one JSON object a line (default: standard output).",
)  # fmt: skip
@pass_asked
def check(asked: Asked, books: tuple[str, ...], out: Path) -> None:
    """Say of each block of code whether it is valid, by the installed parser and compiler.

    BOOK is a book file, a key of the shelf, or a source file (.ex, .exs, .erl, .hrl). Nothing is
    run. A row has a verdict: valid (a file or session as it stands), fragment (a piece of one),
    refused (it parses, and the compiler does not take it), newer (the grammar takes it, the
    installed parser does not), damaged, or not_code (words, output).
    """
    from booktune_assets.beam.judged_blocks import judge_blocks

    rows: list[Row] = []
    for name in books:
        about, found, places = _passages(asked, name)
        rows += _placed(about, judge_blocks(found), places)
    _write(rows, out)
    _say("blocks", rows, "verdict", out)
    for row in [one for one in rows if one["verdict"] in ("refused", "damaged", "newer")][:_SHOWN]:
        line = f" line {row['line']}" if row["line"] else ""
        click.echo(f"{row['verdict']:9} {_where(row)}{line}: {clean(row['message'])}", err=True)


@click.command()
@click.argument("book")
@click.option(
    "--out", type=NewFile(allow_dash=True), default="-",
    help="Where to write one JSON object a line: what the book defines (default: standard output).",
)  # fmt: skip
@click.option(
    "--calls", type=NewFile(),
    help="Write the calls too that neither the book nor the installed Elixir and OTP answer.",
)  # fmt: skip
@pass_asked
def symbols(asked: Asked, book: str, out: Path, calls: Path | None) -> None:
    """List what a book defines, and the calls in it that come to nothing.

    BOOK is a book file, a key of the shelf, or a source file. A row has module, name, arity, kind,
    spec, and the block and page that define it; of a call the reason: version, dependency, slip,
    arity, project, not_shown, deprecated or unknown.
    """
    from booktune_assets.beam.book_code import call_rows, symbol_rows
    from booktune_assets.beam.judged_blocks import judge_blocks
    from booktune_assets.beam.symbols import installed_symbols

    about, found, places = _passages(asked, book)
    rows = _placed(about, symbol_rows(found), places)
    with exports_folder(asked) as folder:
        table = installed_symbols(folder)
    blocks = judge_blocks(found) if table is not None else []
    lost = _placed(about, call_rows(found, table, blocks), places)
    _write(rows, out)
    if calls is not None:
        _write(lost, calls)
    _say("symbols", rows, "kind", out)
    if table is None:
        click.echo("calls     not looked at: no Elixir, or no sandbox (booktune doctor)", err=True)
        return
    _say("calls that come to nothing", lost, "reason", calls)
    for row in [one for one in lost if one["reason"] in ("slip", "arity", "version")][:_SHOWN]:
        dot = "." if row["lang"] in ("elixir", "iex") else ":"
        name = f"{row['module'] if dot == '.' else row['module'].lstrip(':')}{dot}{row['name']}"
        hint = f": {clean(row['detail'])}" if row["detail"] else ""
        called = clean(f"{name}/{row['arity']}")
        click.echo(f"{row['reason']:9} {_where(row)} {called}{hint}", err=True)


def _passages(asked: Asked, name: str) -> tuple[str, list[Passage], dict[str, Row]]:
    """A name for the rows, the code in order, and where each block is."""
    from booktune_assets.beam.places import places_of
    from booktune_assets.beam.steps import Passage
    from booktune_assets.beam.verify import passages

    path = Path(name)
    if path.is_file() and path.suffix in _SOURCES:
        lang = _SOURCES[path.suffix]
        text = path.read_bytes().decode("utf-8", "replace")
        return name, [Passage(path.name, "", "", "code", lang, text)], {}
    book = book_frames(asked, name)
    found = passages(book.frames["sections"], book.frames["sections__blocks"])
    return book.key, found, places_of(book.frames["sections__spans"])


def _placed(about: str, rows: Sequence[Row], places: dict[str, Row]) -> list[Row]:
    from booktune_assets.beam.places import at

    return [at({"book": about} | row, places.get(row["block_id"], {})) for row in rows]


def _where(row: Row) -> str:
    place = f"page {row['page']}" if row["page"] else clean(row["href"] or "")
    return f"{place or clean(row['book'])} [{row['block_id']}]"


def _write(rows: Sequence[Row], out: Path) -> None:
    from booktune_assets.lake import replaced

    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    if str(out) == "-":
        sys.stdout.writelines(lines)
        return
    with replaced(out) as temp:
        temp.write_text("".join(lines), encoding="utf-8", errors="replace")


def _say(what: str, rows: Sequence[Row], column: str, out: Path | None) -> None:
    counts = Counter(str(row[column]) for row in rows).most_common()
    words = ", ".join(f"{count} {name}" for name, count in counts)
    place = f"  {clean(out)}" if out is not None and str(out) != "-" else ""
    click.echo(f"{len(rows)} {what}: {words or 'none'}{place}", err=True)
