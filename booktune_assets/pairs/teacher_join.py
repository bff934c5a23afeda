"""The teacher's rows beside those taken from the text, and what a later run takes over of them.

Belongs here: carrying finished passages over, exact duplicates, split, concepts and level of a
pair. Does not: making rows (``teacher_rows.py``), the work on a passage (``teacher.py``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import polars as pl

from booktune_assets.pairs.carry import DUPLICATE, about
from booktune_assets.pairs.levels import levelled
from booktune_assets.pairs.recipes.base import Passage
from booktune_assets.pairs.teacher_again import tries_of
from booktune_assets.pairs.teacher_quotes import placed_now
from booktune_assets.pairs.teacher_rows import TABLES_MADE
from booktune_assets.schemas_pairs import PAIR_EVIDENCE, PAIR_REJECTS, PAIR_SECTIONS, PAIRS
from booktune_assets.schemas_teacher import PAIR_TEACHER, PAIR_VERDICTS

__all__ = ["Carried", "asked_before", "carry_over", "finished"]

Row = dict[str, Any]
Frames = Mapping[str, pl.DataFrame]


class Work(Protocol):
    """What :func:`carry_over` compares: a job of ``teacher.py``."""

    @property
    def digest(self) -> str: ...
    @property
    def passage(self) -> Passage: ...


@dataclass(slots=True)
class Carried:
    """``done``: (passage, recipe) of finished work; ``frames``: its rows; ``tries`` of the rest."""

    done: set[tuple[str, str]]
    frames: dict[str, pl.DataFrame]
    tries: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    @property
    def names(self) -> list[str]:
        """Ids of all pairs and rejects."""
        rejects = self.frames[PAIR_REJECTS.name]["candidate_id"]
        return [*self.frames[PAIRS.name]["pair_id"], *rejects]


def carry_over(previous: Frames | None, jobs: Mapping[tuple[str, str], Work]) -> Carried:
    """Rows of finished work that would be done again in the same way, at the place it has now.

    Work whose candidate was refused as a duplicate is done again: the other copy may have gone.
    """
    none = {table.name: table.frame([]) for table in TABLES_MADE}
    if previous is None or PAIR_TEACHER.name not in previous:
        return Carried(set(), none)
    rejects = previous[PAIR_REJECTS.name]
    late = set(rejects.filter(pl.col("gate") == DUPLICATE)["candidate_id"].to_list())
    units: list[Row] = []
    places: dict[str, Passage] = {}
    tries: dict[tuple[str, str], int] = {}
    for row in previous[PAIR_TEACHER.name].iter_rows(named=True):
        job = jobs.get((row["unit_id"], row["recipe"]))
        same = job is not None and row["status"] == "done" and row["input_digest"] == job.digest
        if job and same and not late & set(row["candidate_ids"]):
            units.append(row | {"section_id": job.passage.section_id})
            places |= dict.fromkeys([*row["pair_ids"], *row["candidate_ids"]], job.passage)
        elif job is not None:
            tries[row["unit_id"], row["recipe"]] = tries_of(row["input_digest"], job.digest)
    pairs = {name for row in units for name in row["pair_ids"]}
    gone = {name for row in units for name in row["candidate_ids"]}
    frames = {
        PAIRS.name: _of(previous[PAIRS.name], "pair_id", pairs),
        PAIR_EVIDENCE.name: _of(previous[PAIR_EVIDENCE.name], "pair_id", pairs),
        PAIR_REJECTS.name: _of(rejects, "candidate_id", gone),
        PAIR_VERDICTS.name: _of(previous[PAIR_VERDICTS.name], "candidate_id", pairs | gone),
    }
    frames = {name: placed_now(frame, places) for name, frame in frames.items()}
    frames[PAIR_TEACHER.name] = PAIR_TEACHER.frame(units)
    return Carried({(row["unit_id"], row["recipe"]) for row in units}, frames, tries)


def asked_before(previous: Frames | None) -> set[str]:
    """Passages that a teacher was asked about."""
    if previous is None or PAIR_TEACHER.name not in previous:
        return set()
    return set(previous[PAIR_TEACHER.name]["unit_id"].to_list())


def finished(frames: Frames, made: Frames, new: Frames, old: Carried) -> dict[str, pl.DataFrame]:
    """All tables of ``instruction_pairs``: what was taken from the text, then what was worded."""
    order = {name: at for at, name in enumerate(frames["sections"].sort("ordinal")["section_id"])}
    ours = {
        name: pl.concat([old.frames[name], frame.select(old.frames[name].columns)])
        for name, frame in new.items()
    }
    units = _ordered(ours[PAIR_TEACHER.name], order, "unit_id", "recipe")
    pairs = _ordered(ours[PAIRS.name], order, "pair_id")
    pairs, late = _once(made[PAIRS.name], pairs)
    pairs = _placed(pairs, ours[PAIR_EVIDENCE.name], made[PAIR_SECTIONS.name], frames)
    evidence = _of(ours[PAIR_EVIDENCE.name], "pair_id", pairs["pair_id"].to_list())
    rejects = pl.concat([ours[PAIR_REJECTS.name], late.select(ours[PAIR_REJECTS.name].columns)])
    units = _moved(units, set(late["candidate_id"].to_list()))
    result = {
        **made,
        PAIRS.name: pl.concat([made[PAIRS.name], pairs.select(made[PAIRS.name].columns)]),
        PAIR_EVIDENCE.name: pl.concat(
            [made[PAIR_EVIDENCE.name], evidence.sort("pair_id", "ordinal")]
        ),
        PAIR_REJECTS.name: pl.concat(
            [made[PAIR_REJECTS.name], _ordered(rejects, order, "candidate_id")]
        ),
        PAIR_VERDICTS.name: ours[PAIR_VERDICTS.name].sort("candidate_id", "ordinal"),
        PAIR_TEACHER.name: units,
    }
    result[PAIR_SECTIONS.name] = _recounted(made[PAIR_SECTIONS.name], result)
    return result


def _once(there: pl.DataFrame, pairs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pairs that say what no other says, and the rest as rejects."""
    seen = set(_said(there))
    first: list[bool] = []
    for words in _said(pairs):
        first.append(words not in seen)
        seen.add(words)
    mask = pl.Series(first, dtype=pl.Boolean)
    late = pairs.filter(~mask).select(
        candidate_id="pair_id", book_id="book_id", section_id="section_id", family="family",
        gate=pl.lit(DUPLICATE), reason=pl.lit("same_turns_as_earlier"), turns="turns",
    )  # fmt: skip
    return pairs.filter(mask), late


def _placed(
    pairs: pl.DataFrame, evidence: pl.DataFrame, sections: pl.DataFrame, frames: Frames
) -> pl.DataFrame:
    """Split by section, concepts by quotes, level and prerequisites by concepts."""
    mentions = frames["concept_graph__mentions"]
    named = about(evidence, mentions)
    split = sections.select("section_id", "split")
    pairs = pairs.drop("split", "concept_ids", "prereq_ids", "level")
    pairs = pairs.join(named, on="pair_id", how="left", maintain_order="left")
    pairs = pairs.join(split, on="section_id", how="left", maintain_order="left")
    strings = pl.List(pl.String)
    pairs = pairs.with_columns(pl.col("concept_ids").fill_null(pl.lit([], dtype=strings)))
    return levelled(pairs, frames["concept_graph"], frames["concept_graph__edges"])


def _moved(units: pl.DataFrame, late: set[str]) -> pl.DataFrame:
    """The passages' own lists after duplicates went from their pairs to their rejects."""
    rows = units.to_dicts()
    for row in rows:
        gone = [name for name in row["pair_ids"] if name in late]
        row["pair_ids"] = [name for name in row["pair_ids"] if name not in late]
        row["candidate_ids"] = row["candidate_ids"] + gone
        row["kept"], row["rejected"] = len(row["pair_ids"]), len(row["candidate_ids"])
    return PAIR_TEACHER.frame(rows)


def _recounted(sections: pl.DataFrame, frames: Frames) -> pl.DataFrame:
    """Kept and rejected of each section over all generators."""
    counts = {
        name: dict(frames[table].group_by("section_id").len().iter_rows())
        for name, table in (("kept", PAIRS.name), ("rejected", PAIR_REJECTS.name))
    }
    rows = [
        {**row, **{name: own.get(row["section_id"], 0) for name, own in counts.items()}}
        for row in sections.to_dicts()
    ]
    return PAIR_SECTIONS.frame(rows)


def _said(frame: pl.DataFrame) -> list[str]:
    return [
        "\x1f".join(" ".join(turn["content"].lower().split()) for turn in turns)
        for turns in frame["turns"].to_list()
    ]


def _of(frame: pl.DataFrame, column: str, names: Collection[str]) -> pl.DataFrame:
    return frame.filter(pl.col(column).is_in(list(names)))


def _ordered(frame: pl.DataFrame, order: Mapping[str, int], *then: str) -> pl.DataFrame:
    place = pl.col("section_id").replace_strict(dict(order), return_dtype=pl.Int32)
    return frame.sort(place, *then, maintain_order=True)
