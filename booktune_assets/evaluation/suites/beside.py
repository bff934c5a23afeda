"""What is said of programs beside whether they pass: likeness, idiom, patterns.

Belongs here: rows of these metrics for suites that have programs written. Does not: verdicts
(``programs.py``), formatters and trees (``beam/``), figures of likeness (``likeness.py``).

Likeness to a reference is weak evidence: there are many right programs. Idiom is that of programs
that pass. ``pattern_f1`` holds the patterns a program shows against those of the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from booktune_assets.beam.idioms import idiom_score
from booktune_assets.beam.patterns import find_patterns
from booktune_assets.evaluation.items import ItemScore
from booktune_assets.evaluation.likeness import METRICS, comparable, likeness

__all__ = ["Layouts", "Written", "beside"]

UNPARSED = "unparsed"  # a status: compared as it is


@dataclass(frozen=True, slots=True)
class Written:
    """A program out of an answer, and whether it passed (None: a fault of ours)."""

    code: str
    passed: bool | None


class Layouts:
    """Programs laid out, all of a language in one go."""

    def __init__(self, codes: Iterable[tuple[str, str]]) -> None:
        """``codes`` are (language, program); one that was not named is laid out when asked for."""
        self._known: dict[tuple[str, str], tuple[str, bool]] = {}
        named = list(dict.fromkeys(codes))
        for language in sorted({one for one, _ in named}):
            own = [code for one, code in named if one == language]
            found = comparable(own, language)
            self._known |= {(language, code): one for code, one in zip(own, found, strict=True)}

    def get(self, language: str, code: str) -> tuple[str, bool]:
        """(text to compare, does it parse?)."""
        key = (language, code)
        if key not in self._known:
            (self._known[key],) = comparable([code], language)
        return self._known[key]


def beside(
    row: Callable[[str, float | None, str], ItemScore], language: str, reference: str,
    samples: Sequence[Written], layouts: Layouts,
) -> list[ItemScore]:  # fmt: skip
    """Rows that ``row(metric, score, status)`` makes, means over samples; none without a reference.

    ``samples`` of an item that could not be asked: none, and the scores are None.
    """
    if not reference.strip():
        return []
    right, _ = layouts.get(language, reference)
    laid = [layouts.get(language, one.code) for one in samples]
    status = "no_answer" if not laid else "ok" if all(ok for _, ok in laid) else UNPARSED
    figures = [likeness(text, right) for text, _ in laid]
    found = [row(name, _mean([one[name] for one in figures]), status) for name in METRICS]
    good = [one.code for one in samples if one.passed]
    style = _mean([100.0 * idiom_score(code, language).score for code in good])
    found.append(row("idiom", style, "ok" if good else "not_passed"))
    wanted = _labels(reference, language)
    if wanted:
        shares = [100.0 * _f1(wanted, _labels(one.code, language)) for one in samples]
        found.append(row("pattern_f1", _mean(shares), "ok" if samples else "no_answer"))
    return found


def _labels(code: str, language: str) -> set[str]:
    return {one.name for one in find_patterns(code, language)}


def _f1(wanted: set[str], said: set[str]) -> float:
    shared = len(wanted & said)
    return 2 * shared / (len(wanted) + len(said)) if shared else 0.0


def _mean(scores: Sequence[float]) -> float | None:
    return sum(scores) / len(scores) if scores else None
