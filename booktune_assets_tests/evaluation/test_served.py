"""Likelihoods out of what a server answers, by echo and by token ids."""

from __future__ import annotations

import math
from typing import Any

import pytest

from booktune_assets.errors import BookError
from booktune_assets.evaluation.served import echoed
from booktune_assets.evaluation.served_ids import by_ids, prompt_nats


def test_likelihoods_of_a_servers_echo() -> None:
    def answer(tokens: list[str], figures: list[float | None]) -> dict[str, Any]:
        return {"choices": [{"logprobs": {"tokens": tokens, "token_logprobs": figures}}]}

    whole = echoed(answer(["<s>", "ab", "cd", "X"], [None, -1.0, -2.0, -9.0]), "abcd", 0)
    assert (whole.nats, whole.tokens, whole.bytes) == (3.0, 2, 4)
    bare = echoed(answer(["ab", "cd", "X"], [None, -2.0, -9.0]), "abcd", 0)
    assert (bare.nats, bare.tokens, bare.bytes) == (2.0, 1, 2)
    option = echoed(answer(["<s>", "ab", "cd"], [None, -1.0, -2.0]), "abcd", 2)
    assert (option.nats, option.tokens, option.bytes) == (2.0, 1, 2)
    # the first byte of a letter has no text of its own: it counts with the letter
    letter = echoed(answer(["<s>", "ab", "", "ä"], [None, -1.0, -2.0, -4.0]), "abä", 2)
    assert (letter.nats, letter.tokens, letter.bytes) == (6.0, 2, 2)
    for broken in ({}, answer([], []), answer(["ab"], [-1.0]), answer(["abcd"], [-math.inf])):
        with pytest.raises(BookError):
            echoed(broken, "abcd", 0)


def test_likelihoods_by_token_ids() -> None:
    """A question in the server's own template, its answer encoded apart."""
    known = {"Which?": [1, 7, 8], "ab": [4, 5], "": [1]}

    def post(path: str, body: dict[str, Any]) -> Any:
        if path == "tokenize" and "messages" in body:
            return {"tokens": known[body["messages"][0]["content"]]}
        if path == "tokenize":
            bare = known[body["prompt"]]
            return {"tokens": [1, *bare] if body["add_special_tokens"] else bare}
        steps = [{str(one): {"logprob": -float(one)}} for one in body["prompt"]]
        return {"choices": [{"prompt_logprobs": [None, *steps[1:]]}]}

    whole = by_ids(post, "m", None, "ab")
    assert (whole.nats, whole.tokens, whole.bytes) == (9.0, 2, 2)
    answer = by_ids(post, "m", [{"role": "user", "content": "Which?"}], "ab")
    assert (answer.nats, answer.tokens, answer.bytes) == (9.0, 2, 2)
    for broken in ({}, {"choices": [{"prompt_logprobs": None}]}, {"choices": [{}]}):
        with pytest.raises(BookError):
            prompt_nats(broken, [1, 4], 1)
