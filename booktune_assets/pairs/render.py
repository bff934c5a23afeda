"""Pairs as training examples: ShareGPT and Alpaca rows in the order of the books.

Belongs here: the forms, the ids of examples and data sets, the place of an example in its book and
in the order of learning. Does not: files (``export.py``), which pairs are kept (``extract.py``) or
chosen (``mix.py``). Rendering copies pages, so it depends on positions; nothing before it does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from booktune_assets.contracts import Table
from booktune_assets.ids import digest, make_id
from booktune_assets.pairs.copied import copied_runs
from booktune_assets.pairs.curriculum import Learned, places
from booktune_assets.pairs.instruction import instruction_of
from booktune_assets.schemas_pairs import PAIR_FAMILIES, SPLITS
from booktune_assets.schemas_review import ACCEPTED, EDITED
from booktune_assets.schemas_sets import ALPACA_SET, SHAREGPT_SET

__all__ = [
    "VERSION", "Book", "Course", "book_rows", "dataset_id", "into_alpaca", "into_sharegpt",
    "learned",
]  # fmt: skip

VERSION = "render.8"

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
class Book:
    """What the rows of one book are made of; ``sections`` need no texts where those are given."""

    pairs: pl.DataFrame
    evidence: pl.DataFrame
    sections: pl.DataFrame
    spans: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of rows: its table, and the messages as its columns."""

    table: Table
    shape: Callable[[pl.DataFrame], list[pl.Series]]


def into_sharegpt(
    pairs: pl.DataFrame, evidence: pl.DataFrame, sections: pl.DataFrame, spans: pl.DataFrame,
    also: Also | None = None, course: Course | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Rows of ``sharegpt_set``, in book order; ``also`` are other origins by pair."""
    return _set("sharegpt", Book(pairs, evidence, sections, spans), also or {}, course or Course())


def into_alpaca(
    pairs: pl.DataFrame, evidence: pl.DataFrame, sections: pl.DataFrame, spans: pl.DataFrame,
    also: Also | None = None, course: Course | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Rows of ``alpaca_set``, in book order; single exchanges only, as the form has no turns."""
    single = pairs.filter(pl.col("turns").list.len() == 2)
    return _set("alpaca", Book(single, evidence, sections, spans), also or {}, course or Course())


def book_rows(
    fmt: str, book: Book, also: Also, course: Course, texts: Mapping[str, str]
) -> pl.DataFrame:
    """The rows of one book in its order, ``texts`` being those of its sections.

    Their place in learning is 0: it is counted over all books, by :func:`learned`.
    """
    form = _FORMS[fmt]
    quoted = _placed(book.evidence.join(book.pairs.select("pair_id"), on="pair_id"), book.spans)
    runs = copied_runs(book.pairs, quoted, texts)
    rows = _ordered(book.pairs, quoted, book.sections)
    licences = pl.col("book_id").replace_strict(
        dict(course.licences), default="", return_dtype=pl.String
    )
    pairs = rows["pair_id"].to_list()
    heads = pl.col("title_path").list.join(" › ")
    edited = pl.col("gates").list.contains(EDITED)
    accepted = pl.when(pl.col("gates").list.contains(ACCEPTED)).then(pl.lit("accepted"))
    made = rows.select(
        pl.Series("example_id", _example_ids(fmt, rows), dtype=pl.String),
        *form.shape(rows),
        *_CARRIED,
        section_title=pl.when(heads != "").then(heads).otherwise("title"),
        page="page", href="href", licence=licences,
        copied_chars=pl.Series([runs[pair] for pair in pairs], dtype=pl.Int32),
        curriculum=pl.lit(0),
        evidence=pl.col("quotes").fill_null([]),
        also_in=pl.Series([[dict(one) for one in also.get(pair, ())] for pair in pairs],
                          dtype=form.table.schema["also_in"]),
        review=pl.when(edited).then(pl.lit("edited")).otherwise(accepted.otherwise(pl.lit(""))),
    )  # fmt: skip
    return made.select(
        pl.col(name).cast(dtype, strict=True) for name, dtype in form.table.schema.items()
    )


def learned(rows: pl.DataFrame, sections: pl.DataFrame, course: Course) -> pl.Series:
    """The place of rows in the order of learning, counted for each split by itself.

    ``rows`` has ``pair_id section_id level split concept_ids``, in the order of the books.
    """
    if course.order == "book":  # the order in which they come
        count = pl.int_range(pl.len(), dtype=pl.Int32).over("split")
        return rows.select(curriculum=count)["curriculum"]
    titles = sections.select("section_id", top=pl.col("title_path").list.first())
    subject = pl.coalesce(pl.col("concept_ids").list.first(), "top", "section_id")
    told = rows.join(titles, on="section_id", how="left", maintain_order="left").select(
        "pair_id", "level", "split", subject=subject
    )
    made = np.zeros(rows.height, dtype=np.int32)
    for split in SPLITS:
        at = (told["split"] == split).arg_true()
        some = told.select("pair_id", "level", "subject")[at]
        one_by_one = [Learned(*row) for row in some.iter_rows()]
        made[at.to_numpy()] = places(one_by_one, course.order, course.salt, course.concepts)
    return pl.Series("curriculum", made)


def dataset_id(frame: pl.DataFrame, mix: Mapping[str, Any] | None = None) -> str:
    """Id of a set: its example ids, whatever their order, which are held out, and the mix."""
    held = sorted(frame.filter(pl.col("split") == "heldout")["example_id"].to_list())
    how = digest([held, dict(mix or {})])
    return make_id("data", *sorted(frame["example_id"].to_list()), how)


def _set(fmt: str, whole: Book, also: Also, course: Course) -> pl.DataFrame:
    """All rows, the books one after the other."""
    texts = dict(whole.sections.select("section_id", "text").iter_rows())
    own = whole.pairs.partition_by("book_id", as_dict=True)
    rank = {book: number for number, book in enumerate(course.books)}
    made = [
        book_rows(fmt, replace(whole, pairs=own[book,]), also, course, texts)
        for book in sorted(
            whole.pairs["book_id"].unique(), key=lambda book: (rank.get(book, len(rank)), book)
        )
    ]
    frame = pl.concat([_FORMS[fmt].table.frame([]), *made])
    return frame.with_columns(learned(frame, whole.sections, course))


def _ordered(pairs: pl.DataFrame, quoted: pl.DataFrame, sections: pl.DataFrame) -> pl.DataFrame:
    """Pairs with their quotes, their place and their section, as they follow in the book.

    The quote that says where an example stands is the first one of its answer, else the first.
    """
    quotes = quoted.group_by("pair_id", maintain_order=True).agg(quotes=pl.struct(_QUOTED))
    first = (
        quoted.sort("pair_id", pl.col("role") != "answer", "ordinal")
        .unique("pair_id", keep="first", maintain_order=True)
        .select("pair_id", "page", "href", begins="char_start")
    )
    families = {name: number for number, name in enumerate(PAIR_FAMILIES)}
    known = sections.select("section_id", "ordinal", "title_path", "title")
    return (
        pairs.join(quotes, on="pair_id", how="left")
        .join(first, on="pair_id", how="left")
        .join(known, on="section_id", how="left")
        .sort(
            "ordinal", pl.col("begins").fill_null(0),
            pl.col("family").replace_strict(families, return_dtype=pl.Int32), "pair_id",
        )
    )  # fmt: skip


def _example_ids(form: str, rows: pl.DataFrame) -> list[str]:
    """Of pair and form; a pair keeps its id when a person edits it, so the words count then."""
    found: list[str] = []
    edited = rows["gates"].list.contains(EDITED).to_list()
    for place, (pair, by_hand) in enumerate(zip(rows["pair_id"], edited, strict=True)):
        edit = [digest(rows["turns"][place].to_list())] if by_hand else []
        found.append(make_id("ex", form, pair, VERSION, *edit))
    return found


def _conversations(rows: pl.DataFrame) -> list[pl.Series]:
    said = pl.struct(
        pl.element().struct.field("role").replace_strict(_SPEAKERS, return_dtype=pl.String)
        .alias("from"),
        value=pl.element().struct.field("content"),
    )  # fmt: skip
    return [rows.select(conversations=pl.col("turns").list.eval(said)).to_series()]


def _instructions(rows: pl.DataFrame) -> list[pl.Series]:
    made = [instruction_of(*row) for row in rows.select("family", "turns").iter_rows()]
    return [
        pl.Series(name, [row[name] for row in made], dtype=pl.String)
        for name in ("instruction", "input", "output")
    ]


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


_FORMS = {
    "sharegpt": _Form(SHAREGPT_SET, _conversations),
    "alpaca": _Form(ALPACA_SET, _instructions),
}
