"""The front door for Dagster: everything that the code location serves.

Belongs here: the list. Does not: any definition of its own. Loading it makes no file and imports
neither a model library nor dbt.
"""

from __future__ import annotations

import dagster as dg

from booktune_assets.assets.automation import book_files_sensor, fan_in_sensor
from booktune_assets.assets.books import book_chain_step
from booktune_assets.assets.checks import (
    alpaca_apart,
    served_by_vllm,
    sharegpt_apart,
    stages_remembered,
    valid_alpaca,
    valid_sharegpt,
)
from booktune_assets.assets.checks_evaluation import no_regression, no_step_back
from booktune_assets.assets.examples import alpaca_set, sharegpt_set
from booktune_assets.assets.jobs import book_chain, data_sets, everything, models
from booktune_assets.assets.models import eval_report, lora_adapter, rehearsal_set
from booktune_assets.assets.resources import HOUSE, house_resource
from booktune_assets.assets.verification import verification_step
from booktune_assets.settings import Settings

__all__ = ["build_defs", "defs"]


def build_defs(settings: Settings) -> dg.Definitions:
    """All definitions for these settings."""
    own = dg.Definitions(
        assets=[
            book_chain_step, verification_step, sharegpt_set, alpaca_set, rehearsal_set,
            lora_adapter, eval_report,
        ],
        asset_checks=[
            valid_sharegpt, valid_alpaca, sharegpt_apart, alpaca_apart, no_regression,
            no_step_back, served_by_vllm, stages_remembered,
        ],
        jobs=[book_chain, data_sets, models, everything],
        sensors=[book_files_sensor, fan_in_sensor],
        resources={HOUSE: house_resource(settings)},
        executor=dg.in_process_executor,
    )  # fmt: skip
    return dg.Definitions.merge(own, _marts(settings))


def _marts(settings: Settings) -> dg.Definitions:
    """The warehouse's assets, where that module is installed."""
    try:
        from booktune_assets.assets.marts import build_marts_definitions
    except ModuleNotFoundError as problem:
        if problem.name != "booktune_assets.assets.marts":
            raise
        return dg.Definitions()
    return build_marts_definitions(settings)


defs = build_defs(Settings.load())
