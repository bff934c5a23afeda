"""Concept variation: is a problem solved, or remembered?

Belongs here: variants beside their originals as items, gaps as scores. Does not: making variants
(``surface.py``, ``variants.py``), the verbatim probe (``copied.py``).

Three kinds of variant: the same problem under other names (``surface``), other numbers and names
out of a template (``parametric``), one requirement flipped (``altered``). A gap is what the
original passes minus what its variants pass, paired within the source problem, in points: who
understands a problem passes both, who remembers it passes the original. Of an altered problem it is
also told how often the answer is that to the original (``old_answer``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from booktune_assets.beam.problems import Problem, load_problems
from booktune_assets.evaluation.items import Item, ItemScore, Replies, samples_of
from booktune_assets.evaluation.passk import countable
from booktune_assets.evaluation.suite import NO_ORIGINAL, Given, card
from booktune_assets.evaluation.suites.programs import Ran, judge, lacking, run_all
from booktune_assets.evaluation.suites.surface import surface
from booktune_assets.evaluation.suites.variants import (
    TEMPLATES,
    TWINS,
    instances,
    templates,
    twins,
)
from booktune_assets.ids import stable_int

__all__ = ["KINDS", "Variant", "Variation", "variants_of"]

KINDS = ("surface", "parametric", "altered")
CODE_ONLY = "Answer with the code of the module only."
PROGRAM_SHARE = 2  # a program may be this many times as long as an answer
ORIGINAL = "original"


@dataclass(frozen=True, slots=True)
class Variant:
    """A problem, what it is of its source: a kind of variant, or the original itself."""

    kind: str
    source: str
    problem: Problem


class Variation:
    """Originals and variants, written and run."""

    def __init__(self) -> None:
        self.card = card("variation")
        self._skipped = ""
        self._variants: dict[str, Variant] = {}
        self._originals: dict[str, Problem] = {}

    def items(self, given: Given) -> list[Item]:
        """Variants in turn of kinds, each kind by hash, and the original of each source.

        What does not hold here (a reference fails, no fault is found) is left out and named.
        """
        wanted = given.evaluation
        if given.problems is None or wanted.variation == 0:
            self._skipped = "no variants were asked for"
            return []
        problems = {one.id: one for one in load_problems(given.problems)}
        reasons = lacking(list(problems.values()))
        able = {name: one for name, one in problems.items() if one.language not in reasons}
        found = [one for one in variants_of(problems, given.problems) if one.source in able]
        chosen = _turns(found)[: wanted.variation]
        originals = [Variant(ORIGINAL, name, able[name])
                     for name in dict.fromkeys(one.source for one in chosen)]  # fmt: skip
        proof = countable([one.problem for one in (*originals, *chosen)])
        bad = {name: one.reason for name, one in proof.items() if not one.counted}
        self._originals = {one.source: one.problem for one in originals}
        self._variants = {
            one.problem.id: one for one in (*originals, *chosen)
            if one.problem.id not in bad and one.source not in bad
        }  # fmt: skip
        words = [f"{name} does not count: {why}" for name, why in bad.items()]
        self._skipped = "; ".join([*(str(reasons[one]) for one in sorted(reasons)), *words])
        if not self._variants and not self._skipped:
            self._skipped = "no problem has a variant"
        new, heat = wanted.new_tokens * PROGRAM_SHARE, wanted.temperature
        return [
            Item(
                name, "answer", f"{one.problem.prompt}\n{CODE_ONLY}", one.problem.reference,
                cluster=one.source, group=one.source, judge=judge(one.problem), new_tokens=new,
                samples=wanted.samples if heat else 1,
                temperature=heat, concepts=one.problem.concepts,
                about={"kind": one.kind},
            )
            for name, one in self._variants.items()
        ]  # fmt: skip

    def skipped(self) -> str:
        """What is missing here, and which variants prove nothing."""
        return self._skipped

    def score(self, items: Sequence[Item], replies: Replies) -> list[ItemScore]:
        """Passes of variants, gaps by source, old answers to altered problems."""
        texts = {
            (arm, item.item_id, number): text or ""
            for arm in replies
            for item in items
            for number, (text, _) in enumerate(samples_of(replies[arm][item.item_id]))
        }
        ran = run_all({key: (self._variants[key[1]].problem, one) for key, one in texts.items()})
        old = run_all({
            key: (self._originals[self._variants[key[1]].source], one)
            for key, one in texts.items() if self._variants[key[1]].kind == "altered"
        })  # fmt: skip
        rows: list[ItemScore] = []
        for arm in replies:
            mine: dict[str, ItemScore] = {}
            for item in items:
                reply, kind = replies[arm][item.item_id], item.about["kind"]
                mine[item.item_id] = _passes(arm, item, reply, _of(ran, arm, item))
                if kind == "altered":
                    earlier = _passes(arm, item, reply, _of(old, arm, item))
                    rows.append(_old(mine[item.item_id], earlier))
            rows += [row for name, row in mine.items() if self._variants[name].kind != ORIGINAL]
            rows += self._gaps(arm, items, mine)
        return rows

    def _gaps(
        self, arm: str, items: Sequence[Item], passes: Mapping[str, ItemScore]
    ) -> list[ItemScore]:
        """For each source and kind the original's passes minus the mean of its variants'."""
        groups: dict[tuple[str, str], list[Item]] = defaultdict(list)
        for item in items:
            if item.about["kind"] != ORIGINAL:
                groups[item.cluster, item.about["kind"]].append(item)
        rows: list[ItemScore] = []
        for (source, kind), some in groups.items():
            original = passes[source]
            scores = [passes[item.item_id].score for item in some]
            known = [one for one in scores if one is not None]
            gap = None
            if original.score is not None and known:
                gap = original.score - sum(known) / len(known)
            worst = min(some, key=lambda item: _low(passes[item.item_id].score))
            shown = passes[worst.item_id]
            status = original.status if original.score is None else "ok" if known else shown.status
            if gap is not None and not original.score:
                status = NO_ORIGINAL
            rows.append(ItemScore(
                self.card.name, f"gap_{kind}", source, arm, gap, prompt=shown.prompt,
                output=shown.output, reference=shown.reference, cluster=source, status=status,
                concepts=shown.concepts,
            ))  # fmt: skip
        return rows


def variants_of(problems: Mapping[str, Problem], path: Path) -> list[Variant]:
    """All variants of the problems at ``path``. Twins and templates are those that lie beside it.

    Raises ``BAD_ROW`` for a file of these that is broken.
    """
    found = [
        Variant("surface", name, other)
        for name, problem in problems.items()
        if (other := surface(problem)) is not None
    ]
    for template in templates(path.parent / TEMPLATES.name):
        if template.source in problems:
            found += [Variant("parametric", template.source, one) for one in instances(template)]
    for source, twin in twins(problems, path.parent / TWINS.name):
        found.append(Variant("altered", source, twin))
    return found


def _turns(variants: Sequence[Variant]) -> list[Variant]:
    """One kind after the other; within a kind sources in turn, all by hash."""
    queues: dict[str, list[tuple[int, int, Variant]]] = {kind: [] for kind in KINDS}
    rank: dict[tuple[str, str], int] = defaultdict(int)
    for one in sorted(variants, key=lambda one: stable_int(one.problem.id)):
        key = (one.kind, one.source)
        queues[one.kind].append((rank[key], stable_int(f"{one.kind} {one.source}"), one))
        rank[key] += 1
    ordered = [[one for *_, one in sorted(queues[kind], key=lambda row: row[:2])] for kind in KINDS]
    most = max((len(queue) for queue in ordered), default=0)
    return [queue[turn] for turn in range(most) for queue in ordered if turn < len(queue)]


def _of(ran: Mapping[tuple[str, str, int], Ran], arm: str, item: Item) -> list[Ran]:
    return [one for key, one in ran.items() if key[:2] == (arm, item.item_id)]


def _passes(arm: str, item: Item, reply: object, ran: Sequence[Ran]) -> ItemScore:
    """Share of the samples that pass; a fault of ours is no sample."""
    samples = samples_of(reply)
    scores = [
        one.score
        for one, (text, _) in zip(ran, samples, strict=True)
        if text is not None and one.score is not None
    ]
    text, status = samples[0]
    if text is not None and status == "ok":
        status = ran[0].said
    return ItemScore(
        "variation", "pass@1", item.item_id, arm, sum(scores) / len(scores) if scores else None,
        prompt=item.text, output=text, reference=item.reference, status=status,
        cluster=item.cluster, concepts=item.concepts, samples=len(scores),
        passed=sum(one == 100 for one in scores),
    )  # fmt: skip


def _old(new: ItemScore, earlier: ItemScore) -> ItemScore:
    """100 where what is written passes the original's tests instead of its own."""
    score = None
    if new.score is not None and earlier.score is not None:
        score = max(0.0, earlier.score - new.score)
    return ItemScore(
        new.suite, "old_answer", new.item_id, new.arm, score, prompt=new.prompt,
        output=new.output, reference=new.reference, cluster=new.cluster, concepts=new.concepts,
        status="old_answer" if score else new.status,
    )  # fmt: skip


def _low(score: float | None) -> float:
    return 200.0 if score is None else score
