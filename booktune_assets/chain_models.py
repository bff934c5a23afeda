"""How rehearsal set and adapter are built from the lake.

Belongs here: what each of them is made from, and the call of its one domain function. Does not:
training (its room), the evaluation (``chain_eval.py``), reuse and publishing (``chain.py``).
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from booktune_assets.chain import House, Made, Stage
from booktune_assets.errors import BookError, Code
from booktune_assets.ids import digest, make_id
from booktune_assets.lake import Receipt
from booktune_assets.progress import advance

__all__ = ["STAGES", "model_name", "newest"]

NOTHING_HELD_OUT = "training though nothing is held out: the report cannot say what was learned"
_REHEARSAL_STEP = 16  # rows are asked for in steps, so that one more example asks for no new ones


def model_name(house: House) -> str:
    """The model that is trained, as settings name it."""
    return str(house.settings.derived["model"].value)


def _revision(house: House) -> str:
    from booktune_assets.llm.models import revision_of

    return revision_of(model_name(house))


def newest(house: House, asset: str) -> tuple[str, Receipt]:
    """Key and receipt of the newest build, or what to build first."""
    if failure := house.lake.failure(asset, asset):
        raise BookError(
            Code.UPSTREAM_FAILED,
            f"Mend {asset} first ({failure.code}): {failure.remedy}",
            asset=asset,
        )
    key = house.lake.current_key(asset)
    receipt = house.lake.receipt(asset, key) if key else None
    if key is None or receipt is None:
        raise BookError(Code.NOT_BUILT, f"Build it: booktune run {asset}", asset=asset)
    return key, receipt


@contextmanager
def _work(house: House, asset: str) -> Generator[Path]:
    """A scratch folder on the lake's disk, gone afterwards: finished files are moved out of it."""
    folder = house.settings.home / "work" / asset
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _replay_rows(house: House) -> int:
    """As many general rows as the share of training asks for, at most what the settings allow."""
    _, receipt = newest(house, "sharegpt_set")
    share = house.settings.training.rehearsal_share
    wanted = share / (1 - share) * receipt.counts.get("rows_train", 0)
    stepped = math.ceil(wanted / _REHEARSAL_STEP) * _REHEARSAL_STEP
    return min(house.settings.rehearsal.replay_rows, stepped)


def _rehearsal_inputs(house: House, _: str) -> dict[str, str]:
    return {"model": _revision(house), "replay_rows": str(_replay_rows(house))}


def _rehearsal_make(house: House, _: str) -> Made:
    from booktune_assets.llm.models import prepare
    from booktune_assets.rehearsal.build import build_rehearsal

    wanted = house.settings.rehearsal.model_copy(update={"replay_rows": _replay_rows(house)})
    model = prepare(model_name(house), house.settings.models)
    with _work(house, "rehearsal_set") as work:
        made = build_rehearsal(model, wanted, work)
    key = make_id("reh", *sorted(made.frame["row_id"].to_list()))
    counts = {"rows": made.frame.height, **made.counts}
    return Made(key, {"rehearsal_set": made.frame}, counts, {"model": asdict(model) | {"path": ""}})


def _adapter_inputs(house: House, _: str) -> dict[str, str]:
    return {
        "model": _revision(house),
        # of the examples alone: what was left out, and for what, is not trained on
        "sharegpt_set": newest(house, "sharegpt_set")[1].fact("sharegpt_set"),
        "rehearsal_set": newest(house, "rehearsal_set")[1].digest,
    }


def _adapter_make(house: House, _: str) -> Made:
    from booktune_assets.llm.models import prepare
    from booktune_assets.training.run import TrainSpec, examples_of, train

    lake, settings = house.lake, house.settings
    dataset_id, dataset = newest(house, "sharegpt_set")
    rehearsal_id = newest(house, "rehearsal_set")[0]
    if not dataset.counts.get("rows_heldout"):  # minutes before the report says so
        advance(NOTHING_HELD_OUT, 0, 1)
    model = prepare(model_name(house), settings.models)
    figures: dict[str, Any] = {
        name: item.value for name, item in settings.derived.items() if name != "model"
    }
    seed, share = settings.training.seed, settings.training.rehearsal_share
    config = digest([figures, seed, share])
    adapter_id = make_id("ada", model.name, model.revision, dataset_id, rehearsal_id, config)
    spec = TrainSpec(
        model=model,
        examples=examples_of(lake.read("sharegpt_set", dataset_id)),
        rehearsal=lake.read("rehearsal_set", rehearsal_id).to_dicts(),
        rehearsal_share=share,
        seed=seed,
        adapter_id=adapter_id,
        dataset_id=dataset_id,
        rehearsal_id=rehearsal_id,
        **figures,
    )
    work = settings.home / "work" / "lora_adapter"
    shutil.rmtree(work, ignore_errors=True)
    made = train(spec, work)
    return Made(adapter_id, made.frames, made.counts, {"base": model.name}, made.files)


STAGES: dict[str, Stage] = {
    "rehearsal_set": Stage(
        "booktune_assets.rehearsal.build",
        ("rehearsal",),
        _rehearsal_inputs,
        _rehearsal_make,
    ),
    "lora_adapter": Stage(
        "booktune_assets.training.run", ("profile", "training"), _adapter_inputs, _adapter_make
    ),
}
