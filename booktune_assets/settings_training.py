"""Settings of rehearsal and training: ways of not forgetting, stages, what follows training.

Belongs here: every knob with its default, unit and bounds, as sections of ``booktune.toml``. Does
not: behaviour (``training/strategies/``, ``training/post``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from booktune_assets.settings_forgetting import faults

# a section per way of not forgetting, named like its kind: import it from here by that name
__all__ = ["Forgetting", "Post", "Rehearsal", "Stage", "Training"]


RATE_MAX = 1e-2  # of a learning rate: beyond it no adapter learns


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Replay(_Section):
    """Rows of earlier knowledge among the new ones: ``training.rehearsal_share`` of all rows."""

    kind: Literal["replay"] = "replay"


class Ewc(_Section):
    """Elastic weight consolidation: what mattered before is held where it was."""

    kind: Literal["ewc"] = "ewc"
    space: Literal["delta", "lora"] = Field(
        default="delta", description="what is held: the product BA, or A and B each"
    )
    fisher: Literal["factored", "kfac", "diagonal"] = Field(
        default="factored", description="how importance is kept; diagonal is for space lora only"
    )
    full_max: int = Field(
        default=1024, ge=1, description="widest side of a layer kept as a full matrix (kfac)"
    )
    labels: Literal["sampled", "empirical"] = Field(
        default="sampled", description="labels of the Fisher pass: the model's own, or the data's"
    )
    n: int = Field(default=512, ge=1, description="sequences of the Fisher pass")
    target_share: float = Field(
        default=0.1, gt=0, lt=10, description="penalty over loss at mid-training, sets strength"
    )
    strength: float | None = Field(
        default=None, ge=0, description="λ itself, on importance normalised to mean 1"
    )
    online: float = Field(
        default=1.0, ge=0, le=1, description="decay of earlier stages' importance (online EWC)"
    )

    @model_validator(mode="before")
    @classmethod
    def _own_fisher(cls, given: Any) -> Any:
        """Space lora has one kind of importance: what is not said is that."""
        if isinstance(given, dict) and given.get("space") == "lora":
            return {"fisher": "diagonal", **given}
        return given

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if (self.space == "lora") != (self.fisher == "diagonal"):
            raise ValueError(
                "ewc.fisher diagonal belongs to ewc.space lora, factored and kfac to delta"
            )
        return self


class Si(_Section):
    """Synaptic intelligence: what moved the loss before is held where it was."""

    kind: Literal["si"] = "si"
    source: Literal["trajectory", "pseudo"] = Field(
        default="trajectory", description="the earlier stage's path, or a short pass made for it"
    )
    c: float = Field(default=0.5, ge=0, description="strength")
    xi: float = Field(default=1.0, gt=0, description="damping of the path's length squared")
    xi_unit: Literal["moves", "absolute"] = Field(
        default="moves",
        description="xi counts in mean squared moves of all weights, or as it is (the paper)",
    )
    pseudo_steps: int = Field(default=100, ge=1, description="steps of the pseudo pass")


class Fip(_Section):
    """Functionally invariant paths: outputs on earlier inputs stay, while weights move."""

    kind: Literal["fip"] = "fip"
    mode: Literal["penalty", "geodesic"] = "penalty"
    strength: float = Field(default=4.0, ge=0, description="λ of the penalty, per token")
    n_old: int = Field(default=512, ge=1, description="earlier inputs that are held")
    top_k: int = Field(
        default=0, ge=0, description="likeliest tokens and one tail; 0: the whole vocabulary"
    )
    every: int = Field(default=1, ge=1, description="steps between two terms of the penalty")
    directions: int = Field(default=16, ge=1, le=64, description="rank of the metric (geodesic)")
    refresh: int = Field(default=25, ge=1, description="steps between two estimates (geodesic)")
    damping: float = Field(default=0.05, gt=0, description="share of the metric's mean (geodesic)")


class Progressive(_Section):
    """Frozen columns of earlier stages beside a new one."""

    kind: Literal["progressive"] = "progressive"
    form: Literal["stacked", "lateral", "block_expansion"] = "stacked"
    every: int = Field(default=4, ge=1, description="layers per added block (block_expansion)")


class Olora(_Section):
    """Orthogonal LoRA: the new adapter's rows at right angles to the earlier ones'."""

    kind: Literal["olora"] = "olora"
    orthogonal: float = Field(default=0.5, ge=0, description="λ₁ of |A_old A_newᵀ|")
    l2: float = Field(default=0.0, ge=0, description="λ₂ of the new adapter's norm")


class Oplora(_Section):
    """Both sides of ΔW projected off the strongest singular directions of the base weights."""

    kind: Literal["oplora"] = "oplora"
    k_fraction: float = Field(default=0.25, gt=0, lt=1, description="of the singular directions")
    k_max: int = Field(default=128, ge=1, description="directions of one weight at most")
    exact_max: int = Field(
        default=2048, ge=1,
        description="narrower side up to which singular values are exact; beyond it by sampling",
    )  # fmt: skip


class Kl(_Section):
    """Divergence from the model as it was."""

    kind: Literal["kl"] = "kl"
    beta: float = Field(default=0.5, ge=0, description="strength, per token")
    on: Literal["new", "old", "both"] = Field(
        default="new", description="rows it is taken on: new ones, one old one a step, or both"
    )
    n_old: int = Field(default=512, ge=1, description="earlier inputs that are gone through")
    direction: Literal["forward", "reverse"] = Field(
        default="forward", description="forward: KL(reference‖model)"
    )


class Dft(_Section):
    """Dynamic fine-tuning: a token's loss counts by its probability."""

    kind: Literal["dft"] = "dft"


class Asft(_Section):
    """DFT held near the reference."""

    kind: Literal["asft"] = "asft"
    alpha: float = Field(default=0.1, ge=0, description="strength of KL(reference‖model)")


class Stm(_Section):
    """Selective token masking: tokens that surprise the reference teach nothing."""

    kind: Literal["stm"] = "stm"
    quantile: float | None = Field(
        default=0.85, gt=0, lt=1, description="share of tokens kept: those that surprise least"
    )
    perplexity: float | None = Field(
        default=None, gt=1, description="a fixed threshold instead, e.g. 2.5"
    )
    masked_max: float = Field(default=0.4, gt=0, le=1, description="stop when more is masked")
    keep_identifiers: bool = Field(
        default=True, description="tokens of code identifiers are never masked"
    )


class Talr(_Section):
    """Token-adaptive reweighting: unlikely tokens weigh less."""

    kind: Literal["talr"] = "talr"
    temperature: float | None = Field(
        default=None,
        gt=0,
        description="nats over which a weight falls to 1/e; None: the samples' median loss",
    )
    floor: float = Field(default=0.01, ge=0, lt=1, description="smallest weight")


class L2(_Section):
    """Weights held near where the run began, all alike."""

    kind: Literal["l2"] = "l2"
    strength: float = Field(default=1e-3, ge=0)


class Sdft(_Section):
    """Self-distillation: the model that sees the book's page teaches itself without it."""

    kind: Literal["sdft"] = "sdft"
    teacher: Literal["base", "live", "ema"] = "ema"
    direction: Literal["reverse", "forward"] = Field(
        default="reverse", description="KL(student‖teacher), the paper's, or KL(teacher‖student)"
    )
    ema: float = Field(default=0.99, ge=0, lt=1, description="decay of the teacher's weights")
    share: float = Field(default=1.0, gt=0, le=1, description="of the new rows, distilled")
    new_tokens: int = Field(default=256, ge=1, description="longest answer of the student")
    temperature: float = Field(default=1.0, gt=0)


Forgetting = Annotated[
    Replay | Ewc | Si | Fip | Progressive | Olora | Oplora | Kl | Dft | Asft | Stm | Talr | L2
    | Sdft,
    Field(discriminator="kind"),
]  # fmt: skip


class Post(_Section):
    """What is done with an adapter after training; nothing of it trains."""

    alpha_curve: list[Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]] = Field(
        default=[0.3, 0.5, 0.7, 1.0],
        description="strengths of the adapter that are measured, from 0 (the base) to 1",
    )
    strength: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | Literal["auto"] = Field(
        default=1.0,
        description="of the adapter that is written; auto: what learns most and loses at most 0.01 "
        "nats per token of general text on the curve",
    )
    lines: bool = Field(default=False, description="scale by depth: early layers keep more")
    lines_first: float = Field(
        default=0.5, ge=0, le=1, description="strength of the first layer; the last has 1 (lines)"
    )
    intruder_fix: bool = Field(default=False, description="weaken new strong directions")
    merge: Literal["off", "bf16", "dequant_nf4"] = Field(
        default="off", description="also write base and adapter as one model"
    )
    parity_top1: float = Field(
        default=0.99, gt=0, le=1, description="share of tokens on which a merged model has to agree"
    )
    curve_texts: int = Field(
        default=8, ge=1, description="new and old texts each that the curve is measured on"
    )


class Stage(_Section):
    """One earlier stage: texts that are learned before the books, by a run of its own."""

    texts: Path = Field(description="folder of text files, or JSONL of texts or conversations")
    steps: int | None = Field(
        default=None, ge=1, description="optimiser steps; default: training's"
    )
    learning_rate: float | None = Field(default=None, gt=0, le=RATE_MAX)


class RehearsalTexts(_Section):
    """Texts of the user's own: what the model learned earlier, or text like its pretraining's."""

    path: Path = Field(description="a file or folder of texts, or JSONL of texts or conversations")
    licence: str = Field(min_length=1, description="licence of the texts")
    share: float = Field(gt=0, le=1, description="of the real rows of its origin")
    origin: Literal["real_replay", "pretrain"] = "real_replay"


class Rehearsal(_Section):
    """What is rehearsed beside the book, so that earlier knowledge is kept.

    What is None follows from the profile: few and short rows on a CPU, the paper's on a GPU.
    """

    replay_rows: int | None = Field(default=None, ge=0, description="rows of real text at most")
    pretrain: float = Field(
        default=0.01, ge=0, le=0.5, description="share of training rows that is like pretraining"
    )
    texts: list[RehearsalTexts] = Field(
        default=[], description="earlier data of your own; the rest is general text"
    )
    synthesised_rows: int | None = Field(
        default=None, ge=0, description="rows the model writes and answers itself"
    )
    candidates: int | None = Field(
        default=None, ge=1, description="written for each of these rows; the fittest stay"
    )
    method: Literal["auto", "ssr", "magpie"] = Field(
        default="auto", description="after examples, or from an empty turn; auto: as there are any"
    )
    base: str = Field(
        default="", description="model that writes; default: training.model, which also answers"
    )
    earlier: list[Path] = Field(
        default=[],
        description="folders of earlier stages: demos.jsonl or pool.jsonl, adapter; oldest first",
    )
    row_chars: int | None = Field(default=None, ge=100, description="length of a row, characters")
    new_tokens: int | None = Field(
        default=None, ge=8, le=1024, description="length of a synthesised row, tokens"
    )
    demo_chars: int | None = Field(
        default=None, ge=40, description="length of an example that is shown, characters"
    )
    demos: int = Field(
        default=20, ge=1, le=50, description="examples to show, of each earlier task"
    )
    shots: int = Field(default=2, ge=1, le=3, description="examples shown at a time, in order")
    samples: int = Field(default=3, ge=1, description="answers to one and the same prompt")
    temperature: float = Field(default=0.9, gt=0, description="sampling temperature")
    top_p: float = Field(default=0.6, gt=0, le=1, description="nucleus")
    repetition: float = Field(default=1.2, gt=0, le=2, description="penalty of tokens said before")
    answer_repetition: float | None = Field(
        default=None, gt=0, le=2, description="the same for answers, which are not sampled"
    )
    clusters: int = Field(default=20, ge=1, description="groups of questions that share the rows")
    difficulty: bool = Field(
        default=True, description="easy, middle and hard rows alike; off: the most typical"
    )
    execute: bool = Field(
        default=True, description="generated code has to compile; off: none is checked or dropped"
    )
    seed: int = 0

    def sized(self, profile: str) -> Rehearsal:
        """With the profile's figures where nothing is set."""
        figures = _SIZES["tiny" if profile == "tiny" else "gpu"]
        return self.model_copy(
            update={name: size for name, size in figures.items() if getattr(self, name) is None}
        )


_SIZES = {
    "tiny": {
        "replay_rows": 48, "synthesised_rows": 4, "candidates": 2, "row_chars": 700,
        "new_tokens": 48, "demo_chars": 280, "answer_repetition": 1.2,
    },
    "gpu": {
        "replay_rows": 1024, "synthesised_rows": 200, "candidates": 10, "row_chars": 4000,
        "new_tokens": 1024, "demo_chars": 2000, "answer_repetition": 1.0,
    },
}  # fmt: skip


class Training(_Section):
    """What overrides the profile's training figures; None takes the profile's."""

    model: str | None = Field(default=None, description="packaged model name or a local folder")
    rank: Literal[16, 32, 64, 128, 256] | None = Field(
        default=None, description="LoRA rank, one that vLLM serves; alpha is twice that"
    )
    learning_rate: float | None = Field(default=None, gt=0, le=RATE_MAX)
    sweep: list[Annotated[float, Field(gt=0, le=RATE_MAX)]] = Field(
        default=[], exclude=True,
        description="rates that booktune sweep tries; default: the profile's times 1/4 to 4",
    )  # fmt: skip
    steps: int | None = Field(default=None, ge=1, description="optimiser steps")
    seq_len: int | None = Field(default=None, ge=64, description="tokens per packed row")
    batch_rows: int | None = Field(default=None, ge=1, description="packed rows per optimiser step")
    rehearsal_share: float = Field(
        default=0.2, ge=0, le=0.9, description="share of rows rehearsed, if replay is in forgetting"
    )
    ssr_share: Literal["set"] | Annotated[float, Field(ge=0, le=1)] = Field(
        default="set",
        description="of the rehearsed samples: what the model wrote itself (SSR), 0 to 1; set: as "
        "many as the rehearsal set has",
    )
    cut_max: float | None = Field(
        default=None, ge=0, le=1,
        description="examples that seq_len may cut or leave out, a share; more is an error",
    )  # fmt: skip
    seed: int = 0
    rslora: Literal["auto", "on", "off"] = Field(
        default="auto",
        description="scale by the root of the rank, and the rate divided by what that adds; "
        "auto: from rank 64",
    )
    chat_format: Literal["own", "plain"] = Field(
        default="own", exclude=True,
        description="own: the model's template, a model without one is refused; plain: such a "
        "model is taught booktune's simple one",
    )  # fmt: skip
    curriculum: Literal["set", "shuffled"] = Field(
        default="set", description="order of the examples: the set's own (mix.order), or shuffled"
    )
    save_every: int = Field(
        default=0, ge=0, exclude=True,
        description="steps between checkpoints; 0: every ten minutes",
    )  # fmt: skip
    resume: Literal["auto", "must", "never"] = Field(
        default="auto", exclude=True,
        description="a killed run goes on from its checkpoint; must: another configuration's "
        "checkpoint, or none that is whole, is an error; never: begin anew",
    )  # fmt: skip
    checkpointing: Literal["auto", "on", "off"] = Field(
        default="auto", exclude=True,
        description="activations are computed twice to save memory; auto: on a GPU",
    )  # fmt: skip
    quantise: Literal["auto", "none", "nf4"] = Field(
        default="auto",
        description="base weights in four bits; auto: on a GPU that they would fill by 40 %",
    )
    stages: dict[Literal["general", "domain"], Stage] = Field(
        default={}, description="texts that are learned before the books"
    )
    stage_heldout_percent: int = Field(
        default=10, ge=0, le=50, exclude=True,
        description="documents of stages (files, or lines of JSONL) that no stage is trained on, "
        "for the evaluation, %",
    )  # fmt: skip
    forgetting: list[Forgetting] = Field(
        default=[Replay()], description="ways of not forgetting, composed in this order"
    )

    @model_validator(mode="after")
    def _trainable(self) -> Self:
        """What can never train is refused with the settings, not hours later."""
        for fault in faults(self.forgetting, stages=bool(self.stages)):
            raise ValueError(fault)
        return self
