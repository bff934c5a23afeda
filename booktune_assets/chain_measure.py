"""Evaluate any model: a folder, a packaged name, or a server; and compare two evaluations.

Belongs here: what is measured, what of this home it can be measured on, what asking would cost,
where results go. Does not: suites and figures (``evaluation/``), the adapter of the chain
(``chain_eval.py``), lines (``cli/evaluate.py``).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from booktune_assets.chain import House
from booktune_assets.chain_eval import PROBLEMS, given_of_lake
from booktune_assets.errors import BookError, BooktuneError, Code
from booktune_assets.ids import digest, file_sha256, make_id
from booktune_assets.lake import write_json
from booktune_assets.settings import Llm, Settings

if TYPE_CHECKING:
    from booktune_assets.evaluation.run import EvalSpec, Evaluated, Plan
    from booktune_assets.evaluation.suite import Given

__all__ = ["Cost", "Measurement", "Wanted", "compared", "measurement"]

REPORT, ITEMS = "eval_report", "eval_report__items"
_CHARS = 4  # of a token, for estimates


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for. ``model``: a folder, a name, or ``http(s)://…``."""

    model: str
    adapter: str = ""
    suites: Sequence[str] = ()
    limit: int = 0
    samples: int | None = None
    temperature: float | None = None
    name: str = ""
    revision: str = ""
    files: Sequence[Path] = ()
    more: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def served(self) -> bool:
        """Is it a server?"""
        return self.model.startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class Cost:
    """Before anything is asked. ``seconds`` None: this model was never timed here."""

    items: dict[str, int]
    skipped: dict[str, str]
    calls: int
    known: int
    tokens_in: int
    tokens_out: int
    price: float
    seconds: float | None


class Measurement:
    """An evaluation that is planned; ``run`` asks."""

    def __init__(self, settings: Settings, spec: EvalSpec, plan: Plan) -> None:
        self.settings, self.spec, self.plan = settings, spec, plan
        assert spec.cache is not None
        self._pace = spec.cache / "pace.json"

    def cost(self) -> Cost:
        """Items, calls and what they take."""
        from booktune_assets.evaluation.child import count

        child = self.plan.child(self.spec, self._work)
        calls, known = count(child)
        share = calls / max(1, calls + known)
        read = written = 0
        for item in child["items"]:
            times = max(item["samples"], len(item["options"]), 1) * len(child["arms"])
            read += times * len(item["text"]) // _CHARS
            written += times * int(item["new_tokens"])
        read, written = round(read * share), round(written * share)
        llm = self.settings.llm
        price = (read * llm.price_in + written * llm.price_out) / 1e6 if self.spec.server else 0.0
        paces = json.loads(self._pace.read_text()) if self._pace.is_file() else {}
        pace = paces.get(self._who)
        suites = self.plan.suites
        return Cost(
            {one.card.name: len(self.plan.items[one.card.name]) for one in suites},
            {one.card.name: why for one in suites if (why := self.plan.skipped(one))},
            calls, known, read, written, price, None if pace is None else round(calls * pace, 1),
        )  # fmt: skip

    def run(self, out: Path | None = None) -> Evaluated:
        """Ask, score, compare; into the lake under the evaluation's id, or into ``out``."""
        import time

        from booktune_assets.evaluation.run import VERSION, evaluate
        from booktune_assets.lake import Lake

        began = time.monotonic()
        shutil.rmtree(self._work, ignore_errors=True)
        made = evaluate(self.spec, self._work, self.plan)
        seconds = time.monotonic() - began
        if made.counts["asked"]:
            paces = json.loads(self._pace.read_text()) if self._pace.is_file() else {}
            write_json(self._pace, paces | {self._who: seconds / made.counts["asked"]})
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            for name, frame in made.frames.items():
                frame.write_parquet(out / f"{name}.parquet")
            shutil.copyfile(made.files["report.html"], out / "report.html")
        else:
            notes = {"summary": made.summary, "model": self.spec.model.name}
            Lake(self.settings.lake).publish(
                REPORT, self.spec.eval_id, made.frames, code_version=VERSION,
                settings=self.settings.digest_for("evaluation"), counts=made.counts, notes=notes,
                files=made.files, seconds=seconds,
            )  # fmt: skip
        return made

    @property
    def _who(self) -> str:
        return f"{self.spec.model.name} {self.spec.model.revision}"

    @property
    def _work(self) -> Path:
        return self.settings.home / "work" / "eval" / self.spec.eval_id


def measurement(settings: Settings, wanted: Wanted) -> Measurement:
    """Plan an evaluation; a server is asked which model it has and whether it can score texts."""
    from booktune_assets.evaluation.run import VERSION, EvalSpec, planned
    from booktune_assets.llm.models import BaseModel, prepare

    evaluation = _evaluation(settings, wanted)
    settings = settings.model_copy(update={"evaluation": evaluation})
    given, absent = _given(settings, wanted)
    adapter, adapter_id = None, "none"
    server: dict[str, Any] | None = None
    refuses: dict[str, str] = {}
    if wanted.served:
        llm = settings.llm.model_copy(update={"engine": "server", "base_url": wanted.model})
        server, refuses = _server(settings, llm, wanted)
        model = BaseModel(str(server["model"]), Path(), wanted.revision or wanted.model)
        adapter_id = wanted.adapter or adapter_id
    else:
        model = prepare(wanted.model, settings.models)
        if wanted.adapter:
            adapter, adapter_id = _adapter(settings, wanted.adapter)
    spec = EvalSpec(
        model=model, adapter=adapter, adapter_id=adapter_id, eval_id="", dataset_id="",
        given=given, suites=wanted.suites or evaluation.suites,
        cache=settings.cache / "generations", server=server,
        served_adapter=wanted.adapter if wanted.served else "", refuses=refuses, absent=absent,
        limit=wanted.limit,
    )  # fmt: skip
    plan = planned(spec)
    asked = plan.child(spec, Path())["items"]
    who = [model.name, model.revision, adapter_id]
    from dataclasses import replace

    chosen = [evaluation.seed, evaluation.bootstrap, sorted(plan.items), sorted(refuses)]
    eval_id = make_id("eval", VERSION, digest(who), digest(asked), digest(chosen))
    return Measurement(settings, replace(spec, eval_id=eval_id), plan)


def compared(settings: Settings, first: str, second: str) -> list[dict[str, object]]:
    """Rows of two evaluations, item by item: ``first`` stands as base, ``second`` as tuned.

    Of an evaluation with both arms the tuned one is taken. Only items that were asked alike in both
    are compared; verdicts say how many were not. Raises ``BookError(NOT_BUILT)`` for an evaluation
    that is not there, ``BAD_ROW`` when nothing was asked alike.
    """
    from booktune_assets.evaluation.compare import compare, judged
    from booktune_assets.evaluation.side_by_side import alike
    from booktune_assets.evaluation.suite import card
    from booktune_assets.evaluation.suites import NAMES

    made = alike(*(_items(settings, name).to_dicts() for name in (first, second)))
    found = [
        compare(card(suite), metric, made.rows, made.notes[suite], settings.evaluation)
        for suite in NAMES if suite in made.notes
        for metric in card(suite).metrics if (suite, metric.name) in made.metrics
    ]  # fmt: skip
    if not any(one.found for one in found):
        raise BookError(
            Code.BAD_ROW, "Evaluate both with the same suites, settings and books", first=first,
            second=second, why="; ".join(f"{suite}: {why}" for suite, why in made.notes.items()),
        )  # fmt: skip
    return judged(found)


def _items(settings: Settings, name: str) -> pl.DataFrame:
    from booktune_assets.lake import Lake

    folder = Path(name).expanduser() / f"{ITEMS}.parquet"
    if folder.is_file():
        return pl.read_parquet(folder)
    lake = Lake(settings.lake)
    if name in lake.keys(REPORT):
        return lake.read(ITEMS, name)
    raise BookError(
        Code.NOT_BUILT, "Name an evaluation of `booktune report`, or a folder that --out wrote",
        evaluation=name,
    )  # fmt: skip


def _evaluation(settings: Settings, wanted: Wanted) -> Any:
    before = settings.evaluation
    said = {"samples": wanted.samples, "temperature": wanted.temperature}
    new = {name: value for name, value in said.items() if value is not None}
    if new.get("samples", 1) > 1 and new.get("temperature", before.temperature) == 0:
        raise BookError(
            Code.BAD_SETTING, "Give --temperature above 0: at 0 all samples are alike",
            samples=new["samples"],
        )  # fmt: skip
    return type(before).model_validate(before.model_dump() | new)


def _given(settings: Settings, wanted: Wanted) -> tuple[Given, str]:
    """What suites are given, and why those that need books have nothing."""
    from dataclasses import replace

    from booktune_assets.evaluation.suite import Given

    try:
        return replace(given_of_lake(House.open(settings)), files=tuple(wanted.files)), ""
    except BooktuneError as problem:
        if problem.code not in (Code.NOT_BUILT, Code.UPSTREAM_FAILED, Code.NO_EXAMPLES):
            raise
        given = Given(settings.evaluation, problems=PROBLEMS, files=tuple(wanted.files))
        return given, f"this home has no books that were trained on ({problem.code.value})"


def _server(settings: Settings, llm: Llm, wanted: Wanted) -> tuple[dict[str, Any], dict[str, str]]:
    from booktune_assets.evaluation.served import lacking, served_model

    key = settings.model_copy(update={"llm": llm}).llm_key
    model = wanted.name or served_model(llm, key)
    why = lacking(llm, key, model)
    server = {
        "llm": llm.model_dump(mode="json"), "calls": str(settings.calls), "model": model,
        "revision": wanted.revision,
    }  # fmt: skip
    return server, {"text": why, "choice": why} if why else {}


def _adapter(settings: Settings, name: str) -> tuple[Path, str]:
    """Folder and id of an adapter of the lake or of a folder that peft wrote."""
    from booktune_assets.lake import Lake

    lake = Lake(settings.lake)
    if name in lake.keys("lora_adapter"):
        return lake.folder("lora_adapter", name) / "adapter", name
    folder = Path(name).expanduser()
    weights = folder / "adapter_model.safetensors"
    if not weights.is_file() or not os.access(weights, os.R_OK):
        raise BookError(
            Code.FILE_MISSING, "Name an adapter of the lake, or a folder that peft wrote",
            file=weights,
        )  # fmt: skip
    return folder, f"file-{file_sha256(weights)[:16]}"
