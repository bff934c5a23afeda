"""Programs written to a statement, run against tests in the sandbox.

Belongs here: our own problems as items, verdicts as scores. Does not: running (``beam/``), which
problems may count and pass@k (``passk.py``), what is said of programs beside (``beside.py``), files
of other benchmarks (``files.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

from booktune_assets.beam import runner
from booktune_assets.beam.problems import Problem, load_problems
from booktune_assets.evaluation.items import Item, ItemScore, Replies, samples_of
from booktune_assets.evaluation.passk import countable
from booktune_assets.evaluation.suite import Card, Given, card
from booktune_assets.evaluation.suites.beside import Layouts, Written, beside
from booktune_assets.evaluation.suites.programs import Ran, judge, run_all
from booktune_assets.ids import stable_int

__all__ = ["CODE_ONLY", "Problems", "choose"]

CODE_ONLY = "Answer with the code of the module only."
PROGRAM_SHARE = 2  # a program may be this many times as long as an answer


def choose(problems: Sequence[Problem], count: int) -> list[Problem]:
    """``count`` problems: the short set, then the easy ones; among equals an order nobody picked.

    A problem without a statement (one that was imported for its tests) cannot be asked.
    """
    asked = [one for one in problems if one.prompt.strip()]
    return sorted(asked, key=lambda one: (not one.short, one.difficulty, stable_int(one.id)))[
        :count
    ]


class Problems:
    """Our own programming problems."""

    def __init__(self, name: str = "problems") -> None:
        self.card: Card = card(name)
        self._reason = ""
        self._problems: dict[str, Problem] = {}

    def items(self, given: Given) -> list[Item]:
        """The problems that can be judged here."""
        if given.problems is None or given.evaluation.problems == 0:
            self._reason = "no problems were asked for"
            return []
        chosen = choose(load_problems(given.problems), given.evaluation.problems)
        lacking = {one: runner.missing(one) for one in {two.language for two in chosen}}
        usable = [problem for problem in chosen if lacking[problem.language] is None]
        reasons = sorted({str(reason) for reason in lacking.values() if reason is not None})
        proof = countable(usable)
        reasons += [f"{name} does not count: {one.reason}" for name, one in proof.items()
                    if one.reason]  # fmt: skip
        self._reason = "; ".join(reasons)
        self._problems = {one.id: one for one in usable if proof[one.id].counted}
        wanted = given.evaluation
        new, heat = wanted.new_tokens * PROGRAM_SHARE, wanted.temperature
        return [
            Item(
                one.id, "answer", f"{one.prompt}\n{CODE_ONLY}", one.reference, new_tokens=new,
                judge=judge(one),
                samples=wanted.samples if heat else 1, temperature=heat, concepts=one.concepts,
            )
            for one in self._problems.values()
        ]  # fmt: skip

    def skipped(self) -> str:
        """What is missing here, and which problems prove nothing."""
        return self._reason

    def score(self, items: Sequence[Item], replies: Replies) -> list[ItemScore]:
        """0 or 100 for each program; one that both arms wrote alike is run once.

        A fault of the harness gives no score, so it counts for neither side.
        """
        written = {
            (arm, item.item_id, number): (self._problems[item.item_id], text or "")
            for arm in replies
            for item in items
            for number, (text, _) in enumerate(samples_of(replies[arm][item.item_id]))
        }
        ran = run_all(written)
        layouts = Layouts([
            (problem.language, code)
            for key, (problem, _) in written.items() for code in (ran[key].code, problem.reference)
        ])  # fmt: skip
        rows: list[ItemScore] = []
        for arm in replies:
            for item in items:
                own = [one for key, one in ran.items() if key[:2] == (arm, item.item_id)]
                rows += self._rows(arm, item, replies[arm][item.item_id], own, layouts)
        return rows

    def _rows(
        self, arm: str, item: Item, reply: object, ran: Sequence[Ran], layouts: Layouts
    ) -> list[ItemScore]:
        """Share of the samples that pass, in points; samples that met a fault of ours are none."""
        samples = samples_of(reply)
        asked = [one for one, (text, _) in zip(ran, samples, strict=True) if text is not None]
        counted = [one for one in asked if one.score is not None]
        passed = sum(one.status == "pass" for one in counted)
        text, status = samples[0]
        if text is not None and (status == "ok" or ran[0].said != "no_code"):
            status = ran[0].said

        def row(
            metric: str, score: float | None, said: str, n: int = 1, passes: int | None = None
        ) -> ItemScore:
            return ItemScore(
                self.card.name, metric, item.item_id, arm, score, prompt=item.text, output=text,
                reference=item.reference, status=said, cluster=item.cluster,
                concepts=item.concepts, samples=n, passed=passes,
            )  # fmt: skip

        share = 100.0 * passed / len(counted) if counted else None
        written = [Written(one.code, None if one.score is None else one.score > 0) for one in asked]
        language = self._problems[item.item_id].language
        return [
            row(self.card.main.name, share, status, len(counted), passed),
            *beside(row, language, item.reference, written, layouts),
        ]
