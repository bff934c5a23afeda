"""The stages of a training on the page and in lines: their matrix, what was kept, figures.

Belongs here: words and tables of ``eval_report__stages`` and ``eval_report__stage_figures``. Does
not: the rows (``staged.py``), what the figures are (``stages.py``), how sure they are
(``stage_doubt.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from booktune_assets.evaluation.report_parts import figure, metric_name, signed, table
from booktune_assets.evaluation.suite import card

__all__ = ["said_of_stages", "stages"]

Row = Mapping[str, Any]
_NAMES = {
    "gain": ("gain", "what the last stage won on its own tasks"),
    "backward": ("BWT", "change of earlier stages' tasks since their own stage"),
    "forgotten": ("forgetting", "what they lost since their best; more is worse"),
    "forward": ("FWT", "what tasks had won before their own stage"),
    "average": ("average", "of all tasks at the end (AA)"),
}
_METHOD = (
    "Intervals: clusters of each task's items are drawn again, whole, with their scores after "
    "every stage, so that stages are paired by item and all figures come from the same draws; BCa "
    "ends, widened as those above. They say how sure a figure is for other texts of the kind, not "
    "for another training. Forgetting takes the best of several means and so leans upwards."
)


def stages(rows: Sequence[Row], figures: Sequence[Row]) -> str:
    """The matrix of stages and their tasks with its figures, for the page."""
    places = {int(row["place"]): str(row["stage"]) for row in rows}
    if len(places) < 3:  # the base and one stage: that is the comparison above
        return ""
    names = [places[place] for place in sorted(places)]
    cells = {(str(row["suite"]), str(row["stage"])): row for row in rows}
    lines = [_line(task, names, cells) for task in dict.fromkeys(str(row["suite"]) for row in rows)]
    heads = ["task", *(name if name == "base" else f"after {name}" for name in names)]
    numbers = tuple(range(1, len(heads)))
    matrix = table("Scores after every stage; * the stage that taught it", heads, lines, numbers)
    return (
        "<h2>What each stage kept</h2>\n<p>The adapter went through stages; each of them was asked "
        f"what every stage had taught.</p>\n{matrix}{_kept(rows)}{_figures(figures)}"
    )


def said_of_stages(rows: Sequence[Row], figures: Sequence[Row]) -> list[str]:
    """A line for each task since its own stage, and for each figure."""
    found = [f"{_task(row)}, after {row['stage']} since its own stage: {row['verdict']}"
             for row in _at_the_end(rows)]  # fmt: skip
    by_name = {name: [row for row in figures if row["figure"] == name] for name in _NAMES}
    for name, some in by_name.items():
        found += [f"{_NAMES[name][0]} over stages {_value(row)} {row['unit']}"
                  f"{_ends(row, ' (95 % {})')}: {row['verdict']}" for row in some]  # fmt: skip
    return found


def _line(task: str, names: Sequence[str], cells: Mapping[tuple[str, str], Row]) -> list[str]:
    first = cells[task, names[0]]
    unit = {one.name: one.unit for one in card(task).metrics}[str(first["metric"])]
    shown = [
        figure({"score": cells[task, name]["score"], "unit": unit}, "score")
        + (" *" if first["taught_by"] == name else "")
        + (f" ({lost:,} without a score)" if (lost := cells[task, name].get("lost")) else "")
        for name in names
    ]
    return [f"{_task(first)} (n={first['n']:,})", *shown]


def _task(row: Row) -> str:
    return f"{card(str(row['suite'])).title}, {metric_name(str(row['metric']))}"


def _at_the_end(rows: Sequence[Row]) -> list[Row]:
    """Cells of the last stage that tell of a change."""
    last = max((int(row["place"]) for row in rows), default=0)
    return [row for row in rows if int(row["place"]) == last and row.get("verdict")]


def _kept(rows: Sequence[Row]) -> str:
    """What the stages after it did to each task."""
    told = "".join(
        f"<li>{escape(_task(row))} (stage {escape(str(row['taught_by']))}): "
        f"{escape(str(row['verdict']))}</li>\n"
        for row in _at_the_end(rows)
    )
    return f"<p>At the end, since its own stage:</p>\n<ul>\n{told}</ul>\n" if told else ""


def _figures(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    lines = [
        [_NAMES[name][0], _value(row), _ends(row, "{}") or "too few to tell", str(row["unit"]),
         f"{row['n']:,} of {row['clusters']:,}", _NAMES[name][1]]
        for name in _NAMES
        for row in rows
        if row["figure"] == name
    ]  # fmt: skip
    caption = "Figures over stages (Lopez-Paz and Ranzato 2017; Chaudhry et al. 2018)"
    heads = ["figure", "value", "95 % interval", "unit", "items of sources", "what it is"]
    return f'{table(caption, heads, lines, (1, 2, 4))}<p class="soft">{escape(_METHOD)}</p>\n'


def _value(row: Row, name: str = "value") -> str:
    """With a sign where it is a change."""
    shown = figure if row["figure"] == "average" else _signed
    return shown(row, name)


def _signed(row: Row, name: str) -> str:
    return signed(row[name], str(row["unit"]))


def _ends(row: Row, how: str) -> str:
    if row.get("low") is None:
        return ""
    return how.format(f"{_value(row, 'low')} to {_value(row, 'high')}")
