"""What a touched file and an edited paragraph cost, beside the full build of the same book.

    python benchmarks/incremental.py [--pages 300] [--limit 0.05]

Prints, for a Markdown and a PDF book of that size: which sections' pairs were made again, the CPU
of making them, of the whole stage ``instruction_pairs`` and of the whole chain of one book, as
shares of their full builds, and every stage. A stage counts with reading its inputs, checks,
digests and writing. Making counts families and gates: what grows to minutes when a teacher writes
and a sandbox runs. The promise of 5 % is about making. The full build is measured after a build of
another book, so that no import is in it, and every figure is the least of three, because other work
on the machine only ever adds.

A touched file is measured in this process (what the work costs) and as ``booktune run --book``
(what a user pays, start of Python and Dagster included).
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from _books import markdown, write_pdf
from _clock import lap
from _command import booktune

from booktune_assets.chain.build import build
from booktune_assets.chain.house import BOOK_STAGES, House, Outcome
from booktune_assets.pairs import extract
from booktune_assets.settings import Settings

ROUNDS = 3


@dataclass
class Cost:
    """CPU seconds by stage, the least of all rounds, and the outcomes of the last one."""

    cpu: dict[str, float] = field(default_factory=dict[str, float])
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    making: float = float("inf")  # CPU seconds inside the pairs' families and gates

    def add(self, house: House, key: str) -> None:
        """Run all four stages of one book."""
        self.outcomes = []
        with _making() as made:
            for asset in BOOK_STAGES:
                with lap() as spent:
                    self.outcomes.append(build(asset, key, house))
                if error := self.outcomes[-1].error:
                    raise error
                self.cpu[asset] = min(spent.cpu, self.cpu.get(asset, spent.cpu))
        self.making = min(self.making, sum(made))

    @property
    def total(self) -> float:
        """Of all stages."""
        return sum(self.cpu.values())


@contextmanager
def _making() -> Iterator[list[float]]:
    """CPU seconds of every section whose pairs are made inside of the ``with``."""
    seconds: list[float] = []
    make = extract._make  # pyright: ignore[reportPrivateUsage]

    def timed(*args: Any) -> None:
        began = time.process_time()  # a lap walks over all processes: dear, and hundreds of times
        make(*args)
        seconds.append(time.process_time() - began)

    extract._make = timed  # pyright: ignore[reportPrivateUsage]
    try:
        yield seconds
    finally:
        extract._make = make  # pyright: ignore[reportPrivateUsage]


def put(house: House, name: str, fmt: str, pages: int, edited: int | None = None) -> Path:
    """The book on the shelf; ``edited`` names a section with another sentence."""
    path = house.settings.books / f"{name}.{fmt}"
    text = markdown(pages, edited)
    path.write_text(text) if fmt == "md" else write_pdf(text, path)
    return path


def measure(fmt: str, pages: int) -> float:
    """Print all figures of one format; the share of ``instruction_pairs``."""
    with tempfile.TemporaryDirectory() as home:
        house = House.open(Settings(home=Path(home)))
        house.settings.books.mkdir(parents=True)
        put(house, "warm", fmt, 3)
        Cost().add(house, "warm")
        full, touched, edited = Cost(), Cost(), Cost()
        path = put(house, "shelf", fmt, pages)
        for turn in range(ROUNDS):
            for asset in BOOK_STAGES if turn else ():
                house.lake.forget(asset, "shelf")
            full.add(house, "shelf")
        for _ in range(ROUNDS):
            os.utime(path)
            touched.add(house, "shelf")
        booktune(house.settings.home, "run", "--book", "shelf")  # makes the instance's files
        os.utime(path)
        command = booktune(house.settings.home, "run", "--book", "shelf")
        for turn in range(ROUNDS):
            put(
                house, "shelf", fmt, pages, 7 + turn
            )  # this section gets a sentence, the last loses it
            edited.add(house, "shelf")
            if not turn:
                first = edited.outcomes[-1].receipt
        return _say(fmt, pages, (full, touched, edited), command, first)


def _say(
    fmt: str, pages: int, costs: tuple[Cost, Cost, Cost], command: float, first: object
) -> float:
    full, touched, edited = costs
    before = full.outcomes[-1].receipt
    assert before is not None
    print(f"{fmt}: {pages} pages, {before.counts['rows']} pairs, full build {full.total:.2f} CPU s")
    print(
        f"  file touched, same bytes   {touched.total:.3f} CPU s in this process "
        f"({', '.join(sorted({one.status for one in touched.outcomes}))}), {command:.2f} CPU s as "
        "`booktune run --book`"
    )
    counts = getattr(first, "counts", {})
    print(
        f"  one paragraph edited       pairs of {counts['sections_made']} of {counts['sections']} "
        "sections made again"
    )
    share = edited.making / full.making
    print(
        f"    making the pairs         {edited.making:6.4f} of {full.making:6.3f} CPU s "
        f"= {100 * share:.1f} %"
    )
    for name in BOOK_STAGES:
        now, then = edited.cpu[name], full.cpu[name]
        print(f"    {name:18s}       {now:6.3f} of {then:6.3f} CPU s = {100 * now / then:.1f} %")
    print(f"    whole chain of the book  {edited.total:6.3f} of {full.total:6.3f} CPU s", end="")
    print(f" = {100 * edited.total / full.total:.1f} %")
    return share


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--limit", type=float, default=0.05, help="share that was promised")
    chosen = parser.parse_args()
    shares = {fmt: measure(fmt, chosen.pages) for fmt in ("md", "pdf")}
    for fmt, share in shares.items():
        words = "reached" if share < chosen.limit else "not reached"
        print(f"{fmt}: making the pairs again under {chosen.limit:.0%} of making all: {words}")
