"""What the page of ``eval_report`` shows in the Dagster UI, and what its check warns of.

Belongs here: verdicts, gains as numbers that the UI plots over time, a forest plot of each family,
losses with their intervals. Does not: what a row means
(``evaluation/outcomes.py``), drawing (``plots.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from booktune_assets.assets.plots import whiskers
from booktune_assets.chain.house import House
from booktune_assets.evaluation.outcomes import (
    FAMILIES,
    Outcome,
    family_verdicts,
    known,
    losses,
    open_margins,
)
from booktune_assets.evaluation.outcomes import read as outcome_of
from booktune_assets.lake import Receipt
from booktune_assets.page.evaluations import index_of
from booktune_assets.page.serve import address_of

__all__ = ["evaluated", "gains_plot", "regression_result"]

Row = Mapping[str, Any]
_ORDER = {"learned": 0, "kept": 1, "copied": 2}


def evaluated(rows: Sequence[Row], receipt: Receipt, house: House) -> dict[str, Any]:
    """Verdicts, pages, and the gain of every main metric as a number."""
    rows = list(filter(known, rows))
    verdicts = [f"- **{FAMILIES[name]}**: {words}" for name, words in family_verdicts(rows).items()]
    found: dict[str, Any] = {"verdicts": dg.MetadataValue.md("\n".join(verdicts))}
    for one in _mains(rows):
        if one.gain is not None:
            found[f"gain {one.suite}"] = dg.MetadataValue.float(one.gain)
    for family in list(FAMILIES)[1:]:  # the first is the plot that every asset has
        if picture := gains_plot(rows, family):
            found[f"plot {family}"] = dg.MetadataValue.md(picture)
    report = house.settings.reports / f"{receipt.key}.html"
    for name, path in (("report", report), ("all adapters", index_of(house.settings))):
        if path.is_file():
            found[name] = dg.MetadataValue.url(address_of(house.settings, path))
    return found


def gains_plot(rows: Sequence[Row], family: str = "learned") -> str:
    """Markdown image: gains of one family's main metrics, right is better. The page shows so few
    marks that all families in one picture would leave the last ones out. Empty: no interval."""
    marks = {"better": "▲ ", "worse": "▼ ", "lost": "▼ "}
    found = [
        (f"{marks.get(one.kind, '')}{one.suite}", one.low, one.gain, one.high)
        for one in _mains(list(filter(known, rows)))
        if one.family == family
        and one.gain is not None and one.low is not None and one.high is not None
    ]  # fmt: skip
    title = f"{FAMILIES[family]}: gain, 95 % interval; right is better, each row to its own scale"
    return whiskers(title, found) if found or family == "learned" else ""


def regression_result(rows: Sequence[Row], against: str = "base") -> dg.AssetCheckResult:
    """Passes unless a loss is shown. Every main metric stands in the metadata with its figures.
    ``against``: what the adapter is held against."""
    rows = list(filter(known, rows))
    lost = losses(rows)
    names = [f"{row['suite']} {row['metric']}" for row, _ in lost]
    reasons, unsure = (
        "\n".join(f"- {row['suite']} {row['metric']}: {why}" for row, why in some)
        for some in (lost, open_margins(rows))
    )
    return dg.AssetCheckResult(
        passed=not lost,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "looked_at": dg.MetadataValue.int(len(rows)),
            "against": dg.MetadataValue.text(against),
            "broken": dg.MetadataValue.int(len(lost)),
            "sample": dg.MetadataValue.text(", ".join(names)),
            "why": dg.MetadataValue.md(reasons or "no loss is shown"),
            "not_ruled_out": dg.MetadataValue.md(unsure or "nothing"),
            "intervals": dg.MetadataValue.md(_table(rows, against)),
            **{
                f"{side} {row['suite']}": dg.MetadataValue.float(float(row[side]))
                for row, _ in lost
                for side in ("diff", "low", "high")
                if row.get(side) is not None
            },
        },
    )


def _table(rows: Sequence[Row], against: str) -> str:
    """Main metrics: difference as measured, interval, n, p after Holm, margin."""
    lines = [
        f"| suite | metric | better | tuned − {against} | 95 % interval | n | p (Holm) | margin "
        "| says |",
        "| --- | --- | --- | ---: | --- | ---: | ---: | ---: | --- |",
    ]
    for row in rows:
        one = outcome_of(row)
        if one.main and row.get("diff") is not None:
            span = "too few items"
            if row.get("low") is not None and row.get("high") is not None:
                span = f"{row['low']:+.4g} to {row['high']:+.4g}"
            p, margin = row.get("p_holm"), one.margin
            lines.append(
                f"| {one.suite} | {one.metric} | {row['better']} | {row['diff']:+.4g} | {span} "
                f"| {one.n} | {'–' if p is None else f'{p:.3g}'} "
                f"| {'–' if margin is None else f'{margin:g}'} | {row['verdict']} |"
            )
    return "\n".join(lines)


def _mains(rows: Sequence[Row]) -> list[Outcome]:
    found = [one for one in map(outcome_of, rows) if one.main]
    return sorted(found, key=lambda one: _ORDER[one.family])
