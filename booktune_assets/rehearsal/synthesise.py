"""Rehearsal that the base model writes itself (after Huang et al., arXiv 2403.01244).

Belongs here: few-shot prompts from real passages, and which answers are fit to learn from.
Does not: sampling (``child.py`` asks an engine), what counts as a row (``build.py``).

The idea: what a model writes when it is shown what to write is a sample of what it knows, so
learning it again keeps it. Answers are learned without the prompt that led to them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from booktune_assets.ids import make_id, normalise_prose, stable_int
from booktune_assets.rehearsal.general import GeneralText

__all__ = ["STOP", "ShotPrompt", "prompts_from", "refusal", "tidy"]

SHOTS = 2
SHOT_CHARS = 280
CHARS_MIN = 60
STOP = ("\n\nTitle:", "\nTitle:")
_HEAD = "Short articles about programming.\n\n"
_LAST_SENTENCE = re.compile(r"^.*[.!?][)\"'’”]?(?=\s|$)", re.DOTALL)
_OVERLAP = 8  # words in a row that count as copied


@dataclass(frozen=True, slots=True)
class ShotPrompt:
    """A prompt with its id, and the passages that it shows."""

    prompt_id: str
    text: str
    shown: tuple[str, ...]


def prompts_from(demos: Sequence[GeneralText], n: int, seed: int) -> list[ShotPrompt]:
    """``n`` prompts: two passages under their titles, then a title of its own to write under.

    Which passages meet is a matter of hashes, so a larger ``n`` keeps the earlier prompts.
    """
    titles = sorted({demo.topic for demo in demos})
    prompts: list[ShotPrompt] = []
    for number in range(n if demos else 0):
        ranked = sorted(
            demos, key=lambda demo, name=f"{seed}:{number}": stable_int(f"{name}:{demo.text}")
        )
        shots = ranked[:SHOTS]
        shown = {shot.topic for shot in shots}
        free = [title for title in titles if title not in shown] or titles
        title = free[stable_int(f"{seed}:{number}:title") % len(free)]
        body = "".join(f"Title: {shot.topic}\n{_short(shot.text)}\n\n" for shot in shots)
        text = f"{_HEAD}{body}Title: {title}\n"
        prompts.append(ShotPrompt(make_id("shot", text), text, tuple(shot.text for shot in shots)))
    return prompts


def tidy(text: str) -> str:
    """The answer up to its last whole sentence; without one, as it is."""
    text = text.strip()
    whole = _LAST_SENTENCE.match(text)
    return whole.group(0) if whole else text


def refusal(text: str, shown: Sequence[str]) -> str:
    """Why a text is not fit to learn from: ``short unfinished unprintable …``, or empty."""
    if len(text) < CHARS_MIN:
        return "short"
    if not _LAST_SENTENCE.fullmatch(text.strip()):
        return "unfinished"
    readable = sum(char.isprintable() or char in "\n\t" for char in text)
    if readable < 0.98 * len(text) or "\ufffd" in text:
        return "unprintable"
    raw = text.encode()
    if len(zlib.compress(raw, 9)) < 0.35 * len(raw) or _distinct(text) < 0.6:
        return "repetitive"
    if _copied(text, shown) > 0.3:
        return "copied"
    return ""


def _short(text: str) -> str:
    return tidy(text[:SHOT_CHARS])


def _distinct(text: str) -> float:
    """Share of different word triples among all."""
    words = text.split()
    triples = list(zip(words, words[1:], words[2:], strict=False))
    return len(set(triples)) / len(triples) if triples else 0.0


def _copied(text: str, shown: Sequence[str]) -> float:
    """Share of eight-word runs that stand in a shown passage."""
    runs = _runs(text)
    known = {run for passage in shown for run in _runs(passage)}
    return sum(run in known for run in runs) / len(runs) if runs else 0.0


def _runs(text: str) -> list[str]:
    words = normalise_prose(text).lower().split()
    return [" ".join(words[start : start + _OVERLAP]) for start in range(len(words) - _OVERLAP + 1)]
