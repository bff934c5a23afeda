"""How long an answer is for a model, without loading a tokenizer.

Belongs here: the count that budgets and the mix of theory and code are measured in. Does not: the
target model's own tokens (``training/``), which the last step before training counts again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from booktune_assets.pairs.rules import fences

__all__ = ["Tokens", "answer_tokens", "count"]

_PIECES = re.compile(r"[A-Za-z]{1,7}|\d{1,2}|[^\sA-Za-z\d]{1,2}|\n\s*")


class Tokens(NamedTuple):
    """Tokens of all that the assistant says, and of these what stands in code."""

    answer: int
    code: int


def count(text: str) -> int:
    """Pieces that a byte-pair vocabulary would roughly cut the text into."""
    return len(_PIECES.findall(text))


def answer_tokens(turns: Iterable[Mapping[str, str]]) -> Tokens:
    """Tokens of the assistant's turns; code is what stands between fences."""
    said = [turn["content"] for turn in turns if turn["role"] == "assistant"]
    code = sum(count(piece) for text in said for _, piece in fences(text))
    return Tokens(max(1, sum(count(text) for text in said)), code)
