"""Tables beside ``eval_report``: what asking took, what each stage of training did.

Belongs here: their contracts. Does not: scores and items (``schemas.py``, which lists these too).
"""

from __future__ import annotations

import polars as pl

from booktune_assets.contracts import Column as C
from booktune_assets.contracts import Table

__all__ = ["EVAL_SPENT", "EVAL_STAGES", "EVAL_STAGE_FIGURES"]

S, I32, I64, F64 = pl.String, pl.Int32, pl.Int64, pl.Float64

EVAL_SPENT = Table("eval_report__spent", "One row per suite and arm: what asking took",
    ("eval_id", "suite", "arm"), (
    C("eval_id", S, "Evaluation"),
    C("suite", S, "Suite"),
    C("arm", S, "base or tuned", values=("base", "tuned")),
    C("calls", I32, "Texts scored, options weighed, answers written", ge=0),
    C("untimed", I32, "Of these, calls whose time nobody wrote down", ge=0),
    C("tokens_read", I64, "Of scored texts, and of prompts (from characters)", "tokens", ge=0),
    C("tokens_written", I64, "Of answers, from characters", "tokens", ge=0),
    C("seconds", F64, "Of the engine, whenever it was asked", "s", volatile=True, ge=0),
))  # fmt: skip
EVAL_STAGES = Table("eval_report__stages",
    "One row per stage of training and suite that is the task of a stage: its score there",
    ("eval_id", "stage", "suite"), (
    C("eval_id", S, "Evaluation"),
    C("stage", S, "base, or the stage after which it was scored"),
    C("place", I32, "From 0 in the order of training; -1 the base model", ge=-1),
    C("suite", S, "Suite"),
    C("taught_by", S, "Stage whose task it is"),
    C("metric", S, "Metric"),
    C("n", I32, "Items that have a score after every stage", ge=0),
    C("score", F64, "Mean over these, as the metric has it", nullable=True),
    C("lost", I32, "Items with a score under the base and none after this stage", ge=0),
    C("change", F64, "Score less that after its own stage; null up to that", nullable=True),
    C("low", F64, "Lower end of the 95 % interval of change; null: too few to tell", nullable=True),
    C("high", F64, "Upper end", nullable=True),
    C("verdict", S, "The change in words", nullable=True),
))  # fmt: skip
EVAL_STAGE_FIGURES = Table("eval_report__stage_figures",
    "One row per figure over stages and unit: means over the tasks that lost no item",
    ("eval_id", "unit", "figure"), (
    C("eval_id", S, "Evaluation"),
    C("unit", S, "Unit of the tasks' scores"),
    C("figure", S, "average (AA), backward (BWT), forgotten (F), forward (FWT), gain",
        values=("average", "backward", "forgotten", "forward", "gain")),
    C("value", F64, "Plus is better, of forgotten worse; the average as the metrics have it"),
    C("low", F64, "Lower end of the 95 % interval; null: too few to tell", nullable=True),
    C("high", F64, "Upper end", nullable=True),
    C("n", I32, "Items of the tasks that it is the mean of", ge=0),
    C("clusters", I32, "Independent pieces of evidence among them", ge=0),
    C("verdict", S, "In words"),
))  # fmt: skip
