"""How rehearsal set and adapter are built from the lake.

Belongs here: what each of them is made from, and the call of its one domain function. Does not:
training (its room), the evaluation (``eval.py``), reuse and publishing (``build.py``).
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from booktune_assets.chain.code import rehearsal_runner
from booktune_assets.chain.house import House, Made, Stage
from booktune_assets.chain.rehearsal import (
    earlier_stages,
    rehearsal_guards,
    rehearsal_inputs,
    rehearsal_voices,
    rows_beside,
)
from booktune_assets.chain.shelf import work_of
from booktune_assets.chain.stages import bare_spec, mixed_share, stage_inputs, stages_before
from booktune_assets.errors import BookError, Code
from booktune_assets.ids import digest, make_id
from booktune_assets.lake import Receipt
from booktune_assets.progress import advance
from booktune_assets.settings_forgetting import memory_rows, require_adapter, require_written

if TYPE_CHECKING:
    from booktune_assets.training.run import TrainSpec
    from booktune_assets.training.stages import Staged

__all__ = [
    "STAGES", "base_of", "books_run", "failed_since", "model_name", "newest", "standing",
]  # fmt: skip

PLAIN_FORMAT = "the model has no chat template: it is taught booktune's plain one"
NOTHING_HELD_OUT = "training though nothing is held out: the report cannot say what was learned"
PAGE_CHARS = 6000  # of a section, shown before its questions in self-distillation
_REHEARSAL_STEP = 16  # rows are asked for in steps, so that one more example asks for no new ones


def model_name(house: House) -> str:
    """The model that is trained, as settings name it."""
    return str(house.settings.derived["model"].value)


def _revision(house: House) -> str:
    from booktune_assets.llm.models import revision_of

    return revision_of(model_name(house))


def newest(house: House, asset: str) -> tuple[str, Receipt]:
    """Key and receipt of the newest build, or what to build first.

    A build that failed since keeps what is made of it away: see :func:`standing` for what only asks
    or measures.
    """
    if failure := house.lake.failure(asset, asset):
        raise BookError(
            Code.UPSTREAM_FAILED,
            f"Mend {asset} first ({failure.code}): {failure.remedy}",
            asset=asset,
        )
    return standing(house, asset)


def standing(house: House, asset: str) -> tuple[str, Receipt]:
    """Key and receipt of the newest build that came to its end, whatever has failed since."""
    key = house.lake.current_key(asset)
    receipt = house.lake.receipt(asset, key) if key else None
    if key is None or receipt is None:
        raise BookError(Code.NOT_BUILT, f"Build it: booktune run {asset}", asset=asset)
    return key, receipt


def failed_since(house: House, asset: str) -> str:
    """That a newer build failed and which one stands in for it, for a person; or empty."""
    failure, key = house.lake.failure(asset, asset), house.lake.current_key(asset)
    if failure is None or key is None:
        return ""
    return f"the newest {asset} failed ({failure.code}), {key} stands in for it. {failure.remedy}"


def base_of(house: House, adapter_id: str) -> str:
    """The model under an adapter of the lake, as settings would name it.

    It is what the adapter was trained on, also when settings name another one by now. Raises
    ``BAD_SETTING`` when that was a folder which they name no more.
    """
    from booktune_assets.llm.models import GEMMA, TINY

    row = house.lake.read("lora_adapter", adapter_id).row(0, named=True)
    base, now = str(row["base"]), model_name(house)
    folder = Path(now).expanduser()
    if (folder.name if folder.is_dir() else now.partition("@")[0]) == base:
        return now
    if base in (GEMMA, TINY):
        return base
    if "/" in base:
        return f"{base}@{row['base_revision']}"
    raise BookError(
        Code.BAD_SETTING,
        f"Set training.model to the folder {base}, which the adapter was trained on, or train on "
        "this model: booktune run lora_adapter",
        adapter=adapter_id, model=now,
    )  # fmt: skip


@contextmanager
def _work(house: House, asset: str) -> Generator[Path]:
    """A scratch folder on the lake's disk, gone afterwards: finished files are moved out of it."""
    folder = house.settings.home / "work" / asset
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _replay_rows(house: House) -> int:
    """As many general rows as the share of training asks for, or as many as chosen ways look at;
    at most what the settings allow."""
    _, receipt = newest(house, "sharegpt_set")
    share, training = mixed_share(house.settings), house.settings.training
    looked_at = memory_rows(training.forgetting, stages=bool(training.stages))
    wanted = max(share / (1 - share) * receipt.counts.get("rows_train", 0), looked_at)
    stepped = math.ceil(wanted / _REHEARSAL_STEP) * _REHEARSAL_STEP
    most = house.settings.rehearsal.sized(house.settings.profile).replay_rows or 0
    return min(most, stepped)


def _rehearsal_inputs(house: House, _: str) -> dict[str, str]:
    return {
        "model": _revision(house),
        "replay_rows": str(_replay_rows(house)),
        **rehearsal_inputs(house, model_name(house)),
    }


def _rehearsal_make(house: House, _: str) -> Made:
    from booktune_assets.llm.models import prepare
    from booktune_assets.rehearsal.build import build_rehearsal

    settings = house.settings
    _require_adapter(house)
    model = prepare(model_name(house), settings.models)
    wanted = settings.rehearsal.sized(settings.profile)
    own: list[Path] = []
    if wanted.synthesised_rows:  # hours on a GPU: what the run after them would refuse comes first
        looked: list[int] = []

        def look(stages: Sequence[TrainSpec]) -> None:
            _look_ahead(house, stages)
            looked.append(len(stages))

        own = earlier_stages(house, look)
        if not looked:  # no stage is trained: the books' run alone
            look(())
    folders = [*wanted.earlier, *own] if wanted.synthesised_rows else []
    wanted = wanted.model_copy(update={"replay_rows": _replay_rows(house), "earlier": folders})
    with _work(house, "rehearsal_set") as work:
        made = build_rehearsal(
            wanted,
            mixed_share(settings),
            rehearsal_voices(settings, model_name(house), folders, work),
            rehearsal_guards(house),
            rehearsal_runner(house),
            rows_beside(settings),
        )
    key = make_id("reh", *sorted(made.frames["rehearsal_set"]["row_id"].to_list()))
    notes = made.notes | {"model": asdict(model) | {"path": ""}}
    return Made(key, made.frames, made.counts, notes)


def _adapter_inputs(house: House, _: str) -> dict[str, str]:
    from booktune_assets.chain.post import curve_inputs

    return {
        "model": _revision(house),
        # of the examples alone: what was left out, and for what, is not trained on
        "sharegpt_set": newest(house, "sharegpt_set")[1].fact("sharegpt_set"),
        "rehearsal_set": newest(house, "rehearsal_set")[1].digest,
        **stage_inputs(house),
        "curve": curve_inputs(house),
    }


def _adapter_make(house: House, _: str) -> Made:
    """The stages before the books, then the books. ``work`` stays: killed runs go on from it."""
    from booktune_assets.chain.post import finished
    from booktune_assets.training.run import train

    settings = house.settings
    _require_merge(house)
    if not newest(house, "sharegpt_set")[1].counts.get("rows_heldout"):
        advance(NOTHING_HELD_OUT, 0, 1)  # minutes before the report says so
    texts = {name.removeprefix("stage "): one for name, one in stage_inputs(house).items()}
    spec, done = books_run(house)
    work = settings.home / "work" / "lora_adapter"
    figures = {"seq_len": spec.seq_len, "quantise": spec.quantise}
    trained = train(spec, work, settings.cache / "trained")
    made, notes = finished(house, trained, spec.dataset_id, spec.model, work, figures)
    files = dict(made.files)
    for stage in done:
        files |= stage.files(work)
    # what `stage_inputs` said when it began: the evaluation asks whether it is still so
    notes = {"base": spec.model.name, "stage_texts": texts} | notes
    ends = [*((one.name, one.remembered) for one in done), ("books", trained.remembered)]
    if told := [{"after": end, **row} for end, rows in ends for row in rows]:
        notes["remembered"] = told
    if not _has_template(house):
        notes["template"] = PLAIN_FORMAT
    return Made(spec.adapter_id, made.frames, made.counts, notes, files)


def books_run(house: House) -> tuple[TrainSpec, list[Staged]]:
    """The run over the books, after the stages before it, which are run where they are not done."""
    from dataclasses import replace

    _require_adapter(house)
    spec = _train_spec(house)
    done = stages_before(house, spec, lambda stages: _look_ahead(house, stages))
    if not done:
        return spec, []
    more = [row for one in done for row in one.pool]
    return replace(
        spec,
        attach="continue",
        earlier=done[-1].folder,
        rehearsal=[*spec.rehearsal, *more],
        stages=[one.row for one in done],
        known={one.name: one.folder for one in done},
        before=len(done),
    ), done


def _look_ahead(house: House, stages: Sequence[TrainSpec]) -> None:
    """What these stages or the books' run would refuse is refused before the first of them, or the
    writing of what is rehearsed, takes its hours."""
    from dataclasses import replace

    from booktune_assets.training.run import examples_of, look_at

    key, _ = newest(house, "sharegpt_set")
    rows = house.lake.read("sharegpt_set", key)
    examples = examples_of(rows, _pages(house, rows))
    if not examples:
        raise BookError(Code.NO_EXAMPLES, "Build a set with training examples first")
    work = work_of(house.settings) / "look"  # of this process: runs beside this one look, too
    books = replace(bare_spec(house), examples=examples, dataset_id=key)
    look_at([*stages, replace(books, before=len(house.settings.training.stages))], work)
    shutil.rmtree(work, ignore_errors=True)


def _require_adapter(house: House) -> None:
    """What gives no adapter, or no answers in a form that anybody asks for, is refused before hours
    are spent."""
    settings = house.settings
    require_adapter(settings.training.forgetting)
    require_written(settings.training, settings.rehearsal.sized(settings.profile).synthesised_rows)
    if house.settings.training.chat_format == "own" and not _has_template(house):
        raise BookError(
            Code.NO_CHAT_TEMPLATE,
            "Put its chat_template.jinja into its folder, name a model that was tuned for "
            'conversations, or set training.chat_format = "plain" to teach it booktune\'s '
            "(Question, Answer)",
            model=model_name(house),
        )  # fmt: skip


def _has_template(house: House) -> bool:
    from booktune_assets.llm.models import has_template, prepare

    return has_template(prepare(model_name(house), house.settings.models).path)


def _require_merge(house: House) -> None:
    """A merge that cannot be is refused before the training that it follows."""
    if house.settings.post.merge == "off":
        return
    from booktune_assets.training.plan import free_memory, require_merge, shape_for

    require_merge(shape_for(model_name(house))[0], free_memory())


def _train_spec(house: House) -> TrainSpec:
    """The run over the books, as settings and lake have it."""
    from dataclasses import replace

    from booktune_assets.training.run import examples_of

    lake, settings = house.lake, house.settings
    dataset_id, rehearsal_id = (
        newest(house, name)[0] for name in ("sharegpt_set", "rehearsal_set")
    )
    examples = lake.read("sharegpt_set", dataset_id)
    spec = bare_spec(house)
    figures = {name: item.value for name, item in settings.derived.items() if name != "model"}
    chosen = [settings.training.model_dump(mode="json"), list(stage_inputs(house).items())]
    config = digest([figures, *chosen, settings.post.model_dump(mode="json")])
    model = spec.model
    return replace(
        spec,
        examples=examples_of(examples, _pages(house, examples)),
        rehearsal=lake.read("rehearsal_set", rehearsal_id).to_dicts(),
        adapter_id=make_id("ada", model.name, model.revision, dataset_id, rehearsal_id, config),
        dataset_id=dataset_id,
        rehearsal_id=rehearsal_id,
    )


def _pages(house: House, examples: pl.DataFrame) -> dict[str, str] | None:
    """By example the text around what its answer quotes, where self-distillation is to see it."""
    if all(one.kind != "sdft" for one in house.settings.training.forgetting):
        return None
    books = examples["book_id"].unique().sort().to_list()
    rows = house.lake.read_all("sections", books).select("section_id", "text")
    texts = dict(rows.iter_rows())
    found: dict[str, str] = {}
    for name, section, quotes in examples.select(
        "example_id", "section_id", "evidence"
    ).iter_rows():
        own = [one for one in quotes if one["section_id"] == section]
        answers = [one for one in own if one["role"] == "answer"] or own
        if section in texts:
            first = min((one["char_start"] for one in answers), default=0)
            last = max((one["char_end"] for one in answers), default=0)
            found[name] = _around(texts[section], first, last)
    return found


def _around(text: str, first: int, last: int) -> str:
    """At most ``PAGE_CHARS`` of a section with the span in the middle, from the start of a line."""
    start = max(0, min((first + last - PAGE_CHARS) // 2, len(text) - PAGE_CHARS, first))
    if start and text[start - 1] != "\n":
        start = text.find("\n", start, first) + 1 or start
    return text[start : start + PAGE_CHARS]


STAGES: dict[str, Stage] = {
    "rehearsal_set": Stage(
        "booktune_assets.rehearsal.build",
        ("rehearsal",),
        _rehearsal_inputs,
        _rehearsal_make,
    ),
    "lora_adapter": Stage(
        "booktune_assets.training.run",
        ("profile", "training", "post"),
        _adapter_inputs,
        _adapter_make,
        settled=True,
    ),
}
