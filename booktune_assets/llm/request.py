"""What is asked of a language model, what comes back, and the name of a call.

Belongs here: :class:`Request`, :class:`Reply`, :class:`Estimate`, the ``call_key``, what makes a
reply usable. Does not: how a call is made (``asking.py``), how it travels (``wire.py``), where
replies are kept (``cache.py``), what a recipe asks (``pairs/``).

A call is named by what decides its answer: model and revision, adapter, text, sampling, seed and
schema. Never by host, time limit or batch: the same question asked elsewhere is the same call.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import digest, make_id

__all__ = ["Estimate", "Finish", "Reply", "Request", "fault_of"]

Finish = Literal["stop", "length", "error", "budget"]
ROLES = ("system", "user", "assistant")
SALVAGE_HEAT = 0.3  # at temperature 0 another seed gives the same text again
SALVAGE_TOKENS_MAX = 8192


@dataclass(frozen=True)
class Request:
    """One call: ``messages`` (a conversation to answer), or ``prompt`` (text to go on from), or
    ``ids`` (the same as token ids, for what no text stands for: the opening of a chat).

    ``model`` and ``revision`` may stay empty: the caller fills in its own. ``adapter`` is one that
    the caller was opened with. ``schema`` is the JSON schema of the reply; ``likelihood`` asks how
    likely the answer was (``Reply.nats``); ``repetition`` above 1 makes tokens that stand already
    less likely; ``task`` groups calls for estimates; ``tag`` is the asker's own. The last two are
    no part of the key. Raises ``BookError(BAD_ROW)`` for a request that no model answers.
    """

    messages: tuple[tuple[str, str], ...] = ()
    prompt: str = ""
    model: str = ""
    revision: str = ""
    adapter: str = ""
    schema: Mapping[str, Any] | None = None
    max_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()
    repetition: float = 1.0
    likelihood: bool = False
    task: str = ""
    tag: Any = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if sum(map(bool, (self.messages, self.prompt, self.ids))) != 1:
            raise BookError(Code.BAD_ROW, "Give messages, a prompt or its ids", task=self.task)
        if strange := [role for role, _ in self.messages if role not in ROLES]:
            raise BookError(Code.BAD_ROW, f"Roles are {', '.join(ROLES)}", role=strange[0])
        if self.max_tokens < 1 or self.temperature < 0 or not 0 < self.top_p <= 1:
            raise BookError(
                Code.BAD_ROW,
                "max_tokens is at least 1, temperature at least 0, top_p in (0, 1]",
                task=self.task,
            )
        if self.repetition <= 0:
            raise BookError(Code.BAD_ROW, "repetition is above 0; 1 is none", task=self.task)

    @cached_property
    def payload(self) -> dict[str, Any]:
        """Everything that decides the answer, as JSON. What is newer than the first cache files
        stands in it only where it is used: their keys stay."""
        extra: dict[str, Any] = {"ids": list(self.ids)} if self.ids else {}
        extra |= {"repetition": float(self.repetition)} if self.repetition != 1 else {}
        extra |= {"likelihood": True} if self.likelihood else {}
        return extra | {
            "model": self.model,
            "revision": self.revision,
            "adapter": self.adapter,
            "messages": [list(message) for message in self.messages],
            "prompt": self.prompt,
            "max_tokens": self.max_tokens,
            "temperature": float(self.temperature),
            "top_p": float(self.top_p),
            "stop": list(self.stop),
            "seed": self.seed,
            "schema": self.schema,
        }

    @cached_property
    def call_key(self) -> str:
        """``call_<20 hex>``."""
        return make_id("call", digest(self.payload))

    @property
    def chars(self) -> int:
        """Characters that the model reads; for estimates."""
        schema = len(json.dumps(self.schema)) if self.schema else 0
        said = sum(len(text) for _, text in self.messages)
        return len(self.prompt) + 4 * len(self.ids) + said + schema

    def again(self, round_: int, finish: Finish) -> Request:
        """The call that tries to save an unusable reply: another seed, never another prompt.

        A reply that was cut off gets twice the room, a greedy one a little heat: both would come
        back the same otherwise.
        """
        room = self.max_tokens * (2**round_ if finish == "length" else 1)
        return replace(
            self,
            seed=self.seed + 1_000_003 * round_,
            temperature=max(self.temperature, SALVAGE_HEAT),
            max_tokens=max(self.max_tokens, min(room, SALVAGE_TOKENS_MAX)),
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. ``error`` is empty when the reply can be used.

    ``finish``: the model stopped by itself, ran into ``max_tokens``, gave no answer (``error``), or
    was never asked (``budget``). ``error`` starts with a code: ``EMPTY``, ``BAD_JSON``, ``SCHEMA``,
    ``CUT`` (JSON that ran into ``max_tokens``), ``FILTERED``, ``REFUSED`` (the server does not take
    this request), ``FAILED`` (the server failed on it again and again), ``BUDGET``. The key may be
    that of a later try (see :meth:`Request.again`): it names the call that gave this text.
    ``nats``: negative log likelihood of the whole answer, by the model itself (no
    temperature, no penalty); None where it was not asked for or the
    server does not say.
    """

    call_key: str
    text: str
    finish: Finish = "stop"
    error: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    cached: bool = False
    nats: float | None = None

    @property
    def ok(self) -> bool:
        """May this be used as it is? A text without schema may still have been cut off."""
        return not self.error

    @property
    def code(self) -> str:
        """The first word of ``error``."""
        return self.error.partition(":")[0]

    def json(self) -> Any:
        """The value of a reply to a request with a schema; raises ``ValueError`` if it has none."""
        return json.loads(self.text)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What asking would cost. ``calls`` are those to make: what is ``cached`` is not among them.

    ``completion_tokens`` is expected from earlier calls of the same task, ``max_tokens`` where
    there were none. ``seconds`` is None where nothing of this model was ever timed. ``price`` is in
    the unit of the settings' prices.
    """

    calls: int
    cached: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float | None
    price: float


def fault_of(text: str, finish: str, schema: Mapping[str, Any] | None) -> str:
    """Why a finished reply cannot be used; empty when it can. A function of its arguments only."""
    if not text.strip():
        return "EMPTY"
    if schema is None:
        return ""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as problem:
        if finish == "length":
            return "CUT: the reply ran into max_tokens"
        return f"BAD_JSON: {str(problem)[:120]}"
    if not _writable(value):
        return "BAD_JSON: half of a surrogate pair"
    from jsonschema import exceptions, validators

    try:
        kind = validators.validator_for(schema)
        problem = exceptions.best_match(kind(schema).iter_errors(value))
    except (exceptions.SchemaError, exceptions.UnknownType, RecursionError) as defect:
        return f"SCHEMA: {str(defect)[:120]}"
    return f"SCHEMA: {problem.json_path}: {problem.message[:120]}" if problem else ""


def _writable(value: object) -> bool:
    """Can its strings be written? ``"\\ud800"`` is JSON and no text that a table takes."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True
