"""Which modules and functions there are: in the installed Elixir and OTP, and in one book.

Belongs here: both tables, and what a listing's calls come to by them. Does not: reading listings
(``structure.py``), the order of learning (``books/symbols.py``).

Modules are named as in Elixir source: ``Enum``, and ``:ets`` for those of Erlang.
"""

from __future__ import annotations

import difflib
import gzip
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from booktune_assets.beam.misspelt import meant
from booktune_assets.beam.sandbox import Limits
from booktune_assets.beam.structure import Structure, Used, structure
from booktune_assets.beam.toolchain import ask, toolchain_version

__all__ = ["BookSymbols", "Checked", "Symbol", "SymbolTable", "book_symbols", "check_calls",
           "installed_symbols", "named"]  # fmt: skip

_LIMITS = Limits(cpu_seconds=120, wall_seconds=900.0, reply_bytes=64_000_000)
_GENERATED = frozenset(("module_info", "__info__", "__struct__", "behaviour_info"))

Status = Literal[
    "installed", "deprecated", "book", "wrong_arity", "unknown_function", "unknown_module"
]


@dataclass(frozen=True, slots=True)
class Symbol:
    """An export. ``since`` and ``deprecated`` are what its documentation says, mostly empty."""

    kind: Literal["function", "macro"]
    since: str = ""
    deprecated: str = ""


@dataclass(frozen=True, slots=True)
class SymbolTable:
    """Exports by module, then by name and arity; ``version`` is the toolchain's."""

    version: str
    modules: Mapping[str, Mapping[tuple[str, int], Symbol]]

    def find(self, module: str, name: str, arity: int) -> Symbol | None:
        """The export, or None."""
        return self.modules.get(module, {}).get((name, arity))

    def arities(self, module: str, name: str) -> list[int]:
        """Arities under which a module exports a name."""
        return sorted(arity for one, arity in self.modules.get(module, {}) if one == name)

    def near(self, module: str, name: str) -> str:
        """The export whose name is written almost like this one; empty when there is none."""
        names = sorted({one for one, _ in self.modules.get(module, {})})
        # in a name of three letters two swapped ones are half of what is alike
        swapped = [one for one in names if _swapped(name, one)]
        return next(iter([*swapped, *difflib.get_close_matches(name, names, 1, 0.75)]), "")


@dataclass(slots=True)
class BookSymbols:
    """What the listings of a book define, with the blocks that do."""

    modules: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    functions: dict[tuple[str, str, int], list[str]] = field(
        default_factory=dict[tuple[str, str, int], list[str]]
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """A call to a named module and what it comes to; ``hint`` says what may be meant instead."""

    use: Used
    status: Status
    hint: str = ""


def installed_symbols(cache: Path) -> SymbolTable | None:
    """Exports of the Elixir and OTP installed here; None without Elixir or a sandbox.

    Asked once of each toolchain and kept in the folder ``cache``.
    """
    version = toolchain_version()
    return _installed(cache, version) if version else None


def book_symbols(listings: Iterable[tuple[str, str, str]]) -> BookSymbols:
    """The table of a book from ``(block_id, text, lang)`` of its listings, in their order."""
    table = BookSymbols()
    for block_id, text, lang in listings:
        found = structure(text, lang)
        for module in found.modules:
            table.modules.setdefault(named(module.name, found.lang), []).append(block_id)
        for one in found.functions():
            for arity in one.arities:
                key = (named(one.module, found.lang), one.name, arity)
                if key[0] and block_id not in table.functions.setdefault(key, []):
                    table.functions[key].append(block_id)
    return table


def check_calls(
    found: Structure, table: SymbolTable, book: BookSymbols | None = None
) -> list[Checked]:
    """What each call of a listing to another module by name comes to, in order."""
    return [_check(use, found.lang, table, book or BookSymbols()) for use in found.remote()]


def _check(use: Used, lang: str, table: SymbolTable, book: BookSymbols) -> Checked:
    module = named(use.module, lang)
    if module in book.modules:
        return _check_own(use, module, book)
    if module not in table.modules:
        return Checked(use, "unknown_module", _meant(use, module, table, book))
    symbol = table.find(module, use.name, use.arity)
    if symbol is not None:
        status: Status = "deprecated" if symbol.deprecated else "installed"
        return Checked(use, status, symbol.deprecated)
    if use.name in _GENERATED:
        return Checked(use, "installed")
    if arities := table.arities(module, use.name):
        return Checked(use, "wrong_arity", f"{use.name}/{', '.join(map(str, arities))}")
    return Checked(use, "unknown_function", table.near(module, use.name))


def _meant(use: Used, module: str, table: SymbolTable, book: BookSymbols) -> str:
    """The module of which the name is a slip: it has the function."""
    call = (use.name, use.arity)
    near = [(name, True) for name, exports in table.modules.items() if call in exports]
    near += [(home, True) for home, *rest in book.functions if tuple(rest) == call]
    return meant(module, near, book.modules)


def named(module: str, lang: str) -> str:
    """A module as the tables name it: ``Enum`` and ``:ets``; Erlang source has no colon."""
    if lang not in ("erlang", "erl_shell") or not module:
        return module
    return module.removeprefix("Elixir.") if module.startswith("Elixir.") else f":{module}"


def _check_own(use: Used, module: str, book: BookSymbols) -> Checked:
    """A call to a module of the book. Books print parts of modules, and ``use`` gives functions
    that nobody sees, so only a name with other arities or nearly the same one is told, and that
    of a module which the book writes once."""
    if len(set(book.modules[module])) > 1:
        return Checked(use, "book")
    own = {(name, arity) for home, name, arity in book.functions if home == module}
    if (use.name, use.arity) in own or use.name in _GENERATED:
        return Checked(use, "book")
    if arities := sorted(arity for name, arity in own if name == use.name):
        return Checked(use, "wrong_arity", f"{use.name}/{', '.join(map(str, arities))}")
    near = [name for name in sorted({name for name, _ in own}) if _slipped(use.name, name)]
    return Checked(use, "unknown_function", near[0]) if near else Checked(use, "book")


def _slipped(typed: str, name: str) -> bool:
    """Two letters swapped, or one lost or doubled; with another ending it is another name."""
    if len(typed) < 4 or typed[-1] != name[-1]:
        return False
    if len(typed) == len(name):
        places = [n for n, (a, b) in enumerate(zip(typed, name, strict=True)) if a != b]
        return len(places) == 2 and sorted(typed) == sorted(name)
    long, short = sorted((typed, name), key=len, reverse=True)
    inside = range(1, len(long) - 1)
    return len(long) == len(short) + 1 and any(long[:n] + long[n + 1 :] == short for n in inside)


def _swapped(typed: str, name: str) -> bool:
    """Are two neighbours of the name swapped?"""
    pairs = [n for n, (a, b) in enumerate(zip(typed, name, strict=False)) if a != b]
    if len(typed) != len(name) or len(pairs) != 2 or pairs[1] != pairs[0] + 1:
        return False
    first, second = pairs
    return typed[first] == name[second] and typed[second] == name[first]


@lru_cache(maxsize=4)
def _installed(cache: Path, version: str) -> SymbolTable | None:
    path = cache / "symbols" / f"{version}.tsv.gz"
    if path.is_file():
        lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
        return SymbolTable(version, _tables(lines))
    ran = ask("exports.exs", {}, _LIMITS)
    lines = ran.reply.decode("utf-8", "replace").splitlines() if ran is not None else []
    if not lines or lines[-1] != "end":  # the list was cut: no table is better than a part of one
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(f".{os.getpid()}")
    aside.write_bytes(gzip.compress("\n".join(lines[:-1]).encode("utf-8"), mtime=0))
    os.replace(aside, path)
    return SymbolTable(version, _tables(lines[:-1]))


def _tables(lines: Iterable[str]) -> dict[str, dict[tuple[str, int], Symbol]]:
    tables: dict[str, dict[tuple[str, int], Symbol]] = {}
    for line in lines:
        module, name, arity, kind, since, deprecated = line.split("\t")
        symbol = Symbol("macro" if kind == "macro" else "function", since, deprecated)
        tables.setdefault(module, {})[name, int(arity)] = symbol
    return tables
