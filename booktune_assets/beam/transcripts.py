"""Shell sessions: which lines are expressions, which are results.

Belongs here: prompts of ``iex`` and of the Erlang shell, their continuation lines, results shown in
comments of plain listings. Does not: whether an expression parses (``grammar.py``), what it gives
when run (``session.py``), whether that is what the book shows (``compare.py``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from booktune_assets.books.judge import faults, syntax_tree

__all__ = ["Exchange", "annotated", "exchanges", "preamble", "shell_of"]

_IEX = re.compile(r"^\s*iex(?:\((?P<in>[^)\n]*)\))?(?P<no>\d+)?>\s?(?P<code>.*)$")
_IEX_MORE = re.compile(r"^\s*(?:\.{2,3}|\u2026)(?:\([^)\n]*\))?\d*>\s?(.*)$")
# the number tells a prompt from a comparison; a node name in brackets may stand before it
_ERL = re.compile(r"^\s*(?:\((?P<in>[^)\n]*)\))?(?P<no>\d+)>(?:\s(?P<code>.*))?$")
_ERL_MORE = re.compile(r"^\s*\.\.(?:\s(.*))?$")
_ERL_ENDS = re.compile(r"\.\s*(?:%.*)?$")
_LINES_MAX = 80  # of an expression whose further lines have no prompt
_SHOWN = re.compile(r"^#\s?(?:=>|->|\u21d2|\u2192|>>)\s?(.*)$")
_GOES_ON = re.compile(r"^#(?: {2,}|\t)(.*)$")

Shell = Literal["iex", "erl_shell"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was typed at a prompt, and what the session printed below it (may be empty).

    ``fresh``: the prompt counts from 1, so this is the first line of a new session; ``node``: the
    prompt names the node that it runs on; ``line``: where it stands in the block, from 0.
    """

    expression: str
    result: str
    fresh: bool = field(default=False, compare=False)
    node: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


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
    first = _IEX if shell == "iex" else _ERL
    lines = text.splitlines()
    lines = _with_first_prompts(lines) if shell == "iex" else _with_second_prompts(lines)
    starts = [number for number, line in enumerate(lines) if first.match(line)]
    found: list[Exchange] = []
    for start, stop in zip(starts, [*starts[1:], len(lines)], strict=False):
        prompt = first.match(lines[start])
        assert prompt is not None
        one = _exchange(prompt, lines[start + 1 : stop], shell, start)
        if one.expression:
            found.append(one)
    return found


def preamble(text: str, shell: Shell) -> str:
    """What stands above the first prompt: often the module that the session uses."""
    first = _IEX if shell == "iex" else _ERL
    lines = text.splitlines()
    if shell == "iex":
        lines = _with_first_prompts(lines)
    start = next((number for number, line in enumerate(lines) if first.match(line)), 0)
    return "\n".join(lines[:start]).strip("\n")


def _with_first_prompts(lines: list[str]) -> list[str]:
    """Some books go on with the second prompt after a comment: it begins an expression there."""
    return [
        re.sub(r"^(\s*)(?:\.{2,3}|\u2026)", r"\1iex", line)
        if _IEX_MORE.match(line) and (number == 0 or _is_comment(lines[number - 1], "#"))
        else line
        for number, line in enumerate(lines)
    ]


def _with_second_prompts(lines: list[str]) -> list[str]:
    """Erlang's shell counts expressions, not lines: below an open line its prompt comes again.

    Only right below: after an error the same number begins anew, with what was printed between.
    """
    changed = list(lines)
    open_: tuple[str | None, str] | None = None
    for number, line in enumerate(lines):
        found, more = _ERL.match(line), _ERL_MORE.match(line)
        if found is not None:
            typed, own = found["code"] or "", (found["in"], found["no"])
            if own == open_:
                changed[number] = f".. {typed}"
        else:
            typed, own = (more[1] or "" if more else ""), open_ if more else None
        open_ = None if _ERL_ENDS.search(typed) else own
    return changed


def _exchange(prompt: re.Match[str], below: list[str], shell: Shell, line: int) -> Exchange:
    more = _IEX_MORE if shell == "iex" else _ERL_MORE
    typed, rest = [prompt["code"] or ""], list(below)
    while rest and (next_ := more.match(rest[0])):
        typed.append(next_[1] or "")
        rest.pop(0)
    unmarked = _unfinished(typed, rest, shell)
    typed += rest[:unmarked]
    inside = prompt["in"] or ""  # a count, or the name of a node; then the count stands behind it
    node = inside if "@" in inside else ""
    number = prompt["no"] or ("" if node else inside)
    return Exchange(
        "\n".join(typed).strip(), _printed(rest[unmarked:], shell), number == "1", node, line
    )


def _unfinished(typed: Sequence[str], rest: Sequence[str], shell: Shell) -> int:
    """How many lines below still belong to the expression: the fewest that make it whole.

    Where none do, the expression is as broken as it was meant to be, and stands alone.
    """
    for count in range(min(len(rest), _LINES_MAX) + 1):
        if count and not rest[count - 1].strip() and shell == "iex":
            continue
        code = "\n".join([*typed, *rest[:count]])
        if _ERL_ENDS.search(code.rstrip()) if shell == "erl_shell" else not faults(code, "elixir"):
            return count
    return 0


def _printed(lines: Sequence[str], shell: Shell) -> str:
    """What the shell printed; comments at the end are the author's."""
    sign = "#" if shell == "iex" else "%"
    body = [line.rstrip() for line in lines]
    while body and (not body[-1] or _is_comment(body[-1], sign)):
        body.pop()
    while body and not body[0]:
        body.pop(0)
    return "\n".join(body)


def _is_comment(line: str, sign: str) -> bool:
    stripped = line.lstrip()
    if sign == "#":  # a pid or a struct is no comment
        return stripped == "#" or stripped.startswith("# ")
    return stripped.startswith(sign)


def annotated(text: str) -> list[Exchange]:
    """Expressions of a plain Elixir listing, results from comments like ``#=> 2``.

    All top-level expressions in order, those without a comment with an empty result; nothing when
    no comment shows a result.
    """
    if "#" not in text or not any(_SHOWN.match(part) for part in _comments(text)):
        return []
    if faults(text, "elixir"):
        return []
    source = text.encode("utf-8", "replace")
    found: list[Exchange] = []
    last_row = -1
    open_ = False
    for node in syntax_tree(text, "elixir").children:
        words = source[node.start_byte : node.end_byte].decode("utf-8", "replace")
        if node.type != "comment":
            if node.is_named and words.strip():
                found.append(Exchange(words, "", line=node.start_point[0]))
                last_row, open_ = node.end_point[0], False
            continue
        near = bool(found) and node.start_point[0] - last_row <= 1
        shown = _SHOWN.match(words.strip())
        more = _GOES_ON.match(words.strip()) if open_ else None
        if near and (shown or more):
            said = [found[-1].result] if found[-1].result else []
            said.append((shown or more)[1])  # type: ignore[index]
            found[-1] = Exchange(found[-1].expression, "\n".join(said), line=found[-1].line)
            last_row, open_ = node.end_point[0], True
        else:
            open_ = False
    return found if any(one.result for one in found) else []


def _comments(text: str) -> list[str]:
    return [line[line.index("#") :] for line in text.splitlines() if "#" in line]
