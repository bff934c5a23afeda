"""The whole comparison: strengths chosen, all seeds run, results by content. Resumable.

Belongs here: which jobs there are, who runs them, the choice of strengths. Does not: running one
(``child.py``), what the results mean (``verdicts.py``).

A result lies in ``results/<key>.json`` under the digest of everything it rests on: sizes, texts,
the job, the seed, the split, and the code that trains. A second start runs what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from booktune_assets.children import run_child
from booktune_assets.ids import digest, file_sha256
from booktune_assets.lake import write_json
from booktune_assets.training.comparison.arms import EXTRA, TUNED, Arm, Scale
from booktune_assets.training.comparison.corpora import corpora
from booktune_assets.training.comparison.statistics import Point, lost_at

__all__ = ["Compared", "compare", "points"]

_CHILD = "booktune_assets.training.comparison.child"
_TRAINING = Path(__file__).resolve().parents[1]
_TELLS = ("statistics.py", "verdicts.py", "page.py", "plots.py", "small.py", "drive.py", "arms.py",
          "readme.py")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compared:
    """Everything that was measured. ``results[seed][arm]`` is what its child gave.

    ``grids`` are the strengths that were tried, for whom they were.
    """

    scale: Scale
    arms: Sequence[Arm]
    seeds: Sequence[int]
    results: Mapping[int, Mapping[str, Mapping[str, Any]]]
    chosen: Mapping[str, float] = field(default_factory=dict[str, float])
    grids: Mapping[str, Sequence[float]] = field(default_factory=dict[str, Sequence[float]])
    corpora: Mapping[str, str] = field(default_factory=dict[str, str])  # name → digest
    ran: int = 0  # jobs that were not known before
    known: int = 0  # and those that were

    def curve(self, seed: int, name: str) -> list[dict[str, float]]:
        """Checkpoints of an arm, also of one that comes with naive; empty when it failed."""
        for found in self.results[seed].values():
            if name in found["curves"]:
                return found["curves"][name]
        return []


def compare(
    work: Path,
    scale: Scale,
    arms: Sequence[Arm],
    seeds: Sequence[int],
    *,
    tuning: Sequence[int] = (),
    strengths: Mapping[str, float] | None = None,
    processes: int = 2,
) -> Compared:
    """Run what is missing in ``work``; progress says each result (``compared``).

    With ``tuning`` seeds the strengths of all grids are chosen on them first; else ``strengths``
    gives them by arm, and what it does not name stays as the arm has it.
    """
    house = _House(work, scale, processes)
    chosen, grids = dict(strengths or {}), dict[str, list[float]]()
    if tuning:
        found, grids = _choose(house, arms, tuning)
        chosen |= found
    ready = [arm.at(chosen.get(arm.name)) for arm in arms]
    orders = [house.order(arm, seed, "test", arm.name) for seed in seeds for arm in ready]
    house.run(orders)
    results: dict[int, dict[str, Any]] = {seed: {} for seed in seeds}
    for order in orders:
        results[order["seed"]][order["job"]["arm"]] = json.loads(Path(order["file"]).read_text())
    return Compared(
        scale, ready, seeds, results, chosen, grids, house.texts, house.ran, house.known
    )


def points(curve: Sequence[Mapping[str, float]], tasks: Sequence[str]) -> list[Point]:
    """A curve as gain on the books and mean loss on ``tasks`` since its first checkpoint."""
    first = curve[0]
    return [
        Point(
            first["books"] - one["books"], sum(one[t] - first[t] for t in tasks) / len(tasks)
        )
        for one in curve
    ]  # fmt: skip


class _House:
    """Where results lie, and the children that make them."""

    def __init__(self, work: Path, scale: Scale, processes: int) -> None:
        self.scale, self.processes = scale, processes
        self.ran, self.known, self._seen = 0, 0, set[str]()
        known = corpora(scale.window)
        self.texts = {name: one.digest() for name, one in known.items()}
        self.key = digest([scale.key(), self.texts, _code()])
        self.work = work
        self.folder = work / f"stages-{self.key[:12]}"
        (work / "results").mkdir(parents=True, exist_ok=True)
        self.file = work / f"texts-{digest(self.texts)[:12]}.json"
        if not self.file.exists():
            written = {name: [one.parts, one.documents] for name, one in known.items()}
            write_json(self.file, written)

    def order(self, arm: Arm, seed: int, split: str, label: str) -> dict[str, Any]:
        """One job with the file of its result."""
        name = digest([self.key, arm.job(), seed, split])
        file = self.work / "results" / f"{name}.json"
        return {
            "seed": seed, "split": split, "label": label, "job": arm.job(), "file": str(file)
        }  # fmt: skip

    def run(self, orders: Sequence[Mapping[str, Any]]) -> None:
        """Run the orders whose files are missing; each seed stays with one child."""
        fresh = [order for order in orders if order["file"] not in self._seen]
        self._seen |= {order["file"] for order in fresh}
        missing = [order for order in fresh if not Path(order["file"]).exists()]
        self.known += len(fresh) - len(missing)
        seeds = list(dict.fromkeys(order["seed"] for order in missing))
        parts = [
            [order for order in missing if seeds.index(order["seed"]) % self.processes == number]
            for number in range(self.processes)
        ]
        parts = [part for part in parts if part]
        self.ran += len(missing)
        with ThreadPoolExecutor(max(1, len(parts))) as pool:
            list(pool.map(self._child, range(len(parts)), parts))

    def _child(self, number: int, orders: list[dict[str, Any]]) -> None:
        spec = {
            "scale": self.scale.key(),
            "folder": str(self.folder),
            "texts": str(self.file),
            "jobs": orders,
        }
        run_child(_CHILD, spec, self.work / f"child-{number}")


def _choose(
    house: _House, arms: Sequence[Arm], seeds: Sequence[int]
) -> tuple[dict[str, float], dict[str, list[float]]]:
    """The strength of each grid by the rule of ``arms.py``, and what was tried for it."""
    grids = {arm.name: sorted(arm.grid) for arm in arms if arm.grid}
    chosen: dict[str, float] = {}
    for turn in range(EXTRA + 1):
        chosen = _best(_tried(house, arms, grids, seeds), grids, seeds)
        further = {
            arm.name: value
            for arm in arms
            if arm.grid and (value := arm.beyond(grids[arm.name], chosen[arm.name])) is not None
        }
        if turn == EXTRA or not further:
            break
        grids |= {name: sorted([*grids[name], value]) for name, value in further.items()}
    return chosen, grids


_Tried = Mapping[tuple[str, float, int], Sequence[Point]]


def _tried(
    house: _House, arms: Sequence[Arm], grids: Mapping[str, Sequence[float]], seeds: Sequence[int]
) -> _Tried:
    """Curves on validation documents by arm, value, seed; naive's value is 0."""
    wanted = {"naive": [0.0], **grids}
    orders = {
        (arm.name, value, seed): house.order(
            arm.at(value), seed, "validation", f"{arm.name} at {value:g}"
        )
        for seed in seeds
        for arm in arms
        for value in wanted.get(arm.name, ())
    }
    house.run(list(orders.values()))
    found = {key: json.loads(Path(one["file"]).read_text()) for key, one in orders.items()}
    return {
        key: points(one["curves"][key[0]], ("general", "domain"))
        for key, one in found.items()
        if one["curves"]
    }


def _best(
    curves: _Tried, grids: Mapping[str, Sequence[float]], seeds: Sequence[int]
) -> dict[str, float]:
    """Of each grid the value that ranks first; of equals the smaller."""
    wanted = {
        seed: TUNED * max(point.gain for point in curves["naive", 0.0, seed]) for seed in seeds
    }
    return {
        name: min(grid, key=lambda value, name=name: _rank(
            [(curves.get((name, value, seed)), wanted[seed]) for seed in seeds]
        ))
        for name, grid in grids.items()
    }  # fmt: skip


def _rank(found: Sequence[tuple[Sequence[Point] | None, float]]) -> tuple[bool, float]:
    """Small is good: those that learned by what they lost there, then the others by their gain."""
    lost = [lost_at(curve, gain) if curve else None for curve, gain in found]
    known = [value for value in lost if value is not None]
    if len(known) == len(lost):
        return False, sum(known) / len(known)
    gains = [max(point.gain for point in curve) if curve else 0.0 for curve, _ in found]
    return True, -sum(gains)


def _code() -> str:
    """Digest of the code that a figure rests on; what only tells of figures is left out."""
    files = sorted(_TRAINING.rglob("*.py"))
    telling = {_TRAINING / "comparison" / name for name in _TELLS}
    return digest([[file.name, file_sha256(file)] for file in files if file not in telling])
