"""Which identifiers of code exist: in the book's listings, or in the installed Elixir and OTP.

Belongs here: asking both tables by a name as prose writes it. Does not: the tables
(``beam/symbols.py``), finding names in an answer (``teacher_gates.py``).
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from booktune_assets.beam.symbols import BookSymbols, SymbolTable, book_symbols
from booktune_assets.pairs.candidate import CODE

__all__ = ["known_names"]


def known_names(blocks: pl.DataFrame, installed: SymbolTable | None) -> Callable[[str], bool]:
    """Says of ``Enum.map/2``, ``:ets.new``, ``lists:map``, ``Agent``, ``map/2`` if it exists.

    ``blocks`` is the frame of ``sections__blocks``. Without an installed toolchain only the book
    counts.
    """
    code = blocks.filter(pl.col("kind").is_in(CODE)).select("block_id", "text", "lang")
    book: list[BookSymbols] = []  # made when the first name is asked about

    def known(name: str) -> bool:
        if not book:
            book.append(book_symbols(code.iter_rows()))
        return _known(name, book[0], installed)

    return known


def _known(name: str, book: BookSymbols, installed: SymbolTable | None) -> bool:
    plain, _, number = name.partition("/")
    arity = int(number) if number.isdigit() else None
    if _module(plain, book, installed):
        return True
    module, function = _parts(plain)
    pairs = [
        (found, one)
        for (home, found, one) in book.functions
        if not module or home == module or home.endswith(f".{module}")
    ]
    if installed is not None:
        homes = [module] if module else list(installed.modules)
        pairs += [pair for home in homes for pair in installed.modules.get(home, ())]
    return any(found == function and arity in (None, one) for found, one in pairs)


def _module(name: str, book: BookSymbols, installed: SymbolTable | None) -> bool:
    return name in book.modules or (installed is not None and name in installed.modules)


def _parts(name: str) -> tuple[str, str]:
    """Module and function; ``lists:map`` and ``:lists.map`` are one."""
    if ":" in name.lstrip(":"):
        module, _, function = name.partition(":")
        return f":{module}", function
    module, _, function = name.rpartition(".")
    return module, function
