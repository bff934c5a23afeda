"""One run at a time in a folder of work.

Belongs here: holding a folder, and saying who holds it. Does not: the lake, which many may write
to (``lake.py``); pools of Dagster (``assets/pools.py``), which know nothing of verbs that train or
measure without it.

A folder of work is where a run that was killed goes on: two in it would take each other's files
away. The kernel frees the lock when its holder dies, so a killed run holds nothing.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from booktune_assets.errors import Code, ServiceDown

__all__ = ["alone"]


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """Nobody else works in ``folder`` during the block. Raises ``BUSY`` that says who does.

    The lock lies beside the folder, which may be removed and made again meanwhile.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder.with_name(f".{folder.name}.lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise ServiceDown(
                Code.BUSY,
                "Wait until it has ended, then run again: what it made by then is used",
                folder=folder, process=os.read(handle, 32).decode(errors="replace") or "unknown",
            ) from problem  # fmt: skip
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)
