"""Pairs as training examples: ShareGPT and Alpaca rows in the order of the books.

Belongs here: the forms, the ids of examples and data sets, the place of an example in its book and
in the order of learning. Does not: files (``export.py``), which pairs are kept (``extract.py``) or
chosen (``mix.py``). Rendering copies pages, so it depends on positions; nothing before it does.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from booktune_assets.contracts import Table
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


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of rows: its name in ids, its table, and the messages as its columns."""

    name: str
    table: Table
    shape: Callable[[list[dict[str, str]]], Row]


def into_sharegpt(
    pairs: pl.DataFrame, evidence: pl.DataFrame, sections: pl.DataFrame, spans: pl.DataFrame,
    also: Also | None = None, course: Course | None = None,
    texts: Mapping[str, str] | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Rows of ``sharegpt_set``, in book order; ``also`` are other origins by pair.

    ``texts`` of the sections by id, where the caller has them; else ``sections`` has them.
    """
    form = _Form("sharegpt", SHAREGPT_SET, _conversations)
    said = texts or dict(sections.select("section_id", "text").iter_rows())
    return _set(form, pairs, evidence, sections, spans, also or {}, course or Course(), said)


def into_alpaca(
    pairs: pl.DataFrame, evidence: pl.DataFrame, sections: pl.DataFrame, spans: pl.DataFrame,
    also: Also | None = None, course: Course | None = None,
    texts: Mapping[str, str] | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Rows of ``alpaca_set``, in book order; single exchanges only, as the form has no turns."""
    single = pairs.filter(pl.col("turns").list.len() == 2)
    form = _Form("alpaca", ALPACA_SET, _instruction)
    said = texts or dict(sections.select("section_id", "text").iter_rows())
    return _set(form, single, evidence, sections, spans, also or {}, course or Course(), said)


def dataset_id(frame: pl.DataFrame, mix: Mapping[str, Any] | None = None) -> str:
    """Id of a set: its example ids, whatever their order, which are held out, and the mix."""
    held = sorted(frame.filter(pl.col("split") == "heldout")["example_id"].to_list())
    how = digest([held, dict(mix or {})])
    return make_id("data", *sorted(frame["example_id"].to_list()), how)


def _set(
    form: _Form, pairs: pl.DataFrame, evidence: pl.DataFrame, sections: pl.DataFrame,
    spans: pl.DataFrame, also: Also, course: Course, texts: Mapping[str, str],
) -> pl.DataFrame:  # fmt: skip
    """A book at a time, so that what is in memory as Python objects is that of one book."""
    homes = pairs.select("pair_id", home="book_id")
    placed = _placed(evidence.join(homes, on="pair_id"), spans)
    quotes = placed.partition_by("home", as_dict=True, include_key=False)
    rank = {book: number for number, book in enumerate(course.books)}
    books = sorted(pairs["book_id"].unique(), key=lambda book: (rank.get(book, len(rank)), book))
    own = pairs.partition_by("book_id", as_dict=True)
    known = sections.select("section_id", "ordinal", "title_path", "title")
    made: list[pl.DataFrame] = []
    for book in books:
        quoted = quotes.get((book,), placed.clear().drop("home"))
        used = pl.concat([own[book,].select("section_id"), quoted.select("section_id")]).unique()
        there = {row["section_id"]: row for row in
                 known.join(used, on="section_id", how="semi").iter_rows(named=True)}  # fmt: skip
        runs = copied_runs(own[book,], quoted, texts)
        rows = _rows(form, own[book,], quoted, there, runs, also, course)
        made.append(_compact(form.table.frame(list(rows))))
    frame = pl.concat(made) if made else form.table.frame([])
    return _learned(frame, known, course)


def _compact(frame: pl.DataFrame) -> pl.DataFrame:
    """The same frame in as much memory as it needs: one made from Python objects holds five times
    that."""
    held = io.BytesIO()
    frame.write_ipc(held)
    held.seek(0)
    return pl.read_ipc(held)


def _rows(
    form: _Form, pairs: pl.DataFrame, quoted: pl.DataFrame, homes: Mapping[str, Row],
    runs: Mapping[str, int], also: Also, course: Course,
) -> Iterator[Row]:  # fmt: skip
    """The rows of one book, in its order; their place in learning is filled in later."""
    quotes: dict[str, list[Row]] = defaultdict(list)
    for quote in quoted.sort("pair_id", "ordinal").iter_rows(named=True):
        quotes[quote["pair_id"]].append(quote)
    ordered = sorted(
        pairs.iter_rows(named=True),
        key=lambda row: (
            homes[row["section_id"]]["ordinal"],
            _first(quotes.get(row["pair_id"], []))["char_start"],
            PAIR_FAMILIES.index(row["family"]),
            row["pair_id"],
        ),
    )
    for row in ordered:
        home, own = homes[row["section_id"]], quotes.get(row["pair_id"], [])
        first = _first(own)
        yield {
            "example_id": _example_id(form.name, row),
            **form.shape(row["turns"]),
            **{name: row[name] for name in _CARRIED},
            "section_title": " › ".join(home["title_path"]) or home["title"],
            "page": first["page"],
            "href": first["href"],
            "licence": course.licences.get(row["book_id"], ""),
            "copied_chars": runs[row["pair_id"]],
            "curriculum": 0,
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


def _learned(frame: pl.DataFrame, sections: pl.DataFrame, course: Course) -> pl.DataFrame:
    """The rows with their place in the order of learning, counted for each split by itself."""
    titles = sections.select("section_id", top=pl.col("title_path").list.first())
    subject = pl.coalesce(pl.col("concept_ids").list.first(), "top", "section_id")
    rows = frame.join(titles, on="section_id", how="left", maintain_order="left").select(
        "pair_id", "level", "split", subject=subject
    )
    made = pl.Series("curriculum", [0] * frame.height, dtype=frame.schema["curriculum"])
    for split in SPLITS:
        at = (rows["split"] == split).arg_true()
        some = rows.select("pair_id", "level", "subject")[at]
        learned = [Learned(*row) for row in some.iter_rows()]
        made[at] = places(learned, course.order, course.salt, course.concepts)
    return frame.with_columns(made)


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


def _placed(evidence: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """The quotes with the page or part and the file that each begins in.

    Of the pieces of its block, that which holds its first character; else the block's first.
    """
    pieces = spans.select(
        "block_id", "part", "page", "href", "file_sha256", first="char_start", last="char_end"
    )
    here = pl.col("char_start").is_between("first", "last", closed="left").fill_null(value=False)
    return (
        evidence.join(pieces, on="block_id", how="left")
        .sort("pair_id", "ordinal", ~here, "part")
        .unique(["pair_id", "ordinal"], keep="first", maintain_order=True)
        .drop("first", "last", "part")
    )


def _first(quotes: list[Row]) -> Row:
    """The quote that says where an example stands: the first one of its answer."""
    nowhere: Row = {"char_start": 0, "page": None, "href": None}
    return next((one for one in quotes if one["role"] == "answer"), (quotes or [nowhere])[0])
