"""Every finished call, on disk before anyone sees it: the request cache and its journal.

Belongs here: one SQLite file with replies by ``call_key``, faults apart, what was spent, paces.
Does not: who asks (``asking.py``), what a reply is worth (``request.fault_of``, applied on reading
so that a better check needs no new call).

Several processes read and write: write-ahead log, one short transaction for all calls that ended
since the last one, synced before it counts. Killed at any moment, the file holds every call that
was ever given to an asker. Two processes that make the same call both get the reply that was kept
first. The file lies in ``cache/``: it can be made again, though at the price of its calls.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import zlib
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from booktune_assets.errors import BookError, Code, ServiceDown
from booktune_assets.llm.budget import Cost
from booktune_assets.llm.pace import Pace
from booktune_assets.llm.request import Reply, Request, fault_of
from booktune_assets.llm.wire import Raw

__all__ = ["Cache", "Ended"]

BUSY = 60.0  # seconds to wait for another writer
MANY = 500  # keys looked up in one query
# seconds that a refusal stands for: a server at the same address may be started with more room
REFUSED_FOR = 3600.0
_TABLES = """
CREATE TABLE IF NOT EXISTS replies (
  call_key TEXT PRIMARY KEY, model TEXT, revision TEXT, task TEXT, text TEXT, finish TEXT,
  prompt_tokens INTEGER, completion_tokens INTEGER, seconds REAL, made REAL, asked BLOB);
CREATE TABLE IF NOT EXISTS faults (
  call_key TEXT, service TEXT, kind TEXT, says TEXT, made REAL, asked BLOB,
  PRIMARY KEY (call_key, service));
CREATE TABLE IF NOT EXISTS spent (
  name TEXT PRIMARY KEY, calls INTEGER, prompt_tokens INTEGER, completion_tokens INTEGER,
  money REAL, hours REAL);
CREATE TABLE IF NOT EXISTS paces (
  model TEXT, task TEXT, calls INTEGER, token_chars REAL, completion_tokens REAL, seconds REAL,
  PRIMARY KEY (model, task));
"""
_SUM = (
    "INSERT INTO spent VALUES (?,?,?,?,?,?) ON CONFLICT(name) DO UPDATE SET "
    "calls=calls+excluded.calls, prompt_tokens=prompt_tokens+excluded.prompt_tokens, "
    "completion_tokens=completion_tokens+excluded.completion_tokens, "
    "money=money+excluded.money, hours=hours+excluded.hours"
)


@dataclass(frozen=True, slots=True)
class Ended:
    """One call that ended: with an answer, or with a fault that is kept apart."""

    request: Request
    seconds: float
    raw: Raw | None = None
    fault: tuple[str, str] | None = None  # kind, words


class Cache:
    """The file at ``path``; made when missing. Safe between threads and processes.

    Raises ``BookError(DAMAGED_FILE)`` for a file that SQLite cannot read and ``ServiceDown(DISK)``
    when the disk refuses a write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        with self._said():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                path, timeout=BUSY, isolation_level=None, check_same_thread=False
            )
            self._db.execute("PRAGMA journal_mode=WAL")  # some network disks keep the older mode
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_TABLES)
            self._add_column()

    def _add_column(self) -> None:
        """Files of earlier versions have no likelihoods; another process may be adding them."""
        names = {row[1] for row in self._db.execute("PRAGMA table_info(replies)")}
        if "nats" not in names:
            with suppress(sqlite3.OperationalError):
                self._db.execute("ALTER TABLE replies ADD COLUMN nats REAL")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def reply(self, request: Request, service: str = "") -> Reply | None:
        """What is known of the call: its reply, or why ``service`` refused it a while ago."""
        key = request.call_key
        row = self._one(
            "SELECT text, finish, prompt_tokens, completion_tokens, nats, seconds FROM replies "
            "WHERE call_key=?",
            key,
        )
        if row is not None:
            return _reply(request, Raw(*row[:5]), row[5], cached=True)
        row = self._one(
            "SELECT says FROM faults WHERE call_key=? AND service=? AND kind='REFUSED' AND made>?",
            key,
            service,
            time.time() - REFUSED_FOR,
        )
        return None if row is None else Reply(key, "", "error", f"REFUSED: {row[0]}", cached=True)

    def known(self, keys: Sequence[str], service: str = "") -> set[str]:
        """Those of the keys that are not asked: they have a reply, or ``service`` refused them."""
        found: set[str] = set()
        since = time.time() - REFUSED_FOR
        for start in range(0, len(keys), MANY):
            some = keys[start : start + MANY]
            marks = ",".join("?" * len(some))
            query = (
                f"SELECT call_key FROM replies WHERE call_key IN ({marks}) UNION "
                f"SELECT call_key FROM faults WHERE call_key IN ({marks}) AND service=? AND "
                "kind='REFUSED' AND made>?"
            )
            with self._said(), self._lock:
                rows = self._db.execute(query, [*some, *some, service, since]).fetchall()
            found.update(row[0] for row in rows)
        return found

    def asked(self, call_key: str) -> dict[str, Any] | None:
        """The request behind a key (:attr:`Request.payload`), for whoever traces a pair."""
        row = self._one("SELECT asked FROM replies WHERE call_key=?", call_key)
        return None if row is None else json.loads(zlib.decompress(row[0]))

    def replied(self, call_key: str) -> str | None:
        """The text of the reply to a call."""
        row = self._one("SELECT text FROM replies WHERE call_key=?", call_key)
        return None if row is None else str(row[0])

    def spent(self, name: str) -> Cost:
        """What was spent under a budget's name, by all processes."""
        row = self._one(
            "SELECT calls, prompt_tokens, completion_tokens, money, hours FROM spent WHERE name=?",
            name,
        )
        return Cost(*row) if row else Cost()

    def paces(self, model: str) -> dict[str, Pace]:
        """Of each task of the model, as last written."""
        with self._said(), self._lock:
            rows = self._db.execute(
                "SELECT task, calls, token_chars, completion_tokens, seconds FROM paces "
                "WHERE model=?",
                (model,),
            ).fetchall()
        return {row[0]: Pace(*row[1:]) for row in rows}

    def keep(
        self,
        ended: Sequence[Ended],
        *,
        service: str,
        budget: str,
        cost: Cost,
        paces: Iterable[tuple[str, str, Pace]] = (),
    ) -> tuple[list[Reply], Cost]:
        """Write calls that ended, all or none, synced; (their replies, all that is spent now)."""
        with self._said(), self._lock, self._transaction() as db:
            replies = [_put(db, one, service) for one in ended]
            db.execute(
                _SUM,
                (budget, cost.calls, cost.prompt_tokens, cost.completion_tokens, cost.money,
                 cost.hours),
            )  # fmt: skip
            db.executemany(
                "INSERT OR REPLACE INTO paces VALUES (?,?,?,?,?,?)",
                [
                    (model, task, p.calls, p.token_chars, p.completion_tokens, p.seconds)
                    for model, task, p in paces
                ],
            )
            row = db.execute(
                "SELECT calls, prompt_tokens, completion_tokens, money, hours FROM spent "
                "WHERE name=?",
                (budget,),
            ).fetchone()
        return replies, Cost(*row)

    def forgive(self, keys: Iterable[str], service: str) -> None:
        """Forget that the service refused these calls: they were not at fault."""
        with self._said(), self._lock, self._transaction() as db:
            db.executemany(
                "DELETE FROM faults WHERE call_key=? AND service=?",
                [(key, service) for key in keys],
            )

    def _one(self, query: str, *values: object) -> tuple[Any, ...] | None:
        with self._said(), self._lock, closing(self._db.execute(query, values)) as found:
            return found.fetchone()

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def _said(self) -> Generator[None]:
        """SQLite's errors in our words."""
        try:
            yield
        except (sqlite3.OperationalError, OSError) as problem:
            raise ServiceDown(
                Code.DISK,
                "Free space or mend the rights of the folder, then run again: what was answered is "
                "kept",
                file=self.path,
                why=problem,
            ) from problem
        except sqlite3.DatabaseError as problem:
            raise BookError(
                Code.DAMAGED_FILE,
                "Move it away and run again (its calls are then made again), or save what is in it "
                "with sqlite3's .recover",
                file=self.path,
                why=problem,
            ) from problem


def _put(db: sqlite3.Connection, one: Ended, service: str) -> Reply:
    request, key, now = one.request, one.request.call_key, time.time()
    asked = zlib.compress(json.dumps(request.payload, sort_keys=True).encode())
    if one.fault is not None:
        kind, says = one.fault
        db.execute(
            "INSERT OR REPLACE INTO faults VALUES (?,?,?,?,?,?)",
            (key, service, kind, says, now, asked),
        )
        return Reply(key, "", "error", f"{kind}: {says}", seconds=one.seconds)
    raw = one.raw
    assert raw is not None
    done = db.execute(
        "INSERT OR IGNORE INTO replies (call_key, model, revision, task, text, finish, "
        "prompt_tokens, completion_tokens, seconds, made, asked, nats) "
        "VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
        (key, request.model, request.revision, request.task, raw.text, raw.finish,
         raw.prompt_tokens, raw.completion_tokens, one.seconds, now, asked, raw.nats),
    )  # fmt: skip
    if done.rowcount == 0:  # another process was faster: its reply is the reply
        row = db.execute(
            "SELECT text, finish, prompt_tokens, completion_tokens, nats FROM replies "
            "WHERE call_key=?",
            (key,),
        ).fetchone()
        raw = Raw(*row)
    return _reply(request, raw, one.seconds, cached=False)


def _reply(request: Request, raw: Raw, seconds: float, *, cached: bool) -> Reply:
    fault = fault_of(raw.text, raw.finish, request.schema)
    if raw.finish == "filtered":
        fault = "FILTERED: the server held the answer back"
    return Reply(
        request.call_key,
        raw.text,
        "length" if raw.finish == "length" else "stop",
        fault,
        raw.prompt_tokens,
        raw.completion_tokens,
        seconds,
        cached,
        raw.nats,
    )
