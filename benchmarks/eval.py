"""What the harness adds to the engine's own time, and how long scoring again takes.

    python benchmarks/eval.py [--model tiny-random] [--items 32] [--problems 8]

The same prompts are answered by the engine alone and through ``evaluation/child.py`` with its
cache, three times in turn and with one thread, and the least of each counts: others on the machine
cost CPU time too. Then the finished evaluation is asked for again, without the model. With
``--problems`` a whole evaluation (child process, references and mutants, programs in the sandbox,
report) is made twice: the second time nothing is asked and nothing is run. Exit code 1: over 10 %,
or anything was asked or run again.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from booktune_assets.beam import runner
from booktune_assets.evaluation import child
from booktune_assets.evaluation.run import EvalSpec, evaluate
from booktune_assets.evaluation.suite import Given
from booktune_assets.llm.chat import STOP
from booktune_assets.llm.engine import open_engine
from booktune_assets.llm.models import BaseModel, prepare
from booktune_assets.settings import PROJECT, Evaluation

MOST = 10.0  # per cent
TURNS = 3


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="tiny-random")
    parser.add_argument("--items", type=int, default=32)
    parser.add_argument("--problems", type=int, default=8)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        model = prepare(given.model, home / "models")
        added = asking(model.path, given.items, home)
        clean = given.problems == 0 or whole(model, given.problems, home)
    return 0 if added <= MOST and clean else 1


def asking(path: Path, items: int, home: Path) -> float:
    """Per cent that the harness adds to the same prompts, by CPU time."""
    import torch

    torch.set_num_threads(1)  # threads that wait for each other count as busy
    engine = open_engine(path)
    texts = [f"What is a process, number {number}?" for number in range(items)]
    turns = [[{"role": "user", "content": text}] for text in texts]
    engine.generate(turns[: child.BATCH], max_new_tokens=4)  # warm
    spec: dict[str, Any] = {
        "model": str(path), "cache": str(home), "who": {"base": "bench"}, "arms": ["base"],
        "seed": 0, "items": [
            {"id": str(number), "ask": "answer", "text": text, "options": (), "samples": 1,
             "new_tokens": 96, "temperature": 0.0, "stop": ()}
            for number, text in enumerate(texts)
        ],
    }  # fmt: skip
    desk: Any = child
    desk._open = lambda _: engine  # loading is not what is measured
    bare = through = float("inf")
    first: dict[str, Any] = {}
    for turn in range(TURNS):
        began = time.process_time()
        for start in range(0, len(turns), child.BATCH):
            engine.generate(turns[start : start + child.BATCH], max_new_tokens=96, stop=STOP)
        bare = min(bare, time.process_time() - began)
        spec["cache"] = str(home / f"calls-{turn}")
        began = time.process_time()
        first = child.run(spec)
        through = min(through, time.process_time() - began)
    began = time.process_time()
    again = child.run(spec)
    scored = time.process_time() - began
    added = 100 * (through / bare - 1)
    print(f"{items} answers: engine {bare:.2f} s, through the harness {through:.2f} s of CPU "
          f"({added:+.1f} %)")  # fmt: skip
    print(f"again: {scored:.3f} s, {again['asked']} asked, {again['reused']} known")
    assert again["replies"] == first["replies"] and again["asked"] == 0
    return added


def whole(model: BaseModel, problems: int, home: Path) -> bool:
    """Is a finished evaluation scored again without a call and without a run?"""
    judged = _counted()
    evaluation = Evaluation(problems=problems, otp=0, variation=0, bootstrap=10_000)
    given = Given(evaluation, problems=PROJECT / "data" / "evals" / "problems")
    spec = EvalSpec(
        model=model, adapter=None, adapter_id="none", eval_id=f"eval_{0:020x}", dataset_id="",
        given=given, suites=["problems"], cache=home / "generations",
    )  # fmt: skip
    tables: list[Any] = []
    for name in ("first", "again"):
        judged.clear()
        began = time.monotonic()
        made = evaluate(spec, home / name)
        tables.append(made.frames["eval_report"])
        print(f"{name}: {time.monotonic() - began:.1f} s by the clock, {made.counts['asked']} "
              f"calls, {len(judged)} programs run")  # fmt: skip
        clean = made.counts["asked"] == 0 and not judged
    assert tables[0].equals(tables[1])
    return clean


def _counted() -> list[object]:
    """Programs that are run from now on."""
    found: list[object] = []
    real: Any = runner.judge_many

    def counting(jobs: Sequence[Any], *given: Any, **more: Any) -> Any:
        found.extend(jobs)
        return real(jobs, *given, **more)

    changed: Any = runner
    changed.judge_many = counting
    return found


if __name__ == "__main__":
    raise SystemExit(main())
