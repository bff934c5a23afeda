"""What of a model trains: a fresh adapter, an earlier one gone on with, or all of its weights.

Belongs here: the ways of attaching, by name, and LoRA's configuration. Does not: loading base
weights (``llm/loading.py``), what is done with what trains (``trainer.py``).

LoRA sits on all linear layers but the head, with alpha twice the rank. Its strength is alpha / rank
= 2 plainly, and alpha / √rank (arXiv 2312.03732) when ``rslora``: gradients keep their size at high
ranks then. ``modules_to_save`` is never used: servers do not load such adapters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.packed_attention import use_packed_attention

__all__ = ["WAYS", "AttachPlan", "add_lora", "attach", "uses_rslora"]

RSLORA_FROM = 64  # the rank from which ``auto`` scales by its root


@dataclass(frozen=True, slots=True)
class AttachPlan:
    """What is attached and how. ``adapter``: the folder of an earlier adapter, where one is needed.

    ``base`` is written into the adapter's configuration: a name, never a path of this machine.
    ``quantised`` base weights cannot train themselves; ``checkpointing`` trades time for memory.
    """

    way: str = "fresh"  # a key of WAYS
    rank: int = 16
    alpha: int = 32
    base: str = ""
    rslora: bool = False
    quantised: bool = False
    checkpointing: bool = False
    adapter: Path | None = None


def attach(model: Any, plan: AttachPlan) -> Any:
    """The model with what ``plan`` says made trainable, and nothing else, or ``BAD_SETTING``."""
    if plan.way not in WAYS:
        raise BookError(Code.BAD_SETTING, f"Choose one of {', '.join(WAYS)}", attach=plan.way)
    use_packed_attention(model)
    if plan.checkpointing:
        # not reentrant: gradients are the same with frozen inputs (a test compares them)
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    return WAYS[plan.way](model, plan)


def add_lora(
    model: Any,
    rank: int,
    alpha: int,
    base: str,
    *,
    quantised: bool = False,
    rslora: bool = False,
) -> Any:
    """The model with a fresh adapter on all linear layers but the head."""
    # as peft's own preparation of four-bit models does; one row's activations are kept at a time
    plan = AttachPlan("fresh", rank, alpha, base, rslora, quantised, checkpointing=quantised)
    return attach(model, plan)


def uses_rslora(choice: str, rank: int) -> bool:
    """What ``training.rslora`` means at a rank."""
    return choice == "on" or (choice == "auto" and rank >= RSLORA_FROM)


def _fresh(model: Any, plan: AttachPlan) -> Any:
    """B = 0: the model says at first what it said before."""
    from peft import get_peft_model

    model.requires_grad_(False)
    return _named(get_peft_model(model, _config(plan)), plan.base)


def _beside(model: Any, plan: AttachPlan) -> Any:
    """A fresh adapter that learns beside the frozen one of an earlier stage."""
    from booktune_assets.training.columns import attach_beside

    if plan.adapter is None:
        raise BookError(Code.BAD_SETTING, "Name the adapter that stays", attach=plan.way)
    return _named(attach_beside(model, [plan.adapter], _config(plan)), plan.base)


def _config(plan: AttachPlan) -> Any:
    from peft import LoraConfig

    if plan.alpha != 2 * plan.rank:
        raise BookError(
            Code.BAD_SETTING, "Let alpha be twice the rank", rank=plan.rank, alpha=plan.alpha
        )
    return LoraConfig(
        r=plan.rank,
        lora_alpha=plan.alpha,
        lora_dropout=0.0,
        target_modules="all-linear",
        use_rslora=plan.rslora,
        task_type="CAUSAL_LM",
    )


def _continue(model: Any, plan: AttachPlan) -> Any:
    """The adapter of an earlier stage, trained on. Its own rank and scale stay."""
    from peft import PeftModel

    if plan.adapter is None:
        raise BookError(Code.BAD_SETTING, "Name the adapter to go on with", attach=plan.way)
    model.requires_grad_(False)
    tuned: Any = PeftModel.from_pretrained(model, str(plan.adapter), is_trainable=True)
    return _named(tuned, plan.base)


def _full(model: Any, plan: AttachPlan) -> Any:
    """All weights train: for small models, and to compare adapters with."""
    if plan.quantised:
        raise BookError(
            Code.BAD_SETTING, "Quantised weights cannot train: load them plainly", attach=plan.way
        )
    model.requires_grad_(True)
    return model


def _bare(model: Any, plan: AttachPlan) -> Any:
    """Nothing is attached and nothing trains yet: a strategy added what will."""
    return model.requires_grad_(False)


def _named(tuned: Any, base: str) -> Any:
    for adapter in tuned.peft_config.values():
        adapter.base_model_name_or_path = base
    return tuned


WAYS: dict[str, Callable[[Any, AttachPlan], Any]] = {
    "fresh": _fresh,
    "continue": _continue,
    "beside": _beside,
    "full": _full,
    "bare": _bare,
}
