"""Asking many questions of a model: the one interface that recipes use.

Belongs here: :class:`Caller`, how one is opened, and :class:`Scripted` for tests. Does not: what
happens underneath (``asking.py`` and the engines).

    with open_caller(settings) as caller:
        for request, reply in caller.ask(requests, progress="questions"):
            …   # in the order in which they finish, cached ones at once
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

from booktune_assets import progress as reports
from booktune_assets.llm.request import Estimate, Reply, Request, fault_of
from booktune_assets.settings import Settings

if TYPE_CHECKING:
    from booktune_assets.llm.engines import Adapter

__all__ = ["Caller", "Estimate", "Reply", "Request", "Scripted", "open_caller"]


@runtime_checkable
class Caller(Protocol):
    """Asks a model; never the same call twice. A context manager: leaving it ends what it started.

    ``model`` and ``revision`` stand in the pairs that come of it.
    """

    @property
    def model(self) -> str: ...

    @property
    def revision(self) -> str: ...

    def ask(
        self, requests: Iterable[Request], *, progress: str = ""
    ) -> Iterator[tuple[Request, Reply]]:
        """(request, reply) for each request, in the order in which they finish.

        The request is the one given, with model and revision filled in. Unusable replies and spent
        budgets are replies (``reply.error``). Raises ``ServiceDown`` when the service is gone for
        good, after everything that was finished has been given; ``BookError(BAD_SETTING)`` when it
        will not take us. What was given is on disk by then: asked again, it comes from the cache.
        """
        ...

    def estimate(self, requests: Iterable[Request]) -> Estimate:
        """What asking would cost, without asking and without starting anything."""
        ...

    def part_of_budget(self, requests: Iterable[Request]) -> float:
        """Which part of what is left of the budget asking would take; 0 without a budget."""
        ...

    def close(self) -> None:
        """End what was started."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...


def open_caller(settings: Settings, adapter: Adapter | None = None) -> Caller:
    """The caller that ``[llm]`` describes. Starts nothing yet: the first call does.

    Requests that name ``adapter`` are answered with it, all others by the model alone.

    Raises ``BookError(BAD_SETTING)`` when ``llm.engine`` is ``none`` or its key is missing.
    """
    from booktune_assets.llm.asking import Asking
    from booktune_assets.llm.cache import Cache
    from booktune_assets.llm.engines import endpoint_of

    endpoint, model, revision = endpoint_of(settings, adapter)
    return Asking(settings.llm, Cache(settings.calls), endpoint, model, revision)


class Scripted:
    """A caller for tests: replies are given, nothing is kept.

    ``replies`` is a function of the request, a mapping from ``call_key``, or texts in order of
    asking. A text becomes a reply that is checked against the schema as a real one is.
    """

    def __init__(
        self,
        replies: Callable[[Request], str | Reply]
        | Mapping[str, str | Reply]
        | Sequence[str | Reply],
        *,
        model: str = "scripted",
        revision: str = "1",
    ) -> None:
        self._replies = replies
        self.model, self.revision = model, revision
        self.asked: list[Request] = []

    def ask(
        self, requests: Iterable[Request], *, progress: str = ""
    ) -> Iterator[tuple[Request, Reply]]:
        """See :meth:`Caller.ask`; in the order given."""
        for number, given in enumerate(requests, start=1):
            request = replace(
                given,
                model=given.model or self.model,
                revision=given.revision or self.revision,
            )
            found = self._reply(request)
            self.asked.append(request)
            if progress:
                reports.advance(progress, number, number)
            yield request, found

    def estimate(self, requests: Iterable[Request]) -> Estimate:
        """See :meth:`Caller.estimate`; four characters a token."""
        asked = list(requests)
        chars = sum(request.chars for request in asked)
        return Estimate(
            len(asked), 0, chars // 4, sum(request.max_tokens for request in asked), 0.0, 0.0
        )

    def part_of_budget(self, requests: Iterable[Request]) -> float:
        """See :meth:`Caller.part_of_budget`; there is none."""
        del requests
        return 0.0

    def close(self) -> None:
        """Nothing to end."""

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

    def _reply(self, request: Request) -> Reply:
        if callable(self._replies):
            found = self._replies(request)
        elif isinstance(self._replies, Mapping):
            found = self._replies[request.call_key]
        else:
            found = self._replies[len(self.asked)]
        if isinstance(found, Reply):
            return found
        fault = fault_of(found, "stop", request.schema)
        return Reply(
            request.call_key,
            found,
            error=fault,
            prompt_tokens=request.chars // 4,
            completion_tokens=len(found) // 4,
        )
