"""Calls are found in every form that models have, and held against their schemas."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from booktune_assets.evaluation.suite import Given
from booktune_assets.evaluation.suites.tools import ToolCalls, asked_for
from booktune_assets.evaluation.toolcalls import Call, calls_in, fault_of, same_arguments
from booktune_assets.settings import Evaluation

ARGUMENTS = {"place": "Oslo", "days_ahead": 1}
PLAIN = json.dumps({"name": "get_weather", "arguments": ARGUMENTS})
SCHEMA: dict[str, Any] = {
    "type": "object", "required": ["place"], "additionalProperties": False,
    "properties": {"place": {"type": "string"}, "days_ahead": {"type": "integer", "minimum": 0}},
}  # fmt: skip
TOOLS = {"get_weather": SCHEMA, "other": {"type": "object"}}


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        f"```json\n{PLAIN}\n```",
        f"I will look it up.\n\n{PLAIN}\n",
        f"<tool_call>\n{PLAIN}\n</tool_call>",
        f"[TOOL_CALLS][{PLAIN}]",
        f"[TOOL_CALLS] [{PLAIN}]</s>",
        f"[TOOL_CALLS]get_weather[ARGS]{json.dumps(ARGUMENTS)}",
        f"[TOOL_CALLS]get_weather[CALL_ID]a1B2c3D4e[ARGS]{json.dumps(ARGUMENTS)}",
        f"get_weather{json.dumps(ARGUMENTS)}",
        json.dumps({"name": "get_weather", "parameters": ARGUMENTS}),
        json.dumps({"type": "function",
                    "function": {"name": "get_weather", "arguments": json.dumps(ARGUMENTS)}}),
        json.dumps({"tool_calls": [{"id": "x", "function": {"name": "get_weather",
                                                            "arguments": ARGUMENTS}}]}),
    ],
)  # fmt: skip
def test_a_call_is_found_in_every_form(text: str) -> None:
    assert calls_in(text, ["get_weather"]) == [Call("get_weather", ARGUMENTS)]


@pytest.mark.parametrize(
    "text",
    [
        "", "The weather in Oslo is fine.", "[1] See {there}.", PLAIN[:-1],
        "{'name': 'get_weather', 'arguments': {'place': 'Oslo'}}", json.dumps(ARGUMENTS),
        json.dumps({"name": "Oslo"}), "[" * 3000, "get_weather(place='Oslo')",
    ],
)  # fmt: skip
def test_what_is_no_call_is_none(text: str) -> None:
    assert calls_in(text, ["get_weather"]) == []


def test_several_calls_keep_their_order() -> None:
    two = f"[TOOL_CALLS]get_weather[ARGS]{json.dumps(ARGUMENTS)}[TOOL_CALLS]other[ARGS]{{}}"
    assert [one.name for one in calls_in(two, list(TOOLS))] == ["get_weather", "other"]


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (Call("get_weather", ARGUMENTS), ""),
        (Call("get_weather", {"place": "Oslo", "unit": "x"}), "bad_arguments"),
        (Call("get_weather", {"days_ahead": 1}), "bad_arguments"),
        (Call("get_weather", {"place": "Oslo", "days_ahead": "1"}), "bad_arguments"),
        (Call("get_weather", "not json"), "bad_arguments"),
        (Call("get_wether", ARGUMENTS), "unknown_tool"),
    ],
)
def test_calls_are_held_against_the_schema(call: Call, fault: str) -> None:
    assert fault_of(call, TOOLS) == fault


def test_arguments_are_compared_by_value() -> None:
    assert same_arguments({"a": " X ", "b": 2, "c": ["y"]}, {"a": "x", "b": 2.0, "c": ["Y"]})
    for said in ({"a": "y"}, {}, None, {"a": 1}):
        assert not same_arguments(said, {"a": "x"})
    assert not same_arguments({"a": 1}, {"a": True}) and not same_arguments({"a": []}, {"a": ["x"]})


def test_every_request_can_be_met_and_slips_are_seen() -> None:
    asked = asked_for()
    assert len(asked) >= 320 and len({one.text for one in asked}) == len(asked)
    assert len({one.cluster for one in asked[:108]}) == 108  # few are of many templates
    suite = ToolCalls()
    items = suite.items(Given(Evaluation(tool_calls=1000)))
    assert [one.item_id for one in items] == [one.name for one in asked]
    slips: dict[str, list[str]] = {}
    for one, item in zip(asked, items, strict=True):
        for schema in one.tools.values():
            Draft202012Validator.check_schema(schema)
        assert one.wanted.name in one.tools and one.wanted.name in item.system
        filled = json.loads(item.reference)
        free = {"send_message": {"text": "Hello."}}.get(one.wanted.name, {})
        full = {**filled, "arguments": filled["arguments"] | free}
        other = next(name for name in one.tools if name != one.wanted.name)
        slips[item.item_id] = [
            json.dumps(full),
            json.dumps(full | {"name": other}),
            json.dumps(full | {"arguments": {**full["arguments"], "extra": 1}}),
            "I cannot do that.",
        ]
    for number, (valid, right) in enumerate([(100, 100), (0, 0), (0, 0), (0, 0)]):
        replies = {"base": {name: [texts[number]] for name, texts in slips.items()}}
        rows = suite.score(items, replies)
        assert {one.score for one in rows if one.metric == "accuracy"} == {valid}, number
        assert {one.score for one in rows if one.metric == "right_call"} == {right}
    assert ToolCalls().items(Given(Evaluation(tool_calls=0))) == []


def test_a_valid_call_of_another_kind_is_valid_but_not_right() -> None:
    suite = ToolCalls()
    items = suite.items(Given(Evaluation(tool_calls=1000)))
    (item,) = (one for one in items if one.item_id == "search_code-0-0")
    said = json.loads(item.reference)
    words = {"text": "zzz"}
    changed = said | {"arguments": said["arguments"] | words}
    rows = suite.score([item], {"base": {item.item_id: [json.dumps(changed)]},
                                "tuned": {item.item_id: {"error": "TOO_LONG"}}})  # fmt: skip
    found = {(one.arm, one.metric): (one.score, one.status) for one in rows}
    assert found["base", "accuracy"] == (100.0, "ok")
    assert found["base", "right_call"] == (0.0, "other_call")
    assert found["tuned", "accuracy"] == (None, "TOO_LONG")
