"""A model behind an OpenAI-compatible server, as an engine that suites can be asked of.

Belongs here: answers by chat, texts and options by echoed log likelihoods, what a server lacks.
Does not: connections, retries and their cache (``llm/``), suites.

Answers go through ``llm/asking.py``: many at a time, tried again, each kept on disk. Likelihoods of
given text are no part of the dialect that every server speaks. vLLM gives them by token ids
(``served_ids.py``); others need completions with ``echo`` and ``logprobs`` (llama.cpp has them). A
server without either is found out by small calls, and suites that need them are skipped with the
reason.

A call that fails at every try, while the server answers another one, is a fault of what it asks:
that item is lost, as one that the server refuses. When the other call fails too, all stops.
"""

from __future__ import annotations

import json
import math
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from booktune_assets.errors import BookError, BooktuneError, Code, ServiceDown
from booktune_assets.evaluation.served_ids import by_ids
from booktune_assets.llm.asking import Asking
from booktune_assets.llm.cache import Cache
from booktune_assets.llm.chat import ANSWER, ASK
from booktune_assets.llm.engine import Prompt, Scored
from booktune_assets.llm.request import Reply, Request
from booktune_assets.llm.serving import Remote
from booktune_assets.llm.wire import Fault, body_of, raw_of
from booktune_assets.settings import Llm

__all__ = ["ServedEngine", "lacking", "served_model"]

_PROBE = "One, two, three."
_TRIFLE = ({"role": "user", "content": _PROBE},)
_ADDRESS = (
    "Mend the address (mostly it ends in /v1), the name (--name) or the key: [llm] api_key_env "
    "names the variable that holds it"
)
_SILENT = "the server gives no log likelihoods of a given text"
_FEW = 8  # tokens of an answer that shows that there are any
_PAUSE, _PAUSE_MAX = 0.5, 30.0  # seconds before the second try, and at most


class ServedEngine:
    """See :class:`~booktune_assets.llm.engine.Engine`; ``adapter`` is the server's name of it."""

    def __init__(
        self, llm: Llm, key: str, calls: Path, model: str, revision: str = "", adapter: str = ""
    ) -> None:
        self._asking = Asking(
            llm.model_copy(update={"salvage": 0}),  # an empty answer is an answer here
            Cache(calls), Remote(llm.base_url, key, llm.seeds), model, revision,
        )  # fmt: skip
        self._llm, self._key = llm, key
        self._model, self._adapter, self._on = model, adapter, False
        self._ids = by_ids_too(llm, key, model)

    @contextmanager
    def with_adapter(self, on: bool) -> Generator[None]:
        """Within the block, calls name the adapter, or the model."""
        before, self._on = self._on, on
        try:
            yield
        finally:
            self._on = before

    def generate(
        self,
        prompts: Sequence[Prompt],
        *,
        max_new_tokens: int,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int | Sequence[int] = 0,
        stop: Sequence[str] = (),
        repetition: float = 1.0,
    ) -> list[str]:
        """One answer each. Raises ``BookError`` where the server refuses a prompt for good, and a
        plain ``BooktuneError(BAD_SETTING)`` where it would refuse every one."""
        seeds = [seed] * len(prompts) if isinstance(seed, int) else list(seed)
        requests = [
            Request(
                **_asked(prompt), adapter=self._adapter if self._on else "",
                max_tokens=max_new_tokens, temperature=temperature, top_p=top_p, seed=own,
                stop=tuple(stop), repetition=repetition, task="evaluation", tag=number,
            )
            for number, (prompt, own) in enumerate(zip(prompts, seeds, strict=True))
        ]  # fmt: skip
        try:
            found = {request.tag: reply for request, reply in self._asking.ask(requests)}
        except BookError as problem:
            if problem.code is not Code.BAD_SETTING:
                raise
            raise self._wrong(str(problem.where.get("says"))) from None
        failed = [number for number, reply in sorted(found.items()) if reply.code == "FAILED"]
        if failed:
            self._answers(prompts[failed[0]], found[failed[0]].error)
        return [_text(found[number]) for number in range(len(prompts))]

    def score(self, texts: Sequence[str]) -> list[Scored]:
        """Of each text; without a start token in the server's echo its first token is not in it."""
        return [self._steady(None, text) for text in texts]

    def score_answers(self, pairs: Sequence[tuple[Prompt, str]]) -> list[Scored]:
        """Of each answer, after its question in the model's template; by echo in the plain form,
        because such a server does not tell its template."""
        return [self._steady(prompt, text) for prompt, text in pairs]

    def close(self) -> None:
        """End the calls."""
        self._asking.close()

    def _steady(self, prompt: Prompt | None, text: str) -> Scored:
        """One text, or an answer to a prompt; tried again as long as another one is answered.

        Raises ``BookError(MODEL_SERVICE)`` when it never is, ``ServiceDown`` when nothing is.
        """
        why = ""
        for tried in range(self._llm.retries + 1):
            time.sleep(min(_PAUSE * 2 ** (tried - 1), _PAUSE_MAX) if tried else 0)
            try:
                return self._scored(prompt, text)
            except ServiceDown as problem:
                why = str(problem.where.get("why"))
                try:
                    self._scored(None, _PROBE)
                except BooktuneError:
                    raise problem from None
        raise _lost(why)

    def _scored(self, prompt: Prompt | None, text: str) -> Scored:
        if self._ids:
            return by_ids(self._post, self._named, prompt, text)
        head = "" if prompt is None else _plain(prompt)
        return self._echoed(head + text, len(head))

    def _answers(self, prompt: Prompt, why: str) -> None:
        """Ask a trifle in the way of ``prompt``. Raises ``ServiceDown`` if that fails too."""
        trifle = _PROBE if isinstance(prompt, str) else _TRIFLE
        request = Request(**_asked(trifle), model=self._named, max_tokens=_FEW)
        try:
            answer = _post(self._llm, self._key, *body_of(request))
            raw_of(json.dumps(answer).encode(), request)
        except (BooktuneError, Fault):
            raise _down(why) from None

    def _wrong(self, why: str) -> BooktuneError:
        """Address, name or key are wrong, which is no item's fault; or, where a chat is answered,
        only this way of asking (completions) is not there."""
        request = Request(**_asked(_TRIFLE), model=self._named, max_tokens=_FEW)
        try:
            _post(self._llm, self._key, *body_of(request))
        except BookError:
            return BooktuneError(Code.BAD_SETTING, _ADDRESS, url=self._llm.base_url,
                                 model=self._named, says=why)  # fmt: skip
        return BookError(Code.MODEL_SERVICE, "Ask what can be asked as a chat", why=why)

    def _echoed(self, text: str, start: int) -> Scored:
        body = {"model": self._named, "prompt": text, "max_tokens": 1, "temperature": 0,
                "echo": True, "logprobs": 1}  # fmt: skip
        answer = _post(self._llm, self._key, "completions", body)
        return echoed(answer, text, start)

    @property
    def _named(self) -> str:
        return self._adapter if self._on and self._adapter else self._model

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return _post(self._llm, self._key, f"../{path}", body)


def by_ids_too(llm: Llm, key: str, model: str) -> bool:
    """Does the server have vLLM's calls by token ids? Asked with a few tokens."""

    def post(path: str, body: dict[str, Any]) -> Any:
        return _post(llm, key, f"../{path}", body)

    try:
        by_ids(post, model, None, _PROBE)
        by_ids(post, model, [{"role": "user", "content": _PROBE}], _PROBE)
    except BooktuneError as problem:
        if isinstance(problem, ServiceDown):
            raise
        return False
    return True


def echoed(answer: Any, text: str, start: int) -> Scored:
    """Nats of the tokens of ``text`` that end after character ``start``.

    Raises ``BookError(MODEL_SERVICE)`` for an answer that does not echo.
    """
    try:
        said = answer["choices"][0]["logprobs"]
        tokens, figures = said["tokens"], said["token_logprobs"]
    except (LookupError, TypeError):
        tokens, figures = [], []
    place, nats, count, unscored = 0, 0.0, 0, 0
    held: list[float | None] = []  # of tokens without text: the first bytes of the next letter
    for token, figure in zip(tokens, figures, strict=False):
        if place >= len(text):
            break
        if figure is None and not text.startswith(token, place):
            continue  # the start token: it is not part of the text
        held.append(figure)
        if not token:
            continue
        whole, held = held, []
        place += len(token)
        if place <= start:
            continue
        if None in whole:
            unscored = len(token)
            continue
        nats, count = nats - sum(float(one or 0.0) for one in whole), count + len(whole)
    size = len(text[start + (unscored if start == 0 else 0) :].encode())
    if count == 0 or place < len(text) or not math.isfinite(nats):
        raise BookError(
            Code.MODEL_SERVICE, "Serve the model with vLLM, or evaluate its folder",
            why=_SILENT,
        )  # fmt: skip
    return Scored(nats, count, size)


def lacking(llm: Llm, key: str, model: str) -> str:
    """Why the server cannot score texts; empty when it can. Calls of a few tokens."""
    if by_ids_too(llm, key, model):
        return ""
    body = {"model": model, "prompt": _PROBE, "max_tokens": 1, "temperature": 0, "echo": True,
            "logprobs": 1}  # fmt: skip
    try:
        echoed(_post(llm, key, "completions", body), _PROBE, 0)
    except BooktuneError as problem:
        if isinstance(problem, ServiceDown):
            raise
        why = str(problem.where.get("why") or problem)
        return why if why == _SILENT else f"{_SILENT} ({why} to completions with echo)"
    return ""


def served_model(llm: Llm, key: str) -> str:
    """The one model that the server has. Raises ``BAD_SETTING`` when there is more or less, or
    where it refuses to tell."""
    try:
        found = _post(llm, key, "models", None)
    except BookError as problem:
        raise BookError(
            Code.BAD_SETTING, _ADDRESS, url=llm.base_url, says=problem.where.get("why")
        ) from None
    rows = found.get("data") if isinstance(found, dict) else None
    names = [str(row.get("id")) for row in rows or () if isinstance(row, dict)]
    if len(names) != 1:
        raise BookError(
            Code.BAD_SETTING, "Say which with --name", models=", ".join(names) or "none",
            url=llm.base_url,
        )  # fmt: skip
    return names[0]


def _post(llm: Llm, key: str, path: str, body: dict[str, Any] | None) -> Any:
    """The server's JSON. A refusal is a ``BookError``, everything else ``ServiceDown``."""
    base = llm.base_url.rstrip("/")
    if path.startswith("../"):  # beside the dialect, at the server's root
        base, path = base.removesuffix("/v1"), path.removeprefix("../")
    request = urllib.request.Request(
        f"{base}/{path}",
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})},
    )
    try:
        with urllib.request.urlopen(request, timeout=llm.seconds_per_call) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as problem:
        why = f"HTTP {problem.code}"
        if problem.code < 500 and problem.code not in (408, 429):
            raise BookError(
                Code.MODEL_SERVICE, "Ask for less, or of another server", why=why
            ) from None
    except (OSError, ValueError) as problem:
        why = f"{type(problem).__name__}: {problem}"
    raise ServiceDown(
        Code.MODEL_SERVICE, "Start the server again, then run again: what was answered is kept",
        url=llm.base_url, why=why,
    )  # fmt: skip


def _asked(prompt: Prompt) -> dict[str, Any]:
    if isinstance(prompt, str):
        return {"prompt": prompt}
    turns = [one for one in prompt if not isinstance(one, int)]
    return {"messages": tuple((str(turn["role"]), str(turn["content"])) for turn in turns)}


def _text(reply: Reply) -> str:
    if reply.code == "BUDGET":
        raise _down(reply.error)
    if reply.code == "FAILED":
        raise _lost(reply.error)
    if reply.code == "REFUSED":
        raise BookError(Code.MODEL_SERVICE, "Ask for less", why=reply.error)
    return reply.text


def _plain(prompt: Prompt) -> str:
    if isinstance(prompt, str):
        return prompt
    turns = [one for one in prompt if not isinstance(one, int)]
    return f"{ASK}{turns[-1]['content']}{ANSWER}"


def _lost(why: str) -> BookError:
    return BookError(
        Code.MODEL_SERVICE, "See to the server, then give --revision: all is asked anew", why=why
    )


def _down(why: str) -> ServiceDown:
    return ServiceDown(
        Code.MODEL_SERVICE, "See to the server, then run again: what was answered is kept", why=why
    )
