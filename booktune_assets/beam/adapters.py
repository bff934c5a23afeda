"""Problems from the files of other benchmarks, in a folder of the user's.

Belongs here: which adapter reads which format, references as candidates. Does not: a format
(``adapters_*.py``), what they share (``imported.py``), problems of ours (``problems.py``).

Nothing is fetched and nothing is dropped in silence: an item that cannot be used stands in
``skipped`` with the reason, one that was mended in ``mended`` with what was done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from booktune_assets.beam.adapters_cases import read_cases
from booktune_assets.beam.adapters_exercism import read_exercism
from booktune_assets.beam.adapters_mceval import read_mceval
from booktune_assets.beam.adapters_multipl_e import read_multipl_e
from booktune_assets.beam.imported import Imported
from booktune_assets.beam.problems import Problem, each_problem
from booktune_assets.errors import BookError, Code

__all__ = ["FORMATS", "format_of", "import_problems", "references_jsonl"]

FORMATS = ("multipl-e", "mceval", "exercism", "exercism-cases", "booktune")
_SIGNS = {  # fields of a record that only one format has
    "mceval": ("task_id", "test"), "exercism-cases": ("track", "interface"),
    "multipl-e": ("name", "prompt", "tests"),
}  # fmt: skip


def import_problems(form: str, path: Path) -> Imported:
    """All problems that a file or folder holds, by id. Raises ``BookError`` when there is none."""
    if form not in FORMATS:
        raise BookError(Code.BAD_SETTING, f"Choose one of: {', '.join(FORMATS)}", format=form)
    if not path.exists():
        raise BookError(Code.FILE_MISSING, "Name the folder that holds the files", path=path)
    readers: dict[str, Callable[[Path], Imported]] = {
        "multipl-e": read_multipl_e,
        "mceval": read_mceval,
        "exercism": read_exercism,
        "exercism-cases": read_cases,
        "booktune": _read_ours,
    }
    found = readers[form](path)
    if not found.problems and not found.skipped:
        raise BookError(
            Code.NO_EXAMPLES, "Name a folder with files of this format", path=path, format=form
        )
    found.problems.sort(key=lambda one: one.id)
    return found


def format_of(path: Path) -> str:
    """The format of a file or folder, by what stands in it; ours where nothing else is seen.

    Raises ``BookError(FILE_MISSING)``.
    """
    if not path.exists():
        raise BookError(Code.FILE_MISSING, "Name a file or folder of problems", path=path)
    if path.is_dir() and any(path.rglob(".meta/config.json")):
        return "exercism"
    files = sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]
    for file in files:
        for line in file.read_bytes().split(b"\n"):
            try:
                row: object = json.loads(line) if line.strip() else None
            except (ValueError, RecursionError):
                continue
            if isinstance(row, dict):
                for form, names in _SIGNS.items():
                    if all(name in row for name in names):
                        return form
                break  # a record of another form: so are the others
    return "booktune"


def _read_ours(path: Path) -> Imported:
    found = Imported()
    for place, one in each_problem(path):
        if isinstance(one, str):
            found.skipped[place] = one
        elif any(other.id == one.id for other in found.problems):
            found.skipped[place] = f"{one.id} occurs twice"
        else:
            found.problems.append(one)
    return found


def references_jsonl(problems: Iterable[Problem]) -> str:
    """Candidates, one a line: the reference solution of each problem that has one."""
    rows = (
        {"problem_id": one.id, "candidate_id": "reference", "source": one.reference}
        for one in problems
        if one.reference
    )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
