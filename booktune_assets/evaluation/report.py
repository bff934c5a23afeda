"""The evaluation as one HTML file: what changed, how sure that is, and what it looks like.

Belongs here: the order of the page, its head and its foot. Does not: its parts (``report_*.py``),
geometry (``svg.py``), figures (``run.py``).

The page needs no network, reads in order without its style sheet and its one small script (which
only filters failures), and has the same bytes for the same input. Everything that comes from a
book or a model is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from booktune_assets.evaluation.answered import Answered, answered, tallies
from booktune_assets.evaluation.outcomes import FAMILIES, family_verdicts, read
from booktune_assets.evaluation.report_alone import scores
from booktune_assets.evaluation.report_concepts import CONCEPTS, concepts
from booktune_assets.evaluation.report_failures import failures
from booktune_assets.evaluation.report_forest import all_figures, forest
from booktune_assets.evaluation.report_items import regressions
from booktune_assets.evaluation.report_retrieval import four_cells
from booktune_assets.evaluation.report_stages import stages
from booktune_assets.evaluation.report_training import spent, training
from booktune_assets.evaluation.seen import Seen
from booktune_assets.evaluation.statistics import METHOD, MIN_ITEMS

__all__ = ["ReportData", "failing", "frame", "render_report"]

_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_HERE = Path(__file__)


@dataclass(frozen=True, slots=True)
class ReportData:
    """What the page shows. ``suites`` and ``items`` are rows of the two tables; ``spent``,
    ``stages``, ``figures`` (of stages), ``steps`` and ``strengths`` of those beside them."""

    eval_id: str
    adapter_id: str
    base: str
    revision: str
    dataset_id: str
    suites: Sequence[Mapping[str, Any]]
    items: Sequence[Mapping[str, Any]]
    steps: Sequence[Mapping[str, Any]] = ()
    strengths: Sequence[Mapping[str, Any]] = ()
    stages: Sequence[Mapping[str, Any]] = ()
    figures: Sequence[Mapping[str, Any]] = ()
    spent: Sequence[Mapping[str, Any]] = ()
    seen: Sequence[Seen] = ()
    composition: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    further: Sequence[tuple[str, str, str]] = ()  # heading, words, HTML that is safe as it is
    date: str = ""
    faults: Sequence[str] = ()  # why items were not answered, a line for each code

    @property
    def alone(self) -> bool:
        """Is it one model, with nothing to compare?"""
        return not any(row["arm"] == "tuned" for row in self.items) and bool(self.items)


def render_report(data: ReportData) -> str:
    """The page."""
    items = answered(data.items)
    verdicts = {} if data.alone else family_verdicts(data.suites)
    body = [
        _header(data, verdicts),
        scores(data.suites) if data.alone else forest(data.suites, data.items),
        four_cells(data.suites),
        all_figures(data.suites),
        regressions(items),
        failures(items),
        "".join(f'<p class="soft">Not answered: {escape(one)}</p>\n' for one in data.faults),
        concepts(tallies(items), data.seen),
        stages(data.stages, data.figures),
        training(data.steps, data.strengths, data.composition),
        *(
            f"<h2>{escape(heading)}</h2>\n<p>{escape(words)}</p>\n<figure>{html}</figure>\n"
            for heading, words, html in data.further
        ),
        spent(data.spent),
        _method(data),
    ]
    script = _script() if any(_browsable(one) for one in items) else ""
    return frame(f"Evaluation {data.eval_id}", "".join(part for part in body if part), script)


def failing(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Concepts whose lineage the page shows: those of answers that failed or lost."""
    return [one.concept for one in tallies(answered(items))[:CONCEPTS]]


def frame(title: str, body: str, script: str = "") -> str:
    """A whole page around a body, with the style sheet of reports and, if any, its script."""
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_css()}</style>\n</head>\n"
        f"<body>\n<main>\n{body}</main>\n"
        f"{f'<script>{chr(10)}{script}</script>{chr(10)}' if script else ''}</body>\n</html>\n"
    )
    # models write control characters and halves of pairs, which no page may hold
    return _UNFIT.sub("\ufffd", page)


def _header(data: ReportData, verdicts: Mapping[str, str]) -> str:
    items = len({(row["suite"], row["item_id"]) for row in data.items})
    facts = {
        "evaluation": data.eval_id, "adapter": "" if data.alone else data.adapter_id,
        "model" if data.alone else "base model": f"{data.base} @ {data.revision}",
        "data set": data.dataset_id,
        "items": f"{items:,}", "date": data.date,
    }  # fmt: skip
    stamp = " · ".join(
        f"{escape(name)} <code>{escape(value)}</code>" for name, value in facts.items() if value
    )
    if data.alone:
        return (
            '<header>\n<h1>What the model can do</h1>\n<p class="lead">One model, nothing to '
            f'compare it with.</p>\n<p class="soft">{stamp}</p>\n</header>\n'
        )
    told = "".join(
        f'<li class="{_colour(data.suites, family)}"><div class="what">{FAMILIES[family]}</div>'
        f"<div>{escape(words)}</div></li>\n"
        for family, words in verdicts.items()
    )
    nothing = "" if told else '<p class="lead">Nothing was run.</p>\n'
    return (
        f'<header>\n<h1>What the adapter changed</h1>\n{nothing}<ul class="verdicts">\n{told}</ul>'
        f'\n<p class="soft">{stamp}</p>\n</header>\n'
    )


def _colour(rows: Sequence[Mapping[str, Any]], family: str) -> str:
    """The colour of a family's card: any loss shows, then any gain."""
    mains = [one for one in map(read, rows) if one.main and one.family == family]
    if any(
        one.lost or one.kept == "no" or (one.kind == "worse" and one.kept != "yes") for one in mains
    ):
        return "worse"
    good = any(one.kind == "better" for one in mains)
    kept = bool(mains) and all(one.kept == "yes" for one in mains if one.n)
    return "better" if good or (kept and any(one.n for one in mains)) else "unclear"


def _browsable(one: Answered) -> bool:
    return one.failed("tuned" if "tuned" in one.arms else "base")


def _method(data: ReportData) -> str:
    chosen = ", ".join(
        f"{name} {value}" for name, value in sorted(data.settings.items()) if value not in ("", [])
    )
    lineage = (
        "<h2>From an example to its page</h2>\n"
        "<p>Every training example has an id in the exported files. "
        "<code>booktune trace EXAMPLE_ID</code> names its question, its section, the book, and the "
        "page, and writes a picture of the passage.</p>\n"
    )
    return ("" if data.alone else lineage) + (
        "<footer>\n<h2>How to read this</h2>\n"
        f"<p>Intervals: {escape(METHOD)}; paired by item. Under {MIN_ITEMS} items no verdict is "
        "given. Intervals and tests (sign flips; McNemar's for single programs) have to agree. The "
        "p of main metrics hold for all suites of a family together (Holm); those of further "
        "metrics stand alone, so of many of them some look clear by chance. chrF or BLEU that "
        "differ by under 5 points are called not distinguishable, because readers do not "
        "tell such answers apart. Held-out sections were never trained on, but their neighbours "
        "were: they show that the model knows the book's subject and tone, not that it can apply "
        "it. Programs run in a sandbox, together with their tests; a program written against the "
        "harness could forge a pass.</p>\n"
        f'<p class="soft">Settings: {escape(chosen)}</p>\n</footer>\n'
    )


@lru_cache(maxsize=1)
def _css() -> str:
    return _HERE.with_name("report.css").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _script() -> str:
    return _HERE.with_name("report.js").read_text(encoding="utf-8")
