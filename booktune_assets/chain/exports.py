"""The files of a set outside of the lake: written, known by their hashes, mended.

Belongs here: which files a receipt stands for and whether they are still what it says. Does not:
their forms (``pairs/export.py``), what goes into a set (``books.py``).

Exports lie where people move and edit things. The receipt therefore keeps the hash of each, and a
set is reused only after what is missing or differs was written again from the lake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from booktune_assets.chain.clean import preferred
from booktune_assets.chain.house import House
from booktune_assets.chain.shelf import Shelved, Texts
from booktune_assets.errors import BooktuneError
from booktune_assets.ids import file_sha256
from booktune_assets.lake import Lake, Receipt
from booktune_assets.on_disk import Rows
from booktune_assets.page.write import mend_page

if TYPE_CHECKING:
    from booktune_assets.pairs.card import About

Frames = Mapping[str, pl.DataFrame | Rows]

__all__ = ["exported", "mend_exports", "projected", "write_exports"]


def write_exports(
    house: House, asset: str, frames: Frames, notes: Mapping[str, object],
    *, chosen: pl.DataFrame | None = None,
) -> dict[str, object]:  # fmt: skip
    """Write all files of a set from its tables; the notes for its receipt: names and hashes.

    ``notes`` are those that the set has already: what it has in common with benchmarks.
    ``chosen`` are what was composed of, when the rows were just made by ``make_set``, which looked
    at each of them.
    """
    from booktune_assets.pairs.export import export_set

    fmt, whole = asset.removesuffix("_set"), frames[asset]
    rows = whole if isinstance(whole, Rows) else Rows.of(whole)
    facts = rows.narrow(["example_id", "pair_id", "book_id", "section_id", "split"])
    books = sorted(facts["book_id"].unique().to_list())
    texts = None if chosen is not None else Texts(house.lake, books)
    rendered = _rendered(house, rows, facts["example_id"], fmt)
    about = _about(house, asset, frames, facts, notes, chosen)
    dropped = frames[f"{asset}__dropped"]
    spare = dropped if isinstance(dropped, pl.DataFrame) else None
    files = export_set(rows, fmt, house.settings.exports / fmt,
                       about=replace(about, rendered=rendered), texts=texts,
                       checked=chosen is not None,
                       preferences=preferred(house.lake, house.settings, facts, spare))  # fmt: skip
    names = [_relative(path, house.settings.home) for path in files]
    hashes = {name: file_sha256(path) for name, path in zip(names, files, strict=True)}
    return {"export": names, "export_sha256": hashes, "rendered": rendered}


def _rendered(house: House, rows: Rows, names: pl.Series, fmt: str) -> str:
    """What the chat format of ``training.model`` makes of the rows, where the model is here."""
    from booktune_assets.llm.loading import load_tokenizer
    from booktune_assets.llm.models import folder_here
    from booktune_assets.pairs.rendered import ROWS_MAX, render_rows

    derived = house.settings.derived
    name, seq_len = str(derived["model"].value), int(derived["seq_len"].value)
    folder = folder_here(name, house.settings.models)
    shown = Path(name).name if folder == Path(name).expanduser() else name  # no path on a card
    if folder is None:
        return f"Not checked with {shown}: its files were not on the machine that made the set."
    try:
        tokenizer = load_tokenizer(folder)
    except (BooktuneError, ImportError, OSError, ValueError, KeyError, TypeError) as problem:
        return f"Not checked with {shown}: its tokenizer does not load ({type(problem).__name__})."
    first = pl.col("example_id").is_in(names.sort().head(ROWS_MAX).implode())
    frame = rows.where(first)
    return render_rows(frame, fmt, tokenizer, shown, seq_len, total=rows.height)


def _about(
    house: House, asset: str, frames: Frames, facts: pl.DataFrame, notes: Mapping[str, object],
    chosen: pl.DataFrame | None,
) -> About:  # fmt: skip
    """What the card says beside the rows: licences, composition, gates, what more would take.

    ``facts`` are ``example_id pair_id book_id split`` of the rows.
    """
    from booktune_assets.chain.licences import licences_of
    from booktune_assets.pairs.card import About, overlaps

    lake, books = house.lake, sorted(facts["book_id"].unique().to_list())
    mix, dropped = (frames[f"{asset}__{name}"] for name in ("mix", "dropped"))
    rejected = _column(lake, "instruction_pairs__rejected", books, "gate")
    named = _column(lake, "raw_books", books, "book_id", "title", "authors")
    return About(
        licences=licences_of(lake, books),
        titles={book: title or "" for book, title, _ in named.iter_rows()},
        authors={book: names or [] for book, _, names in named.iter_rows()},
        copied=_copied(lake, facts, _chars(lake, books)),
        mix=mix if isinstance(mix, pl.DataFrame) else None,
        dropped=dropped if isinstance(dropped, pl.DataFrame) else None,
        gates=dict(rejected.group_by("gate").len().iter_rows()),
        kept=_column(lake, "instruction_pairs", books, "split").height,
        decontamination=overlaps(notes.get("benchmarks")),
        projection=projected(house, facts, chosen),
        order=house.settings.mix.order,
    )


def _column(lake: Lake, table: str, books: list[str], *names: str) -> pl.DataFrame:
    """Some columns of a table of all books; its texts are not read."""
    return pl.concat(
        [pl.read_parquet(lake.path(table, book), columns=list(names)) for book in books]
    )


def _chars(lake: Lake, books: list[str]) -> dict[str, int]:
    sections = _column(lake, "sections", books, "book_id", "chars")
    return dict(sections.group_by("book_id").agg(pl.col("chars").sum()).iter_rows())


def _copied(lake: Lake, facts: pl.DataFrame, chars: Mapping[str, int]) -> dict[str, float]:
    """The copied share of each book, worked out by itself."""
    from booktune_assets.pairs.copied import copied_shares

    names = ("pair_id", "role", "section_id", "char_start", "char_end")
    found: dict[str, float] = {}
    for (book,), own in facts.partition_by("book_id", as_dict=True).items():
        evidence = _column(lake, "instruction_pairs__evidence", [str(book)], *names)
        found |= copied_shares(own, evidence, chars)
    return dict(sorted(found.items()))


def projected(house: House, facts: pl.DataFrame, chosen: pl.DataFrame | None = None) -> list[str]:
    """What it would take to have more examples than the rows of a set, in sentences.

    ``facts`` has ``pair_id book_id split`` of the rows; ``chosen`` are what they were composed of,
    where that is known.
    """
    from booktune_assets.pairs.mix import mix_rows
    from booktune_assets.pairs.projection import Shelf, words

    mix, books = house.settings.mix, sorted(facts["book_id"].unique().to_list())
    trained = facts.filter(pl.col("split") == "train")["pair_id"]
    mine = pl.col("pair_id").is_in(trained.implode())
    if chosen is None:
        shelf = Shelved(house.lake, house.settings, books)
        pairs, sections = shelf.pairs.filter(mine), shelf.sections()
        chosen = mix_rows(pairs, shelf.evidence, sections, mix.salt, shelf.pairs, shelf)
    return words(Shelf.of(chosen.filter(mine), _chars(house.lake, books)), mix)


def exported(house: House, receipt: Receipt) -> dict[Path, bool]:
    """The files that a receipt lists, in order, and whether each is there."""
    listed = receipt.notes.get("export")
    names = [str(name) for name in listed] if isinstance(listed, list) else []
    return {house.settings.home / name: (house.settings.home / name).is_file() for name in names}


def mend_exports(house: House, receipt: Receipt) -> None:
    """Write the exports of a built set again if one is missing or is not what was written."""
    mend_page(house.settings, receipt)
    hashes = receipt.notes.get("export_sha256")
    known = hashes if isinstance(hashes, dict) else {}
    there = exported(house, receipt)
    if there and all(
        found and known.get(_relative(path, house.settings.home)) == file_sha256(path)
        for path, found in there.items()
    ):
        return
    tables = {name: house.lake.read(name, receipt.key) for name in receipt.tables}
    house.lake.note(
        receipt.asset, receipt.key, write_exports(house, receipt.asset, tables, receipt.notes)
    )


def _relative(path: Path, home: Path) -> str:
    return str(path.relative_to(home) if path.is_relative_to(home) else path)
