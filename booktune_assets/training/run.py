"""One training run as the chain sees it: a specification in, frames and files out.

Belongs here: the specification, its digest, the child, the rows of ``lora_adapter``. Does not:
anything that needs torch (``child.py`` and what it imports), stages before the books
(``stages.py``).
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

import polars as pl

from booktune_assets.children import run_child
from booktune_assets.contracts import check
from booktune_assets.errors import BookError, Code
from booktune_assets.ids import digest, file_sha256
from booktune_assets.lake import replaced
from booktune_assets.llm.architecture import positions_of
from booktune_assets.llm.models import BaseModel
from booktune_assets.progress import advance
from booktune_assets.schemas import ADAPTER, ADAPTER_STAGES, ADAPTER_STEPS
from booktune_assets.schemas_training import ADAPTER_SEEN
from booktune_assets.settings_forgetting import faults, memory_rows, replays
from booktune_assets.training.attach import uses_rslora
from booktune_assets.training.kept import keep, take
from booktune_assets.training.lengths import within
from booktune_assets.training.recorded import as_sections
from booktune_assets.training.rehearsed import WRITTEN
from booktune_assets.training.texts import check_examples, turns_of

__all__ = [
    "ADAPTER_FILES", "VERSION", "TrainSpec", "Trained", "config_of", "examples_of", "look_at",
    "train",
]  # fmt: skip

VERSION = "lora_adapter.6"
CHILD = "booktune_assets.training.child"
ADAPTER_FILES = ("adapter_model.safetensors", "adapter_config.json")
REPLAY: tuple[Mapping[str, Any], ...] = ({"kind": "replay"},)
# what does not change what a run gives
_FREE = frozenset(
    {
        "adapter_id", "earlier", "stages", "known", "save_every", "resume", "checkpointing",
        "cut_max", "stage", "before",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrainSpec:
    """All that decides what a run gives.

    ``examples`` are ``{"example_id", "turns": [{"role", "content"}, …]}``, learned in this order
    (``curriculum="set"``) or shuffled; ``texts`` are whole texts (``row_id``, ``text``);
    ``rehearsal`` are rows of ``rehearsal_set`` (``row_id``, ``prompt``, ``text``, ``turns``).
    ``rehearsal_share`` is a share of packed rows, kept exactly, and ``ssr_share`` one of the
    samples in them; without replay in ``forgetting`` none is mixed in and ``rehearsal`` is only
    what ways look at. ``quantise="nf4"`` keeps the base weights in four bits (QLoRA); ``auto`` does
    so on a GPU that plain weights would fill. ``cut_max`` is the share of examples that ``seq_len``
    may cut or leave out.

    ``forgetting`` are settings sections of strategies. ``earlier`` is the folder of the stage
    before, whose adapter is gone on with (``attach="continue"``) and whose leavings strategies see.
    ``pool`` are rows whose losses at the end are written down, ``record`` are sections of ways that
    only write down what they need later: what a stage does for the next. ``stages`` are rows of
    the stages before, ``known`` their folders by name: how well their pools are known is measured
    at the end and held against the losses that they wrote down. ``stage`` is the name of a run
    before the books, ``before`` the number of runs before this one, also while none of them is done
    and there is no folder yet: errors name the one, memory counts by the other.
    """

    model: BaseModel
    examples: Sequence[Mapping[str, Any]]
    rehearsal: Sequence[Mapping[str, Any]]
    adapter_id: str
    dataset_id: str
    rehearsal_id: str
    rank: int
    learning_rate: float
    steps: int
    seq_len: int
    batch_rows: int
    rehearsal_share: float = 0.2
    ssr_share: float | None = None
    cut_max: float = 0.1
    seed: int = 0
    quantise: Literal["auto", "none", "nf4"] = "auto"
    rslora: Literal["auto", "on", "off"] = "auto"
    curriculum: Literal["set", "shuffled"] = "set"
    checkpointing: Literal["auto", "on", "off"] = "auto"
    forgetting: Sequence[Mapping[str, Any]] = REPLAY
    save_every: int = 0
    resume: Literal["auto", "must", "never"] = "auto"
    attach: str = "fresh"
    earlier: Path | None = None
    texts: Sequence[Mapping[str, Any]] = ()
    pool: Sequence[Mapping[str, Any]] = ()
    record: Sequence[Mapping[str, Any]] = ()
    stages: Sequence[Mapping[str, Any]] = ()
    known: Mapping[str, Path] = field(default_factory=dict[str, Path])
    stage: str = ""
    before: int = 0

    @property
    def follows(self) -> bool:
        """Is there a stage before it?"""
        return self.before > 0 or self.earlier is not None

    @property
    def share(self) -> float:
        """Of the rows that rehearse: none where replay is not chosen."""
        return self.rehearsal_share if replays(as_sections(self.forgetting)) else 0.0

    @property
    def alpha(self) -> int:
        """LoRA alpha: twice the rank, so the adapter's strength does not depend on the rank."""
        return 2 * self.rank

    @property
    def scale(self) -> float:
        """What BA is multiplied by: alpha / rank, or alpha / √rank with rsLoRA."""
        root = uses_rslora(self.rslora, self.rank)
        return self.alpha / (math.sqrt(self.rank) if root else self.rank)

    @property
    def rate(self) -> float:
        """Peak rate of the run. ``learning_rate`` is meant for a scale of 2, as plain LoRA has it.

        A step of B moves the function by rate x scale, so rsLoRA's larger scale is divided out.
        """
        whole = self.attach == "full" or any(
            section.get("form") == "block_expansion" for section in self.forgetting
        )
        return self.learning_rate if whole else self.learning_rate * 2 / self.scale


@dataclass(frozen=True, slots=True)
class Trained:
    """``frames`` of ``lora_adapter``; ``files`` by their name in the lake; ``counts``.

    ``remembered`` has a row for each earlier stage (``child.remembered``).
    """

    frames: dict[str, pl.DataFrame]
    files: dict[str, Path]
    counts: dict[str, int]
    remembered: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def examples_of(
    sharegpt: pl.DataFrame, pages: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The training examples of a ``sharegpt_set`` frame, in the set's order of learning.

    ``pages`` are texts by example: each brings its own along then. Raises ``STALE_INPUT`` for one
    without: its section is not what the set was made of.
    """
    chosen = sharegpt.filter(pl.col("split") == "train").sort("curriculum", "example_id")
    if pages is not None and (lost := set(chosen["example_id"]) - set(pages)):
        raise BookError(
            Code.STALE_INPUT, "Build the set again: sections of its examples are not in the lake",
            examples=len(lost), first=min(lost),
        )  # fmt: skip
    rows = chosen.select("example_id", "conversations").iter_rows(named=True)
    return [
        {"example_id": row["example_id"], "turns": turns_of(row["conversations"])}
        | ({"page": pages[row["example_id"]]} if pages is not None else {})
        for row in rows
    ]


def config_of(spec: TrainSpec) -> str:
    """Digest of all that a run's steps depend on: a checkpoint of another one is not gone on with.

    Where the earlier stage lies does not count, its weights do.
    """
    parts = {one.name: getattr(spec, one.name) for one in fields(spec) if one.name not in _FREE}
    parts["model"] = [spec.model.name, spec.model.revision]
    before = spec.earlier / "adapter" / ADAPTER_FILES[0] if spec.earlier else None
    return digest([VERSION, parts, file_sha256(before) if before else ""])


def train(spec: TrainSpec, work: Path, kept: Path | None = None) -> Trained:
    """Train in a child process; ``work`` ends with ``adapter/``, ``left/``, log and inputs.

    Block expansion gives a whole model, which no adapter could hold: ``model/`` instead.

    A run that was killed goes on from its last checkpoint when it is asked for again in the same
    ``work``. One that ended is not made twice when ``kept`` names the folder where finished runs
    are kept by content. Raises ``OTHER_CONFIG`` when it must go on (``resume="must"``) and cannot.
    """
    _check(spec)
    work.mkdir(parents=True, exist_ok=True)
    place = kept / config_of(spec)[:32] if kept else None
    found = take(place, work) if place and spec.resume != "never" else None
    if found and within(found["counts"], spec.cut_max):  # else the child says what is too long
        advance("training: as it was", 1, 1)
        return _trained(spec, found, work)
    for form in ("adapter", "model"):
        shutil.rmtree(work / form, ignore_errors=True)
    result = run_child(CHILD, _order(spec, work), work)
    made = _trained(spec, result, work)
    if place:
        keep(place, work, made.files, result)
    return made


def look_at(specs: Sequence[TrainSpec], work: Path) -> None:
    """Raises what the first of these runs that is refused would before its first step: rows,
    lengths, memory. They follow each other, and none of them has begun.

    One child loads a tokenizer and no model. What the books' run rehearses is left out: stages add
    to it, and the rehearsal set may not be made yet.
    """
    orders: list[dict[str, Any]] = []
    for number, spec in enumerate(specs):
        if spec.stage:
            _check(spec)
        else:
            spec = replace(spec, rehearsal=(), rehearsal_share=0.0)
            check_examples(spec.examples)
            _check_positions(spec)
        own = work / f"{number}"
        own.mkdir(parents=True, exist_ok=True)
        orders.append(_order(spec, own))
    run_child(CHILD, {"looks": orders}, work)


def _order(spec: TrainSpec, work: Path) -> dict[str, Any]:
    """What the child is told; rows lie beside it in files."""
    order: dict[str, Any] = {
        "examples": str(_jsonl(work / "examples.jsonl", spec.examples)),
        "rehearsal": str(_jsonl(work / "rehearsal.jsonl", spec.rehearsal)),
        "texts": str(_jsonl(work / "texts.jsonl", spec.texts)),
        "pool": str(_jsonl(work / "pool.jsonl", spec.pool)) if spec.pool else "",
        "work": str(work),
        "alpha": spec.alpha,
        "learning_rate": spec.rate,
        "rehearsal_share": spec.share,
        "config": config_of(spec),
        "earlier": str(spec.earlier) if spec.earlier else "",
        "before": max(spec.before, int(spec.follows)),
        "stage": spec.stage,
        "known": {name: str(folder) for name, folder in spec.known.items()},
        "forgetting": [dict(section) for section in spec.forgetting],
        "record": [dict(section) for section in spec.record],
        "model": {**asdict(spec.model), "path": str(spec.model.path)},
    }
    plain = (
        "rank", "steps", "seq_len", "batch_rows", "ssr_share", "cut_max", "seed",
        "quantise", "rslora", "curriculum", "checkpointing", "save_every", "resume", "attach",
    )  # fmt: skip
    return order | {name: getattr(spec, name) for name in plain}


def _trained(spec: TrainSpec, result: dict[str, Any], work: Path) -> Trained:
    files = {f"adapter/{name}": work / "adapter" / name for name in ADAPTER_FILES}
    if result["form"] == "model":
        files = {f"model/{file.name}": file for file in sorted((work / "model").iterdir())}
    left = {f"left/{name}.safetensors" for name in result["left"]}
    files |= {name: work / name for name in sorted(left)}
    counts = {name: int(value) for name, value in result["counts"].items()}
    counts |= {"rows": 1, "peak_mb": int(result["peak_mb"])}
    return Trained(_frames(spec, result, files), files, counts, result.get("remembered", []))


def _check(spec: TrainSpec) -> None:
    """What cannot be trained on is said before anything is loaded."""
    if not spec.examples and not spec.texts:
        raise BookError(Code.NO_EXAMPLES, "Build a set with training examples first")
    check_examples(spec.examples)
    sections = as_sections(spec.forgetting)
    if wrong := faults(sections, stages=spec.follows):
        raise BookError(Code.BAD_SETTING, wrong[0], forgetting=len(sections))
    _check_memory(spec, memory_rows(sections, stages=spec.follows))
    _check_positions(spec)


def _check_positions(spec: TrainSpec) -> None:
    limit = positions_of(spec.model.path)
    if limit and spec.seq_len > limit:
        raise BookError(
            Code.BAD_SETTING,
            f"The model was made for {limit} positions: lower training.seq_len",
            seq_len=spec.seq_len,
        )


def _check_memory(spec: TrainSpec, looked_at: int) -> None:
    """Earlier rows are there where they are mixed in or looked at."""
    if spec.share and not spec.rehearsal:
        raise BookError(
            Code.BAD_SETTING,
            "Build rehearsal_set first, or set training.rehearsal_share to 0",
            rehearsal_share=spec.rehearsal_share,
        )
    if looked_at and not spec.rehearsal:
        raise BookError(
            Code.NO_EXAMPLES,
            "A chosen way of not forgetting looks at earlier rows: set rehearsal.replay_rows and "
            "build rehearsal_set, or leave it out of training.forgetting",
            rows=looked_at,
        )
    written = sum(row.get("origin") in WRITTEN for row in spec.rehearsal)
    real = len(spec.rehearsal) - written
    if spec.share and spec.ssr_share is not None and (
        (spec.ssr_share and not written) or (spec.ssr_share < 1 and not real)
    ):  # fmt: skip
        raise BookError(
            Code.BAD_SETTING,
            "Let the rehearsal set have rows of both kinds (rehearsal.synthesised_rows, "
            "rehearsal.replay_rows), or leave training.ssr_share out",
            ssr_share=spec.ssr_share, real=real, written=written,
        )  # fmt: skip


def _strength(spec: TrainSpec, files: Mapping[str, Path]) -> dict[str, object]:
    """Rank and scale of the adapter as it was written: joined columns have the sum of theirs."""
    found = {"rank": spec.rank, "scale": spec.scale}
    if path := files.get("adapter/adapter_config.json"):
        told = json.loads(path.read_text(encoding="utf-8"))
        rank, alpha = int(told["r"]), float(told["lora_alpha"])
        scale = alpha / (rank**0.5 if told.get("use_rslora") else rank)
        found = {"rank": rank, "scale": scale}
    return dict(found)


def _frames(
    spec: TrainSpec, result: dict[str, Any], files: dict[str, Path]
) -> dict[str, pl.DataFrame]:
    steps: list[dict[str, Any]] = result["steps"]
    tenth = max(1, len(steps) // 10)
    losses = [float(step["loss"]) for step in steps]
    figures: dict[str, object] = {
        "adapter_id": spec.adapter_id,
        "steps": len(steps),
        "tokens": steps[-1]["tokens"],
        "loss_first": sum(losses[:tenth]) / tenth,
        "loss_last": sum(losses[-tenth:]) / tenth,
        "seconds": float(result["child_seconds"]),
        "adapter_sha256": _weights_digest(files),
    }
    row: dict[str, object] = figures | {
        "base": spec.model.name,
        "base_revision": spec.model.revision,
        "dataset_id": spec.dataset_id,
        "rehearsal_id": spec.rehearsal_id,
        **_strength(spec, files),
        "seed": spec.seed,
        "learning_rate": spec.learning_rate,
        "forgetting": _json([dict(section) for section in spec.forgetting]),
        "metrics": _json(result["metrics"]),
        "environment": _json(result["environment"]),
        "trainable": result["trainable"],
        "examples": result["counts"]["examples_seen"],
        "rehearsal_rows": result["counts"]["rehearsal_seen"],
    }
    curve: list[dict[str, object]] = [
        {"adapter_id": spec.adapter_id, **step, "metrics": _json(step["metrics"])} for step in steps
    ]
    seen: list[dict[str, object]] = [
        {"adapter_id": spec.adapter_id, **one} for one in result["seen"]
    ]
    return {
        "lora_adapter": check(ADAPTER, ADAPTER.frame([row])),
        "lora_adapter__steps": check(ADAPTER_STEPS, ADAPTER_STEPS.frame(curve)),
        "lora_adapter__seen": check(ADAPTER_SEEN, ADAPTER_SEEN.frame(seen)),
        "lora_adapter__stages": check(ADAPTER_STAGES, ADAPTER_STAGES.frame(_stages(spec, figures))),
    }


def _stages(spec: TrainSpec, figures: dict[str, object]) -> list[dict[str, object]]:
    """The stages before, and the books as the last one."""
    before = str(spec.stages[-1]["stage"]) if spec.stages else spec.model.name
    rows: list[dict[str, object]] = [{**one, "adapter_id": spec.adapter_id} for one in spec.stages]
    books = {"stage": "books", "place": len(rows), "began_from": before}
    return [*rows, figures | books]


def _weights_digest(files: dict[str, Path]) -> str:
    """Of the adapter's weights; of a whole model's files of weights, in order."""
    weights = [
        path for name, path in sorted(files.items())
        if name.endswith(".safetensors") and not name.startswith("left/")
    ]  # fmt: skip
    return file_sha256(weights[0]) if len(weights) == 1 else digest([*map(file_sha256, weights)])


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    with replaced(path) as temp, temp.open("w", encoding="utf-8") as handle:
        for row in rows:
            handle.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path
