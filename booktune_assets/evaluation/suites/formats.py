"""Requests for an answer of a given form: is it kept?

Belongs here: requests out of rules and subjects, what counts. Does not: the checks
(``evaluation/format_rules.py``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from booktune_assets.evaluation.format_rules import follows, follows_loosely
from booktune_assets.evaluation.items import Item, ItemScore, Replies, samples_of
from booktune_assets.evaluation.suite import Given, card
from booktune_assets.ids import stable_int
from booktune_assets.settings import PROJECT

__all__ = ["Asked", "Formats", "asked_for"]

FILE = PROJECT / "data" / "evals" / "retention" / "formats.toml"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request and the rule that its answer has to keep."""

    name: str
    kind: str
    text: str
    values: Mapping[str, Any]


class Formats:
    """Share of answers that keep the rule, strictly and loosely read."""

    def __init__(self) -> None:
        self.card = card("formats")
        self._asked: dict[str, Asked] = {}
        self._skipped = ""

    def items(self, given: Given) -> list[Item]:
        """Requests in an order by hash; those of one kind of rule are one cluster."""
        wanted = given.evaluation
        self._skipped = "" if wanted.formats else "no formats were asked for"
        self._asked = {one.name: one for one in asked_for()[: wanted.formats]}
        return [
            Item(
                one.name, "answer", one.text, cluster=one.kind, new_tokens=wanted.new_tokens,
                about={"kind": one.kind},
            )
            for one in self._asked.values()
        ]  # fmt: skip

    def skipped(self) -> str:
        """Nothing is left out of those that were asked for."""
        return self._skipped

    def score(self, items: Sequence[Item], replies: Replies) -> list[ItemScore]:
        """Two rows for each answer. One that is empty or loops keeps no rule."""
        rows: list[ItemScore] = []
        for arm in replies:
            for item in items:
                asked = self._asked[item.item_id]
                text, status = samples_of(replies[arm][item.item_id])[0]
                for metric, check in (("strict", follows), ("loose", follows_loosely)):
                    good = status == "ok" and check(asked.kind, text or "", asked.values)
                    said = status if good or status != "ok" else "broken_rule"
                    rows.append(
                        ItemScore(
                            self.card.name, metric, item.item_id, arm,
                            None if text is None else 100.0 * good, prompt=item.text,
                            output=text, status=said, cluster=item.cluster,
                        )
                    )  # fmt: skip
        return rows


@cache
def asked_for() -> list[Asked]:
    """Every rule once, then again with other values, ordered by hash: no order that anybody picked,
    and few of them are of many kinds."""
    raw: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    found: list[Asked] = []
    taken = 0
    for rule in raw["rule"]:
        for number, values in enumerate(rule["values"]):
            if "asks" in rule:
                about = rule["asks"][number]
            else:
                about = raw["subjects"][taken % len(raw["subjects"])]
                taken += 1
            says = rule["says"].format(**{key: _said(value) for key, value in values.items()})
            name = f"{rule['kind']}-{number}"
            found.append(Asked(name, rule["kind"], f"{about}\n\n{says}", values))
    return sorted(found, key=lambda one: (one.name[-1], stable_int(one.name)))


def _said(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
