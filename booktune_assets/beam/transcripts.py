"""Shell sessions: which lines are expressions, which are results.

Belongs here: prompts of ``iex`` and of the Erlang shell, and their continuation lines.
Does not: whether an expression parses (``grammar.py``) or what it gives when run (the runner).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["Exchange", "exchanges", "shell_of"]

_IEX = re.compile(r"^\s*iex(?:\([^)\n]*\))?>\s?(.*)$")
_IEX_MORE = re.compile(r"^\s*\.\.\.(?:\([^)\n]*\))?>\s?(.*)$")
# the number tells a prompt from a comparison; a node name in brackets may stand before it
_ERL = re.compile(r"^\s*(?:\([^)\n]*\))?\d+>(?:\s(.*))?$")
_ERL_MORE = re.compile(r"^\s*\.\.(?:\s(.*))?$")
_ERL_ENDS = re.compile(r"\.\s*(?:%.*)?$")

Shell = Literal["iex", "erl_shell"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was typed at a prompt, and what the session printed below it (may be empty)."""

    expression: str
    result: str


def shell_of(text: str) -> Shell | None:
    """Which shell's prompts stand in the text: ``iex``, ``erl_shell`` or None."""
    for line in text.splitlines():
        if _IEX.match(line):
            return "iex"
        if _ERL.match(line):
            return "erl_shell"
    return None


def exchanges(text: str, shell: Shell) -> list[Exchange]:
    """The session's exchanges in order; text above the first prompt is left out."""
    first, more = (_IEX, _IEX_MORE) if shell == "iex" else (_ERL, _ERL_MORE)
    found: list[Exchange] = []
    typed: list[str] = []
    printed: list[str] = []
    open_ = False  # is the Erlang expression still waiting for its full stop?

    def finish() -> None:
        if typed:
            found.append(Exchange("\n".join(typed).strip(), "\n".join(printed).strip()))
        typed.clear()
        printed.clear()

    for line in text.splitlines():
        if start := first.match(line):
            finish()
            typed.append(start[1] or "")
        elif typed and not printed and (next_ := more.match(line)):
            typed.append(next_[1] or "")
        elif typed and open_:
            typed.append(line)
        elif typed:
            printed.append(line)
            continue
        open_ = shell == "erl_shell" and not _ERL_ENDS.search(typed[-1]) if typed else False
    finish()
    return [one for one in found if one.expression]
