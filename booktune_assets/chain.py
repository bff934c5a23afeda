"""The chain: for each asset its inputs, its code version, and how it is built from the lake.

Belongs here: reading inputs, deciding reuse, calling the one domain function of a stage, publishing
or recording the failure. Does not: domain rules (the rooms), scheduling and retries (``assets/``).
Model stages are in ``chain_models.py`` and ``chain_eval.py``; this module knows them by name only.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Literal

import polars as pl

from booktune_assets.books.shelf import Shelf
from booktune_assets.errors import BookError, BooktuneError, Code, ServiceDown
from booktune_assets.lake import Lake, Receipt
from booktune_assets.on_disk import Rows
from booktune_assets.settings import Settings

__all__ = [
    "BOOK_STAGES",
    "MODEL_STAGES",
    "SET_STAGES",
    "House",
    "Outcome",
    "build",
    "code_version",
    "state",
]

BOOK_STAGES = ("raw_books", "sections", "concept_graph", "instruction_pairs")
SET_STAGES = ("sharegpt_set", "alpaca_set")
SIDE_STAGES = ("code_verification",)  # of one book, made only when asked for
PER_BOOK = BOOK_STAGES + SIDE_STAGES
MODEL_STAGES = ("rehearsal_set", "lora_adapter", "eval_report")
UPSTREAM = {
    "sections": "raw_books",
    "concept_graph": "sections",
    "instruction_pairs": "concept_graph",
    "code_verification": "sections",
}


@dataclass(frozen=True, slots=True)
class House:
    """What every stage works with."""

    settings: Settings
    lake: Lake
    shelf: Shelf

    @classmethod
    def open(cls, settings: Settings) -> House:
        """The house of some settings; touches no disk."""
        return cls(settings, Lake(settings.lake), Shelf(settings))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one build. ``key`` is the receipt's key, or the asset's name if it failed."""

    asset: str
    key: str
    status: Literal["made", "reused", "failed"]
    receipt: Receipt | None
    error: BooktuneError | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Made:
    """What a stage hands over for publishing."""

    key: str
    frames: Mapping[str, pl.DataFrame | Rows]
    counts: Mapping[str, int]
    notes: Mapping[str, object] = field(default_factory=dict[str, object])
    files: Mapping[str, Path] = field(default_factory=dict[str, Path])


@dataclass(frozen=True, slots=True)
class Stage:
    """One asset: where its version stands, which settings matter, its inputs and its maker.

    ``settled``: what it reads, it reads in its first seconds, so that an input that changes later
    makes the result old, not wrong: hours of training are published and count as stale.
    ``mend`` puts right what a reused receipt stands for outside of the lake; ``after`` writes it
    when the receipt is new.
    """

    version: str
    settings: tuple[str, ...]
    inputs: Callable[[House, str], dict[str, str]]
    make: Callable[[House, str], Made]
    mend: Callable[[House, Receipt], None] | None = None
    after: Callable[[House, Receipt], object] = lambda house, receipt: None
    settled: bool = False


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
        made = stage.make(house, name)
        if not stage.settled and stage.inputs(house, name) != inputs:
            raise ServiceDown(
                Code.STALE_INPUT, "Run again: the inputs settle", asset=asset, key=name
            )
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
    """``<asset>.<n>``: the VERSION constant beside the stage's domain function."""
    module, _, name = _stage(asset).version.partition(":")
    return str(getattr(import_module(module), name or "VERSION"))


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
    if failure and failure.inputs == inputs:
        return "failed"
    if name in lake.interrupted(asset):
        return "interrupted"
    return "stale" if have else "missing"


def partial(receipt: Receipt) -> bool:
    """Good for all that is made from it, but a later run has to go on with it (a spent budget)."""
    return bool(receipt.notes.get("partial"))


def fact(house: House, table: str, key: str, *, positions: bool = False) -> str:
    """Digest of a built table, or ``NOT_BUILT`` / ``UPSTREAM_FAILED``."""
    asset = table.split("__", 1)[0]
    receipt = house.lake.receipt(asset, key)
    failure = house.lake.failure(asset, key)
    if failure is not None:
        raise BookError(
            Code.UPSTREAM_FAILED,
            f"Mend {asset} first ({failure.code}): {failure.remedy}",
            asset=asset,
            key=key,
        )
    if receipt is None:
        raise BookError(Code.NOT_BUILT, f"Build it: booktune run {asset}", asset=asset, key=key)
    return receipt.fact(table, positions=positions)


def _stage(asset: str) -> Stage:
    if asset in BOOK_STAGES or asset in SET_STAGES:
        stages = import_module("booktune_assets.chain_books").STAGES
    elif asset in SIDE_STAGES:
        stages = import_module("booktune_assets.chain_code").STAGES
    elif asset == "eval_report":
        stages = import_module("booktune_assets.chain_eval").STAGES
    elif asset in MODEL_STAGES:
        stages = import_module("booktune_assets.chain_models").STAGES
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
    return found if found and not partial(found) else None


def _newest(asset: str, lake: Lake) -> Receipt | None:
    key = lake.current_key(asset)
    return lake.receipt(asset, key) if key else None


def _failed(
    asset: str, key: str, house: House, problem: BooktuneError,
    version: str, settings: str, inputs: dict[str, str], began: float,
) -> Outcome:  # fmt: skip
    name = key or asset
    if problem.code is not Code.UPSTREAM_FAILED:  # the row stands at the stage that failed, once
        with suppress(OSError):  # a full disk cannot take the row either; the caller hears of it
            house.lake.fail(
                asset, name, problem, code_version=version, settings=settings, inputs=inputs
            )
    return Outcome(asset, name, "failed", None, problem, time.monotonic() - began)


def _last_line(problem: BaseException) -> str:
    frames = traceback.extract_tb(problem.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(problem).__name__} at {place}: {problem}"
