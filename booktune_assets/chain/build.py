"""The chain: for each asset its inputs, its code version, and how it is built from the lake.

Belongs here: reading inputs, deciding reuse, calling the one domain function of a stage, publishing
or recording the failure. Does not: domain rules (the rooms), scheduling and retries (``assets/``).
What the stages are is in ``books.py``, ``code.py``, ``models.py`` and ``eval.py``, loaded by name.
"""

from __future__ import annotations

import errno
import time
import traceback
from collections.abc import Generator
from contextlib import contextmanager, nullcontext, suppress
from importlib import import_module
from pathlib import Path

from booktune_assets.alone import alone
from booktune_assets.chain.house import (
    BOOK_STAGES,
    MODEL_STAGES,
    PER_BOOK,
    SET_STAGES,
    SIDE_STAGES,
    House,
    Outcome,
    Stage,
    partial,
    version_of,
)
from booktune_assets.errors import BookError, BooktuneError, Code, ServiceDown
from booktune_assets.lake import Failure, Lake, Receipt

__all__ = ["build", "code_version", "fails_still", "state"]

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def build(asset: str, key: str | None, house: House, *, last_try: bool = False) -> Outcome:
    """Reuse or build one asset; ``key`` is the book for those of one book, else None.

    A fault of the input is recorded in the lake and returned; only :class:`ServiceDown` is raised,
    for the asset layer to retry, and on the last try it is recorded as well.
    """
    began = time.monotonic()
    name = key or ""
    stage = _stage(asset)
    version, wanted = code_version(asset), house.settings.digest_for(*stage.settings)
    inputs: dict[str, str] = {}
    try:
        inputs = stage.inputs(house, name)
        if receipt := _reusable(asset, name, house, version, wanted, inputs):
            if stage.mend:
                stage.mend(house, receipt)
            return Outcome(asset, receipt.key, "reused", receipt, None, time.monotonic() - began)
        with _at_work(asset, house):
            made = stage.make(house, name)
            _require_same(stage, asset, name, house, inputs)
            receipt = house.lake.publish(
                asset, made.key, made.frames, code_version=version, settings=wanted, inputs=inputs,
                counts=made.counts, notes=made.notes, files=made.files,
                seconds=time.monotonic() - began,
            )  # fmt: skip
        stage.after(house, receipt)
    except ServiceDown as problem:
        if not last_try:
            raise
        return _failed(asset, name, house, problem, version, wanted, inputs, began)
    except BooktuneError as problem:
        return _failed(asset, name, house, problem, version, wanted, inputs, began)
    except Exception as problem:
        wrapped = BookError(
            Code.INTERNAL,
            "Please report it with the line below. " + _last_line(problem),
            asset=asset, key=name,
        )  # fmt: skip
        wrapped.__cause__ = problem
        return _failed(asset, name, house, wrapped, version, wanted, inputs, began)
    if asset not in PER_BOOK:
        house.lake.set_current(asset, made.key)
        house.lake.clear_failure(asset, asset)
    return Outcome(asset, made.key, "made", receipt, None, time.monotonic() - began)


def code_version(asset: str) -> str:
    """``<asset>.<n>``: the version of an asset's code, by which a result is known to be old."""
    return version_of(_stage(asset))


def state(asset: str, key: str | None, house: House) -> str:
    """``current``, ``stale``, ``failed``, ``interrupted``, ``blocked`` or ``missing``."""
    stage, lake, name = _stage(asset), house.lake, key or ""
    failure = lake.failure(asset, name or asset)
    have = lake.receipt(asset, name) if asset in PER_BOOK else _newest(asset, lake)
    try:
        inputs = stage.inputs(house, name)
    except BooktuneError as problem:
        blocked = problem.code in (Code.UPSTREAM_FAILED, Code.NOT_BUILT)
        if blocked:
            return (
                "stale"
                if have
                else ("blocked" if problem.code is Code.UPSTREAM_FAILED else "missing")
            )
        return "failed"
    wanted = house.settings.digest_for(*stage.settings)
    if have and have.same_work(code_version(asset), wanted, inputs) and not partial(have):
        return "current"
    if failure and _stands(failure, code_version(asset), wanted, inputs):
        return "failed"
    if name in lake.interrupted(asset):
        return "interrupted"
    return "stale" if have else "missing"


def fails_still(asset: str, key: str | None, house: House) -> bool:
    """Whether a failure is recorded that the same code, settings and inputs would repeat.

    One whose inputs cannot be told stands: what is above it has to be mended first.
    """
    stage, name = _stage(asset), key or ""
    failure = house.lake.failure(asset, name or asset)
    if failure is None:
        return False
    wanted = house.settings.digest_for(*stage.settings)
    try:
        inputs = stage.inputs(house, name)
    except BooktuneError:
        return _stands(failure, code_version(asset), wanted, failure.inputs)
    return _stands(failure, code_version(asset), wanted, inputs)


def _stands(failure: Failure, version: str, settings: str, inputs: dict[str, str]) -> bool:
    """Whether a failure is of this very work; a row may not say of which code or settings."""
    same = failure.settings in ("", settings) and failure.code_version in ("", version)
    return same and failure.inputs == inputs


@contextmanager
def _at_work(asset: str, house: House) -> Generator[None]:
    """A disk that refuses is ``DISK``, wherever a stage writes.

    A run of a model works in one folder, also where a killed one goes on: ``BUSY`` for a second.
    Its files are moved out of there, so the folder is held until they are published.
    """
    folder = house.settings.home / "work" / asset
    try:
        with alone(folder) if asset in MODEL_STAGES else nullcontext():
            yield
    except OSError as problem:
        if problem.errno not in _FULL:
            raise
        raise ServiceDown(
            Code.DISK, "Free space, then run again: what was finished is kept", asset=asset,
            path=problem.filename or house.settings.home, why=problem.strerror,
        ) from problem  # fmt: skip


def _require_same(stage: Stage, asset: str, key: str, house: House, inputs: dict[str, str]) -> None:
    """Raises ``STALE_INPUT`` where what a stage reads all along has changed meanwhile."""
    if not stage.settled and stage.inputs(house, key) != inputs:
        raise ServiceDown(Code.STALE_INPUT, "Run again: the inputs settle", asset=asset, key=key)


def _stage(asset: str) -> Stage:
    if asset in BOOK_STAGES or asset in SET_STAGES:
        stages = import_module("booktune_assets.chain.books").STAGES
    elif asset in SIDE_STAGES:
        stages = import_module("booktune_assets.chain.code").STAGES
    elif asset == "eval_report":
        stages = import_module("booktune_assets.chain.eval").STAGES
    elif asset in MODEL_STAGES:
        stages = import_module("booktune_assets.chain.models").STAGES
    else:
        known = ", ".join(PER_BOOK + SET_STAGES + MODEL_STAGES)
        raise BookError(Code.UNKNOWN_ASSET, f"Choose one of {known}", asset=asset)
    found: Stage = stages[asset]
    return found


def _reusable(
    asset: str, key: str, house: House, version: str, settings: str, inputs: dict[str, str]
) -> Receipt | None:
    lake = house.lake
    if asset in PER_BOOK:
        found = lake.current(asset, key, version, settings, inputs)
        if found and lake.failure(asset, key):
            lake.clear_failure(asset, key)  # the inputs went back to what had worked
        return None if found and partial(found) else found
    newest = lake.current_key(asset)
    found = newest and lake.current(asset, newest, version, settings, inputs)
    if not found or partial(found):
        return None
    lake.clear_failure(asset, asset)  # settings and inputs went back to what had worked
    return found


def _newest(asset: str, lake: Lake) -> Receipt | None:
    key = lake.current_key(asset)
    return lake.receipt(asset, key) if key else None


def _failed(
    asset: str, key: str, house: House, problem: BooktuneError,
    version: str, settings: str, inputs: dict[str, str], began: float,
) -> Outcome:  # fmt: skip
    name = key or asset
    # the row of a failed stage stands there, once; that another run builds this is no failure
    if problem.code not in (Code.UPSTREAM_FAILED, Code.BUSY):
        with suppress(OSError):  # a full disk cannot take the row either; the caller hears of it
            house.lake.fail(
                asset, name, problem, code_version=version, settings=settings, inputs=inputs
            )
    return Outcome(asset, name, "failed", None, problem, time.monotonic() - began)


def _last_line(problem: BaseException) -> str:
    frames = traceback.extract_tb(problem.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(problem).__name__} at {place}: {problem}"
