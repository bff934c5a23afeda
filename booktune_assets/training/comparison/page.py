"""The comparison as one HTML file: verdicts first, then plots, figures and how they were made.

Belongs here: the page and the smaller fragment for a report. Does not: verdicts (``verdicts.py``),
geometry (``plots.py``).
"""

from __future__ import annotations

import math
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.metadata import version

from booktune_assets.training.comparison.arms import EXTRA, FREE, HIGH, LEARNED, TUNING_SEEDS, Scale
from booktune_assets.training.comparison.drive import Compared, points
from booktune_assets.training.comparison.plots import Bar, Panel, forest, panels
from booktune_assets.training.comparison.verdicts import EARLIER, TITLES, Row, Sign, Versus, thin

__all__ = ["Spent", "fragment", "page"]

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:940px;margin:2em auto;padding:0 1em;
color:#1d2127;background:#fff}
table{border-collapse:collapse;font-size:13px;display:block;overflow-x:auto}
td,th{padding:3px 8px;text-align:right;border-bottom:1px solid #8884;white-space:nowrap}
td:first-child,th:first-child{text-align:left}.quiet{opacity:.7}li{margin:.2em 0}
@media(prefers-color-scheme:dark){body{color:#dfe3e8;background:#14171b}}
"""
_HEAD = (
    "method", "strength", "gained", "lost at the end", "lost at equal learning", "beside naive",
    "95 %", "p", "p, family", "p, Holm", "beside alpha", "general", "domain", "area",
    "own equal point", "at much learning", "and beside alpha", "outputs moved",
    "time", "AA", "BWT", "F",
)  # fmt: skip

_LEFT_OUT = (
    '<p class="quiet">Not compared: self-distillation (SDFT). Its teacher is the model that sees '
    "the page of a book beside a question, and its student answers that question; the texts here "
    "are prose and code without questions and pages.</p>"
)

_LIBRARIES = ("booktune", "torch", "transformers", "peft")


@dataclass(frozen=True, slots=True)
class Spent:
    """What one start took: a date as it is written, seconds, cores of the machine, its load."""

    date: str
    cpu: float
    wall: float
    cores: int
    load: float

    def words(self, made: Compared) -> str:
        """All of it as a sentence; results that lay there already are told apart."""
        versions = {"Python": platform.python_version()} | {n: version(n) for n in _LIBRARIES}
        said = ", ".join(f"{name} {number}" for name, number in versions.items())
        known = f", {made.known} results were known before" if made.known else ""
        return (
            f"Run on {self.date}: {made.ran} runs{known}; {self.cpu:,.0f} CPU seconds, "
            f"{self.wall / 60:.1f} minutes on {self.cores} cores at a mean load of {self.load:.1f} "
            f"(load of others included). {said}."
        )


def page(
    made: Compared, rows: Sequence[Row], signs: Sequence[Sign], spent: Spent | None = None
) -> str:
    """The whole page, without script or anything from elsewhere."""
    title = "Forgetting at equal learning"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<h1>{title}</h1>{_told(made)}<h2>Verdicts</h2>{_verdicts(rows)}{_LEFT_OUT}"
        f"<h2>What was expected</h2><ul>{''.join(f'<li>{escape(s.words())}</li>' for s in signs)}"
        f"</ul><h2>What is lost beside naive, at equal learning</h2>{_forest(rows)}"
        f"<h2>Lost against gained</h2><p class=quiet>Bits per byte, means over seeds at each "
        f"checkpoint. Blue: the method. Grey: naive's checkpoints, and its end scaled by α."
        f"</p>{_panels(made, rows)}<h2>Figures</h2>{_table(rows)}{_strengths(made)}{_how(made)}"
        f"{_spent(made, spent)}</html>\n"
    )


def fragment(made: Compared, rows: Sequence[Row]) -> str:
    """Plot and verdicts alone, for a report that has a heading of its own."""
    return f"{_told(made)}{_forest(rows)}{_verdicts(rows)}"


def _told(made: Compared) -> str:
    scale = made.scale
    what = scale.model or f"a model of {scale.layers} layers trained from nothing"
    return (
        f"<p>Stage 1 general English, stage 2 Python, stage 3 Elixir and Erlang: {escape(what)}. "
        f"Every method starts at the same checkpoint of its seed and sees the same new text. "
        f"{escape(thin(made))}. Small models and short runs: directions, no magnitudes.</p>"
    )


def _verdicts(rows: Sequence[Row]) -> str:
    said = [f"<li><b>{escape(row.title)}</b>: {escape(_said(row))}.</li>" for row in rows]
    return f"<ul>{''.join(said)}</ul>"


def _said(row: Row) -> str:
    sentence = row.sentence()
    if math.isnan(row.family) or "naive" not in row.versus or not row.versus["naive"].clear:
        return sentence
    return f"{sentence} (over all methods together p = {row.family:.2g})"


def _forest(rows: Sequence[Row]) -> str:
    bars = [
        Bar(row.title, one.diff, one.low, one.high, one.each, one.clear)
        for row in rows
        if (one := row.versus.get("naive")) is not None
    ]
    return forest(bars, "Difference to naive at equal learning", "forgets less", "forgets more")


def _panels(made: Compared, rows: Sequence[Row]) -> str:
    behind = [line for name in ("naive", "alpha") if (line := _mean(made, name))]
    shown = [
        Panel(row.title, line, behind)
        for row in rows
        if row.name not in ("naive", "alpha") and (line := _mean(made, row.name))
    ]
    return panels(shown, "What is lost on earlier tasks against what is gained on the new one")


def _mean(made: Compared, name: str) -> list[tuple[float, float]]:
    """Mean gain and loss over the seeds at each checkpoint."""
    curves = [points(c, EARLIER) for seed in made.seeds if (c := made.curve(seed, name))]
    return [
        (sum(p.gain for p in at) / len(at), sum(p.lost for p in at) / len(at))
        for at in zip(*curves, strict=True)
    ]


def _table(rows: Sequence[Row]) -> str:
    head = "".join(f"<th>{name}</th>" for name in _HEAD)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in _cells(row))}</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _cells(row: Row) -> list[str]:
    naive, alpha = row.versus.get("naive"), row.versus.get("alpha")
    span = "" if naive is None or math.isnan(naive.low) else f"{naive.low:+.3f} {naive.high:+.3f}"
    matrix = [f"{row.matrix[name]:.3f}" if row.matrix else "" for name in
              ("average", "backward", "forgotten")]  # fmt: skip
    return [
        row.title, "" if row.chosen is None else f"{row.chosen:g}", f"{row.gain:.3f}",
        f"{row.lost_end:+.3f}", _number(row.lost_equal), _diff(naive), span,
        "" if naive is None else f"{naive.p:.3f}", _p(row.family), _p(row.holm), _diff(alpha),
        _diff(row.tasks.get("general")), _diff(row.tasks.get("domain")), _diff(row.area),
        _diff(row.own), _diff(row.high.get("naive")), _diff(row.high.get("alpha")),
        "" if row.moved is None else f"{row.moved:.4f}",
        "" if row.cost is None else f"×{row.cost:.2f}", *matrix,
    ]  # fmt: skip


def _strengths(made: Compared) -> str:
    """What was tried for each arm, what was chosen, and whether it still lies at an end."""
    if not made.grids:
        return ""
    named = {arm.name: arm for arm in made.arms}
    lines = [
        f"<li>{escape(named[name].title)}: {_tried(grid, named[name].grid, made.chosen[name])}</li>"
        for name, grid in made.grids.items()
    ]
    ends = sum(made.chosen[name] in (grid[0], grid[-1]) for name, grid in made.grids.items())
    return (
        f"<h2>Strengths</h2><p>Four values each; where the chosen one lay at an end, up to {EXTRA} "
        f"beyond it (in brackets). {ends} of {len(lines)} chosen ones lie at an end of what was "
        f"tried all the same: what lies beyond is not known.</p><ul>{''.join(lines)}</ul>"
    )


def _tried(grid: Sequence[float], planned: Sequence[float], chosen: float) -> str:
    values = [f"{one:g}" if one in planned else f"[{one:g}]" for one in grid]
    end = {grid[0]: ", at the lower end", grid[-1]: ", at the upper end"}.get(chosen, "")
    return f"<b>{chosen:g}</b> of {', '.join(values)}{end}"


def _spent(made: Compared, spent: Spent | None) -> str:
    return f"<p class=quiet>{escape(spent.words(made))}</p>" if spent else ""


def _how(made: Compared) -> str:
    scale: Scale = made.scale
    texts = ", ".join(f"{name} {digest[:12]}" for name, digest in made.corpora.items())
    titles = TITLES | {arm.name: arm.title for arm in made.arms}
    free = "; ".join(titles[name] for name in FREE if name in titles)
    sizes = ", ".join(f"{name} {value}" for name, value in scale.key().items() if value != "")
    return (
        "<h2>How</h2><p>Lost: the mean rise of the two earlier tasks since stage 3 began, on test "
        "documents that no memory has. Equal learning: nine tenths of the smallest largest gain of "
        f"all arms that learned (at least {LEARNED:.0%} of naive's), seed by seed, on the monotone "
        "cubic through the checkpoints. Area: the mean difference from gain 0 to there. Own equal "
        "point: the same with nine tenths of the smaller of this method's and naive's gain. Much "
        f"learning: {HIGH:.0%} of naive's largest gain. Checkpoints that another beats in both are "
        "left out, for every arm alike, so all curves flatter a little. "
        f"Free: {free}. Strengths: chosen on seeds "
        f"{', '.join(map(str, TUNING_SEEDS))} and validation documents. Intervals: exact, from "
        "means of subsets; family: all seeds' signs flipped for all methods together. AA, BWT, F: "
        "means of the matrix of stages, scores minus bits per byte. Time: CPU of the training over "
        f"naive's. Sizes: {escape(sizes)}. Texts: {texts}.</p>"
    )


def _diff(one: Versus | None) -> str:
    return "" if one is None else f"{one.diff:+.3f}"


def _number(value: float | None) -> str:
    return "did not learn" if value is None else f"{value:+.3f}"


def _p(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"
