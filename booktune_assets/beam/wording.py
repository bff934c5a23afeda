"""Errors as shells print them: class and message, and when two of them are the same error.

Belongs here: reading the banner of an error, what versions of Elixir and OTP word differently. Does
not: values (``terms.py``), results that hold more than an error (``compare.py``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from booktune_assets.beam.terms import Dialect, parse_term, same

__all__ = ["Shown", "error_of", "same_error"]

_ELIXIR = re.compile(r"^\s*\*\*\s*\((?P<name>[\w.]+|EXIT from [^)]*)\)\s?(?P<says>.*)$")
# since Elixir 1.15 the compiler says "error: undefined variable", and below it where
_DIAGNOSTIC = re.compile(r"^\s*error: (?P<says>.+)$")
_PLACE_BELOW = re.compile(r"^\s*(?:[\u2500-\u257f|]+ *)+\S*?[\w/]+(?:\.exs?|#cell\S*)?:\d+")
_ERLANG = re.compile(
    r"^\s*\*\*\s*exception (?P<name>error|throw|exit)(?: on node \S+)?:\s*(?P<says>.*)$"
)
_ERLANG_OLD = re.compile(r"^\s*\*{1,3} ?(?:\d+:(?:\d+:)?) ?(?P<says>.*)$|^\s*=ERROR(?P<old>)")
_STACK = re.compile(
    r"^\s+(?:\([\w .+-]+\) \S|\S+:\d+: |iex:\d+|:?\w[\w.:]*[./]\w+/\d+|:?[\w.]+\.[^\s(]+\("
    r"|in (?:function|call|operator) )"
)
_PLACE = re.compile(r"^(?:iex|nofile|listing|[\w./-]+\.exs?):\d+(?::\d+)?:\s*")
_HANDLE = re.compile(r"#(?:PID|Port|Ref|Reference|Function|Fun)<[^<>\n]*>|<\d+\.\d+\.\d+>")
_WORD = re.compile(r"[\w@?!]+")
_QUOTED = re.compile(
    r"[\"'`\u201c\u201d\u2018\u2019]([^\"'`\u201c\u201d\u2018\u2019\n]+)[\"'`\u201c\u201d\u2018\u2019]"
)
_NAME = re.compile(r"(?<![\w.])[a-z_]\w*[?!]?(?=/\d)|(?<![\w])[A-Z]\w*(?:\.\w+)*")
_PARSER = frozenset({"SyntaxError", "TokenMissingError", "MismatchedDelimiterError"})
_SYNTAX = _PARSER | {"CompileError"}
# raised with words of the program's own: these do not change with a version
_OWN_WORDS = frozenset({"RuntimeError", "throw", "exit", "stop", "ErlangError"})
_GENERIC = frozenset({"argumenterror", "badargument"})  # older versions said no more
_LOGGED = ("errorshavebeenlogged", "compilationerror")


@dataclass(frozen=True, slots=True)
class Shown:
    """An error: its class (for Erlang error, throw or exit) and what it says, on one line."""

    name: str
    says: str
    dialect: Dialect
    expanding: bool = False  # while a macro was expanded: versions differ in who finds the fault


def error_of(lines: Sequence[str], dialect: Dialect) -> Shown | None:
    """The first error that the lines show, without its stack."""
    for number, line in enumerate(lines):
        found = _ELIXIR.match(line) if dialect == "elixir" else _ERLANG.match(line)
        newer = _DIAGNOSTIC.match(line) if dialect == "elixir" else None
        old = _ERLANG_OLD.match(line) if dialect == "erlang" and not found else None
        if found:
            name = "EXIT" if found["name"].startswith("EXIT") else found["name"]
            below = lines[number + 1 :]
            macro = any("expanding macro" in line for line in below)
            return Shown(name, _message(found["says"], below), dialect, macro)
        if newer and any(_PLACE_BELOW.match(one) for one in lines[number + 1 : number + 12]):
            return Shown("CompileError", newer["says"], dialect)
        if old:
            return Shown("error", _message(old["says"] or "", lines[number + 1 :]), dialect)
    return None


def same_error(
    wanted: Shown, found: Shown | None, diagnostics: str
) -> Literal["wording", "error_class", "error_message"] | None:
    """What tells the two apart: nothing (None), the wording of a version, class or message."""
    if found and wanted.expanding and found.name == "CompileError":
        return "wording"
    if found is None or not _same_class(wanted.name, found.name):
        return "error_class"
    mine, other = _plain(wanted.says), _plain(found.says)
    if mine == other or not mine:
        return None
    if wanted.name == "EXIT":
        return _same_exit(wanted.says, found.says)
    if mine.startswith(other) or other.startswith(mine) or _like(wanted.says, found.says):
        return None
    if any(words in mine + other for words in _LOGGED):
        return "wording"
    one, two = _shown_value(wanted), _shown_value(found)
    if one and two and (judged := _same_values(one, two, wanted.dialect)) is not None:
        return judged
    if _PARSER.issuperset((wanted.name, found.name)):
        return "wording"
    if wanted.name in _OWN_WORDS or (wanted.dialect == "erlang" and wanted.name != "error"):
        return "error_message"
    if _GENERIC & {mine, other}:
        return "wording"
    return "wording" if _speaks_of_same(wanted.says, found.says + diagnostics) else "error_message"


def _message(first: str, below: Sequence[str]) -> str:
    """The lines of a message up to the stack or a blank line."""
    said = [first.strip()]
    for line in below:
        if not line.strip() or _STACK.match(line) or _ELIXIR.match(line) or _ERLANG.match(line):
            break
        said.append(line.strip())
    return _PLACE.sub("", " ".join(said).strip())


def _same_class(one: str, other: str) -> bool:
    if one in _SYNTAX and other in _SYNTAX:
        return True
    return one.lower().removeprefix("elixir.") == other.lower().removeprefix("elixir.")


def _plain(text: str) -> str:
    text = _HANDLE.sub("#", text)
    text = re.sub(r"[\"'`\u201c\u201d\u2018\u2019]", "'", text).replace("~c'", "'")
    return "".join(text.split()).lower().rstrip(".:")


def _like(one: str, other: str) -> bool:
    """Does ``...`` stand for what is missing?"""
    if "..." not in one and "\u2026" not in one:
        return False
    parts = [re.escape(_plain(part)) for part in re.split(r"\.\.\.|\u2026", one)]
    return bool(re.match(".*".join(parts), _plain(other)))


def _same_exit(one: str, other: str) -> Literal["wording", "error_message"] | None:
    """A shell that went down with a process: by the error inside, or by the words behind."""
    inner = [error_of([re.sub(r"^.*?(\*\* \()", r"\1", text)], "elixir") for text in (one, other)]
    if inner[0] and inner[1]:
        judged = same_error(inner[0], inner[1], "")
        return "error_message" if judged == "error_class" else judged
    last = [_plain(text.rpartition("reason:")[2] or text) for text in (one, other)]
    if last[0] == last[1] or last[0] in last[1] or last[1] in last[0]:
        return None
    return "wording" if "anexceptionwasraised" in last[0] + last[1] else "error_message"


def _shown_value(error: Shown) -> tuple[str, str] | None:
    """The words of a message and the value behind them (``no match of …: {:error, :oops}``)."""
    if error.dialect == "erlang":
        found = re.match(r"(.*(?:value|matching|clause)) (.+)$", error.says)
        return (found[1], found[2]) if found else None
    words, colon, value = error.says.partition(": ")
    return (words, value) if colon else None


def _same_values(
    one: tuple[str, str], two: tuple[str, str], dialect: Dialect
) -> Literal["wording", "error_message"] | None:
    if _plain(one[0]) != _plain(two[0]):
        return None
    first, second = parse_term(one[1], dialect), parse_term(two[1], dialect)
    if first is None or second is None:
        return None
    return "wording" if same(first, second) else "error_message"


def _speaks_of_same(one: str, other: str) -> bool:
    """Do two wordings of one class speak of the same names? Without names, of enough same words."""
    names = {name.lower() for name in [*_QUOTED.findall(one), *_NAME.findall(one)]}
    said = _plain(other)
    named = [name for name in names if "".join(name.split()) not in ("the", "however", "be", "a")]
    if named:
        return any(_plain(name) in said for name in named)
    mine, theirs = set(_WORD.findall(one.lower())), set(_WORD.findall(other.lower()))
    return not mine or len(mine & theirs) / len(mine) >= 0.4
