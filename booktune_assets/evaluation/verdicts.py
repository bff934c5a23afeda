"""Verdicts on programs, kept by content: to score a finished run again runs nothing.

Belongs here: what a kept verdict is known by, which may be kept. Does not: judging
(``beam/runner.py``), what models said (``cache.py``).

A key names everything that can change a verdict: the program, the problem's tests and reference
(its time limit), the runner and its Erlang modules, Elixir and OTP, the sandbox. Not kept are
faults of ours and whatever a busy machine may have caused: a time limit met while more was waiting
for a processor than there are processors.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

from booktune_assets.beam import runner, sandbox
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.programs import key_of, program
from booktune_assets.beam.toolchain import toolchain_version
from booktune_assets.beam.verdicts import Verdict
from booktune_assets.evaluation.cache import CallCache
from booktune_assets.ids import digest, file_sha256

__all__ = ["FILE", "judged", "keeping"]

FILE = "verdicts.jsonl"
_LOST = frozenset(("harness_error", "killed"))  # of the second the machine may be the cause, too
_folder: ContextVar[Path | None] = ContextVar("verdicts", default=None)


@contextmanager
def keeping(folder: Path | None) -> Generator[None]:
    """Within the block verdicts are looked up and kept in a file of ``folder``."""
    before = _folder.set(folder)
    try:
        yield
    finally:
        _folder.reset(before)


def judged(jobs: Sequence[tuple[Problem, str]]) -> list[Verdict]:
    """As ``runner.judge_many``; what was judged before is not judged again."""
    folder = _folder.get()
    if folder is None or not jobs:
        return runner.judge_many(jobs)
    store = CallCache(folder / FILE)
    keys = [_key(problem, code) for problem, code in jobs]
    found = {key: Verdict(**store.get(key)) for key in keys if key in store}
    todo = {key: job for key, job in zip(keys, jobs, strict=True) if key not in found}
    if todo:
        verdicts = runner.judge_many(list(todo.values()))
        busy = _busy()
        for key, verdict in zip(todo, verdicts, strict=True):
            found[key] = verdict
            if verdict.status not in _LOST and not (verdict.status == "timeout" and busy):
                store.put(key, asdict(verdict))
    return [found[key] for key in keys]


def _key(problem: Problem, code: str) -> str:
    made = program(problem.language, code)
    return digest([
        _runner(), key_of(problem), problem.reference, problem.test_count, problem.min_elixir,
        dict(made.sources), dict(made.files),
    ])  # fmt: skip


@lru_cache(maxsize=1)
def _runner() -> str:
    """Whatever judges here."""
    modules = sorted((Path(runner.__file__).parent / "priv").glob("*.erl"))
    sources = [[one.name, file_sha256(one)] for one in modules]
    limits = asdict(runner.run_limits())
    return digest([
        runner.VERSION, sources, toolchain_version(), sandbox.probe().kind, limits,
    ])  # fmt: skip


def _busy() -> bool:
    """Did more wait for a processor in the last minute than there are?"""
    return os.getloadavg()[0] > len(os.sched_getaffinity(0))
