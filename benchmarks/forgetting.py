"""All ways of not forgetting at equal learning, beside what is free. Writes docs/forgetting.

    .venv/bin/python benchmarks/forgetting.py [--quick | --long] [--work FOLDER] [--arms NAME …]

Default: a small model from nothing, three corpora of installed packages and our own text, six
paired seeds, strengths chosen on two others: 20 minutes on two cores are the aim (the page says
what its run took). ``--quick``: two seeds, no choice of strengths, a few arms, a minute;
``--long``: the packaged Gemma 3 270M, few arms, three seeds, about 30 CPU hours (``--steps`` tries
the path). Results lie in FOLDER by content, so a run that was stopped goes on. Everything that
comes out is printed, also what contradicts expectation; only a page of the default is written to
docs/forgetting/index.html, others to FOLDER.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from pathlib import Path

from _clock import lap

from booktune_assets import progress
from booktune_assets.lake import replaced
from booktune_assets.llm.models import GEMMA
from booktune_assets.training.comparison.arms import SEEDS, TUNING_SEEDS, Scale, present
from booktune_assets.training.comparison.drive import Compared, compare
from booktune_assets.training.comparison.page import Spent, page
from booktune_assets.training.comparison.small import ARMS, SCALE
from booktune_assets.training.comparison.verdicts import Row, rows, signs, thin

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "forgetting" / "index.html"
LONG = Scale(
    model=GEMMA, window=512, row_windows=1, batch_rows=8, memory_windows=1, domain_steps=60,
    books_steps=60, rate=5e-5, rank=16, memory=64, measured=48,
    checkpoints=(0.2, 0.4, 0.6, 0.8, 1.0),
)  # fmt: skip
LONG_ARMS = ("naive", "low_rate", "replay", "ewc_factored", "fip_penalty", "kl", "stacked")


loads: list[float] = []  # of the machine, at each result


def say(tick: progress.Tick) -> None:
    """Each result as it comes."""
    if tick.what == "compared":
        loads.append(os.getloadavg()[0])
        print(tick.words(), flush=True)


def tell(made: Compared, found: list[Row]) -> None:
    """Verdicts, signs and figures."""
    print(f"\n{thin(made)}\n")
    if made.chosen:
        print("strengths:", ", ".join(f"{name} {value:g}" for name, value in made.chosen.items()))
    for row in found:
        cost = "" if row.cost is None else f", CPU ×{row.cost:.2f}"
        print(
            f"{row.title}: {row.sentence()} (gained {row.gain:.3f}, lost {row.lost_end:+.3f} at "
            f"the end{cost}; p over all methods {row.family:.3f}, Holm {row.holm:.3f})"
        )
    print()
    for sign in signs(made, found):
        print(sign.words())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="two seeds, few arms, a minute")
    size.add_argument("--long", action="store_true", help="the real small model, 30 CPU hours")
    parser.add_argument("--work", type=Path, default=ROOT / "data" / "work" / "forgetting")
    parser.add_argument("--arms", nargs="*", default=[], help="some arms only, with naive")
    parser.add_argument("--seeds", nargs="*", type=int, default=[], help="other seeds")
    parser.add_argument("--steps", type=int, default=0, help="fewer steps: a smoke of the path")
    chosen = parser.parse_args()
    names = ("naive", *chosen.arms) if chosen.arms else ()
    scale, seeds, tuning = Scale(), SEEDS, TUNING_SEEDS
    if chosen.quick:
        scale, seeds, tuning, names = SCALE, (0, 1), (), names or ARMS
    if chosen.long:
        scale, seeds, tuning, names = LONG, (0, 1, 2), (), names or LONG_ARMS
    seeds = tuple(chosen.seeds) or seeds
    if chosen.steps:
        scale = replace(
            scale, domain_steps=chosen.steps, books_steps=chosen.steps, measured=2, tuned=2,
            memory=4, window=min(scale.window, 128),
        )  # fmt: skip
    with lap() as spent, progress.sink(say):
        made = compare(chosen.work, scale, present(names), seeds, tuning=tuning)
    took = Spent(
        time.strftime("%Y-%m-%d"), spent.cpu, spent.wall, os.cpu_count() or 1,
        sum(loads) / max(1, len(loads)),
    )  # fmt: skip
    found = rows(made)
    tell(made, found)
    whole = not (chosen.quick or chosen.long or chosen.arms or chosen.seeds or chosen.steps)
    path = PAGE if whole else chosen.work / "index.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as temp:
        temp.write_text(page(made, found, signs(made, found), took), encoding="utf-8")
    print(f"\n{made.ran} runs, {spent.cpu:.0f} CPU s, {spent.wall:.0f} s; {path}")


if __name__ == "__main__":
    main()
