"""What it would take to have 50,000 or 100,000 examples with this shelf.

Belongs here: the arithmetic, and its sentences. Does not: making any of it happen. Nothing is
padded: the figures say how far the shelf's own text goes, and what has to come from elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from booktune_assets.settings_sets import Mix

__all__ = ["GOALS", "Shelf", "ways", "words"]

GOALS = (50_000, 100_000)
TEACHER_YIELD = 0.5  # share of a teacher's answers that pass the gates, where none was measured
CALLS = 2  # of a teacher for each example: the question, the answer


@dataclass(frozen=True, slots=True)
class Shelf:
    """What counts of a set and its books."""

    examples: int
    spans: int  # different answers, by what they quote
    books: int
    chars: int  # of the books
    tokens: int  # of all answers
    code_tokens: int
    multi: int
    negatives: int
    median_book: float  # examples of the book in the middle
    teacher_kept: int = 0
    teacher_refused: int = 0

    @classmethod
    def of(cls, rows: pl.DataFrame, chars: Mapping[str, int], refused: int = 0) -> Shelf:
        """From :func:`mix.mix_rows` and the characters of each book; ``refused`` by the gates."""
        per_book = rows.group_by("book_id").len()["len"]
        middle = per_book.median()
        return cls(
            examples=rows.height,
            spans=rows["span"].explode().n_unique() if rows.height else 0,
            books=per_book.len(),
            chars=sum(chars.get(book, 0) for book in rows["book_id"].unique().to_list()),
            tokens=int(rows["tokens"].sum()),
            code_tokens=int(rows["code"].sum()),
            multi=int(rows["multi"].sum()),
            negatives=round(float(rows["negative"].sum())),
            median_book=float(middle) if isinstance(middle, int | float) else 0.0,
            teacher_kept=rows.filter(pl.col("generator") == "teacher").height,
            teacher_refused=refused,
        )


def ways(shelf: Shelf, goal: int, mix: Mix) -> dict[str, float]:
    """Figures for one goal. Empty for a shelf without examples.

    ``missing``; ``books``: more of the median book; ``characters``: more text at this shelf's
    yield; ``questions``: wordings per answer span that the shelf's own spans would need;
    ``reach``: rows that the cap per span allows at most; ``calls``: of a teacher for the rest;
    ``code``, ``multi``, ``negatives``: what the least of each band is short of at the goal.
    """
    if not shelf.examples or not shelf.chars:
        return {}
    missing = max(0, goal - shelf.examples)
    made = shelf.teacher_kept + shelf.teacher_refused
    passing = shelf.teacher_kept / made if shelf.teacher_kept else TEACHER_YIELD
    per_row = shelf.tokens / shelf.examples
    return {
        "missing": missing,
        "books": math.ceil(missing / max(shelf.median_book, 1e-9)),
        "characters": math.ceil(missing * shelf.chars / shelf.examples),
        "questions": round(goal / shelf.spans, 1),
        "reach": shelf.spans * mix.per_span,
        "calls": math.ceil(missing * CALLS / passing),
        "code": max(0, math.ceil(mix.code_low * per_row * goal) - shelf.code_tokens),
        "multi": max(0, math.ceil(mix.turns_low * goal) - shelf.multi),
        "negatives": max(0, math.ceil(mix.negatives_low * goal) - shelf.negatives),
    }


def words(shelf: Shelf, mix: Mix) -> list[str]:
    """The same in sentences, for a terminal and for the data card."""
    if not shelf.examples or not shelf.chars:
        return ["There are no examples to project from."]
    rate = 1e5 * shelf.examples / shelf.chars
    said = [
        f"{shelf.examples:,} training examples from {shelf.books} "
        f"book{'s' * (shelf.books != 1)} and {shelf.chars:,} characters: {rate:.0f} "
        f"per 100,000 characters, {shelf.spans:,} different answer spans."
    ]
    for goal in GOALS:
        found = ways(shelf, goal, mix)
        if not found["missing"]:
            said.append(f"{goal:,}: there.")
            continue
        within = "within" if goal <= found["reach"] else "beyond"
        said.append(
            f"{goal:,}: {found['missing']:,} are missing. By books alone: {found['books']:,} more "
            f"like the middle one of this shelf ({found['characters']:,} characters). By this "
            f"shelf alone: {found['questions']:g} examples on each answer span, {within} the cap "
            f"of {mix.per_span} ({found['reach']:,} at most). By a teacher: about "
            f"{found['calls']:,} calls."
        )
        said.append(
            f"  To keep the bands at {goal:,}: {found['code']:,} more answer tokens in code, "
            f"{found['multi']:,} more rows of several turns, {found['negatives']:,} more negatives."
        )
    return said
