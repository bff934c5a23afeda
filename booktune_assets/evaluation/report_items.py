"""Single items in the report: the worst regressions with both outputs, failures by class.

Belongs here: choosing and showing items. Does not: figures over items (``report.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from booktune_assets.evaluation.items import ARMS
from booktune_assets.evaluation.suite import card
from booktune_assets.evaluation.suites import NAMES

__all__ = ["failures", "regressions", "table"]

PER_SUITE = 3
SHOWN = 1200  # characters of a text; the tables of the lake hold all of it

Item = Mapping[str, Any]


def regressions(items: Sequence[Item]) -> str:
    """The items that lost most, a few of each suite, worst suite first; then gains, to be fair."""
    pairs = _pairs(items)
    lost = [pair for pair in pairs if pair[0] < 0]
    won = [pair for pair in pairs if pair[0] > 0 and pair[1].get("output") is not None]
    parts = ["<h2>What got worse</h2>\n"]
    if not lost:
        parts.append("<p>No item scored lower with the adapter than without.</p>\n")
    else:
        parts.append(f"<p>{len(lost)} of {len(pairs)} items lost. The worst of each suite:</p>\n")
        parts += [_example(base, tuned) for _, base, tuned in _worst(lost)]
    if won:
        parts.append(f"<h2>What got better</h2>\n<p>{len(won)} answers gained. The most:</p>\n")
        most = _worst([(-gain, base, tuned) for gain, base, tuned in won])
        parts += [_example(base, tuned) for _, base, tuned in most]
    return "".join(parts) if pairs else ""


def failures(items: Sequence[Item]) -> str:
    """How programs and answers ended, by arm."""
    counts = Counter(
        (str(item["suite"]), str(item["status"]), str(item["arm"]))
        for item in items
        if item["metric"] == card(item["suite"]).main.name
        and (item["output"] is not None or not str(item["status"]).startswith("ok"))
    )
    if not counts:
        return ""
    kinds = sorted({(suite, status) for suite, status, _ in counts})
    rows = [
        [card(suite).title, _status(suite, status)]
        + [str(counts[suite, status, arm]) for arm in ARMS]
        for suite, status in sorted(kinds, key=lambda kind: (NAMES.index(kind[0]), kind[1]))
    ]
    shown = table("Answers and programs by outcome", ["suite", "outcome", *ARMS], rows, (2, 3))
    return f"<h2>How answers ended</h2>\n{shown}"


def table(
    caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()
) -> str:
    """An HTML table; ``numbers`` are the columns that are set to the right."""

    def kind(column: int) -> str:
        return ' class="n"' if column in numbers else ""

    head = "".join(f'<th scope="col"{kind(i)}>{escape(name)}</th>' for i, name in enumerate(heads))
    body = "".join(
        "<tr>"
        + "".join(f"<td{kind(i)}>{escape(cell)}</td>" for i, cell in enumerate(row))
        + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption><thead><tr>{head}</tr>'
        f"</thead>\n<tbody>\n{body}</tbody></table></div>\n"
    )


def _pairs(items: Sequence[Item]) -> list[tuple[float, Item, Item]]:
    """(gain, base item, tuned item); positive is better."""
    by_item: dict[tuple[str, str], dict[str, Item]] = {}
    for item in items:
        if item["score"] is not None and item["metric"] == card(item["suite"]).main.name:
            by_item.setdefault((item["suite"], item["item_id"]), {})[item["arm"]] = item
    found: list[tuple[float, Item, Item]] = []
    for (suite, _), arms in sorted(by_item.items()):
        if len(arms) == len(ARMS):
            diff = arms["tuned"]["score"] - arms["base"]["score"]
            gain = diff if card(suite).main.better == "higher" else -diff
            found.append((gain, arms["base"], arms["tuned"]))
    return found


def _worst(pairs: list[tuple[float, Item, Item]]) -> list[tuple[float, Item, Item]]:
    """The lowest of each suite, in the order of the suites."""
    chosen: list[tuple[float, Item, Item]] = []
    for suite in NAMES:
        own = sorted(
            (pair for pair in pairs if pair[1]["suite"] == suite),
            key=lambda pair: (pair[0], pair[1]["item_id"]),
        )
        chosen += own[:PER_SUITE]
    return chosen


def _example(base: Item, tuned: Item) -> str:
    suite = card(str(base["suite"]))
    moved = f"{base['score']:.3g} → {tuned['score']:.3g}"
    parts = [
        f"<details><summary>{escape(suite.title)}: {moved} {escape(suite.main.unit)} "
        f"<code>{escape(str(base['item_id']))}</code></summary>\n"
    ]
    if base.get("prompt"):
        parts.append(_quote("Asked", base["prompt"]))
    if base.get("output") is not None or tuned.get("output") is not None:
        sides = "".join(
            f"<div>{_quote(_arm(item), item.get('output') or '(nothing)')}</div>"
            for item in (base, tuned)
        )
        parts.append(f'<div class="sides">{sides}</div>')
    if base.get("reference"):
        name = "Text" if base.get("output") is None else "Reference"
        parts.append(_quote(name, base["reference"]))
    return "".join(parts) + "</details>\n"


def _arm(item: Item) -> str:
    status = _status(str(item["suite"]), str(item["status"]))
    return f"{str(item['arm']).capitalize()} model ({status})"


def _status(suite: str, status: str) -> str:
    if status == "ok_in_beam":
        return "pass, tests and program in one BEAM"
    return "pass" if (suite, status) == ("problems", "ok") else status.replace("_", " ")


def _quote(name: str, text: object) -> str:
    full = str(text)
    cut = f" (first {SHOWN} of {len(full)} characters)" if len(full) > SHOWN else ""
    return f"<h3>{escape(name)}{cut}</h3>\n<pre>{escape(full[:SHOWN])}</pre>\n"
