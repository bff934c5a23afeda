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
from booktune_assets.beam.adapters_multipl_e import read_multipl_e
from booktune_assets.beam.imported import Imported
from booktune_assets.beam.problems import Problem, load_problems
from booktune_assets.errors import BookError, Code

__all__ = ["FORMATS", "import_problems", "references_jsonl"]

FORMATS = ("multipl-e", "exercism", "exercism-cases", "booktune")


def import_problems(form: str, path: Path) -> Imported:
    """All problems that a file or folder holds, by id. Raises ``BookError`` when there is none."""
    if form not in FORMATS:
        raise BookError(Code.BAD_SETTING, f"Choose one of: {', '.join(FORMATS)}", format=form)
    if not path.exists():
        raise BookError(Code.FILE_MISSING, "Name the folder that holds the files", path=path)
    readers: dict[str, Callable[[Path], Imported]] = {
        "multipl-e": read_multipl_e,
        "exercism": read_exercism,
        "exercism-cases": read_cases,
        "booktune": lambda path: Imported(load_problems(path)),
    }
    found = readers[form](path)
    if not found.problems and not found.skipped:
        raise BookError(
            Code.NO_EXAMPLES, "Name a folder with files of this format", path=path, format=form
        )
    found.problems.sort(key=lambda one: one.id)
    return found


def references_jsonl(problems: Iterable[Problem]) -> str:
    """Candidates, one a line: the reference solution of each problem that has one."""
    rows = (
        {"problem_id": one.id, "candidate_id": "reference", "source": one.reference}
        for one in problems
        if one.reference
    )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
