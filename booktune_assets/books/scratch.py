"""Bytes that are put by outside of memory while a book is read: packed pages and rows.

Belongs here: where they lie and how they come back, the reading child's side and the parent's. Does
not: what they hold (``packed.py rowbook.py ledger.py``), the pipe (``worker.py bounded.py``).

The child may write no file. It hands what it puts by to its parent, which keeps it in a file
without a name, and reads it there itself. Where none is to be had, or the disk is full, bytes stay
in memory: reading takes more of it and goes on. In the file they are not compressed: that took half
of the time in which a page is made again.
"""

from __future__ import annotations

import os
import tempfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

__all__ = ["Scratch", "ScratchFile", "Spilled", "Spot"]

Spot = bytes | int  # the bytes, compressed, or where they lie as they are
_FAST = 1  # zlib's level: higher ones take longer and save little
_SIZE = 32  # bits of a spot that are the length
_PIECE = 256_000  # bytes that are handed on at a time
_MOST = 4_000_000_000  # bytes that one book may put by


class Scratch:
    """Keeps bytes in memory, compressed: for who reads a book without a child."""

    def put(self, data: bytes) -> Spot:
        """Keep bytes; gives where they are."""
        return zlib.compress(data, _FAST)

    def get(self, spot: Spot) -> bytes:
        """What was put there."""
        if not isinstance(spot, bytes):
            raise TypeError("a spot of another scratch")
        return zlib.decompress(spot)


class Spilled(Scratch):
    """Hands bytes to ``write``, which says whether it kept them, and reads them from a file."""

    def __init__(self, file: int, write: Callable[[bytes], bool]) -> None:
        self._file, self._write = file, write
        self._kept = 0  # bytes that lie in the file
        self._waiting = bytearray()
        self._full = False

    def put(self, data: bytes) -> Spot:
        """Keep bytes, in memory when there is no room elsewhere."""
        if self._full:
            return super().put(data)
        spot = (self._kept + len(self._waiting)) << _SIZE | len(data)
        self._waiting += data
        if len(self._waiting) >= _PIECE:
            self._hand_on()
        return spot

    def get(self, spot: Spot) -> bytes:
        """What was put there. Raises ``OSError`` when the file does not hold it any more."""
        if isinstance(spot, bytes):
            return super().get(spot)
        at, size = spot >> _SIZE, spot & (1 << _SIZE) - 1
        if at >= self._kept:
            data = bytes(self._waiting[at - self._kept : at - self._kept + size])
        else:
            data = os.pread(self._file, size, at)
        if len(data) != size:
            raise OSError("what was put by is gone")
        return data

    def _hand_on(self) -> None:
        if self._write(bytes(self._waiting)):
            self._kept += len(self._waiting)
            self._waiting.clear()
        else:
            self._full = True  # what waits is read from where it is


class ScratchFile:
    """The parent's side: a file without a name, and ``reading``, a way to read it that cannot
    write; -1 where no file can be made.
    """

    def __init__(self) -> None:
        self._file = self.reading = -1
        self._size = 0
        with suppress(OSError):
            self._file, name = tempfile.mkstemp(prefix="booktune-")
            try:
                self.reading = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
            finally:
                Path(name).unlink()

    def clear(self) -> None:
        """Give the room back: the book is read."""
        self._size = 0
        with suppress(OSError):
            os.ftruncate(self._file, 0)

    def keep(self, data: bytes) -> bool:
        """Put bytes behind the others; False when there is no room, and those before stay."""
        if self.reading < 0 or self._size + len(data) > _MOST:
            return False
        view, at = memoryview(data), self._size
        try:
            while view:
                written = os.pwrite(self._file, view, at)
                view, at = view[written:], at + written
        except OSError:
            return False
        self._size = at
        return True

    def close(self) -> None:
        """Let go of it; its room is free with that."""
        for one in (self._file, self.reading):
            with suppress(OSError):
                os.close(one)
        self._file = self.reading = -1

    def __del__(self) -> None:
        self.close()  # of a thread that ended
