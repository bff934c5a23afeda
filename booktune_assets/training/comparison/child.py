"""Child: some arms of some seeds, each result kept in a file of its own as soon as it is there.

Belongs here: going through the jobs, what is already known, a failure of one arm that leaves the
others alone. Does not: running one arm (``runner.py``), which jobs there are (``drive.py``).
"""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Any

import torch

from booktune_assets import progress
from booktune_assets.children import child_main
from booktune_assets.errors import BooktuneError
from booktune_assets.lake import write_json
from booktune_assets.training.comparison.arms import Scale
from booktune_assets.training.comparison.corpora import Corpus
from booktune_assets.training.comparison.runner import run_arm
from booktune_assets.training.comparison.stages import Begun, begin

__all__ = ["run"]


def run(spec: dict[str, Any]) -> dict[str, Any]:
    """Do ``spec["jobs"]`` in order: ``{"seed", "split", "file", "job"}`` each.

    ``folder`` keeps the stages of each seed, ``texts`` the corpora, ``scale`` the sizes. One
    thread: sums of several come in any order, and two processes share the machine better.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # pyright: ignore  # slow
    scale = Scale.of(spec["scale"])
    texts = _texts(Path(spec["texts"]))
    begun: dict[int, Begun] = {}
    for number, order in enumerate(spec["jobs"]):
        seed = order["seed"]
        if seed not in begun:
            begun.clear()
            begun[seed] = begin(texts, scale, seed, Path(spec["folder"]) / f"seed-{seed}")
            gc.freeze()  # a million objects of libraries that no collection needs to walk
        found = _one(begun[seed], order, texts, scale)
        write_json(Path(order["file"]), found)
        note = f"seed {seed}: {order['label']}: {_words(found)}"
        progress.advance("compared", number + 1, len(spec["jobs"]), note)
    return {"done": len(spec["jobs"])}


def _one(
    begun: Begun, order: dict[str, Any], texts: dict[str, Corpus], scale: Scale
) -> dict[str, Any]:
    """Curves of one job, or why there are none. Raises what naive raises."""
    known: dict[str, Any] = {"scores": [dict(row) for row in begun.scores]}
    try:
        return known | run_arm(begun, order["job"], texts, order["split"], scale)
    except BooktuneError as problem:
        if order["job"]["arm"] == "naive":
            raise  # there is nothing to compare with
        return known | {"curves": {}, "error": f"{problem.code.value}: {problem.remedy}"}


def _texts(path: Path) -> dict[str, Corpus]:
    """The corpora as the parent wrote them: all children have the same."""
    known = json.loads(path.read_text())
    return {name: Corpus(name, *parts) for name, parts in known.items()}


def _words(found: dict[str, Any]) -> str:
    if not found["curves"]:
        return f"failed, {found['error']}"
    curve = next(iter(found["curves"].values()))
    first, last = curve[0], curve[-1]
    won = first["books"] - last["books"]
    lost = [last[name] - first[name] for name in ("general", "domain")]
    return f"gained {won:.3f}, lost {lost[0]:+.3f} and {lost[1]:+.3f} bits per byte"


if __name__ == "__main__":
    child_main(run)
