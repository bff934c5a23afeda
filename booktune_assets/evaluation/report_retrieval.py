"""Taught or shown: the two by two of adapter and passages.

Belongs here: the four means and what each side brings. Does not: how sure that is (the forest plot
has the same three metrics), scores (``suites/retrieval.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from booktune_assets.evaluation.report_parts import signed, table

__all__ = ["four_cells"]

UNIT = "points"
_MINUS = "\u2212"


def four_cells(rows: Sequence[Mapping[str, Any]]) -> str:
    """Table of chrF by adapter and passages, gains in points and in per cent of what was there.

    Empty where the suite gave no comparison. ``rows``: those of ``eval_report``.
    """
    found = {str(row["metric"]): row for row in rows if row["suite"] == "retrieval"}
    bare, shown = found.get("chrf_bare"), found.get("chrf_shown")
    if not bare or not shown or None in (bare.get("tuned"), shown.get("tuned")):
        return ""
    lines = [
        [name, f"{row['base']:.1f}", f"{row['tuned']:.1f}", _gain(row["base"], row["tuned"])]
        for name, row in (("without passages", bare), ("with passages", shown))
    ]
    brought = [_gain(bare[arm], shown[arm]) for arm in ("base", "tuned")]
    both = _gain(bare["base"], shown["tuned"])
    lines.append(["passages bring", *brought, f"both together {both}"])
    counts = sorted({int(row["n"]) for row in (bare, shown)})
    n = " and ".join(f"{count:,}" for count in counts)
    caption = (
        f"chrF of held-out answers, means over {n} questions; gains in points, and in per cent of "
        "what was there before. Read them with the intervals of the plot above."
    )
    heads = ["", "adapter off", "adapter on", "the adapter brings"]
    return f"<h2>Taught or shown</h2>\n{table(caption, heads, lines, (1, 2, 3))}"


def _gain(before: float, after: float) -> str:
    """``+3.2 (+16 %)``; of nothing there is no share."""
    words = signed(after - before, UNIT)
    if before <= 0:
        return words
    share = f"{100 * (after - before) / before:+.0f}"
    return f"{words} ({share.replace('-', _MINUS)} %)" if float(share) else f"{words} (0 %)"
