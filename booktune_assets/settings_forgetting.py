"""Which ways of not forgetting go together, judged from the settings alone.

Belongs here: what can never train, said before anything is built; how many earlier rows the chosen
ways look at. Does not: the settings (``settings_training.py``), what data or weights show
(``training/strategies/``, which refuse that themselves).

The first stage has nothing to keep, so ways are on from the second run on. With ``training.stages``
that run goes on with the adapter of the stage before, or stands beside it (columns).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from booktune_assets.errors import BookError, Code

__all__ = ["faults", "has_columns", "memory_rows", "replays", "require_adapter", "require_written"]

_STAGES = "it needs the adapter of an earlier stage: set training.stages, or leave it out"


def replays(sections: Sequence[Any]) -> bool:
    """Are earlier rows learned among the new ones?"""
    return any(one.kind == "replay" for one in sections)


def has_columns(sections: Sequence[Any]) -> bool:
    """Does a chosen way need the earlier adapter frozen beside a new one?"""
    return any(one.kind == "olora" for one in sections) or any(
        one.kind == "progressive" and one.form != "block_expansion" for one in sections
    )


def memory_rows(sections: Sequence[Any], *, stages: bool = False) -> int:
    """Earlier rows that the chosen ways look at beside those that are replayed; 0: none.

    EWC after a stage takes up what that left and looks at no rows.
    """
    return max((_looks_at(one, stages) for one in sections), default=0)


def _looks_at(section: Any, stages: bool) -> int:
    if section.kind == "ewc":
        return 0 if stages else section.n
    if section.kind == "fip":
        return section.n_old
    if section.kind == "kl":
        return section.n_old if section.on != "new" else 0
    if section.kind == "si":
        return section.pseudo_steps if section.source == "pseudo" else 0
    return 0


def faults(sections: Sequence[Any], *, stages: bool) -> list[str]:
    """What can never train, each with its remedy; ``stages``: is there a run before this one?"""
    kinds = [str(one.kind) for one in sections]
    found = [
        f"{kind} is named twice: name each way of not forgetting once"
        for kind in sorted({kind for kind in kinds if kinds.count(kind) > 1})
    ]
    blocks = any(one.kind == "progressive" and one.form == "block_expansion" for one in sections)
    beside = stages and has_columns(sections)
    for one in sections:
        if why := _fault(one, stages=stages, blocks=blocks, beside=beside):
            found.append(f"{one.kind}: {why}")
    return found


def require_adapter(sections: Sequence[Any]) -> None:
    """Raises ``BAD_SETTING`` for a way that gives a whole model where an adapter is to come out."""
    for way in sections:
        if way.kind == "progressive" and way.form == "block_expansion":
            raise BookError(
                Code.BAD_SETTING,
                "Added blocks give a whole model and no adapter: leave them out of "
                "training.forgetting and run booktune model expand OUT, or choose form stacked or "
                "lateral (after training.stages)",
                forgetting=way.kind, form=way.form,
            )  # fmt: skip


def require_written(training: Any, rows: int | None) -> None:
    """Raises ``BAD_SETTING`` for a share of what the model writes where it is to write no
    ``rows``."""
    share = training.ssr_share
    if (
        share in ("set", 0)
        or rows
        or not (training.rehearsal_share and replays(training.forgetting))
    ):
        return
    raise BookError(
        Code.BAD_SETTING,
        "Set rehearsal.synthesised_rows, so that there are rows that the model wrote, or leave "
        "training.ssr_share out",
        ssr_share=share,
    )


def _fault(one: Any, *, stages: bool, blocks: bool, beside: bool) -> str:
    if one.kind in ("ewc", "si"):
        return _held(one, stages=stages, blocks=blocks, beside=beside)
    if one.kind == "olora" and blocks:
        return "added blocks leave no adapter to be at right angles to: leave one of them out"
    if one.kind == "olora" or (one.kind == "progressive" and one.form != "block_expansion"):
        return "" if stages else _STAGES
    if one.kind == "oplora" and blocks:
        return "added blocks leave no adapter to project: leave one of them out"
    if one.kind == "oplora" and stages and not beside:
        return (
            "it needs a fresh adapter, and after a stage the earlier one is gone on with: put it "
            "beside (progressive, form stacked), or train without training.stages"
        )
    if one.kind == "stm" and one.quantile is None and one.perplexity is None:
        return "without quantile and perplexity nothing is masked: set one of them"
    return ""


def _held(one: Any, *, stages: bool, blocks: bool, beside: bool) -> str:
    """Ways that hold weights: are they the numbers that importance is known of?"""
    if one.kind == "si":
        if one.source == "trajectory" and not stages:
            return "a downloaded model has no path: set training.stages, or si.source to pseudo"
        if one.source == "trajectory" and (beside or blocks):
            return "a new column is no part of the earlier path: set si.source to pseudo"
        return ""
    if one.space == "delta" and blocks:
        return "without an adapter there is no BA: set ewc.space to lora"
    if one.space == "lora" and not blocks and (beside or not stages):
        return (
            "a fresh adapter has B = 0, so the importance of A is exactly 0: set ewc.space to "
            "delta, or train a stage before that is gone on with"
        )
    return ""
