"""Which books of a shelf are one text: copies, formats, editions, excerpts.

Belongs here: how much of one book stands in another, what title, ISBN and imprint say about it.
Does not: reading the lake (``chain/editions.py``), what a set does about it (``pairs/once.py``).

Every sentence and listing has one name in all books (``sections__prints``), so the common part of
two books is a join on names: no sampling, no sketch, and a shelf of thousands is one hash join.
What stands in many books at once (licence texts, set phrases) says nothing and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from booktune_assets.ids import fold_prose
from booktune_assets.schemas import EDITIONS

__all__ = ["Imprint", "find_editions", "imprint"]

SAME = 0.8  # share both ways: one text in two formats or layouts
ALIKE = 0.3  # share both ways: two editions
KNOWN = 0.1  # share both ways that is enough when title or ISBN say so too
PART = 0.6  # share one way only: an excerpt, or one lesson of a course
BOOKS_MAX = 20  # a sentence in more books than this is nobody's own
CHARS_MIN = 400  # common characters below which nothing is said

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_EDITION = re.compile(
    r"\b(?:(" + "|".join(_ORDINALS) + r")|(\d{1,2})(?:st|nd|rd|th))[ \u00a0-]+ed(?:ition|\.|n\b|\b)"
    r"|\bedition[ \u00a0](\d{1,2})\b", re.I,
)  # fmt: skip
_SHORT_EDITION = re.compile(r"\b(\d{1,2})e$", re.I)  # in titles only: "Programming Erlang 2e"
_YEAR = re.compile(
    r"(?:copyright|\u00a9|\(c\)|published|first printing|edition)\D{0,40}?"
    r"((?:\b(?:19|20)\d\d\b[\s,;\u2013-]*)+)", re.I,
)  # fmt: skip
_ISBN = re.compile(r"\bISBN(?:-1[03])?:?[\s\u00a0]*([\dXx][\dXx \u2010-\u2013-]{8,18})")


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a book says of itself. ``title`` is folded and without the words for the edition."""

    title: str
    edition: int | None
    year: int | None
    isbns: frozenset[str]


def imprint(title: str, front: str) -> Imprint:
    """The imprint from the title and the text before and at the book's beginning."""
    found = _EDITION.search(title) or _SHORT_EDITION.search(title) or _EDITION.search(front)
    years = [int(year) for run in _YEAR.findall(front) for year in re.findall(r"\d{4}", run)]
    bare = _SHORT_EDITION.sub("", _EDITION.sub("", title))
    folded = re.sub(r"[^\w]+", "", fold_prose(bare).casefold())
    isbns = frozenset(isbn for raw in _ISBN.findall(front) if (isbn := _isbn(raw)))
    return Imprint(folded, _number(found), max(years, default=None), isbns)


def find_editions(
    prints: pl.DataFrame, books: Sequence[Mapping[str, Any]], imprints: Mapping[str, Imprint]
) -> pl.DataFrame:
    """Rows of ``editions``: each book beside each earlier one of the shelf that it has text of.

    ``prints`` has ``book_id print_id chars``; ``books`` are rows of ``raw_books`` in the order in
    which they came to the shelf.
    """
    rank = {str(book["book_id"]): place for place, book in enumerate(books)}
    known = {str(book["book_id"]): book for book in books}
    whole, common = _common(prints.filter(pl.col("book_id").is_in(list(rank))))
    rows: list[dict[str, Any]] = []
    for one, two, chars in common:
        late, early = (one, two) if rank[one] > rank[two] else (two, one)
        share, back = chars / whole[late], chars / whole[early]
        same = known[late]["content_sha256"] == known[early]["content_sha256"]
        evidence = ["text", *_evidence(imprints[late], imprints[early])]
        kind = "copy" if same else _kind(share, back, known[late], known[early], evidence)
        if kind:
            rows.append({
                "book_id": late, "edition_of": early, "kind": kind, "evidence": evidence,
                "share": round(share, 4), "share_back": round(back, 4), "common_chars": chars,
                "newer": _newer(late, early, imprints),
            })  # fmt: skip
    return EDITIONS.frame(sorted(rows, key=lambda row: (row["book_id"], row["edition_of"])))


def _common(prints: pl.DataFrame) -> tuple[dict[str, int], Iterator[tuple[str, str, int]]]:
    """Characters of each book, and of what two books have in common."""
    own = prints.lazy().unique(["book_id", "print_id"])
    told = own.filter(pl.len().over("print_id") <= BOOKS_MAX)
    pairs = (
        told.join(told.select("print_id", other="book_id"), on="print_id")
        .filter(pl.col("book_id") < pl.col("other"))
        .group_by("book_id", "other")
        .agg(pl.col("chars").sum().cast(pl.Int64))
        .filter(pl.col("chars") >= CHARS_MIN)
        .sort("book_id", "other")
    )
    sums = own.group_by("book_id").agg(pl.col("chars").sum().cast(pl.Int64)).collect()
    return dict(sums.iter_rows()), pairs.collect().iter_rows()


def _kind(
    share: float, back: float, late: Mapping[str, Any], early: Mapping[str, Any],
    evidence: Sequence[str],
) -> str | None:  # fmt: skip
    """What the shares make of two books; None when they only have phrases in common."""
    low, high = sorted((share, back))
    if low >= SAME:
        return "format" if late["format"] != early["format"] else "layout"
    if low >= ALIKE or (low >= KNOWN and len(evidence) > 1):
        return "edition"
    return "part" if high >= PART else None


def _evidence(one: Imprint, two: Imprint) -> list[str]:
    found = ["title"] if one.title and one.title == two.title else []
    return [*found, "isbn"] if one.isbns & two.isbns else found


def _newer(late: str, early: str, imprints: Mapping[str, Imprint]) -> str | None:
    """The book with the higher number of edition, else the later year; None when none tells."""
    one, two = imprints[late], imprints[early]
    for left, right in ((one.edition, two.edition), (one.year, two.year)):
        if left is not None and right is not None and left != right:
            return late if left > right else early
    if (one.edition or 1) != (two.edition or 1):  # a first edition does not say that it is one
        return late if (one.edition or 1) > (two.edition or 1) else early
    return None


def _number(found: re.Match[str] | None) -> int | None:
    if found is None:
        return None
    word = next(group for group in found.groups() if group)
    return int(word) if word.isdigit() else _ORDINALS.index(word.lower()) + 1


def _isbn(raw: str) -> str | None:
    """The thirteen digits of an ISBN whose check digit holds."""
    plain = re.sub(r"[^\dX]", "", raw.upper())
    if re.fullmatch(r"\d{9}[\dX]", plain[:10]) and not plain.startswith(("978", "979")):
        digits = [10 if sign == "X" else int(sign) for sign in plain[:10]]
        if sum(weight * digit for weight, digit in zip(range(10, 0, -1), digits, strict=True)) % 11:
            return None
        plain = f"978{plain[:9]}"
        return plain + str(-_weighted(plain) % 10)
    if re.fullmatch(r"\d{13}", plain[:13]) and _weighted(plain[:13]) % 10 == 0:
        return plain[:13]
    return None


def _weighted(digits: str) -> int:
    return sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(digits))
