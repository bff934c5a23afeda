"""Does the shelf have what a question asks for? A score, and the mark from which it does.

    score(q) = coverage(q), or the mean of coverage(q) and cosine(q) when passages have vectors
    coverage(q) = max over the best hits p of Σ_{t ∈ q ∩ p} idf(t) / Σ_{t ∈ q} idf(t)

idf(t) = log((N + 1) / (n_t + 1)) over the N passages, so words that stand in none of them count
most: a question with a foreign name in it is not the book's. What stands in nearly all of them, as
the subject of a small book does, still counts a third of that. Words that only ask ("explain", "the
difference") count where a question has no others. Scores of a search say nothing of this: the best
passage has the same one whatever was asked. Ours; no paper is followed.

Belongs here: the score and its mark. Does not: searching (``retrieval.py``), what follows
(``cli/ask.py``, ``training/post/routing.py``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from booktune_assets.concepts.terms import terms

if TYPE_CHECKING:
    from booktune_assets.concepts.retrieval import Hit, Index

__all__ = ["Fit", "asks_for", "fit_of", "score_of"]

HITS = 5
COMMON = 0.35  # of what an unknown word weighs
# Measured on five books (`benchmarks/retrieval.py`): of questions that people may have 96 to 98 %
# reach them, of held-out ones 95 %, of those on other matters one in ten; of such as were written
# when the marks stood one in five, by words alone one in three.
WORDS, VECTORS = 0.50, 0.45
_ENDS = re.compile(r"[?!.]+(?=\s*$|\s+[A-Z])")  # `empty?` is a name, the end of a question is not
# what asks in any question, and the languages that all our books are about
_ASKING = """
about brief briefly code describe different differ difference elixir erlang example explain give
good help know language learn make matter mean meaning need one piece please say said sentence short
show someone summarise task tell text topic use used using want word work write
"""
_WORDING = frozenset(term for word in _ASKING.split() for term in terms(word))


@dataclass(frozen=True, slots=True)
class Fit:
    """How well the best passages fit a question: 0 (in nothing) to 1; from ``mark`` they do."""

    score: float
    mark: float

    @property
    def fits(self) -> bool:
        """Are these passages an answer, as far as anybody measured?"""
        return self.score >= self.mark


def asks_for(question: str) -> set[str]:
    """The terms of a question that say what it is about."""
    found = set(terms(_ENDS.sub(" ", question)))
    return found - _WORDING or found


def fit_of(
    index: Index, question: str, *, book: str | None = None, ranked: Sequence[Hit] | None = None
) -> Fit:
    """Score of the shelf, or of one book of it, and the mark that was measured for its ways.

    ``ranked`` is what ``Index.ranked`` found for this question, where somebody has asked already.
    """
    hits = (index.ranked(question, book=book) if ranked is None else ranked)[:HITS]
    near = any(hit.dense is not None for hit in hits)
    return Fit(score_of(index, question, hits), VECTORS if near else WORDS)


def score_of(index: Index, question: str, hits: Sequence[Hit]) -> float:
    """The score of these hits for a question."""
    weights = {term: _idf(index, term) for term in asks_for(question)}
    whole = sum(weights.values())
    if not hits or not whole:
        return 0.0
    covered = max(_covered(weights, hit) for hit in hits) / whole
    near = [hit.dense for hit in hits if hit.dense is not None]
    return (covered + max(0.0, *near)) / 2 if near else covered


def _covered(weights: dict[str, float], hit: Hit) -> float:
    said = set(terms(f"{hit.passage.title}\n{hit.passage.text}"))
    return sum(weight for term, weight in weights.items() if term in said)


def _idf(index: Index, term: str) -> float:
    most = math.log(len(index.passages) + 1)
    return max(COMMON * most, most - math.log(index.holding(term) + 1))
