"""The training behind an evaluation, its stages, and what asking took.

Belongs here: curves of the loss, the data set's composition, the matrix of stages, costs. Does not:
geometry (``svg.py``), figures of stages (``stages.py``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from booktune_assets.evaluation.report_parts import figure, metric_name, signed, table
from booktune_assets.evaluation.stages import StageFigures, stage_figures
from booktune_assets.evaluation.suite import card
from booktune_assets.evaluation.svg import Line, bars, curve

__all__ = ["figures_of_stages", "spent", "stages", "training"]

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
    if picture := bars(composition, "Training examples by kind"):
        rows = [[name, f"{count:,}"] for name, count in composition.items()]
        parts.append(
            f"<figure>{picture}<figcaption>What the data set is made of.</figcaption></figure>\n"
            "<details><summary>The same as a table</summary>\n"
            + table("Training examples by kind", ["kind", "examples"], rows, (1,))
            + "</details>\n"
        )
    return f"<h2>The training behind it</h2>\n{''.join(parts)}" if parts else ""


def stages(rows: Sequence[Row]) -> str:
    """The matrix of stages and their tasks with its figures. ``rows``: ``eval_report__stages``."""
    places = {int(row["place"]): str(row["stage"]) for row in rows}
    if len(places) < 3:  # the base and one stage: that is the comparison above
        return ""
    names = [places[place] for place in sorted(places)]
    tasks = list(dict.fromkeys(str(row["suite"]) for row in rows))
    cells = {(str(row["suite"]), str(row["stage"])): row for row in rows}
    lines: list[list[str]] = []
    for task in tasks:
        first = cells[task, names[0]]
        unit = {one.name: one.unit for one in card(task).metrics}[str(first["metric"])]
        shown = [
            figure({"score": cells[task, name]["score"], "unit": unit}, "score")
            + (" *" if first["taught_by"] == name else "")
            + (f" ({lost:,} without a score)" if (lost := cells[task, name].get("lost")) else "")
            for name in names
        ]
        told = f"{card(task).title}, {metric_name(str(first['metric']))} (n={first['n']:,})"
        lines.append([told, *shown])
    heads = ["task", *(name if name == "base" else f"after {name}" for name in names)]
    numbers = tuple(range(1, len(heads)))
    matrix = table("Scores after every stage; * the stage that taught it", heads, lines, numbers)
    return (
        "<h2>What each stage kept</h2>\n<p>The adapter went through stages; each of them was asked "
        f"what every stage had taught.</p>\n{matrix}{_figures(figures_of_stages(rows))}"
    )


def figures_of_stages(rows: Sequence[Row]) -> dict[str, StageFigures]:
    """Unit → figures of the tasks with that unit, turned so that higher is better.

    A task of which a stage lost items has none: means of what is left would flatter it.
    """
    found: dict[str, dict[str, list[Row]]] = {}
    broken = {str(row["suite"]) for row in rows if row.get("lost") or row["score"] is None}
    for row in sorted(rows, key=lambda row: int(row["place"])):
        if str(row["suite"]) in broken:
            continue
        units = {one.name: one.unit for one in card(str(row["suite"])).metrics}
        by_task = found.setdefault(units[str(row["metric"])], {})
        by_task.setdefault(str(row["suite"]), []).append(row)
    return {unit: _of_unit(by_task) for unit, by_task in found.items()}


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


def _of_unit(by_task: Mapping[str, Sequence[Row]]) -> StageFigures:
    scores: dict[str, list[float]] = {}
    own: dict[str, int] = {}
    before: dict[str, float] = {}
    for task, rows in by_task.items():
        better = {one.name: one.better for one in card(task).metrics}[str(rows[0]["metric"])]
        sign = 1.0 if better == "higher" else -1.0
        before[task] = sign * float(rows[0]["score"])
        scores[task] = [sign * float(row["score"]) for row in rows[1:]]
        own[task] = next(int(row["place"]) for row in rows if row["stage"] == rows[0]["taught_by"])
    return stage_figures(scores, own, before)


def _figures(found: Mapping[str, StageFigures]) -> str:
    rows: list[list[str]] = []
    for unit, one in found.items():
        for name, value, says in (
            ("gain", one.gain, "what the last stage won on its own tasks"),
            ("BWT", one.backward, "change of earlier stages' tasks since their own stage"),
            ("forgetting", one.forgotten, "what they lost since their best; more is worse"),
            ("FWT", one.forward, "what tasks had won before their own stage"),
        ):
            if value is not None:
                rows.append([name, signed(value, unit), unit, says])
        if one.average is not None:
            mean = {"unit": unit, "average": abs(one.average)}  # as the metric has it
            rows.append(["average", figure(mean, "average"), unit, "of all tasks at the end (AA)"])
    caption = "Figures over stages (Lopez-Paz and Ranzato 2017; Chaudhry et al. 2018)"
    return table(caption, ["figure", "value", "unit", "what it is"], rows, (1,))


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
