"""Held-out questions of the books, answered and compared with the book's own answers.

Belongs here: asking and chrF. Does not: which questions are held out (``chain/eval.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

from booktune_assets.evaluation.items import Item, ItemScore, Replies, samples_of
from booktune_assets.evaluation.likeness import likeness
from booktune_assets.evaluation.suite import Given, card

__all__ = ["HeldoutAnswers"]


class HeldoutAnswers:
    """How much an answer shares with the book's own, by character n-grams."""

    def __init__(self) -> None:
        self.card = card("heldout_answers")

    def items(self, given: Given) -> list[Item]:
        """One for each question, answered by the likeliest token each time."""
        new = given.evaluation.new_tokens
        return [
            Item(name, "answer", question, answer, given.sources.get(name, ""), new_tokens=new)
            for name, question, answer in given.questions[: given.evaluation.answers]
        ]

    def skipped(self) -> str:
        """Nothing is left out."""
        return ""

    def score(self, items: Sequence[Item], replies: Replies) -> list[ItemScore]:
        """chrF of each answer against the book's; chrF++, BLEU and equality beside it."""
        rows: list[ItemScore] = []
        for arm in replies:
            for item in items:
                output, status = samples_of(replies[arm][item.item_id])[0]
                found = {} if output is None else likeness(output, item.reference)
                rows += [
                    ItemScore(
                        self.card.name, one.name, item.item_id, arm, found.get(one.name),
                        prompt=item.text, output=output, reference=item.reference, status=status,
                        cluster=item.cluster, concepts=item.concepts,
                    )
                    for one in self.card.metrics
                ]  # fmt: skip
        return rows
