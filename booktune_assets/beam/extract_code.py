"""Find the program in a model's answer.

Belongs here: fenced blocks, unfinished fences, bare modules between prose. Does not: repairing
code. What is found is judged as it stands.
"""

from __future__ import annotations

import re

__all__ = ["extract_code"]

_FENCE = re.compile(
    r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w.+-]*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.M | re.S
)
_PROSE = re.compile(r"^(?:[A-Z][a-z']+|I)[ ,][a-z]+ \w", re.M)
_NAMES = {"elixir": ("elixir", "ex", "exs"), "erlang": ("erlang", "erl")}
_MODULE = {
    "elixir": re.compile(r"^[ \t]*defmodule\s+[A-Z][\w.]*\s+do\b", re.M),
    "erlang": re.compile(r"^[ \t]*-module\(", re.M),
}


def extract_code(answer: str, language: str) -> str:
    """The program in an answer, or an empty text.

    In this order: fenced blocks of the language that hold a module; any fenced block that does;
    the text from the first bare module on, up to the last line that can end it.
    """
    answer = answer.replace("\r\n", "\n")
    blocks = [(found[2].lower(), found[3]) for found in _FENCE.finditer(answer)]
    module = _MODULE[language]
    named = [code for name, code in blocks if name in _NAMES[language] and module.search(code)]
    whole = named or [code for _, code in blocks if module.search(code)]
    if whole:
        # Elixir answers may spread helpers over blocks; an Erlang file holds one module
        return "\n".join(whole) if language == "elixir" else whole[0]
    if start := module.search(answer):
        return _until_the_end(answer[start.start() :], language)
    return blocks[0][1] if blocks else ""


def _until_the_end(text: str, language: str) -> str:
    """Cut trailing prose: after the last ``end`` in column 0, or the last clause's full stop."""
    if language == "erlang" and (prose := _PROSE.search(text)):
        text = text[: prose.start()]
    last = r"^end[ \t]*$" if language == "elixir" else r"^.*\.[ \t]*$"
    ends = list(re.finditer(last, text, re.M))
    return text[: ends[-1].end()] + "\n" if ends else text
