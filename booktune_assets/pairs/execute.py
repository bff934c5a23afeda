"""The code of candidates is run: one batch for a book, each program once, verdicts kept by content.

Belongs here: the runner of a house, the store of verdicts, what the outcomes of a candidate come to
(level of verification, refusals of the gates G4 and G5). Does not: running (``beam/alone.py``), the
programs themselves (the families).

A verdict depends on the program's text and the toolchain, so it is kept in
``<home>/cache/verified`` and a program is run once. Where the sandbox gave no answer nothing is
kept and nobody is judged: such a candidate counts as not run.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from booktune_assets.beam.alone import VERSION, Found, Program, run_programs
from booktune_assets.beam.steps import listing_kind
from booktune_assets.beam.toolchains import Toolchain
from booktune_assets.errors import MissingPrerequisite
from booktune_assets.ids import digest
from booktune_assets.pairs.candidate import Candidate, Trial
from booktune_assets.schemas_pairs import VERIFICATIONS

__all__ = [
    "NOT_RUN", "Runner", "find_runner", "not_compiled", "not_executed", "run_trials", "unrun",
    "verified",
]  # fmt: skip

NOT_RUN = "not_run"
ONLY_VERIFIED = frozenset({"fill_in", "fix_bug"})  # nothing but a run says that these are right
AS_SAID = frozenset({"match", "ran", "error_as_said"})
_ABSENT = frozenset(
    {"dependency", "newer_version", "project"}
)  # reasons: it needs what is not here
_UNCOMPILED = frozenset({"does_not_compile", "does_not_parse"})
_HANDLE = re.compile(r"(#(?:PID|Port|Ref|Reference|Function|Fun)<)[^<>\n]*>|<\d+\.\d+\.\d+>")
_TABLE = "CREATE TABLE IF NOT EXISTS verdicts (key TEXT PRIMARY KEY, found TEXT NOT NULL)"
_SHOWN = 80


@dataclass(slots=True)
class Runner:
    """Runs programs with one toolchain; ``folder`` keeps verdicts, None keeps none.

    ``ran`` counts programs that were run, ``known`` those whose verdict was kept, ``lost`` those
    without an answer.
    """

    chain: Toolchain
    folder: Path | None = None
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("ran", "known", "lost"), 0)
    )

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


def unrun(candidate: Candidate) -> bool:
    """Is there code to run that was not run?"""
    if not candidate.trials:
        return False
    return not candidate.outcomes or any(one is None for one in candidate.outcomes)


def not_compiled(candidate: Candidate) -> str:
    """G4: why code that has to compile does not, or an empty string."""
    for trial, found in _tried(candidate):
        if not trial.needed or trial.wanted == "differs" or _holds(trial, found):
            continue
        for one in found if trial.wanted == "runs" else found[:-1]:
            if one.verdict == "unverifiable":
                return f"unverifiable_{one.reason}"
            if one.verdict == "mismatch" and one.reason in _UNCOMPILED:
                return one.reason
    return ""


def not_executed(candidate: Candidate) -> str:
    """G5: what came instead of what has to come, or an empty string."""
    if candidate.family in ONLY_VERIFIED and (unrun(candidate) or not candidate.trials):
        return NOT_RUN
    for trial, found in _tried(candidate):
        if trial.needed and not _holds(trial, found):
            return _instead(trial, found)
    return ""


def _instead(trial: Trial, found: tuple[Found, ...]) -> str:
    last = found[-1]
    if trial.wanted == "differs":
        same = last.verdict in AS_SAID
        return "fault_shows_nothing" if same else f"fault_{last.reason or last.verdict}"
    bad = next((one for one in found if one.verdict not in AS_SAID), last)
    if bad.verdict == "unverifiable":
        return f"unverifiable_{bad.reason}"
    came = _HANDLE.sub(lambda match: f"{match[1]}…>" if match[1] else "<…>", bad.actual)
    return f"gives {' '.join(came.split())[:_SHOWN]}"


def verified(candidate: Candidate, name: str) -> tuple[str, str | None]:
    """Level of verification and what found it out; ``name``: the toolchain."""
    plain = "parsed" if candidate.code else "none"
    if unrun(candidate) or not candidate.trials:
        return plain, None
    levels = [_level(trial, found) for trial, found in _tried(candidate) if _holds(trial, found)]
    best = max(levels, key=VERIFICATIONS.index, default=plain)
    if levels:
        return best, f"{name}: {_says(best, levels.count(best), candidate)}"
    pieces = [one for found in candidate.outcomes if found for one in found]
    if absent := next((one for one in pieces if one.reason in _ABSENT), None):
        return "unverifiable", f"{name}: {absent.reason} {absent.detail}".rstrip()
    return plain, None


def _says(level: str, count: int, candidate: Candidate) -> str:
    if any(trial.wanted == "differs" for trial in candidate.trials):
        return "as said without the fault, otherwise with it"
    if level == "tested":
        return f"meets {count} example{'s' if count > 1 else ''} of the book"
    if level == "executed":
        compared = any(trial.wanted == "value" for trial in candidate.trials)
        return "gives what the book shows" if compared else "runs"
    return "fails as the book shows" if level == "intended_failure" else "compiles"


def _tried(candidate: Candidate) -> Iterator[tuple[Trial, tuple[Found, ...]]]:
    for trial, found in zip(candidate.trials, candidate.outcomes, strict=False):
        if found is not None:
            yield trial, found


def _holds(trial: Trial, found: tuple[Found, ...]) -> bool:
    last = found[-1]
    if trial.wanted == "value":
        return last.verdict == "match"
    if trial.wanted == "raises":
        return last.verdict == "error_as_said"
    if trial.wanted == "differs":
        return last.verdict == "mismatch" and last.reason not in ("no_answer", *_UNCOMPILED)
    return all(one.verdict in AS_SAID for one in found)


def _level(trial: Trial, found: tuple[Found, ...]) -> str:
    if trial.wanted in ("value", "differs"):
        return "tested" if trial.tests else "executed"
    if trial.wanted == "raises":
        return "intended_failure"
    if any(one.verdict == "error_as_said" for one in found[-1:]):
        return "intended_failure"
    last = trial.program.pieces[-1]
    kind = "typed" if last.kind == "typed" else listing_kind(last.text, last.lang)
    if kind == "test" and found[-1].verdict == "match":
        return "tested"
    whole = kind in ("module", "test") or (last.lang == "erlang" and last.kind == "listing")
    return "compiled" if whole else "executed"


def _key(program: Program, name: str) -> str:
    pieces = [[one.kind, one.lang, one.text, one.expected, one.fails] for one in program.pieces]
    return digest([name, program.cpu_ms, pieces])


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
