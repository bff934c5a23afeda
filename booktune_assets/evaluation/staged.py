"""Scores of every stage of training on the tasks of all stages: rows of ``eval_report__stages``.

Belongs here: which suites are tasks, which items count, asking the earlier stages. Does not: what
the matrix says (``stages.py``), how a stage is asked (``run.py``).

A task is a suite whose card names the stage that taught it, if its items are texts: they cost one
pass each, and a stage in between has no other arm to be compared with. An item counts when it has a
score after every stage and under the base model, so that all cells are means of the same items.
What a stage lost (a score under the base, none after it) stands in its row: a stage that gave no
likelihoods at all leaves no mean, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from booktune_assets.evaluation.items import Item, ItemScore, Replies
from booktune_assets.evaluation.suite import Suite

__all__ = ["score_stages"]

Ask = Callable[[Path, Mapping[str, Sequence[Item]], Path], Replies]


def score_stages(
    stages: Sequence[tuple[str, Path | None]],
    suites: Sequence[Suite],
    items: Mapping[str, Sequence[Item]],
    rows: Sequence[ItemScore],
    ask: Ask,
    work: Path,
) -> list[dict[str, Any]]:
    """One row per stage (the base first) and task; ``rows`` hold both arms, the last of ``stages``
    being the tuned one. ``ask`` gives the replies of an adapter."""
    names = [name for name, _ in stages]
    tasks = [
        one for one in suites
        if one.card.stage in names and items.get(one.card.name)
        and all(item.ask == "text" for item in items[one.card.name])
    ]  # fmt: skip
    scores = {one.card.name: _known(one, rows, names[-1]) for one in tasks}
    for name, adapter in stages[:-1]:
        if adapter is None or not tasks:
            continue
        replies = ask(adapter, {one.card.name: items[one.card.name] for one in tasks}, work / name)
        for one in tasks:
            mark = f"{one.card.name}/"
            mine = {
                key.removeprefix(mark): value
                for key, value in replies["tuned"].items()
                if key.startswith(mark)
            }
            scored = one.score(items[one.card.name], {"tuned": mine})
            scores[one.card.name][name] = _of(one, scored, "tuned")
    return [row for one in tasks for row in _rows(one, scores[one.card.name], names)]


def _known(suite: Suite, rows: Sequence[ItemScore], last: str) -> dict[str, dict[str, ItemScore]]:
    """What the comparison has already: the base, and the adapter as the last stage."""
    return {"base": _of(suite, rows, "base"), last: _of(suite, rows, "tuned")}


def _of(suite: Suite, rows: Sequence[ItemScore], arm: str) -> dict[str, ItemScore]:
    card = suite.card
    return {
        row.item_id: row
        for row in rows
        if (row.suite, row.metric, row.arm) == (card.name, card.main.name, arm)
        and row.score is not None
    }


def _rows(
    suite: Suite, scores: Mapping[str, Mapping[str, ItemScore]], names: Sequence[str]
) -> list[dict[str, Any]]:
    order = ["base", *names]
    if any(name not in scores for name in order):  # a stage's files are gone: no matrix
        return []
    shared = set(scores["base"]).intersection(*(scores[name] for name in names))
    if not scores["base"]:
        return []
    return [
        {
            "stage": name, "place": place - 1, "suite": suite.card.name,
            "taught_by": suite.card.stage, "metric": suite.card.main.name, "n": len(shared),
            "score": _mean([scores[name][item] for item in sorted(shared)]) if shared else None,
            "lost": len(scores["base"].keys() - scores[name].keys()),
        }
        for place, name in enumerate(order)
    ]  # fmt: skip


def _mean(rows: Sequence[ItemScore]) -> float:
    total = sum(row.weight for row in rows)
    return sum((row.score or 0.0) * row.weight for row in rows) / total if total else 0.0
