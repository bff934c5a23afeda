"""Evaluate any model: a folder, a packaged name, or a server; and compare two evaluations.

Belongs here: what is measured, what of this home it can be measured on, what asking would cost,
where results go. Does not: suites and figures (``evaluation/``), the adapter of the chain
(``eval.py``), lines (``cli/evaluate.py``).
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from booktune_assets.alone import alone
from booktune_assets.chain.eval import (
    PROBLEMS,
    asked_of_vllm,
    behind,
    files_of,
    given_of_lake,
    refused_by,
)
from booktune_assets.chain.house import House
from booktune_assets.errors import BookError, BooktuneError, Code
from booktune_assets.ids import digest, make_id
from booktune_assets.settings import Evaluation, Settings

if TYPE_CHECKING:
    from booktune_assets.evaluation.cost import SuiteCost
    from booktune_assets.evaluation.run import EvalSpec, Evaluated, Plan
    from booktune_assets.evaluation.served_probe import Probed
    from booktune_assets.evaluation.suite import Given
    from booktune_assets.lake import Lake

__all__ = ["Cost", "Measurement", "Wanted", "against_previous", "compared", "measurement"]

REPORT, ITEMS = "eval_report", "eval_report__items"
PROBE_FROM = 64  # calls that make it worth knowing what they will take
_PARTIAL = (
    "a server tells the likeliest tokens only, which bounds the distance from below and so can "
    "never show that it is small: evaluate the folder"
)
_FOLDERS = "lm-evaluation-harness is given folders, no servers"


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
    engine: str = ""
    protocols: str = ""
    more: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def served(self) -> bool:
        """Is it a server?"""
        return self.model.startswith(("http://", "https://"))

    @property
    def identity(self) -> str:
        """What a server's answers are kept by beside the model's name. Servers give many models
        the same name, so without a revision it is the address."""
        return self.revision or self.model.rstrip("/")


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
    suites: list[SuiteCost]


class Measurement:
    """An evaluation that is planned; ``run`` asks."""

    def __init__(self, settings: Settings, spec: EvalSpec, plan: Plan) -> None:
        self.settings, self.spec, self.plan = settings, spec, plan

    def cost(self, *, probe: bool = False) -> Cost:
        """Items, calls and what they take. With ``probe`` a model that was never timed and has
        much to do is asked a few of the items first; their answers are kept."""
        from booktune_assets.children import run_child
        from booktune_assets.evaluation.child import expected
        from booktune_assets.evaluation.cost import probe_items
        from booktune_assets.evaluation.run import CHILD

        child = self.plan.child(self.spec, self._work)
        suites = expected(child)
        untimed = {one.suite for one in suites if one.seconds is None}
        if probe and untimed and sum(one.calls for one in suites) >= PROBE_FROM:
            items = [one for one in child["items"] if one["id"].partition("/")[0] in untimed]
            few = child | {"items": probe_items(items), "arms": child["arms"][:1]}
            with alone(self._work):
                run_child(CHILD, few, self._work / "probe")
            suites = expected(child)
        read, written = (sum(tokens) for tokens in (
            [one.tokens_in for one in suites], [one.tokens_out for one in suites]))  # fmt: skip
        llm = self.settings.llm
        price = (read * llm.price_in + written * llm.price_out) / 1e6 if self.spec.server else 0.0
        spans = [one.seconds for one in suites]
        known = [one for one in spans if one is not None]
        planned = self.plan.suites
        return Cost(
            {one.card.name: len(self.plan.items[one.card.name]) for one in planned},
            {one.card.name: why for one in planned if (why := self.plan.skipped(one))},
            sum(one.calls for one in suites), sum(one.known for one in suites), read, written,
            price, round(sum(known), 1) if len(known) == len(spans) else None, suites,
        )  # fmt: skip

    def run(self, out: Path | None = None) -> Evaluated:
        """Ask, score, compare; into the lake under the evaluation's id, or into ``out``.

        Raises ``BUSY`` where another run does the same.
        """
        with alone(self._work):
            return self._run(out)

    def _run(self, out: Path | None) -> Evaluated:
        import time

        from booktune_assets.evaluation.run import VERSION, evaluate
        from booktune_assets.lake import Lake
        from booktune_assets.page.evaluations import write_index

        began = time.monotonic()
        shutil.rmtree(self._work, ignore_errors=True)
        made = evaluate(self.spec, self._work, self.plan)
        seconds = time.monotonic() - began
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            for name, frame in made.frames.items():
                frame.write_parquet(out / f"{name}.parquet")
            for name, path in made.files.items():
                (out / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, out / name)
        else:
            notes = {"summary": made.summary, "model": self.spec.model.name}
            Lake(self.settings.lake).publish(
                REPORT, self.spec.eval_id, made.frames, code_version=VERSION,
                settings=self.settings.digest_for("evaluation"), counts=made.counts, notes=notes,
                files=made.files, seconds=seconds,
            )  # fmt: skip
            write_index(self.settings)
        return made

    @property
    def _work(self) -> Path:
        return self.settings.home / "work" / "eval" / self.spec.eval_id


def measurement(settings: Settings, wanted: Wanted) -> Measurement:
    """Plan an evaluation. A server is asked which model it has and whether it can score texts; not
    again where it said so before and every other answer of it is known too."""
    settings = settings.model_copy(update={"evaluation": _evaluation(settings, wanted)})
    if not wanted.served:
        return _planned(settings, wanted, None)
    llm = settings.llm.model_copy(update={"engine": "server", "base_url": wanted.model})
    settings = settings.model_copy(update={"llm": llm})
    known = _probed(settings, wanted, again=False)
    made = _planned(settings, wanted, known)
    if known.kept and made.cost().calls:
        found = _probed(settings, wanted, again=True)
        if (found.model, found.lacks) != (known.model, known.lacks):
            made = _planned(settings, wanted, found)
    return made


def _probed(settings: Settings, wanted: Wanted, *, again: bool) -> Probed:
    from booktune_assets.evaluation.served_probe import probe

    file = settings.cache / "generations" / "servers.jsonl"
    return probe(settings.llm, settings.llm_key, wanted.name, wanted.revision, file, again=again)


def _planned(settings: Settings, wanted: Wanted, probed: Probed | None) -> Measurement:
    from booktune_assets.evaluation.run import VERSION, EvalSpec, planned
    from booktune_assets.llm.models import BaseModel, prepare

    evaluation = settings.evaluation
    given, absent = _given(settings, wanted)
    adapter, adapter_id = None, "none"
    server: dict[str, Any] | None = None
    refuses = refused_by(settings)
    if probed is not None:
        server, refuses = _server(settings, wanted, probed)
        model = BaseModel(str(server["model"]), Path(), wanted.identity)
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
        limit=wanted.limit, vllm=None if server else asked_of_vllm(settings, model.path, adapter),
    )  # fmt: skip
    if adapter is not None and adapter_id.startswith("ada_"):
        spec = replace(spec, **behind(House.open(settings), adapter_id))
    plan = planned(spec)
    asked = plan.child(spec, Path())["items"]
    who = [model.name, model.revision, adapter_id, *([evaluation.engine] if spec.vllm else [])]
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
    from booktune_assets.evaluation.sampled import metrics_of
    from booktune_assets.evaluation.side_by_side import alike
    from booktune_assets.evaluation.suite import card
    from booktune_assets.evaluation.suites import NAMES

    made = alike(*(_items(settings, name).to_dicts() for name in (first, second)))
    found = [
        compare(
            card(suite), metric, made.rows, made.notes[suite], settings.evaluation, named="first"
        )
        for suite in NAMES if suite in made.notes
        for metric in metrics_of(card(suite), [name for own, name in made.metrics if own == suite])
        if (suite, metric.name) in made.metrics
    ]  # fmt: skip
    if not any(one.found for one in found):
        raise BookError(
            Code.BAD_ROW, "Evaluate both with the same suites, settings and books", first=first,
            second=second, why="; ".join(f"{suite}: {why}" for suite, why in made.notes.items()),
        )  # fmt: skip
    return judged(found)


def against_previous(settings: Settings) -> tuple[str, list[dict[str, object]]] | None:
    """The current evaluation against the newest one before it of another adapter of the same base
    model with which it shares items: the id of that one, and the rows of :func:`compared`."""
    from booktune_assets.lake import Lake

    lake = Lake(settings.lake)
    key = lake.current_key(REPORT)
    now = lake.receipt(REPORT, key) if key else None
    if key is None or now is None:
        return None
    adapter, base = _tuned_by(lake, key)
    receipts = filter(None, (lake.receipt(REPORT, one) for one in lake.keys(REPORT)))
    earlier = [(one.made_at, one.key) for one in receipts if one.made_at < now.made_at]
    for _, other in sorted(earlier, reverse=True):
        its_adapter, its_base = _tuned_by(lake, other)
        if base is None or its_base != base or its_adapter == adapter:
            continue
        try:
            return other, compared(settings, other, key)
        except BookError as problem:
            if problem.code is not Code.BAD_ROW:  # nothing was asked alike
                raise
    return None


def _tuned_by(lake: Lake, key: str) -> tuple[str, tuple[str, str] | None]:
    """Adapter of an evaluation, and the model under it; None for one that is not in the lake."""
    rows = lake.read(REPORT, key)
    adapter = str(rows["adapter_id"][0]) if rows.height else ""
    if adapter not in lake.keys("lora_adapter"):
        return adapter, None
    row = lake.read("lora_adapter", adapter).row(0, named=True)
    return adapter, (str(row["base"]), str(row["base_revision"]))


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


def _evaluation(settings: Settings, wanted: Wanted) -> Evaluation:
    before = settings.evaluation
    words = {"samples": wanted.samples, "temperature": wanted.temperature,
             "engine": wanted.engine or None, "protocols": wanted.protocols or None}  # fmt: skip
    new: dict[str, Any] = {name: value for name, value in words.items() if value is not None}
    if new.get("samples", 1) > 1 and new.get("temperature", before.temperature) == 0:
        raise BookError(
            Code.BAD_SETTING, "Give --temperature above 0: at 0 all samples are alike",
            samples=new["samples"],
        )  # fmt: skip
    said = type(before).model_validate(new)  # what nobody says stays unset: a profile may raise it
    update = {name: getattr(said, name) for name in new}
    return before.model_copy(update=update).named(wanted.suites, wanted.limit)


def _given(settings: Settings, wanted: Wanted) -> tuple[Given, str]:
    """What suites are given, and why those that need books have nothing."""
    from booktune_assets.evaluation.suite import Given

    files = (*files_of(settings.evaluation), *wanted.files)
    try:
        return replace(given_of_lake(House.open(settings)), files=files), ""
    except BooktuneError as problem:
        if problem.code not in (Code.NOT_BUILT, Code.UPSTREAM_FAILED, Code.NO_EXAMPLES):
            raise
        given = Given(settings.asked, problems=PROBLEMS, files=files)
        return given, f"this home has no books that were trained on ({problem.code.value})"


def _server(
    settings: Settings, wanted: Wanted, probed: Probed
) -> tuple[dict[str, Any], dict[str, str]]:
    server = {
        "llm": settings.llm.model_dump(mode="json"), "calls": str(settings.calls),
        "model": probed.model, "revision": wanted.identity,
    }  # fmt: skip
    why = probed.lacks
    refuses = dict.fromkeys(("drift", "drift_answer"), _PARTIAL) | {"harness": _FOLDERS}
    return server, refuses | ({"text": why, "choice": why} if why else {})


def _adapter(settings: Settings, name: str) -> tuple[Path, str]:
    """Folder and id of an adapter of the lake or of a folder that peft wrote, whole."""
    from booktune_assets.evaluation.cache import adapter_digest
    from booktune_assets.lake import Lake
    from booktune_assets.llm.adapted import require_whole

    lake = Lake(settings.lake)
    if name in lake.keys("lora_adapter"):
        return lake.folder("lora_adapter", name) / "adapter", name
    folder = Path(name).expanduser()
    require_whole(folder)
    return folder.absolute(), f"file-{adapter_digest(folder)[:16]}"
