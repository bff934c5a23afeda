"""The stages before the books, as the settings have them: their run, what it depends on.

Belongs here: figures of a training run without its data, the stages' digests, running them on what
is not held out. Does not: how a stage runs (``training/stages.py``), which documents are held out
(``stage_texts.py``), the run over the books (``models.py``).

A finished stage is used again, so whoever needs one first runs it: the rehearsal set, which the
latest of them answers, or else the adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from booktune_assets.chain.house import House
from booktune_assets.chain.stage_texts import split_stages
from booktune_assets.ids import digest
from booktune_assets.settings import Settings
from booktune_assets.settings_forgetting import replays

if TYPE_CHECKING:
    from booktune_assets.training.run import TrainSpec
    from booktune_assets.training.stages import Staged

__all__ = ["bare_spec", "mixed_share", "stage_inputs", "stages_before", "stages_digest"]


def mixed_share(settings: Settings) -> float:
    """The share of the rows that rehearses: none where replay is not chosen."""
    training = settings.training
    return training.rehearsal_share if replays(training.forgetting) else 0.0


def stage_inputs(house: House) -> dict[str, str]:
    """Digest of the texts that each stage that is set is trained on."""
    found = split_stages(house.settings.training)
    return {f"stage {name}": one.digest for name, one in found.items()}


def stages_digest(house: House) -> str:
    """Of all that decides what the stages leave behind; empty without any."""
    from booktune_assets.training.recorded import recorded
    from booktune_assets.training.run import VERSION

    settings = house.settings
    if not settings.training.stages:
        return ""
    training = settings.training
    chosen = training.model_dump(mode="json", exclude={"forgetting", "ssr_share"})
    ways = training.forgetting
    if len(training.stages) < 2:  # the first stage keeps nothing: it only writes down
        chosen.pop("rehearsal_share")
        ways = recorded(ways, first=True)
    told = [one.model_dump(mode="json") for one in ways]
    return digest([VERSION, _figures(house), chosen, told, sorted(stage_inputs(house).items())])


def bare_spec(house: House) -> TrainSpec:
    """A run with the settings' figures, without data and names."""
    from booktune_assets.llm.models import prepare
    from booktune_assets.training.run import TrainSpec

    settings, training = house.settings, house.settings.training
    return TrainSpec(
        model=prepare(str(settings.derived["model"].value), settings.models),
        examples=(), rehearsal=(), adapter_id="", dataset_id="", rehearsal_id="",
        rehearsal_share=training.rehearsal_share,
        seed=training.seed,
        rslora=training.rslora,
        curriculum=training.curriculum,
        ssr_share=None if training.ssr_share == "set" else training.ssr_share,
        quantise=training.quantise,
        checkpointing=training.checkpointing,
        forgetting=training.model_dump(mode="json")["forgetting"],
        save_every=training.save_every,
        resume=training.resume,
        **_figures(house),
    )  # fmt: skip


def stages_before(
    house: House, spec: TrainSpec, first: Callable[[Sequence[TrainSpec]], None] | None = None
) -> list[Staged]:
    """The stages in order, each run or taken up; none where settings name none. Held-out documents
    are in none of their places, so nothing of them is learned, rehearsed or kept in a pool.
    ``first`` is called before one is trained, with all that will be."""
    from booktune_assets.training.stages import run_stages

    chosen, home = house.settings.training, house.settings.cache / "stages"
    sides = split_stages(chosen)
    places = {
        name: stage.model_copy(update={"texts": sides[name].trained(home / "texts" / name)})
        for name, stage in chosen.stages.items()
    }
    return run_stages(spec, places, home, first)


def _figures(house: House) -> dict[str, Any]:
    return {name: one.value for name, one in house.settings.derived.items() if name != "model"}
