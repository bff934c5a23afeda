"""What an import of problems gives, and the interface that tests and solutions show.

Belongs here: what all adapters share. Does not: a format (``adapters_*.py``), the choice of an
adapter (``adapters.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from booktune_assets.beam.completions import Begun
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.structure import Structure, structure

__all__ = ["Imported", "interface_of"]


@dataclass(slots=True)
class Imported:
    """Problems, and by id or file: why items were left out, and what was mended in others.

    ``begun``: by id, what a completion goes on from where the file says that itself.
    """

    problems: list[Problem] = field(default_factory=list[Problem])
    skipped: dict[str, str] = field(default_factory=dict[str, str])
    mended: dict[str, str] = field(default_factory=dict[str, str])
    begun: dict[str, Begun] = field(default_factory=dict[str, Begun])


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
