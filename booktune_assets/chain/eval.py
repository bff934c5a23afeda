"""How the evaluation is built from the lake: what is held out, what was trained, what is asked.

Belongs here: everything that suites are given. Does not: asking and scoring (``evaluation/``),
reuse and publishing (``build.py``).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from booktune_assets.beam.problems import problems_digest
from booktune_assets.chain.books import divided, ready_books
from booktune_assets.chain.house import House, Made, Stage
from booktune_assets.chain.models import base_of, newest, standing
from booktune_assets.chain.stage_texts import held_digest
from booktune_assets.errors import BookError, Code
from booktune_assets.ids import digest, file_sha256, make_id, stable_int
from booktune_assets.lake import Receipt
from booktune_assets.settings import PROJECT, Evaluation, Settings

if TYPE_CHECKING:
    from booktune_assets.evaluation.suite import Given

__all__ = [
    "PROBLEMS", "STAGES", "asked_of_vllm", "behind", "files_of", "given_of_lake", "refused_by",
]  # fmt: skip

PROBLEMS = PROJECT / "data" / "evals" / "problems"
VARIANTS = ("twins", "templates")  # beside the problems
SCORED_CHARS_MIN = 200  # of a held-out section: less is a heading and says nothing
TASKS = ("define", "explain", "explain_code", "compare", "reason")  # answers in sentences
RUN = ("predict_output", "diagnose_error")  # families whose answers a run gave
LANGUAGES = ("elixir", "erlang")
ALPHA, ALPHA_SAYS = (
    "Less of the adapter",
    "An adapter can be scaled, for nothing: loss on held-out answers and on general text by its "
    "strength. What another way keeps has to be more than this keeps.",
)
WAYS, WAYS_SAY = (
    "Ways of not forgetting, in small",
    "Not this adapter: a model of about 100,000 weights that learns three subjects in turn. "
    "benchmarks/forgetting.py is the whole comparison.",
)
PASSAGES, PASSAGE_CHARS = 4, 2400  # before a question; short enough for small models


@dataclass(frozen=True, slots=True)
class Held:
    """What training did not see, and what it did: (id, text), (id, question, answer)."""

    texts: list[tuple[str, str]]
    answers: list[tuple[str, str, str]]
    trained: list[tuple[str, str, str]]
    sides: Mapping[str, str]  # section → train or heldout, as far as the report goes
    bodies: Mapping[str, str]  # text of every section
    run: list[dict[str, Any]]  # held-out examples of code that was run
    told: list[str]  # turns that were trained on
    sources: Mapping[str, str]  # section that a question is about


_KEPT: dict[str, Held] = {}  # one entry at most, by what it is made of


def _held(house: House, adapter: tuple[str, Receipt]) -> Held:
    """:func:`_read`, once for as long as nothing that it reads changes.

    A build asks for it three times: for its inputs, for what it makes, and for its inputs again.
    """
    ready, lake = ready_books(house).books, house.lake
    adapter_id, receipt = adapter
    above = [(asset, book) for book in ready for asset in ("sections", "instruction_pairs")]
    dataset = str(lake.read("lora_adapter", adapter_id)["dataset_id"][0])
    read = [lake.receipt(*one) for one in (*above, ("sharegpt_set", dataset))]
    key = digest([
        str(lake.root), ready, receipt.digest, [one.digest if one else "" for one in read],
        house.settings.pairs.heldout_percent, house.settings.asked.model_dump(mode="json"),
    ])  # fmt: skip
    if key not in _KEPT:
        _KEPT.clear()
        _KEPT[key] = _read(house, ready, dataset)
    return _KEPT[key]


def _read(house: House, ready: list[str], dataset: str) -> Held:
    """Held-out sections and questions, none seen in training, and a sample of what was.

    Questions are those that the adapter's own data set holds out. Ids are hashes, so the first by
    id are a sample that one more book does not reshuffle; sections take turns, because questions
    of one section are no independent evidence. A section that an earlier book has too is
    not asked: that one is; nor one that training sections show a tenth of.
    """
    from booktune_assets.pairs.apart import known_sections

    lake, wanted = house.lake, house.settings.asked
    examples = lake.read("sharegpt_set", dataset)
    held = pl.col("split") == "heldout"
    found = divided(house, ready)
    trained = set(examples.filter(~held)["section_id"].to_list())
    sides = found.sides | dict.fromkeys(trained, "train")
    known = known_sections(lake.read_all("sections__prints", ready), sides)
    fresh = {name for name, side in sides.items() if side == "heldout"} - known
    fresh -= set(found.tied.split)
    bodies = lake.read_all("sections", ready).select("section_id", "chars", "text")
    sections = (
        bodies.filter(
            pl.col("section_id").is_in(list(fresh)) & (pl.col("chars") >= SCORED_CHARS_MIN)
        )
        .sort("section_id")
        .head(wanted.heldout_sections)
    )
    texts = [(row["section_id"], row["text"][: wanted.text_chars]) for row in sections.to_dicts()]
    asked = _in_turns(examples.filter(held & (pl.col("family") != "predict_output")))
    asked = asked.head(max(wanted.answers, wanted.retrieval))
    told = _in_turns(examples.filter(~held & pl.col("family").is_in(TASKS)))
    told = told.head(wanted.regurgitation)
    known_sides = {name: "heldout" if name in fresh else "train" for name in sides}
    return Held(
        texts,
        _turns(asked),
        _turns(told),
        known_sides,
        dict(bodies.select("section_id", "text").iter_rows()),
        _run(examples.filter(held)) if wanted.short_answers else [],
        _said(examples.filter(~held)) if wanted.short_answers else [],
        dict(pl.concat([asked, told]).select("pair_id", "section_id").iter_rows()),
    )


def _in_turns(examples: pl.DataFrame) -> pl.DataFrame:
    """The first example of every section, then the second ones; within a turn by id."""
    ranked = examples.sort("pair_id").with_columns(
        pl.int_range(pl.len()).over("section_id").alias("turn")
    )
    return ranked.sort("turn", "pair_id").drop("turn")


def _run(examples: pl.DataFrame) -> list[dict[str, Any]]:
    """Examples whose answer a run gave."""
    own = ("pair_id", "section_id", "family", "verification", "conversations")
    return examples.filter(pl.col("family").is_in(RUN)).select(own).sort("pair_id").to_dicts()


def _said(examples: pl.DataFrame) -> list[str]:
    """Each example as one text, so that a question and its answer stand together."""
    return [
        "\n".join(turn["value"] for turn in turns) for turns in examples["conversations"].to_list()
    ]


def _turns(examples: pl.DataFrame) -> list[tuple[str, str, str]]:
    """(id, first question, last answer) of each."""
    return [
        (row["pair_id"], row["conversations"][0]["value"], row["conversations"][-1]["value"])
        for row in examples.select("pair_id", "conversations").iter_rows(named=True)
    ]


def _given(house: House, adapter: tuple[str, Receipt]) -> Given:
    """All that suites make their items of."""
    from booktune_assets.evaluation.suite import Given

    ready, wanted = ready_books(house).books, house.settings.asked
    held = _held(house, adapter)
    known = (text for name, text in held.bodies.items() if held.sides.get(name) != "heldout")
    return Given(
        wanted,
        held.texts,
        held.answers,
        files=files_of(wanted),
        trained=held.trained,
        problems=PROBLEMS,
        books=held.bodies if held.trained or wanted.short_answers else {},
        concepts=_concepts(house, ready, held) if wanted.choices or wanted.short_answers else (),
        listings=_listings(house, ready, held) if wanted.verbatim else (),
        passages=_passages(house, held) if wanted.retrieval else {},
        pairs=held.run,
        learned=[*known, *held.told] if wanted.short_answers else (),
        sources=held.sources,
        **_stage_texts(house, adapter[1]),
    )


def _stage_texts(house: House, trained_by: Receipt) -> dict[str, Any]:
    """Held-out documents of the stages that the adapter went through, as fields of ``Given``."""
    from booktune_assets.chain.stage_texts import scored

    chosen = house.settings.training
    trained = trained_by.notes.get("stage_texts")
    texts, silent = scored(chosen, trained if isinstance(trained, dict) else {})
    return {"stage_texts": texts, "stage_silent": silent}


def _concepts(house: House, ready: list[str], held: Held) -> list[dict[str, Any]]:
    """Concepts of the books; ``heldout`` are those that only held-out sections define."""
    rows = house.lake.read_all("concept_graph", ready).sort("book_id", "order").to_dicts()
    taught = {row["concept_id"] for row in rows if held.sides.get(row["introduced_in"]) == "train"}
    return [
        row
        | {"heldout": row["concept_id"] not in taught
           and held.sides.get(row["introduced_in"]) == "heldout"}
        for row in rows
    ]  # fmt: skip


def _listings(house: House, ready: list[str], held: Held) -> list[dict[str, Any]]:
    """Listings of training sections in an order that nobody picked."""
    blocks = house.lake.read_all("sections__blocks", ready)
    code = blocks.filter((pl.col("kind") == "code") & pl.col("lang").is_in(LANGUAGES))
    rows = [
        row
        for row in code.select("block_id", "section_id", "text").iter_rows(named=True)
        if held.sides.get(row["section_id"]) == "train"
    ]
    return sorted(rows, key=lambda row: stable_int(row["block_id"]))


def _passages(house: House, held: Held) -> dict[str, str]:
    """What `booktune ask` would put before each held-out question."""
    from booktune_assets.chain.retrieval import shelf_index
    from booktune_assets.concepts.retrieval import context

    wanted = house.settings.asked
    index = shelf_index(house.settings)
    return {
        name: context(index.search(question, PASSAGES, once=True), PASSAGE_CHARS)
        for name, question, _ in held.answers[: wanted.retrieval]
    }


def given_of_lake(house: House) -> Given:
    """What suites are given, by the newest adapter that there is, also where a later build failed.

    Raises ``NOT_BUILT`` where there is none.
    """
    return _given(house, standing(house, "lora_adapter"))


def _eval_inputs(house: House, _: str) -> dict[str, str]:
    from booktune_assets.evaluation.general import general_version

    adapter = newest(house, "lora_adapter")
    held = _held(house, adapter)
    stages = held_digest(house.settings.training)
    general = house.settings.asked.general_texts
    shelf = [
        [book, receipt.digest]
        for book in ready_books(house).books
        if (receipt := house.lake.receipt("concept_graph", book))
    ]
    return {
        "lora_adapter": adapter[1].digest,
        "heldout": digest([held.texts, held.answers, held.sources]),
        "shelf": digest([held.trained, shelf]),
        "general": general_version() if general else "none",
        "problems": problems_digest(PROBLEMS),
        "files": digest([problems_digest(path) for path in files_of(house.settings.asked)]),
        "retention": _retention(house),
        "variants": digest([problems_digest(PROBLEMS.parent / name) for name in VARIANTS]),
        **({"stage texts": stages} if stages else {}),
    }


def _retention(house: House) -> str:
    """Digest of requests of our own and of the files of tasks of lm-evaluation-harness."""
    from booktune_assets.evaluation.harness import files_digest, tasks_named

    own = sorted((PROBLEMS.parent / "retention").iterdir())
    tasks = tasks_named(house.settings.asked.lm_eval_tasks)
    return digest([
        [[one.name, file_sha256(one)] for one in own],
        [[task, files_digest(task)] for task in tasks],
    ])  # fmt: skip


def _eval_make(house: House, _: str) -> Made:
    from booktune_assets.evaluation.run import VERSION, EvalSpec, evaluate
    from booktune_assets.llm.models import prepare

    lake, settings = house.lake, house.settings
    adapter_id, receipt = newest(house, "lora_adapter")
    inputs = _eval_inputs(house, "")
    chosen = settings.digest_for("evaluation")
    eval_id = make_id("eval", VERSION, adapter_id, digest(inputs), chosen)
    model = prepare(base_of(house, adapter_id), settings.models)
    folder = lake.folder("lora_adapter", adapter_id) / "adapter"
    spec = EvalSpec(
        model=model,
        adapter=folder,
        adapter_id=adapter_id,
        eval_id=eval_id,
        given=_given(house, (adapter_id, receipt)),
        suites=settings.evaluation.suites,
        further=_further(house, adapter_id),
        cache=settings.cache / "generations",
        vllm=asked_of_vllm(settings, model.path, folder),
        refuses=refused_by(settings),
        **behind(house, adapter_id),
    )
    work = settings.home / "work" / "eval_report"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    made = evaluate(spec, work)
    notes = {"summary": made.summary, "adapter_id": adapter_id, "base": receipt.notes.get("base")}
    return Made(eval_id, made.frames, made.counts, notes, made.files)


def files_of(wanted: Evaluation) -> list[Path]:
    """The user's problem files. Raises ``FILE_MISSING`` for one that is not there."""
    paths = [Path(one).expanduser() for one in wanted.files]
    for path in paths:
        if not path.exists():
            raise BookError(Code.FILE_MISSING, "Mend evaluation.files", path=path)
    return paths


def refused_by(settings: Settings) -> dict[str, str]:
    """Kinds of items that the engine of folders cannot be asked, and why."""
    if settings.evaluation.engine != "vllm":
        return {}
    why = "vLLM's engine gives no whole distributions: name the engine transformers"
    return dict.fromkeys(("drift", "drift_answer"), why)


def asked_of_vllm(settings: Settings, model: Path, adapter: Path | None) -> dict[str, Any] | None:
    """Interpreter and arguments of vLLM's engine, where ``evaluation.engine`` names it."""
    from booktune_assets.llm.engines import vllm_arguments

    if settings.evaluation.engine != "vllm":
        return None
    arguments = vllm_arguments(settings, model, adapter)
    further = list(settings.llm.vllm_args)
    return {"python": settings.vllm_python, "arguments": arguments, "further": further}


def behind(house: House, adapter_id: str) -> dict[str, Any]:
    """What an adapter of the lake came from, as fields of ``EvalSpec``."""
    from booktune_assets.lineage_seen import lineage_of

    lake = house.lake
    dataset = str(lake.read("lora_adapter", adapter_id)["dataset_id"][0])
    folder = lake.folder("lora_adapter", adapter_id) / "stages"
    names = lake.read("lora_adapter__stages", adapter_id).sort("place")["stage"].to_list()
    before = [(str(name), folder / name / "adapter") for name in names[:-1]]
    return {
        "dataset_id": dataset,
        "training_steps": lake.read("lora_adapter__steps", adapter_id).to_dicts(),
        "strengths": lake.read("lora_adapter__curve", adapter_id).to_dicts(),
        "composition": _composition(lake.read("sharegpt_set", dataset)),
        "stages": [(name, path if path.is_dir() else None) for name, path in before]
        + [(str(name), None) for name in names[-1:]],
        "lineage": lineage_of(house.settings, ready_books(house).books, adapter_id),
    }


def _further(house: House, adapter_id: str) -> list[tuple[str, str, str]]:
    """What the report shows beside the suites: the alpha curve, and ways of not forgetting."""
    from booktune_assets.training.comparison.small import small_comparison
    from booktune_assets.training.post.plot import curve_svg

    found: list[tuple[str, str, str]] = []
    curve = house.lake.read("lora_adapter__curve", adapter_id).to_dicts()
    if picture := curve_svg(curve):
        found.append((ALPHA, ALPHA_SAYS, picture))
    if house.settings.evaluation.comparison:
        _, fragment = small_comparison(house.settings.cache / "forgetting")
        found.append((WAYS, WAYS_SAY, fragment))
    return found


def _composition(examples: pl.DataFrame) -> dict[str, int]:
    """Training examples per task family."""
    chosen = examples.filter(pl.col("split") == "train").group_by("family").len().sort("family")
    return {str(family): int(rows) for family, rows in chosen.iter_rows()}


def _pages(house: House, _: Receipt) -> None:
    """The report's copy for people, and the index over all adapters."""
    from booktune_assets.page.evaluations import write_index

    write_index(house.settings)


STAGES: dict[str, Stage] = {
    "eval_report": Stage(
        "booktune_assets.evaluation.run",
        ("evaluation",),
        _eval_inputs,
        _eval_make,
        mend=_pages,
        after=_pages,
    ),
}
