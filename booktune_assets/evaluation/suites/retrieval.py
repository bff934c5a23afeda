"""Adapter on or off, passages given or not: what does each bring, and do they add up?

Belongs here: each held-out question asked bare and with passages. Does not: finding passages
(``concepts/retrieval.py``).

The question is that of DocPrompting (Zhou et al., ICLR 2023): a model may be taught, or shown.
Both arms are asked both ways, so the table has four cells; the third metric is what passages bring
to each arm, question by question.
"""

from __future__ import annotations

from collections.abc import Sequence

from booktune_assets.evaluation.items import Item, ItemScore, Replies, samples_of
from booktune_assets.evaluation.suite import Card, Given, card

__all__ = ["Retrieval"]

BARE, SHOWN = "bare", "shown"


class Retrieval:
    """chrF of held-out answers with and without passages of the books."""

    def __init__(self) -> None:
        self.card: Card = card("retrieval")
        self._skipped = ""

    def items(self, given: Given) -> list[Item]:
        """Two for each question that has passages."""
        found: list[Item] = []
        new = given.evaluation.new_tokens
        for name, question, answer in given.questions[: given.evaluation.retrieval]:
            if passages := given.passages.get(name):
                for way, text in ((BARE, question), (SHOWN, f"{passages}\n\n{question}")):
                    found.append(
                        Item(f"{name}#{way}", "answer", text, answer,
                             given.sources.get(name, ""), new_tokens=new, group=name)
                    )  # fmt: skip
        if not found:
            self._skipped = "no held-out question has passages"
        return found

    def skipped(self) -> str:
        """Why there are no items."""
        return self._skipped

    def score(self, items: Sequence[Item], replies: Replies) -> list[ItemScore]:
        """chrF bare, chrF with passages, and the difference, under the question's own id."""
        from sacrebleu.metrics.chrf import CHRF

        chrf = CHRF()
        rows: list[ItemScore] = []
        sources = {item.item_id.partition("#")[0]: item.cluster for item in items}
        for arm in replies:
            scores: dict[str, dict[str, float | None]] = {}
            for item in items:
                name, _, way = item.item_id.partition("#")
                output, status = samples_of(replies[arm][item.item_id])[0]
                value = None
                if output is not None:
                    value = chrf.sentence_score(output, [item.reference]).score
                scores.setdefault(name, {})[way] = value
                rows.append(
                    ItemScore(
                        self.card.name, f"chrf_{way}", name, arm, value, prompt=item.text,
                        output=output, reference=item.reference, status=status,
                        cluster=item.cluster,
                    )
                )  # fmt: skip
            for name, ways in scores.items():
                bare, shown = ways.get(BARE), ways.get(SHOWN)
                gain = None if bare is None or shown is None else shown - bare
                rows.append(
                    ItemScore(self.card.name, "chrf_gain", name, arm, gain, cluster=sources[name],
                              status="ok" if gain is not None else "no_answer")
                )  # fmt: skip
        return rows
