"""The code of candidates is run: one batch for a book, each program once, verdicts kept.

Belongs here: the runner of a house and its store of verdicts. Does not: how programs are run
(``beam/alone.py``), the programs themselves (the families), what comes of it (``outcomes.py``).

A verdict depends on the program's text and the toolchain, so it is kept in
``<home>/cache/verified`` and a program is run once. Where the sandbox gave no answer nothing is
kept and nobody is judged: such a candidate counts as not run.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from booktune_assets.beam.alone import VERSION, Found, Program, run_programs
from booktune_assets.beam.toolchains import Toolchain
from booktune_assets.errors import MissingPrerequisite
from booktune_assets.ids import digest
from booktune_assets.pairs.candidate import Candidate
from booktune_assets.pairs.outcomes import unrun
from booktune_assets.schemas_pairs import VERIFICATIONS

__all__ = ["Runner", "find_runner", "run_counts", "run_trials"]

_TABLE = "CREATE TABLE IF NOT EXISTS verdicts (key TEXT PRIMARY KEY, found TEXT NOT NULL)"
_NONE = {"ran": 0, "known": 0, "lost": 0}


@dataclass(slots=True)
class Runner:
    """Runs programs with one toolchain; ``folder`` keeps verdicts, None keeps none.

    ``ran`` counts programs that were run, ``known`` those whose verdict was kept, ``lost`` those
    without an answer.
    """

    chain: Toolchain
    folder: Path | None = None
    counts: dict[str, int] = field(default_factory=lambda: dict(_NONE))

    @property
    def name(self) -> str:
        """What its verdicts depend on besides the programs."""
        return f"{self.chain.name}, {VERSION}"

    def found(self, programs: Sequence[Program]) -> dict[Program, tuple[Found, ...]]:
        """Verdicts by program; one without an answer is not among them."""
        keys = {one: _key(one, self.name) for one in dict.fromkeys(programs)}
        kept = _kept(self.folder, list(keys.values()))
        known = {one: kept[key] for one, key in keys.items() if key in kept}
        todo = [one for one in keys if one not in known]
        answers = zip(todo, run_programs(todo, self.chain), strict=True)
        new = {one: found for one, found in answers if found is not None}
        _keep(self.folder, {keys[one]: found for one, found in new.items()})
        self.counts["ran"] += len(new)
        self.counts["known"] += len(known)
        self.counts["lost"] += len(todo) - len(new)
        return known | new


def find_runner(cache: Path | None, folders: Sequence[str] = ()) -> Runner | None:
    """The runner of this machine: None without Elixir or a sandbox."""
    from booktune_assets.beam.sandbox import probe
    from booktune_assets.beam.toolchains import toolchains

    chains = toolchains(folders)
    if not chains or probe().rung is None:
        return None
    return Runner(chains[0], None if cache is None else cache / "verified")


def run_trials(candidates: Iterable[Candidate], runner: Runner | None) -> None:
    """Fill in the outcomes of all candidates, with as few starts of a sandbox as can be."""
    tried = [one for one in candidates if one.trials]
    found: dict[Program, tuple[Found, ...]] = {}
    if runner is not None:
        programs = [trial.program for one in tried for trial in one.trials]
        try:
            found = runner.found(programs)
        except (OSError, MissingPrerequisite):  # the service failed: no verdict on anybody
            runner.counts["lost"] += len(set(programs))
    for one in tried:
        one.outcomes = [found.get(trial.program) for trial in one.trials]
        if one.finish is not None and not unrun(one):
            one.finish(one)


def run_counts(pairs: pl.DataFrame, runner: Runner | None) -> dict[str, int]:
    """Programs run now, known and without an answer; kept pairs by how far their code came."""
    counts = {f"programs_{name}": n for name, n in (runner.counts if runner else _NONE).items()}
    levels = dict(pairs.group_by("verification").len().iter_rows())
    return counts | {f"code_{name}": levels.get(name, 0) for name in VERIFICATIONS[1:]}


def _key(program: Program, name: str) -> str:
    pieces = [[one.kind, one.lang, one.text, one.expected, one.fails] for one in program.pieces]
    return digest([name, program.hasty, pieces])


def _kept(folder: Path | None, keys: Sequence[str]) -> dict[str, tuple[Found, ...]]:
    """Kept verdicts by key. A store that cannot be read is an empty one: all can be run again."""
    file = _file(folder)
    if file is None or not file.is_file():
        return {}
    found: dict[str, tuple[Found, ...]] = {}
    try:
        with closing(sqlite3.connect(file, timeout=60)) as store:
            for key in keys:
                row = store.execute("SELECT found FROM verdicts WHERE key = ?", (key,)).fetchone()
                if row:
                    found[key] = tuple(Found(*one) for one in json.loads(row[0]))
    except (sqlite3.Error, ValueError, TypeError):
        return {}
    return found


def _keep(folder: Path | None, found: dict[str, tuple[Found, ...]]) -> None:
    """Add verdicts; a store that is damaged is put away and begun anew."""
    file = _file(folder)
    if file is None or not found:
        return
    rows = [
        (key, json.dumps([[one.verdict, one.reason, one.detail, one.actual] for one in pieces]))
        for key, pieces in found.items()
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write(file, rows)
    except sqlite3.DatabaseError as problem:
        if isinstance(problem, sqlite3.OperationalError):
            return  # locked for a minute, or no room: it is run again next time
        file.unlink(missing_ok=True)
        _write(file, rows)


def _write(file: Path, rows: list[tuple[str, str]]) -> None:
    with closing(sqlite3.connect(file, timeout=60)) as store, store:
        store.execute(_TABLE)
        store.executemany("INSERT OR IGNORE INTO verdicts VALUES (?, ?)", rows)


def _file(folder: Path | None) -> Path | None:
    return None if folder is None else folder / "verdicts.sqlite"
