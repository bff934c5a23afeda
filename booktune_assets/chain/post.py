"""What follows training, in the chain: which texts an adapter is measured on, and the one call.

Belongs here: held-out answers and general text for the alpha curve, what is added to the adapter's
tables and files, routing over the lake. Does not: measuring and merging (``training/post``).

The curve chooses a strength, so its texts are not those of ``eval_report``: general passages come
after the ones that are evaluated, in the same order of sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from booktune_assets.ids import digest
from booktune_assets.llm.models import BaseModel
from booktune_assets.training.post.build import VERSION, PostSpec, after_training
from booktune_assets.training.run import Trained, examples_of

if TYPE_CHECKING:
    from booktune_assets.chain.house import House
    from booktune_assets.training.post.routing import Router

__all__ = ["curve_inputs", "finished", "general_rows", "routing"]

TEXT_CHARS = 700


def curve_inputs(house: House) -> str:
    """What beside the set decides curve and merge: add it to the adapter's inputs.

    Their version is one of them, so that a change of it trains nothing again.
    """
    from booktune_assets.evaluation.general import general_version

    return digest([VERSION, general_version(), house.settings.asked.general_texts])


def finished(
    house: House, made: Trained, dataset_id: str, model: BaseModel, work: Path,
    figures: Mapping[str, Any],
) -> tuple[Trained, dict[str, object]]:  # fmt: skip
    """``made`` with the curve's table, its picture, the scaled or mended adapter and the merged
    model, as ``[post]`` says; and notes for the receipt.

    ``figures`` are the run's: ``seq_len`` and ``quantise`` are read. Raises ``MERGE_DIFFERS``.
    """
    row = made.frames["lora_adapter"].row(0, named=True)
    spec = PostSpec(
        model=model,
        adapter=made.files["adapter/adapter_config.json"].parent,
        adapter_id=str(row["adapter_id"]),
        post=house.settings.post,
        examples=_heldout(house, dataset_id),
        texts=general_rows(house),
        seq_len=int(figures["seq_len"]),
        quantise=str(figures.get("quantise", "auto")),
    )
    posted = after_training(spec, work)
    adapter = made.frames["lora_adapter"].with_columns(adapter_sha256=pl.lit(posted.sha256))
    frames = {**made.frames, "lora_adapter": adapter, **posted.frames}
    files, counts = {**made.files, **posted.files}, {**made.counts, **posted.counts}
    return replace(made, frames=frames, files=files, counts=counts), posted.notes


def routing(house: House, dataset_id: str, router: Router | None = None) -> dict[str, Any]:
    """Threshold and measured accuracy of adapter on or off, from held-out questions of the set.

    ``router``: one that was built over the shelf already; building it reads all of it.
    """
    from booktune_assets.chain.retrieval import shelf_index
    from booktune_assets.training.post.questions import GENERAL
    from booktune_assets.training.post.routing import Router, calibrate

    rows = _rows(house, dataset_id, pl.col("family") != "retrieved")  # those hold passages
    asked = [str(one["turns"][0]["content"]) for one in rows]
    return calibrate(router or Router(shelf_index(house.settings)), asked, GENERAL).as_row()


def _rows(house: House, dataset_id: str, *which: pl.Expr) -> list[dict[str, Any]]:
    held = house.lake.read("sharegpt_set", dataset_id).filter(pl.col("split") == "heldout", *which)
    return examples_of(held.with_columns(split=pl.lit("train")))  # it reads that side alone


def _heldout(house: House, dataset_id: str) -> list[dict[str, Any]]:
    return _rows(house, dataset_id)[: house.settings.post.curve_texts]


def general_rows(house: House) -> list[dict[str, str]]:
    """General passages that are neither rehearsed nor evaluated, as training reads texts."""
    from booktune_assets.evaluation.general import general_prose

    taken, wanted = house.settings.asked.general_texts, house.settings.post.curve_texts
    passages = general_prose(taken + wanted, TEXT_CHARS)[taken:]
    return [{"row_id": digest(one.text)[:16], "text": one.text} for one in passages]
