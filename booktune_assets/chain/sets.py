"""From the pairs of the ready books to a set: bounds, composition, rows, check.

Belongs here: the order of these steps and what each leaves out, as rows of ``<set>__dropped``.
Does not: which pairs are ready, said once and held out (``books.py``), files
(``exports.py``), any rule (``pairs/``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from booktune_assets.chain.licences import licences_of
from booktune_assets.lake import Lake
from booktune_assets.schemas import TABLES
from booktune_assets.settings import Settings

if TYPE_CHECKING:
    from booktune_assets.pairs.once import Once

__all__ = ["SetMade", "concept_order", "make_set"]


@dataclass(frozen=True, slots=True)
class SetMade:
    """``frames`` of the set by table name; ``counts`` of what was left out, by gate."""

    frames: dict[str, pl.DataFrame]
    counts: dict[str, int]


def make_set(
    lake: Lake,
    settings: Settings,
    asset: str,
    once: Once,
    evidence: pl.DataFrame,
    ready: Sequence[str],
) -> SetMade:
    """The tables of a set from pairs with their final side, and what was left out before.

    ``ready`` are the books in the order in which they came to the shelf: that is the order of rows
    and of the curriculum ``book``. A path over the concepts of all books would move with each book
    that is added; who fills a shelf says by that what is read first.

    Pairs leave in this order: those that the form cannot hold, those that copy more than their
    licence may, those that the composition has no room for, and rows that break a rule of files.
    """
    from booktune_assets.pairs import render
    from booktune_assets.pairs.exchanges import in_one_place
    from booktune_assets.pairs.mix import GATE, chapter_names, compose, mix_rows
    from booktune_assets.pairs.mix_table import mix_table
    from booktune_assets.pairs.validate import sound

    pairs = once.pairs
    fmt, mix = asset.removesuffix("_set"), settings.mix
    keys = list(ready)
    sections = lake.read_all("sections", keys)
    spans = lake.read_all("sections__spans", keys)
    texts = dict(sections.select("section_id", "text").iter_rows())
    sections = sections.drop("text")  # once is enough: of a large shelf it is half a gigabyte
    names = licences_of(lake, keys)
    gone = _unfit(settings, fmt, pairs)  # pair → gate, reason, detail
    gone |= _beyond(lake, settings, pairs.filter(~_in(gone)), evidence, sections, texts, keys)
    left = pairs.filter(~_in(gone)) if gone else pairs
    known = lake.read_all("instruction_pairs", keys) if _talks(left) else None
    rows = mix_rows(left, evidence, sections, mix.salt, known)
    del known  # as large as all pairs
    twice = in_one_place(left, rows, mix, evidence) if mix.on else {}
    chapters = chapter_names(sections.filter(pl.col("role") == "body"))
    weights = dict(chapters.group_by("chapter").agg(pl.col("chars").sum()).iter_rows())
    made = compose(rows, weights, mix, twice)
    gone |= {pair: (GATE, *why) for pair, why in made.dropped.items()}
    into = render.into_sharegpt if fmt == "sharegpt" else render.into_alpaca
    course = render.Course(names, mix.order, mix.salt, concept_order(lake, keys), keys)
    frame = into(pairs.filter(~_in(gone)), evidence, sections, spans, once.also, course, texts)
    frame, bad = sound(frame, fmt, texts)
    gone |= {pair: ("G0_form", reason, "a rule of the files") for pair, reason in bad.items()}
    after = made.rows.filter(~_in(bad))
    table = TABLES[f"{asset}__mix"]
    composed = mix_table(table, rows, after, weights, mix, turns=fmt == "sharegpt")
    return SetMade(
        {asset: frame, table.name: composed, f"{asset}__dropped": _dropped(asset, once, gone)},
        {"pairs_beyond_composition": len(made.dropped), "rows_broken": len(bad)},
    )


def concept_order(lake: Lake, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Concept to its lowest level and its earliest place on the paths of the given books."""
    known = lake.read_all("concept_graph", list(keys))
    lowest = known.group_by("concept_id").agg(pl.col("level").min(), pl.col("path").min())
    return {name: (level, order) for name, level, order in lowest.iter_rows()}


def _unfit(settings: Settings, fmt: str, pairs: pl.DataFrame) -> dict[str, tuple[str, str, str]]:
    """What the form cannot hold, and what is too long with all its messages."""
    gone: dict[str, tuple[str, str, str]] = {}
    for pair, turns in pairs.select("pair_id", "turns").iter_rows():
        size = sum(len(turn["content"]) for turn in turns)
        if fmt == "alpaca" and len(turns) != 2:
            gone[pair] = ("G0_form", "form_has_no_turns", "Alpaca rows are one exchange")
        elif size > settings.pairs.example_chars_max:
            gone[pair] = ("G0_form", "example_too_long", f"{size:,} characters")
    return gone


def _talks(pairs: pl.DataFrame) -> bool:
    """Is there one of several exchanges?"""
    return bool((pairs["turns"].list.len() > 3).any())


def _in(names: Mapping[str, object]) -> pl.Expr:
    return pl.col("pair_id").is_in(list(names))


def _beyond(
    lake: Lake, settings: Settings, pairs: pl.DataFrame, evidence: pl.DataFrame,
    sections: pl.DataFrame, texts: Mapping[str, str], keys: list[str],
) -> dict[str, tuple[str, str, str]]:  # fmt: skip
    """What the bounds of the licences leave out; nothing is looked at when none is set."""
    from booktune_assets.pairs.copied import GATE, beyond_bounds, copied_runs
    from booktune_assets.pairs.licences import licence_of

    bounds = settings.licences
    if not (bounds.run_chars_max or bounds.book_share_max):
        return {}
    known = {key: licence_of(name) for key, name in licences_of(lake, keys).items()}
    chars = dict(sections.group_by("book_id").agg(pl.col("chars").sum()).iter_rows())
    runs = copied_runs(pairs, evidence, texts)
    found = beyond_bounds(pairs, evidence, runs, known, chars, bounds, settings.mix.salt)
    return {pair: (GATE, *why) for pair, why in found.items()}


def _dropped(asset: str, once: Once, gone: Mapping[str, tuple[str, str, str]]) -> pl.DataFrame:
    """Rows of all rules of the sets: those before this step, then its own."""
    homes = {
        pair: (book, family)
        for pair, book, family in once.pairs.select("pair_id", "book_id", "family").iter_rows()
    }
    rows: list[dict[str, object]] = [
        {
            "pair_id": pair, "book_id": homes[pair][0], "family": homes[pair][1], "gate": gate,
            "reason": reason, "detail": detail,
        }
        for pair, (gate, reason, detail) in sorted(gone.items())
    ]  # fmt: skip
    return TABLES[f"{asset}__dropped"].frame([*once.dropped, *rows])
