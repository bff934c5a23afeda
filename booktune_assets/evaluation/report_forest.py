"""The forest plot of all suites, the three families apart, and all figures as a table.

Belongs here: rows, scales, the words beside them. Does not: geometry (``svg.py``), what a row means
(``outcomes.py``).

Right is better in every row, whatever the metric counts. Rows of a family with the same unit share
a scale, so that their lengths can be held against each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from booktune_assets.evaluation.outcomes import FAMILIES, Outcome, read
from booktune_assets.evaluation.report_parts import figure, metric_name, signed, table
from booktune_assets.evaluation.suite import Card, card
from booktune_assets.evaluation.svg import Strip, strip

__all__ = ["all_figures", "forest"]

P_SHOWN = 0.001
DOTS = 60  # single items of a row, at most
ASKS = {
    "learned": "What the books teach, on items that training never saw.",
    "kept": "What the model could before. The dashed line is the margin: an interval that lies to "
    "the right of it rules a larger loss out.",
    "copied": "What comes back word for word. Less is better: it is memory, not understanding.",
}
Row = Mapping[str, Any]


def forest(rows: Sequence[Row], items: Sequence[Row]) -> str:
    """One figure per family with a line for each suite and metric."""
    read_rows = [(row, read(row)) for row in rows]
    gains = _gains(items, rows)
    parts: list[str] = []
    for family, name in FAMILIES.items():
        own = [(row, one) for row, one in read_rows if one.family == family]
        if own:
            lines = _family(own, gains)
            parts.append(
                f'<section class="family">\n<h3>{name}</h3>\n<p class="soft">'
                f"{escape(ASKS[family])}</p>\n<figure>{lines}</figure>\n</section>\n"
            )
    return (
        "<h2>Differences, and how sure they are</h2>\n"
        '<p class="soft">Tuned minus base, turned so that right is better; the figures beside it '
        "are turned too, plus is better. Bars are 95 % intervals; triangles are differences, "
        "circles no clear difference, dashed circles the mean of too few items. A filled mark is a "
        "suite's main metric, whose p is corrected over its family (Holm); a hollow one is a "
        "further metric, for reading, whose p is not corrected. Small dots are single items; those "
        "beyond the scale stand at its rim.</p>\n" + "".join(parts)
    )


def all_figures(rows: Sequence[Row]) -> str:
    """Every row as a table, and what each suite measures."""
    told: list[list[str]] = []
    for row in rows:
        unit, span = str(row["unit"]), "–"
        if row.get("low") is not None:
            span = f"{signed(row['low'], unit)} to {signed(row['high'], unit)}"
        told.append([
            card(str(row["suite"])).title,
            f"{metric_name(str(row['metric']))} ({row['better']} is better)",
            f"{row['n']:,}", figure(row, "base"), figure(row, "tuned"),
            signed(row.get("diff"), unit), span, _plain(row, "p_holm", "p"), _plain(row, "mdd"),
            str(row["verdict"]),
        ])  # fmt: skip
    heads = [
        "suite", "metric", "n", "base", "tuned", "tuned − base", "95 % interval", "p",
        "could be seen", "verdict",
    ]  # fmt: skip
    explained = "".join(
        f"<li><strong>{escape(card(name).title)}</strong>: {escape(card(name).says)} "
        f'<span class="soft">{escape(_reach(card(name)))}</span></li>'
        for name in dict.fromkeys(str(row["suite"]) for row in rows)
    )
    caption = (
        "All suites. Both arms saw the same items and wrote with the same settings. What is tuned "
        "− base and its intervals are not turned: where lower is better, minus is better. Verdicts "
        "that say better or worse by how much count in that direction."
    )
    return (
        "<details>\n<summary>All figures as a table, and what each suite measures</summary>\n"
        f"{table(caption, heads, told, (2, 3, 4, 5, 6, 7, 8))}<ul>{explained}</ul>\n</details>\n"
    )


def _reach(told: Card) -> str:
    """How many items there are, what so many can show, what blindness would get."""
    blind = [
        f"{metric_name(one.name)} {one.blind:g} {one.unit}"
        for one in told.metrics
        if one.blind is not None
    ]
    parts = [f"Items: {told.size}.", f"Can be seen: {told.mdd}."]
    if blind:
        parts.append(f"Without looking at the question: {', '.join(blind)}.")
    return " ".join(parts)


def _family(
    own: Sequence[tuple[Row, Outcome]], gains: Mapping[tuple[str, str], list[float]]
) -> str:
    scales = _scales([one for _, one in own])
    asked = {one.suite for _, one in own if one.kind != "none" or one.unscored}
    lines = [
        '<div class="axis" aria-hidden="true"><span></span><span class="ends"><span>← worse</span>'
        "<span>better →</span></span><span></span></div>\n"
    ]
    lines += [
        _line(row, one, scales.get(one.unit, 1.0), gains.get((one.suite, one.metric), ()))
        for row, one in own
        if one.main or one.suite in asked  # why a suite was not run is said once
    ]
    sizes = {unit: f"{one:.0f}" if one >= 10 else f"{one:.2g}" for unit, one in scales.items()}
    shared = ", ".join(f"±{size} {unit}" for unit, size in sizes.items())
    if shared:
        lines.append(f"<figcaption>Scales: {escape(shared)}.</figcaption>")
    return "".join(lines)


def _scales(own: Sequence[Outcome]) -> dict[str, float]:
    """Unit → what the rim stands for: the widest interval or margin of the family."""
    found: dict[str, float] = {}
    for one in own:
        ends = [one.low, one.high, one.gain] if one.low is not None else []
        ends.append(one.margin if one.n else None)
        sizes = [abs(end) for end in ends if end is not None]
        if sizes:
            found[one.unit] = max(found.get(one.unit, 0.0), 1.15 * max(sizes))
    for one in own:  # units of which all rows had too few items
        if one.gain is not None and not found.get(one.unit):
            found[one.unit] = 1.15 * max(
                (abs(other.gain or 0.0) for other in own if other.unit == one.unit), default=1.0
            ) or 1.0  # fmt: skip
    return found


def _line(row: Row, one: Outcome, scale: float, items: Sequence[float]) -> str:
    n = f"n={one.n:,}"
    if (sources := row.get("clusters")) and sources != one.n:
        n += f" of {sources:,} sources"
    name = f"<strong>{escape(one.title)}</strong>" if one.main else ""
    note = metric_name(one.metric) + (f" · {n}" if one.n else "")
    picture = ""
    if one.gain is not None:
        title = f"{one.title}, {metric_name(one.metric)}: {_words(one)}"
        dots = _some(items) if one.main else ()
        picture = strip(
            Strip(one.gain, one.low, one.high, one.kind in ("better", "worse"), scale,
                  one.margin, dots, one.main), title,
        )  # fmt: skip
    return (
        f'<div class="line {one.kind}{"" if one.main else " more"}"><div class="who">{name}'
        f'<span class="soft">{escape(note)}</span></div><div class="plot">{picture}</div>'
        f'<div class="say">{_said(row, one)}</div></div>\n'
    )


def _said(row: Row, one: Outcome) -> str:
    if one.kind == "none":
        skipped, why = "skipped: ", str(row["verdict"])
        if why.startswith(skipped) or not one.unscored:
            why = f"not run: {why.removeprefix(skipped)}"
        head, of, states = why.partition("have no score: ")
        why = f"{head}{of}{states.replace('_', ' ')}"
        return f'<span class="soft">{escape(why[:160])}</span>'
    if one.kind == "lost":
        told = f"{one.lost} of {one.n + one.unscored} items, which the base has a score for"
        rest = f'<span class="soft">of the others: {escape(_words(one))}</span>' if one.n else ""
        return f'<strong>no score</strong><span class="soft">{told}</span>{rest}'
    if one.kind == "few":
        return f'<strong>too few items</strong><span class="soft">{escape(_mean(one))}</span>'
    facts = [f"95 % {signed(one.low, one.unit)} to {signed(one.high, one.unit)}"]
    if row["better"] == "lower":
        facts[0] += ", plus is better"
    p = row.get("p_holm") if row.get("p_holm") is not None else row.get("p")
    if p is not None:
        words = f"p {p:.2g}" if p >= P_SHOWN else f"p < {P_SHOWN}"
        facts.append(words if row.get("p_holm") is not None else f"{words}, not corrected")
    lines = [" · ".join(facts)]
    if one.margin is not None and one.kept:
        words = {"yes": "kept within", "no": "lost more than", "unclear": "not shown within"}
        lines.append(f"{words[one.kept]} {one.margin:g}")
    if one.mdd is not None:
        lines.append(f"could be seen: {one.mdd:.2g}")
    told = "".join(f'<span class="soft">{escape(words)}</span>' for words in lines)
    return f"<strong>{escape(_words(one))}</strong>{told}"


def _words(one: Outcome) -> str:
    if one.gain is None:
        return "not measured"
    return f"{signed(one.gain, one.unit)} {one.unit}"


def _mean(one: Outcome) -> str:
    return f"to tell; their mean is {_words(one)}"


def _some(items: Sequence[float]) -> Sequence[float]:
    """At most ``DOTS``, evenly through the sorted gains."""
    if len(items) <= DOTS:
        return items
    ranked = sorted(items)
    return [ranked[round(n * (len(ranked) - 1) / (DOTS - 1))] for n in range(DOTS)]


def _gains(items: Sequence[Row], rows: Sequence[Row]) -> dict[tuple[str, str], list[float]]:
    """Gains of single items by suite and metric, positive for better."""
    signs = {
        (str(row["suite"]), str(row["metric"])): 1.0 if row["better"] == "higher" else -1.0
        for row in rows
    }
    scores: dict[tuple[str, str], dict[str, dict[str, float]]] = {}
    for item in items:
        key = (str(item["suite"]), str(item["metric"]))
        if item["score"] is not None and key in signs:
            scores.setdefault(key, {}).setdefault(str(item["item_id"]), {})[str(item["arm"])] = (
                float(item["score"])
            )
    return {
        key: [
            signs[key] * (arms["tuned"] - arms["base"])
            for _, arms in sorted(by_item.items())
            if len(arms) == 2
        ]
        for key, by_item in scores.items()
    }


def _plain(row: Row, *names: str) -> str:
    """The first of the figures that is there."""
    known = (row.get(name) for name in names)
    return next((f"{value:.2g}" for value in known if value is not None), "–")
