"""What the harness adds to the engine's own time, and how long scoring again takes.

    python benchmarks/eval.py [--model tiny-random] [--items 64]

The same prompts are answered by the engine alone and through ``evaluation/child.py`` with its
cache; then the finished evaluation is asked for again, without the model. Exit code 1: over 10 %.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from booktune_assets.evaluation import child
from booktune_assets.llm.chat import STOP
from booktune_assets.llm.engine import open_engine
from booktune_assets.llm.models import prepare


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="tiny-random")
    parser.add_argument("--items", type=int, default=64)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = prepare(given.model, Path(folder) / "models").path
        engine = open_engine(path)
        texts = [f"What is a process, number {number}?" for number in range(given.items)]
        turns = [[{"role": "user", "content": text}] for text in texts]
        engine.generate(turns[: child.BATCH], max_new_tokens=4)  # warm
        began = time.process_time()
        for start in range(0, len(turns), child.BATCH):
            batch = turns[start : start + child.BATCH]
            engine.generate(batch, max_new_tokens=96, stop=STOP)
        bare = time.process_time() - began
        spec: dict[str, Any] = {
            "model": str(path), "cache": folder, "who": {"base": "bench"}, "arms": ["base"],
            "seed": 0, "items": [
                {"id": str(number), "ask": "answer", "text": text, "options": (), "samples": 1,
                 "new_tokens": 96, "temperature": 0.0, "stop": ()}
                for number, text in enumerate(texts)
            ],
        }  # fmt: skip
        desk: Any = child
        desk._open = lambda _: engine  # loading is not what is measured
        began = time.process_time()
        first = child.run(spec)
        through = time.process_time() - began
        began = time.process_time()
        again = child.run(spec)
        scored = time.process_time() - began
    added = 100 * (through / bare - 1)
    print(f"{given.items} answers: engine {bare:.2f} s, through the harness {through:.2f} s of CPU "
          f"({added:+.1f} %)")  # fmt: skip
    print(f"again: {scored:.3f} s, {again['asked']} asked, {again['reused']} known")
    assert again["replies"] == first["replies"] and again["asked"] == 0
    return 0 if added <= 10 else 1


if __name__ == "__main__":
    raise SystemExit(main())
