"""Short answers that a held-out section gives word for word.

Belongs here: choosing and asking, exact match and F1. Does not: making questions
(``short_facts.py``), normalising answers (``evaluation/exact.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

from booktune_assets.evaluation.exact import equal, said, token_f1
from booktune_assets.evaluation.items import Item, ItemScore, Replies, samples_of
from booktune_assets.evaluation.suite import Card, Given, card
from booktune_assets.evaluation.suites.short_facts import KINDS, Fact, facts
from booktune_assets.ids import stable_int

__all__ = ["ShortAnswers"]

NEW_TOKENS = 32  # room for the longest right answer and a few words around it


class ShortAnswers:
    """Terms, functions, arities, values, exceptions."""

    def __init__(self) -> None:
        self.card: Card = card("short_answers")
        self._skipped = ""

    def items(self, given: Given) -> list[Item]:
        """Kinds in turn, each in an order that nobody picked; those of a section stand together."""
        wanted = given.evaluation.short_answers
        if wanted == 0:
            self._skipped = "no short answers were asked for"
            return []
        found, leaked = facts(given)
        if leaked:
            self._skipped = f"{leaked} left out: a text that was trained on answers them"
        elif not found:
            self._skipped = "no held-out section gives a short answer"
        new = min(given.evaluation.new_tokens, NEW_TOKENS)
        return [
            Item(
                one.fact_id, "answer", one.question, one.golds[0], cluster=one.section_id,
                new_tokens=new, concepts=one.concepts,
                about={"golds": one.golds, "code": one.code, "kind": one.kind},
            )
            for one in _turns(found)[:wanted]
        ]  # fmt: skip

    def skipped(self) -> str:
        """Why there are no items, or fewer."""
        return self._skipped

    def score(self, items: Sequence[Item], replies: Replies) -> list[ItemScore]:
        """Both metrics of each answer. Nothing said is wrong, and counts."""
        rows: list[ItemScore] = []
        for arm in replies:
            for item in items:
                output, status = samples_of(replies[arm][item.item_id])[0]
                figures: dict[str, float | None] = {"exact": None, "f1": None}
                if output is not None:
                    golds, code = item.about["golds"], bool(item.about["code"])
                    answer = said(output, code=code)
                    right = equal(answer, golds, code=code)
                    share = token_f1(answer, golds, code=code)
                    figures = {"exact": 100.0 * right, "f1": 100.0 * share}
                    status = "ok" if right else "wrong" if status == "ok" else status
                rows += [
                    ItemScore(
                        self.card.name, one.name, item.item_id, arm, figures[one.name],
                        prompt=item.text, output=output, reference=item.reference, status=status,
                        cluster=item.cluster, concepts=item.concepts,
                    )
                    for one in self.card.metrics
                ]  # fmt: skip
        return rows


def _turns(found: Sequence[Fact]) -> list[Fact]:
    """One kind after the other, so that few items are of all kinds."""
    queues = {kind: [one for one in found if one.kind == kind] for kind in KINDS}
    for queue in queues.values():
        queue.sort(key=lambda one: stable_int(one.fact_id))
    most = max(map(len, queues.values()), default=0)
    return [queue[turn] for turn in range(most) for queue in queues.values() if turn < len(queue)]
