"""How far the tuned model is from the base on new prompts.

Belongs here: prompts of our own and what their figures mean. Does not: the figure
(``evaluation/drift.py``).

Every prompt gives two items in one cluster: what the base is likeliest to write, and what it draws
at temperature 1. The second is an unbiased figure of KL(base‖tuned) over whole continuations.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from booktune_assets.evaluation.items import Item, ItemScore, Replies, error_of
from booktune_assets.evaluation.suite import Given, card
from booktune_assets.settings import PROJECT

__all__ = ["Drift", "prompts"]

FILE = PROJECT / "data" / "evals" / "retention" / "prompts.toml"
KINDS: dict[str, Literal["drift", "drift_answer"]] = {
    "prose": "drift", "code": "drift", "question": "drift_answer",
}  # fmt: skip
WAYS = {"kl": ("drawn", 1.0), "kl_greedy": ("likeliest", 0.0)}  # metric → name, temperature


class Drift:
    """Nats per token between base and tuned."""

    def __init__(self) -> None:
        self.card = card("drift")
        self._skipped = ""

    def items(self, given: Given) -> list[Item]:
        """Two of each prompt, the kinds in turns."""
        wanted = given.evaluation
        if wanted.drift == 0:
            self._skipped = "no new prompts were asked for"
        return [
            Item(
                f"{name}#{way}", KINDS[kind], text, cluster=name, new_tokens=wanted.drift_tokens,
                temperature=heat, about={"kind": kind, "metric": metric},
            )
            for name, kind, text in prompts()[: wanted.drift]
            for metric, (way, heat) in WAYS.items()
        ]  # fmt: skip

    def skipped(self) -> str:
        """Nothing is left out of those that were asked for."""
        return self._skipped

    def score(self, items: Sequence[Item], replies: Replies) -> list[ItemScore]:
        """Nats per token, weighted by tokens; the base's own are 0."""
        rows: list[ItemScore] = []
        for arm in replies:
            for item in items:
                reply: Any = replies[arm][item.item_id]
                value, weight, text, status = None, 1.0, None, "ok"
                if isinstance(reply, list) and reply[1] > 0:
                    value, weight, text = reply[0] / reply[1], float(reply[1]), str(reply[2])
                else:
                    status = error_of(reply)
                rows.append(
                    ItemScore(
                        self.card.name, item.about["metric"], item.item_id, arm, value, weight,
                        prompt=item.text, output=text, status=status, cluster=item.cluster,
                    )
                )  # fmt: skip
        return rows


@cache
def prompts() -> list[tuple[str, str, str]]:
    """(Name, kind, text) of every prompt: one of each kind, then the next of each."""
    raw: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    most = max(len(raw[kind]) for kind in KINDS)
    return [
        (f"{kind}-{number}", kind, raw[kind][number])
        for number in range(most)
        for kind in KINDS
        if number < len(raw[kind])
    ]
