"""Does the shelf have what a question asks for? A score, and the mark from which it does.

    score(q) = coverage(q), or the mean of coverage(q) and cosine(q) when passages have vectors
    coverage(q) = max over the best hits p of Σ_{t ∈ q ∩ p} w(t) / Σ_{t ∈ q} w(t)

w(t) is idf(t) = log((N + 1) / (n_t + 1)) over the N passages, so words that stand in none of them
count most: a question with a foreign name in it is not the book's. What stands in nearly all of
them, as the subject of a small book does, still counts half of that; words of any sentence
("between", "two", "start") count little beside others; words that only ask ("explain", "the
difference") count where a question has no others. A name ("in Rust") that a passage does not have
takes from what it covers. The more passages there are, the more a question finds by chance: the
mark grows with the logarithm of their number. Scores of a search say nothing of this: the best
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

__all__ = ["Fit", "asks_for", "fit_of", "mark_of", "score_of"]

HITS = 5
COMMON = 0.5  # of what an unknown word weighs
LITTLE = 0.3  # of what an unknown word weighs: words of any sentence beside others
MISSED = 0.6  # of what is covered, where a name is not
# Measured on shelves of one, three and six books (`benchmarks/retrieval.py`); at MANY passages.
WORDS, VECTORS = 0.55, 0.48
MANY, PER_FOLD, LEAST = 4_500, 0.025, 0.40
_ENDS = re.compile(r"[?!.]+(?=\s*$|\s+[A-Z])")  # `empty?` is a name, the end of a question is not
_NAME = re.compile(
    r"(?<=[a-z,'’`)] )[A-Z][\w+#]*(?:[.-]?[A-Z]\w*)*"
)  # not what a sentence begins with
# what asks in any question, and the languages that all our books are about
_ASKING = """
about brief briefly code describe different differ difference elixir erlang example explain give
good help know language learn make matter mean meaning need one piece please say said sentence short
show someone summarise task tell text topic use used using want word work write
"""
# what questions are wrapped in ("I am learning …, what is good practice with regard to …?")
_WRAPPING = """
am answer ask belong bit claim clear come concept contrast course cover detail exactly idea
introduce introduction learning like made mind practice question regard right something
statement sum sure think understand understood way
"""
_ANYWHERE = """
actually all also always any anything back best better between both bring change correct correctly
each either else every everything exactly find get go got happen instead just keep kind let like
long look lot many more most much must never new nothing now off often once only other others out
own possible possibly properly put quickly really same see several simple simply single some
something still sort start take there thing things time together too two under until up via ways
while without yet point purpose
"""


def _all_terms(words: str) -> frozenset[str]:
    return frozenset(term for word in words.split() for term in terms(word))


_WORDING, _WRAPPED, _LITTLE = _all_terms(_ASKING), _all_terms(_WRAPPING), _all_terms(_ANYWHERE)


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
    return Fit(score_of(index, question, hits), mark_of(len(index.passages), near=near))


def mark_of(passages: int, *, near: bool) -> float:
    """From which score something fits on a shelf of so many passages, with vectors or without."""
    folds = math.log(MANY / max(1, passages))
    whole = VECTORS if near else WORDS
    return min(whole, max(LEAST, whole - PER_FOLD * folds))


def score_of(index: Index, question: str, hits: Sequence[Hit]) -> float:
    """The score of these hits for a question."""
    weights = _weights(index, question)
    whole = sum(weights.values())
    if not hits or not whole:
        return 0.0
    names = {term for name in _NAME.findall(question) for term in terms(name)} & set(weights)
    covered = max(_covered(weights, names, hit) for hit in hits) / whole
    near = [hit.dense for hit in hits if hit.dense is not None]
    return (covered + max(0.0, *near)) / 2 if near else covered


def _covered(weights: dict[str, float], names: set[str], hit: Hit) -> float:
    said = set(terms(f"{hit.passage.title}\n{hit.passage.text}"))
    found = sum(weight for term, weight in weights.items() if term in said)
    return found if names <= said else MISSED * found


def _weights(index: Index, question: str) -> dict[str, float]:
    """What each term of a question counts."""
    asked = asks_for(question)
    asked = asked - _WRAPPED or asked
    most = math.log(len(index.passages) + 1)
    beside = bool(asked - _LITTLE)
    return {
        term: LITTLE * most
        if beside and term in _LITTLE
        else max(COMMON * most, most - math.log(index.holding(term) + 1))
        for term in asked
    }
