"""Stages before the books: general texts, then domain code, each a run of the one trainer.

Belongs here: their order, what one begins from, what it leaves, when a finished one is used again.
Does not: the run (``run.py``), the texts (``texts.py``).

A stage's folder holds ``adapter/``, ``left/<strategy>.safetensors``, ``pool.jsonl`` (rows of its
texts that later stages rehearse or refer to), ``reference.json`` (their losses when it ended, which
every later run holds its own against) and, written last, ``stage.json``. It is named by the digest
of all that it is made of, so it is used again while nothing of that changes. The first stage has
nothing earlier to keep: ways of not forgetting are off there. Every stage writes down the path of
its weights and their importance (``recorded.py``), so ways can be chosen and tuned later without
training it again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from booktune_assets.alone import alone
from booktune_assets.ids import digest, file_sha256, make_id
from booktune_assets.lake import write_json
from booktune_assets.progress import advance
from booktune_assets.training.recorded import as_sections, recorded
from booktune_assets.training.run import ADAPTER_FILES, TrainSpec, config_of, train
from booktune_assets.training.texts import demo_pool, stage_rows, texts_digest

__all__ = ["ORDER", "Staged", "run_stages"]

ORDER = ("general", "domain")
MANIFEST = "stage.json"
POOL_CHARS = 2000  # of a text in the pool
_PLAIN = ("pool.jsonl", "reference.json")


@dataclass(frozen=True, slots=True)
class Staged:
    """A finished stage: its folder, its row of ``lora_adapter__stages``, its pool.

    ``remembered``: what it knew of the stages before it when it ended.
    """

    name: str
    folder: Path
    row: dict[str, Any]
    pool: list[dict[str, Any]]
    remembered: Sequence[Mapping[str, Any]] = ()

    def files(self, work: Path) -> dict[str, Path]:
        """Copies of its files for the lake, by their name there. The folder itself stays."""
        found: dict[str, Path] = {}
        for path in sorted(self.folder.rglob("*")):
            inner = path.relative_to(self.folder)
            if path.is_file() and (inner.parts[0] in ("adapter", "left") or inner.name in _PLAIN):
                copy = work / "stages" / self.name / inner
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, copy)
                found[f"stages/{self.name}/{inner}"] = copy
        return found


def run_stages(
    books: TrainSpec, stages: Mapping[Any, Any], home: Path,
    first: Callable[[Sequence[TrainSpec]], None] | None = None,
) -> list[Staged]:  # fmt: skip
    """Run or take up the stages that settings name, in order. ``books`` is the run after them.

    ``stages`` are settings sections by name; ``home`` is the folder of finished stages. ``first``
    is called before anything is trained, where anything is, with all stages that will be: it raises
    what would come too late.
    """
    done: list[Staged] = []
    wanted = [name for name in ORDER if name in stages]
    # of all of them first: a bad row of the last is said before the first takes hours
    rows = {name: stage_rows(Path(stages[name].texts)) for name in wanted}
    plans: list[TrainSpec] = []
    for name in wanted:
        plans.append(_planned(name, books, stages[name], rows[name], plans))
    for number, plan in enumerate(plans):
        spec = replace(
            plan,
            rehearsal=[row for one in done for row in one.pool],
            earlier=done[-1].folder if done else None,
            known={one.name: one.folder for one in done},
        )
        if first and not (_place(plan.stage, spec, home) / MANIFEST).is_file():
            first(plans[number:])  # one that follows begins from this one, so it is trained, too
            first = None
        done.append(_stage(plan.stage, spec, done, home))
    return done


def _planned(
    name: str, books: TrainSpec, section: Any, rows: tuple[list[Any], list[Any]],
    before: Sequence[TrainSpec],
) -> TrainSpec:  # fmt: skip
    """A stage as far as it is known while those ``before`` it have left nothing yet.

    ``ssr_share`` is the books' alone: what a stage rehearses are texts of stages, none of which the
    model wrote.
    """
    texts, examples = rows
    return replace(
        books,
        stage=name,
        before=len(before),
        examples=examples,
        texts=texts,
        rehearsal=[row for one in before for row in one.pool],
        rehearsal_share=books.rehearsal_share if before else 0.0,
        ssr_share=None,
        forgetting=_without_pages(books.forgetting) if before else (),
        steps=section.steps or books.steps,
        learning_rate=section.learning_rate or books.learning_rate,
        curriculum="shuffled",
        attach="continue" if before else "fresh",
        earlier=None,
        pool=demo_pool(texts, examples, POOL_CHARS),
        record=_records(books, first=not before),
        adapter_id=make_id("ada", "stage", name),  # of its tables; the books' takes its place
        dataset_id=make_id("data", name, texts_digest(Path(section.texts))),
        rehearsal_id="",
        stages=(),
        known={},
    )


def _without_pages(ways: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The ways that a stage of plain texts can take: self-distillation reads a book's page."""
    return [one for one in ways if one["kind"] != "sdft"]


def _records(books: TrainSpec, *, first: bool) -> list[Mapping[str, Any]]:
    sections = recorded(as_sections(books.forgetting), first=first)
    return [section.model_dump(mode="json") for section in sections]


def _place(name: str, spec: TrainSpec, home: Path) -> Path:
    return home / f"{name}-{config_of(spec)[:16]}"


def _stage(name: str, spec: TrainSpec, done: Sequence[Staged], home: Path) -> Staged:
    folder = _place(name, spec, home)
    if known := _as_it_was(name, folder):
        return known
    with alone(folder):  # of two runs that need it one trains it
        return _as_it_was(name, folder) or _run(name, spec, done, folder)


def _as_it_was(name: str, folder: Path) -> Staged | None:
    """A stage that is done already."""
    row = _finished(folder)
    if row is None:
        return None
    advance(f"stage {name}: as it was", 1, 1)
    known = json.loads((folder / MANIFEST).read_text()).get("remembered", [])
    return Staged(name, folder, row, _pool(folder), known)


def _run(name: str, spec: TrainSpec, done: Sequence[Staged], folder: Path) -> Staged:
    """Train a stage and write what it leaves, its manifest last."""
    advance(f"stage {name}", 0, 1)
    made = train(spec, folder)
    (trained,) = made.frames["lora_adapter__stages"].to_dicts()
    before = done[-1].name if done else spec.model.name
    row = {**trained, "stage": name, "place": len(done), "began_from": before}
    hashes = {
        str(path.relative_to(folder)): file_sha256(path)
        for part in ("adapter", "left")
        for path in sorted((folder / part).rglob("*"))
        if path.is_file()
    }
    for inputs in ("examples.jsonl", "rehearsal.jsonl", "texts.jsonl"):
        (folder / inputs).unlink(missing_ok=True)
    manifest = {"row": row, "files": hashes, "digest": digest(hashes)}
    write_json(folder / MANIFEST, manifest | {"remembered": made.remembered})
    advance(f"stage {name}", 1, 1)
    return Staged(name, folder, row, _pool(folder), made.remembered)


def _finished(folder: Path) -> dict[str, Any] | None:
    """The row of a stage whose files are all as they were written, else None."""
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        whole = all(file_sha256(folder / name) == sha for name, sha in found["files"].items())
    except (OSError, ValueError, KeyError):
        return None
    return found["row"] if whole and f"adapter/{ADAPTER_FILES[0]}" in found["files"] else None


def _pool(folder: Path) -> list[dict[str, Any]]:
    with (folder / "pool.jsonl").open(encoding="utf-8") as lines:  # of texts with any line ends
        return [json.loads(line) for line in lines]
