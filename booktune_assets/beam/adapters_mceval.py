"""Problems of McEval: JSONL files of hand-made tasks, here those in Elixir and Erlang.

Belongs here: their records. Does not: other formats.

A record has ``task_id prompt canonical_solution test entry_point``; the solution goes on from the
prompt. Elixir's tests are an ExUnit module. Erlang's are one function of the same module, which
matches what comes back: they become a module of their own that calls the exported functions, and
``test/0`` leaves the prompt's exports. The data is CC-BY-SA-4.0 and a benchmark: ``eval_only``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from booktune_assets.beam.completions import Begun
from booktune_assets.beam.grammar import parses
from booktune_assets.beam.imported import Imported, interface_of
from booktune_assets.beam.problems import Problem

__all__ = ["read_mceval"]

_SOURCE, _LICENCE = "McEval", "CC-BY-SA-4.0"
_LEVELS = {"easy": 1, "middle": 3, "hard": 5}
_START = re.compile(r"^ExUnit\.start\(.*\)\n+", re.M)
_MODULE = re.compile(r"^\s*-module\((\w+)\)\.", re.M)
_EXPORT = re.compile(r"^\s*-export\(\[(.*?)\]\)\.", re.M | re.S)
_TEST = re.compile(r"^test\(\)\s*->", re.M)
_STOP = {
    "elixir": ("\ndefmodule ", "\nExUnit", "\n```"),
    "erlang": ("\n-module(", "\ntest() ->", "\n```"),
}
_ASKED = "Complete this {} module. Answer with the whole module.\n\n```{}\n{}\n```"


def read_mceval(path: Path) -> Imported:
    """Problems of a JSONL file, or of all in a folder that are named after the two languages."""
    found = Imported()
    files = [path]
    if path.is_dir():
        every = sorted(path.rglob("*.jsonl"))
        files = [one for one in every if one.stem.lower() in ("elixir", "erlang")]
    for place, record in _records(files, found):
        name = str(record.get("task_id") or place)
        if any(one.id == name for one in found.problems):
            found.skipped[place] = f"{name} occurs twice"
            continue
        try:
            problem, begun = _problem(name, record)
        except (ValueError, TypeError) as problem_:
            found.skipped[name] = str(problem_)
            continue
        found.problems.append(problem)
        found.begun[name] = begun
    return found


def _records(files: list[Path], found: Imported) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in files:
        try:
            lines = file.read_bytes().split(b"\n")
        except OSError as problem:
            found.skipped[file.name] = f"cannot be read: {problem}"
            continue
        for number, line in enumerate(lines, start=1):
            place = f"{file.name}:{number}"
            if not line.strip():
                continue
            try:
                record: object = json.loads(line)
            except (ValueError, RecursionError) as problem:  # also bytes that are no UTF-8
                found.skipped[place] = f"no JSON: {problem}"
                continue
            if isinstance(record, dict):
                yield place, cast("dict[str, Any]", record)
            else:
                found.skipped[place] = "no object"


def _problem(name: str, record: dict[str, Any]) -> tuple[Problem, Begun]:
    """The problem and its beginning. Raises ``ValueError`` with what is broken."""
    prompt, solution, test = (record.get(key) for key in ("prompt", "canonical_solution", "test"))
    if not all(isinstance(one, str) and one.strip() for one in (prompt, solution, test)):
        raise ValueError("no prompt, no solution or no test")
    language = name.partition("/")[0].lower()
    if language not in _STOP:
        raise ValueError(f"{name} is neither of Elixir nor of Erlang")
    prompt, test = str(prompt), str(test)
    if language == "erlang":
        prompt, test, interface = _erlang(prompt, test)
    else:
        test = _START.sub("", test)
        interface = interface_of(test, f"{prompt}\n{solution}\n", language)
    if not parses(test, language):
        raise ValueError("the tests do not parse")
    if not interface:
        raise ValueError("what a solution has to define is not to be seen")
    begun = Begun(f"{prompt.rstrip()}\n", _STOP[language])
    return Problem(
        id=name, language="erlang" if language == "erlang" else "elixir",
        prompt=_ASKED.format(language.capitalize(), language, prompt.rstrip()),
        interface=interface, tests=test, reference=f"{prompt.rstrip()}\n{solution}\n",
        test_count=1 if language == "erlang" else len(re.findall(r"^\s*test \"", test, re.M)),
        difficulty=_LEVELS.get(str(record.get("level")), 1), source=_SOURCE, licence=_LICENCE,
        use="eval_only",
    ), begun  # fmt: skip


def _erlang(prompt: str, test: str) -> tuple[str, str, tuple[str, ...]]:
    """Prompt without ``test/0``, an EUnit module, the interface."""
    module, export = _MODULE.search(prompt), _EXPORT.search(prompt)
    if module is None or export is None:
        raise ValueError("the prompt names no module or exports nothing")
    if len(_TEST.findall(test)) != 1:
        raise ValueError("there is not one function test/0")
    names = [one.strip() for one in export[1].split(",") if one.strip()]
    asked = [one for one in names if one != "test/0"]
    prompt = prompt.replace(export[0], export[0].replace(export[1], ", ".join(asked)))
    wrappers: list[str] = []
    for entry in asked:
        function, _, arity = entry.partition("/")
        args = ", ".join(f"A{number}" for number in range(int(arity)))
        wrappers.append(f"{function}({args}) -> {module[1]}:{function}({args}).\n")
    made = (
        f"-module({module[1]}_tests).\n-include_lib(\"eunit/include/eunit.hrl\").\n"
        "-compile([nowarn_unused_function]).\n\n"
        f"{_TEST.sub('as_given_test() ->', test).rstrip()}\n\n{''.join(wrappers)}"
    )  # fmt: skip
    return prompt, made, tuple(sorted(f"{module[1]}:{entry}" for entry in asked))
