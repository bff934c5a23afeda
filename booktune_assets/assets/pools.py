"""Places in pools, and runs whose process is gone.

Belongs here: ending such runs, freeing the places that ended runs hold or wait for, waiting for a
pool in words. Does not: which asset uses which pool (the assets), starting runs (``execute.py``).

Dagster leaves all this to its daemon, and beside the command line there is none: a run that was
killed inside a pool would keep its place for ever.
"""

from __future__ import annotations

import os
import platform
import threading
import time
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from dagster import DagsterRunStatus

from booktune_assets.progress import Tick

__all__ = [
    "PROCESS_TAG",
    "Place",
    "busy",
    "dead_places",
    "free_dead",
    "own_process",
    "say_process",
    "waiting",
]

PROCESS_TAG = "booktune/process"  # host:pid:start, so that a pid used again is not taken for it
LOOK_SECONDS = 2.0
_OPEN = [DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.STARTED]


@dataclass(frozen=True, slots=True)
class Place:
    """One step's place in a pool; ``held`` is False while it only waits for it."""

    pool: str
    run_id: str
    step: str
    held: bool

    def words(self) -> str:
        """``waiting for pool gpu, held by run 1a2b3c4d``"""
        return f"waiting for pool {self.pool}, held by run {self.run_id[:8]}"


def own_process() -> str:
    """This process, as the tag of its runs names it."""
    return f"{platform.node()}:{os.getpid()}:{_started(os.getpid())}"


def say_process(context: dg.OpExecutionContext | dg.AssetExecutionContext) -> None:
    """Note on a run which process it is in: a run that the UI launched does not say so itself."""
    if PROCESS_TAG not in context.run.tags:
        context.instance.add_run_tags(context.run_id, {PROCESS_TAG: own_process()})


def free_dead(instance: dg.DagsterInstance) -> list[Place]:
    """End runs whose process is gone, free what ended runs hold or wait for; what was freed."""
    for run in _orphans(instance):
        instance.report_run_failed(run, f"process {run.tags[PROCESS_TAG]} ended without a word")
    dead = dead_places(instance)
    for run_id in dict.fromkeys(place.run_id for place in dead):
        # held places and waiting steps alike: the next place goes to the first in the queue
        instance.event_log_storage.free_concurrency_slots_for_run(run_id)
    return dead


def dead_places(instance: dg.DagsterInstance) -> list[Place]:
    """Places of runs that have ended, were deleted, or whose process is gone. Changes nothing."""
    places = _places(instance)
    gone = {run.run_id for run in _orphans(instance)}
    for run_id in {place.run_id for place in places} - gone:
        run = instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            gone.add(run_id)
    return [place for place in places if place.run_id in gone]


def busy(instance: dg.DagsterInstance, pools: Collection[str]) -> list[Place]:
    """Held places of those of the pools that have none left."""
    found: list[Place] = []
    for pool in pools:
        info = instance.event_log_storage.get_concurrency_info(pool)
        held = [place for place in _of(instance, pool) if place.held]
        if info.limit is not None and len(held) >= info.limit:
            found += held
    return found


@contextmanager
def waiting(
    instance: dg.DagsterInstance,
    pools: Collection[str],
    run_id: str,
    on_tick: Callable[[Tick], None],
) -> Generator[None]:
    """Enter when all pools have a place; then say so if the run has to wait for one after all.

    The wait is here and not in Dagster because Dagster's in-process one says nothing, takes a whole
    core and does not hear Ctrl-C.
    """
    if not pools:
        yield
        return
    while True:
        free_dead(instance)
        full = busy(instance, pools)
        if not full:
            break
        on_tick(Tick(full[0].words(), 0, 0, None))
        time.sleep(LOOK_SECONDS)
    done = threading.Event()

    def watch() -> None:
        while not done.wait(LOOK_SECONDS):
            free_dead(instance)
            mine = {place.pool for place in _places(instance) if place.run_id == run_id}
            for place in busy(instance, mine):
                if place.run_id != run_id:
                    on_tick(Tick(place.words(), 0, 0, None))

    watcher = threading.Thread(target=watch, name="pools", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _places(instance: dg.DagsterInstance) -> list[Place]:
    pools = sorted(instance.event_log_storage.get_concurrency_keys())
    return [place for pool in pools for place in _of(instance, pool)]


def _of(instance: dg.DagsterInstance, pool: str) -> list[Place]:
    """Who holds and who waits; a step that holds its place is not counted as waiting too."""
    info = instance.event_log_storage.get_concurrency_info(pool)
    held = [Place(pool, slot.run_id, slot.step_key, True) for slot in info.claimed_slots]
    steps = {(place.run_id, place.step) for place in held}
    return held + [
        Place(pool, step.run_id, step.step_key, False)
        for step in info.pending_steps
        if (step.run_id, step.step_key) not in steps
    ]


def _orphans(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Open runs of this host that say which process they are, and that process is gone."""
    open_runs = instance.get_runs(dg.RunsFilter(statuses=_OPEN))
    return [run for run in open_runs if _gone(run.tags.get(PROCESS_TAG, ""))]


def _gone(tag: str) -> bool:
    host, pid, start = (*tag.split(":"), "", "")[:3]
    if host != platform.node() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return bool(start) and _started(int(pid)) not in ("", start)


def _started(pid: int) -> str:
    """Start of a process in clock ticks since boot; empty where the kernel does not tell."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return line.rpartition(")")[2].split()[19]
