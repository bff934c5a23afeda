"""Functions that an answer names must exist: in its evidence, its book, or the installed library.

Belongs here: which functions a text names, and whether each is known. Does not: what is installed
(``beam/symbols.py``), other grounding (``gates.py``).

The evidence is looked at first, so the exports of the installed Elixir and OTP are loaded only when
an answer says more than its quotes do; ``exports_in`` says where they are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from booktune_assets.beam.structure import structure
from booktune_assets.beam.symbols import BookSymbols, SymbolTable, installed_symbols
from booktune_assets.pairs.rules import fences, without_fences

__all__ = ["Named", "exports", "exports_in", "named", "unsupported"]

_CODE = {"elixir": "elixir", "ex": "elixir", "erlang": "erlang", "iex": "iex", "erl": "erl_shell"}
_ERLANG = ("erlang", "erl_shell")
_TICKED = re.compile(r"`([^`\n]+)`")
_REMOTE = re.compile(
    r"(?<![\w.@:/%])(?P<module>[A-Z]\w*(?:\.[A-Z]\w*)*|:[a-z]\w*)\.(?P<name>[a-z_]\w*[?!]?)"
    r"(?:/(?P<arity>\d+)|(?P<call>\())?"
)
_COLON = re.compile(r"(?<![\w.:/])(?P<module>[a-z]\w*):(?P<name>[a-z_]\w*)(?:/(?P<arity>\d+)|\()")
_LOCAL = re.compile(r"(?P<name>[a-z_]\w*[?!]?)(?:/(?P<arity>\d+)|\([^`]*\))")
_TYPES = frozenset(("t",))  # `String.t()` is a type, no function
_FORMS = frozenset(("fn", "fun", "if", "case", "cond", "do", "receive", "when", "with", "for"))

_kept_in: list[Path] = []


@dataclass(frozen=True, slots=True)
class Named:
    """A function that a text names. ``module`` as in Elixir source, empty for a local one;
    ``arity`` is None where the text does not say it; ``text`` is how it is written."""

    module: str
    name: str
    arity: int | None
    text: str


def exports_in(cache: Path) -> None:
    """Where the exports of the installed toolchain are kept, or will be."""
    _kept_in[:] = [cache]


def exports() -> SymbolTable | None:
    """The exports of the installed Elixir and OTP; None where there is no toolchain."""
    return installed_symbols(_kept_in[0]) if _kept_in else None


def named(text: str) -> list[Named]:
    """Functions that the words of a text name, without what stands in fenced code, in order.

    Those are ``Mod.fun/2``, ``mod:fun/2``, and calls between backticks.
    """
    found: dict[Named, None] = {}
    prose = without_fences(text)
    for match in _REMOTE.finditer(_TICKED.sub(" ", prose)):
        if match["arity"]:
            found[_remote(match)] = None
    for match in _COLON.finditer(_TICKED.sub(" ", prose)):
        if match["arity"]:
            found[_remote(match)] = None
    for ticked in _TICKED.findall(prose):
        for match in (*_REMOTE.finditer(ticked), *_COLON.finditer(ticked)):
            if match["name"] not in _TYPES:
                found[_remote(match)] = None
        if (local := _LOCAL.fullmatch(ticked.strip())) and local["name"] not in _FORMS:
            arity = int(local["arity"]) if local["arity"] else None
            found[Named("", local["name"], arity, local[0])] = None
    return list(found)


def unsupported(
    answer: str, evidence: Sequence[str], homes: Iterable[str] = (),
    book: BookSymbols | None = None,
) -> list[str]:  # fmt: skip
    """Functions of an answer that nothing supports, as they are written.

    ``evidence`` are its quotes, ``homes`` further texts of the book that count (its sections),
    ``book`` what the listings of the book define. The installed exports come last.
    """
    told = "\n".join([*evidence, *homes])
    names = [one for one in named(answer) if not _told(one, told)]
    names += [one for one in _called(answer, told) if not _told(one, told)]
    left = [one for one in dict.fromkeys(names) if not _defined(one, book)]
    return [one.text for one in left if not _made(one, evidence)]


def _made(one: Named, evidence: Sequence[str]) -> bool:
    """Does a quote make this very call, whatever other arities are told of beside it?"""
    if not one.module:
        return False
    lang = "erlang" if one.module.startswith(":") else "elixir"
    calls = (use for quote in evidence for use in structure(quote, lang).remote())
    wanted = (one.module.removeprefix(":"), one.name, one.arity)
    return any((use.module.removeprefix(":"), use.name, use.arity) == wanted for use in calls)


def _remote(match: re.Match[str]) -> Named:
    module = match["module"]
    if ":" in match[0] and not module.startswith(":"):
        module = f":{module}"
    arity = int(match["arity"]) if match["arity"] else None
    return Named(module, match["name"], arity, match[0].rstrip("("))


def _called(answer: str, told: str) -> Iterator[Named]:
    """Calls to other modules in fenced code that does not stand in the evidence as it is."""
    plain = " ".join(told.split())
    for mark, code in fences(answer):
        lang = _CODE.get(mark)
        if lang is None or " ".join(code.split()) in plain:
            continue
        for use in structure(code, lang).remote():
            module = use.module
            if lang in _ERLANG and not module.startswith("Elixir."):
                module = f":{module}"
            yield Named(module, use.name, use.arity, f"{use.module}.{use.name}/{use.arity}")


def _told(one: Named, told: str) -> bool:
    """Does the evidence name it, and with no other arity only?"""
    if one.text in told and re.search(rf"(?<![\w.]){re.escape(one.text)}(?!\d)", told):
        return True
    if one.name not in told:
        return False
    last = one.module.removeprefix(":").rsplit(".", 1)[-1]
    head = rf"(?<!\w){re.escape(last)}[.:]" if last else r"(?<!\w)"
    said = re.findall(rf"{head}{re.escape(one.name)}(?![\w?!])(?:/(\d+))?", told)
    arities = {int(arity) for arity in said if arity}
    return bool(said) and (one.arity is None or not arities or one.arity in arities)


def _defined(one: Named, book: BookSymbols | None) -> bool:
    """Does the book or the installed library define it?"""
    if book is not None and any(
        name == one.name and (not one.module or module == one.module)
        and (one.arity is None or arity == one.arity)
        for module, name, arity in book.functions
    ):  # fmt: skip
        return True
    table = exports()
    if table is None:
        return False
    modules = (one.module,) if one.module else ("Kernel", "Kernel.SpecialForms", ":erlang")
    arities = {arity for module in modules for arity in table.arities(module, one.name)}
    return bool(arities) if one.arity is None else one.arity in arities
