"""Problems from the files of other benchmarks, in a folder of the user's.

Belongs here: what an import gives, which adapter reads which format, the interface that tests and
solutions show. Does not: a format (``adapters_*.py``), anything of ours (``problems.py``).

Nothing is fetched and nothing is dropped in silence: an item that cannot be used stands in
``skipped`` with the reason, one that was mended in ``mended`` with what was done.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from booktune_assets.beam.problems import Problem
from booktune_assets.beam.structure import Structure, structure
from booktune_assets.errors import BookError, Code

__all__ = ["FORMATS", "Format", "Imported", "import_problems", "interface_of", "references_jsonl"]

Format = Literal["multipl-e", "exercism"]
FORMATS: tuple[str, ...] = get_args(Format)


@dataclass(slots=True)
class Imported:
    """Problems, and by id or file: why items were left out, and what was mended in others."""

    problems: list[Problem] = field(default_factory=list[Problem])
    skipped: dict[str, str] = field(default_factory=dict[str, str])
    mended: dict[str, str] = field(default_factory=dict[str, str])


def import_problems(form: str, path: Path) -> Imported:
    """All problems that a file or folder holds, by id. Raises ``BookError`` when there is none."""
    from booktune_assets.beam.adapters_exercism import read_exercism
    from booktune_assets.beam.adapters_multipl_e import read_multipl_e

    if form not in FORMATS:
        raise BookError(Code.BAD_SETTING, f"Choose one of: {', '.join(FORMATS)}", format=form)
    if not path.exists():
        raise BookError(Code.FILE_MISSING, "Name the folder that holds the files", path=path)
    found = read_multipl_e(path) if form == "multipl-e" else read_exercism(path)
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


def interface_of(tests: str, solutions: str, language: str) -> tuple[str, ...]:
    """``Module.function/arity`` of what the tests call and the solutions define.

    When tests show no such call (they work through macros, say) it is all that is public.
    """
    used, defined = structure(tests, language), _public(structure(solutions, language))
    called = {(one.module, one.name, one.arity) for one in used.uses}
    bare = {(one.name, one.arity) for one in used.uses if not one.module}
    imported = {one.module for one in used.imports}
    wanted = {
        one for one in defined if one in called or (one[0] in imported and one[1:] in bare)
    } or defined  # fmt: skip
    mark = "." if language == "elixir" else ":"
    return tuple(sorted(f"{module}{mark}{name}/{arity}" for module, name, arity in wanted))


def _public(found: Structure) -> set[tuple[str, str, int]]:
    exports = {one.name: one.exports for one in found.modules}
    return {
        (one.module, one.name, arity)
        for one in found.functions()
        for arity in one.arities
        if one.public or (one.name, arity) in (exports.get(one.module) or ())
    }
