"""Verdicts of a run that is not over yet, kept as they come.

Belongs here: the file beside the output and who may go on with it. Does not: verdicts
(``runner.py``), rows (``batch.py``).

The first line says what is judged by what: files, verdicts of another version or toolchain are not
gone on with. Each further line is one verdict: the number of its candidate (from 0), the row, and
whether it is the last word; a later line of a candidate replaces an earlier one. What is no last
word is judged again: a BEAM that it shared may have spoilt it.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from booktune_assets.errors import BookError, Code

__all__ = ["Journal", "journal"]

_END = ".partial"
Row = dict[str, Any]


class Journal:
    """``kept`` are verdict rows of an earlier run that are the last word, by candidate."""

    def __init__(self, path: Path, descriptor: int, kept: Mapping[int, Row]) -> None:
        self.path, self.kept = path, dict(kept)
        self.held = len(self.kept)
        self._descriptor, self._lock = descriptor, threading.Lock()

    def add(self, number: int, row: Mapping[str, object], final: bool) -> None:
        """Keep a verdict. Any thread may."""
        line = json.dumps({"number": number, "final": final, "row": row}, ensure_ascii=False)
        with self._lock:
            self.held += 1
            os.write(self._descriptor, f"{line}\n".encode("utf-8", "replace"))


@contextmanager
def journal(out: Path, inputs: str, *, resume: bool = True) -> Generator[Journal]:
    """The journal of a run that writes ``out``; away when the block ends well, or held nothing.

    ``resume``: take what an earlier run left that had the same ``inputs`` (a digest). Raises
    BAD_SETTING when another run writes the file, DISK when nobody can.
    """
    path = out.with_name(f"{out.name}{_END}")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError as problem:
        raise BookError(Code.DISK, f"Write elsewhere: {problem.strerror}", path=path) from problem
    try:
        _alone(descriptor, path)
        kept = _read(path, inputs) if resume else {}
        os.truncate(descriptor, 0)
        made = Journal(path, descriptor, kept)
        os.write(descriptor, f"{json.dumps({'inputs': inputs})}\n".encode())
        made.held = 0
        for number, row in kept.items():
            made.add(number, row, True)
        try:
            yield made
        except BaseException:
            if not made.held:
                path.unlink(missing_ok=True)
            raise
        path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _alone(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        words = "Give each run a file of its own: another one writes this"
        raise BookError(Code.BAD_SETTING, words, path=path) from problem


def _read(path: Path, inputs: str) -> dict[int, Row]:
    """Last words of an earlier run; none where it judged something else. A line that is torn is
    the last one."""
    found: dict[int, Row] = {}
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines[:-1]):
        try:
            one = cast("Row", json.loads(line))
            if number == 0 and one["inputs"] != inputs:
                return {}
            if number and one["final"]:
                found[int(one["number"])] = dict(one["row"])
        except (ValueError, KeyError, TypeError):
            return found
    return found
