"""Shell sessions taken apart: what was typed at each prompt, and what came back.

Belongs here: prompts, continued lines, comments between. Does not: running code, judging answers
(``beam/``). Nothing of a session is lost; the prompts are the only thing left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from booktune_assets.books.judge import faults

__all__ = ["Turn", "split_session"]

_PROMPTS = {
    "iex": (
        re.compile(r"\s*iex(?:\([^)\n]*\))?>(?: |$)"),
        re.compile(r"\s*\.\.\.(?:\([^)\n]*\))?>(?: |$)"),
    ),
    "erl_shell": (re.compile(r"\s*(?:\([^)\n]*\))?\d+>(?: |$)"), re.compile(r"\s*\.\.(?: |$)")),
}  # fmt: skip
_COMMENT = {"iex": "#", "erl_shell": "%"}
_SHOWN = re.compile(r"\s*#[A-Z][\w.]*<")  # a value that has no other form: #PID<0.1.0>
_LINES_MAX = 80  # of an expression that is typed without marks of its further lines
_ENDED = re.compile(r"\.\s*(?:%.*)?$")


@dataclass(frozen=True, slots=True)
class Turn:
    """One expression, whole, and what the shell printed below it (maybe nothing)."""

    code: str
    output: str


def split_session(text: str, kind: str) -> list[Turn] | None:
    """The turns of an ``iex`` or ``erl_shell`` session; None when words stand above its prompts."""
    prompt, more = _PROMPTS[kind]
    chunks: list[list[str]] = [[]]
    for line in text.split("\n"):
        if prompt.match(line):
            chunks.append([])
        chunks[-1].append(line)
    carried, printed = _notes(chunks[0], kind)
    if printed or len(chunks) < 2:
        return None
    turns: list[Turn] = []
    for chunk in chunks[1:]:
        typed = [prompt.sub("", chunk[0], count=1)]
        rest = chunk[1:]
        while rest and more.match(rest[0]):
            typed.append(more.sub("", rest.pop(0), count=1))
        taken = _unfinished(typed, rest, kind)
        code = "\n".join([*carried, *typed, *rest[:taken]])
        carried, output = _notes(rest[taken:], kind)
        turns.append(Turn(code.rstrip(), "\n".join(output)))
    if carried:
        turns.append(Turn("\n".join(carried), ""))
    return [turn for turn in turns if turn.code.strip() or turn.output]


def _notes(lines: list[str], kind: str) -> tuple[list[str], list[str]]:
    """Comments at the end belong to what comes next; the rest is what was printed."""
    body = list(lines)
    while body and not body[-1].strip():
        body.pop()
    notes: list[str] = []
    while body and body[-1].lstrip().startswith(_COMMENT[kind]) and not _SHOWN.match(body[-1]):
        notes.insert(0, body.pop())
    while body and not body[-1].strip():
        body.pop()
    while body and not body[0].strip():
        body.pop(0)
    return notes, body


def _unfinished(typed: list[str], rest: list[str], kind: str) -> int:
    """How many of the lines below still belong to the expression: the fewest that make it whole."""
    for count in range(min(len(rest), _LINES_MAX) + 1):
        code = "\n".join([*typed, *rest[:count]])
        erlang = kind == "erl_shell"
        if _ENDED.search(code) if erlang else not faults(code, "elixir"):
            return count
    return 0
