"""What every module of the chain works with: the house, a stage, what it makes, what became of it.

Belongs here: names of the assets and the records that stages and ``build.py`` hand each other. Does
not: how one asset is built (``build.py``), what a stage does (``books.py``, ``models.py``, …).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Literal

import polars as pl

from booktune_assets.books.shelf import Shelf
from booktune_assets.errors import BookError, BooktuneError, Code
from booktune_assets.lake import Lake, Receipt
from booktune_assets.on_disk import Rows
from booktune_assets.settings import Settings

__all__ = ["House", "Made", "Outcome", "Stage", "fact", "partial", "title_of", "version_of"]

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


def version_of(stage: Stage) -> str:
    """``<asset>.<n>``: the VERSION constant beside the stage's domain function."""
    module, _, name = stage.version.partition(":")
    return str(getattr(import_module(module), name or "VERSION"))


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


def title_of(house: House, key: str) -> str:
    """The title of a book that was read; empty for one that was not."""
    if house.lake.receipt("raw_books", key) is None:
        return ""
    return str(house.lake.read("raw_books", key)["title"][0])
