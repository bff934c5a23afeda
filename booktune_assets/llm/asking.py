"""The caller behind :func:`~booktune_assets.llm.calls.open_caller`: cache first, then calls.

Belongs here: what is asked next, what comes from the cache, the salvage round, estimates and
progress. Does not: calls in flight (``loop.py``), servers (``serving.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from types import TracebackType
from typing import Self

from booktune_assets import progress as reports
from booktune_assets.errors import BooktuneError
from booktune_assets.llm.admission import Window
from booktune_assets.llm.budget import Cost, part_taken, price_of
from booktune_assets.llm.cache import Cache
from booktune_assets.llm.loop import Endpoint, Loop, Waiting
from booktune_assets.llm.pace import Paces
from booktune_assets.llm.request import Estimate, Reply, Request
from booktune_assets.settings import Llm

__all__ = ["Asking"]

AHEAD = 2  # windows of requests handed to the loop: it must never wait for the asker
_SALVAGED = {"EMPTY", "BAD_JSON", "SCHEMA", "CUT"}


class Asking:
    """A :class:`~booktune_assets.llm.calls.Caller` of one endpoint. For one thread at a time."""

    def __init__(
        self, llm: Llm, cache: Cache, endpoint: Endpoint, model: str, revision: str
    ) -> None:
        self.model, self.revision = model, revision
        self._llm, self._cache, self._endpoint = llm, cache, endpoint
        self._paces = Paces(cache.paces(model))
        self._window = Window(llm.concurrency)

    def ask(
        self, requests: Iterable[Request], *, progress: str = ""
    ) -> Iterator[tuple[Request, Reply]]:
        """See :meth:`~booktune_assets.llm.calls.Caller.ask`."""
        told = _Told(progress, self._paces, self._llm.concurrency)
        if isinstance(requests, Sequence) and progress:
            requests = [self._named(request) for request in requests]
            told.expect(requests, self._known([one.call_key for one in requests]))
        held: list[tuple[Request, Reply]] = []
        first = ((request, request) for request in map(self._named, requests))
        with closing(self._pass(first)) as finished:
            for request, reply in finished:
                if reply.code in _SALVAGED and self._llm.salvage:
                    held.append((request, reply))
                    told.more(reply)
                    continue
                told.done(request, reply)
                yield request, reply
        yield from self._salvage(held, told)

    def estimate(self, requests: Iterable[Request]) -> Estimate:
        """See :meth:`~booktune_assets.llm.calls.Caller.estimate`. Salvage is not foreseen."""
        named = {one.call_key: one for one in map(self._named, requests)}
        known = self._known(list(named))
        ask = [one for key, one in named.items() if key not in known]
        prompt = sum(self._paces.prompt_tokens(one) for one in ask)
        written = sum(self._paces.completion_tokens(one) for one in ask)
        tasks = Counter(one.task for one in ask)
        return Estimate(
            len(ask),
            len(known),
            prompt,
            written,
            self._paces.seconds(tasks.items(), self._llm.concurrency),
            price_of(self._llm, prompt, written),
        )

    def part_of_budget(self, requests: Iterable[Request]) -> float:
        """See :meth:`~booktune_assets.llm.calls.Caller.part_of_budget`."""
        found = self.estimate(requests)
        cost = Cost(
            found.calls, found.prompt_tokens, found.completion_tokens, found.price,
            (found.seconds or 0.0) / 3600,
        )  # fmt: skip
        return part_taken(self._llm, self._cache.spent(self._llm.budget_name), cost)

    def close(self) -> None:
        """End our own server, if there is one."""
        self._endpoint.close()
        self._cache.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        self.close()

    def _known(self, keys: Sequence[str]) -> set[str]:
        return self._cache.known(keys, self._endpoint.label)

    def _named(self, request: Request) -> Request:
        if request.model and (request.revision or request.model != self.model):
            return request
        return replace(request, model=self.model, revision=self.revision)

    def _salvage(
        self, held: list[tuple[Request, Reply]], told: _Told
    ) -> Generator[tuple[Request, Reply]]:
        """Unusable replies once more, each round with another seed, when all else is done."""
        for round_ in range(1, self._llm.salvage + 1):
            again = [(one, one.again(round_, reply.finish)) for one, reply in held]
            before = {id(request): reply for request, reply in held}
            held = []
            with closing(self._pass(iter(again))) as finished:
                for request, reply in finished:
                    kept = before[id(request)] if reply.finish == "budget" else reply
                    if reply.code in _SALVAGED and round_ < self._llm.salvage:
                        held.append((request, kept))
                        told.more(reply)
                        continue
                    told.done(request, kept)
                    yield request, kept

    def _pass(
        self, requests: Iterator[tuple[Request, Request]]
    ) -> Generator[tuple[Request, Reply]]:
        """(given, reply) of (given, asked): from the cache at once, the rest as it comes back."""
        flying: dict[str, list[Request]] = {}  # key asked: who waits for it
        loop: Loop | None = None
        more = True
        try:
            while more or flying:
                while more and len(flying) < AHEAD * self._llm.concurrency:
                    pair = next(requests, None)
                    if pair is None:
                        more = False
                        break
                    given, asked = pair
                    if asked.call_key in flying:
                        flying[asked.call_key].append(given)
                    elif known := self._cache.reply(asked, self._endpoint.label):
                        yield given, known
                    else:
                        loop = loop or self._loop()
                        flying[asked.call_key] = [given]
                        loop.submit(asked)
                if flying and loop is not None:
                    asked, reply = _taken(loop)
                    first, *others = flying.pop(asked.call_key)
                    yield first, reply
                    for given in others:  # one call, whoever else waited for it
                        yield given, replace(reply, cached=reply.finish != "budget")
        finally:
            if loop is not None:
                loop.close()

    def _loop(self) -> Loop:
        """What the service bears was learnt by the loops before: one window for all."""
        self._window.begun()
        return Loop(self._llm, self._endpoint, self._cache, self._paces, self.model, self._window)


def _taken(loop: Loop) -> tuple[Request, Reply]:
    while isinstance(found := loop.out.get(), Waiting):
        reports.advance("waiting for the model service", 0, 0, found.words)
    if isinstance(found, BooktuneError):
        raise found
    return found


class _Told:
    """What is said of progress: counts, tokens, what was unusable, and the time left by task."""

    def __init__(self, what: str, paces: Paces, window: int) -> None:
        self._what, self._paces, self._window = what, paces, window
        self._left: Counter[str] = Counter()
        self._total = self._done = self._cached = self._tokens = self._bad = 0

    def expect(self, requests: Sequence[Request], known: set[str]) -> None:
        """All requests are known beforehand, and which of them have a reply."""
        self._total = len(requests)
        self._left.update(one.task for one in requests if one.call_key not in known)

    def more(self, reply: Reply) -> None:
        """A call that is not the last about its question."""
        self._tokens += 0 if reply.cached else reply.completion_tokens

    def done(self, request: Request, reply: Reply) -> None:
        """One question is settled."""
        if not self._what:
            return
        self._done += 1
        self._total = max(self._total, self._done)
        self._cached += reply.cached
        self._bad += not reply.ok
        if not reply.cached:
            self._left[request.task] = max(0, self._left[request.task] - 1)
            self._tokens += reply.completion_tokens
        note = f"{self._cached} cached, {self._bad} unusable, {self._tokens} tokens written"
        left = self._paces.seconds(self._left.items(), self._window) if self._left else None
        reports.advance(self._what, self._done, self._total, note, eta=left)
