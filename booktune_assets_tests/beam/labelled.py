"""Labelled listings: reading the data files of ``patterns/`` and counting hits and misses.

Shared by ``test_patterns.py`` and ``benchmarks/patterns.py``.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from booktune_assets.beam.patterns import PATTERNS, find_patterns

FOLDER = Path(__file__).parent / "patterns"
_HOUSE = re.compile(
    r"^modules:([^\n]*)\ndefines:([^\n]*)\n```(elixir|erlang) [\w ]+\n(.*?)^```$", re.M | re.S
)
_SNIPPET = re.compile(r"^```(elixir|erlang) ([\w ]+)\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Snippet:
    """A listing, its language and all patterns that it shows; ``where`` names file and line."""

    where: str
    lang: str
    labels: frozenset[str]
    text: str


@dataclass(frozen=True)
class House:
    """A listing in the style of a library, with all modules and callables that it defines."""

    where: str
    modules: frozenset[str]
    defines: frozenset[str]
    lang: str
    text: str


@dataclass
class Score:
    """Hits, false alarms and misses of each pattern, and the snippets behind the last two."""

    right: Counter[str] = field(default_factory=Counter[str])
    wrong: Counter[str] = field(default_factory=Counter[str])
    missed: Counter[str] = field(default_factory=Counter[str])
    faults: list[str] = field(default_factory=list[str])

    @property
    def precision(self) -> float:
        return self.right.total() / max(1, self.right.total() + self.wrong.total())

    @property
    def recall(self) -> float:
        return self.right.total() / max(1, self.right.total() + self.missed.total())


def snippets(share: str) -> list[Snippet]:
    """Snippets of ``tuned`` (labelled before the detectors), ``held_out`` (written after) or
    ``house`` (written after all that, in the styles of libraries)."""
    found: list[Snippet] = []
    for path in sorted(FOLDER.glob(f"{share}_*.md")):
        text = path.read_text(encoding="utf-8")
        for one in _SNIPPET.finditer(text):
            labels = frozenset(one[2].split()) - {"none"}
            if unknown := labels - set(PATTERNS):
                raise ValueError(f"{path.name}: unknown patterns {sorted(unknown)}")
            line = text.count("\n", 0, one.start()) + 1
            found.append(Snippet(f"{path.name}:{line}", one[1], labels, one[3]))
    return found


def houses() -> list[House]:
    """The snippets of the share ``house``, with what they define."""
    found: list[House] = []
    for path in sorted(FOLDER.glob("house_*.md")):
        text = path.read_text(encoding="utf-8")
        for one in _HOUSE.finditer(text):
            where = f"{path.name}:{text.count(chr(10), 0, one.start()) + 1}"
            modules, defines = (frozenset(one[n].split()) for n in (1, 2))
            found.append(House(where, modules, defines, one[3], one[4]))
    return found


def score(labelled: list[Snippet]) -> Score:
    """What ``find_patterns`` says against the labels."""
    result = Score()
    for one in labelled:
        said = frozenset(pattern.name for pattern in find_patterns(one.text, one.lang))
        result.right.update(said & one.labels)
        result.wrong.update(said - one.labels)
        result.missed.update(one.labels - said)
        if said != one.labels:
            wrong, missed = sorted(said - one.labels), sorted(one.labels - said)
            result.faults.append(f"{one.where}: wrong {wrong}, missed {missed}")
    return result
