"""Trained adapters that are kept by content: what only follows training asks for no second run.

Belongs here: keeping a run's files with what its child answered, taking them out again. Does not:
the run (``run.py``), what is done with an adapter afterwards (``post/``).

A kept run is a folder named by the digest of all that its steps depend on. Its manifest is written
last and has the SHA-256 of every file; a folder that is not whole counts as none.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from booktune_assets.ids import file_sha256
from booktune_assets.lake import write_json

__all__ = ["keep", "take"]

MANIFEST = "trained.json"
RUNS = 2  # newest first; an adapter of a large model is gigabytes
_LINKED = 1_000_000  # bytes; smaller files are copied, because people edit them in place


def keep(folder: Path, work: Path, names: Iterable[str], answer: dict[str, Any]) -> None:
    """Keep the files ``names`` of ``work`` and the child's answer; older runs beside it go."""
    shutil.rmtree(folder, ignore_errors=True)
    hashes: dict[str, str] = {}
    for name in sorted(names):
        _same(work / name, folder / name)
        hashes[name] = file_sha256(folder / name)
    write_json(folder / MANIFEST, {"answer": answer, "files": hashes})
    written = sorted(folder.parent.glob(f"*/{MANIFEST}"), key=lambda path: path.stat().st_mtime_ns)
    for old in written[:-RUNS]:
        shutil.rmtree(old.parent, ignore_errors=True)


def take(folder: Path, work: Path) -> dict[str, Any] | None:
    """The answer of a kept run, its files put into ``work``; None when there is no whole one."""
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        whole = all(file_sha256(folder / name) == sha for name, sha in found["files"].items())
    except (OSError, ValueError, KeyError):
        return None
    if not whole:
        return None
    for name in found["files"]:
        _same(folder / name, work / name)
    answer: dict[str, Any] = found["answer"]
    return answer


def _same(source: Path, target: Path) -> None:
    """The same file at another place: a second name where the disk allows it, else a copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    if source.stat().st_size >= _LINKED:
        try:
            os.link(source, target)
            return
        except OSError:
            pass
    shutil.copy2(source, target)
