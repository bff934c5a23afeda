"""A browser of failures: by suite, verdict and concept, with what each arm answered.

Belongs here: which failures are shown, their groups, what the filter reads. Does not: the filter
(``report.js``), what a failure is (``answered.py``).

Without a script the failures are nested details, grouped by suite and verdict. The script only
hides what was not asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from booktune_assets.evaluation.answered import Answered
from booktune_assets.evaluation.report_items import both, named
from booktune_assets.evaluation.report_parts import plural, status_words, table
from booktune_assets.evaluation.suite import card

__all__ = ["SHOWN", "failures"]

SHOWN = 240  # failures on the page, at most
CHARS = 600  # of each text
_WHO = {"new": "only with the adapter", "both": "without it, too", "alone": ""}


def failures(items: Sequence[Answered]) -> str:
    """Outcomes by suite and arm, then the failures themselves."""
    broken = [one for one in items if one.failed(_last(one))]
    counted = _outcomes(items)
    if not counted and not broken:
        return ""
    if not broken:
        return f'<h2 id="failures">How answers ended</h2>\n{counted}<p>No answer failed.</p>\n'
    shown = _chosen(broken)
    said = f"{plural(len(broken), 'answer')} ended in a failure class or without a score"
    if len(shown) < len(broken):
        said += (
            f"; {len(shown):,} are shown, new ones first and every suite in turn. The table "
            "eval_report__items holds all of them, whole"
        )
    return (
        f'<h2 id="failures">How answers ended</h2>\n{counted}<h3>Browse failures</h3>\n'
        f'<p class="soft">{escape(said)}.</p>\n{_filter(shown)}<div id="cases">\n'
        f"{''.join(_suite(suite, shown) for suite in dict.fromkeys(one.suite for one in shown))}"
        "</div>\n"
    )


def _outcomes(items: Sequence[Answered]) -> str:
    counts = Counter(
        (one.suite, str(row["status"]), arm)
        for one in items
        for arm, row in one.arms.items()
        if row["output"] is not None or not str(row["status"]).startswith("ok")
    )
    if not counts:
        return ""
    arms = [arm for arm in ("base", "tuned") if any(arm in one.arms for one in items)]
    order = list(dict.fromkeys(one.suite for one in items))
    kinds = sorted(
        {(suite, status) for suite, status, _ in counts},
        key=lambda kind: (order.index(kind[0]), kind[1] != "ok", kind[1]),
    )
    rows = [
        [card(suite).title, status_words(status)]
        + [f"{counts[suite, status, arm]:,}" for arm in arms]
        for suite, status in kinds
    ]
    return table("Answers and programs by outcome", ["suite", "outcome", *arms], rows, (2, 3))


def _chosen(broken: Sequence[Answered]) -> list[Answered]:
    """At most ``SHOWN``: those that only the adapter brought first, every suite in turn."""
    if len(broken) <= SHOWN:
        return list(broken)
    lines: dict[str, list[Answered]] = {}
    for one in sorted(broken, key=lambda one: _who(one) == "both"):
        lines.setdefault(one.suite, []).append(one)
    turns: list[Answered] = []
    for place in range(SHOWN):
        turns += [line[place] for line in lines.values() if place < len(line)]
    kept = {(one.suite, one.item_id) for one in turns[:SHOWN]}
    return [one for one in broken if (one.suite, one.item_id) in kept]


def _filter(shown: Sequence[Answered]) -> str:
    """The controls; hidden until the script that serves them runs."""
    suites = {one.suite: card(one.suite).title for one in shown}
    verdicts = {name: status_words(name) for name in sorted({one.verdict for one in shown})}
    concepts = {name: name for name in sorted({name for one in shown for name in one.concepts})}
    who = {name: _WHO[name] for name in ("new", "both") if any(_who(one) == name for one in shown)}
    parts = [_select(name, choices) for name, choices in (
        ("suite", suites), ("verdict", verdicts), ("concept", concepts), ("failed", who),
    ) if choices]  # fmt: skip
    return (
        f'<form id="filter" hidden>{"".join(parts)}<label>words <input name="words" type="search">'
        '</label><output class="soft"></output></form>\n'
    )


def _select(name: str, choices: dict[str, str]) -> str:
    options = "".join(
        f'<option value="{escape(value)}">{escape(words)}</option>'
        for value, words in choices.items()
    )
    every = '<option value="">all</option>'
    return f'<label>{name} <select name="{name}">{every}{options}</select></label>'


def _suite(suite: str, shown: Sequence[Answered]) -> str:
    own = [one for one in shown if one.suite == suite]
    groups = "".join(
        f'<details class="group"><summary>{escape(status_words(verdict))} '
        f'<span class="soft">{len(some)}</span></summary>\n{"".join(map(_case, some))}</details>\n'
        for verdict in sorted({one.verdict for one in own})
        if (some := [one for one in own if one.verdict == verdict])
    )
    return (
        f'<details class="group"><summary><strong>{escape(card(suite).title)}</strong> '
        f'<span class="soft">{len(own)}</span></summary>\n{groups}</details>\n'
    )


def _case(one: Answered) -> str:
    about = ", ".join(one.concepts)
    note = _WHO[_who(one)]
    facts = " · ".join(escape(words) for words in (about, note) if words)
    return (
        f'<details class="case" data-suite="{escape(one.suite)}" '
        f'data-verdict="{escape(one.verdict)}" data-concept="{escape("|".join(one.concepts))}" '
        f'data-failed="{_who(one)}"><summary>{named(one)} '
        f'<span class="soft">{facts}</span></summary>\n{both(one, CHARS)}</details>\n'
    )


def _last(one: Answered) -> str:
    return "tuned" if "tuned" in one.arms else "base"


def _who(one: Answered) -> str:
    if len(one.arms) < 2:
        return "alone"
    return "both" if one.failed("base") else "new"
