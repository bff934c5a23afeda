"""Runs started by ``booktune run``: in this process, on the instance that the UI shows.

Belongs here: partitions of the chosen books, one run per part. Does not: the instance's files
(``instance.py``), what a part does. Safe beside a running webserver and daemon: they share the
instance's files, and each run is this process's own from start to end.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError

from booktune_assets.assets.instance import open_instance
from booktune_assets.assets.partitions import BOOKS_NAME
from booktune_assets.assets.pools import PROCESS_TAG, free_dead, own_process, waiting
from booktune_assets.assets.stages import collecting
from booktune_assets.chain.house import (
    BOOK_STAGES,
    MODEL_STAGES,
    PER_BOOK,
    SET_STAGES,
    SIDE_STAGES,
    House,
    Outcome,
)
from booktune_assets.progress import Tick
from booktune_assets.settings import Settings

__all__ = ["RunSummary", "open_instance", "run_assets", "run_parts"]

BUILT = PER_BOOK + SET_STAGES + MODEL_STAGES
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}  # the UI has the log
RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


@dataclass(slots=True)
class RunSummary:
    """What became of every build, and which Dagster runs hold the log."""

    outcomes: list[Outcome] = field(default_factory=list)
    run_ids: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # runs that failed outside of a build
    skipped: list[str] = field(default_factory=list)  # their upstream failed in this run
    seconds: float = 0.0

    def note(self, outcome: Outcome) -> bool:
        """Keep the outcome of a build, each once; is it news?"""
        name = (outcome.asset, outcome.key)
        place = next(
            (n for n, one in enumerate(self.outcomes) if (one.asset, one.key) == name), None
        )
        if place is None:
            self.outcomes.append(outcome)
        elif outcome.status != "reused" or self.outcomes[place].status == "failed":
            self.outcomes[place] = outcome
        else:
            return False
        return True

    @property
    def failed(self) -> list[Outcome]:
        """Builds that failed."""
        return [outcome for outcome in self.outcomes if outcome.status == "failed"]

    @property
    def ok(self) -> bool:
        """Did everything end well?"""
        return not self.failed and not self.broken

    def words(self) -> str:
        """One line of counts."""
        counts = [
            f"{sum(outcome.status == status for outcome in self.outcomes)} {status}"
            for status in ("made", "reused", "failed")
        ]
        return f"{', '.join(counts)} in {self.seconds:.1f} s"


def run_assets(
    settings: Settings,
    assets: Sequence[str],
    books: Sequence[str] | None = None,
    *,
    on_outcome: Callable[[Outcome], None] | None = None,
    on_tick: Callable[[Tick], None] | None = None,
) -> RunSummary:
    """Build the named assets: those of books for the given keys (None: the whole shelf).

    ``on_outcome`` hears of each build as it ends, ``on_tick`` of progress within one.
    """
    with open_instance(settings) as instance:
        return run_parts(settings, instance, assets, books, on_outcome=on_outcome, on_tick=on_tick)


def run_parts(
    settings: Settings,
    instance: dg.DagsterInstance,
    assets: Sequence[str] | None = None,
    books: Sequence[str] | None = None,
    *,
    on_outcome: Callable[[Outcome], None] | None = None,
    on_tick: Callable[[Tick], None] | None = None,
) -> RunSummary:
    """The parts on an open instance: first the books, then all that is made from all of them."""
    from booktune_assets.definitions import build_defs

    began = time.monotonic()
    summary = RunSummary()

    def hear(outcome: Outcome) -> None:
        if not summary.note(outcome):
            return  # a step that is tried again reports again what it finished before
        if on_outcome:
            on_outcome(outcome)

    defs = build_defs(settings)
    job = defs.resolve_implicit_global_asset_job_def()
    every = [key.to_user_string() for key in job.asset_layer.executable_asset_keys]
    chosen = set(every) - set(SIDE_STAGES) if assets is None else set(assets)
    wanted = [name for name in every if name in chosen]
    per_book = [name for name in wanted if name in BOOK_STAGES]
    aside = [name for name in wanted if name in SIDE_STAGES]
    whole = [name for name in wanted if name not in PER_BOOK]
    free_dead(instance)
    tick: Callable[[Tick], None] = on_tick or (lambda _: None)
    with collecting(hear, tick):
        for tags in _ranges(settings, instance, books) if per_book else []:
            _execute(job, instance, per_book, tags, summary, tick)
        for tags in _ranges(settings, instance, books) if aside else []:
            _execute(job, instance, aside, tags, summary, tick)
        if made := [name for name in whole if name in SET_STAGES + MODEL_STAGES]:
            _execute(job, instance, made, {}, summary, tick)
        # A run of their own: what failed before must not keep the marts from showing it.
        if marts := [name for name in whole if name not in made]:
            _execute(job, instance, marts, {}, summary, tick)
    ended = {outcome.asset for outcome in summary.outcomes}
    summary.skipped = [name for name in BUILT if name in wanted and name not in ended]
    summary.seconds = time.monotonic() - began
    return summary


def _ranges(
    settings: Settings, instance: dg.DagsterInstance, books: Sequence[str] | None
) -> list[dict[str, str]]:
    """Run tags, one run for each unbroken stretch of the partition keys' own order.

    A run can name one key or a stretch of keys; a stretch over gaps would run books nobody chose.
    """
    shelf = [book.key for book in House.open(settings).shelf.books()]
    chosen = list(dict.fromkeys(shelf if books is None else books))
    known = instance.get_dynamic_partitions(BOOKS_NAME)
    if new := [key for key in chosen if key not in set(known)]:
        instance.add_dynamic_partitions(BOOKS_NAME, new)
        known = instance.get_dynamic_partitions(BOOKS_NAME)
    place = {key: number for number, key in enumerate(known)}
    stretches: list[list[str]] = []
    for key in sorted(chosen, key=place.__getitem__):
        if stretches and place[key] == place[stretches[-1][-1]] + 1:
            stretches[-1].append(key)
        else:
            stretches.append([key])
    return [
        {RANGE_START: part[0], RANGE_END: part[-1]}
        if len(part) > 1
        else {"dagster/partition": part[0]}
        for part in stretches
    ]


def _execute(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    assets: Iterable[str],
    tags: dict[str, str],
    summary: RunSummary,
    on_tick: Callable[[Tick], None],
) -> None:
    """One run in this process; a run that fails before any build is kept as broken."""
    before = len(summary.failed)
    keys = [dg.AssetKey(name) for name in assets]
    run_id = str(uuid.uuid4())
    pools = {pool for key in keys for pool in job.asset_layer.asset_graph.get(key).pools or ()}
    with waiting(instance, pools, run_id, on_tick):
        result = job.execute_in_process(
            instance=instance,
            run_id=run_id,
            asset_selection=keys,
            partition_key=tags.get("dagster/partition"),
            run_config=QUIET,
            tags={**tags, PROCESS_TAG: own_process()},
            raise_on_error=False,
        )
    summary.run_ids.append(result.run_id)
    if not result.success and _interrupted(result):
        raise KeyboardInterrupt  # Dagster took it and made it a failure like any other
    if not result.success and len(summary.failed) == before:
        summary.broken.append(result.run_id)


def _interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Did the run end because somebody pressed Ctrl-C?"""
    name = DagsterExecutionInterruptedError.__name__
    errors = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
    return any(error is not None and error.cls_name == name for error in errors)
