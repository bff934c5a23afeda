"""Tests made from cases that are data: an input, what is expected, the function in question.

Belongs here: JSON lines of exercises with ``interface`` and ``cases`` in the neutral form of
Exercism's problem specifications. Does not: exercises as folders (``adapters_exercism.py``).

How a case maps to a language is the reader's to decide. Taken are only cases where nothing has to
be guessed: numbers, texts, truth values and lists of these, given to the function of that name or
to the only one. Objects, errors and (in Erlang) ``null`` could be many things. Where an interface
has functions that no case names, cases go through a state that is not described. Such cases are
left out; the statement says which types count and shows one case.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from booktune_assets.beam.imported import Imported
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.reserved import RESERVED

__all__ = ["read_cases"]

_TYPES = {
    "elixir": "Texts are strings, lists are lists, `null` is `nil`.",
    "erlang": "Texts are lists of characters, lists are lists.",
}
_MARK = {"elixir": ".", "erlang": ":"}
Object = dict[str, Any]


class _Unclear(Exception):
    """A case or exercise that leaves something to guess."""


def read_cases(path: Path) -> Imported:
    """Problems of a JSONL file or of all in a folder; exercises without clear cases are named."""
    found = Imported()
    for file in sorted(path.glob("*.jsonl")) if path.is_dir() else [path]:
        for number, line in enumerate(file.read_bytes().split(b"\n"), start=1):
            if line.strip():
                _read(line, f"{file.name}:{number}", found)
    return found


def _read(line: bytes, place: str, found: Imported) -> None:
    name = place
    try:
        row = json.loads(line)
        if not isinstance(row, dict):
            raise _Unclear("no object")
        name = str(row.get("id") or place)
        problem, left = _problem(name, cast("Object", row))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem_:
        found.skipped[name] = f"not of this format: {type(problem_).__name__}: {problem_}"
        return
    except _Unclear as problem_:
        found.skipped[name] = str(problem_)
        return
    found.problems.append(problem)
    if left:
        found.mended[name] = f"{len(left)} cases left out: {'; '.join(sorted(set(left)))}"


def _problem(name: str, row: Object) -> tuple[Problem, list[str]]:
    language = row["track"]
    if language not in _MARK:
        raise _Unclear(f"track {language!r} is neither elixir nor erlang")
    modules: list[Object] = row["interface"]
    if len(modules) != 1:
        raise _Unclear("the interface has several modules")
    module = str(modules[0]["module"])
    cases: list[Object] = row.get("cases") or []
    named = {_snake(str(case["property"])) for case in cases}
    functions = {str(one["name"]) for one in modules[0]["functions"]}
    if cases and len(functions) > 1 and (unnamed := functions - named):
        raise _Unclear(f"no case names {', '.join(sorted(unnamed))}")
    tests: list[tuple[str, str, str]] = []
    asked: set[str] = set()
    left: list[str] = []
    for case in cases:
        try:
            function, args = _call(case, modules[0]["functions"])
            if function in RESERVED[language]:
                raise _Unclear(f"nothing can be called {function}: it is a reserved word")
            call = f"{module}{_MARK[language]}{function}({', '.join(_all(args, language))})"
            tests.append((str(case["description"]), call, _literal(case["expected"], language)))
            asked.add(f"{module}{_MARK[language]}{function}/{len(args)}")
        except _Unclear as problem:
            left.append(str(problem))
    if not tests:
        raise _Unclear("no case is clear: " + ("; ".join(sorted(set(left))) or "there is none"))
    names = ", ".join(f"`{one}`" for one in sorted(asked))
    shown = f"For instance, `{tests[0][1]}` is `{tests[0][2]}`."
    says = f"{row.get('instructions', '')}\n\nDefine {names}. {_TYPES[language]} {shown}".strip()
    made = _elixir(module, tests) if language == "elixir" else _erlang(module, tests)
    return (
        Problem(
            id=name, language=language, interface=tuple(sorted(asked)), tests=made, reference="",
            prompt=says, test_count=len(tests), difficulty=int(row.get("difficulty") or 1),
            source=str(row.get("origin") or ""), licence=str(row.get("license") or ""),
        ),
        left,
    )  # fmt: skip


def _call(case: Object, functions: list[Object]) -> tuple[str, list[Any]]:
    """Function and arguments of a case."""
    wanted = _snake(str(case["property"]))
    given: Object = case["input"]
    names = {str(one["name"]) for one in functions}
    if wanted not in names and len(names) > 1:
        raise _Unclear(f"no function is called {wanted}")
    name = wanted if wanted in names else names.pop()
    for one in (one for one in functions if one["name"] == name):
        params = one.get("params")
        arity = len(params) if params is not None else int(one["arity"])
        if arity == len(given):
            keys = [_snake(key) for key in given]
            if params and sorted(keys) == sorted(params):  # by name, where the names are the same
                by_name = dict(zip(keys, given.values(), strict=True))
                return name, [by_name[param] for param in params]
            return name, list(given.values())
    raise _Unclear(f"{name} takes another number of arguments")


def _all(values: Iterable[object], language: str) -> list[str]:
    return [_literal(value, language) for value in values]


def _literal(value: object, language: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        if language == "erlang":
            raise _Unclear("null has no one meaning in Erlang")
        return "nil"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return re.sub(r"^(-?\d+)e", r"\1.0e", repr(value))
    if isinstance(value, str):
        return _text(value, language)
    if isinstance(value, list):
        return f"[{', '.join(_all(cast('list[object]', value), language))}]"
    raise _Unclear("an object can be many things")


def _text(value: str, language: str) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if language == "elixir":
        return text.replace("#{", "\\#{")
    return re.sub(r"(?<!\\)((?:\\\\)*)\\u([0-9a-f]{4})", r"\1\\x{\2}", text)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"_{found[1].lower()}", name)


def _elixir(module: str, tests: list[tuple[str, str, str]]) -> str:
    cases = "\n".join(
        f"  test {_text(f'{number} {says}'[:200], 'elixir')} do\n"
        f"    assert {call} == {expected}\n  end\n"
        for number, (says, call, expected) in enumerate(tests, start=1)
    )
    return f"defmodule {module}CasesTest do\n  use ExUnit.Case, async: true\n\n{cases}end\n"


def _erlang(module: str, tests: list[tuple[str, str, str]]) -> str:
    cases = "\n".join(
        f"%% {' '.join(says.split())}\n"
        f"case_{number}_test() ->\n    ?assertEqual({expected}, {call}).\n"
        for number, (says, call, expected) in enumerate(tests, start=1)
    )
    header = '-include_lib("eunit/include/eunit.hrl").'
    return f"-module({module}_tests).\n{header}\n\n{cases}"
