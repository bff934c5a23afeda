"""A suite of sentences with known verdicts that every judge has to pass before it may gate.

Belongs here: the canaries of ``data/evals/canaries``, running them, what a judge's accuracy comes
to. Does not: judging (``judges.py``).

The calls go through the same cache as all others, so a judge (model and prompt) is examined once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import stable_int
from booktune_assets.llm.request import Reply, Request
from booktune_assets.pairs.judges import JUDGE_VERSION, Judged, judged
from booktune_assets.pairs.recipes.base import Block, Passage, Teaching
from booktune_assets.pairs.recipes.steps import Steps, together

__all__ = ["CANARIES", "KINDS", "NEEDED", "Canary", "Examined", "examine", "load_canaries"]

CANARIES = Path(__file__).resolve().parents[2] / "data" / "evals" / "canaries"
KINDS = ("supported", "unsupported", "contradicted", "over_specified", "fabricated_api")
NEEDED = 0.95
_AT_ONCE = 12  # canaries asked abreast: a judge that fails early costs no more than it has to


@dataclass(frozen=True, slots=True)
class Canary:
    """A sentence over evidence; it is supported, or not in the way that ``kind`` says."""

    name: str
    language: str
    kind: str
    evidence: tuple[tuple[str, str], ...]  # (kind of block, text)
    sentence: str

    @property
    def supported(self) -> bool:
        """The right verdict."""
        return self.kind == "supported"

    @property
    def passage(self) -> Passage:
        """The evidence as a judge gets it."""
        blocks = [
            Block(f"B{number}", f"{self.name}-{number}", kind, self._lang(kind), text, 0, len(text))
            for number, (kind, text) in enumerate(self.evidence, start=1)
        ]
        return Passage(self.name, self.name, (), self.language, blocks)

    def _lang(self, kind: str) -> str:
        return self.language.lower() if kind == "code" else ""


@dataclass(slots=True)
class Examined:
    """How a judge did. ``total`` is the size of the suite, ``asked`` how far it was taken.

    ``stopped``: empty, ``wrong`` (too many mistakes to reach the mark) or ``budget``.
    """

    judge: str
    total: int
    right: int = 0
    asked: int = 0
    stopped: str = ""
    wrong: dict[str, str] = field(default_factory=dict[str, str])  # canary -> its kind
    calls: int = 0
    cached: int = 0

    @property
    def may_gate(self) -> bool:
        """Did it get at least 95 % of all canaries right?"""
        return not self.stopped and self.total > 0 and self.right >= NEEDED * self.total

    @property
    def asked_no_more(self) -> bool:
        """It may not gate, or nobody knows: its verdicts would cost calls and decide nothing."""
        return bool(self.stopped) or (0 < self.total == self.asked and not self.may_gate)

    @property
    def words(self) -> str:
        """One sentence for people."""
        told = f"judge {self.judge} ({JUDGE_VERSION}): {self.right} of {self.asked} canaries right"
        if self.stopped:
            told += f", stopped at {self.asked} of {self.total} ({self.stopped})"
        if self.stopped == "budget":
            return f"{told}; the budget does not reach, so nobody judges and nothing is gated"
        end = "it gates" if self.may_gate else "it may not gate and is asked no more"
        return f"{told}; {end}"


def load_canaries(folder: Path = CANARIES) -> list[Canary]:
    """All canaries of a folder, in an order by hash that mixes kinds and languages."""
    found: list[Canary] = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            if line.strip():
                found.append(_canary(path, number, line))
    if not found:
        raise BookError(Code.FILE_MISSING, "The canaries belong to the repository", folder=folder)
    return sorted(found, key=lambda one: stable_int(one.name))


def examine(
    ask: Callable[[Sequence[Request]], Iterable[tuple[Request, Reply]]], teaching: Teaching,
    judge: str, canaries: Sequence[Canary] | None = None, *, early: bool = True,
) -> Examined:  # fmt: skip
    """Run the suite. With ``early`` it ends when the mark cannot be reached any more."""
    suite = load_canaries() if canaries is None else list(canaries)
    found = Examined(judge, len(suite))
    allowed = len(suite) - -(-len(suite) * NEEDED // 1)  # 95 % rounded up to whole canaries
    for start in range(0, len(suite), _AT_ONCE):
        part = suite[start : start + _AT_ONCE]
        steps = [judged(one.passage, [one.sentence], teaching) for one in part]
        answers = _to_the_end(together(steps), ask, found)
        if answers is None:
            found.stopped = "budget"
            return found
        for one, (verdict,) in zip(part, answers, strict=True):
            found.asked += 1
            if verdict.supported == one.supported:
                found.right += 1
            else:
                found.wrong[one.name] = one.kind
        if early and len(found.wrong) > allowed and found.asked < len(suite):
            found.stopped = "wrong"
            return found
    return found


def _to_the_end(
    steps: Steps[list[list[Judged]]],
    ask: Callable[[Sequence[Request]], Iterable[tuple[Request, Reply]]],
    found: Examined,
) -> list[list[Judged]] | None:
    """The result of some steps; None when the budget does not reach."""
    try:
        asked = next(steps)
        while True:
            numbered = [replace(request, tag=place) for place, request in enumerate(asked)]
            replies = {request.tag: reply for request, reply in ask(numbered)}
            told = [reply for reply in replies.values() if reply.finish != "budget"]
            found.calls += sum(not reply.cached for reply in told)
            found.cached += sum(reply.cached for reply in told)
            if len(told) < len(asked):
                return None
            asked = steps.send([replies[place] for place in range(len(asked))])
    except StopIteration as end:
        return end.value


def by_kind(canaries: Sequence[Canary]) -> Counter[str]:
    """How many there are of each kind."""
    return Counter(one.kind for one in canaries)


def _canary(path: Path, number: int, line: str) -> Canary:
    try:
        row = json.loads(line)
        evidence = tuple((str(kind), str(text)) for kind, text in row["evidence"])
        one = Canary(row["id"], row["language"], row["kind"], evidence, row["sentence"])
    except (ValueError, KeyError, TypeError) as problem:
        raise BookError(
            Code.BAD_ROW, f"Mend the line: {problem!r}", file=path, line=number
        ) from problem
    if one.kind not in KINDS or not one.evidence or not one.sentence:
        raise BookError(Code.BAD_ROW, f"kind is one of {', '.join(KINDS)}", file=path, line=number)
    return one
