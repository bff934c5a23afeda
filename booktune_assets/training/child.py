"""Child: one training run, from a specification to adapter files.

Belongs here: reading inputs, seeds, which strategies take part, saving, what the result says. Does
not: the run (``trainer.py``), the rows (``batches.py``), what trains (``attach.py``).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from booktune_assets import pipes, progress
from booktune_assets.children import child_main, peak_mb
from booktune_assets.errors import BookError, Code
from booktune_assets.lake import write_json
from booktune_assets.llm.heads import token_nll
from booktune_assets.llm.loading import device_name, load_model, load_tokenizer
from booktune_assets.settings_forgetting import has_columns
from booktune_assets.training.attach import AttachPlan, attach, uses_rslora
from booktune_assets.training.batches import (
    PackedRow,
    Sample,
    chat_samples,
    memory_rows,
    plan_rows,
    text_samples,
    text_windows,
)
from booktune_assets.training.checkpoints import Checkpoints
from booktune_assets.training.columns import collapse, earlier_names
from booktune_assets.training.lengths import require_lengths
from booktune_assets.training.memory import Wanted, memory_of, require_fit
from booktune_assets.training.plan import free_memory, wanted_of
from booktune_assets.training.privileged import page_sample
from booktune_assets.training.recorded import as_sections
from booktune_assets.training.rehearsed import origin_shares
from booktune_assets.training.states import load_state, save_state
from booktune_assets.training.strategies import registry
from booktune_assets.training.strategies.base import Strategy
from booktune_assets.training.strategies.expansion import save_expanded
from booktune_assets.training.trainer import Fitted, Schedule, Step, fit_run, row_inputs

__all__ = ["run"]

PACKAGES = ("torch", "transformers", "peft", "accelerate", "bitsandbytes", "safetensors")


def run(spec: dict[str, Any]) -> dict[str, Any]:
    """Train and save; gives steps, counts, metrics, environment and the number of parameters."""
    if looks := spec.get("looks"):
        return _looked(looks)
    torch.manual_seed(spec["seed"])
    torch.use_deterministic_algorithms(True, warn_only=True)
    counts: dict[str, int] = {}
    progress.advance("loading the model", 0, 1)
    path = Path(spec["model"]["path"])
    tokenizer = load_tokenizer(path)
    chosen = as_sections(spec["forgetting"])
    old, rows, wanted = _ready(spec, tokenizer, chosen, counts)
    ways = [*registry.strategies(chosen), *_recorders(spec)]
    model = _model(spec, path, chosen, ways, wanted)
    progress.advance("loading the model", 1, 1)
    fitted = fit_run(
        model, rows, Schedule(spec["learning_rate"], spec["steps"]), ways,
        old=memory_rows(old, spec["seq_len"]), earlier=_earlier(spec), seed=spec["seed"],
        tokenizer=tokenizer, checkpoints=_checkpoints(spec),
    )  # fmt: skip
    expanded = registry.expands(chosen)
    _write(spec, model, fitted, tokenizer, expanded=expanded)
    known = remembered(model, tokenizer, spec.get("known", {}), spec["seq_len"])
    pipes.result(_told(fitted.steps))
    return {
        "steps": [asdict(step) for step in fitted.steps],
        "counts": counts,
        "seen": _seen(rows, spec["batch_rows"]),
        "trainable": sum(part.numel() for part in model.parameters() if part.requires_grad),
        "metrics": fitted.steps[-1].metrics,
        "left": sorted(fitted.left),
        "remembered": known,
        "form": "model" if expanded else "adapter",
        "environment": _environment(model),
    }


def _looked(orders: list[dict[str, Any]]) -> dict[str, Any]:
    """All of these runs as far as a tokenizer alone takes them; they have one model."""
    tokenizer = load_tokenizer(Path(orders[0]["model"]["path"]))
    for spec in orders:
        _ready(spec, tokenizer, as_sections(spec["forgetting"]), {})
    return {}


def _ready(
    spec: dict[str, Any], tokenizer: Any, chosen: list[Any], counts: dict[str, int]
) -> tuple[list[Sample], list[PackedRow], Wanted]:
    """Samples of earlier knowledge, the rows of the run and what it takes, or why it cannot be; a
    run before the books says which it is."""
    try:
        old, origins = _old(spec, tokenizer, counts)
        rows = _rows(spec, tokenizer, old, counts, origins)
        return old, rows, _wanted(spec, Path(spec["model"]["path"]), chosen, _fullest(rows))
    except BookError as problem:
        if not spec["stage"]:
            raise
        where = {"stage": spec["stage"], **problem.where}
        raise BookError(problem.code, problem.remedy, **where) from problem


def _write(
    spec: dict[str, Any], model: Any, fitted: Fitted, tokenizer: Any, *, expanded: bool
) -> None:
    """All that a run leaves in its folder; then its checkpoints go."""
    folder = Path(spec["work"])
    if earlier_names(model):
        collapse(model)  # servers load one adapter: columns that no way joined are joined here
    if expanded:
        _save_model(model, Path(spec["model"]["path"]), folder / "model")
    else:
        _save(model, folder / "adapter")
    _leave(fitted, folder / "left")
    if spec["pool"]:
        pool = text_samples(tokenizer, _read(spec["pool"]), spec["seq_len"], {})
        write_json(folder / "reference.json", _losses(model, pool))
    if checkpoints := _checkpoints(spec):
        checkpoints.clear()  # the adapter is there, whole


def _told(steps: list[Step]) -> dict[str, float | int]:
    """What an asset's page shows of a run."""
    tenth, last = max(1, len(steps) // 10), steps[-1]
    return {
        "loss_first": sum(step.loss for step in steps[:tenth]) / tenth,
        "loss_last": sum(step.loss for step in steps[-tenth:]) / tenth,
        "steps": len(steps),
        "tokens_per_second": last.tokens / max(last.seconds, 1e-3),
        "peak_mb": peak_mb(),
    }


def _old(
    spec: dict[str, Any], tokenizer: Any, counts: dict[str, int]
) -> tuple[list[Sample], dict[str, str]]:
    """Samples of earlier knowledge, and where each comes from by its name."""
    rows, found = _read(spec["rehearsal"]), dict[str, int]()
    samples = text_samples(tokenizer, rows, spec["seq_len"], found)
    counts |= {f"rehearsal_{name}": number for name, number in found.items()}
    return samples, {str(row["row_id"]): str(row.get("origin") or "stage") for row in rows}


def _rows(
    spec: dict[str, Any], tokenizer: Any, old: list[Sample], counts: dict[str, int],
    origins: Mapping[str, str],
) -> list[PackedRow]:  # fmt: skip
    """The packed rows of the whole run, in order."""
    seq_len, total = spec["seq_len"], spec["steps"] * spec["batch_rows"]
    paged = any(section["kind"] == "sdft" for section in spec["forgetting"])
    examples = _read(spec["examples"])
    sizes: list[int] = []
    new = chat_samples(tokenizer, examples, seq_len, counts, _paged if paged else None, sizes)
    new += text_windows(tokenizer, _read(spec["texts"]), seq_len)
    if not new or (spec["rehearsal_share"] and not old):
        whose = "rows of rehearsal_set" if new else "examples of the set"
        if spec["stage"]:
            whose = "texts of the stages before" if new else "texts of the stage"
        raise BookError(
            Code.NO_EXAMPLES,
            f"None of the {whose} has something to learn within training.seq_len: raise it, or "
            "look at their texts",
            seq_len=seq_len,
            **counts,
        )
    require_lengths(sizes, counts, seq_len, spec["cut_max"], spec["stage"])
    rows = plan_rows(
        new, old, total, spec["rehearsal_share"], spec["seed"], seq_len,
        shuffled=spec["curriculum"] == "shuffled", origins=origins,
        shares=origin_shares(old, origins, spec["ssr_share"]),
    )  # fmt: skip
    counts |= {"examples_all": len(sizes), **_by_origin(rows, origins)}
    return _counted(rows, new, counts)


def _by_origin(rows: list[PackedRow], origins: Mapping[str, str]) -> dict[str, int]:
    """Rehearsed samples by where they come from."""
    names = [origins[one.name] for row in rows if row.rehearsal for one in row.samples]
    return {f"rehearsed_{name}": names.count(name) for name in sorted(set(names))}


def _counted(rows: list[PackedRow], new: list[Sample], counts: dict[str, int]) -> list[PackedRow]:
    seen = {kind: {s.name for row in rows if row.rehearsal is kind for s in row.samples}
            for kind in (False, True)}  # fmt: skip
    learned = {kind: sum(len(row.targets) for row in rows if row.rehearsal is kind)
               for kind in (False, True)}  # fmt: skip
    counts |= {
        "examples": len(new),
        "examples_seen": len(seen[False]),
        "rehearsal_seen": len(seen[True]),
        "packed_rows": len(rows),
        "packed_rehearsal": sum(row.rehearsal for row in rows),
        "packed_tokens": sum(len(row.ids) for row in rows),
        "tokens_new": learned[False],
        "tokens_old": learned[True],
    }
    return rows


def _seen(rows: list[PackedRow], batch: int) -> list[dict[str, Any]]:
    """Every sample that the run reached, rehearsal apart: in how many rows, from which step on."""
    found: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows):
        for sample in row.samples if not row.rehearsal else ():
            first = {"example_id": sample.name, "times": 0, "first_step": number // batch + 1}
            found.setdefault(sample.name, first)["times"] += 1
    return list(found.values())


def _paged(tokenizer: Any, example: Mapping[str, Any]) -> Sample:
    """A sample that brings its page along, for self-distillation."""
    return page_sample(tokenizer, example["example_id"], example["turns"], example.get("page"))


def _recorders(spec: dict[str, Any]) -> list[Strategy]:
    """What only writes down, in a stage: the path of the weights, and importance if wanted later.

    A way that is chosen itself leaves the same, so it has no recorder beside it.
    """
    made: list[Strategy] = []
    for section in as_sections(spec["record"]):
        if all(section.kind != one["kind"] for one in spec["forgetting"]):
            made.append(registry.recorder(section))
    return made


def _fullest(rows: list[PackedRow]) -> dict[str, int]:
    """What of the rows decides about memory: most samples in one, the longest prompt with a page.

    Only samples that bring a page along have such a prompt.
    """
    pages = [len(getattr(one, "privileged", None) or ()) for row in rows for one in row.samples]
    fullest = max(len(row.samples) for row in rows)
    return {"samples": fullest, "page": max(pages, default=0)}


def _wanted(
    spec: dict[str, Any], path: Path, chosen: list[Any], fullest: Mapping[str, int]
) -> Wanted:
    """The run as it will be, or ``WILL_NOT_FIT``."""
    device: Any = device_name()
    there = torch.cuda.get_device_properties(0).total_memory if device == "cuda" else free_memory()
    wanted = replace(
        wanted_of(
            path, rank=spec["rank"], seq_len=spec["seq_len"], forgetting=tuple(chosen),
            device=device, memory=there, quantise=spec["quantise"],
            checkpointing=spec["checkpointing"],
        ),
        recording=tuple(as_sections(spec["record"])), earlier=spec["before"], **fullest,
    )  # fmt: skip
    require_fit(memory_of(wanted), there)
    return wanted


def _model(
    spec: dict[str, Any], path: Path, chosen: list[Any], ways: list[Strategy], wanted: Wanted
) -> Any:
    quantise = "nf4" if wanted.quantise else "none"
    model = load_model(path, quantise=quantise)
    expanded = registry.expands(chosen)
    if expanded and spec["earlier"]:
        model = merged(model, Path(spec["earlier"]) / "adapter", quantise)
    for strategy in ways:
        model = strategy.shape(model)
    beside = spec["earlier"] and has_columns(chosen)
    plan = AttachPlan(
        way="bare" if expanded else "beside" if beside else spec["attach"],
        rank=spec["rank"],
        alpha=spec["alpha"],
        base=spec["model"]["name"],
        rslora=uses_rslora(spec["rslora"], spec["rank"]),
        quantised=quantise == "nf4",
        checkpointing=wanted.checkpointing,
        adapter=Path(spec["earlier"]) / "adapter" if spec["earlier"] else None,
    )
    return attach(model, plan)


def merged(model: Any, adapter: Path, quantise: str) -> Any:
    """The model of the stage before as one: added blocks are copies of what it learned, too."""
    from peft import PeftModel

    if quantise == "nf4":
        raise BookError(
            Code.BAD_SETTING,
            "Merging an earlier stage into four-bit weights would round it: choose another form, "
            "or train without training.stages",
            form="block_expansion",
        )
    merged: Any = PeftModel.from_pretrained(model, str(adapter))
    return merged.merge_and_unload()


def _checkpoints(spec: dict[str, Any]) -> Checkpoints | None:
    folder = Path(spec["work"]) / "checkpoints"
    if spec["resume"] == "never":
        shutil.rmtree(folder, ignore_errors=True)
    strict = spec["resume"] == "must"
    return Checkpoints(folder, spec["config"], every=spec["save_every"], strict=strict)


def _earlier(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What strategies left in the stage before; empty without one."""
    folder = Path(spec["earlier"] or "-") / "left"
    return {path.stem: load_state(path) for path in sorted(folder.glob("*.safetensors"))}


def _leave(fitted: Fitted, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name, tensors in fitted.left.items():
        save_state(folder / f"{name}.safetensors", tensors)


def _losses(model: Any, pool: list[Sample]) -> dict[str, float]:
    """Mean loss of each row of the pool, nats per token: how well it is known when a stage ends."""
    device = next(model.parameters()).device
    found: dict[str, float] = {}
    with torch.no_grad():
        for sample in pool:
            row = PackedRow(True, [sample])
            targets = torch.tensor(row.targets, device=device)
            nll = token_nll(model, row_inputs(row, device), targets[:, 0], targets[:, 1])
            found[sample.name] = float(nll.mean())
    return found


def remembered(
    model: Any, tokenizer: Any, stages: Mapping[str, str], seq_len: int
) -> list[dict[str, Any]]:
    """How well the pool of each earlier stage is known, beside the end of that stage.

    ``then`` and ``now`` are mean losses of the same rows, in nats per token; ``rose`` of ``rows``
    are known worse. Later stages may have rehearsed these rows, so they flatter.
    """
    found: list[dict[str, Any]] = []
    for name, place in stages.items():
        folder = Path(place)
        reference: dict[str, float] = json.loads((folder / "reference.json").read_text())
        pool = text_samples(tokenizer, _read(str(folder / "pool.jsonl")), seq_len, {})
        now = _losses(model, [one for one in pool if one.name in reference])
        if not now:
            continue
        then = {row: reference[row] for row in now}
        found.append({
            "stage": name, "rows": len(now), "then": sum(then.values()) / len(now),
            "now": sum(now.values()) / len(now), "rose": sum(now[row] > then[row] for row in now),
        })  # fmt: skip
    return found


def _save(model: Any, folder: Path) -> None:
    """Adapter files with the same bytes for the same run: peft writes sets in any order.

    Written aside and renamed: whoever sees the folder sees all of it.
    """
    aside = folder.with_name(f"{folder.name}.writing")
    shutil.rmtree(aside, ignore_errors=True)
    model.save_pretrained(aside, save_embedding_layers=False)  # "auto" asks the hub about the base
    for path in aside.rglob("adapter_config.json"):
        config: dict[str, Any] = json.loads(path.read_text())
        for name, value in config.items():
            if isinstance(value, list) and all(isinstance(item, str) for item in value):
                config[name] = sorted(value)
        write_json(path, config)
    for file in aside.rglob("*"):
        if file.is_file():
            file.chmod(0o644)
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)


def _save_model(model: Any, base: Path, folder: Path) -> None:
    """The whole model with the tokenizer files of its base: blocks were added, no adapter is."""
    save_expanded(model, folder)
    for pattern in ("tokenizer*", "tekken.json", "special_tokens_map.json", "chat_template*"):
        for file in sorted(base.glob(pattern)):
            shutil.copyfile(file, folder / file.name)
    for file in folder.iterdir():
        file.chmod(0o644)


def _environment(model: Any) -> dict[str, Any]:
    versions: dict[str, Any] = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = None
    device = next(model.parameters()).device
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    return versions | {"device": name, "threads": torch.get_num_threads()}


def _read(path: str) -> list[dict[str, Any]]:
    with Path(path).open(encoding="utf-8") as handle:
        return [json.loads(line) for line in handle]


if __name__ == "__main__":
    child_main(run)
