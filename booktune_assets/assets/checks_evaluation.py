"""Asset checks of an evaluation: warnings, because an honest negative result is still a result.

Belongs here: whether the tuned model lost anything, beside its base and beside the adapter before.
Does not: what a loss is (``evaluated.py``), checks of other assets (``checks.py``).
"""

import dagster as dg

from booktune_assets.assets.evaluated import regression_result
from booktune_assets.chain.house import House
from booktune_assets.chain.measure import against_previous

__all__ = ["no_regression", "no_step_back"]


@dg.asset_check(
    asset="eval_report",
    description="No suite is shown to be worse, and what was to be kept stayed within its margin",
)
def no_regression(house: dg.ResourceParam[House]) -> dg.AssetCheckResult:
    """A warning, never an error: an honest negative result is still a result."""
    return regression_result(
        house.lake.read(
            "eval_report", house.lake.current_key("eval_report") or "eval_report"
        ).to_dicts()
    )


@dg.asset_check(
    asset="eval_report",
    description="No suite is shown to be worse than under the adapter before, on the items that "
    "both were asked alike",
)
def no_step_back(house: dg.ResourceParam[House]) -> dg.AssetCheckResult:
    """A warning as above; passes where no adapter of this base model was evaluated before."""
    found = against_previous(house.settings)
    if found is None:
        return regression_result([], "no earlier adapter of this base model was asked the same")
    before, rows = found
    return regression_result(rows, before)
