"""Errors as Erlang's shell prints them: the reason behind the words.

Belongs here: reading class and value of a reason out of its words (``no match of right hand side
value 5``) or out of the term (``{badmatch,5}``), and when two of them are one. Does not: finding
the banner in a text (``wording.py``).

All that Erlang calls an *error* has one class in the banner; what a reader takes for the class is
the reason: ``badarith``, ``{badmatch, _}``, ``undef``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from booktune_assets.beam.notation import Term, parse_term
from booktune_assets.beam.rewordings import begins, packed, same_syntax
from booktune_assets.beam.terms import same

__all__ = ["Reason", "reason_of", "same_reason"]

# what follows the words: a value, a call, or nothing that counts
_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.S))
    for name, pattern in (
        ("badarith", r"(?:bad argument in an arithmetic expression|an error occurred when "
                     r"evaluating an arithmetic expression)"),
        ("badarg", r"bad argument(?:: (?P<value>.+))?"),
        ("badmatch", r"no match of right hand side value:? (?P<value>.+)"),
        ("case_clause", r"no case clause matching:? (?P<value>.+)"),
        ("else_clause", r"no else clause matching:? (?P<value>.+)"),
        ("try_clause", r"no try clause matching:? (?P<value>.+)"),
        ("if_clause", r"no true branch found when evaluating an if expression"),
        ("function_clause", r"no function clause matching(?: call to)?:? (?P<call>.+?)"
                            r"(?: \(\S+, line \d+\)| in .+)?"),
        ("undef", r"undefined (?:shell command|function|local function):? (?P<name>\S+)"),
        ("badarity", r"(?P<text>\S.* called with .+)"),
        ("badfun", r"bad function:? (?P<value>.+)"),
        ("badkey", r"bad key:? (?P<value>.+)"),
        ("badmap", r"bad map:? (?P<value>.+)"),
        ("badrecord", r"bad record:? (?P<value>.+)"),
        ("bad_filter", r"bad filter:? (?P<value>.+)"),
        ("bad_generator", r"bad generator:? (?P<value>.+)"),
        ("unbound", r"variable (?P<name>\S+) is unbound"),
        ("noproc", r"no such process or port"),
        ("system_limit", r"a system limit has been reached"),
        ("timeout_value", r"bad receive timeout value(?:: (?P<value>.+))?"),
        ("argument_limit", r"limit of number of arguments to interpreted function exceeded"),
        ("notalive", r"the node cannot be part of a distributed system"),
    )
)  # fmt: skip
_NAMES = frozenset(name for name, _ in _WORDS)
_FRAME = re.compile(r"^\s+in (?:function|operator|call to)\s+(\S+?)(?: \(.*)?$")
_CALLED = re.compile(r"^\s+called as (.+)$")
_SINCE_26 = re.compile(r"_\d(?=/|$)")  # lists:map/2 does its work in lists:map_1/2
_SHELL_FUN = re.compile(r"'?-inside-an?-(?:shell|interpreted)-fun-'?")


@dataclass(frozen=True, slots=True)
class Reason:
    """``name``: of Erlang's own reasons, else empty; ``value``, or the ``text`` that stands for it;
    ``call``: the function that it speaks of, ``frame`` and ``called`` where it came from."""

    name: str
    value: Term | None = None
    text: str = ""
    call: str = ""
    frame: str = ""
    called: str = ""


def reason_of(says: str, below: Sequence[str] = ()) -> Reason:
    """The reason of an error from its words or its term, and the lines below it."""
    frame, called = _frames(below)
    says = says.strip().removesuffix("**").strip().rstrip(".")
    for name, pattern in _WORDS:
        if found := pattern.fullmatch(says):
            parts = found.groupdict()
            call, value = parts.get("name") or "", parts.get("value") or ""
            if parts.get("call"):
                call, value = _call(parts["call"])
            value = parts.get("text") or value
            return Reason(name, parse_term(value, "erlang"), value, call, frame, called)
    term = parse_term(says, "erlang")
    return _raw(term, says, frame, called) if term else Reason("", None, says, "", frame, called)


def same_reason(
    one: Reason, other: Reason, parsed: bool
) -> Literal["wording", "error_class", "error_message"] | None:
    """What tells two reasons apart. ``parsed``: the shell refused them before running anything."""
    if one.name != other.name:
        return "error_class"
    if parsed and not one.name:
        if packed(one.text) == packed(other.text):
            return None
        return "wording" if same_syntax(one.text, other.text) else "error_message"
    if not (_same_value(one, other) and _same_call(one, other) and _same_frame(one, other)):
        return "error_message"
    return None if packed(one.text) == packed(other.text) else "wording"


def _raw(term: Term, says: str, frame: str, called: str) -> Reason:
    """A reason that is printed as it is, perhaps with its stack."""
    call = ""
    if term.kind == "tuple" and len(term.items) == 2 and _is_stack(term.items[1]):
        top = term.items[1].items[:1]
        term, says = term.items[0], ""
        if top and len(top[0].items) >= 3:
            module, function, args = top[0].items[:3]
            arity = len(args.items) if args.kind == "list" else args.value
            call = f"{module.value}:{function.value}/{arity}"
    if term.kind == "atom" and term.value in _NAMES:
        wants = term.value in ("undef", "function_clause")
        return Reason(str(term.value), None, "", call if wants else "", frame, called)
    if term.kind == "tuple" and len(term.items) == 2 and term.items[0].kind == "atom":
        name, value = term.items
        if name.value in _NAMES:
            return Reason(str(name.value), value, "", "", frame, called)
    return Reason("", term, says, "", frame, called)


def _is_stack(term: Term) -> bool:
    return term.kind == "list" and all(
        item.kind == "tuple" and len(item.items) in (3, 4) and item.items[0].kind == "atom"
        for item in term.items
    )  # fmt: skip


def _call(text: str) -> tuple[str, str]:
    """Name and arguments (as a tuple) of a call."""
    name, bracket, rest = text.partition("(")
    return name.strip(), "{" + rest.rstrip().removesuffix(")") + "}" if bracket else ""


def _frames(below: Sequence[str]) -> tuple[str, str]:
    """The first function that the stack names, and how it was called."""
    frame = called = ""
    for number, line in enumerate(below):
        if found := _FRAME.match(line):
            if frame:
                break
            frame = found[1]
        elif found := _CALLED.match(line):
            more = [found[1]]
            for after in below[number + 1 :]:
                if not after.startswith(" " * 10) or after.strip().startswith(("***", "in ")):
                    break
                more.append(after.strip())
            return frame, " ".join(more)
        elif not line.startswith(" "):
            break
    return frame, called


def _same_value(one: Reason, other: Reason) -> bool:
    if one.value and other.value:
        return same(one.value, other.value)
    if not one.text or not other.text:
        return one.name != "" or not one.text  # the words of the one class say no more
    if packed(one.text) == packed(other.text) or begins(other.text, one.text):
        return True
    cut = one.text.replace("...", "\u2026").split("\u2026")
    parts = [re.escape(packed(part)) for part in cut]
    return len(parts) > 1 and bool(re.fullmatch(".*".join(parts), packed(other.text)))


def _same_call(one: Reason, other: Reason) -> bool:
    if not one.call or not other.call:
        return True
    first, second = (_bare(reason.call) for reason in (one, other))
    if one.name == "function_clause":  # its words show arguments, its term an arity
        first, second = first.partition("/")[0], second.partition("/")[0]
    return first == second


def _same_frame(one: Reason, other: Reason) -> bool:
    """Where a function of Erlang's own failed, and with what: only where both show it."""
    if one.name not in ("badarg", "badarith", "badkey", "badmap"):
        return True
    frames = [_bare(reason.frame) for reason in (one, other)]
    if all(frames) and frames[0] != frames[1]:
        return False
    if not (one.called and other.called) or packed(one.called) == packed(other.called):
        return True
    (name, mine), (called, theirs) = _call(one.called), _call(other.called)
    first, second = parse_term(mine, "erlang"), parse_term(theirs, "erlang")
    if first and second:
        return _bare(name) == _bare(called) and same(first, second)
    return "..." in one.called


def _bare(name: str) -> str:
    name = _SHELL_FUN.sub("-fun-", name.removeprefix("erlang:").replace("'", ""))
    return _SINCE_26.sub("", name)
