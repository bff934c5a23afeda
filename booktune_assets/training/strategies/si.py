"""Synaptic intelligence: what moved the loss before is held where it was.

    w_k ← w_k − g_k Δθ_k                             each optimiser step of the earlier stage
    ω_k ← ω_k + max(0, w_k) / (Δ_k² + ξ)             at its end, Δ = θ_end − θ_start
    L = L_new + c Σ_k ω_k (θ_k − θ*_k)²              in the next

Zenke et al. 2017, arXiv 1703.04200. g is the step's gradient before it is clipped, Δθ the real move
of the optimiser, both in fp32; weight decay would leak into Δθ and is refused. The gradient of SI's
own penalty is taken off g again, as the paper has it; terms of other strategies stay in it.

Ours: ξ counts in mean Δ² (``xi_unit = "moves"``). A hundred steps of Adam at 1e-5 move a weight by
hardly more than 1e-3; a ξ of 1e-3, made for networks trained from scratch, is a thousand times Δ²
then and would switch the method off.

``source = "trajectory"`` needs the path of the stage before: every stage run can record it
(:class:`SiRecorder`), a downloaded model has none. ``source = "pseudo"`` is our approximation, not
the paper's method: the adapter is shaken, trained back on old rows for some steps with the path
recorded, and then put back exactly. It sees what reduces the old loss near the start, not what the
real training did.

Left is the newest stage's path and move beside the ω of those before, so whoever takes it up
applies a ξ of their own.

Memory in adapters (``training/memory_states.py``): where weights stood last and the sums, and for
the penalty ω and θ*; gradients between two calls of a step; the start is the run's reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.settings_training import Si as Settings
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.fisher import chosen, one_by_one
from booktune_assets.training.held import mismatched, tensors_of
from booktune_assets.training.quadratic import pull
from booktune_assets.training.reference import trained
from booktune_assets.training.strategies.base import Output, Passive, Run

__all__ = ["Path", "Si", "SiRecorder", "omega"]

Tensors = dict[str, Any]
CLIP = 1.0  # of the pseudo pass's gradients, after they are recorded
SHAKE = 0.25  # of the way that the pseudo pass could go at most
STRAYED = 0.02  # relative distance of start and anchor from which on they are two places


def omega(path: Tensors, moved: Tensors, xi: float, unit: str) -> Tensors:
    """max(0, w) / (Δ² + ξ) for each parameter."""
    if unit == "moves":
        size = sum(one.numel() for one in moved.values())
        xi *= float(sum(one.double().square().sum() for one in moved.values())) / size
    tiny = torch.finfo(torch.float32).tiny  # nothing moved at all: 0, not 0/0
    return {
        name: one.clamp(min=0) / (moved[name].square() + max(xi, tiny))
        for name, one in path.items()
    }  # fmt: skip


class Path:
    """The path integral: where parameters began, where they stand, what each gave the loss."""

    def __init__(self, model: Any, known: Mapping[str, Any] | None = None) -> None:
        """``known``: copies that stay as they are; those that are the start are not made again."""
        self.last = _copies(model)
        self.start = {
            name: _shared(one, (known or {}).get(name)) for name, one in self.last.items()
        }
        self.sums = {name: torch.zeros_like(one) for name, one in self.start.items()}
        self.slopes: Tensors = {}

    def gradients(self, model: Any, without: Callable[[str, Any], Any | None]) -> None:
        """Keep the step's gradients less ``without(name, parameter)``."""
        for name, part in trained(model).items():
            if name in self.sums and part.grad is not None:
                slope = part.grad.detach().float()
                own = without(name, part)
                self.slopes[name] = slope.clone() if own is None else slope - own

    def moved(self, model: Any) -> None:
        """w ← w − g Δθ, after the optimiser's step."""
        for name, part in trained(model).items():
            if name not in self.sums:
                continue
            now = part.detach().float()
            if name in self.slopes:
                self.sums[name] -= self.slopes[name] * (now - self.last[name])
            self.last[name] = now.clone()
        self.slopes = {}


class SiRecorder(Passive):
    """Records the path of a run and leaves it. Changes nothing; any stage can have it."""

    name = "si"

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.path: Path | None = None
        self.before: Tensors = {}  # ω of all earlier stages

    def prepare(self, run: Run) -> None:
        """Begin a path. What earlier stages left is added to if its parameters are these."""
        if run.weight_decay:
            raise BookError(
                Code.BAD_SETTING,
                "Synaptic intelligence integrates gradients along the optimiser's moves, which "
                "weight decay would falsify: train without it, or without si",
                weight_decay=run.weight_decay,
            )
        now = trained(run.model)
        left = run.earlier.get(self.name, {})
        if left and not list(mismatched(now, left, "anchor")):
            self.before = self._taken(left, self._place(next(iter(now.values())).device))
        self.path = Path(run.model, run.reference.start)

    def _place(self, device: Any) -> Any:
        """Where ω lies: whoever only leaves it needs it at the end."""
        return "cpu"

    def _taken(self, left: Mapping[str, Any], device: Any) -> Tensors:
        path, moved, before = (tensors_of(left, one, device) for one in ("path", "moved", "omega"))
        newest = omega(path, moved, self.settings.xi, self.settings.xi_unit)
        return {name: one + before[name] for name, one in newest.items()}

    def on_gradients(self, model: Any, step: int) -> None:
        """Keep the gradients of the data, before anyone clips them."""
        self._path.gradients(model, self._own)

    def _own(self, name: str, part: Any) -> Any | None:
        return None

    def on_step_end(self, model: Any, step: int) -> None:
        """Add the step to the path."""
        self._path.moved(model)

    def state_dict(self) -> dict[str, Any]:
        """The path so far and what is held."""
        path = self._path
        return {
            "start": _kept(path.start), "last": _kept(path.last), "sums": _kept(path.sums),
            "before": _kept(self.before),
        }  # fmt: skip

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from :meth:`state_dict`."""
        path = self._path
        device = next(iter(path.start.values())).device
        start = path.start
        path.start, path.last, path.sums = (
            {name: one.to(device, copy=True) for name, one in state[part].items()}
            for part in ("start", "last", "sums")
        )
        path.start = {name: _shared(one, start.get(name)) for name, one in path.start.items()}
        place = self._place(device)
        self.before = {name: one.to(place, copy=True) for name, one in state["before"].items()}

    def leave(self, run: Run) -> dict[str, Any]:
        """``NAME/path``, ``moved`` and ``anchor`` of this run, ``NAME/omega`` of those before."""
        path, now = self._path, trained(run.model)
        left: Tensors = {}
        for name, start in path.start.items():
            before, end = self.before.get(name), now[name].detach().float()
            left |= _kept({
                f"{name}/path": path.sums[name], f"{name}/moved": end - start,
                f"{name}/anchor": end,
                f"{name}/omega": torch.zeros_like(start) if before is None else before,
            })  # fmt: skip
        return left

    @property
    def _path(self) -> Path:
        assert self.path is not None, "prepare comes first"
        return self.path


class Si(SiRecorder):
    """The penalty; records this run's path as well."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.anchor: Tensors = {}
        self.penalty = self.loss = 0.0
        self.facts: dict[str, float] = {}

    def prepare(self, run: Run) -> None:
        """ω and θ* of the stage before, or by the pseudo pass. Raises ``BAD_SETTING``."""
        super().prepare(run)
        if self.settings.source == "trajectory":
            left = run.earlier.get(self.name, {})
            _check(run.model, left)
            self.anchor = tensors_of(left, "anchor", self._path.start[_first(left)].device)
            return
        self.anchor = {name: one.clone() for name, one in self._path.start.items()}
        if not run.resumed:
            self.path = None  # the pass has one of its own, and ends where it began
            self.before, self.facts = _pseudo(run, self.settings)
            self.path = Path(run.model, run.reference.start)

    def _place(self, device: Any) -> Any:
        """The penalty needs ω in each step."""
        return device

    def _own(self, name: str, part: Any) -> Any | None:
        """The gradient of the penalty: 2 c ω (θ − θ*)."""
        if name not in self.anchor:
            return None
        return 2 * self.settings.c * self.before[name] * (part.detach().float() - self.anchor[name])

    def loss_terms(self, model: Any, row: PackedRow, output: Output) -> dict[str, Any]:
        """c Σ ω (θ − θ*)², once per step."""
        mean = float(output.nll.detach().mean()) * output.share
        self.loss = mean + (self.loss if output.row else 0.0)
        if output.row or not self.settings.c:
            return {}
        penalty = self.settings.c * pull(trained(model), self.anchor, self.before)
        self.penalty = float(penalty.detach())
        return {"si": penalty}

    def metrics(self) -> dict[str, float]:
        """Penalty in nats, c, penalty over loss; by how much the pseudo pass lowered its loss."""
        share = self.penalty / self.loss if self.loss else 0.0
        return {
            "si_penalty": self.penalty, "si_lambda": self.settings.c, "si_share": share,
            **self.facts,
        }  # fmt: skip

    def state_dict(self) -> dict[str, Any]:
        """The path so far, what is held and where."""
        return {**super().state_dict(), "anchor": _kept(self.anchor), "facts": dict(self.facts)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from :meth:`state_dict`."""
        super().load_state_dict(state)
        device = next(iter(self._path.start.values())).device
        self.anchor = {name: one.to(device, copy=True) for name, one in state["anchor"].items()}
        self.facts = dict(state["facts"])


def _pseudo(run: Run, settings: Settings) -> tuple[Tensors, dict[str, float]]:
    """ω of a short way back to the start, and what it did; the model is as before afterwards."""
    model, weights = run.model, trained(run.model)
    start = {name: part.detach().clone() for name, part in weights.items()}
    samples = chosen(run.old, settings.pseudo_steps, run.seed)
    stream = torch.Generator().manual_seed(run.seed)
    far = SHAKE * run.learning_rate * settings.pseudo_steps
    optimiser = torch.optim.AdamW(weights.values(), lr=run.learning_rate, weight_decay=0.0)
    with torch.no_grad():
        for part in weights.values():
            noise = torch.randn(part.shape, generator=stream)
            part += (far * noise).to(part.device, part.dtype)
    path, losses = Path(model), list[float]()
    turns = [samples[turn % len(samples)] for turn in range(settings.pseudo_steps)]
    for loss in one_by_one(model, turns, mean=True):
        path.gradients(model, lambda _name, _part: None)
        torch.nn.utils.clip_grad_norm_(weights.values(), CLIP)
        optimiser.step()
        path.moved(model)
        losses.append(loss)
    moved = {name: path.last[name] - one for name, one in path.start.items()}
    with torch.no_grad():
        for name, part in weights.items():
            part.copy_(start[name])
    tenth = max(1, len(losses) // 10)
    drop = (sum(losses[:tenth]) - sum(losses[-tenth:])) / tenth
    return omega(path.sums, moved, settings.xi, settings.xi_unit), {"si_pseudo_drop": drop}


def _check(model: Any, left: Mapping[str, Any]) -> None:
    """Trajectory and parameters have to be the same numbers, gone on from where they ended."""
    now = trained(model)
    if not left:
        remedy = (
            "The stage before left no path (a downloaded model has none): train it here as "
            "training.stages, or set si.source to pseudo"
        )
        raise BookError(Code.BAD_SETTING, remedy, forgetting="si.source trajectory")
    again = "continue the adapter of the earlier stage, or set si.source to pseudo"
    if wrong := list(mismatched(now, left, "anchor")):
        remedy = f"The path of the stage before is of other parameters: {again}"
        raise BookError(Code.BAD_SETTING, remedy, differs=", ".join(wrong[:3]), count=len(wrong))
    anchor = tensors_of(left, "anchor", "cpu")
    apart = sum(
        float((now[n].detach().float().cpu() - a).square().sum()) for n, a in anchor.items()
    )
    size = sum(float(a.square().sum()) for a in anchor.values())
    if apart > STRAYED**2 * size:
        remedy = f"This run does not begin where the path of the stage before ended: {again}"
        raise BookError(Code.BAD_SETTING, remedy, distance=round((apart / size) ** 0.5, 4))


def _shared(copy: Any, known: Any | None) -> Any:
    """``known`` where it is the same numbers of the same type; else a tensor of its own."""
    if known is None or known.dtype != copy.dtype or known.device != copy.device:
        return copy.clone()
    return known if torch.equal(known, copy) else copy.clone()


def _first(left: Mapping[str, Any]) -> str:
    return next(iter(left)).rpartition("/")[0]


def _copies(model: Any) -> Tensors:
    return {name: part.detach().float().clone() for name, part in trained(model).items()}


def _kept(tensors: Tensors) -> Tensors:
    return {name: one.detach().cpu().clone().contiguous() for name, one in tensors.items()}
