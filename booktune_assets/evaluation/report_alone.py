"""What one model scored, where there is nothing to compare it with.

Belongs here: its figures and what was not run. Does not: differences (``report_forest.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from booktune_assets.evaluation.compare import ALONE
from booktune_assets.evaluation.report_parts import figure, metric_name, plural, table
from booktune_assets.evaluation.suite import card

__all__ = ["scores"]

_HEADS = ("suite", "metric", "items", "score", "", "better is", "besides")
Row = Mapping[str, Any]


def scores(rows: Sequence[Row]) -> str:
    """A row for each figure, and a line for each suite that has none."""
    told: list[list[str]] = []
    for row in rows:
        if row["n"]:
            left = str(row["verdict"]).removeprefix(ALONE).removeprefix("; ")
            told.append([
                card(str(row["suite"])).title, metric_name(str(row["metric"])), f"{row['n']:,}",
                figure(row, "base"), str(row["unit"]), str(row["better"]), left,
            ])  # fmt: skip
    made = "<h2>What it scored</h2>\n"
    if told:
        shown = len(_HEADS) - (not any(row[-1] for row in told))
        heads, lines = _HEADS[:shown], [row[:shown] for row in told]
        made += table("Means over the items that have a score", heads, lines, (2, 3))
    if not told:
        made += '<p class="lead">Nothing has a score.</p>\n'
    return made + _left(rows)


def _left(rows: Sequence[Row]) -> str:
    """Main figures that are not there, with the reason."""
    lines = [
        f"<li><strong>{escape(card(suite).title)}</strong>: "
        f"{escape(str(row['verdict']).removeprefix('skipped: '))}</li>\n"
        for row in rows
        if not row["n"] and row["metric"] == card(suite := str(row["suite"])).main.name
    ]
    if not lines:
        return ""
    return (
        f"<details>\n<summary>{plural(len(lines), 'suite')} without a score, and why</summary>\n"
        f"<ul>\n{''.join(lines)}</ul>\n</details>\n"
    )
