"""OTP: problems with a topic, each as up to four tasks.

Belongs here: which tasks there are, how they are scored. Does not: the texts that they show
(``otp_tasks.py``), running (``programs.py``), patterns and idioms (``beam/``).

Execution first: programs that are written or mended are run against tests that kill children and
look at what comes back. Patterns and idiom are read off the syntax trees of those that pass. The
tasks of one problem are one cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from booktune_assets.beam.idioms import idiom_score
from booktune_assets.beam.patterns import find_patterns
from booktune_assets.beam.problems import Problem, load_problems
from booktune_assets.errors import BooktuneError
from booktune_assets.evaluation.items import Item, ItemScore, Replies, error_of, samples_of
from booktune_assets.evaluation.suite import Given, card
from booktune_assets.evaluation.suites.choice import chosen
from booktune_assets.evaluation.suites.otp_tasks import Task, labels_in, spread, tasks_of
from booktune_assets.evaluation.suites.programs import (
    NO_PROOF,
    Ran,
    judge,
    lacking,
    run_all,
    statuses,
)

__all__ = ["Otp", "f1"]

WRITTEN = ("implement", "repair")
PROGRAM_SHARE = 2  # a program may be this many times as long as an answer


class Otp:
    """Tasks about processes and behaviours."""

    def __init__(self) -> None:
        self.card = card("otp")
        self._skipped = ""
        self._tasks: dict[str, Task] = {}

    def items(self, given: Given) -> list[Item]:
        """The tasks whose programs behave here as they are said to."""
        wanted = given.evaluation
        if given.problems is None or wanted.otp == 0:
            self._skipped = "no OTP tasks were asked for"
            return []
        problems = [one for one in load_problems(given.problems) if one.topic and one.prompt]
        reasons = lacking(problems)
        tasks = spread([
            task for problem in problems if problem.language not in reasons
            for task in tasks_of(problem)
        ])[: wanted.otp]  # fmt: skip
        faults = _faults(tasks)
        self._tasks = {one.item_id: one for one in tasks if one.item_id not in faults}
        self._skipped = _reason(problems, reasons, faults)
        new, heat = wanted.new_tokens * PROGRAM_SHARE, wanted.temperature
        return [
            Item(
                one.item_id, "choice" if one.options else "answer", one.text, one.reference,
                cluster=one.problem.id, options=one.options,
                new_tokens=0 if one.options else new if one.kind in WRITTEN else wanted.new_tokens,
                samples=wanted.samples if heat and one.kind in WRITTEN else 1,
                temperature=heat if one.kind in WRITTEN else 0.0,
                judge=judge(one.problem) if one.kind in WRITTEN else "",
                concepts=one.problem.concepts, about={"kind": one.kind, "topic": one.problem.topic},
            )
            for one in self._tasks.values()
        ]  # fmt: skip

    def skipped(self) -> str:
        """What is missing here, and which tasks prove nothing."""
        return self._skipped

    def score(self, items: Sequence[Item], replies: Replies) -> list[ItemScore]:
        """Rows of all metrics that a task has; empty and looping answers count as wrong."""
        written = {
            (arm, item.item_id, number): (self._tasks[item.item_id].problem, text or "")
            for arm in replies
            for item in items
            if item.about["kind"] in WRITTEN
            for number, (text, _) in enumerate(samples_of(replies[arm][item.item_id]))
        }
        ran = run_all(written)
        rows: list[ItemScore] = []
        for arm in replies:
            for item in items:
                reply, kind = replies[arm][item.item_id], item.about["kind"]
                if kind in WRITTEN:
                    mine = [one for key, one in ran.items() if key[:2] == (arm, item.item_id)]
                    rows += self._programs(arm, item, reply, mine)
                elif kind == "identify":
                    rows.append(self._labels(arm, item, reply))
                else:
                    rows.append(self._choice(arm, item, reply))
        return rows

    def _programs(
        self, arm: str, item: Item, reply: object, ran: Sequence[Ran]
    ) -> list[ItemScore]:  # fmt: skip
        """Passes; of programs that are written whole also patterns and idiom."""
        samples = samples_of(reply)
        pairs = [
            (one, text)
            for one, (text, _) in zip(ran, samples, strict=True)
            if text is not None and one.score is not None
        ]
        good = [one.code for one, _ in pairs if one.status == "pass"]
        text, status = samples[0]
        if text is not None and status == "ok":
            status = ran[0].said
        share = 100.0 * len(good) / len(pairs) if pairs else None
        rows = [self._row("pass@1", arm, item, share, text, status, len(pairs), len(good))]
        if item.about["kind"] != "implement":
            return rows
        problem = self._tasks[item.item_id].problem
        shown = [_shows(code, problem) for code in good]
        idiom = [idiom_score(code, problem.language).score for code in good]
        with_all = 100.0 * sum(shown) / len(pairs) if pairs else None
        style = 100.0 * sum(idiom) / len(good) if good else None
        said = status if not status.startswith("ok") or all(shown) else "other_pattern"
        rows.append(self._row("in_pattern", arm, item, with_all, text, said))
        unscored = "ok" if good else "not_passed"
        return [*rows, self._row("idiom", arm, item, style, text, unscored)]

    def _labels(self, arm: str, item: Item, reply: object) -> ItemScore:
        """F1 over labels; 0 for an answer that names none."""
        text, status = samples_of(reply)[0]
        if text is None:
            return self._row("pattern_f1", arm, item, None, None, status)
        said = labels_in(text)
        score = 100.0 * f1(set(item.reference.split(", ")), said)
        if status == "ok":
            status = "no_labels" if not said else "ok" if score == 100 else "wrong"
        return self._row("pattern_f1", arm, item, score, text, status)

    def _choice(self, arm: str, item: Item, reply: object) -> ItemScore:
        picked = chosen(reply)
        if picked is None:
            return self._row("choose", arm, item, None, None, error_of(reply))
        name = item.options[picked]
        right = name == item.reference
        return self._row("choose", arm, item, 100.0 * right, name, "ok" if right else "wrong")

    def _row(
        self, metric: str, arm: str, item: Item, score: float | None, output: str | None,
        status: str, samples: int = 1, passed: int | None = None,
    ) -> ItemScore:  # fmt: skip
        return ItemScore(
            self.card.name, metric, item.item_id, arm, score, prompt=item.text, output=output,
            reference=item.reference, status=status, cluster=item.cluster,
            concepts=item.concepts, samples=samples, passed=passed,
        )  # fmt: skip


def f1(wanted: set[str], said: set[str]) -> float:
    """Harmonic mean of precision and recall; 0 where nothing is shared."""
    shared = len(wanted & said)
    return 2 * shared / (len(wanted) + len(said)) if shared else 0.0


def _shows(code: str, problem: Problem) -> bool:
    """Does it show every pattern without which the statement is not met as OTP has it?"""
    shown = {one.name for one in find_patterns(code, problem.language)}
    return set(problem.patterns) <= shown


def _faults(tasks: Sequence[Task]) -> dict[str, str]:
    """Tasks whose right program does not pass here, or one of whose wrong ones does not fail."""
    ran = statuses([
        (task.problem, code) for task in tasks for code in (*task.right, *task.wrong)
    ])  # fmt: skip
    found: dict[str, str] = {}
    for task in tasks:
        for code in task.right:
            if (status := ran[task.problem, code]) != "pass":
                found[task.item_id] = f"its reference does not pass: {status}"
        if any(ran[task.problem, code] in NO_PROOF for code in task.wrong):
            found.setdefault(task.item_id, "a fault of its is not found")
    return found


def _reason(
    problems: Sequence[Problem], lacks: Mapping[str, BooktuneError], faults: Mapping[str, str]
) -> str:
    if not problems:
        return "no problem has a topic"
    reasons = [str(lacks[language]) for language in sorted(lacks)]
    return "; ".join([*reasons, *(f"{name} does not count: {why}" for name, why in faults.items())])
