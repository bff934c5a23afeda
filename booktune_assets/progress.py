"""Progress: what is being done, how far it is, how long it still takes.

Belongs here: the one function every stage calls, and the clock arithmetic. Does not: printing
(the CLI and the asset layer install a sink that prints or logs).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

__all__ = ["Tick", "advance", "each", "sink"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tick:
    """One report: ``done`` of ``total`` units of ``what``; ``eta`` in seconds, if known.

    0 of 0 is an activity without a measure (waiting for another run).
    """

    what: str
    done: int
    total: int
    eta: float | None
    note: str = ""

    def words(self) -> str:
        """``reading otp-basics 40/200 (20 %), 12 s to go``"""
        share = f" ({100 * self.done // self.total} %)" if self.total else ""
        left = (
            f", {_span(self.eta)} to go" if self.eta is not None and self.done < self.total else ""
        )
        note = f" — {self.note}" if self.note else ""
        far = f" {self.done}/{self.total}{share}{left}" if self.done or self.total else ""
        return f"{self.what}{far}{note}"


@dataclass(slots=True)
class _State:
    sink: Callable[[Tick], None] | None = None
    started: dict[str, tuple[float, int]] = field(default_factory=dict[str, tuple[float, int]])


_state = _State()


def advance(what: str, done: int, total: int, note: str = "", *, eta: float | None = None) -> None:
    """Say that ``done`` of ``total`` units of ``what`` are finished. Cheap when nobody listens.

    ``eta``: seconds that are left, from a stage that knows better than what the pace so far says.
    """
    if _state.sink is None:
        return
    now = time.monotonic()
    start, first = _state.started.setdefault(what, (now, done))
    if done < first:  # the same words for a new round: start the clock again
        start, first = _state.started[what] = (now, done)
    moved = done - first
    if eta is None and moved > 0:
        eta = (now - start) / moved * (total - done)
    if done >= total:
        _state.started.pop(what, None)
    _state.sink(Tick(what, done, total, eta, note))


def each(what: str, items: Sequence[T]) -> Iterator[T]:
    """Iterate over ``items`` and report after each of them."""
    total = len(items)
    for number, item in enumerate(items, start=1):
        yield item
        advance(what, number, total)


@contextmanager
def sink(listener: Callable[[Tick], None]) -> Generator[None]:
    """Install a listener for the block. Nested listeners replace the outer one for their time."""
    before = _state.sink
    _state.sink = listener
    try:
        yield
    finally:
        _state.sink = before


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
