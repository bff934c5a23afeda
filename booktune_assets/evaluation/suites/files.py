"""Problems of the user's files, in chat and as completions.

Belongs here: items of both protocols, broken items as rows, verdicts as scores. Does not: formats
(``beam/adapters*.py``), what a completion begins with (``beam/completions.py``), running.

Nothing is dropped: an item that cannot be asked has a row for each arm and metric, without a score
and with a status, and the verdict's words count it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from booktune_assets.beam.adapters import format_of, import_problems
from booktune_assets.beam.completions import Begun, begun_of, continued
from booktune_assets.beam.extract_code import extract_code
from booktune_assets.beam.problems import Problem
from booktune_assets.evaluation.items import Item, ItemScore, Replies, samples_of
from booktune_assets.evaluation.suite import Given, card
from booktune_assets.evaluation.suites.beside import Layouts, Written, beside
from booktune_assets.evaluation.suites.problems import CODE_ONLY, PROGRAM_SHARE
from booktune_assets.evaluation.suites.programs import judge, lacking, statuses

__all__ = ["OwnFiles"]

CHAT, COMPLETION = "chat", "completion"
_METRIC = {CHAT: "pass@1", COMPLETION: "pass@1_completion"}
_NAMED = 5  # broken items that the reason names


class OwnFiles:
    """MultiPL-E-style, McEval-style and Exercism-style files, and our own form."""

    def __init__(self) -> None:
        self.card = card("own_files")
        self._problems: dict[str, Problem] = {}
        self._begun: dict[str, Begun] = {}
        self._broken: dict[str, str] = {}
        self._lacks: dict[str, str] = {}

    def items(self, given: Given) -> list[Item]:
        """Two for each problem, or one where ``evaluation.protocols`` names it."""
        if not given.files:
            self._lacks = {"": "no problem files were given"}
            return []
        for path in given.files:
            self._take(path)
        problems = list(self._problems.values())
        self._lacks = {one: str(reason) for one, reason in lacking(problems).items()}
        self._problems = {
            name: one for name, one in self._problems.items() if one.language not in self._lacks
        }
        self._check()
        wanted = given.evaluation
        asked = [CHAT, COMPLETION] if wanted.protocols == "both" else [wanted.protocols]
        shared = partial(
            Item, new_tokens=wanted.new_tokens * PROGRAM_SHARE, temperature=wanted.temperature,
            samples=wanted.samples if wanted.temperature else 1,
        )  # fmt: skip
        return [
            shared(
                f"{name}#{how}", "answer" if how == CHAT else "completion",
                f"{one.prompt}\n{CODE_ONLY}" if how == CHAT else self._begun[name].text,
                one.reference, cluster=name, concepts=one.concepts, judge=judge(one),
                stop=() if how == CHAT else self._begun[name].stop,
                about={"problem": name, "how": how},
            )
            for name, one in self._problems.items()
            for how in asked
        ]  # fmt: skip

    def skipped(self) -> str:
        """What is broken or cannot be run here; empty when nothing is, or no file was given."""
        words = sorted(set(self._lacks.values()))
        named = [f"{name}: {why}" for name, why in list(self._broken.items())[:_NAMED]]
        more = len(self._broken) - len(named)
        return "; ".join([*words, *named, *([f"{more} more are broken"] if more else [])])

    def score(self, items: Sequence[Item], replies: Replies) -> list[ItemScore]:
        """Share of the samples that pass, in points; then what is said beside it, of chat."""
        codes = {
            (arm, item.item_id, number): self._code(item, text)
            for arm in replies
            for item in items
            for number, (text, _) in enumerate(samples_of(replies[arm][item.item_id]))
        }
        problem = {item.item_id: self._problems[item.about["problem"]] for item in items}
        known = statuses([(problem[key[1]], code) for key, code in codes.items() if code.strip()])
        layouts = Layouts([
            (problem[key[1]].language, text) for key, code in codes.items()
            for text in (code, problem[key[1]].reference) if problem[key[1]].reference.strip()
        ])  # fmt: skip
        rows: list[ItemScore] = []
        for arm in replies:
            for item in items:
                own = [code for key, code in codes.items() if key[:2] == (arm, item.item_id)]
                said = [known.get((problem[item.item_id], code), "no_code") for code in own]
                rows += self._rows(arm, item, replies[arm][item.item_id], own, said, layouts)
        return [*rows, *self._lost(replies)]

    def _rows(
        self, arm: str, item: Item, reply: object, codes: Sequence[str], said: Sequence[str],
        layouts: Layouts,
    ) -> list[ItemScore]:  # fmt: skip
        samples = samples_of(reply)
        asked = [
            Written(code, None if status == "harness_error" else status == "pass")
            for code, status, (text, _) in zip(codes, said, samples, strict=True)
            if text is not None
        ]
        counted = [one.passed for one in asked if one.passed is not None]
        text, status = samples[0]
        if text is not None and (status == "ok" or said[0] != "no_code"):
            status = "ok" if said[0] == "pass" else said[0]
        row = partial(_row, item, arm, text)
        share = 100.0 * sum(counted) / len(counted) if counted else None
        first = row(_METRIC[item.about["how"]], share, status)
        first = replace(first, samples=len(counted), passed=sum(counted))
        if item.about["how"] != CHAT:
            return [first]
        language = self._problems[item.about["problem"]].language
        return [first, *beside(row, language, item.reference, asked, layouts)]

    def _code(self, item: Item, text: str | None) -> str:
        name = item.about["problem"]
        language = self._problems[name].language
        if item.about["how"] == CHAT:
            return extract_code(text or "", language)
        return continued(self._begun[name], text or "", language)

    def _take(self, path: Path) -> None:
        """Problems of a file. An id that stood in an earlier one is broken."""
        found = import_problems(format_of(path), path)
        self._broken |= found.skipped
        for one in found.problems:
            if one.id in self._problems:
                self._broken[f"{path.name}: {one.id}"] = "it stands in two files"
            elif not one.prompt.strip():
                self._broken[one.id] = "it has no statement"
            else:
                self._problems[one.id] = one
                self._begun[one.id] = found.begun.get(one.id) or begun_of(one)

    def _check(self) -> None:
        """References that do not pass here make broken items."""
        jobs = [(one, one.reference) for one in self._problems.values() if one.reference.strip()]
        for (one, _), status in statuses(jobs).items():
            if status != "pass":
                self._broken[one.id] = f"its reference does not pass: {status}"
                del self._problems[one.id]

    def _lost(self, replies: Mapping[str, object]) -> Iterator[ItemScore]:
        """Rows of what could not be asked."""
        for arm in replies:
            for name, why in self._broken.items():
                for metric in _METRIC.values():
                    yield ItemScore(
                        self.card.name, metric, name, arm, None, output=f"not asked: {why}",
                        status="broken_item", cluster=name, samples=0,
                    )  # fmt: skip


def _row(
    item: Item, arm: str, text: str | None, metric: str, score: float | None, status: str
) -> ItemScore:
    return ItemScore(
        "own_files", metric, item.item_id, arm, score, prompt=item.text, output=text,
        reference=item.reference, status=status, cluster=item.cluster, concepts=item.concepts,
    )  # fmt: skip
