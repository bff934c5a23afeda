"""Single items in the report: the worst regressions with both outputs, then the best gains.

Belongs here: choosing and showing items that changed. Does not: failures (``report_failures.py``),
figures over items (``report_forest.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from booktune_assets.evaluation.answered import Answered, Row
from booktune_assets.evaluation.report_parts import (
    figure,
    metric_name,
    plural,
    quote,
    status_words,
)
from booktune_assets.evaluation.suite import card

__all__ = ["both", "named", "regressions"]

PER_SUITE = 3
WORDS = 90  # of a question in a heading, characters
SHOWN = 1200  # characters of a text; the tables of the lake hold all of it


def regressions(items: Sequence[Answered]) -> str:
    """Items that lost most, a few of each suite, the farthest out first; then gains, to be fair.

    How far is counted in standard deviations of the suite's gains: 3 points of chrF and 0.1 bits
    per byte have no other common measure.
    """
    pairs = [one for one in items if one.gain is not None]
    if not pairs:
        return ""
    lost = [one for one in pairs if (one.gain or 0) < 0]
    won = [one for one in pairs if (one.gain or 0) > 0 and one.last.get("output") is not None]
    parts = ["<h2>What got worse</h2>\n"]
    if not lost:
        parts.append("<p>No item did worse with the adapter than without.</p>\n")
    else:
        shown = _farthest(lost, -1)
        parts.append(
            f"<p>{len(lost):,} of {plural(len(pairs), 'item')} did worse with the adapter than "
            f"without; these are the worst {len(shown)}, at most {PER_SUITE} of a suite, answers "
            "first.</p>\n"
        )
        parts += [_example(one, opened=number == 0) for number, one in enumerate(shown)]
    if won:
        shown = _farthest(won, 1)
        parts.append(
            f"<h2>What got better</h2>\n<p>{plural(len(won), 'answer')} gained; these are the "
            f"{len(shown)} that gained most.</p>\n"
        )
        parts += [_example(one) for one in shown]
    return "".join(parts)


def both(one: Answered, most: int) -> str:
    """What was asked, what each arm answered side by side, what was expected."""
    parts = [f'<p class="soft"><code>{escape(one.item_id)}</code></p>\n']
    if one.last.get("prompt"):
        parts.append(quote("Asked", one.last["prompt"], most))
    if any(row.get("output") is not None for row in one.arms.values()):
        sides = "".join(
            f"<div>{quote(_arm(row), row.get('output') or '(nothing)', most)}</div>"
            for row in one.arms.values()
        )
        parts.append(f'<div class="sides">{sides}</div>')
    if one.last.get("reference"):
        name = "Text" if one.last.get("output") is None else "Reference"
        parts.append(quote(name, one.last["reference"], most))
    return "".join(parts)


def named(one: Answered) -> str:
    """What a person knows an item by: its question, else its name, which says where a text is from.

    Of passages with a question below them the question is taken, of code with words the words.
    """
    name = f"<code>{escape(one.item_id)}</code>"
    if one.last.get("output") is None or not one.last.get("prompt"):
        return name
    lines = _prose(str(one.last["prompt"]))
    asks = [line for line in lines if line.endswith("?")]
    words = (asks or lines or [str(one.last["prompt"]).strip()])[-1 if asks else 0]
    cut = f"{words[:WORDS]}…" if len(words) > WORDS else words
    return f"<q>{escape(cut)}</q>"


def _prose(text: str) -> list[str]:
    """The lines of a text outside of its fences."""
    lines, fenced = list[str](), False
    for line in map(str.strip, text.split("\n")):
        if line.startswith("```"):
            fenced = not fenced
        elif line and not fenced:
            lines.append(line)
    return lines


def _farthest(items: Sequence[Answered], sign: int) -> list[Answered]:
    """The farthest of each suite by how far they are; answers before texts, which say less."""
    ranked = sorted(
        items,
        key=lambda one: (
            one.last.get("output") is None, -sign * one.far, -sign * (one.gain or 0.0), one.suite,
            one.item_id,
        ),
    )  # fmt: skip
    counts: dict[str, int] = {}
    chosen: list[Answered] = []
    for one in ranked:
        counts[one.suite] = counts.get(one.suite, 0) + 1
        if counts[one.suite] <= PER_SUITE:
            chosen.append(one)
    return chosen


def _example(one: Answered, *, opened: bool = False) -> str:
    suite = card(one.suite)
    base, tuned = (
        figure({"unit": one.unit, "score": one.arms[arm]["score"]}, "score").replace("-", "\u2212")
        for arm in ("base", "tuned")
    )
    measured = "" if metric_name(one.metric) == one.unit else f"{metric_name(one.metric)} "
    about = f" · {', '.join(one.concepts)}" if one.concepts else ""
    return (
        f"<details{' open' if opened else ''}><summary><strong>{escape(suite.title)}</strong>: "
        f"{escape(measured)}{base} → {tuned} {escape(one.unit)}"
        f'<span class="soft">{escape(about)}</span> {named(one)}</summary>\n'
        f"{both(one, SHOWN)}</details>\n"
    )


def _arm(row: Row) -> str:
    return f"{str(row['arm']).capitalize()} model ({status_words(str(row['status']))})"
