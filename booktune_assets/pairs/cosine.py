"""Rows of a group whose vectors are near, joined to clusters in bounded memory.

Belongs here: which rows of a group are compared, in blocks; clusters of what is near. Does not:
what else has to hold of two rows (``meaning.py``), vectors (``concepts/embeddings.py``).

A group of up to ``CROWD`` rows is compared all against all. In a larger one each row is put into
the regions of the ``NEAR`` centres closest to it, of √n rows taken evenly from the group (an
inverted file: Sivic and Zisserman 2003), and regions are compared: most pairs that are near share
one. A region that is a crowd itself is gone through in the order of how close its rows are to the
centre, ``CROWD`` places apart at most. So n rows cost n · (√n + CROWD) comparisons at most.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from booktune_assets.pairs.near import Links, roots
from booktune_assets.pairs.shingles import Sizes, slices

__all__ = ["CROWD", "cosine_links"]

CROWD = 4_000  # rows that are compared all against all
NEAR = 5  # regions of a row in a crowd
BLOCK = 500  # rows against what follows them, at a time
BATCH = 20_000  # rows of which vectors are held, and a group of any size beside them
CHECKED = 50_000  # links in work at a time

Matrix = npt.NDArray[np.floating]


def cosine_links(
    groups: Iterable[Sequence[int]], vectors: Callable[[Sizes], Matrix], least: float,
    fine: Callable[[Links], npt.NDArray[np.bool_]] | None = None,
) -> Links:  # fmt: skip
    """Clusters within groups: the first row of each beside every other one of it.

    Two rows belong together when their vectors have a cosine of ``least`` or more and ``fine`` says
    so of their link, or others lead from one to the other. ``vectors`` gives one row of an array
    for each number asked for. Two that are in one cluster already are not asked about again, so
    that a thousand of the same are a thousand links and not half a million.
    """
    found: list[Links] = [np.zeros((0, 2), dtype=np.int64)]
    for some in _batches(groups):
        rows = np.concatenate(some)
        made = vectors(rows)
        first = np.arange(len(rows), dtype=np.int64)
        for links in _even(_near([len(one) for one in some], made, least)):
            links = links[first[links[:, 0]] != first[links[:, 1]]]
            first = _joined(first, links if fine is None else links[fine(rows[links])])
        other = np.flatnonzero(first != np.arange(len(rows)))
        found.append(np.stack([rows[first[other]], rows[other]], axis=1))
    return np.unique(np.sort(np.concatenate(found), axis=1), axis=0)


def _batches(groups: Iterable[Sequence[int]]) -> Iterator[list[Sizes]]:
    """Groups of two and more, as many as fill a batch."""
    waiting: list[Sizes] = []
    held = 0
    for group in groups:
        if len(group) > 1:
            waiting.append(np.asarray(group, dtype=np.int64))
            held += len(group)
        if held >= BATCH:
            yield waiting
            waiting, held = [], 0
    if waiting:
        yield waiting


def _near(sizes: Sequence[int], made: Matrix, least: float) -> Iterator[Links]:
    """Places in ``made`` of two that are near, a block of a group at a time."""
    start = 0
    for size in sizes:
        places = np.arange(start, start + size, dtype=np.int64)
        start += size
        for order in [places] if size <= CROWD else _regions(made, places):
            yield from _compared(made, order, least)


def _compared(made: Matrix, order: Sizes, least: float) -> Iterator[Links]:
    for start in range(0, len(order), BLOCK):
        after = order[start : start + BLOCK + CROWD]
        right = _unit(made[after])
        near = right[:BLOCK] @ right.T >= least
        one, other = np.nonzero(near)
        later = one < other
        yield np.stack([after[one[later]], after[other[later]]], axis=1)


def _regions(made: Matrix, places: Sizes) -> Iterator[Sizes]:
    """The rows of each region of a crowd, those closest to its centre first."""
    middle = places[np.linspace(0, len(places) - 1, math.isqrt(len(places))).astype(np.int64)]
    centres = _unit(made[middle]).T
    which = np.empty((len(places), NEAR), dtype=np.int32)
    close = np.empty((len(places), NEAR), dtype=np.float32)
    for part in slices(len(places), BLOCK * 4):
        likeness = _unit(made[places[part]]) @ centres
        best = np.argpartition(-likeness, NEAR, axis=1)[:, :NEAR]
        which[part], close[part] = best, np.take_along_axis(likeness, best, axis=1)
    order = np.lexsort((-close.ravel(), which.ravel()))
    ends = np.cumsum(np.bincount(which.ravel(), minlength=len(middle)))
    yield from (places[some // NEAR] for some in np.split(order, ends[:-1]))


def _unit(some: Matrix) -> npt.NDArray[np.float64]:
    made = np.asarray(some, dtype=np.float64)
    return made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-12)


def _even(links: Iterable[Links]) -> Iterator[Links]:
    """The same links in parts that are neither tiny nor huge."""
    waiting: list[Links] = []
    held = 0
    for some in links:
        for part in slices(len(some), CHECKED):
            waiting.append(some[part])
            held += len(waiting[-1])
            if held >= CHECKED:
                yield np.concatenate(waiting)
                waiting, held = [], 0
    if waiting:
        yield np.concatenate(waiting)


def _joined(first: Sizes, links: Links) -> Sizes:
    """For each place the first one of its cluster, with these links too."""
    if not len(links):
        return first
    ends = first[links]
    names = np.unique(ends)
    tops = names[roots(len(names), [np.searchsorted(names, ends)])]
    at = np.minimum(np.searchsorted(names, first), len(names) - 1)
    return np.where(names[at] == first, tops[at], first)
