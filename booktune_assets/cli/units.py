"""``units``: the units of a book, or windows of tokens over them, as JSON lines.

Belongs here: the lines. Does not: making units (``books/units.py``) or windows
(``books/containers.py``), training data (the sets).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from booktune_assets.cli.asked import Asked, pass_asked
from booktune_assets.cli.figures import NewFile, counted
from booktune_assets.cli.words import clean, refuse_book, refuse_folder

if TYPE_CHECKING:
    import polars as pl

__all__ = ["units"]

Frames = Mapping[str, "pl.DataFrame"]


@click.command()
@click.argument("book")
@click.option(
    "--tokens", type=click.IntRange(16), help="Pack the units into windows of so many tokens."
)
@click.option(
    "--overlap", type=click.IntRange(0), default=None,
    help="Tokens of the window before that are shown again (default: an eighth of --tokens).",
)  # fmt: skip
@click.option(
    "--tokenizer", type=click.Path(path_type=Path, exists=True),
    help="Folder of a model, or a tokenizer.json (default: that of training.model).",
)  # fmt: skip
@click.option(
    "--out", type=NewFile(allow_dash=True), default="-",
    help="Where to write one JSON object a line (default: standard output).",
)  # fmt: skip
@pass_asked
def units(
    asked: Asked, book: str, tokens: int | None, overlap: int | None, tokenizer: Path | None,
    out: Path,
) -> None:  # fmt: skip
    """Write the units of a book: 1,500 to 1,900 characters, code never parted from its words.

    BOOK is a key of the shelf or a book file. With --tokens the units are packed into windows of at
    most so many tokens; every unit is owned once, and what is shown again is marked as context.
    """
    from booktune_assets.lake import replaced

    if tokens is None and (overlap is not None or tokenizer is not None):
        raise click.UsageError("--overlap and --tokenizer go with --tokens.")
    overlap = tokens // 8 if tokens and overlap is None else overlap or 0
    if tokens and overlap >= tokens:
        raise click.UsageError(f"--overlap must be less than --tokens {tokens}.")
    refuse_book(out, Path(book), "--out")
    frames = _frames(asked, book)
    rows = _units(frames)
    if tokens:
        rows = _windows(list(rows), tokenizer or _tokenizer(asked), tokens, overlap)
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    if str(out) == "-":
        sys.stdout.writelines(lines)
        return
    with replaced(out) as temp:
        temp.write_text("".join(lines), encoding="utf-8")
    click.echo(f"{counted(len(lines), 'window' if tokens else 'unit')} in {clean(out)}", err=True)


def _units(frames: Frames) -> Iterator[dict[str, Any]]:
    """One object per unit, with the title path and pages of the section in which it begins."""
    about = {row["section_id"]: row for row in frames["sections"].iter_rows(named=True)}
    pieces: dict[str, list[dict[str, Any]]] = {}
    for row in frames["sections__pieces"].sort("unit_id", "ordinal").iter_rows(named=True):
        piece = {name: row[name] for name in ("section_id", "block_id", "char_start", "char_end")}
        pieces.setdefault(row["unit_id"], []).append(piece)
    names = ("unit_id", "group_id", "part", "parts", "section_id", "text", "chars", "code_chars")
    for row in frames["sections__units"].sort("ordinal").iter_rows(named=True):
        home = about[row["section_id"]]
        yield {
            **{name: row[name] for name in names},
            "title_path": home["title_path"], "role": home["role"], "page": home["page_first"],
            "href": home["href"], "pieces": pieces[row["unit_id"]],
        }  # fmt: skip


def _windows(
    rows: list[dict[str, Any]], tokenizer: Path, tokens: int, overlap: int
) -> Iterator[dict[str, Any]]:
    from booktune_assets.books.containers import Stretch, into_containers, token_ends

    texts = [row["text"] for row in rows]

    def stretch(one: Stretch) -> dict[str, Any]:
        return {"unit_id": rows[one.unit]["unit_id"], "start": one.start, "end": one.end}

    made = into_containers(texts, token_ends(tokenizer), size=tokens, overlap=overlap)
    for number, one in enumerate(made):
        yield {
            "container": number, "tokens": one.tokens, "text": one.text(texts),
            "context_chars": one.context_chars(texts),
            "context": [stretch(part) for part in one.context],
            "owned": [stretch(part) for part in one.owned],
        }  # fmt: skip


def _tokenizer(asked: Asked) -> Path:
    from booktune_assets.llm.models import tokenizer_of

    settings = asked.settings
    return tokenizer_of(str(settings.derived["model"].value), settings.models, alone=True)


def _frames(asked: Asked, book: str) -> Frames:
    """The frames of ``sections``: of a file that is read now, or of a book of the shelf."""
    from booktune_assets.books.reader import read_book
    from booktune_assets.books.sections import into_sections
    from booktune_assets.books.shelf import Shelf
    from booktune_assets.errors import BookError, Code
    from booktune_assets.ids import slug
    from booktune_assets.lake import Lake

    refuse_folder(book)
    if Path(book).is_file():
        key = slug(Path(book).stem)
        raw = read_book(Path(book), key, asked.settings.reading, includes=True).frames
        parts = (raw[f"raw_books__{name}"] for name in ("blocks", "spans", "pages", "links"))
        return into_sections(key, str(raw["raw_books"]["file_sha256"][0]), *parts)
    found = Shelf(asked.settings).book(book)
    lake = Lake(asked.settings.lake)
    if lake.receipt("sections", found.key) is None:
        raise BookError(Code.NOT_BUILT, f"booktune run sections --book {found.key}", book=book)
    tables = ("sections", "sections__units", "sections__pieces")
    return {name: lake.read(name, found.key) for name in tables}
