"""Which texts that a model wrote are fit to learn from, by their form alone.

Belongs here: rules on one text. Does not: code (``code.py``), other texts that are alike or must
not be shown (``clean.py``).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

from booktune_assets.ids import normalise_prose
from booktune_assets.pairs.rules import fences

__all__ = ["QUESTION_CHARS", "asked_badly", "ended", "refusal", "tidy"]

CHARS_MIN = 60
QUESTION_MIN, QUESTION_CHARS = 8, 2000  # the paper keeps inputs of at most 500 tokens
_LAST_SENTENCE = re.compile(r"^.*[.!?][)\"'’”]?(?=\s|$)", re.DOTALL)
_FENCE = re.compile(r"(?m)^```")
_OVERLAP = 8  # words in a row that count as copied


def tidy(text: str) -> str:
    """The text up to its last whole sentence or whole code block; without one, as it is."""
    text = text.strip()
    if len(_FENCE.findall(text)) % 2:  # a block that was cut off
        text = text[: [match.start() for match in _FENCE.finditer(text)][-1]].rstrip()
    if text.endswith("```"):
        return text
    whole = _LAST_SENTENCE.match(text)
    return whole.group(0) if whole else text


def ended(text: str) -> bool:
    """Does it end with a sentence or a code block?"""
    return text.endswith("```") or bool(_LAST_SENTENCE.fullmatch(text.strip()))


def asked_badly(question: str, shown: Sequence[str]) -> str:
    """Why a question is none that a model should answer again, or empty."""
    if len(question) < QUESTION_MIN or len(question) > QUESTION_CHARS:
        return "question_length"
    if not _readable(question):
        return "unprintable"
    plain = normalise_prose(question).lower()
    if plain in {normalise_prose(one).lower() for one in shown}:
        return "question_copied"
    return "repetitive" if len(question) > CHARS_MIN and _repeats(question) else ""


def refusal(text: str, shown: Sequence[str]) -> str:
    """Why a text is not fit to learn from: ``short unfinished unprintable …``, or empty."""
    if len(text) < CHARS_MIN and not fences(text):
        return "short"
    if not ended(text):
        return "unfinished"
    if not _readable(text):
        return "unprintable"
    if _repeats(text):
        return "repetitive"
    if _copied(text, shown) > 0.3:
        return "copied"
    return ""


def _readable(text: str) -> bool:
    readable = sum(char.isprintable() or char in "\n\t" for char in text)
    return readable >= 0.98 * len(text) and "\ufffd" not in text


def _repeats(text: str) -> bool:
    raw = text.encode("utf-8", "replace")
    return len(zlib.compress(raw, 9)) < 0.35 * len(raw) or _distinct(text) < 0.6


def _distinct(text: str) -> float:
    """Share of different word triples among all."""
    words = text.split()
    triples = list(zip(words, words[1:], words[2:], strict=False))
    return len(set(triples)) / len(triples) if triples else 1.0


def _copied(text: str, shown: Sequence[str]) -> float:
    """Share of eight-word runs that stand in a shown passage."""
    runs = _runs(text)
    known = {run for passage in shown for run in _runs(passage)}
    return sum(run in known for run in runs) / len(runs) if runs else 0.0


def _runs(text: str) -> list[str]:
    words = normalise_prose(text).lower().split()
    return [" ".join(words[start : start + _OVERLAP]) for start in range(len(words) - _OVERLAP + 1)]
