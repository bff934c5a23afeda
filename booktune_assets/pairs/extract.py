"""Instruction pairs of a book: families propose, gates decide, unchanged sections are reused.

Belongs here: the order of the work and the frames. Does not: what is asked (``families.py``), what
is refused (``gates.py``), which sections are held out (``splits.py``).

What a section's pairs depend on is its own text and the definitions in it, so an edit remakes one
section. Three things look beyond the section and are worked out anew over all rows each time, in
columns (``carry.py``): exact duplicates, the split, and the concepts that a pair is about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from booktune_assets.ids import digest, make_id
from booktune_assets.pairs.candidate import Candidate, View, language_name
from booktune_assets.pairs.carry import (
    DUPLICATE,
    Parts,
    about,
    carried,
    first_of_each,
    settled,
)
from booktune_assets.pairs.exercises import exercise_answers
from booktune_assets.pairs.families import FAMILIES
from booktune_assets.pairs.gates import GATES, refused
from booktune_assets.pairs.splits import cluster_names, clusters, split_of
from booktune_assets.pairs.tokens import answer_tokens
from booktune_assets.progress import advance
from booktune_assets.schemas_pairs import PAIR_EVIDENCE, PAIR_REJECTS, PAIR_SECTIONS, PAIRS
from booktune_assets.schemas_teacher import PAIR_TEACHER, PAIR_VERDICTS
from booktune_assets.settings import TEACHING, Pairs

__all__ = ["VERSION", "PairsMade", "into_pairs"]

VERSION = "instruction_pairs.5"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PairsMade:
    """``frames`` of ``instruction_pairs`` by table name; ``counts`` for the receipt."""

    frames: dict[str, pl.DataFrame]
    counts: dict[str, int]


@dataclass(slots=True)
class _Made:
    """Rows of sections as they are made, before duplicates are refused."""

    pairs: list[Row] = field(default_factory=list[Row])
    evidence: list[Row] = field(default_factory=list[Row])
    rejects: list[Row] = field(default_factory=list[Row])


def into_pairs(
    book_id: str,
    sections: pl.DataFrame,
    blocks: pl.DataFrame,
    concepts: pl.DataFrame,
    mentions: pl.DataFrame,
    pairs: Pairs,
    previous: Mapping[str, pl.DataFrame] | None = None,
    exercises: pl.DataFrame | None = None,
) -> PairsMade:
    """Pairs, evidence, rejects and section digests of a book.

    ``exercises`` is the frame of ``sections__exercises``: without it no task has an answer.
    ``previous`` are the frames made before for the same book, version and settings: a section whose
    digest is the same is taken from them. The result is the same as without ``previous``.
    """
    views = _views(sections, blocks, concepts, mentions, exercises)
    texts = {view.section_id: view.text for view in views}
    digests = {view.section_id: _input_digest(view, pairs) for view in views}
    same = _unchanged(previous, digests)
    order = {view.section_id: number for number, view in enumerate(views)}
    new = _made_of(book_id, [view for view in views if view.section_id not in same], texts, pairs)
    old = carried(previous, same) if previous is not None and same else Parts.of([], [], [])
    first = first_of_each(old.with_(new), order)
    refused = (pl.col("gate") == DUPLICATE) & pl.col("candidate_id").is_in(list(first))
    # the first copy of a pair may have gone: what was refused as its duplicate is made again
    if back := set(old.rejects.filter(refused)["section_id"].to_list()):
        same -= back
        again = [view for view in views if view.section_id in back]
        old = carried(previous or {}, same)
        new = new.with_(_made_of(book_id, again, texts, pairs))
    parts = settled(old.with_(new), first, order)
    frames = _frames(book_id, views, parts, digests, mentions, pairs)
    counts = {
        "sections": len(views),
        "sections_made": len(views) - len(same),
        "sections_reused": len(same),
        "kept": frames[PAIRS.name].height,
        "rejected": frames[PAIR_REJECTS.name].height,
    }
    return PairsMade(frames, counts)


def _views(
    sections: pl.DataFrame, blocks: pl.DataFrame, concepts: pl.DataFrame, mentions: pl.DataFrame,
    exercises: pl.DataFrame | None,
) -> list[View]:  # fmt: skip
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in blocks.sort("section_id", "ordinal").iter_rows(named=True):
        rows[row["section_id"]].append(row)
    kinds = {row["concept_id"]: row for row in concepts.iter_rows(named=True)}
    defined: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
    for row in mentions.filter(pl.col("how") == "definition").iter_rows(named=True):
        if concept := kinds.get(row["concept_id"]):
            place = (row["char_start"], row["char_end"], concept["label"], concept["kind"])
            defined[row["section_id"]].append(place)
    fallback = _language(blocks.iter_rows(named=True)) or "Elixir"
    body = [row for row in sections.sort("ordinal").iter_rows(named=True) if row["role"] == "body"]
    tasks = [] if exercises is None else exercises.to_dicts()
    answers = exercise_answers(
        tasks, {one["block_id"]: one for row in body for one in rows[row["section_id"]]}
    )
    views: list[View] = []
    for row in body:
        own = rows[row["section_id"]]
        solutions = {
            one["block_id"]: answers[one["block_id"]] for one in own if one["block_id"] in answers
        }
        views.append(
            View(
                row["section_id"], row["title"], row["text"],
                _language(own) or _said(row["text"]) or fallback,
                own, sorted(defined[row["section_id"]]), solutions,
            )
        )  # fmt: skip
    return views


def _language(blocks: Iterator[Row] | list[Row]) -> str:
    """The language of most code, by characters."""
    sizes: dict[str, int] = {}
    for row in blocks:
        if name := language_name(row["lang"]):
            sizes[name] = sizes.get(name, 0) + len(row["text"])
    return max(sorted(sizes), key=lambda name: sizes[name], default="")


def _said(text: str) -> str:
    """The language that a section without code speaks of, if it is one only and often enough."""
    said = [name for name in ("Elixir", "Erlang") if name in text]
    return said[0] if len(said) == 1 and text.count(said[0]) >= 3 else ""


def _input_digest(view: View, pairs: Pairs) -> str:
    return digest(
        [
            VERSION,
            [[family, version] for family, version, _ in FAMILIES],
            pairs.model_dump(mode="json", exclude={"heldout_percent", *TEACHING}),
            [view.section_id, view.title, view.text, view.language],
            [
                [b["block_id"], b["kind"], b["lang"], b["char_start"], b["text"]]
                for b in view.blocks
            ],
            view.definitions,
            sorted(
                [name, [[b["block_id"], b["section_id"], b["char_start"], b["text"]] for b in rows]]
                for name, rows in view.solutions.items()
            ),
        ]
    )


def _unchanged(previous: Mapping[str, pl.DataFrame] | None, digests: Mapping[str, str]) -> set[str]:
    """Sections that were there with the same digest."""
    if previous is None or PAIR_SECTIONS.name not in previous:
        return set()
    known = previous[PAIR_SECTIONS.name].select("section_id", "input_digest").iter_rows()
    return {section for section, made_of in known if digests.get(section) == made_of}


def _made_of(book_id: str, views: list[View], texts: Mapping[str, str], pairs: Pairs) -> Parts:
    """What is made of these sections."""
    rows = _Made()
    for number, view in enumerate(views, start=1):
        _make(rows, book_id, view, texts, pairs)
        advance("making pairs", number, len(views))
    return Parts.of(rows.pairs, rows.evidence, rows.rejects)


def _make(made: _Made, book_id: str, view: View, texts: Mapping[str, str], pairs: Pairs) -> None:
    """All candidates of a section through the gates, at most so many per block."""
    used: dict[str, int] = {}
    taken: set[str] = set()
    for family, version, propose in FAMILIES:
        for candidate in propose(view):
            turns = candidate.turns
            said = [part for turn in turns for part in (turn["role"], turn["content"])]
            homes = ",".join(sorted({view.section_id, *(q.section_id for q in candidate.quotes)}))
            name = make_id("pair", homes, family, version, *said)
            nth = 0
            while name in taken:  # the same exchange twice in a section
                nth += 1
                name = make_id("pair", homes, family, version, *said, str(nth))
            taken.add(name)
            verdict = refused(candidate, texts, pairs)
            if verdict is None and used.get(candidate.block_id, 0) >= pairs.per_block:
                verdict = ("limit", "block_used_enough")
            row = {
                "book_id": book_id,
                "section_id": view.section_id,
                "family": family,
                "turns": turns,
            }
            if verdict is not None:
                gate, reason = verdict
                made.rejects.append({**row, "candidate_id": name, "gate": gate, "reason": reason})
                continue
            used[candidate.block_id] = used.get(candidate.block_id, 0) + 1
            made.pairs.append(
                {**row, **_facts(candidate), "pair_id": name, "family_version": version}
            )
            made.evidence += _evidence(book_id, name, candidate)


def _facts(candidate: Candidate) -> Row:
    tokens = answer_tokens(candidate.turns)
    return {
        "kind": candidate.kind,
        "lang": candidate.lang,
        "verification": "parsed" if candidate.code else "none",
        "answer_chars": len(candidate.answer),
        "answer_tokens": tokens.answer,
        "code_tokens": tokens.code,
        "generator": "extractive",
        "recipe": "",
        "call_keys": [],
        "gates": [name for name, _ in GATES],
    }


def _evidence(book_id: str, name: str, candidate: Candidate) -> Iterator[Row]:
    for ordinal, quote in enumerate(candidate.quotes):
        yield {
            "pair_id": name, "ordinal": ordinal, "book_id": book_id, "section_id": quote.section_id,
            "block_id": quote.block_id, "role": quote.role, "quote": quote.text,
            "char_start": quote.start, "char_end": quote.end,
        }  # fmt: skip


def _frames(
    book_id: str, views: list[View], parts: Parts, digests: Mapping[str, str],
    mentions: pl.DataFrame, pairs: Pairs,
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """The four tables, with split and concepts of every pair."""
    texts = {view.section_id: view.text for view in views}
    names = cluster_names(texts, clusters(texts, _ties(views)))
    split = {name: split_of(names[name], pairs.heldout_percent) for name in names}
    none = pl.lit([], dtype=pl.List(pl.String))
    kept = (
        parts.pairs.drop("split", "concept_ids", "prereq_ids", "level")
        .join(about(parts.evidence, mentions), on="pair_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("concept_ids").fill_null(none),
            prereq_ids=none,
            level=pl.lit(1, pl.Int32),
            split=pl.col("section_id").replace_strict(split, return_dtype=pl.String),
        )
        .select(parts.pairs.columns)
    )
    counted = [_by_section(frame) for frame in (kept, parts.rejects)]
    rows: list[Row] = [
        {
            "section_id": name, "book_id": book_id, "split": split[name], "cluster": names[name],
            "input_digest": digests[name], "kept": counted[0].get(name, 0),
            "rejected": counted[1].get(name, 0),
        }
        for name in texts
    ]  # fmt: skip
    return {
        PAIRS.name: kept, PAIR_EVIDENCE.name: parts.evidence, PAIR_REJECTS.name: parts.rejects,
        PAIR_SECTIONS.name: PAIR_SECTIONS.frame(rows),
        PAIR_TEACHER.name: PAIR_TEACHER.frame([]), PAIR_VERDICTS.name: PAIR_VERDICTS.frame([]),
    }  # fmt: skip


def _by_section(frame: pl.DataFrame) -> dict[str, int]:
    return dict(frame.group_by("section_id").len().iter_rows())


def _ties(views: list[View]) -> list[tuple[str, str]]:
    """Sections that an exercise and its answer tie together: both are held out, or none."""
    found = (
        (view.section_id, rows[0]["section_id"])
        for view in views
        for rows in view.solutions.values()
    )
    return sorted(set(found))
