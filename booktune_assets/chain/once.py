"""What both sets begin with: each pair of the shelf once, clean, and on one side of the split.

Belongs here: the order of these steps over the lake, and doing them once for two sets. Does not:
which books are ready and what becomes of the pairs (``books.py``, ``sets.py``), any
rule (``pairs/``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from booktune_assets.chain.clean import cleaned, leave_out
from booktune_assets.chain.review import reviewed
from booktune_assets.chain.shelf import Shelved
from booktune_assets.ids import digest

if TYPE_CHECKING:
    from booktune_assets.chain.house import House
    from booktune_assets.pairs.apart import Divided
    from booktune_assets.pairs.once import Once

    Single = tuple[Once, Shelved, list[dict[str, object]]]

__all__ = ["divided", "once_over"]

ONE_TEXT = ("copy", "format", "layout")  # kinds of editions that differ only in how they read
_KEPT: dict[str, Single] = {}  # one entry at most, by what it was made of


def divided(house: House, ready: list[str]) -> Divided:
    """On which side each section of the books stands, and which repeat those of earlier books."""
    from booktune_assets.pairs.apart import divide
    from booktune_assets.pairs.mix import chapter_names

    lake = house.lake
    own = lake.read_all("instruction_pairs__sections", ready)
    prints = lake.read_all("sections__prints", ready)
    percent = house.settings.pairs.heldout_percent
    columns = ("book_id", "section_id", "title_path", "title", "chars")
    titles = [pl.read_parquet(lake.path("sections", key), columns=list(columns)) for key in ready]
    named = chapter_names(pl.concat(titles)).select("section_id", "chapter")
    on = [
        pl.read_parquet(lake.path("instruction_pairs", key), columns=["section_id", "concept_ids"])
        for key in ready
    ]
    order = house.shelf.in_order(ready)
    chapters = dict(named.iter_rows())
    return divide(prints, own, order, percent, chapters, pl.concat(on).iter_rows())


def once_over(house: House, ready: list[str], inputs: Mapping[str, str]) -> Single:
    """Each pair of the ready books once and on one side, their tables, the editions among them.

    Both sets begin with it and are built one after the other: what ``inputs`` gave for the first is
    handed to the second, and is forgotten then.
    """
    key = digest([str(house.lake.root), house.settings.pairs.heldout_percent, dict(inputs)])
    known = _KEPT.pop(key, None)
    _KEPT.clear()
    if known is None:
        known = _once(house, ready)
        _KEPT[key] = _copied(known)
    return known


def _copied(made: Single) -> Single:
    one, shelf, editions = made
    return (
        replace(
            one, also=dict(one.also), counts=dict(one.counts), dropped=list(one.dropped),
            notes=dict(one.notes),
        ),
        shelf,
        list(editions),
    )  # fmt: skip


def _once(house: House, ready: list[str]) -> Single:
    from booktune_assets.chain.editions import shelf_editions
    from booktune_assets.pairs.apart import without_leaks, without_quoting
    from booktune_assets.pairs.once import once
    from booktune_assets.pairs.retrieved import astray

    lake = house.lake
    among = pl.col("book_id").is_in(ready) & pl.col("edition_of").is_in(ready)
    editions = shelf_editions(house.settings).filter(among)
    same = editions.filter(pl.col("kind").is_in(ONE_TEXT)).select("book_id", "edition_of")
    sides = divided(house, ready)
    shelf = Shelved(lake, house.settings, ready)
    pairs = shelf.pairs.with_columns(
        split=pl.col("section_id").replace_strict(sides.sides, return_dtype=pl.String)
    )
    evidence = shelf.evidence
    order = house.shelf.in_order(ready)
    made = once(pairs, evidence, sides.tied, order, set(same.iter_rows()), shelf.quotes)
    made.turns = shelf
    cleaned(made, pairs, evidence, house.settings)
    stray = pl.col("pair_id").is_in(astray(made.pairs, evidence, sides.sides))
    leave_out(made, made.pairs.filter(~stray), "split", "passage_of_the_other_side", "it shows one")
    reviewed(made, pairs, house.settings, evidence)
    left = without_quoting(made.pairs, evidence, sides.sides)
    leave_out(made, left, "split", "quotes_heldout", "it quotes a held-out section")
    left, known = without_leaks(made.pairs, evidence, shelf.texts(), shelf)
    made.counts["heldout_known"] = known
    leave_out(made, left, "split", "told_in_training", "training says it, too")
    return made, shelf, editions.select("book_id", "edition_of", "kind", "share").to_dicts()
