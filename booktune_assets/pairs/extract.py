"""Instruction pairs of a book: families propose, gates decide, unchanged sections are reused.

Belongs here: the order of the work and the frames. Does not: what is asked (``define explain write
predict``), what is refused (``gates``), which sections are held out (``splits``).

What a section's pairs depend on is its own text and the definitions in it, so an edit remakes one
section. Three things look beyond the section and are worked out anew for every row each time, which
is cheap: exact duplicates, the split, and the concepts that a pair is about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from booktune_assets.ids import digest, make_id
from booktune_assets.pairs.candidate import Candidate, View, language_name
from booktune_assets.pairs.define import define
from booktune_assets.pairs.exercises import exercise_answers
from booktune_assets.pairs.explain import explain_code
from booktune_assets.pairs.gates import refused
from booktune_assets.pairs.predict import predict_output
from booktune_assets.pairs.splits import cluster_names, clusters, split_of
from booktune_assets.pairs.write import write_code
from booktune_assets.progress import advance
from booktune_assets.schemas import PAIR_EVIDENCE, PAIR_REJECTS, PAIR_SECTIONS, PAIRS
from booktune_assets.settings import Pairs

__all__ = ["FAMILIES", "VERSION", "PairsMade", "into_pairs"]

VERSION = "instruction_pairs.3"
FAMILIES: tuple[tuple[str, int, Callable[[View], Iterator[Candidate]]], ...] = (
    ("define", 1, define),
    ("explain_code", 1, explain_code),
    ("write_code", 1, write_code),
    ("predict_output", 1, predict_output),
)
CONCEPTS_MAX = 8
DUPLICATE = "G8_duplicates"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PairsMade:
    """``frames`` of ``instruction_pairs`` by table name; ``counts`` for the receipt."""

    frames: dict[str, pl.DataFrame]
    counts: dict[str, int]


@dataclass(slots=True)
class _Made:
    """Rows of one section. Duplicates stand in ``rejects`` or in ``pairs``, as they were found."""

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
) -> PairsMade:
    """Pairs, evidence, rejects and section digests of a book.

    ``previous`` are the frames made before for the same book, version and settings: a section whose
    digest is the same is taken from them. The result is the same as without ``previous``.
    """
    views = _views(sections, blocks, concepts, mentions)
    texts = {view.section_id: view.text for view in views}
    digests = {view.section_id: _input_digest(view, pairs) for view in views}
    before = _before(previous, digests)
    made: dict[str, _Made] = {}
    for number, view in enumerate(views, start=1):
        known = before.get(view.section_id)
        made[view.section_id] = known or _make(book_id, view, texts, pairs)
        advance("making pairs", number, len(views))
    reused = set(before)
    first = _first_of_each(views, made)
    for view in views:
        # the first copy of a pair may have gone: a copy refused as duplicate is then made again
        if view.section_id in reused and _was_refused(made[view.section_id], first):
            made[view.section_id] = _make(book_id, view, texts, pairs)
            reused.discard(view.section_id)
    for view in views:
        _refuse_duplicates(book_id, made[view.section_id], first)
    frames = _frames(book_id, texts, views, made, digests, _named(mentions), pairs)
    counts = {
        "sections": len(views),
        "sections_made": len(views) - len(reused),
        "sections_reused": len(reused),
        "kept": frames[PAIRS.name].height,
        "rejected": frames[PAIR_REJECTS.name].height,
    }
    return PairsMade(frames, counts)


def _views(
    sections: pl.DataFrame, blocks: pl.DataFrame, concepts: pl.DataFrame, mentions: pl.DataFrame
) -> list[View]:
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
    answers = exercise_answers([rows[row["section_id"]] for row in body])
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
            pairs.model_dump(mode="json", exclude={"heldout_percent"}),
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


def _before(
    previous: Mapping[str, pl.DataFrame] | None, digests: Mapping[str, str]
) -> dict[str, _Made]:
    """What was made before, for the sections whose input is the same."""
    if previous is None or PAIR_SECTIONS.name not in previous:
        return {}
    same = {
        row["section_id"]: _Made()
        for row in previous[PAIR_SECTIONS.name].iter_rows(named=True)
        if digests.get(row["section_id"]) == row["input_digest"]
    }
    homes: dict[str, str] = {}
    for table, name in ((PAIRS, "pairs"), (PAIR_REJECTS, "rejects")):
        kept = previous[table.name].filter(pl.col("section_id").is_in(list(same)))
        for row in kept.iter_rows(named=True):
            getattr(same[row["section_id"]], name).append(row)
            homes[row.get("pair_id", "")] = row["section_id"]
    for row in previous[PAIR_EVIDENCE.name].iter_rows(named=True):
        if row["pair_id"] in homes:  # a quote may stand in another section than its pair
            same[homes[row["pair_id"]]].evidence.append(row)
    return same


def _make(book_id: str, view: View, texts: Mapping[str, str], pairs: Pairs) -> _Made:
    """All candidates of a section through the gates, at most so many per block."""
    made = _Made()
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
    return made


def _facts(candidate: Candidate) -> Row:
    return {
        "kind": candidate.kind,
        "lang": candidate.lang,
        "verification": "parsed" if candidate.code else "none",
        "answer_chars": len(candidate.answer),
    }


def _evidence(book_id: str, name: str, candidate: Candidate) -> Iterator[Row]:
    for ordinal, quote in enumerate(candidate.quotes):
        yield {
            "pair_id": name, "ordinal": ordinal, "book_id": book_id, "section_id": quote.section_id,
            "block_id": quote.block_id, "role": quote.role, "quote": quote.text,
            "char_start": quote.start, "char_end": quote.end,
        }  # fmt: skip


def _turn_key(row: Row) -> str:
    return digest([" ".join(turn["content"].split()).lower() for turn in row["turns"]])


def _first_of_each(views: list[View], made: Mapping[str, _Made]) -> dict[str, str]:
    """Normalised turns to the id of the pair that says them first, in book order."""
    first: dict[str, str] = {}
    for view in views:
        one = made[view.section_id]
        for row in one.pairs:
            first.setdefault(_turn_key(row), row["pair_id"])
        for row in one.rejects:
            if row["gate"] == DUPLICATE:
                first.setdefault(_turn_key(row), row["candidate_id"])
    return first


def _was_refused(one: _Made, first: Mapping[str, str]) -> bool:
    return any(
        row["gate"] == DUPLICATE and first[_turn_key(row)] == row["candidate_id"]
        for row in one.rejects
    )


def _refuse_duplicates(book_id: str, one: _Made, first: Mapping[str, str]) -> None:
    """Move pairs that say what an earlier one says to the rejects."""
    kept = [row for row in one.pairs if first[_turn_key(row)] == row["pair_id"]]
    for row in one.pairs:
        if first[_turn_key(row)] != row["pair_id"]:
            one.rejects.append(
                {
                    "candidate_id": row["pair_id"], "book_id": book_id,
                    "section_id": row["section_id"], "family": row["family"], "gate": DUPLICATE,
                    "reason": "same_turns_as_earlier", "turns": row["turns"],
                }
            )  # fmt: skip
    names = {row["pair_id"] for row in kept}
    one.pairs = kept
    one.evidence = [row for row in one.evidence if row["pair_id"] in names]
    one.rejects.sort(key=lambda row: row["candidate_id"])


def _named(mentions: pl.DataFrame) -> dict[str, list[tuple[int, str]]]:
    """Block to the concepts mentioned in it, by place."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in mentions.iter_rows(named=True):
        found[row["block_id"]].append((row["char_start"], row["concept_id"]))
    for places in found.values():
        places.sort()
    return found


def _frames(
    book_id: str,
    texts: Mapping[str, str],
    views: list[View],
    made: Mapping[str, _Made],
    digests: Mapping[str, str],
    named: Mapping[str, list[tuple[int, str]]],
    pairs: Pairs,
) -> dict[str, pl.DataFrame]:
    named_after = cluster_names(texts, clusters(texts, _ties(views)))
    rows: dict[str, list[Row]] = {
        t.name: [] for t in (PAIRS, PAIR_EVIDENCE, PAIR_REJECTS, PAIR_SECTIONS)
    }
    for view in views:
        one = made[view.section_id]
        cluster = named_after[view.section_id]
        split = split_of(cluster, pairs.heldout_percent)
        quotes: dict[str, list[Row]] = defaultdict(list)
        for row in one.evidence:
            quotes[row["pair_id"]].append(row)
        for row in one.pairs:
            about = _about(quotes[row["pair_id"]], named)
            rows[PAIRS.name].append({**row, "split": split, "concept_ids": about})
        rows[PAIR_EVIDENCE.name] += one.evidence
        rows[PAIR_REJECTS.name] += one.rejects
        rows[PAIR_SECTIONS.name].append(
            {
                "section_id": view.section_id, "book_id": book_id, "split": split,
                "cluster": cluster, "input_digest": digests[view.section_id],
                "kept": len(one.pairs), "rejected": len(one.rejects),
            }
        )  # fmt: skip
    tables = (PAIRS, PAIR_EVIDENCE, PAIR_REJECTS, PAIR_SECTIONS)
    return {table.name: table.frame(rows[table.name]) for table in tables}


def _ties(views: list[View]) -> list[tuple[str, str]]:
    """Sections that an exercise and its answer tie together: both are held out, or none."""
    found = (
        (view.section_id, rows[0]["section_id"])
        for view in views
        for rows in view.solutions.values()
    )
    return sorted(set(found))


def _about(quotes: list[Row], named: Mapping[str, list[tuple[int, str]]]) -> list[str]:
    """Concepts mentioned in the quotes, most often first."""
    counts: dict[str, int] = {}
    for quote in quotes:
        for place, concept in named.get(quote["block_id"], []):
            if quote["char_start"] <= place < quote["char_end"]:
                counts[concept] = counts.get(concept, 0) + 1
    return sorted(counts, key=lambda name: (-counts[name], name))[:CONCEPTS_MAX]
