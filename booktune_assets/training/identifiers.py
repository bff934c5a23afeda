"""Which tokens of a sample spell names of code.

Belongs here: from ids to a mask. No torch. Does not: what is done with those tokens
(``strategies/stm.py``).

Names are what a book about code teaches, and what a model that has not read it finds unlikely. In
code, fenced by three backticks or between single ones, every word is a name but those of the
languages themselves; elsewhere only what no English word looks like: ``snake_case``, ``CamelCase``,
``Mod.name``, ``name/2``, ``:atom``, ``@attribute``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

__all__ = ["names_of_code"]

_CODE = re.compile(r"```[^\n]*\n(?P<fenced>.*?)(?:```|\Z)|`(?P<ticked>[^`\n]+)`", re.S)
_NAME = re.compile(r"[A-Za-z_]\w*[?!]?", re.A)
_SHAPED = re.compile(
    r"(?<![\w/.])(?:[a-z_]\w*_\w+[?!]?|[A-Z][a-z0-9]+(?:[A-Z]\w*)+|(?:[A-Z]\w*\.)+[A-Za-z_]\w*[?!]?"
    r"|[a-z]\w*[?!]?(?=/\d)|(?<!:):[a-z_]\w*[?!]?|@[a-z_]\w*)",
    re.A,
)
_WORDS = (
    "after alias and andalso begin case catch cond def defimpl defmacro defmacrop defmodule defp "
    "defprotocol defstruct div do else end ensure false fn for fun if import in maybe nil not of "
    "or orelse quote raise receive rem require rescue true try unless unquote use when with"
)
_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
_SPACES = str.maketrans({"▁": " ", "Ġ": " ", "Ċ": "\n", "ĉ": "\t", "č": "\r"})


def names_of_code(tokenizer: Any, ids: Sequence[int]) -> list[bool]:
    """For each id: does the token touch a name of code? What is not ASCII is never a name."""
    pieces = _pieces(tokenizer, ids)
    text = "".join(pieces)
    inside = [False] * len(text)
    for start, end in _names(text):
        inside[start:end] = [True] * (end - start)
    mask: list[bool] = []
    place = 0
    for piece in pieces:
        mask.append(any(inside[place : place + len(piece)]))
        place += len(piece)
    return mask


def _pieces(tokenizer: Any, ids: Sequence[int]) -> list[str]:
    """Text of each token by itself; bytes that are no character alone stay as some sign."""
    if not hasattr(tokenizer, "convert_ids_to_tokens"):
        return [tokenizer.decode([token]) for token in ids]
    return [_spelt(str(token)) for token in tokenizer.convert_ids_to_tokens(list(ids))]


def _spelt(token: str) -> str:
    byte = _BYTE.fullmatch(token)
    if byte:
        value = int(byte[1], 16)
        return chr(value) if value < 128 else "\ufffd"
    return token.translate(_SPACES)


def _names(text: str) -> list[tuple[int, int]]:
    words = set(_WORDS.split())
    found = [match.span() for match in _SHAPED.finditer(text)]
    for code in _CODE.finditer(text):
        start, end = code.span(code.lastgroup or 0)
        found += [
            match.span() for match in _NAME.finditer(text, start, end) if match[0] not in words
        ]
    return found
