"""How long a run takes: operations and readings of all weights, from its shape and settings.

Belongs here: what training, each way of not forgetting, each stage before and the writing of the
rehearsal set cost. Does not: memory (``memory.py``), which card (``plan.py``).

A pass costs 2 operations per weight and token forwards; forwards and backwards 6, with checkpointed
activations 8 (gradients of the inputs counted double as for full training: an upper bound for an
adapter). Text that is written is not bound by operations: each token reads all weights once, for
all answers of a batch together. Costs are of three kinds: per token of the run (the reference reads
along), per step (one old row, however many rows a step has), and once (Fisher passes, masks).

Not counted: OPLoRA's decomposition at the start, checkpoints, what follows training (``[post]``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from booktune_assets.training.memory import NF4, Wanted

__all__ = ["SAMPLE", "Cost", "Course", "course_costs", "written"]

SAMPLE = 200  # tokens of a sample, assumed: ten of them fill a row of 2,048
_ASKED = 400  # tokens of a prompt with its examples


@dataclass(frozen=True, slots=True)
class Cost:
    """Floating-point operations, and bytes of weights that writing reads."""

    flops: float = 0.0
    read: float = 0.0


@dataclass(frozen=True, slots=True)
class Course:
    """A run as far as time goes. ``share`` of the rows rehearses; ``fresh`` are the tokens of all
    samples that teach, None where that is not known: as many as the run takes then."""

    wanted: Wanted
    steps: int
    batch_rows: int
    share: float = 0.0
    fresh: float | None = None

    @property
    def tokens(self) -> int:
        """Of all rows, when they are full."""
        return self.steps * self.batch_rows * self.wanted.seq_len

    @property
    def passes(self) -> int:
        """Operations per weight and token, forwards and backwards."""
        return 8 if self.wanted.checkpointing else 6


def course_costs(course: Course) -> dict[str, Cost]:
    """The run itself, then what each way adds by its kind, then what is only written down."""
    wanted = course.wanted
    found = {"training": Cost(course.passes * _weights(course) * course.tokens)}
    for section in wanted.forgetting:
        found[section.kind] = _COSTS.get(section.kind, _nothing)(section, course)
    chosen = {one.kind for one in wanted.forgetting}
    for section in wanted.recording:
        if section.kind == "ewc" and section.kind not in chosen:
            found["fisher pass"] = _fisher(section, course, 1)
    return found


def written(wanted: Wanted, calls: int, tokens: int, side_by_side: int) -> Cost:
    """``calls`` answers of ``tokens`` tokens by the plain model, so many at a time."""
    plain = replace(wanted, quantise=False)
    operations = 2 * wanted.shape.params * calls * (_ASKED + tokens)
    return Cost(operations, -(-calls // max(1, side_by_side)) * tokens * _reading(plain))


def _weights(course: Course) -> float:
    return float(course.wanted.shape.params)


def _taught(course: Course) -> float:
    return course.tokens * (1 - course.share)


def _samples(course: Course, count: int) -> float:
    return float(count * min(SAMPLE, course.wanted.seq_len))


def _nothing(_: Any, __: Course) -> Cost:
    return Cost()


def _reads(_: Any, course: Course) -> Cost:
    """The reference reads the new rows along."""
    return Cost(2 * _weights(course) * _taught(course))


def _old(course: Course, every: int) -> float:
    """One old row a step, forwards in the reference, forwards and backwards in the model."""
    rows = -(-course.steps // every)
    return (2 + course.passes) * _weights(course) * rows * course.wanted.seq_len


def _kl(section: Any, course: Course) -> Cost:
    new = _reads(section, course).flops if section.on != "old" else 0.0
    return Cost(new + (_old(course, 1) if section.on != "new" else 0.0))


def _fip(section: Any, course: Course) -> Cost:
    if section.mode == "penalty":
        return Cost(_old(course, section.every))
    metrics = -(-course.steps // section.refresh)
    each = _samples(course, section.directions) * course.passes + course.wanted.seq_len * 4
    return Cost(metrics * each * _weights(course))


def _ewc(section: Any, course: Course) -> Cost:
    """At the end for later stages, and before the first step where no stage left any."""
    return _fisher(section, course, 1 if course.wanted.earlier else 2)


def _fisher(section: Any, course: Course, times: int) -> Cost:
    drawn = 2 if section.labels == "sampled" else 0
    each = _samples(course, section.n) * (course.passes + drawn)
    return Cost(times * each * _weights(course))


def _si(section: Any, course: Course) -> Cost:
    if section.source != "pseudo":
        return Cost()
    return Cost(_samples(course, section.pseudo_steps) * course.passes * _weights(course))


def _stm(_: Any, course: Course) -> Cost:
    """The samples that teach forwards, once."""
    most = _taught(course)
    return Cost(2 * _weights(course) * (most if course.fresh is None else min(most, course.fresh)))


def _progressive(section: Any, course: Course) -> Cost:
    """Added blocks are gone through and learn; columns cost hardly more than an adapter."""
    if section.form != "block_expansion":
        return Cost()
    return Cost(course.passes * _weights(course) * course.tokens / section.every)


def _sdft(section: Any, course: Course) -> Cost:
    """Of a distilled row: answers are written, read with their pages, and learned."""
    wanted = course.wanted
    rows = course.steps * course.batch_rows * (1 - course.share) * section.share
    answers = wanted.samples * section.new_tokens
    prompts = wanted.seq_len / 2  # the other half of a row is the data's answers
    told = wanted.samples * (wanted.page + section.new_tokens)
    operations = 2 * (prompts + answers) + 2 * told + course.passes * (prompts + answers)
    return Cost(rows * operations * _weights(course), rows * section.new_tokens * _reading(wanted))


def _reading(wanted: Wanted) -> float:
    """Bytes that one written token moves; four-bit weights are unpacked and read again."""
    linear, plain = wanted.shape.linear_params, wanted.width
    each = NF4 + 2 * plain if wanted.quantise else plain
    return linear * each + wanted.shape.vocab * wanted.shape.hidden * plain


_COSTS: dict[str, Callable[[Any, Course], Cost]] = {
    "ewc": _ewc, "si": _si, "fip": _fip, "progressive": _progressive, "kl": _kl, "asft": _reads,
    "stm": _stm, "sdft": _sdft,
}  # fmt: skip
