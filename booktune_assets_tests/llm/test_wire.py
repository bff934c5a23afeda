"""What a status and its headers mean."""

from __future__ import annotations

import json
import time
from email.utils import formatdate

import pytest

from booktune_assets.llm.request import Request
from booktune_assets.llm.wire import fault_of_status, raw_of


@pytest.mark.parametrize(
    ("said", "low", "high"),
    [
        ("7", 7, 7),
        ("0.5", 0.5, 0.5),
        ("-3", 0, 0),
        ("soon", 0, 0),
        ("", 0, 0),
        ("nan", 0, 0),
        ("Mon, 99 Foo 0000 99:99:99 GMT", 0, 0),
    ],
)
def test_a_server_may_say_seconds(said: str, low: float, high: float) -> None:
    fault = fault_of_status(429, {"Retry-After": said}, b"slow down")
    assert fault.kind == "overload" and low <= fault.wait <= high


@pytest.mark.parametrize(("ahead", "low", "high"), [(600, 500, 600), (-600, 0, 0)])
def test_a_date_is_seconds_from_now(ahead: float, low: float, high: float) -> None:
    said = formatdate(time.time() + ahead, usegmt=True)
    assert low <= fault_of_status(429, {"Retry-After": said}, b"slow down").wait <= high


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "refused"), (413, "refused"), (422, "refused"), (402, "settings"),
        (404, "settings"), (410, "settings"), (301, "settings"), (408, "service"),
        (500, "service"), (204, "service"), (503, "overload"), (529, "overload"),
    ],
)  # fmt: skip
def test_only_what_is_about_the_request_is_the_requests_fault(status: int, kind: str) -> None:
    assert fault_of_status(status, {}, b"").kind == kind


@pytest.mark.parametrize(
    "usage",
    [None, [], "much", {}, {"prompt_tokens": "many", "completion_tokens": -5},
     {"prompt_tokens": True, "completion_tokens": 1e30}],
)  # fmt: skip
def test_counts_that_are_none_are_taken_from_lengths(usage: object) -> None:
    """An answer is not given up for them, and none below zero gives a budget money back."""
    request = Request(messages=(("user", "x" * 40),))
    choice = {"message": {"content": "twelve chars"}, "finish_reason": "stop"}
    raw = raw_of(json.dumps({"choices": [choice], "usage": usage}).encode(), request)
    assert (raw.text, raw.prompt_tokens, raw.completion_tokens) == ("twelve chars", 11, 3)
