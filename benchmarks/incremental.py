"""What a touched file and an edited paragraph cost, beside the full build of the same book.

    python benchmarks/incremental.py [--pages 300]

Prints, for a Markdown and a PDF book of that size: which stages ran, how many sections' pairs were
made again and at what share of the CPU that making all pairs took, and the CPU of every stage as a
share of the full build in this run.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from _books import markdown, write_pdf
from _clock import Lap, lap

from booktune_assets.chain import BOOK_STAGES, House, Outcome, build
from booktune_assets.pairs import extract
from booktune_assets.settings import Settings


def chain(house: House, key: str) -> tuple[dict[str, Lap], list[Outcome]]:
    """All four stages of one book, and as ``making`` the work of making pairs inside the last."""
    laps: dict[str, Lap] = {}
    making.cpu = 0.0
    outcomes: list[Outcome] = []
    for asset in BOOK_STAGES:
        with lap() as spent:
            outcomes.append(build(asset, key, house))
        laps[asset] = spent
        if outcomes[-1].error:
            raise outcomes[-1].error
    return laps, outcomes


class _Making:
    """CPU spent on candidates and gates, section by section."""

    def __init__(self) -> None:
        self.cpu = 0.0
        self.make = extract._make
        extract._make = self

    def __call__(self, *args: Any) -> Any:
        began = time.process_time()
        made = self.make(*args)
        self.cpu += time.process_time() - began
        return made


making = _Making()


def cpu(laps: dict[str, Lap]) -> float:
    return sum(spent.cpu for spent in laps.values())


def measure(fmt: str, pages: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        house = House.open(Settings(home=Path(home)))
        house.settings.books.mkdir(parents=True)
        path = house.settings.books / f"shelf.{fmt}"

        def put(edited: int | None) -> None:
            text = markdown(pages, edited)
            path.write_text(text) if fmt == "md" else write_pdf(text, path)

        put(None)
        full, first = chain(house, "shelf")
        all_pairs = making.cpu
        os.utime(path)
        touched, again = chain(house, "shelf")
        put(7)
        edited, outcomes = chain(house, "shelf")
        before, after = first[-1].receipt, outcomes[-1].receipt
        assert before is not None
        assert after is not None
        print(f"{fmt}: {pages} pages, {before.counts['rows']} pairs, full {cpu(full):.1f} CPU s")
        print(f"  touched, same bytes: {[o.status for o in again]}, {cpu(touched):.2f} CPU s")
        print(
            f"  one paragraph edited: {after.counts['sections_made']} of {after.counts['sections']}"
            f" sections' pairs made again ({[o.status for o in outcomes]})"
        )
        print(
            f"    making pairs       {making.cpu:6.3f} of {all_pairs:6.3f} CPU s"
            f" = {100 * making.cpu / all_pairs:.1f} %"
        )
        for name in BOOK_STAGES:
            share = 100 * edited[name].cpu / max(full[name].cpu, 1e-9)
            now, then = edited[name].cpu, full[name].cpu
            print(f"    {name:18s} {now:6.2f} of {then:6.2f} CPU s = {share:.1f} %")
        print(f"    whole chain        {100 * cpu(edited) / cpu(full):.1f} % of the full build")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=300)
    chosen = parser.parse_args()
    for fmt in ("md", "pdf"):
        measure(fmt, chosen.pages)
