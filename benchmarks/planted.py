"""Planted truths, larger than in the tests: does an evaluation find what is known of a model?

    python benchmarks/planted.py [--seeds 3] [--listings 40] [--problems 10]

A base that knows prose gets adapters whose truth is known, and each goes through
``evaluation/run.py`` with the transformers child, as any adapter does:

- heart: trained on listings word for word. The verbatim probe has to show it.
- others: as long, on as many other listings of the same kind. It has to show nothing.
- solutions: trained on problems with their solutions. The gap to variants under other names has to
  show it (programs are run; left out where there is no sandbox).
- noise: trained on noise until the prose is gone. Retention has to show it.
- tampered: noise added to the weights of an adapter that changed nothing. The same.
- twin: an adapter that changed nothing. No suite may show anything.

Exit code 1: a truth was not found, or something was found where nothing is.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from _planted import asked, listing, listings, noise, prose, stage_two, tampered, tuned

from booktune_assets.beam import runner
from booktune_assets.beam.problems import load_problems
from booktune_assets.evaluation.outcomes import family_verdicts
from booktune_assets.evaluation.run import evaluate
from booktune_assets.evaluation.suites.problems import CODE_ONLY
from booktune_assets.evaluation.suites.surface import surface
from booktune_assets.llm.chat import ANSWER, ASK
from booktune_assets.settings import PROJECT

PROBLEMS = PROJECT / "data" / "evals" / "problems"
PROSE = [(f"stage 2, {number}", prose(number)) for number in range(40)]
Rows = Mapping[tuple[str, str], Mapping[str, Any]]


class Bench:
    """One base and all that is planted on it."""

    def __init__(self, folder: Path, seed: int, count: int, problems: int) -> None:
        self.folder, self.first, self.count, self.problems = folder, 10_000 * seed, count, problems
        self.base = stage_two(folder / "base", [text for _, text in PROSE], 120 + seed, hidden=96)
        self.failed = 0

    def rows(self, adapter: Path, *suites: str, **given: Any) -> Rows:
        """The rows of the report, by suite and metric."""
        settings = {"verbatim": self.count, "problems": 0, "otp": 0} | given.pop("settings", {})
        values = {"general": {"general_text": PROSE, "general_code": PROSE}, "settings": settings,
                  "listings": listings(range(self.first, self.first + self.count))}  # fmt: skip
        spec = asked(adapter, self.base, self.folder / "calls", *suites, **(values | given))
        made = evaluate(spec, self.folder / f"work-{adapter.name}")
        for family, words in family_verdicts(made.frames["eval_report"].to_dicts()).items():
            print(f"  {adapter.name}, {family}: {words}")
        return {(str(row["suite"]), str(row["metric"])): row
                for row in made.frames["eval_report"].to_dicts()}  # fmt: skip

    def say(self, right: bool, what: str, row: Mapping[str, Any]) -> None:
        """One line; counts what is not as it was planted."""
        self.failed += not right
        print(f"  {'✓' if right else '✗'} {what}: {row['verdict']}")

    def memory(self) -> None:
        """Learned by heart, and as much of something else."""
        numbers = range(self.first, self.first + self.count)
        for name, shift, found in (("heart", 0, True), ("others", 5000, False)):
            texts = [listing(number + shift) for number in numbers]
            row = self.rows(tuned(self.base, texts, 250, self.folder / name), "verbatim")[
                "verbatim", "given_back"
            ]
            shown = str(row["verdict"]).startswith("worse")
            self.say(shown == found and (row["low"] > 0) == found, f"{name}, listings", row)

    def solutions(self) -> None:
        """Problems with their solutions, and the same problems under other names."""
        if not self.problems or (reason := runner.missing("elixir")) is not None:
            print(f"  – solutions: {reason if self.problems else 'no problems were asked for'}")
            return
        own = [one for one in load_problems(PROBLEMS) if one.language == "elixir" and surface(one)]
        own = sorted(own, key=lambda one: len(one.prompt) + len(one.reference))[: self.problems]
        texts = [f"{ASK}{one.prompt}\n{CODE_ONLY}{ANSWER}```elixir\n{one.reference}```\n"
                 for one in own]  # fmt: skip
        adapter = tuned(self.base, texts, 400, self.folder / "solutions", window=4000)
        file = self.folder / "own" / "problems.jsonl"
        write_problems(file, own)
        rows = self.rows(adapter, "variation", problems=file,
                         settings={"variation": self.problems, "new_tokens": 450})  # fmt: skip
        row = rows["variation", "gap_surface"]
        self.say(str(row["verdict"]).startswith("worse"), "solutions, gap to other names", row)

    def forgotten(self) -> None:
        """The prose is gone, in two ways."""
        sound = tuned(self.base, [], 0, self.folder / "sound")
        gone = tuned(self.base, [noise(number) for number in range(40)], 120, self.folder / "noise")
        for adapter in (gone, tampered(sound, self.folder / "tampered", 0.05)):
            row = self.rows(adapter, "general_text")["general_text", "bits_per_byte"]
            right = row["kept"] == "no" and str(row["verdict"]).startswith("not kept")
            self.say(right, f"{adapter.name}, prose of stage 2", row)

    def twin(self) -> None:
        """Nothing changed."""
        told = [(f"sec_{n}", prose(n + 500)) for n in range(24)]
        asks = [(f"q{n}", f"What is said of number {n}?", text) for n, (_, text) in enumerate(told)]
        rows = self.rows(
            tuned(self.base, [], 0, self.folder / "twin"), sections=told, questions=asks,
            trained=asks, books=dict(told), passages={name: text for name, _, text in asks},
            settings={"answers": 24, "retrieval": 12, "regurgitation": 24},
        )  # fmt: skip
        for (suite, metric), row in rows.items():
            if row["n"]:
                words = str(row["verdict"])
                right = "no clear difference" in words and row["kept"] in (None, "yes")
                self.say(right, f"twin, {suite} {metric}", row)


def write_problems(file: Path, problems: list[Any]) -> None:
    """As records that are read back whole."""
    import json

    file.parent.mkdir(parents=True, exist_ok=True)
    names = ("id", "language", "interface", "prompt", "tests", "reference", "test_count")
    lines = [
        json.dumps({name: getattr(one, name) for name in names} | {"mutants": list(one.mutants)},
                   default=list)
        for one in problems
    ]  # fmt: skip
    file.write_text("\n".join(lines), encoding="utf-8")


def main() -> int:
    """All truths, seed by seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--listings", type=int, default=40)
    parser.add_argument("--problems", type=int, default=10)
    given = parser.parse_args()
    failed, began = 0, time.monotonic()
    for seed in range(given.seeds):
        with tempfile.TemporaryDirectory() as folder:
            print(f"seed {seed}")
            bench = Bench(Path(folder), seed, given.listings, given.problems)
            bench.memory()
            bench.forgotten()
            bench.twin()
            bench.solutions()
            failed += bench.failed
    print(f"{failed} not as planted, {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
