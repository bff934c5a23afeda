"""Vectors of questions, and groups of them: the same for the same texts, on every machine.

Belongs here: embedding, k-means. Does not: what is taken of a group (``select.py``).

SSR embeds with SimCSE; ours are weighted means of a packaged table of words (extra ``vectors``), or
without it hashed words with TF-IDF. K-means starts from the question nearest to the mean and then
always takes the one farthest from all that were taken, so no random number is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from booktune_assets.concepts.embeddings import Embedder, packaged
from booktune_assets.ids import stable_int

__all__ = ["Matrix", "embedded", "embedder_name", "grouped", "hashed"]

Matrix = npt.NDArray[np.float64]
DIM, ROUNDS = 512, 50
_WORD = re.compile(r"\w+")


def embedder_name() -> str:
    """What vectors depend on beside the texts."""
    return packaged() or f"hashed-{DIM}"


def embedded(texts: Sequence[str]) -> Matrix:
    """(texts, dim), rows of length 1; zeros for a text without words."""
    if packaged():
        return Embedder().fit(texts).astype(np.float64)
    return hashed(texts)


def hashed(texts: Sequence[str]) -> Matrix:
    """Words and pairs of words, hashed, by TF-IDF over these texts."""
    made = np.zeros((len(texts), DIM))
    for row, text in enumerate(texts):
        words = _WORD.findall(text.lower())
        for word in [*words, *(" ".join(two) for two in pairwise(words))]:
            code = stable_int(word)
            made[row, code % DIM] += 1.0 if code // DIM % 2 else -1.0
    seen = np.count_nonzero(made, axis=0)
    made = np.sign(made) * np.log1p(np.abs(made)) * np.log((1 + len(texts)) / (1 + seen))
    length = np.linalg.norm(made, axis=1, keepdims=True)
    return made / np.where(length == 0, 1, length)


def grouped(vectors: Matrix, groups: int) -> tuple[npt.NDArray[np.int64], Matrix]:
    """(group of each row from 0, distance of each row to its group's mean): Lloyd's k-means.

    Fewer groups come out where there are fewer different rows. Ties go to the earlier one.
    """
    if not len(vectors):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    centres = _start(vectors, groups)
    labels = np.full(len(vectors), -1, dtype=np.int64)
    for _ in range(ROUNDS):
        new = _distances(vectors, centres).argmin(axis=1)
        if (new == labels).all():
            break
        labels = new
        taken = np.unique(labels)  # a group that lost all its rows is gone
        labels = np.searchsorted(taken, labels)
        centres = np.stack([vectors[labels == one].mean(axis=0) for one in range(len(taken))])
    return labels, _distances(vectors, centres)[np.arange(len(vectors)), labels]


def _start(vectors: Matrix, groups: int) -> Matrix:
    first = int(_distances(vectors, vectors.mean(axis=0, keepdims=True))[:, 0].argmin())
    chosen = [first]
    near = _distances(vectors, vectors[[first]])[:, 0]
    while len(chosen) < groups and near.max() > 1e-12:
        chosen.append(int(near.argmax()))
        near = np.minimum(near, _distances(vectors, vectors[[chosen[-1]]])[:, 0])
    return vectors[chosen]


def _distances(vectors: Matrix, centres: Matrix) -> Matrix:
    """Rounded, so that the last bit of a sum decides nothing."""
    gaps = [np.linalg.norm(vectors - centre, axis=1) for centre in centres]
    return np.round(np.stack(gaps, axis=1).astype(np.float64), 9)
