"""Functionally invariant paths (FIP): outputs on earlier inputs stay, while weights move.

The paper (arXiv 2205.00334, Nature Machine Intelligence 2024) takes, at each step, the direction

    dθ = argmin over ‖dθ‖ = ε of ½ dθᵀ g dθ + β ⟨∇L, dθ⟩   ⇒   dθ ∝ −(g + μI)⁻¹ ∇L

with g the metric of outputs on earlier inputs. What its authors released and ran for their
transformers is something else: replayed inputs and distillation towards the earlier outputs. Both
stand here, by name, and neither has a published result on a decoder language model.

``penalty``, what the authors run:

    L = L_new + λ · mean over tokens of −log Σ_y √(p_θ(y|x_old) p_ref(y|x_old))

One old row in every ``every``-th step, each equally often; its term then counts ``every`` times, so
the expected penalty does not depend on it. Ours: the mean over tokens (they sum), the reference
from the same weights (no second model), all positions of packed rows. Labels of old rows are not
used. Cost: one row forwards twice and backwards once per ``every`` steps.

``geodesic``, what the paper says, with these approximations of ours: g is the Fisher information of
``directions`` single samples, drawn anew every ``refresh`` steps, block-diagonal by layer
(``training/metric.py``); μ is a share of its mean. And the optimiser is Adam: fed with
(g + μI)⁻¹∇L it divides each coordinate by that coordinate's own size and so undoes much of what the
metric said (docs/why/forgetting.md has figures). Therefore gradients are left alone, and what is
multiplied by (g + μI)⁻¹ is the step Adam made; then each layer's step is scaled back to the norm it
had. That is no longer the argmin above, and not sure to descend: ``kept``, the cosine between
both steps, says how much of Adam's step is left. Memory: directions × trained parameters, and one
copy of those; cost: ``directions`` samples forwards and backwards every ``refresh`` steps.

Figures of the log: ``distance`` is the Bhattacharyya distance from the reference, measured (of
the row at hand; geodesic: at each refresh, of one old row that gives no direction where there are
two). ``path`` is the way travelled so far, Σ ½√(dθᵀ g dθ), which is the Bhattacharyya angle to
second order, in radians; ``path_plain`` what Adam's own steps from the same points would add up
to. Both come from the sampled directions and flatter the geodesic; ``distance`` does not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch

from booktune_assets.ids import stable_int
from booktune_assets.settings_training import Fip as Settings
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.divergence import divergence, outputs
from booktune_assets.training.metric import Metric, score
from booktune_assets.training.reference import Reference, trained
from booktune_assets.training.rotation import Rotation, apart, held
from booktune_assets.training.strategies.base import Output, Passive, Run
from booktune_assets.training.trainer import row_inputs

__all__ = ["Fip"]


class Fip(Passive):
    """Both modes; which one is in the settings."""

    name = "fip"
    reference: Reference
    rows: Rotation[PackedRow]  # penalty
    single: Rotation[PackedRow]  # geodesic: samples that give directions
    probe: PackedRow  # geodesic: where the distance is measured

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.geodesic = self.settings.mode == "geodesic"
        self.seed = 0
        self.step = 0
        self.figures: dict[str, float] = {}
        self.metric: Metric | None = None
        self._before: dict[str, Any] = {}

    def prepare(self, run: Run) -> None:
        """Choose the old inputs. Raises ``NO_EXAMPLES`` without any."""
        rows = held(run.old, self.settings.n_old, run.seed, self.name)
        self.reference, self.seed = run.reference, run.seed
        self.rows = Rotation(rows)
        self.probe = rows[-1]
        self.single = Rotation(apart(rows[:-1] or rows))
        if self.geodesic:
            self.figures = {"path": 0.0, "path_plain": 0.0}

    def loss_terms(self, model: Any, row: PackedRow, output: Output) -> dict[str, Any]:
        """The penalty on the old row whose turn it is."""
        if self.geodesic or output.row or self.step % self.settings.every:
            return {}
        distance = self._distance(model, self.rows.next()).mean()
        self.figures["distance"] = float(distance.detach())
        return {"penalty": self.settings.strength * self.settings.every * distance}

    def on_gradients(self, model: Any, step: int) -> None:
        """Geodesic: a new metric when it is time, and where the weights are before the step."""
        if not self.geodesic:
            return
        if self.step % self.settings.refresh == 0:
            self.metric = None  # room for the new one
            self.metric = self._metric(model)
            with torch.no_grad():
                self.figures["distance"] = float(self._distance(model, self.probe).mean())
        self._before = {name: part.detach().clone() for name, part in trained(model).items()}

    def on_step_end(self, model: Any, step: int) -> None:
        """Geodesic: the step Adam made becomes one that moves old outputs less."""
        self.step += 1
        if self.metric is None:
            return
        parts = {name: part for name, part in trained(model).items() if name in self._before}
        plain = {name: part.detach() - self._before[name] for name, part in parts.items()}
        taken = self.metric.shortened(plain)
        for name, part in parts.items():
            part.data.copy_(self._before[name] + taken[name])
        self.figures["path"] += math.sqrt(self.metric.square(taken)) / 2
        self.figures["path_plain"] += math.sqrt(self.metric.square(plain)) / 2
        self.figures["kept"] = _cosine(plain, taken)
        self._before = {}

    def metrics(self) -> dict[str, float]:
        """Distance on old inputs; geodesic: the ways travelled, too."""
        return dict(self.figures)

    def state_dict(self) -> dict[str, Any]:
        """Whose turn it is, figures, and the metric of the last refresh."""
        return {
            "step": self.step,
            "rows": self.rows.turn,
            "single": self.single.turn,
            "figures": dict(self.figures),
            "directions": dict(self.metric.directions) if self.metric else {},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there; the rows are those that ``prepare`` chose."""
        self.step = state["step"]
        self.rows.turn, self.single.turn = state["rows"], state["single"]
        self.figures = dict(state["figures"])
        if state["directions"]:
            device = next(iter(self.reference.start.values())).device
            ways = {name: part.to(device) for name, part in state["directions"].items()}
            self.metric = Metric(ways, self.settings.damping)

    def _distance(self, model: Any, row: PackedRow) -> Any:
        """Bhattacharyya distance from the reference at each position of a row."""
        inputs = row_inputs(row, next(model.parameters()).device)
        with self.reference.shown(model):
            then = outputs(model, inputs).detached()
        now = outputs(model, inputs)
        return divergence("bhattacharyya", now, then, self.settings.top_k)

    def _metric(self, model: Any) -> Metric:
        scores: list[dict[str, Any]] = []
        for _ in range(self.settings.directions):
            # torch takes 63 bits
            seed = stable_int(f"{self.seed}:fip:{self.single.turn}") >> 1
            stream = torch.Generator().manual_seed(seed)
            scores.append(score(model, self.single.next(), stream))
        return Metric.of(scores, self.settings.damping)


def _cosine(left: Mapping[str, Any], right: Mapping[str, Any]) -> float:
    def dot(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
        return sum(float((one[name].double() * other[name].double()).sum()) for name in one)

    size = math.sqrt(dot(left, left) * dot(right, right))
    return dot(left, right) / size if size else 1.0
