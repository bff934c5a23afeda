"""Outlines that say too little or the wrong thing about levels.

Belongs here: telling an outline whose levels contradict the type of its titles or that has but one,
titles above those that an outline lists. Does not: matching entries to rows, levels by type
(``headings.py``).

Ghostscript puts entries of a nested outline under wrong ones; word processors leave out what an
imported page calls its title. The type of the titles is the witness.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.labels import bare_number, is_label, label_word
from booktune_assets.books.rows import Row

__all__ = [
    "add_tops",
    "flat_levels",
    "mixed_levels",
    "nearest",
    "rank_by_size",
    "ranked",
    "usual_levels",
]

Style = tuple[str, float, bool]
_ENOUGH = 3  # titles of a style, or titles above those of the outline
_ONE = 0.75  # of the titles of a style are of one level in an outline that is right
_LARGER = 1.15  # than any title of the outline
_APART = 0.4  # pt between sizes that tell levels apart
_LONGEST = 90


def mixed_levels(styles: Mapping[Style, Counter[int]]) -> bool:
    """Whether titles of one style are of many levels, while there are styles to tell levels by."""
    often = [levels for levels in styles.values() if levels.total() >= _ENOUGH]
    total = sum(levels.total() for levels in often)
    same = sum(max(levels.values()) for levels in often)
    return len(often) > 1 and same < _ONE * total


def flat_levels(styles: Mapping[Style, Counter[int]]) -> bool:
    """Whether an outline has one level for titles of several sizes, the smaller ones the more."""
    if len({level for levels in styles.values() for level in levels}) != 1:
        return False
    sizes: Counter[float] = Counter()
    ranks = ranked(sorted({size for _, size, _ in styles}, reverse=True))
    for (_, size, _), levels in styles.items():
        sizes[nearest(size, ranks)] += levels.total()
    often = [sizes[size] for size in ranks if sizes[size] >= _ENOUGH]
    return len(often) > 1 and often[-1] >= often[0]


def ranked(sizes: Sequence[float]) -> list[float]:
    """Of sizes, the largest first, those that differ by more than rounding."""
    kept: list[float] = []
    for size in sizes:
        if not kept or kept[-1] - size > _APART:
            kept.append(size)
    return kept


def nearest(size: float, ranks: Iterable[float]) -> float:
    """The one of some sizes that is nearest to a size."""
    return min(ranks, key=lambda known: abs(known - size))


def usual_levels(found: Sequence[tuple[Style, int]]) -> dict[Style, int]:
    """The level that next to all titles of a style have, for styles that have one."""
    styles: dict[Style, Counter[int]] = defaultdict(Counter)
    for style, level in found:
        styles[style][level] += 1
    return {
        style: levels.most_common(1)[0][0] for style, levels in styles.items()
        if levels.total() >= _ENOUGH and max(levels.values()) >= _ONE * levels.total()
    }  # fmt: skip


def rank_by_size(rows: Sequence[Row]) -> None:
    """Give the headings that were found the levels that their type sizes have."""
    ranks = ranked(sorted({row.size for row in rows if row.role == "heading"}, reverse=True))
    for row in rows:
        if row.role == "heading":
            row.level = ranks.index(nearest(row.size, ranks)) + 1


def add_tops(rows: Sequence[Row], fonts: Fonts, first: int, prose: Callable[[str], bool]) -> None:
    """Mark titles in larger type than all that the outline names, and put the others below them.

    ``first`` is the page of the first entry. They come time after time, each with words of its own.
    """
    sizes = [row.size for row in rows if row.role == "heading"]
    if not sizes:
        return
    least = _LARGER * max(sizes)
    found: dict[Style, list[tuple[int, int, str]]] = defaultdict(list)  # row, page, text
    for index, row in enumerate(rows):
        free = not row.role and row.frame is None and row.font not in fonts.advance
        if free and row.size > least and row.page >= first and _titles(row.text, prose):
            found[row.style].append((index, row.page, row.text))
    tops = {
        index for group in found.values()
        if _habit(group) or all(label_word(text) == "part" for _, _, text in group)
        for index, _, _ in group
    }  # fmt: skip
    for index, row in enumerate(rows) if tops else ():
        if index in tops:
            row.role, row.level = "heading", 1
        elif row.role == "heading":
            row.level = (row.level or 0) + 1


def _habit(group: Sequence[tuple[int, int, str]]) -> bool:
    """Whether titles of one style come on several pages, each with words of its own."""
    texts, pages = {text for _, _, text in group}, {page for _, page, _ in group}
    return min(len(texts), len(pages)) >= _ENOUGH and len(texts) >= 0.8 * len(group)


def _titles(text: str, prose: Callable[[str], bool]) -> bool:
    if is_label(text) or bare_number(text) or len(text) > _LONGEST or prose(text):
        return False
    return sum(map(str.isalpha, text)) > 1
