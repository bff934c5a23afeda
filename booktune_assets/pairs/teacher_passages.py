"""Passages for the teacher: what stands in a prompt, and in which order they are asked about.

Belongs here: cutting sections, numbering evidence, withholding text that speaks to a model, what a
passage is about, where pairs are lacking. Does not: prompts (``recipes/prompts.py``).

A passage never leaves its section: the split is by section, and an edit changes the passages of one
section only. Sections longer than a prompt should be are cut as units are (``books/units.py``), and
cut again as they were where their words are the same: else a longer sentence would shift the rest.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from booktune_assets.books.units import CHARS_MIN, Piece, into_units
from booktune_assets.ids import make_id
from booktune_assets.llm.addressed import speaking, speaks_to_a_model
from booktune_assets.pairs.called import names_here, own_names
from booktune_assets.pairs.candidate import language_name
from booktune_assets.pairs.recipes.base import Block, Passage
from booktune_assets.pairs.tongue import as_shell, spoken_of
from booktune_assets.schemas_pairs import PAIR_EVIDENCE, PAIRS

__all__ = ["CHARS_LEAST", "into_passages"]

CHARS_LEAST = 160  # characters of evidence: less teaches nothing that the headings do not say
KNOWN_MAX, TARGETS_MAX = 6, 3
# an exercise asks and answers nothing: evidence of nothing
_LEFT_OUT = frozenset({"heading", "running_head", "figure", "exercise"})
Row = dict[str, Any]


def into_passages(
    book_id: str, frames: Mapping[str, pl.DataFrame], made: Mapping[str, pl.DataFrame],
    title: str = "", before: Collection[str] = (),
) -> list[Passage]:  # fmt: skip
    """Passages of the body, those with the fewest kept pairs first, else in book order.

    ``frames`` are those of ``sections``, ``sections__blocks``, ``concept_graph`` and what stands
    beside it; ``made`` are the pairs and evidence that are there already; ``title`` is the book's.
    ``before`` are passages that were asked about: they are cut as they were if their text is there.
    """
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in frames["sections__blocks"].sort("section_id", "ordinal").iter_rows(named=True):
        if row["text"].strip():
            rows[row["section_id"]].append(as_shell(row))
    sections = frames["sections"].filter(pl.col("role") == "body").sort("ordinal")
    every = [row for own in rows.values() for row in own]
    fallback = _language(every) or spoken_of(row["text"] for row in every)
    called = own_names(title, sections["text"].to_list())
    seen: Counter[str] = Counter()
    stood = _as_before(book_id, before)
    found: list[Passage] = []
    for section in sections.iter_rows(named=True):
        own = rows[section["section_id"]]
        language = _language(own) or fallback
        long = section["chars"] > CHARS_MIN  # a short one is one passage
        for unit in into_units(own, stands=stood if long else None):
            passage = _passage(book_id, section, unit.pieces, language, seen)
            passage.called = names_here(passage.text, called)
            if passage.chars >= CHARS_LEAST:
                found.append(passage)
    _say_what(found, frames)
    _count_kept(found, made)
    return sorted(found, key=lambda one: one.deficit)


def _passage(
    book_id: str, section: Row, pieces: Sequence[Piece], language: str, seen: Counter[str]
) -> Passage:
    # headings stand in the task, where no marks set them apart
    withheld = [text for text in section["title_path"] if speaks_to_a_model(text)]
    path = tuple(text for text in section["title_path"] if text not in withheld)
    shown, hidden = _shown(pieces)
    blocks = [
        Block(
            f"B{number}", piece.block["block_id"], piece.block["kind"], piece.block["lang"],
            piece.text, piece.block["char_start"] + piece.start,
            piece.block["char_start"] + piece.end,
        )
        for number, piece in enumerate(shown, start=1)
    ]  # fmt: skip
    said = _said(shown)
    unit_id = make_id("passage", book_id, said, seen[said])
    seen[said] += 1
    return Passage(unit_id, section["section_id"], path, language, blocks, [*withheld, *hidden])


def _shown(pieces: Iterable[Piece]) -> tuple[list[Piece], list[str]]:
    """Pieces that are evidence, and texts of those that speak to a model."""
    told = [one for one in pieces if one.block["kind"] not in _LEFT_OUT and one.text.strip()]
    hidden = speaking([one.text for one in told])
    return (
        [one for one, hide in zip(told, hidden, strict=True) if not hide],
        [one.text for one, hide in zip(told, hidden, strict=True) if hide],
    )


def _said(shown: Iterable[Piece]) -> str:
    return "\n\n".join(one.text for one in shown)


def _as_before(book_id: str, before: Collection[str]) -> Callable[[list[Piece]], bool] | None:
    """Whether pieces are a passage of before; None when there was none."""
    names = frozenset(before)

    def stands(pieces: list[Piece]) -> bool:
        # a heading behind the last words belongs to what follows
        fits = pieces[-1].block["kind"] != "heading"
        return fits and make_id("passage", book_id, _said(_shown(pieces)[0]), 0) in names

    return stands if names else None


def _say_what(passages: Iterable[Passage], frames: Mapping[str, pl.DataFrame]) -> None:
    """Target concepts, what is known before them, and the level, from the concept graph."""
    concepts = {row["concept_id"]: row for row in frames["concept_graph"].to_dicts()}
    before: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for row in frames["concept_graph__edges"].to_dicts():
        before[row["target_id"]].append((-row["score"], row["source_id"]))
    strong = frames["concept_graph__mentions"].filter(
        pl.col("how").is_in(["definition", "heading"]) | (pl.col("how") == "text")
    )
    spots: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for row in strong.to_dicts():
        spots[row["section_id"]].append((row["char_start"], row["how"], row["concept_id"]))
    rank = {"definition": 0, "heading": 1, "text": 2}
    for passage in passages:
        first, last = passage.blocks[0].start, passage.blocks[-1].end
        own = sorted(
            (rank[how], place, name)
            for place, how, name in spots[passage.section_id]
            if how == "heading" or first <= place < last
        )
        targets = list(dict.fromkeys(name for _, _, name in own if name in concepts))[:TARGETS_MAX]
        known = sorted(edge for name in targets for edge in before[name])
        names = [name for _, name in known if name in concepts and name not in targets]
        passage.targets = _labels(targets, concepts)
        passage.known = _labels(dict.fromkeys(names), concepts)[:KNOWN_MAX]
        passage.level = max((int(concepts[name]["level"]) for name in targets), default=1)


def _labels(names: Iterable[str], concepts: Mapping[str, Row]) -> list[str]:
    """Their words, but for those of a heading that speaks to a model."""
    labels = (str(concepts[name]["label"]) for name in names)
    return [label for label in labels if not speaks_to_a_model(label)]


def _count_kept(passages: Iterable[Passage], made: Mapping[str, pl.DataFrame]) -> None:
    """How many pairs of each family the blocks of a passage have."""
    if PAIRS.name not in made:
        return
    answers = made[PAIR_EVIDENCE.name].filter(pl.col("role") == "answer")
    families = made[PAIRS.name].select("pair_id", "family")
    rows = answers.join(families, on="pair_id").unique(["pair_id", "block_id"])
    kept: dict[str, Counter[str]] = defaultdict(Counter)
    for block_id, family in rows.select("block_id", "family").iter_rows():
        kept[block_id][family] += 1
    for passage in passages:
        total: Counter[str] = Counter()
        for block_id in dict.fromkeys(block.block_id for block in passage.blocks):
            total.update(kept[block_id])
        passage.kept = dict(sorted(total.items()))


def _language(blocks: Iterable[Row]) -> str:
    """The language of most code, by characters."""
    sizes: Counter[str] = Counter()
    for row in blocks:
        if name := language_name(row["lang"]):
            sizes[name] += len(row["text"])
    return max(sorted(sizes), key=lambda name: sizes[name], default="")
