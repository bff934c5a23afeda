"""The training behind an evaluation, and what asking took.

Belongs here: curves of the loss, the data set's composition, costs. Does not: geometry
(``svg.py``), stages (``report_stages.py``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from booktune_assets.evaluation.report_parts import table
from booktune_assets.evaluation.suite import card
from booktune_assets.evaluation.svg import Line, bars, curve

__all__ = ["spent", "training"]

NEW, OLD, REHEARSED = "#2e9e6b", "#b07aa1", "#d08c2e"
_LOSS = "training loss, nats per token"
Row = Mapping[str, Any]


def training(steps: Sequence[Row], strengths: Sequence[Row], composition: Mapping[str, int]) -> str:
    """Learning curves and what was trained on. ``strengths``: rows of ``lora_adapter__curve``."""
    parts: list[str] = []
    points = [(float(row["step"]), float(row["loss"])) for row in steps]
    others = _rehearsed(steps) + _held(strengths, points[-1][0] if points else 0.0)
    if picture := curve(points, "Loss by step", "optimiser step", _LOSS, others):
        words = "Training loss: each step (thin) and running mean (thick)."
        if any(line.dots for line in others):
            words += (
                " Dots joined by dashes: texts that training did not see, before and after it "
                "(strength 0 and 1 of the adapter)."
            )
        parts.append(
            f"<figure>{picture}<figcaption>{words} The loss falls on what is trained; the suites "
            "above say what that is worth.</figcaption></figure>\n"
        )
    composition = {name.replace("_", " "): count for name, count in composition.items()}
    if picture := bars(composition, "Training examples by kind"):
        rows = [[name, f"{count:,}"] for name, count in composition.items()]
        parts.append(
            f"<figure>{picture}<figcaption>What the data set is made of.</figcaption></figure>\n"
            "<details><summary>The same as a table</summary>\n"
            + table("Training examples by kind", ["kind", "examples"], rows, (1,))
            + "</details>\n"
        )
    return f"<h2>The training behind it</h2>\n{''.join(parts)}" if parts else ""


def spent(rows: Sequence[Row]) -> str:
    """Calls, tokens and seconds of every suite. ``rows``: ``eval_report__spent``."""
    if not rows:
        return ""
    suites = list(dict.fromkeys(str(row["suite"]) for row in rows))
    lines = [_spent(card(suite).title, [row for row in rows if row["suite"] == suite])
             for suite in suites]  # fmt: skip
    lines.append(_spent("all", rows))
    heads = ["suite", "calls", "tokens read", "tokens written", "seconds"]
    both = "Of both arms together. " if len({row["arm"] for row in rows}) > 1 else ""
    caption = both + (
        "Seconds are the engine's, whenever an answer was asked; tokens of "
        "prompts and answers are counted from characters."
    )
    untimed = sum(int(row["untimed"]) for row in rows)
    note = f'<p class="soft">{untimed:,} calls were not timed.</p>\n' if untimed else ""
    return f"<h2>What it cost</h2>\n{table(caption, heads, lines, (1, 2, 3, 4))}{note}"


def _spent(name: str, rows: Sequence[Row]) -> list[str]:
    counts = [sum(int(row[one]) for row in rows) for one in
              ("calls", "tokens_read", "tokens_written")]  # fmt: skip
    timed = any(row["calls"] > row["untimed"] for row in rows)
    seconds = f"{sum(row['seconds'] for row in rows):.1f}" if timed else "–"
    return [name, *(f"{count:,}" for count in counts), seconds]


def _rehearsed(steps: Sequence[Row]) -> list[Line]:
    """Loss on what was rehearsed, where a way of not forgetting wrote it down."""
    points: list[tuple[float, float]] = []
    for row in steps:
        said: dict[str, float] = json.loads(str(row.get("metrics") or "{}"))
        if (loss := said.get("replay.loss_old")) is not None:
            points.append((float(row["step"]), float(loss)))
    return [Line("rehearsed texts", points, REHEARSED)] if len(points) > 1 else []


def _held(strengths: Sequence[Row], last: float) -> list[Line]:
    """Loss on texts that were held out, at strength 0 (before) and 1 (after)."""
    found: list[Line] = []
    for kind, name, colour in (
        ("new", "held-out answers", NEW), ("old", "general text", OLD),
    ):  # fmt: skip
        ends = {float(row["alpha"]): float(row["loss"]) for row in strengths if row["kind"] == kind}
        if 0.0 in ends and 1.0 in ends and last:
            found.append(Line(name, [(0.0, ends[0.0]), (last, ends[1.0])], colour, dots=True))
    return found
