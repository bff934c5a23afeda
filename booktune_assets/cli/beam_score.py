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
    """pass@k of VERDICTS, as `booktune beam run` writes them, with intervals over problems."""
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
    left_out = {name: reason for one in found for name, reason in one.dropped.items()}
    for name, reason in left_out.items():
        click.echo(f"does not count  {clean(name)}: {clean(reason)[:300]}", err=True)


def _problems(path: Path) -> list[Problem]:
    """Those that can be used; the others are told, and do not count."""
    from booktune_assets.beam.problems import each_problem

    found: dict[str, Problem] = {}
    twice: set[str] = set()
    for place, one in each_problem(path):
        fault = one if isinstance(one, str) else ""
        if not isinstance(one, str):
            if one.id in found:
                twice.add(one.id)
                fault = f"two problems have the id {one.id!r}"
            found[one.id] = one
        if fault:
            click.echo(f"BAD_ROW  problem {clean(place)}: {clean(fault)[:300]}", err=True)
    return [found[name] for name in sorted(found) if name not in twice]


def _with_references(problems: Sequence[Problem], file: Path) -> list[Problem]:
    """Problems with the first program that FILE has for them, where they have none."""
    from booktune_assets.beam.batch import read_candidates

    given: dict[str, str] = {}
    for row in read_candidates(file):
        if isinstance(row.candidate, str):
            given.setdefault(str(row.problem_id), row.candidate)
    return [replace(one, reference=one.reference or given.get(one.id, "")) for one in problems]


def _rows(file: Path) -> tuple[list[dict[str, Any]], int]:
    """Verdicts by line, and how many more were given to candidates that name no problem."""
    rows: list[dict[str, Any]] = []
    lost = 0
    for number, line in enumerate(file.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        row = _row(line, file.name, number)
        if row.get("problem_id") is None and row["verdict"] == "harness_error":
            lost += 1  # what `beam run` writes for a line of candidates that it cannot read
        elif row.get("problem_id") is None:
            raise _refused("Give each verdict a problem_id", file.name, number)
        else:
            # `beam run` gives ids back as they were, numbers too, and compares them as text
            rows.append(row | {"problem_id": str(row["problem_id"])})
    return rows, lost


def _row(line: bytes, name: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        raise _refused(f"Save the file as UTF-8: {problem}", name, number) from problem
    except (ValueError, RecursionError) as problem:
        raise _refused(f"Mend the line: {problem}", name, number) from problem
    if not isinstance(row, dict):
        raise _refused("Write an object", name, number)
    found = cast("dict[str, Any]", row)
    if not isinstance(found.get("verdict"), str) or not found["verdict"]:
        raise _refused("Give each verdict a verdict: pass, fail …", name, number)
    return found


def _refused(remedy: str, name: str, number: int) -> BookError:
    from booktune_assets.errors import BookError, Code

    return BookError(Code.BAD_ROW, remedy, file=name, record=number)


def _line(found: PassAtK) -> str:
    if not found.problems:
        return f"pass@{found.k}  no problem counts"
    words = f"pass@{found.k}  {100 * found.value:.1f} %"
    if not math.isnan(found.low):
        words += f"  (95 % {100 * found.low:.1f} to {100 * found.high:.1f})"
    return f"{words}  {found.problems} problems, {found.samples} programs"
