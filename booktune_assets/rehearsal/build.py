"""The rehearsal set: real text that is replayed, and text that the model wrote itself.

Belongs here: the order of the steps, the tables and their counts. Does not: any step (``real.py``,
``demos.py``, ``writing.py``, ``code.py``, ``clean.py``, ``select.py``), mixing with examples
(``training/``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import polars as pl

from booktune_assets.contracts import check
from booktune_assets.llm.calls import Caller, Reply, Request
from booktune_assets.rehearsal.callers import Voices
from booktune_assets.rehearsal.clean import leave_out_asked, leave_out_repeats
from booktune_assets.rehearsal.code import check_code
from booktune_assets.rehearsal.demos import Demo, earlier_demos, pools_of, shown_together
from booktune_assets.rehearsal.item import Item
from booktune_assets.rehearsal.real import Real, real_rows
from booktune_assets.rehearsal.select import THIRDS, keep_fittest
from booktune_assets.rehearsal.vectors import embedder_name
from booktune_assets.rehearsal.writing import (
    UNASKED,
    Ask,
    Asked,
    answer,
    magpie_requests,
    ssr_requests,
    write_questions,
)
from booktune_assets.schemas_rehearsal import REHEARSAL_TABLES, REHEARSED
from booktune_assets.settings_training import Rehearsal

if TYPE_CHECKING:
    from booktune_assets.pairs.benchmarks import Benchmark
    from booktune_assets.pairs.execute import Runner

__all__ = ["VERSION", "Rehearsed", "build_rehearsal"]

VERSION = "rehearsal_set.10"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """``frames`` of ``rehearsal_set``; counts ``rows real_replay pretrain ssr magpie calls …``;
    notes say who wrote and answered."""

    frames: dict[str, pl.DataFrame]
    counts: dict[str, int]
    notes: dict[str, object]


@dataclass(slots=True)
class _Written:
    """What the model wrote, and what it was shown."""

    method: str = ""
    items: list[Item] = field(default_factory=list[Item])
    demos: list[Demo] = field(default_factory=list[Demo])
    counts: Counter[str] = field(default_factory=Counter[str])


def build_rehearsal(
    wanted: Rehearsal,
    share: float,
    voices: Voices,
    benchmarks: Sequence[Benchmark] = (),
    runner: Runner | None = None,
    beside: int = 0,
) -> Rehearsed:
    """All rows of the set. The same settings, texts and replies give the same rows.

    ``wanted`` is sized by the profile; ``share`` is that of rehearsal in training, where ``beside``
    rows of earlier stages are rehearsed with those of the set; nothing of ``benchmarks`` is shown;
    ``runner`` runs code, and without one generated Elixir and Erlang are left out. Calls that were
    made before come from their cache, those of a killed run too. A spent budget ends the asking:
    what is there is kept, the deficit and the note ``partial`` say what is missing.
    """
    real = real_rows(wanted, share, benchmarks, beside)
    made = _Written()
    if wanted.synthesised_rows:
        made = _written(wanted, voices, real)
        if wanted.execute:
            check_code(made.items, runner)
        leave_out_asked(made.items, benchmarks)
        leave_out_repeats([*real.rows, *made.items])
        made.counts.update(
            keep_fittest(
                made.items, wanted.synthesised_rows, wanted.clusters, spread=wanted.difficulty
            )
        )
    frames = _frames(wanted, real, made)
    return Rehearsed(frames, _counts(frames, made), _notes(wanted, voices, made))


def _written(wanted: Rehearsal, voices: Voices, real: Real) -> _Written:
    """Questions by the base, answers by the latest model; what is unfit says why."""
    made = _Written()
    pools = _pools(wanted, real)
    made.demos = [demo for pool in pools.values() for demo in pool]
    number = (wanted.synthesised_rows or 0) * (wanted.candidates or 1)
    shown = shown_together(pools, wanted.shots, wanted.samples, wanted.seed)
    asked = [] if wanted.method == "magpie" else ssr_requests(islice(shown, number), wanted)
    made.method = "ssr" if asked or wanted.method == "ssr" else "magpie"
    if made.method == "magpie":
        made.demos = []
        asked = magpie_requests(voices.opening(voices.base), number, wanted)
    with voices.open(voices.base) as caller:
        ask = _counted(caller, made.counts)
        made.items = _unique(write_questions(ask, _each_once(asked), made.method))
        if voices.latest == voices.base:
            answer(ask, made.items, voices.adapted, wanted)
    if voices.latest != voices.base:
        with voices.open(voices.latest) as caller:
            answer(_counted(caller, made.counts), made.items, voices.adapted, wanted)
    # a question without its answer waits for the next run, which has it from the cache
    made.items = [item for item in made.items if item.reason != UNASKED]
    return made


def _pools(wanted: Rehearsal, real: Real) -> dict[str, list[Demo]]:
    """Examples of the real texts, and of what earlier stages left behind."""
    tasks = dict(real.tasks())
    for number, folder in enumerate(wanted.earlier):
        tasks[f"stage {number + 1} {folder.name}"] = earlier_demos(folder)
    return pools_of(tasks, wanted.demos, wanted.demo_chars or 0)


def _each_once(asked: Iterable[Asked]) -> list[Asked]:
    return list({request.call_key: (request, shown) for request, shown in asked}.values())


def _unique(items: Iterable[Item]) -> list[Item]:
    """Two prompts may get the same answer: it is one candidate."""
    return list({item.row_id: item for item in items}.values())


def _frames(wanted: Rehearsal, real: Real, made: _Written) -> dict[str, pl.DataFrame]:
    rows, rejected = {}, {}
    for item in [*real.rows, *made.items]:
        (rejected if item.reason else rows).setdefault(item.row_id, item.row())
    for item in real.rejected:
        if item.row_id not in rows:
            rejected.setdefault(item.row_id, item.row())
    shown = {demo.demo_id: demo.row() for demo in made.demos}
    parts = [list(rows.values()), list(rejected.values()), list(shown.values())]
    parts.append(list(_mix(wanted, real, made)))
    return {
        table.name: check(table, table.frame(part))
        for table, part in zip(REHEARSAL_TABLES, parts, strict=True)
    }


def _mix(wanted: Rehearsal, real: Real, made: _Written) -> Iterator[dict[str, object]]:
    for one in real.sources:
        bad = sum(bool(item.reason) for item in one.looked)
        yield _line(one.origin, one.source, one.wanted, len(one.rows), bad)
    if made.method:
        kept = sum(not item.reason for item in made.items)
        yield _line(
            made.method, "written", wanted.synthesised_rows or 0, kept, len(made.items) - kept
        )


def _line(origin: str, source: str, wanted: int, got: int, rejected: int) -> dict[str, object]:
    return {
        "origin": origin, "source": source, "wanted": wanted, "got": got,
        "deficit": max(0, wanted - got), "rejected": rejected,
    }  # fmt: skip


def _counts(frames: dict[str, pl.DataFrame], made: _Written) -> dict[str, int]:
    rows, rejected, demos, mix = frames.values()
    counts = {"rows": rows.height, "kept": rows.height, "demos": demos.height}
    counts |= {name: rows.filter(origin=name).height for name in REHEARSED}
    counts |= {"candidates": len(made.items), "rejected": rejected.height}
    reasons = rejected.group_by("reason").len().sort("reason").iter_rows()
    counts |= {f"rejected_{reason}": number for reason, number in reasons}
    counts["deficit"] = int(mix["deficit"].sum())
    counts["clusters"] = rows["cluster_id"].drop_nulls().n_unique()
    calls = ("calls", "calls_cached", "calls_unasked")
    counts |= {name: made.counts[name] for name in (*THIRDS, *calls)}
    return counts


def _notes(wanted: Rehearsal, voices: Voices, made: _Written) -> dict[str, object]:
    if not made.method:
        return {}
    notes: dict[str, object] = {
        "method": made.method, "writes": voices.base, "answers": voices.latest,
        "adapter": voices.adapted, "vectors": embedder_name(),
        "difficulty_by": next((i.difficulty_by for i in made.items if i.difficulty_by), ""),
        "code": "checked" if wanted.execute else "not checked",
    }  # fmt: skip
    if waits := made.counts["calls_unasked"]:
        notes["partial"] = f"{waits} questions and answers wait for a budget: run again to go on"
    return notes


def _counted(caller: Caller, counts: Counter[str]) -> Ask:
    """Asking, with what was asked and what was known counted."""

    def ask(requests: Iterable[Request], *, progress: str = "") -> Iterator[tuple[Request, Reply]]:
        for request, reply in caller.ask(requests, progress=progress):
            made = "calls_cached" if reply.cached else "calls"
            counts["calls_unasked" if reply.finish == "budget" else made] += 1
            yield request, reply

    return ask
