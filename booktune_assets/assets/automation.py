"""What starts by itself: the two sensors.

Belongs here: deciding that a run is wanted. Does not: registering keys on the shelf (``shelf.py``)
or deciding what is current (receipts, through ``chain.build.state``). Nothing that loads a model is
started from here.

``book_files_sensor`` looks at files, ``fan_in_sensor`` compares state. Declarative conditions were
tried for the fan-in and can lose a change that comes between a run and the next tick; a comparison
of states cannot, because what was missed once is still different at the next look.
"""

import json
import time
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

import dagster as dg
from dagster import DagsterRunStatus

from booktune_assets.assets.jobs import book_chain, data_sets
from booktune_assets.assets.partitions import BOOKS, BOOKS_NAME
from booktune_assets.assets.pools import free_dead
from booktune_assets.books.shelf import Book
from booktune_assets.chain import books as chain_books
from booktune_assets.chain.build import state
from booktune_assets.chain.house import BOOK_STAGES, SET_STAGES, House
from booktune_assets.errors import BooktuneError
from booktune_assets.ids import digest

__all__ = ["book_files_sensor", "fan_in_sensor"]

BOOKS_PER_TICK = 25  # runs asked for at once
SECONDS_PER_TICK = 20.0  # a tick hashes files and reads receipts, and has 60 s
SETTLE_SECONDS = 2.0  # a file that is still being copied changes again; look at the next tick
# the terminal of `make ui` is for what goes wrong; the run's own log has all of it
QUIET = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}
ATTEMPTS = 3  # runs of the sets from one and the same state
FORGOTTEN_SECONDS = 6 * 3600  # a run that started longer ago than this no longer holds anything up

_UNDER_WAY = [
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]


@dg.sensor(
    job=book_chain,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Registers new book files and asks for one run per file with something to do.",
)
def book_files_sensor(
    context: dg.SensorEvaluationContext, house: dg.ResourceParam[House]
) -> dg.SensorResult | dg.SkipReason:
    """New and changed files and sidecars since the cursor; never removes a partition.

    A file that is new to the sensor may be an old friend of the lake (``booktune run`` built it):
    receipts decide, and a book with nothing to do costs no run.
    """
    books = house.shelf.books()
    # only of files that are there: one that goes and comes back is looked at anew
    cursor: dict[str, int] = json.loads(context.cursor or "{}")
    seen = {book.key: cursor[book.key] for book in books if book.key in cursor}
    changed = [book for book in books if seen.get(book.key) != book.noticed_ns]
    settled = [book for book in changed if _settled(book)]
    looked, requests = _looked_at(settled, house, context.instance)
    seen |= {book.key: book.noticed_ns for book in looked}
    known = set(context.instance.get_dynamic_partitions(BOOKS_NAME))
    new = [book.key for book in looked if book.key not in known]
    if not new and not requests and seen == cursor:
        waiting = len(changed)
        more = f", {waiting} still being written" if waiting else ""
        return dg.SkipReason(
            f"{len(books)} book{'s' * (len(books) != 1)} in {house.shelf.folder}, "
            f"none changed{more}"
        )
    return dg.SensorResult(
        dynamic_partitions_requests=[BOOKS.build_add_request(new)] if new else [],
        run_requests=requests,
        cursor=json.dumps(seen, sort_keys=True),
    )


@dg.sensor(
    job=data_sets,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Rebuilds the sets when the books' receipts differ from what they were made of.",
)
def fan_in_sensor(
    context: dg.SensorEvaluationContext, house: dg.ResourceParam[House]
) -> dg.SensorResult | dg.SkipReason:
    """One run once the books are quiet; no run key, so that an old state may come back."""
    free_dead(context.instance)  # a run that was killed must not hold this up
    if busy := _under_way(context.instance):
        return dg.SkipReason(f"waiting for {busy} run{'s' * (busy != 1)} of books or sets")
    if not chain_books.ready_books(house).books:
        return dg.SkipReason("no book is through the chain yet")
    behind = [
        asset for asset in SET_STAGES if state(asset, None, house) not in ("current", "failed")
    ]
    if not behind:
        return dg.SkipReason("the sets are made of what the books hold now")
    try:
        tried = _Tried.read(context.cursor).next(_wanted(house, behind))
    except BooktuneError as problem:  # a book came or went between the two looks
        return dg.SkipReason(f"looking again at the next tick: {problem}")
    if tried.attempts > ATTEMPTS:
        return dg.SkipReason(
            f"{ATTEMPTS} runs from this state gave no set: start data_sets by hand to see why"
        )
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(
                asset_selection=[dg.AssetKey(asset) for asset in behind], run_config=QUIET
            )
        ],
        cursor=tried.text(),
    )


@dataclass(frozen=True, slots=True)
class _Tried:
    """How often the sets were asked for from one state: bounds a run that cannot succeed."""

    state: str = ""
    attempts: int = 0

    @classmethod
    def read(cls, cursor: str | None) -> "_Tried":
        name, _, count = (cursor or "").partition(":")
        return cls(name, int(count)) if count else cls()

    def next(self, state: str) -> "_Tried":
        return _Tried(state, self.attempts + 1 if state == self.state else 1)

    def text(self) -> str:
        return f"{self.state}:{self.attempts}"


def _wanted(house: House, assets: Iterable[str]) -> str:
    return digest({asset: chain_books.STAGES[asset].inputs(house, "") for asset in assets})


def _settled(book: Book) -> bool:
    return time.time() - book.noticed_ns / 1e9 >= SETTLE_SECONDS


def _looked_at(
    books: Iterable[Book], house: House, instance: dg.DagsterInstance
) -> tuple[list[Book], list[dg.RunRequest]]:
    """The books that this tick had time for, and runs for those with something to do."""
    shown = {
        asset: instance.get_materialized_partitions(dg.AssetKey(asset)) for asset in BOOK_STAGES
    }
    began, looked, requests = time.monotonic(), list[Book](), list[dg.RunRequest]()
    for book in books:
        if len(requests) >= BOOKS_PER_TICK or time.monotonic() - began > SECONDS_PER_TICK:
            break
        looked.append(book)
        request = _request(book, house)
        if request and _something_to_do(book.key, house, shown):
            requests.append(request)
    return looked, requests


def _something_to_do(key: str, house: House, shown: Mapping[str, Container[str]]) -> bool:
    """Is any stage neither current and shown in the UI, nor failed on this very input?"""
    for asset in BOOK_STAGES:
        now = state(asset, key, house)
        if now == "failed":
            return False  # the same file fails again
        if now != "current" or key not in shown[asset]:
            return True
    return False


def _request(book: Book, house: House) -> dg.RunRequest | None:
    """The change time is in the key because a file may go back to bytes that it had before."""
    try:
        sha = house.shelf.fingerprint(book)
    except BooktuneError:
        return None  # gone since it was listed; a new file of that name has a new change time
    return dg.RunRequest(
        run_key=f"{book.key}:{sha[:16]}:{book.noticed_ns}",
        partition_key=book.key,
        run_config=QUIET,
        tags={"booktune/book": book.key},
    )


def _under_way(instance: dg.DagsterInstance) -> int:
    """Runs that still may write a book's tables or a set."""
    since = time.time() - FORGOTTEN_SECONDS
    ours = {dg.AssetKey(name) for name in BOOK_STAGES + SET_STAGES}
    count = 0
    for record in instance.get_run_records(dg.RunsFilter(statuses=_UNDER_WAY)):
        run = record.dagster_run
        chosen = run.asset_selection
        touches = run.job_name in ("book_chain", "data_sets") or bool(chosen and chosen & ours)
        count += touches and record.update_timestamp.timestamp() > since
    return count
