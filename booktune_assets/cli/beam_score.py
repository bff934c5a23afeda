"""``beam score``: pass@k of a file of verdicts.

Belongs here: files in, lines out. Does not: the estimator (``evaluation/passk.py``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from booktune_assets.cli.words import clean

if TYPE_CHECKING:
    from booktune_assets.beam.problems import Problem
    from booktune_assets.errors import BookError
    from booktune_assets.evaluation.passk import PassAtK

__all__ = ["score"]


@click.command()
@click.argument("verdicts", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--problems", required=True, type=click.Path(path_type=Path, exists=True),
    help="The problems: their references and mutants are run, and only those that can tell right "
    "from wrong here count.",
)  # fmt: skip
@click.option(
    "--references", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Right programs, in the form of candidates, for problems that bring none (MultiPL-E).",
)  # fmt: skip
@click.option(
    "--k", "ks", multiple=True, type=click.IntRange(min=1), default=(1,), show_default=True,
    help="How many programs one may try; may be given several times.",
)  # fmt: skip
def score(verdicts: Path, problems: Path, references: Path | None, ks: tuple[int, ...]) -> None:
    """pass@k of VERDICTS, as `booktune beam run` writes them, with intervals over problems.

    A row that says no verdict is named on standard error with its line, and the others are scored;
    a row that says the same as an earlier one of its candidate counts once.
    """
    from booktune_assets.evaluation.passk import countable, pass_at_k

    rows, lost = _rows(verdicts)
    for k in ks:
        pass_at_k(rows, k, {})  # rows that cannot be scored are refused before anything is run
    if lost:
        click.echo(f"left out  {lost} row{'s' * (lost > 1)} of no problem", err=True)
    asked = {row["problem_id"] for row in rows}
    known = [one for one in _problems(problems) if one.id in asked]
    counted = countable(known if references is None else _with_references(known, references))
    found = [pass_at_k(rows, k, counted) for k in ks]
    for one in found:
        click.echo(_line(one))
    passed = [row for row in rows if row.get("verdict") == "pass"]
    one_beam = sum(row.get("assurance") == "in_beam" for row in passed)
    if one_beam:
        click.echo(f"{one_beam} of the passes share a BEAM with their tests (assurance: in_beam)")
    if warm := sum(row.get("assurance") == "warm" for row in passed):
        click.echo(f"{warm} of the passes are first looks, no last word (assurance: warm)")
    left_out = {name: reason for one in found for name, reason in one.dropped.items()}
    for name, reason in left_out.items():
        click.echo(f"does not count  {clean(name)}: {clean(reason)[:300]}", err=True)


def _problems(path: Path) -> list[Problem]:
    """Those that can be used; the others are told, and do not count."""
    from booktune_assets.beam.problems import each_problem

    found: dict[str, Problem] = {}
    for place, one in each_problem(path):
        fault = one if isinstance(one, str) else ""
        if not isinstance(one, str):
            if one.id in found:
                fault = f"two problems have the id {one.id!r}, and the first is meant"
            found.setdefault(one.id, one)
        if fault:
            click.echo(f"BAD_ROW  problem {clean(place)}: {clean(fault)[:300]}", err=True)
    return [found[name] for name in sorted(found)]


def _with_references(problems: Sequence[Problem], file: Path) -> list[Problem]:
    """Problems with the first program that FILE has for them, where they have none."""
    from booktune_assets.beam.batch import read_candidates

    given: dict[str, str] = {}
    for row in read_candidates(file):
        if isinstance(row.candidate, str):
            given.setdefault(str(row.problem_id), row.candidate)
    return [replace(one, reference=one.reference or given.get(one.id, "")) for one in problems]


def _rows(file: Path) -> tuple[list[dict[str, Any]], int]:
    """Verdicts by line, one a candidate, and how many more were given to candidates that name no
    problem. Other lines are told; raises ``BAD_ROW`` when none is left."""
    from booktune_assets.errors import BookError, Code

    rows: list[tuple[int, dict[str, Any]]] = []
    lost = 0
    told: list[BookError] = []
    for number, line in enumerate(file.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        row = _row(line)
        if isinstance(row, str):
            told.append(BookError(Code.BAD_ROW, row, file=file.name, record=number))
        elif row.get("problem_id") is None:
            lost += 1  # what `beam run` writes for a line of candidates that it cannot read
        else:
            # `beam run` gives ids back as they were, numbers too, and compares them as text
            rows.append((number, row | {"problem_id": str(row["problem_id"])}))
    found = _once(rows, file.name, told)
    if told and not found:
        raise told[0]
    for one in told:
        click.echo(clean(str(one)), err=True)
    return found, lost


def _row(line: bytes) -> dict[str, Any] | str:
    """The verdict in a line, or what to do about it."""
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        return f"Save the file as UTF-8: {problem}"
    except (ValueError, RecursionError) as problem:
        return f"Mend the line: {problem}"
    if not isinstance(row, dict):
        return "Write an object"
    found = cast("dict[str, Any]", row)
    if not isinstance(found.get("verdict"), str) or not found["verdict"]:
        return "Give each verdict a verdict: pass, fail …"
    if found.get("problem_id") is None and found["verdict"] != "harness_error":
        return "Give each verdict a problem_id"
    return found


def _once(
    rows: Sequence[tuple[int, dict[str, Any]]], name: str, told: list[BookError]
) -> list[dict[str, Any]]:
    """One row a candidate: of two that say the same the first; of two that say different things
    none, since nobody can tell which is right. Rows without a candidate_id are all counted."""
    from booktune_assets.errors import BookError, Code

    held: dict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = {}
    for number, row in rows:
        named = row.get("candidate_id")
        key = json.dumps(named, sort_keys=True) if named is not None else f"line {number}"
        held.setdefault((row["problem_id"], key), []).append((number, row))
    found: list[dict[str, Any]] = []
    again = 0
    for (problem, key), group in held.items():
        if len({row["verdict"] for _, row in group}) == 1:
            found.append(group[0][1])
            again += len(group) - 1
            continue
        words = "Give each program its own candidate_id, or keep one verdict of it"
        lines = ", ".join(str(number) for number, _ in group)
        told.append(BookError(Code.BAD_ROW, words, file=name, problem=problem, candidate=key,
                              records=lines))  # fmt: skip
    if again:
        words = "row says" if again == 1 else "rows say"
        click.echo(f"left out  {again} {words} what an earlier one of the candidate says", err=True)
    return found


def _line(found: PassAtK) -> str:
    from booktune_assets.evaluation.statistics import MIN_ITEMS

    if not found.problems:
        return f"pass@{found.k}  no problem counts"
    words = f"pass@{found.k}  {100 * found.value:.1f} %"
    if math.isnan(found.low):
        words += f"  (no interval: it takes {MIN_ITEMS} problems)"
    else:
        words += f"  (95 % {100 * found.low:.1f} to {100 * found.high:.1f})"
    return f"{words}  {found.problems} problems, {found.samples} programs"
