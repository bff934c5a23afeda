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

from booktune_assets.chain.clean import write_preferences
from booktune_assets.chain.house import House
from booktune_assets.errors import BooktuneError
from booktune_assets.ids import file_sha256
from booktune_assets.lake import Receipt
from booktune_assets.page.write import mend_page

if TYPE_CHECKING:
    from booktune_assets.pairs.card import About

__all__ = ["exported", "mend_exports", "projected", "write_exports"]


def write_exports(
    house: House, asset: str, frames: Mapping[str, pl.DataFrame], notes: Mapping[str, object],
    *, checked: bool = False,
) -> dict[str, object]:  # fmt: skip
    """Write all files of a set from its tables; the notes for its receipt: names and hashes.

    ``notes`` are those that the set has already: what it has in common with benchmarks.
    ``checked``: the rows were just made by ``make_set``, which looked at each of them.
    """
    from booktune_assets.pairs.export import export_set

    fmt, frame = asset.removesuffix("_set"), frames[asset]
    books = sorted(frame["book_id"].unique().to_list())
    texts: dict[str, str] | None = None
    if not checked:
        known = house.lake.read_all("sections", books)
        texts = dict(known.select("section_id", "text").iter_rows())
    rendered = _rendered(house, frame, fmt)
    about = replace(_about(house, asset, frames, books, notes), rendered=rendered)
    files = export_set(frame, fmt, house.settings.exports / fmt, about=about, texts=texts,
                       checked=checked)  # fmt: skip
    files += write_preferences(house.lake, frame, house.settings.exports / fmt)
    names = [_relative(path, house.settings.home) for path in files]
    hashes = {name: file_sha256(path) for name, path in zip(names, files, strict=True)}
    return {"export": names, "export_sha256": hashes, "rendered": rendered}


def _rendered(house: House, frame: pl.DataFrame, fmt: str) -> str:
    """What the chat format of ``training.model`` makes of the rows, where the model is here."""
    from booktune_assets.llm.loading import load_tokenizer
    from booktune_assets.llm.models import folder_here
    from booktune_assets.pairs.rendered import render_rows

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
    return render_rows(frame, fmt, tokenizer, shown, seq_len)


def _about(
    house: House, asset: str, frames: Mapping[str, pl.DataFrame], books: list[str],
    notes: Mapping[str, object],
) -> About:  # fmt: skip
    """What the card says beside the rows: licences, composition, gates, what more would take."""
    from booktune_assets.chain.licences import licences_of
    from booktune_assets.pairs.card import About, overlaps
    from booktune_assets.pairs.copied import copied_shares

    lake, frame = house.lake, frames[asset]
    rejected = lake.read_all("instruction_pairs__rejected", books)
    chars = lake.read_all("sections", books).group_by("book_id").agg(pl.col("chars").sum())
    evidence = lake.read_all("instruction_pairs__evidence", books)
    return About(
        licences=licences_of(lake, books),
        copied=copied_shares(frame, evidence, dict(chars.iter_rows())),
        mix=frames[f"{asset}__mix"],
        dropped=frames[f"{asset}__dropped"],
        gates=dict(rejected.group_by("gate").len().iter_rows()),
        kept=sum(lake.read("instruction_pairs", key).height for key in books),
        decontamination=overlaps(notes.get("benchmarks")),
        projection=projected(house, frame),
        order=house.settings.mix.order,
    )


def projected(house: House, frame: pl.DataFrame) -> list[str]:
    """What it would take to have more examples than the rows of a set, in sentences."""
    from booktune_assets.pairs.mix import mix_rows
    from booktune_assets.pairs.projection import Shelf, words

    lake, mix = house.lake, house.settings.mix
    books = sorted(frame["book_id"].unique().to_list())
    chosen = frame.filter(pl.col("split") == "train")["pair_id"]
    known = lake.read_all("instruction_pairs", books)
    pairs = known.filter(pl.col("pair_id").is_in(chosen.implode()))
    evidence = lake.read_all("instruction_pairs__evidence", books)
    sections = lake.read_all("sections", books)
    rows = mix_rows(pairs, evidence, sections, mix.salt, known)
    chars = dict(sections.group_by("book_id").agg(pl.col("chars").sum()).iter_rows())
    return words(Shelf.of(rows, chars), mix)


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
