"""Labelled twins and texts in which nothing is to be found: reading the data files.

Shared by ``test_idioms.py`` and ``benchmarks/idioms.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from booktune_assets_tests.beam.labelled import FOLDER

_PAIR = re.compile(
    r"^## (\w+)\n```(elixir|erlang)\n(.*?)^```\n```(?:elixir|erlang)\n(.*?)^```$", re.M | re.S
)
_TEXT = re.compile(r"^```(elixir|erlang)\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Twins:
    """A finding, and two texts that do the same work without and with it."""

    where: str
    name: str
    lang: str
    good: str
    bad: str


@dataclass(frozen=True)
class Fine:
    """A text that looks like a finding and is none."""

    where: str
    lang: str
    text: str


def twins() -> dict[str, list[Twins]]:
    """Pairs by file."""
    found: dict[str, list[Twins]] = {}
    for path in sorted(FOLDER.glob("twins*.md")):
        text = path.read_text(encoding="utf-8")
        found[path.name] = [
            Twins(f"{path.name}:{text.count(chr(10), 0, one.start()) + 1}", *one.groups())
            for one in _PAIR.finditer(text)
        ]
    return found


def fine() -> list[Fine]:
    """The texts of ``fine.md``."""
    text = (FOLDER / "fine.md").read_text(encoding="utf-8")
    return [
        Fine(f"fine.md:{text.count(chr(10), 0, one.start()) + 1}", *one.groups())
        for one in _TEXT.finditer(text)
    ]
