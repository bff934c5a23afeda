"""The evaluation as one HTML file: what changed, how sure that is, and what it looks like.

Belongs here: the order of the page and its words. Does not: geometry (``svg.py``), single examples
(``report_items.py``), figures (``run.py``).

The page needs no network and no script, reads in order without its style sheet, and has the same
bytes for the same input. Everything that comes from a book or a model is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from booktune_assets.evaluation.report_items import failures, regressions, table
from booktune_assets.evaluation.statistics import METHOD, MIN_ITEMS
from booktune_assets.evaluation.suite import card
from booktune_assets.evaluation.svg import ForestRow, bars, curve, forest

__all__ = ["ReportData", "headline", "render_report"]

_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_FAMILIES = {"learned": "Learned", "kept": "Kept", "copied": "Copied"}
_MARKS = {"better": "▲", "worse": "▼", "unclear": "●"}


@dataclass(frozen=True, slots=True)
class ReportData:
    """What the page shows. ``suites`` and ``items`` are rows of the two tables."""

    eval_id: str
    adapter_id: str
    base: str
    revision: str
    dataset_id: str
    suites: Sequence[Mapping[str, Any]]
    items: Sequence[Mapping[str, Any]]
    steps: Sequence[Mapping[str, Any]] = ()
    composition: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    further: Sequence[tuple[str, str, str]] = ()  # heading, words, HTML that is safe as it is
    date: str = ""


def render_report(data: ReportData) -> str:
    """The page."""
    body = [
        _header(data),
        _plot(data),
        _suites(data),
        regressions(data.items),
        failures(data.items),
        _training(data),
        *(
            f"<h2>{escape(heading)}</h2>\n<p>{escape(words)}</p>\n<figure>{html}</figure>\n"
            for heading, words, html in data.further
        ),
        _method(data),
    ]
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Evaluation {escape(data.eval_id)}</title>\n<style>\n{_css()}</style>\n</head>\n"
        f"<body>\n<main>\n{''.join(part for part in body if part)}</main>\n</body>\n</html>\n"
    )
    # models write control characters and halves of pairs, which no page may hold
    return _UNFIT.sub("\ufffd", page)


def headline(suites: Sequence[Mapping[str, Any]]) -> str:
    """One honest sentence over all suites."""
    found: dict[str, list[str]] = {"better": [], "worse": [], "unclear": [], "few": []}
    for row in _main(suites):
        found[_outcome(row)].append(card(str(row["suite"])).title)
    parts = [
        f"the adapter makes the model {words} on {_and(found[kind])}"
        for kind, words in (("better", "better"), ("worse", "worse"))
        if found[kind]
    ]
    if found["unclear"]:
        parts.append(f"there is no clear difference on {_and(found['unclear'])}")
    if found["few"]:
        parts.append(f"{_and(found['few'])} had too few items to tell, or were not run")
    sentence = "; ".join(parts) or "nothing was run"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _main(suites: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The row of each suite's first metric: what its verdict is about."""
    return [row for row in suites if row["metric"] == card(str(row["suite"])).main.name]


def _header(data: ReportData) -> str:
    cards = "".join(_card(row) for row in _main(data.suites))
    facts = {
        "evaluation": data.eval_id, "adapter": data.adapter_id,
        "base model": f"{data.base} @ {data.revision}", "data set": data.dataset_id,
        "items": str(sum(int(row["n"]) for row in data.suites)), "date": data.date,
    }  # fmt: skip
    stamp = " · ".join(
        f"{escape(name)} <code>{escape(value)}</code>" for name, value in facts.items() if value
    )
    return (
        f"<header>\n<h1>What the adapter changed</h1>\n"
        f'<p class="lead">{escape(headline(data.suites))}</p>\n'
        f'<p class="soft">{stamp}</p>\n</header>\n<ul class="verdicts">\n{cards}</ul>\n'
    )


def _card(row: Mapping[str, Any]) -> str:
    suite = card(str(row["suite"]))
    kind = _outcome(row)
    mark = _MARKS.get(kind, "○")
    words = escape(str(row["verdict"])).replace("95 %", "95&nbsp;%")
    moved = "not measured"
    if row.get("base") is not None:
        moved = f"{_figure(row, 'base')} → {_figure(row, 'tuned')}"
    return (
        f'<li class="{kind}"><div class="what">{_FAMILIES[suite.family]}: {escape(suite.title)}'
        f'</div><div class="moved">{mark} {escape(moved)}</div><div class="unit">'
        f"{escape(_metric(row))}</div><div>{words}</div></li>\n"
    )


def _plot(data: ReportData) -> str:
    rows = [
        ForestRow(
            card(row["suite"]).title, f"{_metric(row)}, n={row['n']}", str(row["unit"]),
            *_gains(row), _outcome(row) in ("better", "worse"), _item_gains(data.items, row),
        )
        for row in data.suites
    ]  # fmt: skip
    picture = forest(rows, "Difference of the tuned model from the base model, by suite")
    return (
        "<h2>Differences, and how sure they are</h2>\n"
        f"<figure>{picture}<figcaption>Tuned minus base, turned so that right is better. Bars are "
        "95 % intervals; dots are single items, those beyond the scale stand at its rim. Every row "
        "has a scale of its own. Grey: neither better nor worse can be said."
        "</figcaption></figure>\n"
    )


def _suites(data: ReportData) -> str:
    rows: list[list[str]] = []
    for row in data.suites:
        suite = card(str(row["suite"]))
        span = "–"
        if row.get("low") is not None:
            span = f"{_signed(row, 'low')} to {_signed(row, 'high')}"
        rows.append([
            suite.title, f"{_metric(row)} ({row['better']} is better)", str(row["n"]),
            _figure(row, "base"), _figure(row, "tuned"),
            _signed(row, "diff"), span, _plain(row, "p_holm", "p"), _plain(row, "mdd"),
            str(row["verdict"]),
        ])  # fmt: skip
    heads = [
        "suite",
        "metric",
        "n",
        "base",
        "tuned",
        "tuned − base",
        "95 % interval",
        "p",
        "could be seen",
        "verdict",
    ]
    explained = "".join(
        f"<li><strong>{escape(card(name).title)}</strong>: {escape(card(name).says)}</li>"
        for name in dict.fromkeys(str(row["suite"]) for row in data.suites)
    )
    caption = "All suites. Both arms saw the same items and wrote with the same settings."
    numbers = (2, 3, 4, 5, 6, 7, 8)
    return f"<h2>All figures</h2>\n{table(caption, heads, rows, numbers)}<ul>{explained}</ul>\n"


def _training(data: ReportData) -> str:
    parts: list[str] = []
    points = [(float(row["step"]), float(row["loss"])) for row in data.steps]
    if picture := curve(points, "Training loss by step", "optimiser step", "loss, nats per token"):
        parts.append(
            f"<figure>{picture}<figcaption>Training loss: each step (thin) and running mean "
            "(thick). It falls on what is trained; the suites above say what that is worth."
            "</figcaption></figure>\n"
        )
    if picture := bars(data.composition, "Training examples by kind"):
        rows = [[name, f"{count:,}"] for name, count in data.composition.items()]
        parts.append(
            f"<figure>{picture}<figcaption>What the data set is made of.</figcaption></figure>\n"
            + table("Training examples by kind", ["kind", "examples"], rows, (1,))
        )
    return f"<h2>The training behind it</h2>\n{''.join(parts)}" if parts else ""


def _method(data: ReportData) -> str:
    chosen = ", ".join(f"{name} {value}" for name, value in sorted(data.settings.items()))
    return (
        "<h2>From an example to its page</h2>\n"
        "<p>Every training example has an id in the exported files. "
        "<code>booktune trace EXAMPLE_ID</code> names its question, its section, the book, and the "
        "page, and writes a picture of the passage.</p>\n"
        "<footer>\n<h2>How to read this</h2>\n"
        f"<p>Intervals: {escape(METHOD)}; paired by item. Under {MIN_ITEMS} items no verdict is "
        "given. Intervals and tests (sign flips; McNemar's for single programs) have to agree, and "
        "p holds for all suites of a family together (Holm). "
        "chrF differences under 5 points are called not distinguishable, because readers do not "
        "tell such answers apart. Held-out sections were never trained on, but their neighbours "
        "were: they show that the model knows the book's subject and tone, not that it can apply "
        "it. Programs run in a sandbox, together with their tests; a program written against the "
        "harness could forge a pass.</p>\n"
        f'<p class="soft">Settings: {escape(chosen)}</p>\n</footer>\n'
    )


def _plain(row: Mapping[str, Any], *names: str) -> str:
    """The first of the figures that is there."""
    known = (row.get(name) for name in names)
    return next((f"{value:.2g}" for value in known if value is not None), "–")


def _outcome(row: Mapping[str, Any]) -> str:
    words = str(row["verdict"])
    for kind in ("better", "worse"):
        if words.startswith(kind) or f": {kind} by " in words:
            return kind
    if words.startswith(("kept", "not kept", "not shown")):
        return "unclear"
    return "unclear" if words.startswith(("no clear", "not dist")) else "few"


def _gains(row: Mapping[str, Any]) -> tuple[float | None, float | None, float | None]:
    """Gain and its ends, positive for better."""
    if row.get("diff") is None:
        return None, None, None
    if row.get("low") is None or row.get("high") is None:
        return _gain(row, row["diff"]), None, None
    ends = sorted((_gain(row, row["low"]), _gain(row, row["high"])))
    return _gain(row, row["diff"]), ends[0], ends[1]


def _item_gains(items: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> list[float]:
    scores: dict[str, dict[str, float]] = {}
    for item in items:
        same = (item["suite"], item["metric"]) == (row["suite"], row["metric"])
        if same and item["score"] is not None:
            scores.setdefault(item["item_id"], {})[item["arm"]] = item["score"]
    return [
        _gain(row, arms["tuned"] - arms["base"])
        for _, arms in sorted(scores.items())
        if len(arms) == 2
    ]


def _gain(row: Mapping[str, Any], diff: float) -> float:
    return diff if row["better"] == "higher" else 0.0 - diff


def _metric(row: Mapping[str, Any]) -> str:
    names = {"bits_per_byte": "bits per byte", "chrf": "chrF"}
    return names.get(str(row["metric"]), str(row["metric"]))


def _figure(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return "–"
    return f"{value:.3f}" if row["unit"] == "bits per byte" else f"{value:.1f}"


def _signed(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return "–"
    digits = 3 if row["unit"] == "bits per byte" else 1
    return f"{value:+.{digits}f}".replace("-", "\u2212")


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


@lru_cache(maxsize=1)
def _css() -> str:
    return Path(__file__).with_name("report.css").read_text(encoding="utf-8")
