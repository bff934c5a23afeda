"""Is what a step gave what the book shows below it?

Belongs here: finding value, printed lines and errors in the text of a result, and comparing them
with an answer. Does not: the notation of values (``terms.py``), why an expression could not be
checked (``reasons.py``).

The book's text is taken apart with the answer in hand: it is the value that matches, wherever it
stands, and what is left are printed lines. Warnings, log lines and stack traces are nobody's value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from booktune_assets.beam.session import Answer
from booktune_assets.beam.terms import Dialect, Term, parse_term, same
from booktune_assets.beam.wording import error_of, same_error

__all__ = ["Finding", "compare", "fold", "shown_error"]

Outcome = Literal["match", "mismatch", "error_as_said", "ran"]
_WARNING = re.compile(r"^\s*(?:\S+:\d+(?::\d+)?:\s*)?[Ww]arning:", re.M)
_BOX = re.compile(
    r"^\s*(?:[\u2500-\u257f|]|\d+ [\u2502|]|~+\s*$|\u2514|nofile:\d+|iex:\d+|lib/|\s{2,})"
)
_LOG = re.compile(
    r"^(?:\d\d:\d\d:\d\d(?:\.\d+)?\s*)?\[(?:error|info|debug|warn|warning|notice)\]"
    r"|^=(?:[A-Z]+ )+REPORT=*|^\d{4}-\d\d-\d\dT[\d:.+Z-]+\s|^\*\*\*? \w+ERROR REPORT"
)
_HANDLE = re.compile(r"#(?:PID|Port|Ref|Reference|Function|Fun)<[^<>\n]*>|<\d+\.\d+\.\d+>")
_REMARK = re.compile(r"\s+[#%]+ .*$", re.M)  # the author's, behind a value
_LINES_MAX = 120


@dataclass(frozen=True, slots=True)
class Finding:
    """``reason`` names what differs (value, output, error_class, error_message, no_error, raises),
    or in what a match is lenient."""

    outcome: Outcome
    reason: str = ""


def compare(result: str, answer: Answer, dialect: Dialect) -> Finding:
    """Judge an answer by the text that the book shows; ``ran`` when it shows nothing to judge by.

    Only answers with status ``ok``, ``error``, ``unparsed`` or ``exit`` can be judged.
    """
    lines = _plain(result)
    if dialect == "erlang":
        return _erlang(lines, answer)
    wanted = error_of(lines, "elixir")
    failed = answer.status != "ok"
    if wanted and failed:
        found = error_of(answer.message.splitlines(), "elixir")
        return _judged(same_error(wanted, found, answer.diagnostics))
    if wanted:
        if _printed(lines, answer):  # what looks like an error was printed
            return Finding("match")
        return Finding("mismatch", "no_error")
    if not lines:
        return Finding("ran", "raises" if failed else "")
    if failed:
        return Finding("mismatch", "raises")
    found = _value(lines, answer.value, answer.output, "elixir", answer.diagnostics)
    if found.reason == "output" and _WARNING.search(result):
        return Finding("match", "warning")  # versions word it differently, over several paragraphs
    return found


def shown_error(result: str, dialect: Dialect) -> bool:
    """Does the text of a result show an error?"""
    return error_of(_plain(result), dialect) is not None


def _erlang(lines: list[str], answer: Answer) -> Finding:
    """The shell's own output holds value and error; it is split as the book's is."""
    said = _plain(answer.output)
    wanted, found = error_of(lines, "erlang"), error_of(said, "erlang")
    if wanted:
        if found is None:
            return Finding("mismatch", "no_error")
        return _judged(same_error(wanted, found, ""))
    if not lines:
        return Finding("ran", "raises" if found else "")
    if found:
        return Finding("mismatch", "raises")
    for start in range(len(said)):
        value = "\n".join(said[start:])
        if parse_term(value, "erlang"):
            return _value(lines, value, "\n".join(said[:start]), "erlang")
    return _value(lines, "", "\n".join(said), "erlang")


def _judged(reason: str | None) -> Finding:
    if reason in (None, "wording"):
        return Finding("error_as_said", reason or "")
    return Finding("mismatch", reason or "")


def _value(lines: list[str], value: str, output: str, dialect: Dialect, aside: str = "") -> Finding:
    """The value somewhere among the lines, and the rest of them printed (or said ``aside``)."""
    if lines == ["..."] or lines == ["\u2026"]:
        return Finding("ran", "placeholder")
    printed = fold(output)
    actual = parse_term(value, dialect) if value else None
    best: Finding | None = None
    for first, last in _stretches(len(lines)):
        text = "\n".join(lines[first:last])
        if not value or not _same_value(text, value, actual, dialect):
            continue
        rest = fold("\n".join(lines[:first] + lines[last:]))
        if aside:
            said = fold(aside)
            rest = [line for line in rest if line not in said or line in printed]
        if rest == printed or sorted(rest) == sorted(printed) or _shortened(rest, printed):
            return Finding("match")
        if not rest:
            best = Finding("match", "output_left_out")
        elif best is None:
            best = Finding("mismatch", "output")
    if best is not None and best.outcome == "match":
        return best
    whole = fold("\n".join(lines))
    if printed and (sorted(whole) == sorted(printed) or _shortened(whole, printed)):
        return Finding("match", "value_left_out" if value else "")
    return best or Finding("mismatch", "value")


def _shortened(shown: list[str], printed: list[str]) -> bool:
    """Do the shown lines leave some out where ``...`` stands?"""
    for number, line in enumerate(shown):
        if line in ("...", "\u2026"):
            first, last = shown[:number], shown[number + 1 :]
            return printed[:number] == first and (not last or printed[-len(last) :] == last)
    return False


def _printed(lines: list[str], answer: Answer) -> bool:
    return _value(lines, answer.value, answer.output, "elixir").outcome == "match"


def _stretches(count: int) -> list[tuple[int, int]]:
    """Where a value may stand: at the end, at the beginning, or one line between."""
    count = min(count, _LINES_MAX)
    ends = [(first, count) for first in range(count)]
    begins = [(0, last) for last in range(count - 1, 0, -1)]
    return ends + begins + [(line, line + 1) for line in range(1, count - 1)]


def _same_value(text: str, value: str, actual: Term | None, dialect: Dialect) -> bool:
    """By value where both can be read, else by the words, white space apart."""
    shown = parse_term(text, dialect) or parse_term(_REMARK.sub("", text), dialect)
    if shown is not None and actual is not None:
        return same(shown, actual)
    one, other = _HANDLE.sub("#", text), _HANDLE.sub("#", value)
    if "".join(one.split()) == "".join(other.split()):
        return True
    if "..." not in one and "\u2026" not in one:
        return False
    parts = [re.escape("".join(part.split())) for part in re.split(r"\.\.\.|\u2026", one)]
    return len(text) < 4000 and bool(re.fullmatch(".*".join(parts), "".join(other.split())))


def fold(text: str) -> list[str]:
    """Printed lines without white space around, empty ones and numbers of handles."""
    lines = (" ".join(_HANDLE.sub("#", line).split()) for line in text.splitlines())
    return [line for line in lines if line]


def _plain(text: str) -> list[str]:
    """The lines of a result without warnings, log messages and blank lines at both ends."""
    kept: list[str] = []
    skipping = ""
    for line in text.splitlines():
        if _WARNING.match(line):
            skipping = "warning"
        elif _LOG.match(line):
            skipping = "log"
        elif not line.strip():
            skipping = ""
        elif skipping == "warning" and not _BOX.match(line):
            skipping = ""
        if not skipping:
            kept.append(line.rstrip())
    while kept and not kept[-1]:
        kept.pop()
    while kept and not kept[0]:
        kept.pop(0)
    return kept
