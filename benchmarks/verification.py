"""How much of a book's code is verified, and whether an author's slip would be found.

    python benchmarks/verification.py BOOK [BOOK …]

For each book file: verdicts of what was typed at prompts and of all checks, seconds, and the
mismatches. Then slips are planted: in each result that matched, one digit or letter is changed, and
in each error that is as the book says; the comparison has to notice. At last wrong errors of both
languages: in place of each of some 40 errors those of all others of its language (another class, or
another message of the class), and slips in names, atoms, numbers and strings of what it says.

Modules are misspelt, too: in every call of the book to a module that is there (without a run), and
in one typed expression of each section that matched (the book runs again); the module that was
there has to be named. Names that the book itself is said to misspell are listed.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from _errors import answer, missed, slips
from _misspelt import planted_calls, planted_runs

from booktune_assets.beam.book_code import call_rows
from booktune_assets.beam.compare import compare
from booktune_assets.beam.judged_blocks import judge_blocks
from booktune_assets.beam.session import Answer
from booktune_assets.beam.steps import checks_of
from booktune_assets.beam.symbols import installed_symbols
from booktune_assets.beam.toolchains import toolchains
from booktune_assets.beam.verify import passages, verify
from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.settings import Reading

_VOLATILE = re.compile(r"#?<[^<>]*>|\.\.\.")  # numbers of pids and funs: nobody's slip


def main() -> int:
    """Print a table per book; 1 when a book has more than 5 % harness errors at its prompts."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("books", nargs="*", type=Path)
    parser.add_argument("--mismatches", action="store_true", help="print each of them")
    given = parser.parse_args()
    worst = 0.0
    for book in given.books:
        raw = read_book(book, "book", Reading()).frames
        parts = (raw[f"raw_books__{name}"] for name in ("blocks", "spans", "pages", "links"))
        frames = into_sections("book", str(raw["raw_books"]["file_sha256"][0]), *parts)
        began = time.monotonic()
        rows = verify("book", frames)
        seconds = time.monotonic() - began
        typed = rows.filter(pl.col("kind") == "expression")
        print(f"\n{book.name}: {rows.height} checks, {typed.height} typed, {seconds:.0f} s wall")
        print(f"  typed  {_words(typed)}")
        print(f"  all    {_words(rows)}")
        why = rows.filter(pl.col("verdict") == "unverifiable")
        print(f"  why not  {_counted(why['reason'].to_list())}")
        found, planted = _planted(typed)
        print(f"  planted slips found: {found} of {planted}")
        found, planted = _planted_errors(typed)
        print(f"  planted slips in errors found: {found} of {planted}")
        _misspelt(frames, rows, given.mismatches)
        if given.mismatches:
            _show(rows)
        failed = typed.filter(pl.col("verdict") == "harness_error").height
        worst = max(worst, failed / max(1, typed.height))
    _wrong_errors(given.mismatches)
    return int(worst > 0.05)


def _misspelt(frames: dict[str, pl.DataFrame], rows: pl.DataFrame, show: bool) -> None:
    """Modules that are misspelt on purpose, and those that the book is said to misspell."""
    code = passages(frames["sections"], frames["sections__blocks"])
    with TemporaryDirectory() as folder:
        table = installed_symbols(Path(folder))
    if table is None or rows.is_empty():
        return
    counts = planted_calls(code, table)
    words = (f"{kind} {one['found']} of {one['planted']}" for kind, one in counts.items())
    other = sum(one["other"] for one in counts.values())
    print(f"  misspelt modules in calls found: {', '.join(words)} ({other} taken for another)")
    found, planted, lost = planted_runs(rows, checks_of(code), toolchains(())[0])
    print(f"  misspelt modules that were run found: {found} of {planted}")
    for one in lost if show else ():
        print(f"    {one}")
    calls = call_rows(code, table, judge_blocks(code))
    said = {
        f"{row['module']} → {row['detail']}"
        for row in calls
        if (row["status"], row["reason"]) == ("unknown_module", "slip")
    }
    told = rows.filter(pl.col("verdict") == "mismatch", pl.col("detail") != "")
    said |= {f"{code} → {name}" for code, name in told.select("code", "detail").iter_rows()}
    print(f"  slips in its own modules' names: {', '.join(sorted(said)) or 'none'}")


def _wrong_errors(show: bool) -> None:
    chains = toolchains(())
    if not chains:
        print("\nno Elixir and Erlang here: no wrong errors planted")
        return
    planted, found, taken = missed(chains[0])
    print("\nwrong errors planted and found")
    for kind, count in sorted(planted.items()):
        print(f"  {kind:15} {found[kind]} of {count}")
    for kind, wrong, real in taken if show else ():
        print(f"    {kind}: {wrong.splitlines()[0]} | {real.splitlines()[0]}")


def _words(rows: pl.DataFrame) -> str:
    return _counted(rows["verdict"].to_list())


def _counted(names: list[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in Counter(names).most_common())


def _planted(rows: pl.DataFrame) -> tuple[int, int]:
    """Change one sign of each matched Elixir value, and compare again."""
    chance = random.Random(0)
    found = planted = 0
    matched = rows.filter(
        (pl.col("verdict") == "match") & (pl.col("lang") == "elixir") & (pl.col("reason") == "")
    )
    for expected, actual in matched.select("expected", "actual").iter_rows():
        wrong = _slip(str(expected), chance)
        if wrong is None or wrong == expected or expected != actual:
            continue
        planted += 1
        found += compare(wrong, Answer("ok", actual), "elixir").outcome == "mismatch"
    return found, planted


def _planted_errors(rows: pl.DataFrame) -> tuple[int, int]:
    """Change one sign of each error that is as the book says, and compare again."""
    chance = random.Random(0)
    found = planted = 0
    said = rows.filter(pl.col("verdict") == "error_as_said").drop_nulls("expected")
    for lang, expected, actual in said.select("lang", "expected", "actual").iter_rows():
        start = actual.find("** (")
        real = actual[start:] if lang == "elixir" else actual
        if start < 0 or compare(expected, answer(real, lang), lang).outcome != "error_as_said":
            continue
        for wrong in slips(real, chance):
            planted += 1
            found += compare(wrong, answer(real, lang), lang).outcome == "mismatch"
    return found, planted


def _slip(text: str, chance: random.Random) -> str | None:
    """The text with one digit or letter changed, outside of what differs from run to run."""
    free = _VOLATILE.sub(lambda found: "\0" * len(found[0]), text)
    places = [at for at, char in enumerate(free) if char.isalnum() and char.isascii()]
    if not places:
        return None
    at = chance.choice(places)
    new = str((int(text[at]) + 1) % 10) if text[at].isdigit() else ("x" if text[at] != "x" else "y")
    return text[:at] + new + text[at + 1 :]


def _show(rows: pl.DataFrame) -> None:
    for row in rows.filter(pl.col("verdict") == "mismatch").iter_rows(named=True):
        place = f"page {row['page']}" if row["page"] else row["href"] or ""
        code, shown = (" ".join(str(row[name] or "").split())[:70] for name in ("code", "expected"))
        gave = " ".join(row["actual"].split())[:70]
        print(f"    {row['reason']:16} {place}: {code} | {shown} | {gave}")


if __name__ == "__main__":
    sys.exit(main())
