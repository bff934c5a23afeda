"""Planted truths, larger than in the tests: does an evaluation find what is known of a model?

    python benchmarks/planted.py [--seeds 3] [--first 0] [--listings 40] [--problems 10]
                                 [--only memory ...]

A base that knows prose gets adapters whose truth is known, and each goes through
``evaluation/run.py`` with the transformers child, as any adapter does:

- memory: *heart* is trained on listings word for word, as text and as answers. The verbatim probe
  and regurgitation have to show it. *others* as long, on as many other listings of the same kind:
  regurgitation has to show nothing, the probe no more than guessing (who knows the words of all
  listings hits the next one now and then, which is some 2 points).
- variation: *solutions* is trained on answers to problems. The gap to the same problems under other
  names has to show it (programs are run; left out where there is no sandbox).
- forgotten: *noise* is trained on noise until the prose is gone, *tampered* has noise added to the
  weights of an adapter that changed nothing. Retention has to show both.
- twin: an adapter that changed nothing. No suite may show anything.

Each verdict is looked for in the sentences of the report too. Exit code 1: a truth was not found,
or something was found where nothing is.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

from _planted import (
    asked,
    listing,
    listings,
    noise,
    prose,
    question,
    stage_two,
    tampered,
    tuned,
)

from booktune_assets.beam import runner
from booktune_assets.beam.problems import load_problems, problems_jsonl
from booktune_assets.evaluation.outcomes import family_verdicts
from booktune_assets.evaluation.run import evaluate
from booktune_assets.evaluation.suites.problems import CODE_ONLY
from booktune_assets.evaluation.suites.surface import surface
from booktune_assets.settings import PROJECT

PROBLEMS = PROJECT / "data" / "evals" / "problems"
PROSE = [(f"stage 2, {number}", prose(number)) for number in range(40)]
PARTS = ("memory", "variation", "forgotten", "twin")
STEPS = 250
GUESSED = 10  # points of a listing that nobody learned
Rows = Mapping[tuple[str, str], Mapping[str, Any]]


class Bench:
    """One base and all that is planted on it."""

    def __init__(self, folder: Path, seed: int, count: int, problems: int) -> None:
        self.folder, self.first, self.count, self.problems = folder, 10_000 * seed, count, problems
        self.base = stage_two(folder / "base", [text for _, text in PROSE], 120 + seed, hidden=96)
        self.failed = 0

    def rows(self, adapter: Path, *suites: str, **given: Any) -> Rows:
        """The rows of the report, by suite and metric; its sentences are printed."""
        settings = {"verbatim": self.count, "problems": 0, "otp": 0} | given.pop("settings", {})
        values = {"general": {"general_text": PROSE, "general_code": PROSE}, "settings": settings,
                  "listings": listings(range(self.first, self.first + self.count))}  # fmt: skip
        spec = asked(adapter, self.base, self.folder / "calls", *suites, **(values | given))
        made = evaluate(spec, self.folder / f"work-{adapter.name}")
        page = unescape(made.files["report.html"].read_text(encoding="utf-8"))
        for words in family_verdicts(made.frames["eval_report"].to_dicts()).values():
            shown = words in page
            self.failed += not shown
            print(f"  {adapter.name}, report: {words}{'' if shown else ' ✗ not on the page'}")
        return {(str(row["suite"]), str(row["metric"])): row
                for row in made.frames["eval_report"].to_dicts()}  # fmt: skip

    def say(self, right: bool, what: str, row: Mapping[str, Any]) -> None:
        """One line; counts what is not as it was planted."""
        self.failed += not right
        figures = f"{row['base']:.4g} → {row['tuned']:.4g}" if row["n"] else "–"
        print(f"  {'✓' if right else '✗'} {what}: {figures}, {row['verdict']}", flush=True)

    def memory(self) -> None:
        """Learned by heart, and as much of something else."""
        numbers = range(self.first, self.first + self.count)
        trained = [(f"q{n}", question(n), listing(n)) for n in numbers]
        given = {"trained": trained, "books": {f"sec_{n}": listing(n) for n in numbers},
                 "sources": {f"q{n}": f"sec_{n}" for n in numbers},
                 "settings": {"regurgitation": self.count, "new_tokens": 80,
                              "verbatim_chars": 40}}  # fmt: skip
        for name, shift, found in (("heart", 0, True), ("others", 5000, False)):
            texts = [listing(number + shift) for number in numbers]
            answers = [(question(number + shift), listing(number + shift)) for number in numbers]
            adapter = tuned(self.base, texts, STEPS, self.folder / name, answers=answers)
            rows = self.rows(adapter, "verbatim", "regurgitation", **given)
            for key in (("verbatim", "given_back"), ("regurgitation", "over_limit")):
                row = rows[key]
                shown = str(row["verdict"]).startswith("worse") and row["low"] > 0
                guessed = not found and key[1] == "given_back" and row["high"] < GUESSED
                self.say(shown == found or guessed, f"{name}, {key[0]}", row)

    def variation(self) -> None:
        """Problems with their solutions, and the same problems under other names."""
        lacking = runner.missing("elixir") if self.problems else "no problems were asked for"
        if lacking is not None:
            print(f"  – solutions: {lacking}")
            return
        own = [one for one in load_problems(PROBLEMS) if one.language == "elixir" and surface(one)]
        own = sorted(own, key=lambda one: len(one.prompt) + len(one.reference))[: self.problems]
        answers = [(f"{one.prompt}\n{CODE_ONLY}", f"```elixir\n{one.reference}```") for one in own]
        adapter = tuned(self.base, [], STEPS, self.folder / "solutions", window=4000,
                        answers=answers)  # fmt: skip
        file = self.folder / "own" / "problems.jsonl"
        file.parent.mkdir()
        file.write_text(problems_jsonl(own), encoding="utf-8")
        rows = self.rows(adapter, "variation", problems=file,
                         settings={"variation": self.problems, "new_tokens": 300})  # fmt: skip
        for metric in ("gap_surface", "pass@1"):
            row = rows["variation", metric]
            right = metric != "gap_surface" or str(row["verdict"]).startswith("worse")
            self.say(right, f"solutions, {metric}", row)

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
            settings={"answers": 24, "retrieval": 12, "regurgitation": 24, "drift": 12,
                      "drift_tokens": 4, "tool_calls": 12, "formats": 12},
        )  # fmt: skip
        for (suite, metric), row in rows.items():
            if row["n"]:
                words = str(row["verdict"])
                calm = "kept within" if suite == "drift" else "no clear difference"
                right = calm in words and row["kept"] != "no" and abs(row["diff"]) < 1e-6
                self.say(right, f"twin, {suite} {metric}", row)


def main() -> int:
    """All truths, seed by seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="the seed to begin with")
    parser.add_argument("--listings", type=int, default=40)
    parser.add_argument("--problems", type=int, default=10)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    given = parser.parse_args()
    failed, began = 0, time.monotonic()
    for seed in range(given.first, given.first + given.seeds):
        with tempfile.TemporaryDirectory() as folder:
            print(f"seed {seed}", flush=True)
            bench = Bench(Path(folder), seed, given.listings, given.problems)
            for part in given.only:
                getattr(bench, part)()
            failed += bench.failed
    print(f"{failed} not as planted, {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
