"""The index of evaluations: one entry per adapter, and how the figures went from one to the next.

Belongs here: the page. Does not: which evaluations there are and where the page lies
(``page/evaluations.py``), a single evaluation (``report.py``).

Figures are gains over the base model, turned so that up and right are better. Lines run over the
adapters of one base model from the oldest to the newest: others cannot be compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from booktune_assets.evaluation.outcomes import FAMILIES, Outcome, family_verdicts, known, read
from booktune_assets.evaluation.report import frame
from booktune_assets.evaluation.report_parts import figure, metric_name, plural, signed
from booktune_assets.evaluation.suite import card
from booktune_assets.evaluation.svg import spark

__all__ = ["Evaluated", "render_index"]

ADAPTERS = 60  # shown in full; the mart eval_history has all
_MARKS = {"better": "▲", "worse": "▼", "unclear": "●", "lost": "▼"}


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An evaluation: its rows of ``eval_report``, what it is of, the name of its page here."""

    eval_id: str
    adapter_id: str
    base: str
    dataset_id: str
    date: str
    href: str
    rows: Sequence[Mapping[str, Any]]

    @property
    def mains(self) -> list[Outcome]:
        """Outcomes of the main metrics of suites that there still are."""
        return [one for one in map(read, filter(known, self.rows)) if one.main]


def render_index(found: Sequence[Evaluated]) -> str:
    """The page of evaluations, given from the oldest to the newest."""
    compared = [one for one in found if any(row.get("diff") is not None for row in one.rows)]
    alone = [one for one in found if one not in compared]
    by_adapter: dict[str, list[Evaluated]] = {}
    for one in compared:
        by_adapter.setdefault(one.adapter_id, []).append(one)
    newest = [some[-1] for some in by_adapter.values()]
    newest.sort(key=lambda one: compared.index(one))
    told = (
        f"{plural(len(newest), 'adapter')}, {plural(len(found), 'evaluation')}; the newest first."
        if found
        else "Nothing was evaluated yet: booktune run --all"
    )
    shown = newest[::-1][:ADAPTERS]
    left = len(newest) - len(shown)
    body = [
        f'<header>\n<h1>Adapters</h1>\n<p class="soft">{escape(told)}</p>\n</header>\n',
        *(_trends(base, [one for one in newest if one.base == base])
          for base in dict.fromkeys(one.base for one in shown)),
        *(_adapter(one, by_adapter[one.adapter_id][:-1]) for one in shown),
        f"<p>{plural(left, 'older adapter')} not shown; the mart eval_history has all.</p>\n"
        if left else "",
        _alone(alone),
    ]  # fmt: skip
    return frame("Adapters", "".join(body))


def _trends(base: str, found: Sequence[Evaluated]) -> str:
    """Gains over adapters of one base, a line for each suite; only what two of them measured."""
    rows: list[str] = []
    lines: dict[str, list[Outcome]] = {}
    for one in found:
        for outcome in one.mains:
            if outcome.gain is not None:
                lines.setdefault(outcome.suite, []).append(outcome)
    for some in lines.values():
        gains = [one.gain or 0.0 for one in some]
        picture = spark(gains, f"{some[-1].title}: gain by adapter, oldest to newest")
        if picture:
            rows.append(
                f"<tr><td>{FAMILIES[some[-1].family]}</td><td>{escape(some[-1].title)}</td>"
                f'<td>{picture}</td><td class="n">{signed(gains[-1], some[-1].unit)}</td>'
                f"<td>{escape(some[-1].unit)}</td><td>{_span(some[-1])}</td></tr>\n"
            )
    if not rows:
        return ""
    heads = "".join(
        f'<th scope="col">{name}</th>'
        for name in ("family", "suite", "by adapter", "newest", "unit", "95 % interval")
    )
    caption = "Gain over the base model, oldest to newest adapter; up is better"
    return (
        f"<h2>On {escape(base)}</h2>\n"
        f'<div class="scroll"><table class="trends"><caption>{caption}</caption><thead><tr>{heads}'
        f"</tr></thead>\n<tbody>\n{''.join(rows)}</tbody></table></div>\n"
    )


def _adapter(one: Evaluated, older: Sequence[Evaluated]) -> str:
    rows = list(filter(known, one.rows))
    verdicts = "".join(
        f"<li><strong>{FAMILIES[family]}</strong>: {escape(words)}</li>\n"
        for family, words in family_verdicts(rows).items()
    )
    figures = "".join(
        f'<li class="{each.kind}"><span class="what">{escape(each.title)}</span> '
        f"<strong>{_MARKS.get(each.kind, '○')} {signed(each.gain, each.unit)}</strong> "
        f'<span class="soft">{escape(_unit(each))}, {_span(each)}'
        f", n={each.n:,}</span></li>\n"
        for each in one.mains
        if each.gain is not None
    )
    before = "".join(
        f' · <a href="{escape(each.href)}">{escape(each.date)}</a>' for each in older[::-1]
    )
    facts = f"{escape(one.date)} · {escape(one.base)} · data set <code>{escape(one.dataset_id)}"
    return (
        f'<article class="adapter">\n<h3><a href="{escape(one.href)}">{escape(one.adapter_id)}</a>'
        f'</h3>\n<p class="soft">{facts}</code>'
        f"{f' · earlier evaluations{before}' if before else ''}</p>\n"
        f'<ul class="told">\n{verdicts}</ul>\n<ul class="figures">\n{figures}</ul>\n</article>\n'
    )


def _alone(found: Sequence[Evaluated]) -> str:
    if not found:
        return ""
    rows = "".join(
        f'<li><a href="{escape(one.href)}">{escape(one.base)}</a> '
        f'<span class="soft">{escape(one.date)} <code>{escape(one.eval_id)}</code></span>'
        f"<br>{escape(_scores(one))}</li>\n"
        for one in found[::-1]
    )
    return f"<h2>Models alone</h2>\n<ul>\n{rows}</ul>\n"


def _scores(one: Evaluated) -> str:
    """The main figures of a model by itself."""
    mains = [row for row in one.rows
             if known(row) and row["metric"] == card(str(row["suite"])).main.name]  # fmt: skip
    told = [
        f"{card(str(row['suite'])).title} {figure(row, 'base')} {row['unit']}"
        for row in mains
        if row["n"] and row.get("base") is not None
    ]
    return "; ".join(told) or "nothing has a score"


def _unit(one: Outcome) -> str:
    named = metric_name(one.metric)
    return named if named == one.unit else f"{one.unit}, {named}"


def _span(one: Outcome) -> str:
    if one.low is None or one.high is None:
        return "too few items"
    return f"{signed(one.low, one.unit)} to {signed(one.high, one.unit)}"
