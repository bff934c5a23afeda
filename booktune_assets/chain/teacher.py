"""The teacher's part of ``instruction_pairs`` from the lake, and what it would cost.

Belongs here: opening the caller, what the teacher reads, joining its rows with those that were
taken from the text, the plan of a dry run. Does not: the work itself (``pairs/teacher.py``), calls
(``llm/``), reuse and publishing (``build.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from booktune_assets.chain.code import code_run_by, pairs_runner
from booktune_assets.chain.house import House, Made, fact, title_of
from booktune_assets.ids import digest
from booktune_assets.lake import Receipt

if TYPE_CHECKING:
    from booktune_assets.llm.calls import Caller
    from booktune_assets.llm.request import Reply, Request
    from booktune_assets.pairs.extract import PairsMade
    from booktune_assets.pairs.judges_canaries import Examined
    from booktune_assets.pairs.recipes.base import Passage
    from booktune_assets.pairs.teacher_plan import Planned
    from booktune_assets.pairs.teacher_rows import Teacher

__all__ = [
    "of_the_text", "planned", "teacher_inputs", "teacher_warnings", "teacher_words", "with_teacher",
]  # fmt: skip

Frames = Mapping[str, pl.DataFrame]
_READ = (
    "sections", "sections__blocks", "concept_graph", "concept_graph__edges",
    "concept_graph__mentions",
)  # fmt: skip


def teacher_inputs(house: House) -> dict[str, str]:
    """What rows of a teacher depend on beside what is taken from the text; empty without one."""
    if not house.settings.pairs.recipes:
        return {}
    from booktune_assets.beam.toolchain import toolchain_version
    from booktune_assets.pairs.teacher import VERSION

    llm = house.settings.llm
    model = llm.model or str(house.settings.derived["model"].value)
    named = [VERSION, llm.engine, model, llm.revision, toolchain_version()]
    return {"teacher": digest(named)}


def of_the_text(previous: Frames | None) -> Frames | None:
    """The rows made before without those of a teacher: what taking pairs from the text reuses."""
    if previous is None:
        return None
    taught = previous["instruction_pairs"].filter(pl.col("generator") == "teacher")
    units = previous["instruction_pairs__teacher"]
    lost = units.explode("candidate_ids")["candidate_ids"].drop_nulls().to_list()
    pairs = taught["pair_id"].to_list()
    return {
        **previous,
        "instruction_pairs": previous["instruction_pairs"].filter(~pl.col("pair_id").is_in(pairs)),
        "instruction_pairs__evidence": previous["instruction_pairs__evidence"].filter(
            ~pl.col("pair_id").is_in(pairs)
        ),
        "instruction_pairs__rejected": previous["instruction_pairs__rejected"].filter(
            ~pl.col("candidate_id").is_in(lost)
        ),
    }


def with_teacher(house: House, key: str, made: PairsMade, previous: Frames | None) -> Made:
    """The stage's result: what was taken from the text and, with recipes, what is worded."""
    rows = made.frames["instruction_pairs"].height
    if not house.settings.pairs.recipes:
        return Made(key, made.frames, {"rows": rows, **made.counts})
    from booktune_assets.llm.calls import open_caller

    with open_caller(house.settings) as caller:
        return _taught(house, key, made, previous, caller)


def _taught(
    house: House, key: str, made: PairsMade, previous: Frames | None, caller: Caller
) -> Made:
    from booktune_assets.llm.budget import limited
    from booktune_assets.pairs.judges_budget import PART_MAX, canary_calls, unexamined
    from booktune_assets.pairs.judges_canaries import examine
    from booktune_assets.pairs.teacher import teach

    frames, passages, teacher = _ready(house, key, made.frames, previous, caller)

    def ask(requests: Sequence[Request]) -> Iterable[tuple[Request, Reply]]:
        return caller.ask(requests, progress=f"asking the teacher about {key}")

    def judge() -> Examined | None:
        if house.settings.pairs.judging == "off":
            return None
        judging = replace(teacher, model=teacher.teaching.judge or caller.model)
        if caller.part_of_budget(canary_calls(teacher.teaching)) > PART_MAX:
            return unexamined(judging.name)
        return examine(ask, teacher.teaching, judging.name)

    taught = teach(
        frames, made.frames, passages, house.settings.pairs, teacher, ask, judge, previous,
        pairs_runner(house), limited=limited(house.settings.llm),
    )  # fmt: skip
    rows = taught.frames["instruction_pairs"].height
    counts = {"rows": rows, **made.counts, **taught.counts}
    counts["kept"] = rows
    counts["rejected"] = taught.frames["instruction_pairs__rejected"].height
    return Made(key, taught.frames, counts, taught.notes)


def teacher_words(receipt: Receipt | None) -> list[str]:
    """What people should know of a teacher's part of a book: sentences, none without a teacher."""
    if receipt is None or "teacher" not in receipt.notes:
        return []
    counts, notes = receipt.counts, receipt.notes
    said = [
        f"teacher {notes['teacher']}: {counts['teacher_kept']} pairs kept, "
        f"{counts['teacher_rejected']} candidates refused, from {counts['teacher_passages']} "
        f"passages; {counts['teacher_calls']} calls, {counts['teacher_calls_cached']} more from "
        "the cache"
    ]
    if "judge" in notes:
        same = "; it is the teacher itself" if notes.get("judge_is_teacher") else ""
        said.append(f"{notes['judge']}{same}")
    if "partial" in notes:
        said.append(f"partial: {notes['partial']}")
    return said


def teacher_warnings(receipt: Receipt | None) -> list[str]:
    """Of these, what is not as it should be: a judge that may not gate, work that is left."""
    if receipt is None:
        return []
    said = [f"partial: {receipt.notes['partial']}"] if "partial" in receipt.notes else []
    if "judge" in receipt.notes and not receipt.counts.get("judge_may_gate"):
        said.append(str(receipt.notes["judge"]))
    return said


def planned(house: House, keys: Sequence[str]) -> Iterator[Planned]:
    """Per book and recipe: calls, tokens, hours and price that are still to come. Asks nothing.

    A book whose sections or concepts are not built yet is planned as ``blocked``.
    """
    from booktune_assets.errors import BookError
    from booktune_assets.llm.calls import open_caller
    from booktune_assets.pairs.teacher_plan import Planned, plan, plan_canaries, seen_to_fail

    pairs, llm = house.settings.pairs, house.settings.llm
    left = 0
    teacher: Teacher | None = None
    unfit: Examined | None = None
    unsaved = llm.model_copy(update={"salvage": 0})  # a cached reply that is bad asks nothing anew
    with open_caller(house.settings.model_copy(update={"llm": unsaved})) as caller:
        for key in keys:
            try:
                for table in _READ:
                    fact(house, table, key)
            except BookError as problem:
                yield Planned(key, "", blocked=str(problem.remedy))
                continue
            made = _made_before(house, key)
            new = teacher is None
            frames, passages, teacher = _ready(house, key, made or {}, made, caller)
            if new and pairs.judging == "on":  # one judge for all books
                unfit = seen_to_fail(teacher, caller)
            texts = dict(frames["sections"].select("section_id", "text").iter_rows())
            for row in plan(
                key, passages, texts, pairs, llm, teacher, caller, made, code_run_by(house), unfit
            ):
                left += row.passages - row.finished
                yield row
        if left and teacher is not None and pairs.judging == "on":
            yield plan_canaries(teacher, caller, llm)


def _made_before(house: House, key: str) -> Frames | None:
    """The newest frames of ``instruction_pairs``, whatever made them; None without any."""
    from booktune_assets.schemas import tables_of

    receipt = house.lake.receipt("instruction_pairs", key)
    if receipt is None:
        return None
    names = [table.name for table in tables_of("instruction_pairs")]
    if any(name not in receipt.tables for name in names):
        return None
    return {name: house.lake.read(name, key) for name in names}


def _ready(
    house: House, key: str, made: Frames, previous: Frames | None, caller: Caller
) -> tuple[Frames, list[Passage], Teacher]:
    """What the teacher reads, in passages, and who the teacher is."""
    from booktune_assets.beam.symbols import book_symbols
    from booktune_assets.pairs.candidate import CODE
    from booktune_assets.pairs.identifiers import exports_in
    from booktune_assets.pairs.recipes.base import Teaching
    from booktune_assets.pairs.teacher_join import asked_before
    from booktune_assets.pairs.teacher_passages import into_passages
    from booktune_assets.pairs.teacher_rows import Teacher

    pairs = house.settings.pairs
    frames = {name: house.lake.read(name, key) for name in _READ}
    teaching = Teaching(pairs.questions, pairs.votes, pairs.judge_model)
    exports_in(house.settings.cache)
    code = frames["sections__blocks"].filter(pl.col("kind").is_in(CODE))
    book = book_symbols(code.select("block_id", "text", "lang").iter_rows())
    teacher = Teacher(key, caller.model, caller.revision, teaching, book)
    known = of_the_text(made) or {} if made else {}
    before = asked_before(previous)
    return frames, into_passages(key, frames, known, title_of(house, key), before), teacher
