"""What ``rehearsal_set`` is made from beside its settings: guards, earlier stages, who writes.

Belongs here: texts that nothing rehearsed may show, digests of the user's texts and of earlier
stages, the model that writes and the one that answers. Does not: the set (``rehearsal/``), its
place in the chain (``models.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from booktune_assets.chain.books import divided, ready_books
from booktune_assets.chain.code import rehearsal_runner
from booktune_assets.chain.house import House
from booktune_assets.chain.stage_texts import held_digest, split_stages
from booktune_assets.chain.stages import (
    bare_spec,
    mixed_share,
    stage_inputs,
    stages_before,
    stages_digest,
)
from booktune_assets.ids import digest, file_sha256
from booktune_assets.settings import Settings

if TYPE_CHECKING:
    from booktune_assets.pairs.benchmarks import Benchmark
    from booktune_assets.rehearsal.callers import Voices
    from booktune_assets.training.run import TrainSpec

__all__ = [
    "earlier_stages", "rehearsal_guards", "rehearsal_inputs", "rehearsal_voices", "rows_beside",
]  # fmt: skip


def rehearsal_inputs(house: House, model: str) -> dict[str, str]:
    """Digests of what rows depend on: texts, stages, guards, who answers, how code is checked."""
    from booktune_assets.llm.models import revision_of
    from booktune_assets.rehearsal.callers import serving
    from booktune_assets.rehearsal.sources import texts_digest
    from booktune_assets.rehearsal.vectors import embedder_name

    settings = house.settings
    wanted = settings.rehearsal.sized(settings.profile)
    inputs = {
        "guards": _guards_digest(house),
        "share": str(mixed_share(settings)),
        "sizes": digest(wanted.model_dump(mode="json")),
        "texts": digest([texts_digest(one.path) for one in wanted.texts]),
    }
    if settings.training.stages:  # rows of theirs are rehearsed beside the set's
        inputs["beside"] = digest(sorted(stage_inputs(house).items()))
    if wanted.synthesised_rows:
        base = wanted.base or model
        runner = rehearsal_runner(house)
        inputs |= {
            "writes": digest([base, revision_of(base), serving(settings, base).llm.engine]),
            "earlier": digest([_stage_digest(folder) for folder in wanted.earlier]),
            "stages": stages_digest(house),
            "vectors": embedder_name(),
            "code": runner.name if runner else "",
        }
    return inputs


def earlier_stages(
    house: House, first: Callable[[Sequence[TrainSpec]], None] | None = None
) -> list[Path]:
    """Folders of the stages that settings name, oldest first; what is not finished is run, and
    ``first`` called before, with what will be run."""
    if not house.settings.training.stages:
        return []
    return [one.folder for one in stages_before(house, bare_spec(house), first)]


def rows_beside(settings: Settings) -> int:
    """Rows that the stages of the settings leave for the books' run to rehearse: none of them is of
    a document that is held out."""
    from booktune_assets.training.texts import POOL

    sides = split_stages(settings.training).values()
    return sum(min(POOL, one.rows()) for one in sides)


def rehearsal_voices(settings: Settings, model: str, earlier: Sequence[Path], work: Path) -> Voices:
    """Who writes and who answers: the newest of the stages ``earlier`` that left an adapter, else
    the model alone."""
    from booktune_assets.rehearsal.callers import adapter_of, voices_of

    found = (adapter_of(folder) for folder in reversed(earlier))
    latest = next((one for one in found if one is not None), None)
    return voices_of(settings, model, latest, work)


def rehearsal_guards(house: House) -> list[Benchmark]:
    """Benchmarks, what is held out of books, sets and stages, and general text that is scored."""
    from booktune_assets.evaluation.general import general_code, general_prose
    from booktune_assets.pairs.benchmarks import load_benchmarks
    from booktune_assets.rehearsal.clean import guarded

    settings = house.settings
    scored = settings.asked
    general = [
        (one.source, one.text)
        for kind in (general_prose, general_code)
        for one in kind(scored.general_texts, scored.text_chars)
    ]
    stages = split_stages(settings.training).values()
    held = [text for one in stages for text in one.held.items()]
    return [
        *load_benchmarks(settings.pairs.benchmarks),
        guarded("held-out sections", _sections(house)),
        guarded("held-out examples", _examples(house)),
        guarded("general text that is scored", general),
        *([guarded("held-out texts of stages", held)] if held else []),
    ]


def _guards_digest(house: House) -> str:
    """Changes with the guards, at less cost than making them."""
    from booktune_assets.evaluation.general import general_version
    from booktune_assets.pairs.benchmarks import registry_digests

    settings, scored = house.settings, house.settings.asked
    general = [general_version(), scored.general_texts, scored.text_chars]
    known = registry_digests(settings.pairs.benchmarks)
    held = held_digest(settings.training)
    more = [held] if held else []
    return digest([known, _sections(house), _examples(house), general, *more])


def _sections(house: House) -> list[tuple[str, str]]:
    ready = ready_books(house).books
    sides = divided(house, ready).sides
    held = [name for name, side in sides.items() if side == "heldout"]
    sections = house.lake.read_all("sections", ready).filter(pl.col("section_id").is_in(held))
    return list(sections.sort("section_id").select("section_id", "text").iter_rows())


def _examples(house: House) -> list[tuple[str, str]]:
    key = house.lake.current_key("sharegpt_set")
    if key is None:
        return []
    held = house.lake.read("sharegpt_set", key).filter(split="heldout").sort("pair_id")
    return [
        (row["pair_id"], "\n\n".join(one["value"] for one in row["conversations"]))
        for row in held.select("pair_id", "conversations").iter_rows(named=True)
    ]


def _stage_digest(folder: Path) -> list[str]:
    """Of what is read of a stage: its examples and its adapter."""
    from booktune_assets.rehearsal.callers import adapter_of
    from booktune_assets.rehearsal.demos import file_of

    examples, adapter = file_of(folder), adapter_of(folder)
    return [
        folder.name,
        file_sha256(examples) if examples else "",
        adapter.name if adapter else "",
    ]
