"""How many units of a book have the length that they should have?

    python benchmarks/units.py BOOK [BOOK …]

Reads each file and prints its units, the share of them from 1,500 to 1,900 characters, and why the
others are not: shorter, longer, or parts of one listing that is longer than a unit.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import polars as pl

from booktune_assets.books.blocks import Limits
from booktune_assets.books.formats import parse
from booktune_assets.books.frames import Facts, into_frames
from booktune_assets.books.sections import into_sections
from booktune_assets.books.units import CHARS_MAX, CHARS_MIN


def units_of(path: Path) -> pl.DataFrame:
    """The rows of ``sections__units`` of a file."""
    parsed = parse(path, Limits(), lambda done, total: None)
    raw = into_frames(parsed.as_plain(), Facts("book", path, "0" * 64, 1, "raw_books.0"))
    found = into_sections(
        "book", "0" * 64, raw["raw_books__blocks"], raw["raw_books__spans"], raw["raw_books__pages"]
    )
    return found["sections__units"]


def main() -> None:
    """Print a line for each book and one for all."""
    asked = argparse.ArgumentParser(description="How many units are in range?")
    asked.add_argument("books", nargs="+", type=Path)
    total: Counter[str] = Counter()
    for path in asked.parse_args().books:
        found: Counter[str] = Counter()
        for chars, parts in units_of(path).select("chars", "parts").iter_rows():
            kind = "in range" if CHARS_MIN <= chars <= CHARS_MAX else "shorter"
            kind = "longer" if chars > CHARS_MAX else kind
            found["part of long code" if parts > 1 and kind != "in range" else kind] += 1
        total += found
        print(said(path.name, found))
    print(said("all", total))


def said(name: str, found: Counter[str]) -> str:
    """One line."""
    whole = found.total() or 1
    rest = ", ".join(f"{kind} {number}" for kind, number in sorted(found.items()))
    return f"{name:32} {whole:6} units, {found['in range'] / whole:.0%} in range ({rest})"


if __name__ == "__main__":
    main()
