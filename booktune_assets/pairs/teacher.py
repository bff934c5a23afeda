"""Pairs that a teacher words: passages through recipes, gates and judges, into rows.

Belongs here: the order of the work on a passage, what is carried over, the frames. Does not: asking
(``llm/``), what is asked (``recipes/``), what is refused (``teacher_gates.py``, ``judges.py``).

A passage is asked about again only when its own text, the headings above it, the recipe or the
model changed. What the rest of the book says of it (concepts, how many pairs it has) words a prompt
when one is written, and writes no new one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from booktune_assets.ids import digest
from booktune_assets.pairs.candidate import Candidate
from booktune_assets.pairs.execute import Runner, run_counts, run_trials
from booktune_assets.pairs.judges import judged, judged_sentences, repeated
from booktune_assets.pairs.judges_canaries import Examined
from booktune_assets.pairs.outcomes import NOT_RUN, unrun
from booktune_assets.pairs.recipes.base import Exchange, Passage, Recipe
from booktune_assets.pairs.recipes.bonito import Bonito
from booktune_assets.pairs.recipes.chain import Chain
from booktune_assets.pairs.recipes.qa import Qa
from booktune_assets.pairs.recipes.steps import Steps, together
from booktune_assets.pairs.teacher_again import reseeded, settled_as
from booktune_assets.pairs.teacher_drive import Ask, Worked, drive
from booktune_assets.pairs.teacher_gates import refused_by, refused_by_running
from booktune_assets.pairs.teacher_join import Carried, asked_before, carry_over, finished
from booktune_assets.pairs.teacher_rows import Rows, Teacher, Told
from booktune_assets.progress import advance
from booktune_assets.schemas_pairs import PAIRS
from booktune_assets.schemas_teacher import PAIR_TEACHER
from booktune_assets.settings import Pairs

__all__ = ["VERSION", "Job", "Taught", "jobs_of", "recipes_of", "still_to_do", "teach", "work_on"]

VERSION = "teacher.5"
RECIPES: Mapping[str, type[Recipe]] = {"qa": Qa, "bonito": Bonito, "chain": Chain}
Frames = Mapping[str, pl.DataFrame]

_UNJUDGED = "unjudged"  # part of a digest that a judged passage never has


@dataclass(frozen=True, slots=True)
class Job:
    """A passage and the recipe that it is given to; ``digest`` names the work.

    ``tries`` is how often replies were of no use before (``teacher_again.py``).
    """

    passage: Passage
    recipe: Recipe
    digest: str
    tries: int = 0


@dataclass(slots=True)
class Taught:
    """Frames of all tables of ``instruction_pairs``, counts for the receipt, notes for people."""

    frames: dict[str, pl.DataFrame]
    counts: dict[str, int]
    notes: dict[str, object] = field(default_factory=dict[str, object])


def recipes_of(pairs: Pairs) -> list[Recipe]:
    """The recipes of the settings, in their order, each once."""
    return [RECIPES[name]() for name in dict.fromkeys(pairs.recipes)]


def jobs_of(
    passages: Sequence[Passage], pairs: Pairs, teacher: Teacher, run_by: str = "",
    before: Collection[str] = (),
) -> list[Job]:  # fmt: skip
    """What there is to do, passages that lack pairs first. ``run_by`` is what runs code.

    Of a limited number those of ``before``, which were asked about, come first: an edit elsewhere
    puts no passage in the place of another one.
    """
    wanted = [VERSION, run_by, pairs.questions, pairs.votes, pairs.judging, pairs.judge_model]
    found: list[Job] = []
    for recipe in recipes_of(pairs):
        name = [*wanted, recipe.name, recipe.version, teacher.model, teacher.revision]
        able = [one for one in passages if recipe.takes(one)]
        if pairs.passages_max:
            able.sort(key=lambda one: one.unit_id not in before)
        for passage in able[: pairs.passages_max or None]:
            found.append(Job(passage, recipe, digest([*name, passage.digest])))
    return found


def teach(
    frames: Frames, made: Frames, passages: Sequence[Passage], pairs: Pairs, teacher: Teacher,
    ask: Ask, examined: Callable[[], Examined | None], previous: Frames | None = None,
    runner: Runner | None = None, *, limited: bool = False,
) -> Taught:  # fmt: skip
    """``made`` (what was taken from the text) and beside it what the teacher words.

    ``frames`` are those that the passages come from; ``examined`` says how the judge did on the
    canaries, None when nobody judges, and is called when there is something to do. ``previous`` are
    frames of ``instruction_pairs`` made before: finished passages of the same digest are taken from
    them and cost no call. ``runner`` runs the code of answers: without it nothing is run.
    ``limited``: there is a budget (``teacher_drive.drive``).
    """
    name = runner.name if runner else ""
    jobs = jobs_of(passages, pairs, teacher, name, asked_before(previous))
    old = carry_over(previous, {(job.passage.unit_id, job.recipe.name): job for job in jobs})
    todo = still_to_do(jobs, old)
    judge = examined() if todo else None
    texts = dict(frames["sections"].select("section_id", "text").iter_rows())

    def run(candidates: Sequence[Candidate]) -> None:
        run_trials(candidates, runner)

    works = [work_on(job, texts, pairs, teacher, judge) for job in todo]
    rows = Rows(teacher, judge, runner.chain.name if runner else "", old.names)
    reached = 0
    driven = drive(works, ask, run, limited=limited)
    for number, (job, worked) in enumerate(zip(todo, driven, strict=True), start=1):
        name = settled_as(worked, job)
        name = digest([NOT_RUN, name]) if runner and _unrun(worked) else name
        if judge is not None and judge.stopped == "budget":
            name = digest([_UNJUDGED, name])  # judged when the budget allows; calls are cached
        rows.add(job.passage, job.recipe, name, worked)
        reached += worked.status != "remaining"
        waits = f"{number - reached} wait for a budget" if reached < number else ""
        advance("asking the teacher", reached, len(todo), waits)
    taught = finished(frames, made, rows.frames, old)
    counts = _counted(taught[PAIR_TEACHER.name], rows, judge)
    counts |= run_counts(taught[PAIRS.name], runner)
    return Taught(taught, counts, _notes(counts, teacher, judge))


def still_to_do(jobs: Sequence[Job], old: Carried) -> list[Job]:
    """What is not taken over, each knowing how often it was tried."""
    found: list[Job] = []
    for job in jobs:
        name = (job.passage.unit_id, job.recipe.name)
        if name not in old.done:
            found.append(replace(job, tries=old.tries.get(name, 0)))
    return found


def work_on(
    job: Job, texts: Mapping[str, str], pairs: Pairs, teacher: Teacher, judge: Examined | None
) -> Steps[list[Told]]:
    """All steps of one passage, with seeds of its own for each try."""
    return reseeded(_work_on(job, texts, pairs, teacher, judge), job.tries)


def _work_on(
    job: Job, texts: Mapping[str, str], pairs: Pairs, teacher: Teacher, judge: Examined | None
) -> Steps[list[Told]]:
    """Recipe, gates, the answer once more, the judge."""
    exchanges = yield from job.recipe.steps(job.passage, teacher.teaching)
    verdicts = yield from together(
        [_checked(one, job, texts, pairs, teacher, judge) for one in exchanges]
    )
    return list(verdicts)


def _unrun(worked: Worked) -> bool:
    """Was code of an exchange not run for a fault of ours? Then the passage is done again."""
    told: list[Told] = worked.result or []
    found = (one.exchange for one in told if one.exchange.problem is None)
    return any(one.candidate is not None and unrun(one.candidate) for one in found)


def _checked(
    one: Exchange, job: Job, texts: Mapping[str, str], pairs: Pairs, teacher: Teacher,
    judge: Examined | None,
) -> Steps[Told]:  # fmt: skip
    """One exchange through the gates, cheapest first: an answer is one call, a judge many."""
    told = Told(one)
    if refusal := refused_by(one, job.passage, texts, pairs, teacher.book):
        one.refuse(*refusal)
        return told
    if one.candidate is not None and one.candidate.trials:
        yield [one.candidate]
        if refusal := refused_by_running(one, texts, pairs):
            one.refuse(*refusal)
            return told
    if pairs.judging == "off":
        return told
    if job.recipe.chat or teacher.teaching.judge:
        if reason := (yield from repeated(one, job.passage, teacher.teaching)):
            one.refuse("G7_round_trip", reason)
            return told
        one.passed.append("G7_round_trip")
    if judge is None or judge.asked_no_more:
        return told
    sentences = judged_sentences(one.answer)
    told.judged = yield from judged(job.passage, sentences, teacher.teaching)
    one.calls += [key for verdict in told.judged for key in verdict.calls]
    if all(verdict.supported for verdict in told.judged):
        one.passed.append("G6_judge")
    else:
        one.refuse("G6_judge", "sentence_not_supported")
    return told


def _counted(units: pl.DataFrame, rows: Rows, judge: Examined | None) -> dict[str, int]:
    """Counts for the receipt, with stable names."""
    by_status = dict(units.group_by("status").len().iter_rows())
    return {
        "teacher_passages": units.height,
        "teacher_done": by_status.get("done", 0),
        "teacher_failed": by_status.get("failed", 0),
        "teacher_refused": by_status.get("refused", 0),
        "teacher_remaining": by_status.get("remaining", 0),
        "teacher_kept": int(units["kept"].sum()),
        "teacher_rejected": int(units["rejected"].sum()),
        "teacher_calls": rows.made + (judge.calls if judge else 0),
        "teacher_calls_cached": rows.cached + (judge.cached if judge else 0),
        "teacher_prompt_tokens": rows.prompt_tokens,
        "teacher_completion_tokens": rows.completion_tokens,
        "judge_may_gate": int(judge is not None and judge.may_gate),
        "judge_canaries_right": judge.right if judge else 0,
        "judge_canaries_asked": judge.asked if judge else 0,
    }


def _notes(
    counts: Mapping[str, int], teacher: Teacher, judge: Examined | None
) -> dict[str, object]:
    notes: dict[str, object] = {"teacher": teacher.name}
    if judge is not None:
        notes["judge"] = judge.words
        notes["judge_is_teacher"] = not teacher.teaching.judge
        notes["judge_wrong"] = dict(sorted(judge.wrong.items()))
    if left := _left(counts, judge):
        notes["partial"] = left
    return notes


def _left(counts: Mapping[str, int], judge: Examined | None) -> str:
    """What a later run has to go on with, and what it takes; empty when nothing is left."""
    said: list[str] = []
    if number := counts["teacher_remaining"]:
        said.append(f"{number} passages wait for a budget")
    if number := counts["teacher_failed"]:
        said.append(f"{number} for calls that failed or replies of no use")
    if judge is not None and judge.stopped == "budget":
        said.append("answers were not judged, for which the budget was too small")
    left = [f"{', '.join(said)}: run again to go on"] if said else []
    if number := counts["teacher_refused"]:
        left.append(
            f"{number} hold calls that the server does not take (too long?): they are asked again "
            "after an hour, of another server at once"
        )
    return "; ".join(left)
