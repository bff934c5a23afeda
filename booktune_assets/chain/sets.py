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
from booktune_assets.chain.shelf import Shelved
from booktune_assets.lake import Lake
from booktune_assets.on_disk import Rows
from booktune_assets.schemas import TABLES
from booktune_assets.settings import Settings

if TYPE_CHECKING:
    from booktune_assets.chain.house import House
    from booktune_assets.pairs.once import Once

__all__ = ["SetMade", "concept_order", "make_set"]


@dataclass(frozen=True, slots=True)
class SetMade:
    """``rows`` of the set and ``frames`` of its other tables by name; ``chosen`` is what was
    composed, as ``mix_rows`` has it; ``counts`` of what was left out, by gate."""

    rows: Rows
    frames: dict[str, pl.DataFrame]
    chosen: pl.DataFrame
    counts: dict[str, int]


def make_set(house: House, asset: str, once: Once, shelf: Shelved, ready: Sequence[str]) -> SetMade:
    """The tables of a set from pairs with their final side, and what was left out before.

    ``ready`` are the books in the order in which they came to the shelf: that is the order of rows
    and of the curriculum ``book``. A path over the concepts of all books would move with each book
    that is added; who fills a shelf says by that what is read first.

    Pairs leave in this order: those that the form cannot hold, those that copy more than their
    licence may, those that the composition has no room for, and rows that break a rule of files.
    """
    from booktune_assets.pairs.exchanges import in_one_place
    from booktune_assets.pairs.mix import GATE, chapter_names, compose, mix_rows
    from booktune_assets.pairs.mix_table import mix_table

    settings, fmt, mix = house.settings, asset.removesuffix("_set"), house.settings.mix
    evidence, sections = shelf.evidence, shelf.sections()
    gone = _unfit(settings, fmt, once.pairs)  # pair → gate, reason, detail
    gone |= _beyond(house, shelf, once.pairs.filter(~_in(gone)), sections)
    left = once.pairs.filter(~_in(gone)) if gone else once.pairs
    rows = mix_rows(left, evidence, sections, mix.salt, shelf.pairs, shelf)
    twice = in_one_place(left, rows, mix, evidence, shelf) if mix.on else {}
    chapters = chapter_names(sections.filter(pl.col("role") == "body"))
    weights = dict(chapters.group_by("chapter").agg(pl.col("chars").sum()).iter_rows())
    made = compose(rows, weights, mix, twice)
    gone |= {pair: (GATE, *why) for pair, why in made.dropped.items()}
    chosen = once.pairs.filter(~_in(gone))
    written, bad = _rendered(house, asset, once, chosen, shelf, list(ready))
    gone |= {pair: ("G0_form", reason, "a rule of the files") for pair, reason in bad.items()}
    after = made.rows.filter(~_in(bad))
    table = TABLES[f"{asset}__mix"]
    composed = mix_table(table, rows, after, weights, mix, turns=fmt == "sharegpt")
    return SetMade(
        written,
        {table.name: composed, f"{asset}__dropped": _dropped(asset, once, gone)},
        after,
        {"pairs_beyond_composition": len(made.dropped), "rows_broken": len(bad)},
    )


def _rendered(
    house: House, asset: str, once: Once, chosen: pl.DataFrame, shelf: Shelved, keys: list[str]
) -> tuple[Rows, dict[str, str]]:
    """The rows of the set, made and looked at a book at a time, and pair to rule of broken ones."""
    from booktune_assets.pairs import render
    from booktune_assets.pairs.validate import sound

    fmt, mix = asset.removesuffix("_set"), house.settings.mix
    concepts = concept_order(house.lake, keys)
    course = render.Course(licences_of(house.lake, keys), mix.order, mix.salt, concepts, keys)
    made, schema = Rows(TABLES[asset].schema, shelf.folder), TABLES[asset].schema
    bad: dict[str, str] = {}
    side: dict[str, str] = {}
    own = chosen.select("pair_id", "book_id", "split", mark="gates").partition_by(
        "book_id", as_dict=True, include_key=False
    )
    for key in keys:
        if (key,) not in own:
            continue
        book, texts = shelf.book(key, own[key,]), shelf.texts_of(key)
        rows = render.book_rows(fmt, book, once.also, course, texts)
        bad |= sound(rows, fmt, texts, side)[1]
        made.append(rows)
    names = ("pair_id", "section_id", "level", "split", "concept_ids")
    places = render.learned(made.narrow(names), shelf.sections(), course)
    done, start = Rows(schema, shelf.folder), 0
    for part in made.parts():
        placed = part.with_columns(places[start : start + part.height])
        start += part.height
        done.append(placed.filter(~_in(bad)) if bad else placed)
    made.close()
    return done, bad


def concept_order(lake: Lake, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Concept to its lowest level and its earliest place on the paths of the given books."""
    known = lake.read_all("concept_graph", list(keys))
    lowest = known.group_by("concept_id").agg(pl.col("level").min(), pl.col("path").min())
    return {name: (level, order) for name, level, order in lowest.iter_rows()}


def _unfit(settings: Settings, fmt: str, pairs: pl.DataFrame) -> dict[str, tuple[str, str, str]]:
    """What the form cannot hold, and what is too long with all its messages."""
    several = (pl.col("messages") != 2) & (fmt == "alpaca")
    long = pl.col("chars") > settings.pairs.example_chars_max
    rows = pairs.filter(several | long).select("pair_id", "chars", several=several)
    return {
        pair: ("G0_form", "form_has_no_turns", "Alpaca rows are one exchange")
        if turns
        else ("G0_form", "example_too_long", f"{size:,} characters")
        for pair, size, turns in rows.iter_rows()
    }


def _in(names: Mapping[str, object]) -> pl.Expr:
    return pl.col("pair_id").is_in(list(names))


def _beyond(
    house: House, shelf: Shelved, pairs: pl.DataFrame, sections: pl.DataFrame
) -> dict[str, tuple[str, str, str]]:
    """What the bounds of the licences leave out; nothing is looked at when none is set."""
    from booktune_assets.pairs.copied import GATE, beyond_bounds, copied_runs
    from booktune_assets.pairs.licences import licence_of

    bounds = house.settings.licences
    if not (bounds.run_chars_max or bounds.book_share_max):
        return {}
    known = {key: licence_of(name) for key, name in licences_of(house.lake, shelf.books).items()}
    chars = dict(sections.group_by("book_id").agg(pl.col("chars").sum()).iter_rows())
    found: dict[str, tuple[str, str]] = {}
    for key in shelf.books:
        own = pairs.filter(pl.col("book_id") == key).select("pair_id", "split", mark="gates")
        book = shelf.book(key, own)
        runs = copied_runs(book.pairs, book.evidence, shelf.texts_of(key), whole=True)
        found |= beyond_bounds(
            book.pairs, book.evidence, runs, known, chars, bounds, house.settings.mix.salt
        )
    return {pair: (GATE, *why) for pair, why in found.items()}


def _dropped(asset: str, once: Once, gone: Mapping[str, tuple[str, str, str]]) -> pl.DataFrame:
    """Rows of all rules of the sets: those before this step, then its own."""
    own = once.pairs.filter(_in(gone)).select("pair_id", "book_id", "family")
    homes = {pair: (book, family) for pair, book, family in own.iter_rows()}
    rows: list[dict[str, object]] = [
        {
            "pair_id": pair, "book_id": homes[pair][0], "family": homes[pair][1], "gate": gate,
            "reason": reason, "detail": detail,
        }
        for pair, (gate, reason, detail) in sorted(gone.items())
    ]  # fmt: skip
    return TABLES[f"{asset}__dropped"].frame([*once.dropped, *rows])
