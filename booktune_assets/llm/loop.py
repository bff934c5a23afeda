"""Calls in flight: admitted, tried again, kept on disk, handed back.

Belongs here: the event loop of one asking, its window, retries, and the moment a call counts as
done (on disk). Does not: what is asked next, salvage, progress (``asking.py``).

One thread runs the loop; the asker stands in another and takes finished calls from a queue. A call
holds its place in the window until its reply is on disk, so that a kill at any moment loses at most
the calls in flight. Many calls that end together are written in one transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import random
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Protocol

from booktune_assets.errors import BookError, BooktuneError, Code, ServiceDown
from booktune_assets.llm.admission import Window
from booktune_assets.llm.budget import Budget, Cost
from booktune_assets.llm.cache import Cache, Ended
from booktune_assets.llm.client import Client
from booktune_assets.llm.pace import Paces
from booktune_assets.llm.request import Reply, Request
from booktune_assets.llm.wire import Fault
from booktune_assets.settings import Llm

__all__ = ["Address", "Endpoint", "Loop", "Waiting"]

BACKOFF, BACKOFF_MAX = 0.5, 30.0  # seconds before the second try, and at most
FAILED_MAX = 5  # calls given up in a row: then the service is down, whatever it says of itself
REFUSED_MAX = 20  # refusals in a row: not the requests are wrong, but what we ask for
TELL = 5.0  # seconds between two words on why nothing comes back


@dataclass(frozen=True, slots=True)
class Address:
    """Where to call and with which key; ``seeds``: it bears requests with a seed."""

    base_url: str
    key: str = ""
    seeds: bool = True


@dataclass(frozen=True, slots=True)
class Waiting:
    """The service failed a call or refused it for load: what it said, and when the next try is."""

    says: str
    seconds: float
    tries: int
    most: int

    @property
    def words(self) -> str:
        """One line for whoever watches."""
        soon = f"try {self.tries} of {self.most} in {max(1, round(self.seconds))} s"
        return f"{self.says}; {soon}"


class Endpoint(Protocol):
    """A server to call: somebody else's, or one of our own."""

    @property
    def label(self) -> str:
        """What its refusals are kept under."""
        ...

    def start(self) -> Address:
        """Where it answers; starts it first, or again, when it is ours and does not run."""
        ...

    def lives(self) -> bool:
        """False when it is ours and has ended: only then is a new start of use."""
        ...

    def settle(self) -> None:
        """Wait, after a connection that broke, until it answers or has ended, when it is ours."""
        ...

    def close(self) -> None:
        """End it if it is ours."""
        ...


class Loop:
    """The calls of one asking.

    ``out`` gives ``(request, reply)``, :class:`Waiting`, or the error that stopped it.
    ``window`` is what earlier loops learnt of the service, else it is found anew.
    """

    def __init__(
        self, llm: Llm, endpoint: Endpoint, cache: Cache, paces: Paces, model: str,
        window: Window | None = None,
    ) -> None:  # fmt: skip
        self.out: queue.SimpleQueue[tuple[Request, Reply] | Waiting | BooktuneError]
        self.out = queue.SimpleQueue()
        self.window = window or Window(llm.concurrency)
        self.budget = Budget(llm, cache.spent(llm.budget_name))
        self._llm, self._endpoint, self._cache = llm, endpoint, cache
        self._paces, self._model = paces, model
        self._flying = 0
        self._for_room: deque[asyncio.Future[None]] = deque()
        self._for_budget: deque[asyncio.Future[None]] = deque()
        self._ended: list[tuple[Ended, Cost, asyncio.Future[Reply]]] = []
        self._owed = Cost()  # of lost calls and of time, not written yet
        self._writing: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._asking: set[asyncio.Task[None]] = set()  # of these, the ones without an answer
        self._last_good = float("-inf")
        self._refused: list[tuple[str, str]] = []  # key and words
        self._in_a_row = 0  # of these, without an answer between
        self._ours: list[str] = []  # refused, but not for what they are
        self._told = float("-inf")
        self._failed = 0
        self._stopped = False
        self._alarm: asyncio.TimerHandle | None = None
        self._client: Client | None = None
        self._starting = asyncio.Lock()
        self._broken = False  # a connection broke, and nobody has looked at the server since
        self._clock = time.monotonic()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="llm", daemon=True)
        self._thread.start()

    def submit(self, request: Request) -> None:
        """Make the call when there is room."""
        self._loop.call_soon_threadsafe(self._begin, request)

    def close(self) -> None:
        """Give up what is in flight, keep what has been answered, end the thread."""
        asyncio.run_coroutine_threadsafe(self._finish(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _begin(self, request: Request) -> None:
        if not self._stopped:
            task = self._loop.create_task(self._whole(request))
            self._tasks.add(task)
            self._asking.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _whole(self, request: Request) -> None:
        """One call from admission to the queue; what goes wrong in here stops all."""
        try:
            reply = await self._made(request)
        except BooktuneError as problem:
            self._stop(problem)
        except Exception as problem:
            self._stop(
                BooktuneError(
                    Code.INTERNAL, "This is a defect of booktune: report it", why=repr(problem)
                )
            )
        else:
            self.out.put((request, reply))
        finally:
            self._asking.discard(self._me())

    async def _made(self, request: Request) -> Reply:
        cost = self.budget.most(self._paces.prompt_tokens_most(request), request.max_tokens)
        if not await self._reserved(cost):
            return Reply(request.call_key, "", "budget", f"BUDGET: {self.budget.why()}")
        try:
            tries, before = 0, time.monotonic()
            while True:
                began = await self._enter()
                try:
                    return await self._tried(request, cost, began)
                except Fault as problem:
                    fault = problem
                    self._account(fault, cost, began)
                finally:
                    self._leave()
                if not self._endpoint.lives():
                    await self._renew()
                # refused for load while others get through: no fault of this call
                tries += not (fault.crowded and self._last_good > before)
                before = began
                # with many calls in line each is refused seldom: the service's refusals count too
                if max(tries, self.window.rounds) > self._llm.retries:
                    return await self._given_up(request, fault, max(tries, self.window.rounds))
                pause = _pause(tries)
                self._tell(fault, max(pause, self.window.closed()), tries)
                await asyncio.sleep(pause)
        finally:
            self.budget.release(cost)
            self._wake()

    async def _tried(self, request: Request, most: Cost, began: float) -> Reply:
        """One try; its place in the window is held until the answer is on disk."""
        client = await self._sure()
        try:
            raw = await client.call(request)
        except Fault as fault:
            if fault.kind == "settings":
                raise _wrong_settings(fault, self._endpoint.label) from None
            if fault.kind != "refused":
                raise
            self._refuse(request, fault)
            ended = Ended(request, time.monotonic() - began, fault=("REFUSED", fault.says))
            return await self._kept(ended, Cost(calls=1))
        seconds = time.monotonic() - began
        self._last_good = time.monotonic()
        self._failed = 0
        self._in_a_row = 0
        self.window.good()
        self._paces.learn(request, raw.prompt_tokens, raw.completion_tokens, seconds)
        cost = self.budget.most(raw.prompt_tokens, raw.completion_tokens)
        return await self._kept(Ended(request, seconds, raw), cost)

    def _refuse(self, request: Request, fault: Fault) -> None:
        """A row, unless so many in a row before any answer, or with the same words, speak of us."""
        self._refused.append((request.call_key, fault.says))
        self._in_a_row += 1
        if self._in_a_row < REFUSED_MAX:
            return
        last = self._refused[-self._in_a_row :]
        words = {says for _, says in last[-REFUSED_MAX:]}
        if self._last_good == float("-inf") or len(words) == 1:
            # one that came back before the last good answer may have been refused for the same
            self._ours = [key for key, says in self._refused if says in words]
            self._ours += [key for key, _ in last]
            raise _wrong_settings(fault, self._endpoint.label) from None

    def _tell(self, fault: Fault, seconds: float, tries: int) -> None:
        now = time.monotonic()
        if now - self._told >= TELL:
            self._told = now
            most = self._llm.retries + 1
            soon = min(most, max(tries, self.window.rounds) + 1)
            self.out.put(Waiting(fault.says, seconds, soon, most))

    def _account(self, fault: Fault, cost: Cost, began: float) -> None:
        if fault.kind == "overload":
            self.window.overloaded(began, fault.wait)
        self._broken |= fault.kind == "service" and fault.billed
        if fault.billed:  # nobody knows what it took: in full
            self._owed += cost
            self.budget.spent += cost

    async def _given_up(self, request: Request, last: Fault, tries: int) -> Reply:
        """After the last try: a row if only this request fails, a stop if the service does."""
        self._failed += 1
        client = self._client
        if not last.crowded and self._failed < FAILED_MAX and client and await client.lives():
            ended = Ended(request, 0.0, fault=("FAILED", f"{tries} tries: {last.says}"))
            return await self._kept(ended, Cost())
        raise ServiceDown(
            Code.MODEL_SERVICE,
            "Start it, or wait until it has room, and run again: what was answered is kept, and "
            "only the rest is asked",
            service=self._endpoint.label,
            tries=tries,
            says=last.says,
        )

    async def _sure(self) -> Client:
        """The client to call with.

        A server of ours that was killed takes connections while its memory is freed, and whoever
        waits for a place would call it at once: each such call would count as made.
        """
        if self._broken:
            async with self._starting:
                if self._broken:
                    await asyncio.to_thread(self._endpoint.settle)
                    self._broken = False
            if not self._endpoint.lives():
                return await self._renew()
        return self._client or await self._renew()

    async def _renew(self) -> Client:
        """The client of a server that runs: started now, or again, by the first who asks."""
        async with self._starting:
            if self._client is not None and self._endpoint.lives():
                return self._client
            if self._client is not None:
                await self._client.close()
                self._client = None
            try:
                address = await asyncio.to_thread(self._endpoint.start)
            finally:
                self._clock = time.monotonic()  # loading a model is no hour of calling
            self._client = Client(
                address.base_url, address.key, self._llm.seconds_per_call, seeds=address.seeds
            )
            return self._client

    # admission

    async def _reserved(self, cost: Cost) -> bool:
        while True:
            now = self._flying > 0
            self.budget.running = (time.monotonic() - self._clock) / 3600 if now else 0.0
            verdict = self.budget.reserve(cost)
            if verdict != "later":
                return verdict == "yes"
            await self._turn(self._for_budget)

    async def _enter(self) -> float:
        while not self.window.room(self._flying):
            await self._turn(self._for_room)
        if not self._flying:
            self._clock = time.monotonic()
        self._flying += 1
        return time.monotonic()

    def _leave(self) -> None:
        self._flying -= 1
        if not self._flying:
            self._owed += Cost(hours=(time.monotonic() - self._clock) / 3600)
        self._wake()

    async def _turn(self, line: deque[asyncio.Future[None]]) -> None:
        turn: asyncio.Future[None] = self._loop.create_future()
        line.append(turn)
        self._set_alarm()
        await turn

    def _set_alarm(self) -> None:
        """Whoever waits while the window is closed is woken when it opens: those who closed it may
        never come back."""
        closed = self.window.closed()
        if closed > 0 and self._for_room and self._alarm is None:
            self._alarm = self._loop.call_later(closed + 0.001, self._rung)

    def _rung(self) -> None:
        self._alarm = None
        self._wake()

    def _wake(self) -> None:
        """As many as there is room for, in the order in which they came; all who wait for money."""
        turns = [
            self._for_room.popleft()
            for _ in range(min(len(self._for_room), self.window.room(self._flying)))
        ]
        turns += self._for_budget
        self._for_budget.clear()
        for turn in turns:
            if not turn.done():
                turn.set_result(None)
        self._set_alarm()

    # the journal

    async def _kept(self, ended: Ended, cost: Cost) -> Reply:
        """The reply, once it is on disk. From here on nothing cancels the call."""
        self._asking.discard(self._me())
        done: asyncio.Future[Reply] = self._loop.create_future()
        self._ended.append((ended, cost, done))
        if self._writing is None or self._writing.done():
            self._writing = self._loop.create_task(self._write())
        return await done

    async def _write(self) -> None:
        while self._ended:
            batch, self._ended = self._ended, []
            try:
                replies = await self._commit([one for one, _, _ in batch], [c for _, c, _ in batch])
            except Exception as problem:  # whoever waits must hear of it, whatever it is
                for _, _, done in batch:
                    done.set_exception(problem)
            else:
                for (_, _, done), reply in zip(batch, replies, strict=True):
                    done.set_result(reply)

    async def _commit(self, ended: list[Ended], costs: list[Cost]) -> list[Reply]:
        now = time.monotonic()
        owed = self._owed + Cost(hours=(now - self._clock) / 3600 if self._flying else 0.0)
        self._owed, self._clock = Cost(), now
        paces = [(self._model, task, pace) for task, pace in self._paces.by_task.items()]
        replies, spent = await asyncio.to_thread(
            self._cache.keep,
            ended,
            service=self._endpoint.label,
            budget=self._llm.budget_name,
            cost=sum(costs, owed),
            paces=paces,
        )
        self.budget.spent = spent + self._owed
        return replies

    # the end

    def _stop(self, problem: BooktuneError) -> None:
        """Cancel what has no answer; say why, once what has one is kept."""
        if not self._stopped:
            self._stopped = True
            for task in self._asking - {self._me()}:
                task.cancel()
            self._spawned = self._loop.create_task(self._say(problem, self._me()))

    async def _say(self, problem: BooktuneError, but: asyncio.Task[Any]) -> None:
        await asyncio.gather(*(self._tasks - {but}), return_exceptions=True)
        if self._ours:
            with contextlib.suppress(BooktuneError):
                await asyncio.to_thread(self._cache.forgive, self._ours, self._endpoint.label)
        self.out.put(problem)

    async def _finish(self) -> None:
        self._stopped = True
        for task in set(self._asking):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._owed != Cost():
            with contextlib.suppress(BooktuneError):
                await self._commit([], [])
        if self._client is not None:
            await self._client.close()

    def _me(self) -> asyncio.Task[Any]:
        task = asyncio.current_task()
        assert task is not None
        return task


def _pause(tried: int) -> float:
    """Seconds before the next try: doubling, and spread so that not all come back at once."""
    return min(BACKOFF_MAX, BACKOFF * 2 ** (tried - 1)) * random.uniform(0.75, 1.25)


def _wrong_settings(fault: Fault, label: str) -> BookError:
    return BookError(
        Code.BAD_SETTING,
        "Mend [llm]: base_url, model and api_key_env have to fit the server, and it has to know "
        "what is asked (a JSON schema, say)",
        service=label,
        says=fault.says,
    )
