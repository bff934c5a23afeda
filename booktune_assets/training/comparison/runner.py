"""Stage 3 of one seed by one arm, measured at checkpoints.

Belongs here: what becomes of stage 2's adapter, running an arm, the curves that come of it. Does
not: stages 1 and 2 (``stages.py``), keeping results (``child.py``).

Every arm sees the same new texts in the same order with the same number of steps; rows that
rehearse take the place of new ones. ``naive`` gives four curves: its own checkpoints (stopping
early), shorter runs that each decay to their end, and its end scaled between start and end, evenly
or by depth. A curve is a list of ``{"at", <task>: bits per byte}``, the start first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from pydantic import TypeAdapter

from booktune_assets import settings_training
from booktune_assets.llm.loading import load_model
from booktune_assets.training.attach import AttachPlan, attach
from booktune_assets.training.columns import attach_beside
from booktune_assets.training.comparison.arms import Scale
from booktune_assets.training.comparison.measure import (
    Watched,
    bits,
    blended,
    deltas,
    moved,
    outputs,
)  # fmt: skip
from booktune_assets.training.comparison.stages import Begun, memory_rows, rows_of
from booktune_assets.training.comparison.watch import Watch
from booktune_assets.training.strategies.base import Strategy
from booktune_assets.training.strategies.registry import strategies
from booktune_assets.training.trainer import Schedule, fit

__all__ = ["STARTS", "run_arm"]

Curve = list[dict[str, float]]
_SECTIONS: TypeAdapter[list[settings_training.Forgetting]] = TypeAdapter(
    list[settings_training.Forgetting]
)


def run_arm(
    begun: Begun,
    job: Mapping[str, Any],
    tasks: Mapping[str, Watched],
    texts: Sequence[str],
    scale: Scale,
) -> dict[str, Any]:
    """Curves of one job (``Arm.job``) by arm, and what it cost. ``texts``: what is learned."""
    one = _Run(begun, job, tasks, texts, scale)
    curves = {job["arm"]: one.train(scale.books_steps)}
    found: dict[str, Any] = {"curves": curves} | one.facts
    if job["arm"] == "naive":
        curves["alpha"] = one.scaled(scale.alphas, _evenly)
        curves["lines"] = one.scaled((0.0, *scale.alphas), _by_depth)
        curves["decay"] = one.decayed(curves["naive"])
    return found


def _beside(begun: Begun, model: Any, scale: Scale, ways: Sequence[Strategy]) -> Any:
    """Stage 2's adapter frozen, a fresh one beside it."""
    from peft import LoraConfig

    config = LoraConfig(
        r=scale.rank, lora_alpha=2 * scale.rank, lora_dropout=0.0, target_modules="all-linear",
        task_type="CAUSAL_LM",
    )  # fmt: skip
    return attach_beside(model, [begun.adapter], config)


def _continued(begun: Begun, model: Any, scale: Scale, ways: Sequence[Strategy]) -> Any:
    """Stage 2's adapter is trained on."""
    return attach(model, AttachPlan("continue", adapter=begun.adapter))


def _merged(begun: Begun, model: Any, scale: Scale, ways: Sequence[Strategy]) -> Any:
    """Stage 2's adapter becomes part of the weights, which strategies may then shape."""
    from peft import PeftModel

    tuned: Any = PeftModel.from_pretrained(model, str(begun.adapter))
    plain = tuned.merge_and_unload().requires_grad_(False)
    for way in ways:
        plain = way.shape(plain)
    return plain


STARTS: dict[str, Callable[[Begun, Any, Scale, Sequence[Strategy]], Any]] = {
    "continued": _continued, "beside": _beside, "merged": _merged,
}  # fmt: skip


@dataclass(slots=True)
class _Run:
    """One job: training it for some steps, and what is measured beside the curve."""

    begun: Begun
    job: Mapping[str, Any]
    tasks: Mapping[str, Watched]
    texts: Sequence[str]
    scale: Scale
    facts: dict[str, Any] = None  # pyright: ignore  # of the last training
    model: Any = None
    start: Mapping[str, Any] = None  # pyright: ignore  # ΔW before it

    def train(self, steps: int, *, ends: bool = False) -> Curve:
        """The curve of a run of ``steps``; only its end when ``ends``."""
        job, scale, begun = self.job, self.scale, self.begun
        ways = strategies(_SECTIONS.validate_python(job["forgetting"]))
        torch.manual_seed(begun.seed)
        model = STARTS[job["start"]](begun, load_model(begun.base), scale, ways)
        self.model, self.start = model, deltas(model)
        curve: Curve = [{"at": 0.0} | bits(model, self.tasks)]
        before = {name: outputs(model, self.tasks[name]) for name in ("general", "domain")}
        shares = (1.0,) if ends else scale.checkpoints

        def look(model: Any, step: int) -> None:
            curve.append({"at": float(step)} | bits(model, self.tasks))

        watch = Watch(look, [max(1, round(share * steps)) for share in shares])
        memory = begun.ssr(scale) if job["memory"] == "ssr" else begun.memory
        old = memory_rows(memory, scale)
        rows = rows_of(
            begun.tokenizer, self.texts, steps * scale.batch_rows, scale, begun.seed,
            memory, job["share"],
        )  # fmt: skip
        earlier = {name: begun.earlier[name] for name in job["earlier"]}
        began = time.process_time()
        made = fit(
            model, rows, Schedule(job["rate"] * scale.rate, steps), [*ways, watch], old=old,
            earlier=earlier, seed=begun.seed,
        )  # fmt: skip
        spent = time.process_time() - began - watch.seconds
        after = {name: outputs(model, self.tasks[name]) for name in before}
        self.facts = {
            "cpu_seconds": spent, "steps": steps, "loss": made[-1].loss,
            "moved": {name: moved(before[name], after[name]) for name in before},
            "off_exact": self._off(before), "metrics": made[-1].metrics,
        }  # fmt: skip
        return curve

    def scaled(self, strengths: Sequence[float], rule: Callable[[float, float], float]) -> Curve:
        """The end of the last training, weakened: no step more. From the start to the end."""
        layers = self.model.config.num_hidden_layers
        curve: Curve = [{"at": -1.0} | self._at(lambda _: 0.0)]
        for alpha in (*strengths, 1.0):
            curve.append(
                {"at": alpha}
                | self._at(lambda name, alpha=alpha: rule(alpha, _depth(name, layers)))
            )
        return curve

    def decayed(self, whole: Curve) -> Curve:
        """The ends of shorter runs, each with a rate that falls to its own end."""
        curve = [whole[0]]
        for budget in self.scale.budgets:
            steps = max(2, round(budget * self.scale.books_steps))
            curve.append(self.train(steps, ends=True)[-1])
        return [*curve, whole[-1]]

    def _at(self, strength: Callable[[str], float]) -> dict[str, float]:
        with blended(self.model, self.start, strength):
            return bits(self.model, self.tasks)

    def _off(self, before: Mapping[str, Any]) -> bool | None:
        """With the new column off, is the model bit for bit what it was? None: it has none."""
        if self.job["start"] != "beside":
            return None
        from booktune_assets.training.columns import earlier_names, showing

        with showing(self.model, earlier_names(self.model)):
            return all(
                torch.equal(outputs(self.model, self.tasks[name]), known)
                for name, known in before.items()
            )


def _evenly(alpha: float, depth: float) -> float:
    return alpha


def _by_depth(alpha: float, depth: float) -> float:
    """LiNeS (arXiv 2410.17146): the first layer at α, the last at 1, between them in a line."""
    return alpha + (1 - alpha) * depth


def _depth(name: str, layers: int) -> float:
    """Place of a layer between 0 (first) and 1 (last)."""
    numbers = [int(part) for part in name.split(".") if part.isdigit()]
    return numbers[0] / max(1, layers - 1) if numbers else 1.0
