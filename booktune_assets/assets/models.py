"""The three assets that load a model: rehearsal texts, the adapter, the evaluation.

Belongs here: their specs and pools. Does not: generation, training, scoring (their rooms, in child
processes). Nothing here is started by automation: a person presses the button.
"""

from typing import Any

import dagster as dg

from booktune_assets.assets.metadata import about, described
from booktune_assets.assets.stages import made
from booktune_assets.chain.build import code_version
from booktune_assets.chain.house import House

__all__ = ["eval_report", "lora_adapter", "rehearsal_set"]


@dg.asset(
    deps=["sharegpt_set"],  # as many rows as the share of training asks for
    description=described("rehearsal_set"),
    metadata=about("rehearsal_set"),
    group_name="models",
    code_version=code_version("rehearsal_set"),
    owners=["team:models"],
    kinds={"llm", "parquet"},
    pool="gpu",  # it samples from the base and trains the stages before the books
)
def rehearsal_set(
    context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
) -> dg.MaterializeResult[Any]:
    """What is learned beside the books, so that earlier knowledge is kept."""
    return made(context, "rehearsal_set", house)


@dg.asset(
    deps=["sharegpt_set", "rehearsal_set"],
    description=described("lora_adapter"),
    metadata=about("lora_adapter"),
    group_name="models",
    code_version=code_version("lora_adapter"),
    owners=["team:models"],
    kinds={"pytorch", "huggingface"},
    pool="gpu",
)
def lora_adapter(
    context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
) -> dg.MaterializeResult[Any]:
    """The trained LoRA adapter."""
    return made(context, "lora_adapter", house)


@dg.asset(
    deps=["lora_adapter", "sharegpt_set"],
    description=described("eval_report"),
    metadata=about("eval_report"),
    group_name="models",
    code_version=code_version("eval_report"),
    owners=["team:models"],
    kinds={"pytorch", "html"},
    pool="gpu",
)
def eval_report(
    context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
) -> dg.MaterializeResult[Any]:
    """Base and tuned model on the same held-out items."""
    return made(context, "eval_report", house)
