"""The training run: rows in, steps out, on ``transformers.Trainer``.

Belongs here: schedule, optimiser, accumulation, clipping, the guard against NaN, where strategies
are called, what a checkpoint holds. Does not: samples and rows (``batches.py``), what trains
(``attach.py``), ways of not forgetting (``strategies/``), checkpoints' files (``checkpoints.py``).

One packed row goes through the model at a time and its gradient is added to the others' of the
step, each learned token with the same weight, so memory does not grow with the rows of a step. Rows
are taken in the order they were planned in: nothing is shuffled here.
"""

from __future__ import annotations

import hashlib
import math
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import torch
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.data import DataLoader
from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from booktune_assets import pipes, progress
from booktune_assets.children import peak_mb
from booktune_assets.errors import BookError, BooktuneError, Code
from booktune_assets.llm.heads import hidden, nll_of
from booktune_assets.llm.packed_attention import boundaries
from booktune_assets.training.attach import add_lora
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.checkpoints import Checkpoint, Checkpoints
from booktune_assets.training.reference import Reference, nan_remedy, require_sane, trained
from booktune_assets.training.states import set_streams, streams
from booktune_assets.training.strategies.base import Output, Run, Strategy

__all__ = ["Fitted", "Schedule", "Step", "add_lora", "fit", "fit_run", "row_inputs"]

CLIP = 1.0
WARM_UP = 0.05  # share of the steps over which the rate rises
NAMED = 5  # examples in an error
FLOOR = 0.1  # the rate ends at this share of its peak


@dataclass(frozen=True, slots=True)
class Schedule:
    """Peak rate and number of steps; the rate rises linearly, then falls along a cosine."""

    learning_rate: float
    steps: int

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 1."""
        warm = max(1, round(WARM_UP * self.steps))
        if step <= warm:
            return self.learning_rate * step / warm
        along = (step - warm) / max(1, self.steps - warm)
        return self.learning_rate * (FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * along)))


@dataclass(frozen=True, slots=True)
class Step:
    """One optimiser step; ``tokens`` learned and ``seconds`` passed since the start.

    ``loss`` is the data's alone. ``metrics`` are the strategies' figures, ``<strategy>.<figure>``,
    and the terms they added to the loss, ``term.<strategy>.<term>``.
    """

    step: int
    loss: float
    lr: float
    grad_norm: float
    tokens: int
    seconds: float
    metrics: dict[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class Fitted:
    """Steps, and what each strategy leaves to later stages, by its name."""

    steps: list[Step]
    left: dict[str, dict[str, Any]]


def row_inputs(row: PackedRow, device: Any) -> dict[str, Any]:
    """What the model takes for one packed row. No mask: positions that start again make it."""
    return {
        "input_ids": torch.tensor([row.ids], device=device),
        "position_ids": torch.tensor([row.positions], device=device),
        **boundaries([len(sample.ids) for sample in row.samples], device),
    }


def fit(
    model: Any,
    rows: Sequence[PackedRow],
    schedule: Schedule,
    strategies: Sequence[Strategy] = (),
    *,
    old: Sequence[PackedRow] = (),
    earlier: Mapping[str, Mapping[str, Any]] | None = None,
    seed: int = 0,
) -> list[Step]:
    """The steps of :func:`fit_run`, without checkpoints; what strategies leave is not asked for."""
    run = _run(model, rows, schedule, old, earlier, seed)
    return _fit(run, rows, schedule, strategies, None)


def fit_run(
    model: Any,
    rows: Sequence[PackedRow],
    schedule: Schedule,
    strategies: Sequence[Strategy] = (),
    *,
    old: Sequence[PackedRow] = (),
    earlier: Mapping[str, Mapping[str, Any]] | None = None,
    seed: int = 0,
    tokenizer: Any = None,
    checkpoints: Checkpoints | None = None,
) -> Fitted:
    """Train on ``rows``, the same number in each step. Raises ``NAN_LOSS``, ``OTHER_CONFIG``.

    ``old`` is the memory that strategies may look at; default: the rows that rehearse. ``earlier``
    is what strategies left in the stage before. With ``checkpoints`` the run goes on from the
    newest one; ``model`` is given as it was at the start all the same, because strategies refer to
    that, and steps come out bit-equal to those of a run that was never stopped.
    """
    run = _run(model, rows, schedule, old, earlier, seed)
    run = replace(run, tokenizer=tokenizer)
    steps = _fit(run, rows, schedule, strategies, checkpoints)
    require_sane(model, schedule.learning_rate)
    left = {one.name: one.leave(run) for one in strategies}
    for strategy in strategies:
        strategy.settle(model)
    return Fitted(steps, {name: tensors for name, tensors in left.items() if tensors})


def _run(
    model: Any,
    rows: Sequence[PackedRow],
    schedule: Schedule,
    old: Sequence[PackedRow],
    earlier: Mapping[str, Mapping[str, Any]] | None,
    seed: int,
) -> Run:
    model.train()
    return Run(
        model, Reference(model), [row for row in rows if not row.rehearsal],
        old or [row for row in rows if row.rehearsal], schedule.steps, seed,
        schedule.learning_rate, earlier or {},
    )  # fmt: skip


def _fit(
    run: Run,
    rows: Sequence[PackedRow],
    schedule: Schedule,
    strategies: Sequence[Strategy],
    checkpoints: Checkpoints | None,
) -> list[Step]:
    with _own_streams(), tempfile.TemporaryDirectory(prefix="booktune-fit-") as scratch:
        found = checkpoints.newest() if checkpoints else None
        saved = found.states["strategies"] if found else {}
        run = replace(run, resumed=found is not None, saved=saved)
        for strategy in strategies:
            strategy.prepare(run)
        start = _digest(run.model) if checkpoints else ""
        book = _Book(run, schedule, strategies, checkpoints, start)
        if found:
            book.resume(found)
        done = len(book.steps)
        progress.advance("training", done, schedule.steps, "from its checkpoint" if found else "")
        if done < schedule.steps:
            per_step = len(rows) // schedule.steps
            rest = rows[done * per_step : schedule.steps * per_step]
            trainer = _BookTrainer(book, rest, per_step, scratch)
            if found:
                trainer.take_up(found)
            trainer.train()
        run.model.eval()
        return book.steps


@contextmanager
def _own_streams() -> Generator[None]:
    """The global random streams of the caller come back unmoved."""
    kept = streams()
    try:
        yield
    finally:
        set_streams(kept)


def _digest(model: Any) -> str:
    """Of what trains, as it is now: names and bytes."""
    hashed = hashlib.sha256()
    for name, part in trained(model).items():
        hashed.update(name.encode())
        hashed.update(
            part.detach().cpu().reshape(-1).view(torch.uint8).numpy()
        )  # gates have no axis
    return hashed.hexdigest()


class _Rates(LRScheduler):
    """The rate of the step to come, on all parameters."""

    def __init__(self, optimizer: Any, schedule: Schedule, done: int) -> None:
        self._schedule, self._done = schedule, done
        super().__init__(optimizer)

    def get_lr(self) -> list[float | torch.Tensor]:
        rate = self._schedule.rate(self._done + self.last_epoch + 1)
        return [rate for _ in self.optimizer.param_groups]


class _Book(TrainerCallback):
    """The bookkeeping of a run: calls strategies, guards against NaN, logs, writes checkpoints."""

    def __init__(
        self,
        run: Run,
        schedule: Schedule,
        strategies: Sequence[Strategy],
        checkpoints: Checkpoints | None,
        start: str,
    ) -> None:
        self.run, self.schedule, self.strategies = run, schedule, strategies
        self.checkpoints, self.start = checkpoints, start
        self.steps: list[Step] = []
        self.learned: list[Any] = []
        self.optimiser: Any = None
        self._terms: dict[str, Any] = {}
        self._nats: Any = 0.0
        self._names, self._place, self._count, self._rows = list[str](), 0, 0, 0
        self._norm = 0.0
        self._before = 0.0  # seconds of the run that was stopped
        self._began = time.monotonic()

    @property
    def number(self) -> int:
        """The step that is being made, from 1."""
        return len(self.steps) + 1

    def begin(self, rows: int, count: int) -> None:
        """A step of ``rows`` rows with ``count`` learned tokens begins."""
        self._rows, self._count, self._place = rows, count, 0
        self._nats, self._terms, self._names = 0.0, {}, []

    def loss(self, row: PackedRow, inputs: Mapping[str, Any], targets: Any) -> Any:
        """One row's share of the step's loss, with what strategies add to it."""
        model, strategies = self.run.model, self.strategies
        where, labels = targets[:, 0], targets[:, 1]
        states, head = hidden(model, dict(inputs), where)
        nll = nll_of(states, head, labels)
        share = len(targets) / self._count
        place = (self._place, self._rows, share)
        output = Output(nll, inputs, where, labels, *place, states, head)
        weighted = nll
        for strategy in strategies:
            if (factor := strategy.row_weights(model, row, output)) is not None:
                weighted = weighted * factor
        total = weighted.sum() / self._count
        for strategy in strategies:
            for name, term in strategy.loss_terms(model, row, output).items():
                total = total + term
                key = f"term.{strategy.name}.{name}"
                plain = term.detach() if isinstance(term, torch.Tensor) else term
                self._terms[key] = self._terms.get(key, 0.0) + plain
        self._nats = self._nats + nll.detach().sum()
        self._names += [sample.name for sample in row.samples]
        self._place += 1
        return total

    def on_pre_optimizer_step(self, *_: Any, **__: Any) -> None:
        """Gradients are summed: strategies, clipping, and no step with a number that is none."""
        for strategy in self.strategies:
            strategy.on_gradients(self.run.model, self.number)
        self._norm = float(torch.nn.utils.clip_grad_norm_(self.learned, CLIP))
        self._nats = float(self._nats) / self._count
        if not math.isfinite(self._nats) or not math.isfinite(self._norm):
            raise BooktuneError(
                Code.NAN_LOSS, nan_remedy(self.number, self._nats),
                step=self.number, examples=", ".join(self._names[:NAMED]), loss=self._nats,
                grad_norm=self._norm, learning_rate=self.schedule.rate(self.number),
            )  # fmt: skip

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """The parameters have moved: strategies, the log, a checkpoint when one is due."""
        number, metrics = self.number, {name: float(term) for name, term in self._terms.items()}
        added = sum(metrics.values())
        for strategy in self.strategies:
            strategy.on_step_end(self.run.model, number)
        for strategy in self.strategies:
            named = strategy.metrics().items()
            metrics |= {f"{strategy.name}.{name}": float(value) for name, value in named}
        before = self.steps[-1].tokens if self.steps else 0
        seconds = round(self._before + time.monotonic() - self._began, 3)
        step = Step(
            number, self._nats, self.schedule.rate(number), self._norm, before + self._count,
            seconds, metrics,
        )  # fmt: skip
        self.steps.append(step)
        note = f"loss {self._nats:.3f}" + (f", penalties {added:.3f}" if added else "")
        progress.advance("training", number, self.schedule.steps, note)
        if pipes.due("figures", number, self.schedule.steps):
            pipes.figures({
                "step": number, "loss": self._nats, "penalties": added, "learning_rate": step.lr,
                "tokens_per_second": step.tokens / max(seconds, 1e-3), "peak_mb": peak_mb(),
            })  # fmt: skip
        if self.checkpoints and number < self.schedule.steps and self.checkpoints.due(number):
            self.checkpoints.save(number, self._states())

    def _states(self) -> dict[str, dict[str, Any]]:
        return {
            "weights": trained(self.run.model),
            "optimiser": self.optimiser.state_dict(),
            "strategies": {one.name: one.state_dict() for one in self.strategies},
            "streams": streams(),
            "log": {"start": self.start, "steps": [asdict(step) for step in self.steps]},
        }

    def resume(self, found: Checkpoint) -> None:
        """Weights, strategies and log of a checkpoint. Raises ``OTHER_CONFIG``."""
        weights, now = found.states["weights"], trained(self.run.model)
        if found.states["log"]["start"] != self.start or weights.keys() != now.keys():
            raise BookError(
                Code.OTHER_CONFIG,
                "It began from other weights: remove it to begin anew",
                step=found.step,
            )
        with torch.no_grad():
            for name, part in now.items():
                part.copy_(weights[name])
        for strategy in self.strategies:
            strategy.load_state_dict(found.states["strategies"][strategy.name])
        self.steps = [Step(**step) for step in found.states["log"]["steps"]]
        self._before = self.steps[-1].seconds if self.steps else 0.0


@contextmanager
def _four_bits_beside(model: Any) -> Generator[None]:
    """Blocks that were added beside four-bit ones learn in plain numbers, as an adapter does: the
    trainer's refusal of a model without an adapter does not mean them."""
    beside = getattr(model, "is_quantized", False) and not hasattr(model, "peft_config")
    if beside:
        model._hf_peft_config_loaded = True
    yield
    if beside:
        model._hf_peft_config_loaded = False


class _BookTrainer(Trainer):
    """``Trainer`` over packed rows, one per micro-batch, in order; the rest is the book's."""

    def __init__(self, book: _Book, rows: Sequence[PackedRow], per_step: int, scratch: str) -> None:
        model: Any = book.run.model
        self.book, self.on = book, next(model.parameters()).device
        cuda = self.on.type == "cuda"
        args = TrainingArguments(
            output_dir=scratch,
            per_device_train_batch_size=1,
            gradient_accumulation_steps=per_step,
            max_steps=len(rows) // per_step,
            learning_rate=book.schedule.learning_rate,
            weight_decay=0.0,
            optim="paged_adamw_8bit" if cuda else "adamw_torch",
            max_grad_norm=0.0,  # the book clips, after strategies saw the gradients
            logging_strategy="no",
            logging_nan_inf_filter=False,  # a loss that is no number is never passed over
            save_strategy="no",
            eval_strategy="no",
            report_to="none",
            push_to_hub=False,
            disable_tqdm=True,
            use_cpu=not cuda,
            seed=book.run.seed % 2**32,
        )
        args._n_gpu = min(1, args.n_gpu)  # pyright: ignore  # never DataParallel
        book.learned = [part for part in model.parameters() if part.requires_grad]
        kind, options = Trainer.get_optimizer_cls_and_kwargs(args, model)
        book.optimiser = kind(book.learned, **{**options, "weight_decay": 0.0})
        rates = _Rates(book.optimiser, book.schedule, len(book.steps))
        with _four_bits_beside(model):
            super().__init__(
                model=model,
                args=args,
                train_dataset=list(rows),  # pyright: ignore
                optimizers=(book.optimiser, rates),  # pyright: ignore
                callbacks=[book],
            )
        self.remove_callback(PrinterCallback)
        # a fresh accelerator holds nothing; freeing it walks all objects of the process (0.4 s)
        self.accelerator.free_memory = _nothing_freed
        model.train()

    def take_up(self, found: Checkpoint) -> None:
        """Optimiser and random streams of a checkpoint; weights are the book's."""
        rates = [group["lr"] for group in self.book.optimiser.param_groups]
        self.book.optimiser.load_state_dict(found.states["optimiser"])
        for group, rate in zip(self.book.optimiser.param_groups, rates, strict=True):
            group["lr"] = rate
        set_streams(found.states["streams"])

    def get_train_dataloader(self) -> Any:
        """Rows in order. A stream of its own: loaders draw a seed from the global one."""
        return DataLoader(
            self.train_dataset,  # pyright: ignore
            batch_size=1,
            collate_fn=_single,
            generator=torch.Generator().manual_seed(0),
        )

    def get_batch_samples(
        self, epoch_iterator: Any, num_batches: int, device: Any
    ) -> tuple[list[Any], int]:
        """The rows of one step with their learned tokens as the number of items."""
        rows = [next(epoch_iterator) for _ in range(num_batches)]
        count = sum(len(row["targets"]) for row in rows)
        self.book.begin(len(rows), count)
        return rows, count

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Any:
        """Forward and backward of one row. Modes are not set again for each row: that walks all."""
        row: PackedRow = inputs["row"]
        loss = self.book.loss(row, row_inputs(row, self.on), inputs["targets"].to(self.on))
        self.accelerator.backward(loss)
        return loss.detach()

    def floating_point_ops(self, inputs: Any) -> int:
        """Not counted."""
        return 0

    def _get_grad_norm(self, model: Any, grad_norm: Any = None) -> None:  # pyright: ignore
        """The book's norm is the one that counts: no second pass over the gradients."""


def _nothing_freed(*objects: Any) -> list[Any]:
    return list(objects)


def _single(rows: Sequence[PackedRow]) -> dict[str, Any]:
    (row,) = rows
    return {"row": row, "targets": torch.tensor(row.targets, dtype=torch.long)}
