"""Modules misspelt on purpose: in the calls of a book, and in what is typed and run.

A typing slip of each kind is made in the name of a module that is called, anywhere but at its first
letter. Found means: the checker names the module that was there before.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from string import ascii_lowercase

import polars as pl

from booktune_assets.beam.steps import Check, Passage
from booktune_assets.beam.structure import structure
from booktune_assets.beam.symbols import SymbolTable, book_symbols, check_calls, named
from booktune_assets.beam.toolchains import Toolchain
from booktune_assets.beam.verify import run_checks

KINDS = ("swapped", "lost", "doubled", "wrong", "capital")
_CODE = ("elixir", "erlang", "iex", "erl_shell")


def misspelt(name: str, kind: str, chance: random.Random) -> str:
    """The name with one slip in its longest part; empty where there is no room for one."""
    part = max(re.findall(r"\w+", name), key=len)
    places = list(range(1, len(part)))
    chance.shuffle(places)
    for at in places:
        wrong = _slip(part, at, kind, chance)
        if wrong not in ("", part):
            return name.replace(part, wrong, 1)
    return ""


def _slip(part: str, at: int, kind: str, chance: random.Random) -> str:
    head, letter, tail = part[:at], part[at], part[at + 1 :]
    if kind == "swapped":
        return f"{head}{tail[0]}{letter}{tail[1:]}" if tail else ""
    if kind == "lost":
        return head + tail
    if kind == "doubled":
        return f"{head}{letter}{letter}{tail}"
    if kind == "capital":
        return f"{head}{letter.lower()}{tail}" if letter.isupper() else ""
    return head + chance.choice(ascii_lowercase) + tail


def planted_calls(passages: Sequence[Passage], table: SymbolTable) -> dict[str, Counter[str]]:
    """By kind of slip: ``planted``, ``found``, and ``other`` where another module is named."""
    chance = random.Random(0)
    listings = [one for one in passages if one.lang in _CODE]
    book = book_symbols([(one.block_id, one.text, one.lang) for one in listings])
    counts = {kind: Counter[str]() for kind in KINDS}
    for passage in listings:
        read = structure(passage.text, passage.lang)
        for one in check_calls(read, table, book):
            if one.status not in ("installed", "book"):
                continue
            right = named(one.use.module, read.lang)
            for kind in KINDS:
                if wrong := misspelt(one.use.module, kind, chance):
                    use = replace(one.use, module=wrong)
                    if named(wrong, read.lang) in (*table.modules, *book.modules):
                        continue
                    read.uses = [use]
                    said = [found.hint for found in check_calls(read, table, book)]
                    counts[kind]["planted"] += 1
                    counts[kind]["found"] += said == [right]
                    counts[kind]["other"] += said not in ([right], [""])
    return counts


def planted_runs(
    rows: pl.DataFrame, checks: Sequence[Check], chain: Toolchain
) -> tuple[int, int, list[str]]:
    """Run the book again with a module misspelt in what matched, in each section once: how many are
    mismatches that name the module, of how many, and what is said of the others."""
    chance = random.Random(0)
    held = rows.filter(pl.col("toolchain") == chain.name, pl.col("verdict") == "match")
    good = {(block, number) for block, number in held.select("block_id", "expression").iter_rows()}
    right: dict[int, str] = {}
    changed: list[Check] = []
    seen: set[str] = set()
    for check in checks:
        place = (check.passage.block_id, check.number)
        if place in good and check.shell and check.passage.section_id not in seen:
            for wrong, name in _changes(check, chance):
                seen.add(check.passage.section_id)
                right[check.id], check = name, replace(check, code=wrong)
                break
        changed.append(check)
    made = run_checks("book", changed, chain)
    lost: list[str] = []
    for check, row in zip(changed, made, strict=True):
        if check.id in right and (row["verdict"], row["detail"]) != ("mismatch", right[check.id]):
            lost.append(f"{row['verdict']} {row['reason']} {row['detail']}: {check.code[:60]}")
    return len(right) - len(lost), len(right), lost


def _changes(check: Check, chance: random.Random) -> Iterator[tuple[str, str]]:
    """The code with a called module misspelt, and the module."""
    pattern = r"\b(?:[A-Z]\w+\.)+(?=[a-z])" if check.lang == "elixir" else r"\b[a-z]\w+:(?=[a-z])"
    for found in re.finditer(pattern, check.code):
        name = found[0][:-1]
        if wrong := misspelt(name, chance.choice(KINDS[:4]), chance):
            code = check.code[: found.start()] + wrong + check.code[found.end() - 1 :]
            yield code, name
