"""Texts that are nearly the same: MinHash finds candidates, the true Jaccard decides.

Belongs here: signatures, the search over them, the check of each candidate, clusters of what is
linked. Does not: n-grams (``shingles.py``), which texts of a pair are compared and which pair stays
(``duplicates.py``).

Signatures are 112 numbers in 28 bands of four: of two texts with a Jaccard of 0.7, 99.95 % meet in
some band. What chance brings together is refused by the estimate first and by the sets then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from booktune_assets.ahead import ahead
from booktune_assets.on_disk import Column
from booktune_assets.pairs.shingles import Hashes, Sizes, as_sets, grams_of, slices

__all__ = ["GRAM", "Links", "alike", "jaccards", "roots", "signatures"]

BANDS, LINES, GRAM = 28, 4, 5
SEED = 20_260
SLACK = 0.16  # an estimate over 112 numbers is off by less than this, four times in five sigmas
CROWD = 200  # texts in one band: more of them share a set phrase there, and the next band splits
CHECKED = 200_000  # candidates in work at a time

Links: TypeAlias = npt.NDArray[np.int64]  # (n, 2), smaller row first
Signs: TypeAlias = npt.NDArray[np.uint32]


def alike(texts: Column, least: float) -> Links:
    """Pairs of rows whose sets of 5-grams have a Jaccard of ``least`` or more.

    Texts without words or code are like nothing. Equal texts should be given once: a thousand
    copies are half a million pairs.
    """
    signs, some = signatures(texts)
    found = _candidates(signs, some, least - SLACK)
    del signs
    return found[jaccards(texts, found) >= least - 1e-12]


def signatures(texts: Column) -> tuple[Signs, npt.NDArray[np.bool_]]:
    """MinHash of each text, (rows, 112), and whether it has any n-gram."""
    from rensa import RMinHash  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]

    signs = np.zeros((len(texts), BANDS * LINES), dtype=np.uint32)
    some = np.zeros(len(texts), dtype=bool)
    parts = list(slices(len(texts)))
    made = ahead(lambda text: grams_of(text, GRAM), (texts[part] for part in parts))
    for part, grams in zip(parts, made, strict=True):
        ends = np.concatenate([[0], np.cumsum(grams.counts)]).astype(np.uint64)
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(
            grams.values, ends, BANDS * LINES, SEED
        )
        signs[part] = np.array(matrix.to_rows(), dtype=np.uint32)
        some[part] = grams.counts > 0
    return signs, some


def jaccards(texts: Column, links: Links) -> npt.NDArray[np.float64]:
    """The true Jaccard of each pair of rows; of two that have no n-gram it is 0."""
    shares = np.zeros(len(links), dtype=np.float64)
    for part in slices(len(links), CHECKED):
        rows = np.unique(links[part])
        shares[part] = _jaccards(texts.gather(rows), np.searchsorted(rows, links[part]))
    return shares


def roots(rows: int, links: Iterable[Links]) -> Sizes:
    """For each row the smallest row that links lead to from it (union-find)."""
    parent = list(range(rows))

    def top(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for some in links:
        for left, right in some.tolist():
            one, other = top(left), top(right)
            if one != other:
                parent[max(one, other)] = min(one, other)
    return np.fromiter((top(row) for row in range(rows)), dtype=np.int64, count=rows)


def _candidates(signs: Signs, some: npt.NDArray[np.bool_], least: float) -> Links:
    """Rows that meet in a band and whose signatures agree in the share ``least``."""
    known = np.flatnonzero(some)
    found: list[Links] = []
    held = 0
    for band in range(BANDS):
        for left, right in _meeting(signs, known, band):
            close = np.empty(len(left), dtype=bool)
            for part in slices(len(left), CHECKED):
                same = signs[left[part]] == signs[right[part]]
                close[part] = same.mean(axis=1) >= least
            found.append(np.sort(np.stack([left[close], right[close]], axis=1), axis=1))
            held += len(found[-1])
        if held > 4_000_000:
            found, held = [_tidy(found)], 0
    return _tidy(found)


def _meeting(signs: Signs, rows: Sizes, band: int) -> Iterable[tuple[Sizes, Sizes]]:
    """Pairs of rows with the same numbers in a band; crowds are split by the band after it."""
    keys = _key(signs[rows], band)
    order = np.argsort(keys, kind="stable")
    rows, keys = rows[order], keys[order]
    sizes = _run_sizes(keys)
    crowded = sizes > CROWD
    if crowded.any():
        inner = keys[crowded] ^ (
            _key(signs[rows[crowded]], (band + 1) % BANDS) * np.uint64(0x9E3779B97F4A7C15)
        )
        again = np.argsort(inner, kind="stable")
        inner, split = inner[again], rows[crowded][again]
        yield from _pairs(split, inner, np.minimum(_run_sizes(inner), CROWD))
    yield from _pairs(rows[~crowded], keys[~crowded], sizes[~crowded])


def _pairs(rows: Sizes, keys: Hashes, sizes: Sizes) -> Iterable[tuple[Sizes, Sizes]]:
    """Rows of the same key, at most ``CROWD`` places apart."""
    several = sizes > 1
    rows, keys, sizes = rows[several], keys[several], sizes[several]
    step = 1
    while len(rows) > step:
        same = keys[step:] == keys[:-step]
        if not same.any():
            return
        yield rows[:-step][same], rows[step:][same]
        step += 1
        longer = sizes > step
        rows, keys, sizes = rows[longer], keys[longer], sizes[longer]


def _key(signs: Signs, band: int) -> Hashes:
    key = np.zeros(len(signs), dtype=np.uint64)
    for line in range(band * LINES, (band + 1) * LINES):
        key = (key ^ signs[:, line]) * np.uint64(0xBF58476D1CE4E5B9)
        key ^= key >> np.uint64(27)
    return key


def _run_sizes(keys: Hashes) -> Sizes:
    """For each sorted key how many there are of it."""
    if not len(keys):
        return np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    sizes = np.diff(np.concatenate([starts, [len(keys)]]))
    return np.repeat(sizes, sizes)


def _jaccards(texts: pl.Series, links: Links) -> npt.NDArray[np.float64]:
    """The same for few texts. What is common is counted for all links at once, in columns."""
    some = (texts[part] for part in slices(len(texts)))
    parts = list(ahead(lambda text: as_sets(grams_of(text, GRAM)), some))
    counts = np.concatenate([one.counts for one in parts])
    starts = np.cumsum(counts) - counts
    values = np.concatenate([one.values for one in parts])
    left, right = links[:, 0], links[:, 1]
    # the smaller set of each pair is looked up in the larger one
    small = np.where(counts[left] <= counts[right], left, right)
    large = np.where(counts[left] <= counts[right], right, left)
    common = np.zeros(len(links), dtype=np.int64)
    for part in slices(len(links), 20_000):
        taken = counts[small[part]]
        which = np.repeat(np.arange(len(taken)), taken)
        before = np.cumsum(taken) - taken
        places = np.arange(int(taken.sum())) + np.repeat(starts[small[part]] - before, taken)
        low = starts[large[part]][which]
        high = low + counts[large[part]][which]
        hit = _within(values, values[places], low, high)
        common[part] = np.bincount(which[hit], minlength=len(taken))
    total = counts[left] + counts[right] - common
    return np.where(total > 0, common / np.maximum(total, 1), 0.0)


def _within(values: Hashes, wanted: Hashes, low: Sizes, high: Sizes) -> npt.NDArray[np.bool_]:
    """Is each wanted number in ``values[low:high]``, which are sorted? All at once, by halves."""
    first, end = low.copy(), high.copy()
    while True:
        going = first < end
        if not going.any():
            break
        middle = (first + end) // 2
        below = going & (values[np.minimum(middle, len(values) - 1)] < wanted)
        end = np.where(going & ~below, middle, end)
        first = np.where(below, middle + 1, first)
    place = np.minimum(first, len(values) - 1)
    return (first < high) & (values[place] == wanted)


def _tidy(links: Sequence[Links]) -> Links:
    """All links, each once, in order."""
    if not links:
        return np.zeros((0, 2), dtype=np.int64)
    return np.unique(np.concatenate(links), axis=0)
