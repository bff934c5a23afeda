"""Pairs as training examples: ShareGPT and Alpaca rows in the order of the books.

Belongs here: the forms, the ids of examples and data sets, the place of an example in its book.
Does not: files (``export.py``), which pairs are kept (``extract.py``). Rendering copies pages, so
it depends on positions; nothing before it does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from booktune_assets.ids import digest, make_id
from booktune_assets.pairs.rules import fences, without_fences
from booktune_assets.schemas_pairs import PAIR_FAMILIES
from booktune_assets.schemas_review import ACCEPTED, EDITED
from booktune_assets.schemas_sets import ALPACA_SET, SHAREGPT_SET

__all__ = ["VERSION", "dataset_id", "into_alpaca", "into_sharegpt"]

VERSION = "render.4"

Row = dict[str, Any]
Also = Mapping[str, Sequence[Mapping[str, str]]]
_SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}


def into_sharegpt(
    pairs: pl.DataFrame, evidence: pl.DataFrame, sections: pl.DataFrame, spans: pl.DataFrame,
    also: Also | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Rows of ``sharegpt_set``, in book order; ``also`` are other origins by pair."""
    rows = list(_rows("sharegpt", _conversations, pairs, evidence, sections, spans, also or {}))
    return SHAREGPT_SET.frame(rows)


def into_alpaca(
    pairs: pl.DataFrame, evidence: pl.DataFrame, sections: pl.DataFrame, spans: pl.DataFrame,
    also: Also | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Rows of ``alpaca_set``, in book order; single exchanges only, as the form has no turns."""
    single = pairs.filter(pl.col("turns").list.len() == 2)
    rows = list(_rows("alpaca", _instruction, single, evidence, sections, spans, also or {}))
    return ALPACA_SET.frame(rows)


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
) -> Iterator[Row]:
    homes = {row["section_id"]: row for row in sections.iter_rows(named=True)}
    places = _places(evidence, spans)
    ordered = sorted(
        pairs.iter_rows(named=True),
        key=lambda row: (
            row["book_id"],
            homes[row["section_id"]]["ordinal"],
            places[row["pair_id"]][0],
            PAIR_FAMILIES.index(row["family"]),
            row["pair_id"],
        ),
    )
    for row in ordered:
        home = homes[row["section_id"]]
        _, page, href = places[row["pair_id"]]
        yield {
            "example_id": _example_id(form, row),
            **shape(row["turns"]),
            **{name: row[name] for name in ("pair_id", "book_id", "split", "family", "kind")},
            "section_id": row["section_id"],
            "section_title": " › ".join(home["title_path"]) or home["title"],
            "page": page,
            "href": href,
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


def _places(
    evidence: pl.DataFrame, spans: pl.DataFrame
) -> dict[str, tuple[int, int | None, str | None]]:
    """Pair id to (place in its section, page, part) of its first answer quote."""
    pieces: dict[str, list[Row]] = defaultdict(list)
    for row in spans.sort("block_id", "part").iter_rows(named=True):
        pieces[row["block_id"]].append(row)
    found: dict[str, tuple[int, int | None, str | None]] = {}
    answers = evidence.filter(pl.col("role") == "answer").sort("pair_id", "ordinal")
    for row in answers.iter_rows(named=True):
        if row["pair_id"] in found:
            continue
        spread = pieces.get(row["block_id"], [])
        here = [one for one in spread if one["char_start"] <= row["char_start"] < one["char_end"]]
        piece = (here or spread or [{}])[0]
        found[row["pair_id"]] = (row["char_start"], piece.get("page"), piece.get("href"))
    return found
