"""The two data sets: all books in, one table and its files out.

Belongs here: their specs. Does not: rendering and export (``pairs/``), when they are rebuilt
(``automation.py``).
"""

from typing import Any

import dagster as dg

from booktune_assets.assets.metadata import about, described
from booktune_assets.assets.stages import made
from booktune_assets.chain.build import code_version
from booktune_assets.chain.house import House

__all__ = ["alpaca_set", "sharegpt_set"]


@dg.asset(
    deps=["instruction_pairs", "sections"],
    description=described("sharegpt_set"),
    metadata=about("sharegpt_set"),
    group_name="examples",
    code_version=code_version("sharegpt_set"),
    owners=["team:data"],
    kinds={"polars", "parquet", "json"},
)
def sharegpt_set(
    context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
) -> dg.MaterializeResult[Any]:
    """All examples as conversations."""
    return made(context, "sharegpt_set", house)


@dg.asset(
    deps=["instruction_pairs", "sections"],
    description=described("alpaca_set"),
    metadata=about("alpaca_set"),
    group_name="examples",
    code_version=code_version("alpaca_set"),
    owners=["team:data"],
    kinds={"polars", "parquet", "json"},
)
def alpaca_set(
    context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
) -> dg.MaterializeResult[Any]:
    """All examples as instruction, input and output."""
    return made(context, "alpaca_set", house)
