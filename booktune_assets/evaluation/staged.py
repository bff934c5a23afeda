"""Every stage of training on the tasks of all stages: ``eval_report__stages`` and its figures.

Belongs here: which suites are tasks, which items count, asking the earlier stages, rows and words.
Does not: what the matrix says (``stages.py``), how sure it is (``stage_doubt.py``), how a stage is
asked (``run.py``).

A task is a suite whose card names the stage that taught it, if its items are texts: they cost one
pass each, and a stage in between has no other arm to be compared with. A suite that only stands in
for a stage's texts is no task where held-out texts of that stage are. An item counts when it has a
score after every stage and under the base model, so that all cells are means of the same items.
What a stage lost (a score under the base, none after it) stands in its row: a stage that gave no
likelihoods at all leaves no mean, and says so; the figures are of the tasks that lost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from booktune_assets.evaluation import statistics
from booktune_assets.evaluation.items import Item, ItemScore, Replies
from booktune_assets.evaluation.stage_doubt import Task, stage_intervals
from booktune_assets.evaluation.statistics import Interval
from booktune_assets.evaluation.suite import Suite
from booktune_assets.settings import Evaluation

__all__ = ["StageRows", "score_stages"]

Ask = Callable[[Path, Mapping[str, Sequence[Item]], Path], Replies]
_Scores = Mapping[str, Mapping[str, ItemScore]]  # stage → item → score
_BETTER = {"gain": "higher", "backward": "higher", "forgotten": "lower", "forward": "higher"}


@dataclass(frozen=True, slots=True)
class StageRows:
    """Rows without their evaluation: ``cells`` of ``eval_report__stages``, ``figures`` of
    ``eval_report__stage_figures``."""

    cells: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    figures: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def score_stages(
    stages: Sequence[tuple[str, Path | None]],
    suites: Sequence[Suite],
    items: Mapping[str, Sequence[Item]],
    rows: Sequence[ItemScore],
    ask: Ask,
    work: Path,
    wanted: Evaluation,
) -> StageRows:
    """One cell per stage (the base first) and task; ``rows`` hold both arms, the last of ``stages``
    being the tuned one. ``ask`` gives the replies of an adapter."""
    names = [name for name, _ in stages]
    tasks = _tasks(names, suites, items)
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
    order = ["base", *names]
    tasks = [
        one for one in tasks
        if scores[one.card.name]["base"] and all(name in scores[one.card.name] for name in order)
    ]  # fmt: skip
    return StageRows(
        [row for one in tasks for row in _cells(one, scores[one.card.name], order, wanted)],
        _figures(tasks, scores, order, wanted),
    )


def _tasks(
    names: Sequence[str], suites: Sequence[Suite], items: Mapping[str, Sequence[Item]]
) -> list[Suite]:
    found = [
        one for one in suites
        if one.card.stage in names and items.get(one.card.name)
        and all(item.ask == "text" for item in items[one.card.name])
    ]  # fmt: skip
    own = {one.card.stage for one in found if not one.card.stand_in}
    return [one for one in found if not one.card.stand_in or one.card.stage not in own]


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


def _shared(scores: _Scores, order: Sequence[str]) -> list[str]:
    """The items that have a score everywhere."""
    return sorted(set(scores["base"]).intersection(*(scores[name] for name in order)))


def _cells(
    suite: Suite, scores: _Scores, order: Sequence[str], wanted: Evaluation
) -> list[dict[str, Any]]:
    shared, own = _shared(scores, order), order.index(suite.card.stage)
    found: list[dict[str, Any]] = []
    for place, name in enumerate(order):
        lost = len(scores["base"].keys() - scores[name].keys())
        since = _since(suite, [scores[at] for at in (order[own], name)], shared, lost, wanted)
        found.append({
            "stage": name, "place": place - 1, "suite": suite.card.name,
            "taught_by": suite.card.stage, "metric": suite.card.main.name, "n": len(shared),
            "score": _mean([scores[name][item] for item in shared]) if shared else None,
            "lost": lost, **(since if place > own and shared else {}),
        })  # fmt: skip
    return found


def _since(
    suite: Suite, both: Sequence[Mapping[str, ItemScore]], shared: Sequence[str], lost: int,
    wanted: Evaluation,
) -> dict[str, Any]:  # fmt: skip
    """What changed on a task since its own stage, with its interval and the words for it."""
    own, now = ([one[item] for item in shared] for one in both)
    metric = suite.card.main
    found = statistics.paired(
        [one.score or 0.0 for one in own], [one.score or 0.0 for one in now],
        [one.weight for one in own], [one.cluster for one in own],
        resamples=wanted.bootstrap, seed=wanted.seed,
    )  # fmt: skip
    told = _told(found)
    words = statistics.verdict(
        found, metric.better, metric.unit, metric=metric.name, margin=metric.margin, lost=lost
    )
    return {"change": found.diff, **_span(found), "verdict": words if told else _few(found)}


def _figures(
    suites: Sequence[Suite], scores: Mapping[str, _Scores], order: Sequence[str],
    wanted: Evaluation,
) -> list[dict[str, Any]]:  # fmt: skip
    """Figures of the tasks of one unit together, of those that no stage lost an item of."""
    by_unit: dict[str, list[Suite]] = {}
    for one in suites:
        mine = scores[one.card.name]
        if _shared(mine, order) and not any(mine["base"].keys() - mine[at].keys() for at in order):
            by_unit.setdefault(one.card.main.unit, []).append(one)
    found: list[dict[str, Any]] = []
    for unit, some in by_unit.items():
        tasks = [_task(one, scores[one.card.name], order) for one in some]
        figures = stage_intervals(tasks, resamples=wanted.bootstrap, seed=wanted.seed)
        lower = all(one.card.main.better == "lower" for one in some)
        found += [_figure(name, unit, one, lower=lower) for name, one in figures.items()]
    return found


def _task(suite: Suite, scores: _Scores, order: Sequence[str]) -> Task:
    """Scores turned so that higher is better."""
    sign = 1.0 if suite.card.main.better == "higher" else -1.0
    shared = _shared(scores, order)
    return Task(
        order.index(suite.card.stage) - 1,
        [[sign * (scores[name][item].score or 0.0) for name in order] for item in shared],
        [scores["base"][item].weight for item in shared],
        [scores["base"][item].cluster for item in shared],
    )


def _figure(name: str, unit: str, found: Interval, *, lower: bool) -> dict[str, Any]:
    """A row; the average stands as the metrics have it, changes with plus for better."""
    if name == "average" and lower:
        found = Interval(-found.diff, -found.high, -found.low, found.n, found.clusters)
    if not _told(found):
        words = _few(found)
    elif name == "average":
        words = "a level, with nothing that it is held against"
    else:
        words = statistics.verdict(found, _BETTER[name], unit)
    return {
        "unit": unit, "figure": name, "value": found.diff, **_span(found), "n": found.n,
        "clusters": found.sources, "verdict": words,
    }  # fmt: skip


def _told(found: Interval) -> bool:
    """Enough items, and something that varies: what never varies only looks certain."""
    return found.enough and found.low < found.high


def _span(found: Interval) -> dict[str, float | None]:
    ends = {"low": found.low, "high": found.high}
    return ends if _told(found) else dict.fromkeys(ends)


def _few(found: Interval) -> str:
    why = ", all alike" if found.low == found.high else ""
    return f"too few items to tell (n={found.n} of {found.sources} sources{why})"


def _mean(rows: Sequence[ItemScore]) -> float:
    total = sum(row.weight for row in rows)
    return sum((row.score or 0.0) * row.weight for row in rows) / total if total else 0.0
