"""Stage 3 of one seed by one arm, measured at checkpoints.

Belongs here: what becomes of stage 2's adapter, running an arm, the curves that come of it. Does
not: stages 1 and 2 (``stages.py``), keeping results (``child.py``).

Every arm sees the same new texts in the same order with the same number of steps; rows that
rehearse take the place of new ones. ``naive`` gives four curves: its own checkpoints (stopping
early), shorter runs that each decay to their end, and its end scaled between start and end, evenly
or by depth; those beside its own, and how far outputs moved, are for reported seeds only. What all
arms of a seed share is measured once: the start, and the importance of weights there, whose CPU
seconds count for each arm that needs it. A curve is a list of ``{"at", <task>: bits per byte}``,
the start first.
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
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.columns import attach_beside
from booktune_assets.training.comparison.arms import Scale
from booktune_assets.training.comparison.corpora import Corpus
from booktune_assets.training.comparison.measure import (
    Watched,
    bits,
    blended,
    deltas,
    folded,
    moved,
    outputs,
)  # fmt: skip
from booktune_assets.training.comparison.stages import Begun, memory_rows, rows_of
from booktune_assets.training.comparison.watch import Watch, left
from booktune_assets.training.reference import Reference
from booktune_assets.training.strategies.base import Run, Strategy
from booktune_assets.training.strategies.registry import recorder, strategies
from booktune_assets.training.trainer import Schedule, fit

__all__ = ["STARTS", "run_arm"]

Curve = list[dict[str, float]]
_SECTIONS: TypeAdapter[list[settings_training.Forgetting]] = TypeAdapter(
    list[settings_training.Forgetting]
)


def run_arm(
    begun: Begun,
    job: Mapping[str, Any],
    corpora: Mapping[str, Corpus],
    split: str,
    scale: Scale,
) -> dict[str, Any]:
    """Curves of one job (``Arm.job``) by arm, and what it cost; only of ``test`` all of them."""
    whole = split == "test"
    one = _Run(begun, job, begun.tasks(corpora, split, scale), scale, whole)
    curves = {job["arm"]: one.train(scale.books_steps)}
    found: dict[str, Any] = {"curves": curves} | one.facts
    if job["arm"] == "naive" and whole:
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
    scale: Scale
    whole: bool = True
    facts: dict[str, Any] = None  # pyright: ignore  # of the last training
    model: Any = None
    start: Mapping[str, Any] = None  # pyright: ignore  # ΔW before it

    def train(self, steps: int, *, ends: bool = False) -> Curve:
        """The curve of a run of ``steps``; only its end when ``ends``."""
        job, scale, begun = self.job, self.scale, self.begun
        sections = _SECTIONS.validate_python(job["forgetting"])
        ways = strategies(sections)
        torch.manual_seed(begun.seed)
        model = STARTS[job["start"]](begun, load_model(begun.base), scale, ways)
        self.model, self.start = model, deltas(model)
        # nothing of a strategy speaks before the first step, but added blocks
        start = begun.once(("start", job["start"], self.whole), self._bits)
        curve: Curve = [{"at": 0.0} | start]
        shares = (1.0,) if ends else scale.checkpoints

        def look(model: Any, step: int) -> None:
            curve.append({"at": float(step)} | self._bits())

        watch = Watch(look, [max(1, round(share * steps)) for share in shares])
        memory = begun.ssr(scale) if job["memory"] == "ssr" else begun.memory
        old = memory_rows(memory, scale)
        rows = rows_of(
            begun.new, steps * scale.batch_rows, scale, begun.seed, memory, job["share"]
        )  # fmt: skip
        before = self._outputs()
        earlier, held = self._earlier(sections, old)
        began = time.process_time()
        made = fit(
            model, rows, Schedule(job["rate"] * scale.rate, steps), [*ways, watch], old=old,
            earlier=earlier, seed=begun.seed,
        )  # fmt: skip
        spent = held + time.process_time() - began - watch.seconds
        self.facts = {
            "cpu_seconds": spent, "steps": steps, "loss": made[-1].loss,
            "metrics": made[-1].metrics,
        }  # fmt: skip
        if self.whole and not ends:
            after = self._outputs()
            self.facts["moved"] = {name: moved(before[name], after[name]) for name in before}
            self.facts["off_exact"] = self._off(before)
        return curve

    def _earlier(
        self, sections: Sequence[Any], old: Sequence[PackedRow]
    ) -> tuple[dict[str, Any], float]:
        """What strategies take up, and the CPU seconds it cost. EWC's importance of the memory at
        the common start has nothing to do with how strongly it holds, nor with the arm."""
        found = {name: self.begun.earlier[name] for name in self.job["earlier"]}
        cost = 0.0
        for section in sections:
            if section.kind != "ewc" or "ewc" in found:
                continue
            key = section.model_dump_json(exclude={"target_share", "strength", "online"})
            state, spent = self.begun.once(
                ("ewc", self.job["start"], key),
                lambda section=section: self._importance(section, old),
            )
            found, cost = found | state, cost + spent
        return found, cost

    def _importance(
        self, section: Any, old: Sequence[PackedRow]
    ) -> tuple[dict[str, dict[str, Any]], float]:
        """As EWC itself would measure it before its first step, and how long that took."""
        began, model = time.process_time(), self.model.train()
        run = Run(model, Reference(model), old, [], 0, self.begun.seed, 0.0)
        return left([recorder(section)], run), time.process_time() - began

    def _bits(self) -> dict[str, float]:
        """Of the model as it is; a single adapter is folded into the weights while it is looked at,
        which saves a quarter."""
        if self.job["start"] != "continued":
            return bits(self.model, self.tasks)
        with folded(self.model):
            return bits(self.model, self.tasks)

    def _outputs(self) -> dict[str, Any]:
        """Distributions on a few windows of the earlier tasks; none when nobody asks."""
        names = ("general", "domain") if self.whole else ()
        return {name: outputs(self.model, self.tasks[name]) for name in names}

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
            return self._bits()

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
