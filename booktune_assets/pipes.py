"""A child's words to Dagster, where Dagster started it: the process's side of Dagster Pipes.

Belongs here: opening the channel that the environment names, log lines, figures, the last word.
Does not: starting children (``children.py``), Dagster's side (``assets/piped.py``).

``dagster_pipes`` is a package of its own without Dagster in it, and is imported only where the
variables are there. Elsewhere all of this does nothing, so children run without Dagster as well.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from booktune_assets.progress import Tick

__all__ = ["VARIABLES", "due", "figures", "opened", "result", "say"]

VARIABLES = ("DAGSTER_PIPES_CONTEXT", "DAGSTER_PIPES_MESSAGES")


@dataclass(slots=True)
class _State:
    channel: Any = None  # dagster_pipes.PipesContext
    said: dict[str, int] = field(default_factory=dict[str, int])


_state = _State()


@contextmanager
def opened() -> Generator[None]:
    """The channel for the block, if there is one; an exception that leaves it is told.

    The variables are taken away: a process that this one starts has no part in its channel.
    """
    if any(name not in os.environ for name in VARIABLES):
        yield
        return
    from dagster_pipes import open_dagster_pipes

    with open_dagster_pipes() as channel:
        for name in VARIABLES:
            del os.environ[name]
        _state.channel = channel
        _state.said.clear()
        try:
            yield
        finally:
            _state.channel = None


def say(tick: Tick) -> None:
    """Every tenth part of a progress as a line of the run's log."""
    if due(tick.what, tick.done, tick.total):
        _state.channel.log.info(tick.words())


def due(what: str, done: int, total: int) -> bool:
    """Is there a channel, and has ``what`` come into another tenth since this was asked?"""
    tenth = 10 * done // total if total else done
    if _state.channel is None or _state.said.get(what) == tenth:
        return False
    _state.said[what] = tenth
    return True


def figures(values: Mapping[str, float | int | str]) -> None:
    """Figures of what is going on, at once: an observation of the asset that is made."""
    if _state.channel is not None:
        _state.channel.report_custom_message({"figures": dict(values)})


def result(values: Mapping[str, float | int | str]) -> None:
    """Figures of what was done: they join the metadata of the asset. Once for each process."""
    if _state.channel is not None and _state.channel.is_asset_step:
        _state.channel.report_asset_materialization(metadata=dict(values))
