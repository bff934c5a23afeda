"""Multiple choice from the concept graph: which name goes with this definition?

Belongs here: questions from definitions in held-out sections, distractors, right or wrong. Does
not: concepts and definitions (``concepts/``).

The distractors are siblings: concepts of the same kind, at most one level apart, introduced as
near as possible, so that a model cannot tell them apart by subject alone. The model weighs the
names; nothing is written, so no format can be got wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from booktune_assets.evaluation.items import Item, ItemScore, Replies, error_of
from booktune_assets.evaluation.suite import Given, card
from booktune_assets.ids import stable_int

__all__ = ["BookChoice", "chosen", "masked", "siblings"]

OPTIONS = 4
GAP = "____"
_WORDS_MIN = 6  # of a definition besides the gap


class BookChoice:
    """Names of concepts for their masked definitions."""

    def __init__(self) -> None:
        self.card = card("book_choice")
        self._skipped = ""

    def items(self, given: Given) -> list[Item]:
        """One for each defined concept of a held-out section, as many as the settings allow."""
        found: dict[str, Item] = {}  # a concept that two books define is asked once
        for concept in sorted(given.concepts, key=lambda one: str(one["concept_id"])):
            text = masked(concept)
            others = siblings(concept, given.concepts)
            if not concept["heldout"] or text is None or len(others) < OPTIONS - 1:
                continue
            names = [str(concept["label"]), *(str(one["label"]) for one in others[: OPTIONS - 1])]
            names.sort(key=lambda name, key=concept["concept_id"]: stable_int(f"{key}:{name}"))
            found.setdefault(
                str(concept["concept_id"]),
                Item(
                    str(concept["concept_id"]), "choice",
                    f"What belongs in the gap?\n\n{text}", str(concept["label"]),
                    options=tuple(names), concepts=(str(concept["label"]),),
                    cluster=str(concept.get("introduced_in") or ""),
                ),
            )  # fmt: skip
        wanted = given.evaluation.choices
        if not found:
            self._skipped = "no held-out section defines a concept that has siblings"
        return list(found.values())[:wanted]

    def skipped(self) -> str:
        """Why there are no items."""
        return self._skipped

    def score(self, items: Sequence[Item], replies: Replies) -> list[ItemScore]:
        """100 where the right name surprises least, by nats per byte."""
        rows: list[ItemScore] = []
        for arm in replies:
            for item in items:
                reply = replies[arm][item.item_id]
                picked = chosen(reply)
                name = None if picked is None else item.options[picked]
                score = None if name is None else 100.0 * (name == item.reference)
                status = error_of(reply) if name is None else "ok" if score else "wrong"
                rows.append(
                    ItemScore(
                        self.card.name, self.card.main.name, item.item_id, arm, score,
                        prompt=f"{item.text}\n\n{' · '.join(item.options)}", output=name,
                        reference=item.reference, status=status, concepts=item.concepts,
                        cluster=item.cluster,
                    )
                )  # fmt: skip
        return rows


def chosen(reply: object) -> int | None:
    """The option with the least nats per byte; None when any is missing or not finite."""
    if not isinstance(reply, list) or not reply:
        return None
    costs = [float(nats) / max(1.0, float(size)) for nats, _, size in reply]
    if not all(math.isfinite(cost) for cost in costs):
        return None
    return min(range(len(costs)), key=lambda number: (costs[number], number))


def siblings(
    concept: Mapping[str, Any], concepts: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Concepts that could be meant as well, the nearest first; none that the definition names."""
    told = str(concept["definition"] or "").lower()
    names = {str(one).lower() for one in (concept["label"], *concept["aliases"])}
    fit = [
        one
        for one in concepts
        if one["kind"] == concept["kind"]
        and abs(one["level"] - concept["level"]) <= 1
        and str(one["label"]).lower() not in names
        and not _names(told, str(one["label"]))
    ]
    own = concept["order"]
    ranked = sorted(fit, key=lambda one: (abs(one["order"] - own), str(one["concept_id"])))
    once = {str(one["label"]).lower(): one for one in reversed(ranked)}
    return sorted(once.values(), key=lambda one: (abs(one["order"] - own), str(one["concept_id"])))


def masked(concept: Mapping[str, Any]) -> str | None:
    """The definition with its name as a gap; None when it does not name it, or says little else."""
    text = str(concept["definition"] or "")
    wordings = sorted((concept["label"], *concept["aliases"]), key=len, reverse=True)
    for words in wordings:
        text = re.sub(rf"(?i)(?<!\w){re.escape(str(words))}(?:e?s)?(?!\w)", GAP, text)
    if GAP not in text or len(text.replace(GAP, "").split()) < _WORDS_MIN:
        return None
    return text


def _names(text: str, label: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(label.lower())}(?!\w)", text) is not None
