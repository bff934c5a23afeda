"""Tables of the code of a book that need no run: blocks judged, symbols defined, calls to nothing.

Belongs here: rows and frames of ``code_verification__blocks``, ``__symbols`` and ``__calls``. Does
not: what is in a listing (``structure.py``), the installed exports (``symbols.py``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets.beam.judged_blocks import JUDGED_LANGS, judge_blocks
from booktune_assets.beam.packages import package_of
from booktune_assets.beam.places import at
from booktune_assets.beam.reasons import NEWER_MODULES
from booktune_assets.beam.steps import Passage
from booktune_assets.beam.structure import Defined, Structure, structure
from booktune_assets.beam.symbols import (
    BookSymbols,
    Checked,
    SymbolTable,
    book_symbols,
    check_calls,
    installed_symbols,
    named,
)
from booktune_assets.contracts import Table
from booktune_assets.schemas_code import CODE_BLOCKS, CODE_CALLS, CODE_SYMBOLS

__all__ = ["call_rows", "code_frames", "symbol_rows"]

_SPEC_MAX = 1_000
Row = dict[str, Any]


def code_frames(
    book_id: str, passages: Sequence[Passage], places: Mapping[str, Mapping[str, Any]], cache: Path
) -> dict[str, pl.DataFrame]:
    """The three tables by name. ``places``: page and part by block id; ``cache``: where the
    installed exports are kept. Raises as ``judge_blocks`` does, where there is code."""
    blocks = judge_blocks(passages)
    rows: dict[Table, list[Row]] = {
        CODE_BLOCKS: blocks,
        CODE_SYMBOLS: symbol_rows(passages),
        CODE_CALLS: call_rows(passages, installed_symbols(cache) if blocks else None, blocks),
    }
    return {
        table.name: table.frame(
            [at({"book_id": book_id} | one, places.get(one["block_id"], {})) for one in found]
        )
        for table, found in rows.items()
    }


def symbol_rows(passages: Sequence[Passage]) -> list[Row]:
    """What each listing defines, in order, with the ``@spec`` that the book gives it anywhere."""
    found: list[Row] = []
    specs: dict[tuple[str, str, int], str] = {}
    for block in _judged(passages):
        read = structure(block.text, block.lang)
        data = block.text.encode("utf-8", "replace")
        for one in read.defines:
            if one.kind == "spec":
                text = " ".join(data[slice(*one.span)].decode("utf-8", "replace").split())
                key = (named(one.module, read.lang), one.name, one.arity)
                specs.setdefault(key, text[:_SPEC_MAX])
        found += _defined(block, read)
    for row in found:
        row["spec"] = specs.get((row["module"], row["name"], row["arity"]))
    return found


def _judged(passages: Sequence[Passage]) -> list[Passage]:
    return [one for one in passages if one.lang in JUDGED_LANGS]


def _defined(block: Passage, read: Structure) -> list[Row]:
    about = {"block_id": block.block_id, "section_id": block.section_id, "lang": block.lang}
    rows: dict[tuple[str, str, str, int], Row] = {}
    for one in read.modules:
        module = named(one.name, read.lang)
        rows.setdefault((one.kind, module, "", -1), about | {
            "kind": one.kind, "module": module, "name": "", "arity": -1, "arity_min": -1,
            "public": True, "line": one.line,
        })  # fmt: skip
    for one in read.defines:
        if one.kind != "spec":
            module = named(one.module, read.lang)
            rows.setdefault((one.kind, module, one.name, one.arity), about | _row(one, module))
    return list(rows.values())


def _row(one: Defined, module: str) -> Row:
    return {
        "kind": one.kind, "module": module, "name": one.name, "arity": one.arity,
        "arity_min": one.low, "public": one.public, "line": one.line,
    }  # fmt: skip


def call_rows(
    passages: Sequence[Passage], table: SymbolTable | None, blocks: Sequence[Row]
) -> list[Row]:
    """Calls that neither the book nor the installed Elixir and OTP answer, once for each block, and
    those that are deprecated; none where the installed exports are not known.

    ``blocks`` are the rows of ``judge_blocks``: what does not parse calls nothing for certain.
    """
    if table is None:
        return []
    listings = [(one.block_id, one.text, one.lang) for one in _judged(passages)]
    book = book_symbols(listings)
    roots = {module.partition(".")[0] for module in book.modules}
    rows: dict[tuple[str, str, str, int], Row] = {}
    chapter, short = "", dict[str, str]()
    damaged = {one["block_id"] for one in blocks if one["verdict"] in ("damaged", "not_code")}
    for block in _judged(passages):
        if block.block_id in damaged:
            continue
        read = structure(block.text, block.lang)
        if block.chapter != chapter:
            chapter, short = block.chapter, {}
        short |= read.aliases
        for use in read.uses:
            use.module = _in_full(use.module, short)
        for one in check_calls(read, table, book):
            if one.status in ("installed", "book") or _is_meant(one, block):
                continue
            module = named(one.use.module, read.lang)
            reason, detail = _why(one, module, book, roots)
            key = (block.block_id, module, one.use.name, one.use.arity)
            rows.setdefault(key, {
                "block_id": block.block_id, "section_id": block.section_id, "lang": block.lang,
                "line": one.use.line, "module": module, "name": one.use.name,
                "arity": one.use.arity, "within": one.use.within, "status": one.status,
                "reason": reason, "detail": detail,
            })  # fmt: skip
    return list(rows.values())


def _in_full(module: str, short: Mapping[str, str]) -> str:
    """By the aliases that listings of the chapter have given so far."""
    root, dot, rest = module.partition(".")
    return f"{short[root]}{dot}{rest}" if root in short else module


def _is_meant(one: Checked, block: Passage) -> bool:
    """A name that is only typed, as one asks for completion, or an error that the block shows."""
    use = one.use
    if (use.name, use.arity) == ("t", 0):  # a type
        return True
    written = block.text.encode("utf-8", "replace")[slice(*use.span)].rstrip()
    if block.lang == "iex" and use.arity == 0 and not written.endswith(b")"):
        return True
    shown = re.escape(f"{use.module}.{use.name}/{use.arity}")
    return re.search(rf"(?:function|undef\w*)\s+{shown} is undefined", block.text) is not None


def _why(one: Checked, module: str, book: BookSymbols, roots: set[str]) -> tuple[str, str]:
    """Reason and detail."""
    if one.status == "deprecated":
        return "deprecated", one.hint
    if one.status == "wrong_arity":
        return "arity", one.hint
    if one.status == "unknown_function":
        # a name that is near none may be of another version, and so may a plural or one with a
        # word more (product, product_by)
        near = one.hint.rstrip("s") != one.use.name.rstrip("s")
        near = near and not one.use.name.startswith(f"{one.hint}_")
        return ("slip", one.hint) if one.hint and near else ("version", "")
    if module.removeprefix(":") in NEWER_MODULES:
        return "version", ""
    if module.partition(".")[0] == "Mix" or module.endswith(".MixProject"):
        return "project", ""
    if package := package_of(module):
        return "dependency", package
    if one.hint:
        return "slip", one.hint
    if module.partition(".")[0] in roots:
        return "not_shown", "the book has other modules of that name"
    return "unknown", ""
