"""A smaller comparison for the report of `make demo`: few arms, few steps, about a minute of CPU.

Belongs here: its sizes, arms and strengths. Does not: anything that the whole comparison does
otherwise.
"""

from __future__ import annotations

from pathlib import Path

from booktune_assets.training.comparison.arms import Scale, present
from booktune_assets.training.comparison.drive import compare
from booktune_assets.training.comparison.page import fragment
from booktune_assets.training.comparison.verdicts import Row, rows

__all__ = ["SCALE", "small_comparison"]

SEEDS = (0, 1)
ARMS = ("naive", "replay", "ewc_factored", "fip_penalty")  # alpha and decay come with naive
SCALE = Scale(
    general_steps=70, domain_steps=40, books_steps=32, memory=64, measured=32,
    checkpoints=(0.3, 0.6, 1.0), budgets=(0.4,), alphas=(0.3, 0.6),
)  # fmt: skip
# chosen by the whole comparison (docs/forgetting)
STRENGTHS: dict[str, float] = {"replay": 0.375, "ewc_factored": 0.03, "fip_penalty": 4.0}


def small_comparison(work: Path) -> tuple[list[Row], str]:
    """Rows of verdicts and an HTML fragment; what ``work`` has from before is not run again.

    Two seeds show how it looks and prove nothing; the fragment says so.
    """
    made = compare(work, SCALE, present(ARMS), SEEDS, strengths=STRENGTHS, processes=1)
    found = rows(made)
    return found, fragment(made, found)
