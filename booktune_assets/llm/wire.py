"""OpenAI's dialect: a request as a body, an answer as text and counts, and what a failure means.

Belongs here: both directions of one call, and the kinds of :class:`Fault`. Does not: connections
(``client.py``), what is done about a fault (``asking.py``).
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal, cast

from booktune_assets.llm.request import Request

__all__ = ["Fault", "Raw", "body_of", "fault_of_status", "raw_of"]

SAID_MAX = 300  # characters of a server's words that are kept
COUNT_MAX = 1 << 31  # tokens of one call: more is no count
_OVERLOAD = {429, 503, 529}
_REQUEST = {400, 411, 413, 414, 422, 431, 451}  # about what was sent
_SERVICE = {408, 409, 421, 425}  # and everything from 500; others are about us: key, balance, model


@dataclass(frozen=True, slots=True)
class Raw:
    """A finished answer as it is kept. ``finish``: ``stop``, ``length`` or ``filtered``."""

    text: str
    finish: str
    prompt_tokens: int
    completion_tokens: int
    nats: float | None = None


class Fault(Exception):
    """A call without an answer.

    ``overload``: fewer calls, then again. ``service``: again. ``refused``: the server will never
    take this request. ``settings``: it will not take any from us. ``billed``: the server may have
    worked, and its work may cost. ``wait``: seconds that the server asked for.
    """

    def __init__(
        self,
        kind: Literal["overload", "service", "refused", "settings"],
        says: str,
        *,
        billed: bool = False,
        wait: float = 0.0,
    ) -> None:
        super().__init__(says)
        self.kind = kind
        self.says = says
        self.billed = billed
        self.wait = wait

    @property
    def crowded(self) -> bool:
        """Refused for load, before any work."""
        return self.kind == "overload" and not self.billed


def body_of(request: Request) -> tuple[str, dict[str, Any]]:
    """(path below the base URL, JSON body). A schema travels as ``response_format``.

    vLLM ignores its older ``guided_json`` without a word, so that is never sent.
    """
    body: dict[str, Any] = {
        "model": request.adapter or request.model,
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "seed": request.seed,
        "stream": False,
    }
    if request.stop:
        body["stop"] = list(request.stop)
    if request.repetition != 1:
        body["repetition_penalty"] = request.repetition
    if request.likelihood:
        body["logprobs"] = True if request.messages else 0
    if request.schema is not None:
        frame = {"name": "reply", "strict": True, "schema": request.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": frame}
    if request.messages:
        body["messages"] = [{"role": role, "content": text} for role, text in request.messages]
        return "chat/completions", body
    return "completions", {**body, "prompt": list(request.ids) or request.prompt}


def fault_of_status(status: int, headers: Mapping[str, str], raw: bytes) -> Fault:
    """What an answer with a status other than 200 means."""
    says = f"HTTP {status}: {_said(raw)}"
    if status in _OVERLOAD:
        return Fault("overload", says, wait=_seconds(headers.get("Retry-After", "")))
    if status in _SERVICE or status >= 500 or status < 300:
        return Fault("service", says)
    return Fault("refused" if status in _REQUEST else "settings", says)


def raw_of(raw: bytes, request: Request) -> Raw:
    """The answer in a body of status 200; raises a ``service`` fault when there is none in it.

    Counts that the server leaves out, or that are none (words, below zero: they would give a budget
    money back), are taken from lengths: four characters a token.
    """
    try:
        answer = json.loads(raw)
        choice = answer["choices"][0]
        text = choice["message"]["content"] if request.messages else choice["text"]
        reason = choice.get("finish_reason")
        usage = answer.get("usage")
        prompt = _count(usage, "prompt_tokens") or request.chars // 4 + 1
        written = _count(usage, "completion_tokens") or len(text or "") // 4
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
        says = f"an answer of another shape ({type(problem).__name__}): {_said(raw)}"
        raise Fault("service", says, billed=True) from None
    if text is not None and not isinstance(text, str):
        raise Fault("service", f"a text of another type: {_said(raw)}", billed=True)
    finish = {"length": "length", "content_filter": "filtered"}.get(str(reason), "stop")
    nats = _nats(choice) if request.likelihood else None
    return Raw((text or "").encode("utf-8", "replace").decode(), finish, prompt, written, nats)


def _count(usage: object, name: str) -> int:
    """A number of tokens that can be one; else 0."""
    found = cast("Mapping[str, object]", usage).get(name) if isinstance(usage, Mapping) else None
    if isinstance(found, bool) or not isinstance(found, int | float):
        return 0
    return int(found) if 0 < found < COUNT_MAX else 0


def _nats(choice: Mapping[str, Any]) -> float | None:
    """Of all tokens that were written, in either form of the dialect; None when not said."""
    said = choice.get("logprobs")
    if not isinstance(said, Mapping):
        return None
    try:
        found = said.get("token_logprobs")
        if found is None:
            found = [one["logprob"] for one in said["content"]]
        return -sum(float(one) for one in found)
    except (LookupError, TypeError, ValueError):
        return None


def _said(raw: bytes) -> str:
    """The server's own words, short and on one line."""
    text = raw[: 8 * SAID_MAX].decode("utf-8", "replace")
    try:
        found = json.loads(raw)
        inner = found.get("error", found) if isinstance(found, dict) else found
        text = str(inner.get("message", inner)) if isinstance(inner, dict) else str(inner)
    except (ValueError, RecursionError):
        pass
    line = " ".join(text.split())
    return line[:SAID_MAX] if line else "(no words)"


def _seconds(text: str) -> float:
    """Of a Retry-After header: a number, or a date; what is neither counts as not given."""
    with contextlib.suppress(ValueError):
        return max(0.0, float(text))
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0
