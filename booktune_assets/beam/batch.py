"""Rows of problems and candidates in, rows of verdicts out.

Belongs here: the format of ``booktune beam run`` and what becomes of rows that break it. Does not:
judging (``runner.py``). A bad row costs itself: it gets a verdict whose detail begins with a code.
``BAD_ROW`` is a ``harness_error``: the row, or the problem that it names, says nothing to judge. A
program that is no program (``NO_CODE``, ``TOO_LONG``, ``BAD_SOURCE``) is a ``compile_error``.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from booktune_assets.beam.journal import Journal
from booktune_assets.beam.problems import Problem, as_text
from booktune_assets.beam.runner import Candidate, judge_many, missing
from booktune_assets.beam.verdicts import Verdict
from booktune_assets.errors import BookError, Code

__all__ = [
    "Row", "broken_lines", "counted", "faulty_problems", "read_candidates", "read_problems",
    "run_rows",
]  # fmt: skip

_LANGUAGES = ("elixir", "erlang")
_OF_PROBLEM = ("BAD_ROW: the problem: ", "BAD_ROW: problem in line ")
_SHOWN = 3  # broken lines of the problems in one detail
Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate's row: what to judge, or the verdict that its faults have earned."""

    problem_id: object
    candidate_id: object
    candidate: Candidate = ""
    verdict: Verdict | None = None


def run_rows(
    problems: Path, candidates: Path, *, workers: int | None = None, final: bool = True,
    journal: Journal | None = None,
) -> list[Object]:  # fmt: skip
    """Verdict rows in the order of the candidates. Raises if a file cannot be read or nothing can
    be run here at all.

    ``final=False`` gives a first look only (assurance ``warm``). ``journal`` keeps what is judged
    as it comes, and what it holds is not judged again.
    """
    known = read_problems(problems)
    # one of these may be the problem that a candidate names: nobody can tell
    lines = [
        f"; line {number} of the problems: {fault}"
        for number, fault, second in _nameless(problems)
        if not second
    ]
    broken = "".join(lines[:_SHOWN])
    rows = list(read_candidates(candidates))
    verdicts: dict[int, Verdict] = {}
    kept = journal.kept if journal is not None else {}
    jobs: list[tuple[int, Problem, Candidate]] = []
    lacking = {name: missing(name) for name in _LANGUAGES}
    for number, row in enumerate(rows):
        found = known.get(str(row.problem_id), f"no problem has the id {row.problem_id!r}{broken}")
        if row.verdict is not None:
            verdicts[number] = row.verdict
        elif isinstance(found, str):
            verdicts[number] = _bad(found)
        elif (lack := lacking[found.language]) is not None:
            if lack.code is Code.NO_SANDBOX:
                raise lack
            verdicts[number] = Verdict("harness_error", str(lack))
        elif number not in kept:
            jobs.append((number, found, row.candidate))

    def tell(at: int, verdict: Verdict, last: bool) -> None:
        number = jobs[at][0]
        if journal is not None:
            journal.add(number, _as_row(rows[number], verdict), last)

    judged = judge_many(
        [(problem, what) for _, problem, what in jobs], workers=workers, final=final, tell=tell
    )
    verdicts.update(zip((number for number, *_ in jobs), judged, strict=True))
    return [
        _as_row(row, verdicts[number]) if number in verdicts else kept[number]
        for number, row in enumerate(rows)
    ]


def read_problems(path: Path) -> dict[str, Problem | str]:
    """Problems by id; for one that cannot be used, why. Of two with one id the first is meant."""
    found: dict[str, Problem | str] = {}
    for number, given, fault in _objects(path):
        if given is None or given.get("id") is None:
            continue  # nobody can name it: see broken_lines
        name = str(given["id"])
        if name in found:
            continue  # see broken_lines
        try:
            found[name] = _problem(name, given, fault)
        except (ValueError, TypeError, AttributeError) as problem:
            found[name] = f"problem in line {number}: {problem}"
    return found


def broken_lines(path: Path) -> list[str]:
    """What is wrong with each line of the problems that no candidate can name: it says no id, or
    one that an earlier line has."""
    return [f"line {number} of the problems: {fault}" for number, fault, _ in _nameless(path)]


def _nameless(path: Path) -> Iterator[tuple[int, str, bool]]:
    """(number, fault, is it a second problem of an id?) of lines that no candidate can name."""
    seen: dict[str, int] = {}
    for number, given, fault in _objects(path):
        if given is None or given.get("id") is None:
            yield number, fault if given is None else "no id", False
        elif (first := seen.setdefault(str(given["id"]), number)) != number:
            yield number, f"line {first} has the id {str(given['id'])!r}, too, and is meant", True


def faulty_problems(rows: Sequence[Object]) -> list[str]:
    """What is wrong with problems that could be read, once each, however many candidates were not
    judged for it."""
    said: dict[str, None] = {}
    for row in rows:
        detail = str(row["detail"])
        if row["verdict"] == "harness_error" and detail.startswith(_OF_PROBLEM):
            place, _, what = detail.removeprefix("BAD_ROW: ").partition(": ")
            named = f"problem {row['problem_id']!r}" if place == "the problem" else place
            said[f"{named}: {what}" if what else named] = None
    return list(said)


def read_candidates(path: Path) -> Iterator[Row]:
    """One row for each line that is not blank."""
    for number, given, fault in _objects(path):
        if given is None:
            yield Row(None, None, verdict=_bad(f"candidate in line {number}: {fault}"))
            continue
        ids = (given.get("problem_id"), given.get("candidate_id"))
        if given.get("problem_id") is None:
            yield Row(*ids, verdict=_bad(f"candidate in line {number}: no problem_id"))
            continue
        what, fault = _candidate(given)
        if what is None:
            yield Row(*ids, verdict=_bad(f"candidate in line {number}: {fault}"))
        elif not _is_unicode(what if isinstance(what, str) else [*what, *what.values()]):
            words = "BAD_SOURCE: the source is not UTF-8"
            yield Row(*ids, verdict=Verdict("compile_error", words))
        else:
            yield Row(*ids, candidate=what)


def _candidate(given: Object) -> tuple[Candidate | None, str]:
    """The program, or why there is none."""
    source, files = given.get("source"), given.get("files")
    if isinstance(source, str) and files:
        return None, "both a source and files: give the source a name among the files"
    if isinstance(source, str):
        return source, ""
    if source is None and _is_files(files):
        return cast("dict[str, str]", files), ""
    return None, "neither a source nor files"


def _problem(name: str, given: Object, fault: str) -> Problem:
    if fault:
        raise ValueError(fault)
    if given.get("language") not in _LANGUAGES:
        raise ValueError(f"unknown language {given.get('language')!r}")
    tests = as_text(given.get("tests") or "")
    if not tests.strip():
        raise ValueError("no tests")
    interface = given.get("interface")
    if not isinstance(interface, list) or not all(isinstance(one, str) for one in interface):
        raise ValueError("no interface: a list of Module.function/arity")
    files = given.get("files") or {}
    if not _is_files(files):
        raise ValueError("files are not path and text")
    reference = as_text(given.get("reference") or "")
    if not _is_unicode([tests, reference]):
        raise ValueError("not UTF-8")
    return Problem(
        id=name, language=given["language"], prompt=str(given.get("prompt", "")),
        interface=tuple(cast("list[str]", interface)), tests=tests.removeprefix("\ufeff"),
        reference=reference,
        test_count=int(given.get("test_count") or 0), files=files,
    )  # fmt: skip


def _objects(path: Path) -> Iterator[tuple[int, Object | None, str]]:
    """(number, object, fault) of each line that is not blank.

    The object is kept where only its text is no UTF-8.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except IsADirectoryError:
        raise BookError(Code.NOT_A_FILE, "Name a file of rows", path=path) from None
    except OSError as problem:
        raise BookError(Code.FILE_MISSING, f"Name a file of rows: {problem}", path=path) from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            given: object = json.loads(line.decode("utf-8-sig", "surrogateescape"))
        except (ValueError, RecursionError) as problem:
            yield number, None, f"no JSON: {problem}"
            continue
        if not isinstance(given, dict):
            yield number, None, "no JSON object"
            continue
        row = cast("Object", given)
        texts = [text for text in row.values() if isinstance(text, str)]
        yield number, row, "" if _is_unicode(texts) else "not UTF-8"


def _is_files(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(part, str) for pair in cast("Object", value).items() for part in pair
    )


def _is_unicode(texts: str | Sequence[str]) -> bool:
    try:
        "".join(texts).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _bad(words: str) -> Verdict:
    return Verdict("harness_error", f"BAD_ROW: {words}")


def _as_row(row: Row, verdict: Verdict) -> Object:
    return {
        "problem_id": _plain(row.problem_id), "candidate_id": _plain(row.candidate_id),
        "verdict": verdict.status, "assurance": verdict.assurance,
        "cpu_s": round(verdict.cpu_seconds, 3),
        "detail": _plain(verdict.detail),
    }  # fmt: skip


def _plain(value: object, depth: int = 4) -> object:
    """What any reader of JSON takes: no half of a surrogate pair, no NaN, nothing nested deep."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case float() if not math.isfinite(value):
            return str(value)
        case list() | dict() if not depth:
            return "..."
        case list():
            return [_plain(one, depth - 1) for one in cast("list[object]", value)]
        case dict():
            pairs = cast("dict[str, object]", value).items()
            return {str(_plain(name)): _plain(one, depth - 1) for name, one in pairs}
        case _:
            return value


def counted(rows: Sequence[Object]) -> str:
    """``2 pass, 1 fail``: for people."""
    count = Counter(str(row["verdict"]) for row in rows)
    return ", ".join(f"{number} {name}" for name, number in count.most_common()) or "no candidates"
