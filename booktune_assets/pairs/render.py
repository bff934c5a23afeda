"""Pairs as training examples: ShareGPT and Alpaca rows in the order of the books.

Belongs here: the forms, the ids of examples and data sets, the place of an example in its book and
in the order of learning. Does not: files (``export.py``), which pairs are kept (``extract.py``) or
chosen (``mix.py``). Rendering copies pages, so it depends on positions; nothing before it does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from booktune_assets.ids import digest, make_id
from booktune_assets.pairs.copied import copied_runs
from booktune_assets.pairs.curriculum import Learned, places
from booktune_assets.pairs.rules import fences, without_fences
from booktune_assets.schemas_pairs import PAIR_FAMILIES, SPLITS
from booktune_assets.schemas_review import ACCEPTED, EDITED
from booktune_assets.schemas_sets import ALPACA_SET, SHAREGPT_SET

__all__ = ["VERSION", "Course", "dataset_id", "into_alpaca", "into_sharegpt"]

VERSION = "render.6"

Row = dict[str, Any]
Also = Mapping[str, Sequence[Mapping[str, str]]]
_CARRIED = (
    "pair_id", "book_id", "split", "family", "kind", "section_id", "level", "generator",
    "verification", "concept_ids", "answer_tokens", "code_tokens",
)  # fmt: skip
_QUOTED = (
    "role", "block_id", "section_id", "page", "href", "char_start", "char_end", "quote",
    "file_sha256",
)  # fmt: skip
_SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}


@dataclass(frozen=True, slots=True)
class Course:
    """What rows say beside their pair: licences by book, and how they are ordered for learning.

    ``concepts`` are level and order of introduction of each concept; ``books`` are the keys in the
    order in which the books are read, those that are not among them come last by name.
    """

    licences: Mapping[str, str] = field(default_factory=dict[str, str])
    order: str = "book"
    salt: str = ""
    concepts: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    books: Sequence[str] = ()


def into_sharegpt(
    pairs: pl.DataFrame, evidence: pl.DataFrame, sections: pl.DataFrame, spans: pl.DataFrame,
    also: Also | None = None, course: Course | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Rows of ``sharegpt_set``, in book order; ``also`` are other origins by pair."""
    given = (pairs, evidence, sections, spans, also or {}, course or Course())
    return SHAREGPT_SET.frame(list(_rows("sharegpt", _conversations, *given)))


def into_alpaca(
    pairs: pl.DataFrame, evidence: pl.DataFrame, sections: pl.DataFrame, spans: pl.DataFrame,
    also: Also | None = None, course: Course | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Rows of ``alpaca_set``, in book order; single exchanges only, as the form has no turns."""
    single = pairs.filter(pl.col("turns").list.len() == 2)
    given = (single, evidence, sections, spans, also or {}, course or Course())
    return ALPACA_SET.frame(list(_rows("alpaca", _instruction, *given)))


def dataset_id(frame: pl.DataFrame, mix: Mapping[str, Any] | None = None) -> str:
    """Id of a set: its example ids, whatever their order, which are held out, and the mix."""
    held = sorted(frame.filter(pl.col("split") == "heldout")["example_id"].to_list())
    how = digest([held, dict(mix or {})])
    return make_id("data", *sorted(frame["example_id"].to_list()), how)


def _rows(
    form: str,
    shape: Callable[[list[dict[str, str]]], Row],
    pairs: pl.DataFrame,
    evidence: pl.DataFrame,
    sections: pl.DataFrame,
    spans: pl.DataFrame,
    also: Also,
    course: Course,
) -> Iterator[Row]:
    homes = {row["section_id"]: row for row in sections.iter_rows(named=True)}
    quotes = _quotes(evidence, spans)
    runs = copied_runs(pairs, evidence, {name: row["text"] for name, row in homes.items()})
    rank = {book: number for number, book in enumerate(course.books)}
    ordered = sorted(
        pairs.iter_rows(named=True),
        key=lambda row: (
            rank.get(row["book_id"], len(rank)),
            row["book_id"],
            homes[row["section_id"]]["ordinal"],
            _first(quotes.get(row["pair_id"], []))["char_start"],
            PAIR_FAMILIES.index(row["family"]),
            row["pair_id"],
        ),
    )
    learned = _learned(ordered, homes, course)
    for row in ordered:
        home, own = homes[row["section_id"]], quotes.get(row["pair_id"], [])
        first = _first(own)
        yield {
            "example_id": _example_id(form, row),
            **shape(row["turns"]),
            **{name: row[name] for name in _CARRIED},
            "section_title": " › ".join(home["title_path"]) or home["title"],
            "page": first["page"],
            "href": first["href"],
            "licence": course.licences.get(row["book_id"], ""),
            "copied_chars": runs[row["pair_id"]],
            "curriculum": learned[row["pair_id"]],
            "evidence": [{name: quote[name] for name in _QUOTED} for quote in own],
            "also_in": [dict(origin) for origin in also.get(row["pair_id"], ())],
            "review": _review(row),
        }


def _example_id(form: str, row: Row) -> str:
    """Of pair and form; a pair keeps its id when a person edits it, so the words count then."""
    edit = [digest(row["turns"])] if EDITED in row["gates"] else []
    return make_id("ex", form, row["pair_id"], VERSION, *edit)


def _review(row: Row) -> str:
    if EDITED in row["gates"]:
        return "edited"
    return "accepted" if ACCEPTED in row["gates"] else ""


def _learned(ordered: list[Row], homes: Mapping[str, Row], course: Course) -> dict[str, int]:
    """Pair id to its place in the order of learning, counted for each split by itself."""
    found: dict[str, int] = {}
    for split in SPLITS:
        rows = [row for row in ordered if row["split"] == split]
        subjects = [
            next(iter(row["concept_ids"]), None)
            or (homes[row["section_id"]]["title_path"] or [row["section_id"]])[0]
            for row in rows
        ]
        learned = [
            Learned(row["pair_id"], row["level"], subject)
            for row, subject in zip(rows, subjects, strict=True)
        ]
        order = places(learned, course.order, course.salt, course.concepts)
        found |= {row["pair_id"]: place for row, place in zip(rows, order, strict=True)}
    return found


def _conversations(turns: list[dict[str, str]]) -> Row:
    said = [{"from": _SPEAKERS[turn["role"]], "value": turn["content"]} for turn in turns]
    return {"conversations": said}


def _instruction(turns: list[dict[str, str]]) -> Row:
    """What is asked in words, and the code it is asked about apart from it."""
    question = turns[0]["content"]
    prose = without_fences(question)
    given = question.replace(prose, "", 1).strip() if prose and prose in question else ""
    if fences(question) and not given:  # words stand between the listings: keep their order
        first = question.index("```")
        prose, given = question[:first].strip(), question[first:].strip()
    return {"instruction": prose, "input": given, "output": turns[-1]["content"]}


def _quotes(evidence: pl.DataFrame, spans: pl.DataFrame) -> dict[str, list[Row]]:
    """Pair id to its quotes in order, each with the page or part and the file that it stands in."""
    pieces: dict[str, list[Row]] = defaultdict(list)
    for row in spans.sort("block_id", "part").iter_rows(named=True):
        pieces[row["block_id"]].append(row)
    found: dict[str, list[Row]] = defaultdict(list)
    for row in evidence.sort("pair_id", "ordinal").iter_rows(named=True):
        spread = pieces.get(row["block_id"], [])
        here = [one for one in spread if one["char_start"] <= row["char_start"] < one["char_end"]]
        piece = (here or spread or [{}])[0]
        place = {name: piece.get(name) for name in ("page", "href", "file_sha256")}
        found[row["pair_id"]].append(row | place)
    return found


def _first(quotes: list[Row]) -> Row:
    """The quote that says where an example stands: the first one of its answer."""
    nowhere: Row = {"char_start": 0, "page": None, "href": None}
    return next((one for one in quotes if one["role"] == "answer"), (quotes or [nowhere])[0])
