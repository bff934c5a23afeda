"""What books say of two concepts together: order, mentions, code, cue words.

Belongs here: counts over one or several books and the features of a pair that come of them. Does
not: what the features weigh (``edges.py``), where the counts come from (``found.py``).

The home of a concept is the sections that are about it. A concept that is mentioned, or whose
syntax is used, in the home of another one is evidence that the other one needs it; more so when
that does not hold the other way round, and when what stands between them is needed too.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from booktune_assets.concepts.found import Concept, Mention
from booktune_assets.concepts.opened import PROSE, Opened, is_code

__all__ = ["CUES", "FEATURES", "BookSignals", "Features", "Signals", "signals_of"]

CUES = re.compile(
    r"\b(?:recall|remember|as we saw|we have seen|we've seen|builds? (?:up)?on|based on|relies "
    r"on|with the help "
    r"of|by means of|already know|introduced in|learned about|is a kind of|made of|consists? of)\b",
    re.I,
)
_OPENING = 600  # characters of prose
_NEAR = 120  # characters, about one sentence
_GAP = 0.4  # of a book: further apart says nothing more
_MENTIONS, _LISTINGS = 0.5, 0.1  # where a density counts for half
_STRONG, _DEEP = 0.5, 0.2  # a strong need; deeper than this share of the concepts is deep
_CHARS, _LISTS = 400, 2  # a home is taken to be at least so large
FEATURES = (
    "order", "early", "mentions", "mentions_back", "code", "code_back", "chain", "cue", "wide_code",
    "wide_mentions", "depth", "opening", "defines",
)  # fmt: skip
Features = tuple[float, ...]  # in the order of FEATURES


@dataclass(slots=True)
class BookSignals:
    """One book, concepts by label. ``begin`` is the place of introduction, 0 to 1."""

    begin: dict[str, float] = field(default_factory=dict[str, float])
    sure: dict[str, float] = field(default_factory=dict[str, float])  # of that place, 0 to 1
    homes: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    prose: dict[int, dict[str, int]] = field(default_factory=dict[int, dict[str, int]])
    code: dict[int, dict[str, int]] = field(default_factory=dict[int, dict[str, int]])
    chars: list[int] = field(default_factory=list[int])
    listings: list[int] = field(default_factory=list[int])
    cues: dict[int, set[str]] = field(default_factory=dict[int, set[str]])
    opening: dict[str, set[str]] = field(default_factory=dict[str, set[str]])  # by target
    defines: dict[str, set[str]] = field(default_factory=dict[str, set[str]])  # by target


def signals_of(
    book: Opened, concepts: Mapping[str, Concept], references: Iterable[tuple[int, int]] = ()
) -> BookSignals:
    """Counts of the concepts of a book. ``references`` are (section that refers, one before it)."""
    size = len(book.sections)
    made = BookSignals(chars=[0] * size, listings=[0] * size)
    for number, row in book.blocks:
        if is_code(row):
            made.listings[number] += 1
        elif row["kind"] in PROSE:
            made.chars[number] += len(row["text"])
    cued = _cued(book)
    meant: dict[int, set[str]] = defaultdict(set)
    for label, one in concepts.items():
        section, place = one.introduced()
        inside = place / max(1, len(book.sections[section]["text"])) if size else 0.0
        made.begin[label] = (section + min(inside, 0.999)) / max(size, 1)
        made.sure[label] = _sure(one)
        made.homes[label] = one.homes()
        for headed in one.headed:
            meant[headed].add(label)
        _count(made, label, one.mentions, cued)
    named = _named(concepts)
    made.opening = _openings(book, concepts, named)
    made.defines = _defines(concepts, named)
    for source, target in references:
        made.cues.setdefault(source, set()).update(meant.get(target, ()))
    return made


def _sure(one: Concept) -> float:
    """How sure the place of introduction is: a file of its own, a heading, a definition, words."""
    if "file" in one.listed:
        return 1.0
    return 0.5 if one.headed else 0.35 if one.defined else 0.2


def _count(
    made: BookSignals, label: str, mentions: Sequence[Mention], cued: Mapping[str, Sequence[int]]
) -> None:
    listed: set[str] = set()
    for one in mentions:
        if one.how == "code":
            if one.block["block_id"] not in listed:
                listed.add(one.block["block_id"])
                counts = made.code.setdefault(one.section, {})
                counts[label] = counts.get(label, 0) + 1
        elif one.how in ("text", "definition"):
            counts = made.prose.setdefault(one.section, {})
            counts[label] = counts.get(label, 0) + 1
            if any(abs(p - one.start) < _NEAR for p in cued.get(one.block["block_id"], ())):
                made.cues.setdefault(one.section, set()).add(label)


def _named(concepts: Mapping[str, Concept]) -> dict[str, list[tuple[int, str]]]:
    """Places and labels of the concepts that each block speaks of."""
    named: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for label, one in concepts.items():
        for mention in one.mentions:
            if mention.how in ("text", "definition"):
                named[mention.block["block_id"]].append((mention.start, label))
    return named


def _defines(
    concepts: Mapping[str, Concept], named: Mapping[str, Sequence[tuple[int, str]]]
) -> dict[str, set[str]]:
    """What the sentence that says what a concept is says it by: a supervisor is a process."""
    found: dict[str, set[str]] = {}
    for label, one in concepts.items():
        if said := one.said():
            places = named.get(said[0], ())
            found[label] = {other for start, other in places if start in said[1]} - {label}
    return found


def _openings(
    book: Opened, concepts: Mapping[str, Concept], named: Mapping[str, Sequence[tuple[int, str]]]
) -> dict[str, set[str]]:
    """What the first words on each concept speak of: the sentence that defines it, its opening."""
    opens: dict[int, set[str]] = {}  # section to the blocks it begins with
    left: dict[int, int] = {}
    for number, row in book.blocks:
        if row["kind"] in PROSE and left.setdefault(number, _OPENING) > 0:
            opens.setdefault(number, set()).add(row["block_id"])
            left[number] -= len(row["text"])
    found: dict[str, set[str]] = {}
    for label, one in concepts.items():
        blocks = set[str]()
        for section in one.headed[:2] or [one.introduced()[0]]:
            blocks |= opens.get(section, set())
        if one.definition:
            blocks.add(one.definition[1].block["block_id"])
        found[label] = {other for block in blocks for _, other in named.get(block, ())} - {label}
    return found


def _cued(book: Opened) -> dict[str, list[int]]:
    """Places of cue words by block."""
    found = {
        row["block_id"]: [cue.start() for cue in CUES.finditer(row["text"])]
        for _, row in book.blocks
        if row["kind"] in PROSE
    }
    return {block: places for block, places in found.items() if places}


class Signals:
    """Pooled over books. All questions take labels; ``needs`` are found once for each concept."""

    def __init__(self, books: Sequence[BookSignals], through: AbstractSet[str]) -> None:
        """``through`` are the concepts that a chain may lead through."""
        self._books = books
        self._through = through
        labels = sorted({label for book in books for label in book.homes})
        self._mentions: dict[str, dict[str, float]] = {}
        self._listings: dict[str, dict[str, float]] = {}
        self.cued: dict[str, set[str]] = {}
        for label in labels:
            self._pool(label)
        self._opening = {
            label: set[str]().union(*(book.opening.get(label, ()) for book in books))
            for label in labels
        }
        self._defines = {
            label: set[str]().union(*(book.defines.get(label, ()) for book in books))
            for label in labels
        }
        self._early = {label: self._mean_begin(label) for label in labels}
        self._strong = {label: self._needs(label) for label in labels}
        self._wide_code = self._wide(self._listings)
        self._wide_mentions = self._wide(self._mentions)
        self._depth = self._depths()

    def seen(self, target: str) -> list[str]:
        """Concepts that the home of this one mentions or uses."""
        return sorted({*self._mentions[target], *self._listings[target]} - {target})

    def begin(self, label: str) -> float:
        """Mean place of introduction, 0 to 1."""
        return self._early[label]

    def votes(self, source: str, target: str) -> tuple[float, float]:
        """Weights of the books that introduce the source first, and of those that do it after."""
        before = after = 0.0
        for book in self._books:
            if source in book.begin and target in book.begin:
                sure = book.sure[source] * book.sure[target]
                if book.begin[source] < book.begin[target]:
                    before += sure
                elif book.begin[source] > book.begin[target]:
                    after += sure
        return before, after

    def gap(self, source: str, target: str) -> float | None:
        """How far before the other one it is introduced, as a share of a book.

        Negative when it comes after; None when no book has both. The books vote, each as sure as it
        is; the gap is the mean of the side that wins, 0 in a draw.
        """
        sums = {True: [0.0, 0.0], False: [0.0, 0.0]}
        for book in self._books:
            if source in book.begin and target in book.begin:
                gap = book.begin[target] - book.begin[source]
                sure = book.sure[source] * book.sure[target]
                if gap:
                    sums[gap > 0][0] += sure
                    sums[gap > 0][1] += sure * gap
        before, after = sums[True], sums[False]
        if before[0] == after[0]:
            return 0.0 if before[0] else None
        won = before if before[0] > after[0] else after
        return won[1] / won[0]

    def features(self, source: str, target: str) -> Features | None:
        """Features of the pair in the order of ``FEATURES``; None when the source is not first."""
        gap = self.gap(source, target)
        if gap is None or gap <= 0:
            return None
        mentions = self._mentions[target].get(source, 0.0)
        code = self._listings[target].get(source, 0.0)
        return (
            0.5 + 0.5 * min(1.0, gap / _GAP),
            self._early[source],
            mentions,
            self._mentions[source].get(target, 0.0),
            code,
            self._listings[source].get(target, 0.0),
            self._chain(source, target),
            float(source in self.cued[target]),
            self._wide_code.get(source, 0.0),
            self._wide_mentions.get(source, 0.0),
            self._depth[target],
            float(source in self._opening[target]),
            float(source in self._defines[target]),
        )

    def _pool(self, label: str) -> None:
        told: dict[str, int] = defaultdict(int)
        used: dict[str, int] = defaultdict(int)
        chars = listings = 0
        cued: set[str] = set()
        for book in self._books:
            for section in book.homes.get(label, ()):
                chars += book.chars[section]
                listings += book.listings[section]
                cued |= book.cues.get(section, set())
                for counts, pool in ((book.prose, told), (book.code, used)):
                    for other, count in counts.get(section, {}).items():
                        pool[other] += count
        per = max(chars, _CHARS) / 1000
        share = max(listings, _LISTS)
        self._mentions[label] = {a: n / per / (n / per + _MENTIONS) for a, n in told.items()}
        self._listings[label] = {a: n / share / (n / share + _LISTINGS) for a, n in used.items()}
        self.cued[label] = cued - {label}

    def _mean_begin(self, label: str) -> float:
        places = [book.begin[label] for book in self._books if label in book.begin]
        return sum(places) / len(places) if places else 0.5

    def _needs(self, target: str) -> dict[str, float]:
        """How strongly its home needs each concept that comes before it."""
        found: dict[str, float] = {}
        for source in self.seen(target):
            gap = self.gap(source, target)
            if gap is not None and gap > 0:
                told = self._mentions[target].get(source, 0.0)
                found[source] = max(told, self._listings[target].get(source, 0.0))
        return found

    def _wide(self, pooled: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
        """How much of everything needs each concept: its mean over all homes but its own."""
        sums: dict[str, float] = defaultdict(float)
        homes = [label for label in sorted(pooled) if label in self._through]
        for target in homes:
            for source, strength in pooled[target].items():
                if source != target:
                    sums[source] += strength
        return {source: total / len(homes) for source, total in sums.items()}

    def _depths(self) -> dict[str, float]:
        """How much stands below each concept, 0 to 1, by the rank of the longest way to it."""
        depth: dict[str, int] = {}
        for label in sorted(self._strong, key=lambda name: (self._early[name], name)):
            below = (
                depth[source] + 1
                for source, strength in self._strong[label].items()
                if strength >= _STRONG and source in depth and source in self._through
            )
            depth[label] = max(below, default=0)
        known = sorted(depth[label] for label in depth if label in self._through)
        return {
            label: min(1.0, bisect_left(known, value) / max(1.0, _DEEP * len(known)))
            for label, value in depth.items()
        }

    def _chain(self, source: str, target: str) -> float:
        """Noisy or over what is needed by the target and needs the source."""
        log = 0.0
        for between, strength in self._strong[target].items():
            if between in self._through and between != source:
                share = strength * self._strong.get(between, {}).get(source, 0.0)
                if share:
                    log += math.log1p(-min(share, 0.99))
        return 1.0 - math.exp(log)
