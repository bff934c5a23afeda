"""Self-distillation, SDFT (arXiv 2601.19897): the model that sees the book's page teaches itself.

    ŷ ~ π_θ(· | x),   L = mean over the tokens of ŷ of D(π_θ(· | x, ŷ_<t), π_T(· | page, x, ŷ_<t))

    D = KL(π_θ ‖ π_T)      direction = reverse, the equation of the paper
    D = KL(π_T ‖ π_θ)      direction = forward, what some implementations take

x is an example's prompt, and the teacher π_T the same model with the page in its prompt. The
student learns from what it writes itself, so its answers never have to become the data's; the
data's own answer is not learned at all on rows that are distilled. No gradient goes through the
sampling or the teacher. The teacher's weights are (``teacher``)

    base   as they were when the run began
    live   the student's own
    ema    T ← ema · T + (1 − ema) · θ after each step, from the start on

Ours: the privileged text is a page, where the paper shows a demonstration; the whole vocabulary,
as the paper, where TRL's experimental trainer takes the likeliest 100 tokens; one answer per
sample of a packed row, and the mean runs over the row's sampled tokens; ``share`` of the new rows
are distilled, evenly spread, the others learn the data's answers; rows that rehearse are left
alone.
Samples have to bring their second prompt along (``training/privileged.py``).

Cost per distilled row: an answer of ``new_tokens`` tokens written token by token (the largest
part: a step takes 3 to 6 times as long), a pass of the teacher over each sample's longer prompt,
one of the student forwards and backwards, beside the plain pass whose loss does not count. Memory:
ema keeps one more adapter; the student's row is longer by all answers, the teacher sees one page at
a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from fractions import Fraction
from typing import Any

import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import stable_int
from booktune_assets.settings_training import Sdft as Settings
from booktune_assets.training.batches import PackedRow, Sample
from booktune_assets.training.divergence import Outputs, divergence, outputs
from booktune_assets.training.privileged import prompt_of
from booktune_assets.training.reference import Reference, trained
from booktune_assets.training.strategies.base import Output, Passive, Run
from booktune_assets.training.trainer import row_inputs

__all__ = ["Sdft"]


class Sdft(Passive):
    """Distils new rows from the model that sees the page."""

    name = "sdft"
    reference: Reference
    teacher: Reference  # ema: follows the student

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.seed = 0
        self.seen = 0  # new rows so far
        self._distilled = False  # the row at hand
        self.figures: dict[str, float] = {}

    def prepare(self, run: Run) -> None:
        """Look that every new sample has its page. Raises ``BAD_ROW`` or ``TOO_LONG``."""
        self.reference, self.seed = run.reference, run.seed
        self.teacher = Reference(run.model) if self.settings.teacher == "ema" else run.reference
        limit = int(getattr(run.model.config, "max_position_embeddings", 0) or 1 << 30)
        for sample in (sample for row in run.new for sample in row.samples):
            told = _told(sample)
            if not prompt_of(sample):
                raise BookError(
                    Code.BAD_ROW, "Learn answers only: there is no prompt to answer",
                    sample=sample.name,
                )  # fmt: skip
            if len(told) + self.settings.new_tokens > limit:
                raise BookError(
                    Code.TOO_LONG, f"The model reads {limit} tokens at most: shorten the page",
                    sample=sample.name, tokens=len(told) + self.settings.new_tokens,
                )  # fmt: skip

    def row_weights(self, model: Any, row: PackedRow, output: Output) -> Any | None:
        """Nothing of the data's answers on a row that is distilled."""
        self._distilled = False
        if row.rehearsal:
            return None
        share = Fraction(str(self.settings.share))
        self._distilled = int((self.seen + 1) * share) > int(self.seen * share)
        self.seen += 1
        return torch.zeros_like(output.nll) if self._distilled else None

    def loss_terms(self, model: Any, row: PackedRow, output: Output) -> dict[str, Any]:
        """Let the student answer, and take its divergence from the teacher on what it wrote."""
        if not self._distilled:
            return {}
        written = self._answers(model, row.samples)
        told = [
            _joined(PackedRow(False, [sample]), [_told(sample)], [answer])
            for sample, answer in zip(row.samples, written, strict=True)
        ]
        asked = _joined(row, [prompt_of(sample) for sample in row.samples], written)
        device = next(model.parameters()).device
        with self._as_teacher(model):  # one page at a time: together they are many rows long
            then = _together([
                outputs(model, row_inputs(one, device), _places(one, device)) for one in told
            ])  # fmt: skip
        here = _places(asked, device)
        now = outputs(model, row_inputs(asked, device), here)
        apart = divergence(self.settings.direction, now, then).mean()
        tokens = sum(len(answer) for answer in written)
        self.figures = {"kl": float(apart.detach()), "tokens": float(tokens)}
        return {"kl": output.share * apart}

    def on_step_end(self, model: Any, step: int) -> None:
        """The teacher follows the student."""
        if self.settings.teacher == "ema":
            for name, part in trained(model).items():
                self.teacher.start[name].lerp_(part.detach(), 1 - self.settings.ema)

    def metrics(self) -> dict[str, float]:
        """Divergence in nats per sampled token, and tokens sampled, of the last distilled row."""
        return dict(self.figures)

    def state_dict(self) -> dict[str, Any]:
        """Rows so far, from which the seeds follow, and the teacher's weights."""
        kept = self.teacher.start if self.settings.teacher == "ema" else {}
        return {
            "seen": self.seen,
            "figures": dict(self.figures),
            "teacher": {name: part.clone() for name, part in kept.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on with the same teacher."""
        self.seen, self.figures = state["seen"], dict(state["figures"])
        for name, part in state["teacher"].items():
            self.teacher.start[name].copy_(part)

    def _as_teacher(self, model: Any) -> AbstractContextManager[None]:
        if self.settings.teacher == "live":
            return _still(model)
        base = self.settings.teacher == "base"
        return (self.reference if base else self.teacher).shown(model)

    def _answers(self, model: Any, samples: Sequence[Sample]) -> list[list[int]]:
        """One answer for each prompt, with its end token where it came to one."""
        prompts = [prompt_of(sample) for sample in samples]
        width = max(len(ids) for ids in prompts)
        ends = model.generation_config.eos_token_id
        ends = ends if isinstance(ends, list) else [ends]
        pad = model.generation_config.pad_token_id
        pad = ends[0] if pad is None else pad
        device = next(model.parameters()).device
        ids = torch.tensor([[pad] * (width - len(one)) + one for one in prompts], device=device)
        mask = torch.tensor([[0] * (width - len(one)) + [1] * len(one) for one in prompts])
        devices = [device] if device.type == "cuda" else []
        with _still(model), torch.random.fork_rng(devices):
            torch.manual_seed(stable_int(f"{self.seed}:sdft:{self.seen}") >> 1)
            found = model.generate(
                input_ids=ids, attention_mask=mask.to(device), do_sample=True, top_k=0, top_p=1.0,
                temperature=self.settings.temperature, max_new_tokens=self.settings.new_tokens,
                pad_token_id=pad, use_cache=True,
            )  # fmt: skip
        return [_ended(one, set(ends)) for one in found[:, width:].tolist()]


@contextmanager
def _still(model: Any) -> Any:
    """The model as it is, without gradient and as in use."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def _told(sample: Sample) -> list[int]:
    told: list[int] | None = getattr(sample, "privileged", None)
    if told is None:
        raise BookError(
            Code.BAD_ROW,
            "Self-distillation needs the book's page of each example: use examples with evidence, "
            "or leave sdft out of training.forgetting",
            sample=sample.name,
        )
    return told


def _joined(row: PackedRow, prompts: list[list[int]], answers: list[list[int]]) -> PackedRow:
    """Prompts with the answers behind them, packed; the answers' tokens are the learned ones."""
    samples = [
        Sample(sample.name, [*ids, *answer], [False] * len(ids) + [True] * len(answer))
        for sample, ids, answer in zip(row.samples, prompts, answers, strict=True)
    ]
    return PackedRow(False, samples)


def _together(found: Sequence[Outputs]) -> Outputs:
    """What the model gave row by row, as of one row; without gradient."""
    return Outputs(torch.cat([one.states for one in found]).detach(), found[0].head)


def _places(row: PackedRow, device: Any) -> torch.Tensor:
    return torch.tensor([where for where, _ in row.targets], dtype=torch.long, device=device)


def _ended(ids: list[int], ends: set[int]) -> list[int]:
    """The answer up to its end token; what follows is padding."""
    for place, token in enumerate(ids):
        if token in ends:
            return ids[: place + 1]
    return ids
