"""Likelihoods by token ids from a server that has vLLM's further calls.

Belongs here: ``/tokenize`` and ``prompt_logprobs``. Does not: servers without them, answers
(``served.py``).

With ids nothing has to be put together from the texts of tokens, a question stands in the model's
own template, and a question and its answer are encoded apart, as the engines of folders do it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.engine import Prompt, Scored

__all__ = ["by_ids", "prompt_nats"]

Post = Callable[[str, dict[str, Any]], Any]  # (path, body) → the server's JSON


def by_ids(post: Post, model: str, prompt: Prompt | None, text: str) -> Scored:
    """Of ``text`` after ``prompt``; of a whole text, after the start token, where that is None.

    Raises ``BookError(MODEL_SERVICE)`` where the server lacks one of the calls.
    """
    if prompt is None:
        whole, bare = _ids(post, model, text, True), _ids(post, model, text, False)
        start = len(whole) - len(bare)
        if start == 0:
            raise _lacks("the tokenizer has no start token to predict the first one from")
        return _scored(post, model, whole, start, text)
    if isinstance(prompt, str):
        head = _ids(post, model, prompt, True)
    else:
        turns = [dict(one) for one in prompt if not isinstance(one, int)]
        head = _tokens(post("tokenize", {"model": model, "messages": turns}))
    return _scored(post, model, [*head, *_ids(post, model, text, False)], len(head), text)


def prompt_nats(answer: Any, ids: Sequence[int], start: int) -> float:
    """Negative log likelihood of ``ids`` from ``start`` on, out of a server's answer."""
    try:
        steps = answer["choices"][0]["prompt_logprobs"]
        found = [
            float(step[str(token)]["logprob"])
            for token, step in list(zip(ids, steps, strict=True))[start:]
        ]
    except (LookupError, TypeError, ValueError) as problem:
        raise _lacks("the server gives no log likelihoods of a prompt") from problem
    if not all(map(math.isfinite, found)):
        raise _lacks("a token of the text has no likelihood at all")
    return -sum(found)


def _scored(post: Post, model: str, ids: Sequence[int], start: int, text: str) -> Scored:
    body = {"model": model, "prompt": list(ids), "max_tokens": 1, "temperature": 0,
            "prompt_logprobs": 0}  # fmt: skip
    nats = prompt_nats(post("v1/completions", body), ids, start)
    return Scored(nats, len(ids) - start, len(text.encode()))


def _ids(post: Post, model: str, text: str, start: bool) -> list[int]:
    body = {"model": model, "prompt": text, "add_special_tokens": start}
    return _tokens(post("tokenize", body)) if text or start else []


def _tokens(answer: Any) -> list[int]:
    try:
        return [int(one) for one in answer["tokens"]]
    except (LookupError, TypeError, ValueError) as problem:
        raise _lacks("the server does not tell token ids") from problem


def _lacks(why: str) -> BookError:
    return BookError(
        Code.MODEL_SERVICE, "Serve the model with vLLM, or evaluate its folder", why=why
    )
