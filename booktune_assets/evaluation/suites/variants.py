"""Variants of our problems that are kept in files: twins with a requirement flipped, templates.

Belongs here: reading ``data/evals/twins`` and ``data/evals/templates``, making problems of them.
Does not: variants that are made by renaming (``surface.py``), asking (``variation.py``).

A twin is its source with edits, so it differs in exactly what the edits say. A template has slots
in statement, reference and calls; what each call of an instance gives was computed once by running
the reference in the sandbox and stands in ``oracles.json`` beside it (``python -m`` this module
writes it again). Format: ``data/evals/README.md``.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

from booktune_assets.beam.problems import Problem
from booktune_assets.errors import BookError, Code
from booktune_assets.ids import digest, stable_int
from booktune_assets.settings import PROJECT

__all__ = ["INSTANCES", "TEMPLATES", "TWINS", "Template", "compute", "instances", "templates",
           "twins"]  # fmt: skip

TWINS = PROJECT / "data" / "evals" / "twins"
TEMPLATES = PROJECT / "data" / "evals" / "templates"
INSTANCES = 10  # of each template
_SLOT = re.compile(r"\{\{([\w.]+)\}\}")
_TRIES = 200
_PLACES = {"statement": "prompt", "reference": "reference", "tests": "tests"}


@dataclass(frozen=True, slots=True)
class Template:
    """A problem with slots. ``slots``: name → values, of which each instance gets one; a value
    that is a table fills ``{{name.key}}``."""

    id: str
    source: str
    language: Literal["elixir", "erlang"]
    interface: tuple[str, ...]
    statement: str
    reference: str
    calls: tuple[str, ...]
    slots: Mapping[str, Sequence[Any]]
    concepts: tuple[str, ...]
    oracles: Mapping[str, Sequence[str]]  # digest of an instance → what its calls give

    def filled(self) -> list[Mapping[str, str]]:
        """The slots of each instance, all different, by hash."""
        found: list[Mapping[str, str]] = []
        shown: set[str] = set()
        for number in range(_TRIES):
            values: dict[str, str] = {}
            for name, pool in self.slots.items():
                value = pool[stable_int(f"{self.id} {number} {name}") % len(pool)]
                table = cast("dict[str, Any]", value) if isinstance(value, dict) else None
                values |= (
                    {name: str(value)} if table is None
                    else {f"{name}.{key}": str(one) for key, one in table.items()}
                )  # fmt: skip
            # instances differ in what is shown and in what is right, not only in what is called
            whole = self.fill(self.statement, values) + self.fill(self.reference, values)
            if whole not in shown:
                shown.add(whole)
                found.append(values)
            if len(found) == INSTANCES:
                return found
        raise ValueError(f"{self.id} has only {len(found)} different instances")

    def fill(self, text: str, values: Mapping[str, str]) -> str:
        """The text with its slots filled. Raises ``KeyError`` for a slot without values."""
        return _SLOT.sub(lambda found: values[found[1]], text)

    def key(self, values: Mapping[str, str]) -> str:
        """Digest of what an instance's calls are and what they run on."""
        calls = [self.fill(call, values) for call in self.calls]
        return digest([self.fill(self.reference, values), calls])


def twins(sources: Mapping[str, Problem], folder: Path = TWINS) -> list[tuple[str, Problem]]:
    """(id of the source, twin), by id. Its mutant is the source's reference: that has to fail.

    Raises ``BAD_ROW`` for a twin whose source is not there or does not hold what an edit says.
    """
    return [_twin(path, sources) for path in sorted(folder.glob("*.toml"))]


def _twin(path: Path, sources: Mapping[str, Problem]) -> tuple[str, Problem]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        source = sources[raw["source"]]
        texts = {
            "prompt": source.prompt, "reference": source.reference, "tests": source.tests,
        }  # fmt: skip
        for edit in raw["edits"]:
            place = _PLACES[edit["file"]]
            was, now = edit["was"].strip("\n"), edit["now"].strip("\n")
            if (times := texts[place].count(was)) != 1:
                raise ValueError(f"{was!r} stands {times} times in the {edit['file']}")
            texts[place] = texts[place].replace(was, now)
    except (OSError, ValueError, KeyError) as problem:
        raise BookError(Code.BAD_ROW, f"Mend the twin: {problem}", file=path) from problem
    return source.id, replace(source, id=path.stem, mutants=(source.reference,), second="", **texts)


def templates(folder: Path = TEMPLATES) -> list[Template]:
    """All templates, by id. Raises ``BAD_ROW`` that names the folder."""
    return [_template(path.parent) for path in sorted(folder.glob("*/template.toml"))]


def _template(folder: Path) -> Template:
    try:
        raw = tomllib.loads((folder / "template.toml").read_text(encoding="utf-8"))
        known = folder / "oracles.json"
        oracles = json.loads(known.read_text(encoding="utf-8")) if known.exists() else {}
        lists = {name: tuple(raw.pop(name, ())) for name in ("interface", "calls", "concepts")}
        return Template(id=folder.name, oracles=oracles, **lists, **raw)
    except (OSError, ValueError, TypeError) as problem:
        raise BookError(Code.BAD_ROW, f"Mend the template: {problem}", file=folder) from problem


def instances(template: Template) -> list[Problem]:
    """The instances as problems whose tests hold the kept values. Raises ``BAD_ROW`` when these
    are not of this template."""
    try:
        return [_instance(template, number, values)
                for number, values in enumerate(template.filled())]  # fmt: skip
    except (KeyError, ValueError) as problem:
        raise BookError(
            Code.BAD_ROW, f"Write its oracles.json again, or mend it: {problem}", file=template.id
        ) from problem


def _instance(template: Template, number: int, values: Mapping[str, str]) -> Problem:
    results = template.oracles[template.key(values)]
    calls = [template.fill(call, values) for call in template.calls]
    interface = tuple(template.fill(one, values) for one in template.interface)
    module = re.split(r"[.:]", interface[0])[0]
    return Problem(
        id=f"{template.id}.{number}", language=template.language,
        prompt=template.fill(template.statement, values).strip(), interface=interface,
        tests=_tests(template.language, module, list(zip(calls, results, strict=True))),
        reference=template.fill(template.reference, values), test_count=len(calls),
        concepts=template.concepts,
    )  # fmt: skip


def _tests(language: str, module: str, cases: Sequence[tuple[str, str]]) -> str:
    if language == "elixir":
        tests = "\n\n".join(
            f'  test "case {number}" do\n    assert {call} ==\n             {result}\n  end'
            for number, (call, result) in enumerate(cases, start=1)
        )
        return f"defmodule {module}Test do\n  use ExUnit.Case, async: true\n\n{tests}\nend\n"
    tests = "\n\n".join(
        f"case_{number}_test() ->\n    ?assertEqual({result}, {call})."
        for number, (call, result) in enumerate(cases, start=1)
    )
    include = '-include_lib("eunit/include/eunit.hrl").'
    return f"-module({module}_tests).\n{include}\n\n{tests}\n"


def compute(template: Template) -> dict[str, list[str]]:
    """What the calls of all instances give when the reference runs in the sandbox.

    Raises ``BAD_ROW`` for a call that gives nothing or raises.
    """
    from booktune_assets.beam.alone import Piece, Program, run_programs
    from booktune_assets.beam.toolchains import toolchains

    filled, lang = template.filled(), template.language
    end = "." if lang == "erlang" else ""
    programs = [
        Program((
            Piece("listing", lang, template.fill(template.reference, values)),
            *(Piece("typed", lang, template.fill(call, values) + end) for call in template.calls),
        ))
        for values in filled
    ]  # fmt: skip
    found: dict[str, list[str]] = {}
    for values, ran in zip(filled, run_programs(programs, toolchains()[0]), strict=True):
        results = [one.actual.strip() for one in ran[1:]] if ran else []
        if not results or not all(results) or any(one.verdict != "ran" for one in ran or ()):
            raise BookError(Code.BAD_ROW, f"A call gives no value: {ran}", file=template.id)
        found[template.key(values)] = results
    return found


def _write() -> None:
    for template in templates():
        text = json.dumps(compute(template), ensure_ascii=False, indent=1, sort_keys=True)
        (TEMPLATES / template.id / "oracles.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
