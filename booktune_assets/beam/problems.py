"""Programming problems: what is asked, how it is checked, and proof that the check works.

Belongs here: the problem record and reading problem files (format: ``data/evals/README.md``).
Does not: running anything (``runner.py``), scores over many problems (``evaluation/``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from booktune_assets.errors import BookError, Code

__all__ = ["Problem", "load_problems"]

_NEEDED = ("id", "language", "prompt", "interface", "tests", "reference", "mutants")


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. ``interface`` lists ``Module.function/arity``, with a colon in Erlang.

    ``test_count`` is the exact number of tests that a run has to report; 0 leaves it open.
    ``files``: path → text, laid into the working folder of tests and candidate.
    """

    id: str
    language: Literal["elixir", "erlang"]
    prompt: str
    interface: tuple[str, ...]
    tests: str
    reference: str
    mutants: tuple[str, ...] = ()
    test_count: int = 0
    concepts: tuple[str, ...] = ()
    difficulty: int = 1
    files: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)


def load_problems(path: Path) -> list[Problem]:
    """Problems of a JSONL file or of a folder of JSON files, sorted by id."""
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    found: list[Problem] = []
    for file in files:
        for number, text in enumerate(_records(file), start=1):
            found.append(_problem(text, file, number))
    ids = [problem.id for problem in found]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise BookError(Code.BAD_ROW, "Give each problem its own id", ids=", ".join(twice))
    return sorted(found, key=lambda problem: problem.id)


def _records(file: Path) -> Sequence[str]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise BookError(
            Code.FILE_MISSING, f"Name a problem file: {problem}", path=file
        ) from problem
    return (
        [line for line in text.splitlines() if line.strip()] if file.suffix == ".jsonl" else [text]
    )


def _problem(text: str, file: Path, number: int) -> Problem:
    try:
        raw: Any = json.loads(text)
        missing = [name for name in _NEEDED if not raw.get(name)]
        if missing or raw["language"] not in ("elixir", "erlang"):
            raise ValueError(f"missing or unusable: {', '.join(missing) or 'language'}")
        return Problem(
            id=str(raw["id"]),
            language=raw["language"],
            prompt=_text(raw["prompt"]),
            interface=tuple(raw["interface"]),
            tests=_text(raw["tests"]),
            reference=_text(raw["reference"]),
            mutants=tuple(_text(mutant) for mutant in raw["mutants"]),
            test_count=int(raw.get("test_count", 0)),
            concepts=tuple(raw.get("concepts", ())),
            difficulty=int(raw.get("difficulty", 1)),
        )
    except (ValueError, TypeError, AttributeError) as problem:
        raise BookError(
            Code.BAD_ROW, f"Mend the problem: {problem}", file=file.name, record=number
        ) from problem


def _text(value: object) -> str:
    """Texts may stand as a list of lines, which is kinder to read and to review in JSON."""
    if isinstance(value, list):
        return "\n".join(str(line) for line in value) + "\n"
    return str(value)
