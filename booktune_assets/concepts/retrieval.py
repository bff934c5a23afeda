"""Finding passages of the shelf: BM25 over terms, vectors, and both fused by rank.

Belongs here: the index over sections and listings, and searching it. Does not: where passages come
from (``chain_retrieval.py``), rows for training (``pairs/retrieved.py``), answering.

DocPrompting (Zhou et al. 2023) retrieves documentation for an intent and puts it before the
question. Fusion is by reciprocal rank (Cormack et al. 2009): scores of different kinds need no scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from booktune_assets.concepts.terms import terms

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Hit", "Index", "Passage", "Vectors"]

RANK = 60  # of the paper: how much the first places count more
DEEP = 50  # places of each list that are fused


@dataclass(frozen=True, slots=True)
class Passage:
    """What is found: a section or a listing of it, and where it stands."""

    passage_id: str  # section or block id
    book_id: str
    section_id: str
    title: str
    text: str
    kind: str  # section or code
    page: int | None = None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its fused score and its place, from 1, in each list that has it."""

    passage: Passage
    score: float
    lexical: int | None
    dense: int | None


class Vectors(Protocol):
    """What gives texts vectors of length 1: ``Embedder``, or an encoder trained on top."""

    def fit(self, texts: Sequence[str]) -> npt.NDArray[np.float32]: ...

    def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]: ...


class Index:
    """Passages of a shelf, ready to be searched. Without ``vectors``: by terms alone."""

    def __init__(self, passages: Sequence[Passage], vectors: Vectors | None = None) -> None:
        self.passages = list(passages)
        texts = [f"{one.title}\n{one.text}" for one in self.passages]
        self._words = _bm25([terms(f"{one.title} {text}") for one, text in _with(passages, texts)])
        self._vectors = vectors
        self._matrix = vectors.fit(texts) if vectors is not None and texts else None

    def search(self, question: str, k: int = 5, *, book: str | None = None) -> list[Hit]:
        """The best ``k`` passages for a question, best first."""
        allowed = [n for n, one in enumerate(self.passages) if book in (None, one.book_id)]
        lexical = self._lexical(question, allowed)
        dense = self._dense(question, allowed)
        places = [{number: at for at, number in enumerate(way, 1)} for way in (lexical, dense)]
        scores: dict[int, float] = {}
        for way in places:
            for number, at in way.items():
                scores[number] = scores.get(number, 0.0) + 1 / (RANK + at)
        best = sorted(scores, key=lambda n: (-scores[n], self.passages[n].passage_id))[:k]
        return [
            Hit(self.passages[n], scores[n], places[0].get(n), places[1].get(n)) for n in best
        ]

    def _lexical(self, question: str, allowed: Sequence[int]) -> list[int]:
        asked = terms(question)
        if not asked or not allowed:
            return []
        scores = self._words.get_scores(asked)
        return _best([(float(scores[n]), n) for n in allowed if scores[n] > 0])

    def _dense(self, question: str, allowed: Sequence[int]) -> list[int]:
        if self._vectors is None or self._matrix is None:
            return []
        scores = self._matrix @ self._vectors.vectors([question])[0]
        return _best([(float(scores[n]), n) for n in allowed if scores[n] > 0])


def _with(passages: Sequence[Passage], texts: Sequence[str]) -> Sequence[tuple[Passage, str]]:
    return list(zip(passages, texts, strict=True))


def _best(scored: list[tuple[float, int]]) -> list[int]:
    return [number for _, number in sorted(scored, key=lambda one: (-one[0], one[1]))[:DEEP]]


def _bm25(documents: Sequence[list[str]]) -> Any:
    """Lucene's BM25 (k1 1.2, b .75 are its defaults; 1.5 and .75 those of most papers)."""
    from bm25s import BM25

    made = BM25(method="lucene", k1=1.5, b=0.75)
    made.index([one or ["\x00"] for one in documents] or [["\x00"]], show_progress=False)
    return made
