"""Programs written to a statement, run against tests in the sandbox.

Belongs here: our own problems as items, verdicts as scores. Does not: running (``beam/``), which
problems may count and pass@k (``passk.py``), files of other benchmarks (``beam/adapters.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from booktune_assets.beam import runner
from booktune_assets.beam.extract_code import extract_code
from booktune_assets.beam.problems import Problem, load_problems
from booktune_assets.evaluation.items import Item, ItemScore, Replies, samples_of
from booktune_assets.evaluation.passk import countable
from booktune_assets.evaluation.suite import Card, Given, card
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
            (arm, item.item_id, number): (text, status)
            for arm in replies
            for item in items
            for number, (text, status) in enumerate(samples_of(replies[arm][item.item_id]))
        }
        verdicts = self._verdicts({key: text or "" for key, (text, _) in written.items()})
        return [
            self._row(arm, item, [
                (text, status, verdicts.get(key))
                for key, (text, status) in written.items() if key[:2] == (arm, item.item_id)
            ])
            for arm in replies
            for item in items
        ]  # fmt: skip

    def _verdicts(
        self, texts: Mapping[tuple[str, str, int], str]
    ) -> dict[tuple[str, str, int], str]:
        """Verdict of each text that holds code; ``no_code`` for the others."""
        wanted: dict[tuple[str, str], tuple[Problem, str]] = {}
        codes: dict[tuple[str, str, int], str] = {}
        for key, text in texts.items():
            problem = self._problems[key[1]]
            codes[key] = extract_code(text, problem.language)
            if codes[key].strip():
                wanted[problem.id, codes[key]] = (problem, codes[key])
        judged = dict(zip(wanted, runner.judge_many(list(wanted.values())), strict=True))
        return {
            key: judged[key[1], code].status if code.strip() else "no_code"
            for key, code in codes.items()
        }

    def _row(
        self, arm: str, item: Item, samples: Sequence[tuple[str | None, str, str | None]]
    ) -> ItemScore:
        """Share of the samples that pass, in points; samples that met a fault of ours are none."""
        counted = [verdict for text, _, verdict in samples
                   if text is not None and verdict != "harness_error"]  # fmt: skip
        passed = sum(verdict == "pass" for verdict in counted)
        text, status, verdict = samples[0]
        if text is not None and verdict is not None and (status == "ok" or verdict != "no_code"):
            status = "ok" if verdict == "pass" else verdict
        return ItemScore(
            self.card.name, self.card.main.name, item.item_id, arm,
            100.0 * passed / len(counted) if counted else None,
            prompt=item.text, output=text, reference=item.reference, status=status,
            cluster=item.cluster, concepts=item.concepts, samples=len(counted), passed=passed,
        )  # fmt: skip
