"""Finding passages of the shelf: BM25 over terms, vectors, and both fused.

Belongs here: the index over sections and listings, searching it, keeping it. Does not: where
passages come from (``chain/retrieval.py``), rows for training (``pairs/retrieved.py``), answering.

DocPrompting (Zhou et al. 2023) retrieves documentation for an intent and puts it before the
question. Scores are fused, not ranks: a convex combination keeps how far apart passages are (Bruch
et al. 2023, "An analysis of fusion functions for hybrid retrieval"), and ranks lost to BM25 alone
here (``docs/why/encoder.md``).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from booktune_assets.concepts.terms import terms

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Matrix = npt.NDArray[np.float32]

__all__ = ["CONTEXT", "Hit", "Index", "Passage", "Vectors", "context", "first", "fitting"]

DENSE = 0.6  # what a cosine of 1 is worth beside the best BM25 score; flat from 0.3 to 1
CONTEXT = 6_000  # characters of passages before a question
DEEP = 50  # places of each list that are fused
WORDS, MATRIX = "words", "vectors.npy"


@dataclass(frozen=True, slots=True)
class Passage:
    """What is found: a section or a listing of it, and where it stands."""

    passage_id: str  # section or block id
    book_id: str
    section_id: str
    title: str  # the titles down to it, joined by " › "
    text: str
    kind: str  # section or code
    page: int | None = None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its fused score, its BM25 score and its cosine (None: not compared)."""

    passage: Passage
    score: float
    lexical: float
    dense: float | None


class Vectors(Protocol):
    """What gives texts vectors of length 1: ``Embedder``, or an encoder trained on top."""

    def fit(self, texts: Sequence[str]) -> Matrix: ...

    def vectors(self, texts: Sequence[str]) -> Matrix: ...


class Index:
    """Passages of a shelf, ready to be searched. Without ``vectors``: by terms alone.

    ``dense`` is the weight of a cosine; ``lexical=False`` leaves BM25 out (for comparison).
    ``known`` are the terms of ``title`` and ``text`` of each, where somebody has them already.
    """

    def __init__(
        self, passages: Sequence[Passage], vectors: Vectors | None = None, *,
        dense: float = DENSE, lexical: bool = True, kept: Path | None = None,
        known: Sequence[Sequence[str]] | None = None,
    ) -> None:  # fmt: skip
        self.passages = list(passages)
        self._dense, self._lexical = dense, lexical
        self._kept: dict[tuple[str | None, str | None], npt.NDArray[np.bool_]] = {}
        self._places: dict[str, list[int]] = {}  # of each section
        for number, one in enumerate(self.passages):
            self._places.setdefault(one.section_id, []).append(number)
        self._vectors = vectors
        self._matrix: Matrix | None = None
        if kept is not None:
            self._open(kept)
            return
        texts = [f"{one.title}\n{one.text}" for one in self.passages]
        self._words = _bm25([terms(text) for text in texts] if known is None else known)
        if vectors is not None and texts:
            self._matrix = vectors.fit(texts)

    def save(self, folder: Path) -> None:
        """Write what ``Index(passages, vectors, kept=folder)`` opens; not the passages."""
        import numpy as np

        folder.mkdir(parents=True, exist_ok=True)
        self._words.save(str(folder / WORDS), show_progress=False)
        if self._matrix is not None:
            np.save(folder / MATRIX, self._matrix)

    def _open(self, folder: Path) -> None:
        import numpy as np
        from bm25s import BM25

        logging.getLogger("bm25s").setLevel(logging.WARNING)
        self._words = BM25.load(str(folder / WORDS), show_progress=False)
        if self._vectors is not None and (folder / MATRIX).is_file():
            self._matrix = np.load(folder / MATRIX)

    def search(
        self, question: str, k: int = 5, *, book: str | None = None, kind: str | None = None,
        without: Iterable[str] = (), once: bool = False,
    ) -> list[Hit]:  # fmt: skip
        """The best ``k`` passages for a question, best first; equal ones by their id.

        ``without`` are sections that do not count; ``once`` gives one passage of each section.
        """
        return first(self._ranked(question, self._allowed(book, kind, without)), k, once=once)

    def ranked(self, question: str, *, book: str | None = None) -> list[Hit]:
        """All passages that come into question, best first: for who looks at them twice."""
        return list(self._ranked(question, self._allowed(book, None, ())))

    def _allowed(
        self, book: str | None, kind: str | None, without: Iterable[str]
    ) -> npt.NDArray[np.bool_]:
        import numpy as np

        asked = (book, kind)
        if asked not in self._kept:
            self._kept[asked] = np.array(
                [book in (None, one.book_id) and kind in (None, one.kind) for one in self.passages],
                dtype=bool,
            )
        allowed = self._kept[asked].copy()
        for section in without:
            allowed[self._places.get(section, [])] = False
        return allowed

    def _ranked(self, question: str, allowed: npt.NDArray[np.bool_]) -> Iterator[Hit]:
        import numpy as np

        words = self._word_scores(question)
        near = None
        if self._vectors is not None and self._matrix is not None:
            near = self._matrix @ self._vectors.vectors([question])[0]
        best = float(words[allowed].max()) if allowed.any() else 0.0
        fused = words / best if best > 0 else words
        fused = fused if near is None else fused + self._dense * np.maximum(near, 0)
        candidates = _top(words, allowed) | (set() if near is None else _top(near, allowed))
        ranked = sorted(candidates, key=lambda n: (-fused[n], self.passages[n].passage_id))
        return (
            Hit(self.passages[n], float(fused[n]), float(words[n]),
                None if near is None else float(near[n]))
            for n in ranked
        )  # fmt: skip

    def holding(self, term: str) -> int:
        """How many passages have a term."""
        starts: Any = self._words.scores["indptr"]  # of its matrix of terms and passages
        place = self._words.vocab_dict.get(term)
        return int(starts[place + 1] - starts[place]) if place is not None else 0

    def _word_scores(self, question: str) -> npt.NDArray[np.float64]:
        import numpy as np

        asked = terms(question)
        if not asked or not self.passages or not self._lexical:
            return np.zeros(len(self.passages))
        return np.asarray(self._words.get_scores(asked), dtype=np.float64)


def first(hits: Iterable[Hit], k: int, *, once: bool = False) -> list[Hit]:
    """The first ``k`` of ranked hits; ``once``: of each section its best one alone."""
    found: list[Hit] = []
    seen: set[str] = set()
    for hit in hits:
        if len(found) >= k:
            break
        if once and hit.passage.section_id in seen:
            continue
        seen.add(hit.passage.section_id)
        found.append(hit)
    return found


def fitting(hits: Sequence[Hit], chars: int = CONTEXT) -> list[Hit]:
    """The first hits that fit into so many characters; the first one always."""
    left = chars
    for number, hit in enumerate(hits):
        left -= len(_numbered(number, hit))
        if left < 0 and number:
            return list(hits[:number])
    return list(hits)


def context(hits: Sequence[Hit], chars: int = CONTEXT) -> str:
    """The passages that fit, numbered from 1, as text to put before a question.

    Of a first passage that is longer than ``chars`` the beginning is given.
    """
    parts = [_numbered(number, hit) for number, hit in enumerate(fitting(hits, chars))]
    return "\n\n".join([part[:chars] for part in parts[:1]] + parts[1:])


def _numbered(number: int, hit: Hit) -> str:
    return f"[{number + 1}] {hit.passage.title}\n{hit.passage.text.strip()}"


def _top(scores: npt.NDArray[Any], allowed: npt.NDArray[np.bool_]) -> set[int]:
    import numpy as np

    numbers = np.flatnonzero(allowed & (scores > 0))
    order = np.argsort(-scores[numbers], kind="stable")[:DEEP]
    return {int(n) for n in numbers[order]}


def _bm25(documents: Sequence[Sequence[str]]) -> Any:
    """Lucene's BM25; k1 1.5 and b .75 are those of most papers."""
    from bm25s import BM25

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it says DEBUG itself
    made = BM25(method="lucene", k1=1.5, b=0.75)
    made.index([list(one) or ["\x00"] for one in documents] or [["\x00"]], show_progress=False)
    return made
