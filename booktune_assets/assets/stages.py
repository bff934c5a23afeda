"""One build under Dagster: progress into the log, faults into failures, outcomes into events.

Belongs here: the single place where booktune's errors become Dagster's, and where an outcome
becomes an event. Does not: which assets there are (``books.py``, ``examples.py``, ``models.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dagster as dg

from booktune_assets import progress
from booktune_assets.assets.metadata import shown
from booktune_assets.assets.piped import Channel, piped
from booktune_assets.assets.pools import say_process
from booktune_assets.chain.build import build
from booktune_assets.chain.house import UPSTREAM, House, Outcome
from booktune_assets.errors import BooktuneError, ServiceDown

__all__ = [
    "collecting",
    "failure_metadata",
    "failure_of",
    "made",
    "materialisation",
    "observation",
    "run_stage",
    "tell",
]

RETRIES = 2  # a service that is down for longer than about two minutes needs a person
FIRST_WAIT = 10.0  # s, tripled each time


@dataclass(frozen=True, slots=True)
class _Listener:
    outcome: Callable[[Outcome], None]
    tick: Callable[[progress.Tick], None]


_listeners: list[_Listener] = []


@contextmanager
def collecting(
    outcome: Callable[[Outcome], None], tick: Callable[[progress.Tick], None]
) -> Generator[None]:
    """Hand each outcome and tick of runs in this process to a caller too (the CLI prints them)."""
    mine = _Listener(outcome, tick)
    _listeners.append(mine)
    try:
        yield
    finally:
        _listeners.remove(mine)


def tell(outcome: Outcome) -> None:
    """Hand an outcome to whoever is collecting."""
    for listener in _listeners:
        listener.outcome(outcome)


def made(context: dg.AssetExecutionContext, asset: str, house: House) -> dg.MaterializeResult[Any]:
    """Build an asset whose children speak to Dagster themselves; what they told is in its metadata.

    Raises the failure that an outcome without a receipt stands for.
    """
    with piped(context, asset) as channel:
        outcome = run_stage(context, asset, None, house, channel)
    return _result(outcome, house, channel.metadata)


def run_stage(
    context: dg.AssetExecutionContext,
    asset: str,
    key: str | None,
    house: House,
    channel: Channel | None = None,
) -> Outcome:
    """Build one asset (of one book), with progress in the run's log.

    Only a fault of a service asks for a retry. There is no retry policy on the assets: a policy
    would retry defects and bad books as well.
    """
    if key is None:  # the steps that take a place in a pool
        say_process(context)
    with _logged(context, channel):
        attempt = context.op_execution_context.retry_number
        try:
            outcome = build(asset, key, house, last_try=attempt >= RETRIES)
        except ServiceDown as problem:
            context.log.warning(f"{asset} {key or ''}: {problem}")
            raise dg.RetryRequested(RETRIES, FIRST_WAIT * 3**attempt) from problem
    tell(outcome)
    if outcome.error is None:
        context.log.info(f"{asset} {outcome.key}: {outcome.status} in {outcome.seconds:.2f} s")
    else:
        context.log.error(f"{asset} {outcome.key}: {outcome.error}")
    return outcome


def _result(outcome: Outcome, house: House, told: Mapping[str, Any]) -> dg.MaterializeResult[Any]:
    """The result of an asset without partitions, or the failure it stands for."""
    if outcome.receipt is None:
        raise failure_of([outcome])
    return dg.MaterializeResult(
        asset_key=outcome.asset,
        metadata={**told, **shown(outcome, house)},
        data_version=dg.DataVersion(outcome.receipt.digest),
    )


def materialisation(
    outcome: Outcome, house: House, instance: dg.DagsterInstance
) -> dg.AssetMaterialization:
    """The event of one stage of one book, with its own data version.

    The tags are what Dagster itself writes for a result with a data version; a result cannot be
    used here because it would stamp one version on every book of the run.
    """
    assert outcome.receipt is not None
    return dg.AssetMaterialization(
        asset_key=outcome.asset,
        partition=outcome.key,
        metadata=shown(outcome, house),
        tags={
            "dagster/data_version": outcome.receipt.digest,
            "dagster/data_version_is_user_provided": "true",
            "dagster/code_version": outcome.receipt.code_version,
            **_provenance(outcome, instance),
        },
    )


def _provenance(outcome: Outcome, instance: dg.DagsterInstance) -> dict[str, str]:
    """Which event of the stage before this one was made from: without it the UI says "unsynced"."""
    before = UPSTREAM.get(outcome.asset)
    if before is None:
        return {}
    record = instance.get_latest_data_version_record(
        dg.AssetKey(before), is_source=False, partition_key=outcome.key
    )
    if record is None:
        return {}
    version = (record.event_log_entry.tags or {}).get("dagster/data_version", "")
    return {
        f"dagster/input_data_version/{before}": version,
        f"dagster/input_event_pointer/{before}": str(record.storage_id),
    }


def failure_metadata(error: BooktuneError) -> dict[str, Any]:
    """Code, what happened, remedy: what the page of a failed book shows."""
    return {
        "code": dg.MetadataValue.text(error.code.value),
        "what": dg.MetadataValue.text(error.code.says),
        "remedy": dg.MetadataValue.text(error.remedy),
    }


def observation(outcome: Outcome, house: House) -> dg.AssetObservation:
    """The event of a book that failed, for the page of its partition: a failure of the step names
    the run and nothing else there."""
    assert outcome.error is not None
    kept = house.lake.receipt(outcome.asset, outcome.key)
    more = {"in use": "the version made before"} if kept else {}
    return dg.AssetObservation(
        asset_key=outcome.asset,
        partition=outcome.key,
        description=str(outcome.error),
        metadata={**failure_metadata(outcome.error), **more},
    )


def failure_of(failed: Sequence[Outcome]) -> dg.Failure:
    """One failure that names each book or asset, the code, what happened and the remedy."""
    told = [outcome for outcome in failed if outcome.error is not None]
    rows = "\n".join(_row(outcome, outcome.error) for outcome in told if outcome.error)
    table = f"| what | stage | code | remedy |\n| --- | --- | --- | --- |\n{rows}"
    first = "; ".join(f"{outcome.key}: {outcome.error}" for outcome in told[:5])
    more = f" … and {len(told) - 5} more" if len(told) > 5 else ""
    return dg.Failure(
        description=f"{len(told)} failed, everything else was recorded. {first}{more}",
        metadata={"failed": dg.MetadataValue.md(table), "failed_count": len(told)},
        allow_retries=False,
    )


def _row(outcome: Outcome, error: BooktuneError) -> str:
    remedy = error.remedy.replace("|", "\\|").replace("\n", " ")
    return f"| `{outcome.key}` | {outcome.asset} | {error.code.value} | {remedy} |"


@contextmanager
def _logged(context: dg.AssetExecutionContext, channel: Channel | None) -> Generator[None]:
    """Write every tenth part of a progress into the run's log, and pass all of it to listeners.

    What a child that has a channel does, it writes itself.
    """
    seen: dict[str, int] = {}

    def listen(tick: progress.Tick) -> None:
        for listener in _listeners:
            listener.tick(tick)
        tenth = 10 * tick.done // tick.total if tick.total else tick.done
        if seen.get(tick.what) != tenth and not (channel and channel.open):
            seen[tick.what] = tenth
            context.log.info(tick.words())

    with progress.sink(listen):
        yield
