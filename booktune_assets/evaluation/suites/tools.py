"""Requests that want a tool called: does the answer hold a call that fits the tool's schema?

Belongs here: requests made of templates, what counts. Does not: reading calls
(``evaluation/toolcalls.py``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from booktune_assets.evaluation.items import Item, ItemScore, Replies, samples_of
from booktune_assets.evaluation.suite import Given, card
from booktune_assets.evaluation.toolcalls import Call, calls_in, fault_of, same_arguments
from booktune_assets.ids import stable_int
from booktune_assets.settings import PROJECT

__all__ = ["Asked", "ToolCalls", "asked_for"]

FILE = PROJECT / "data" / "evals" / "retention" / "tools.json"
OFFERED = 3  # tools in a system turn: the right one and others
NEW_TOKENS = 64  # a call is short whatever the settings allow an answer
SYSTEM = (
    "You can call these tools. To call one, answer with one JSON object and nothing else: "
    '{{"name": "<name of the tool>", "arguments": {{…}}}}. The arguments have to fit the '
    "tool's JSON schema.\n\n{tools}"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, what it should call, and the tools that are offered (schemas by name)."""

    name: str
    cluster: str
    text: str
    wanted: Call
    system: str
    tools: Mapping[str, Mapping[str, Any]]


class ToolCalls:
    """Share of answers with valid calls, and with the right one."""

    def __init__(self) -> None:
        self.card = card("tool_calls")
        self._asked: dict[str, Asked] = {}
        self._skipped = ""

    def items(self, given: Given) -> list[Item]:
        """Requests in an order by hash; those of one template are one cluster."""
        wanted = given.evaluation.tool_calls
        self._skipped = "" if wanted else "no tool calls were asked for"
        self._asked = {one.name: one for one in asked_for()[:wanted]}
        return [
            Item(
                one.name, "answer", one.text, _written(one.wanted), cluster=one.cluster,
                new_tokens=NEW_TOKENS, system=one.system,
            )
            for one in self._asked.values()
        ]  # fmt: skip

    def skipped(self) -> str:
        """Nothing is left out of those that were asked for."""
        return self._skipped

    def score(self, items: Sequence[Item], replies: Replies) -> list[ItemScore]:
        """Two rows for each answer; one without a call is wrong in both."""
        rows: list[ItemScore] = []
        for arm in replies:
            for item in items:
                text, status = samples_of(replies[arm][item.item_id])[0]
                valid, right = (None, None)
                if text is not None:
                    written = "" if status == "thought" else text  # what was thought is no call
                    found = _judged(self._asked[item.item_id], written)
                    status = found if status not in ("empty", "thought") else status
                    valid, right = 100.0 * (found in ("ok", "other_call")), 100.0 * (found == "ok")
                said = "ok" if status == "other_call" else status
                rows += [
                    self._row("accuracy", arm, item, valid, text, said),
                    self._row("right_call", arm, item, right, text, status),
                ]
        return rows

    def _row(
        self, metric: str, arm: str, item: Item, score: float | None, text: str | None, status: str
    ) -> ItemScore:
        return ItemScore(
            self.card.name, metric, item.item_id, arm, score, prompt=item.text, output=text,
            reference=item.reference, status=status, cluster=item.cluster,
        )  # fmt: skip


def _judged(asked: Asked, text: str) -> str:
    """``ok``, or what is wrong: every call has to be valid, and one has to be the wanted one."""
    calls = calls_in(text, list(asked.tools))
    if not calls:
        return "no_call"
    if faults := [fault for call in calls if (fault := fault_of(call, asked.tools))]:
        return faults[0]
    right = any(
        call.name == asked.wanted.name and same_arguments(call.arguments, asked.wanted.arguments)
        for call in calls
    )
    return "ok" if right else "other_call"


@cache
def asked_for() -> list[Asked]:
    """One request of every template, then the next, ordered by hash: no order that anybody picked,
    and few of them are of many templates."""
    tools: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["tools"]
    found = [
        _asked(tools, tool, number, slots, turn)
        for tool in tools
        for number, _ in enumerate(tool["requests"])
        for turn, slots in enumerate(tool["slots"])
    ]
    return sorted(found, key=lambda one: (one.name[-1], stable_int(one.name)))


def _asked(
    tools: Sequence[dict[str, Any]], tool: dict[str, Any], number: int, slots: dict[str, Any],
    turn: int,
) -> Asked:  # fmt: skip
    request, cluster = tool["requests"][number], f"{tool['name']}-{number}"
    name = f"{cluster}-{turn}"
    others = sorted(
        (one for one in tools if one is not tool), key=lambda one: stable_int(name + one["name"])
    )
    shown = sorted([tool, *others[: OFFERED - 1]], key=lambda one: stable_int(one["name"] + name))
    told = "\n".join(
        json.dumps({key: one[key] for key in ("name", "description", "parameters")})
        for one in shown
    )
    arguments = {key: _filled(value, slots) for key, value in request["arguments"].items()}
    return Asked(
        name, cluster, request["text"].format(**slots), Call(tool["name"], arguments),
        SYSTEM.format(tools=told), {one["name"]: one["parameters"] for one in shown},
    )  # fmt: skip


def _filled(value: Any, slots: Mapping[str, Any]) -> Any:
    """A slot by itself keeps its type: ``{days}`` stays a number."""
    if isinstance(value, list):
        return [_filled(one, slots) for one in value]
    if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
        return slots[value[1:-1]]
    return value


def _written(call: Call) -> str:
    return json.dumps({"name": call.name, "arguments": call.arguments}, ensure_ascii=False)
