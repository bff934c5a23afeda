"""Errors as shells print them: class and message, and when two of them are the same error.

Belongs here: reading the banner of an error and what belongs to it, which classes are one. Does
not: what versions of Elixir word differently (``rewordings.py``), the reasons of Erlang
(``erlang_errors.py``), values (``terms.py``), results that hold more than an error
(``compare.py``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from booktune_assets.beam.erlang_errors import reason_of, same_reason
from booktune_assets.beam.notation import first_term
from booktune_assets.beam.rewordings import begins, names_all, packed, reworded, same_syntax, values
from booktune_assets.beam.terms import Dialect, same

__all__ = ["Shown", "error_of", "same_error"]

_ELIXIR = re.compile(r"^\s*\*\*\s*\((?P<name>[\w.]+|EXIT from [^)]*)\)\s?(?P<says>.*)$")
# since Elixir 1.15 the compiler says "error: undefined variable", and below it where
_DIAGNOSTIC = re.compile(r"^\s*error: (?P<says>.+)$")
_PLACE_BELOW = re.compile(r"^\s*(?:[\u2500-\u257f|]+ *)+\S*?[\w/]+(?:\.exs?|#cell\S*)?:\d+")
_ERLANG = re.compile(
    r"^\s*\*\*\s*(?:exception )?(?P<name>error|throw|exit|exited)(?: on node \S+)?:\s*(?P<says>.*)$"
)
_ERLANG_OLD = re.compile(r"^\s*\*{1,3} ?(?:\d+:(?:\d+:)?) ?(?P<says>.*)$|^\s*=ERROR(?P<old>)")
_STACK = re.compile(
    r"^\s+(?:\([\w .+-]+\) \S|\S+:\d+: |iex:\d+|:?\w[\w.:]*[./]\w+/\d+|:?[\w.]+\.[^\s(]+\("
    r"|in (?:function|call|operator) )"
)
_PLACE = re.compile(r"^(?:iex|nofile|listing|[\w./-]+\.exs?):\d+(?::\d+)?:\s*")
_GIVEN = re.compile(r"^\s*# \d+\s*$")
_PARSER = frozenset({"SyntaxError", "TokenMissingError", "MismatchedDelimiterError"})
_SYNTAX = _PARSER | {"CompileError"}
# exceptions of Elixir itself: versions word them differently, as they word no program's own
_ELIXIRS = frozenset(
    [
        "ArgumentError",
        "ArithmeticError",
        "BadArityError",
        "BadBooleanError",
        "BadFunctionError",
        "BadMapError",
        "BadStructError",
        "CaseClauseError",
        "Code.LoadError",
        "CompileError",
        "CondClauseError",
        "Enum.EmptyError",
        "Enum.OutOfBoundsError",
        "File.CopyError",
        "File.Error",
        "File.LinkError",
        "File.RenameError",
        "FunctionClauseError",
        "IO.StreamError",
        "Inspect.Error",
        "KeyError",
        "MatchError",
        "OptionParser.ParseError",
        "Protocol.UndefinedError",
        "Regex.CompileError",
        "SystemLimitError",
        "TryClauseError",
        "URI.Error",
        "UndefinedFunctionError",
        "UnicodeConversionError",
        "Version.InvalidRequirementError",
        "Version.InvalidVersionError",
        "WithClauseError",
        "MissingApplicationsError",
        "Registry.Error",
        "ExUnit.AssertionError",
    ]
)
_GENERIC = ("argumenterror", "badargument")  # older versions said no more
_NOCATCH = re.compile(r"\{nocatch,(.*)\}(?: \*\*)?$")
_BOOLEAN = ("ArgumentError", "BadBooleanError")  # what Elixir called it until 1.5, and since
_STRUCT_KEY = re.compile(r"(?:unknown )?key (\S+) (?:for struct|not found)")
_LOGGED = ("errorshavebeenlogged", "compilationerror")
Judged = Literal["wording", "error_class", "error_message"] | None


@dataclass(frozen=True, slots=True)
class Shown:
    """An error: its class (for Erlang error, throw or exit) and what it says, on one line."""

    name: str
    says: str
    dialect: Dialect
    expanding: bool = False  # while a macro was expanded: versions differ in who finds the fault
    parsed: bool = False  # an Erlang shell refused it before it ran anything
    below: tuple[str, ...] = ()  # the lines after the banner
    first: str = ""  # what it says in the line of the banner


def error_of(lines: Sequence[str], dialect: Dialect) -> Shown | None:
    """The first error that the lines show, without its stack."""
    for number, line in enumerate(lines):
        below = tuple(lines[number + 1 :])
        found = _ELIXIR.match(line) if dialect == "elixir" else _ERLANG.match(line)
        newer = _DIAGNOSTIC.match(line) if dialect == "elixir" else None
        old = _ERLANG_OLD.match(line) if dialect == "erlang" and not found else None
        if found:
            name = "EXIT" if found["name"].startswith("EXIT") else found["name"]
            macro = any("expanding macro" in line for line in below)
            says = _message(found["says"], below)
            return Shown(name, says, dialect, macro, below=below, first=found["says"])
        if newer and any(_PLACE_BELOW.match(one) for one in below[:11]):
            return Shown("CompileError", newer["says"], dialect, below=below)
        if old:
            says = _message(old["says"] or "", below)
            return Shown("error", says, dialect, parsed=True, below=below)
    return None


def same_error(wanted: Shown, found: Shown | None, diagnostics: str) -> Judged:
    """What tells the two apart: nothing (None), the wording of a version, class or message."""
    if found is None:
        return "error_class"
    if wanted.dialect == "erlang":
        return _same_in_erlang(wanted, found)
    if (wanted.name, found.name) == ("CompileError", "KeyError"):  # until Elixir 1.10, and since
        keys = [_STRUCT_KEY.match(error.says) for error in (wanted, found)]
        if keys[0] and keys[1] and keys[0][1] == keys[1][1]:
            return "wording"
    if (wanted.name, found.name) == _BOOLEAN and packed(wanted.says).lower() in _GENERIC:
        return "wording"
    if (wanted.name, found.name) == _BOOLEAN and wanted.says.startswith("argument error: "):
        got = found.says.rpartition("got: ")[2]
        return (
            _same_message(wanted, replace(wanted, says=f"argument error: {got}"), "") or "wording"
        )
    if not _same_class(wanted.name, found.name):
        early = wanted.expanding and found.name == "CompileError"
        return "wording" if early and names_all(wanted.says, found.says) else "error_class"
    if wanted.name in ("EXIT", "exit"):
        return _same_exit(wanted, found)
    if not _same_given(wanted.below, found.below):
        return "error_message"
    return _same_message(wanted, found, diagnostics)


def _same_message(wanted: Shown, found: Shown, diagnostics: str) -> Judged:
    """By what the two say; of one class already."""
    one, other = wanted.says, found.says
    mine, theirs = packed(one), packed(other)
    if not mine:
        return None
    own = wanted.name not in _ELIXIRS | _SYNTAX
    valued = values(one, other, "elixir")
    if valued is False or mine == theirs:
        return "error_message" if valued is False else None
    if valued is not None:
        cut = begins(other, one)
        return None if valued and cut else "wording" if valued else "error_message"
    if own:
        return None if mine == packed(found.first) or _like(one, other) else "error_message"
    if begins(other, one) or (theirs and begins(one, other)) or _like(one, other):
        return None
    if any(words in (mine + theirs).lower() for words in _LOGGED):
        return "wording"
    if _PARSER.issuperset((wanted.name, found.name)):
        return "wording" if same_syntax(one, other) else "error_message"
    if {mine.lower(), theirs.lower()}.intersection(_GENERIC):
        return "wording"
    return "wording" if reworded(one, other, diagnostics) else "error_message"


def _message(first: str, below: Sequence[str]) -> str:
    """The lines of a message up to the stack or a blank line; what is announced by a colon comes
    after the blank line, indented."""
    said = [first.strip()]
    for number, line in enumerate(below):
        if not line.strip() and _goes_on(said[-1], "".join(below[number + 1 : number + 2])):
            continue
        if not line.strip() or _STACK.match(line) or _ELIXIR.match(line) or _ERLANG.match(line):
            break
        said.append(line.strip())
    return _PLACE.sub("", " ".join(said).strip())


def _goes_on(last: str, line: str) -> bool:
    """Does a message go on after a blank line, as it does since Elixir 1.18?"""
    if line.strip() == "Got value:":
        return True
    return last.endswith(":") and line.startswith("  ") and not _STACK.match(line)


def _same_class(one: str, other: str) -> bool:
    if one in _SYNTAX and other in _SYNTAX:
        return True
    return one.removeprefix("Elixir.") == other.removeprefix("Elixir.")


def _like(one: str, other: str) -> bool:
    """Does ``...`` stand for what is missing?"""
    if "..." not in one and "\u2026" not in one:
        return False
    parts = [re.escape(packed(part)) for part in re.split(r"\.\.\.|\u2026", one)]
    return bool(re.fullmatch(".*".join(parts), packed(other)))


def _same_given(one: Sequence[str], other: Sequence[str]) -> bool:
    """The arguments of a call that no clause matched, where both list them."""
    mine, theirs = _given(one), _given(other)
    for first, second in zip(mine, theirs, strict=False):
        read = [first_term(text, "elixir") for text in (first, second)]
        if read[0] and read[1] and not same(read[0][0], read[1][0]):
            return False
    return True


def _given(lines: Sequence[str]) -> list[str]:
    found: list[list[str]] = []
    for line in lines:
        if _GIVEN.match(line):
            found.append([])
        elif found and (not line.startswith(" ") or not line.strip()):
            if line.strip():
                break
            found[-1].append("\0")
        elif found and "\0" not in found[-1]:
            found[-1].append(line.strip())
    return ["\n".join(part for part in one if part != "\0") for one in found]


def _same_exit(wanted: Shown, found: Shown) -> Judged:
    """A process that went down: by the error inside, or by the words behind."""
    if all(error.says.startswith("exited in:") for error in (wanted, found)) and not (
        begins(found.says, wanted.says) or _like(wanted.says, found.says)
    ):
        return "error_message"
    inner = [_inside(error) for error in (wanted, found)]
    if inner[0] and inner[1]:
        judged = same_error(inner[0], inner[1], "")
        return "error_message" if judged == "error_class" else judged
    last = [error.says.rpartition("reason:")[2] or error.says for error in (wanted, found)]
    if packed(last[0]) == packed(last[1]) or begins(last[1], last[0]) or begins(last[0], last[1]):
        return None
    read = [first_term(text.strip(), "elixir") for text in last]
    if read[0] and read[1]:
        return "wording" if same(read[0][0], read[1][0]) else "error_message"
    raised = next((error for error in inner if error), None)
    told = last[0] if inner[1] else last[1]
    return "wording" if raised and raised.name in told else "error_message"


def _inside(error: Shown) -> Shown | None:
    """The error that a process went down with, in the same line or the next."""
    rest = re.sub(r"^.*?(?=\*\* \()", "", error.says) if "** (" in error.says else ""
    lines = [rest] if rest else []
    for line in error.below:
        if not line.strip():
            break
        lines.append(line)
    return error_of(lines, "elixir")


def _same_in_erlang(wanted: Shown, found: Shown) -> Judged:
    one, other = (reason_of(error.says, error.below) for error in (wanted, found))
    if "exited" not in (wanted.name, found.name) and wanted.name != found.name:
        return "error_class"  # until R12 all of them were "exited"
    if not wanted.says:
        return None
    thrown = _NOCATCH.match(wanted.says)
    if wanted.name == "exited" and found.name == "throw" and thrown:
        one, other = reason_of(f"{{{thrown[1]}}}"), reason_of(f"{{{found.says}}}")
    if wanted.name in ("throw", "exit"):
        one, other = (reason_of(f"{{{error.says}}}") for error in (wanted, found))
    return same_reason(one, other, wanted.parsed and found.parsed)
