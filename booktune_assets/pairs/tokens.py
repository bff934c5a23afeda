"""How long an answer is for a model, without loading a tokenizer.

Belongs here: the count that budgets and the mix of theory and code are measured in. Does not: the
target model's own tokens (``training/``), which the last step before training counts again.

Vocabularies cut code finer than prose, so there are two rules. ``benchmarks/mix.py`` compares them
with the tokenizers of Gemma 3 and, where it is installed, of Devstral (Tekken).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from booktune_assets.pairs.rules import fences, without_fences

__all__ = ["Tokens", "answer_tokens", "count", "count_code"]

_PROSE = re.compile(r"[A-Za-z]{1,10}|\d|[^\sA-Za-z\d]{1,2}|\n\s*")
_CODE = re.compile(r"[A-Za-z]{1,6}|\d|[^\sA-Za-z\d]{1,2}|\n\s*")
_FENCE = 4  # the marks of a fenced block, its language and their line ends


class Tokens(NamedTuple):
    """Tokens of all that the assistant says, and of these what stands in code."""

    answer: int
    code: int


def count(text: str) -> int:
    """Pieces that a vocabulary of 100,000 to 300,000 entries would roughly cut prose into."""
    return len(_PROSE.findall(text))


def count_code(text: str) -> int:
    """The same for code."""
    return len(_CODE.findall(text))


def answer_tokens(turns: Iterable[Mapping[str, str]]) -> Tokens:
    """Tokens of the assistant's turns; code is what stands between fences."""
    said = [turn["content"] for turn in turns if turn["role"] == "assistant"]
    answer = code = 0
    for text in said:
        blocks = [count_code(piece) for _, piece in fences(text)]
        answer += count(without_fences(text)) + sum(blocks) + _FENCE * len(blocks)
        code += sum(blocks)
    return Tokens(max(1, answer), code)
