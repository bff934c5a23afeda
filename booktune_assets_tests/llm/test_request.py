"""What names a call, what makes a reply usable, what comes after an unusable one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.errors import BookError
from booktune_assets.llm.request import Reply, Request, fault_of

BASE = Request(messages=(("system", "Be short."), ("user", "Why?")), model="m", revision="r")
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "n": {"type": "integer", "maximum": 5}},
    "required": ["answer"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    "change",
    [
        {"messages": (("user", "Why?"),)},
        {"messages": (("system", "Be short.Why?"), ("user", ""))},
        {"model": "n"},
        {"revision": "s"},
        {"adapter": "a"},
        {"schema": SCHEMA},
        {"max_tokens": 1},
        {"temperature": 0.1},
        {"top_p": 0.5},
        {"seed": 1},
        {"stop": ("x",)},
    ],
)
def test_all_that_decides_an_answer_is_in_the_key(change: dict) -> None:
    assert replace(BASE, **change).call_key != BASE.call_key


def test_what_is_the_askers_own_is_not_in_the_key() -> None:
    same = replace(BASE, task="questions", tag=object(), temperature=0)
    assert same.call_key == BASE.call_key
    turned = {key: SCHEMA[key] for key in reversed(SCHEMA)}
    assert replace(BASE, schema=turned).call_key == replace(BASE, schema=SCHEMA).call_key


def test_the_key_stays_what_it_was() -> None:
    """Changing it throws away every paid reply there is."""
    assert BASE.call_key == "call_59d806c028fac0a6b95c"


def test_a_request_that_no_model_answers_is_refused() -> None:
    for wrong in (
        {},
        {"prompt": "x", "messages": (("user", "y"),)},
        {"messages": (("human", "y"),)},
        {"prompt": "x", "max_tokens": 0},
        {"prompt": "x", "top_p": 0.0},
        {"prompt": "x", "temperature": -1.0},
    ):
        with pytest.raises(BookError):
            Request(**wrong)


@pytest.mark.parametrize(
    ("text", "finish", "code"),
    [
        ('{"answer": "a"}', "stop", ""),
        ('{"answer": "a", "n": 3}', "length", ""),
        ("", "stop", "EMPTY"),
        (" \n", "length", "EMPTY"),
        ('{"answer": "a', "length", "CUT: the reply ran into max_tokens"),
        ('{"answer": "a', "stop", "BAD_JSON"),
        ("Sure! Here it is: {}", "stop", "BAD_JSON"),
        ('```json\n{"answer": "a"}\n```', "stop", "BAD_JSON"),
        ("[" * 100_000, "stop", "BAD_JSON"),
        ('["answer"]', "stop", "SCHEMA: $"),
        ('{"answer": 4}', "stop", "SCHEMA: $.answer"),
        ('{"answer": "a", "n": 6}', "stop", "SCHEMA: $.n"),
        ('{"answer": "a", "obey": true}', "stop", "SCHEMA: $"),
    ],
)
def test_a_reply_to_a_schema_is_checked(text: str, finish: str, code: str) -> None:
    found = fault_of(text, finish, SCHEMA)
    assert found.startswith(code) and bool(found) == bool(code)


def test_a_broken_schema_is_said_and_not_raised() -> None:
    assert fault_of("{}", "stop", {"type": "no such"}).startswith("SCHEMA")


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert isinstance(fault_of(text, "stop", SCHEMA), str)
    assert fault_of(text, "stop", None) == ("" if text.strip() else "EMPTY")


def test_salvage_changes_the_sampling_and_never_the_question() -> None:
    first = replace(BASE, schema=SCHEMA, max_tokens=100)
    again = first.again(1, "stop")
    assert again.messages == first.messages and again.schema == first.schema
    assert again.seed != first.seed and again.temperature > 0 and again.max_tokens == 100
    assert again.call_key != first.call_key
    assert first.again(2, "length").max_tokens == 400, "what was cut off gets more room"
    assert replace(first, max_tokens=9000).again(1, "length").max_tokens == 9000
    assert len({first.again(round_, "stop").call_key for round_ in (1, 2, 3)}) == 3


def test_a_reply_says_what_it_is() -> None:
    good, bad = Reply("k", "[1]"), Reply("k", "", "error", "REFUSED: HTTP 400: too long")
    assert good.ok and good.json() == [1] and good.code == ""
    assert not bad.ok and bad.code == "REFUSED"
