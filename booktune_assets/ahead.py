"""Work on slices in threads, the results in order.

Belongs here: a map that looks a few items ahead. Does not: what is done with a slice (``pairs/``).

Polars, numpy and Rust extensions let go of the interpreter while they work on a column, so that
threads use all cores without a second process and without a copy. What a function gives must depend
on its item alone; then nothing depends on the number of threads.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["ahead"]

Item = TypeVar("Item")
Made = TypeVar("Made")
THREADS_MAX = 4  # slices in work hold memory, and more threads than that wait for the interpreter


def ahead(
    function: Callable[[Item], Made], items: Iterable[Item], threads: int | None = None
) -> Generator[Made]:
    """``map(function, items)``. Items are drawn in the caller's thread, ``threads`` at a time."""
    count = threads or min(THREADS_MAX, os.cpu_count() or 1)
    with ThreadPoolExecutor(count) as pool:
        begun: deque[Future[Made]] = deque()
        try:
            for item in items:
                begun.append(pool.submit(function, item))
                if len(begun) >= count:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for future in begun:
                future.cancel()
