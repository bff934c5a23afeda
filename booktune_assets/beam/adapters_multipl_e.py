"""Problems of MultiPL-E: JSONL files of translated HumanEval and MBPP.

Belongs here: their records, and what is known to be broken in them. Does not: other formats.

A record has ``name language prompt tests``; a program is one module ``HumanEval`` whose function
the tests look up by name, or call as ``HumanEval.name(…)``, ``HumanEval.candidate(…)`` (whatever
its name) or ``apply(HumanEval, :name, […])``. The licence (BSD with a fourth clause) forbids to
train a model on them: every problem says ``use = "eval_only"``.

Mended: functions named without a colon in the tests, argument lists that were split into their
letters, arguments and functions that begin with a capital (names of modules in Elixir) or are
reserved words, floats without a point, ``#{`` of plain text. What does not parse after that is left
out with the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from booktune_assets.beam.completions import Begun
from booktune_assets.beam.grammar import parses
from booktune_assets.beam.imported import Imported
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.reserved import RESERVED
from booktune_assets.books.judge import nodes, syntax_tree

__all__ = ["read_multipl_e"]

_SOURCE = "MultiPL-E"
_LICENCE = "BSD-3-Clause with a clause against use as training data"
_LANGUAGES = {"elixir", "ex", "exs"}
_HEAD = re.compile(r"^(?P<start>\s*def )(?P<name>\w+[?!]?)\((?P<args>.*)\) do[ \t]*$", re.MULTILINE)
_APPLY = re.compile(r"apply\(HumanEval, :?(?P<name>\w+[?!]?), args\)")
_DIRECT = re.compile(r"\bHumanEval\.(?P<name>(?!__)\w+[?!]?)(?=\()")
_LISTED = re.compile(r"\bapply\(HumanEval, :?(?P<name>\w+[?!]?), (?=\[)")
_LOOKUP = re.compile(
    r"^ *(functions = HumanEval\.__info__\(:functions\)|\{function_name, arity\} = .*)\n", re.M
)
_START = re.compile(r"^ExUnit\.start\(.*\)\n+")
_FLOAT = re.compile(r"(?<![\w.])(\d+)e([+-]?\d+)\b")
_RESERVED = RESERVED["elixir"]
_STOP = ("\ndefmodule", "\ndefp", "\ndef ", "\n#", "\n\n")  # of records that name none
_ASKED = "Complete this Elixir module. Answer with the whole module.\n\n```elixir\n{}\n```"


def read_multipl_e(path: Path) -> Imported:
    """Problems of a JSONL file, or of all in a folder."""
    found = Imported()
    files = sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]
    seen: set[str] = set()
    for place, record in _records(files, found):
        name = record.get("name")
        where = name if isinstance(name, str) and name else place
        if where in seen:
            found.skipped[place] = f"{where} occurs twice: import one variant at a time"
            continue
        seen.add(where)
        try:
            problem, mended, begun = _problem(where, record)
        except ValueError as problem_:
            found.skipped[where] = str(problem_)
            continue
        found.problems.append(problem)
        found.begun[where] = begun
        if mended:
            found.mended[where] = "; ".join(mended)
    return found


def _records(files: list[Path], found: Imported) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as problem:
            found.skipped[file.name] = f"cannot be read: {problem}"
            continue
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            place = f"{file.name}:{number}"
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as problem:
                found.skipped[place] = f"no JSON: {problem}"
                continue
            if isinstance(record, dict):
                yield place, record
            else:
                found.skipped[place] = "no object"


def _problem(name: str, record: dict[str, Any]) -> tuple[Problem, list[str], Begun]:
    """The problem, what was mended, how a completion begins. Raises ``ValueError`` if broken."""
    prompt, tests, language = (record.get(key) for key in ("prompt", "tests", "language"))
    if not isinstance(prompt, str) or not isinstance(tests, str):
        raise ValueError("no prompt or no tests")
    if str(language).lower() not in _LANGUAGES:
        raise ValueError(f"language {language!r} is not Elixir")
    mended: list[str] = []
    tests = _tests(tests, mended)
    called, arity = _call(tests)
    prompt, function = _head(prompt, called, arity, mended)
    return (
        Problem(
            id=name,
            language="elixir",
            prompt=_ASKED.format(prompt.rstrip()),
            interface=(f"HumanEval.{function}/{arity}",),
            tests=_renamed(tests, called, function),
            reference="",
            test_count=len(re.findall(r"^\s*test \"", tests, re.M)),
            source=_SOURCE,
            licence=_LICENCE,
            use="eval_only",
        ),
        mended,
        Begun(prompt, _stops(record.get("stop_tokens")), exact=True),
    )


def _stops(given: object) -> tuple[str, ...]:
    """As the file says; its harness cuts what is written there."""
    words = cast("list[object]", given) if isinstance(given, list) else list(_STOP)
    return tuple(str(word) for word in words if word)


def _tests(tests: str, mended: list[str]) -> str:
    """Tests that parse, name the function as an atom and do not look into the module."""
    asked = _APPLY.search(tests)
    if asked is not None:
        right = f"apply(HumanEval, :{asked['name']}, args)"
        if asked[0] != right:
            mended.append("the tests named the function without a colon")
        tests = _LOOKUP.sub("", _APPLY.sub(lambda _: right, tests))
    elif not (_DIRECT.search(tests) or _LISTED.search(tests)):
        raise ValueError("the tests call no function as one of the module HumanEval")
    elif re.search(r"\bapply\(HumanEval, [^:]", tests):
        mended.append("the tests named the function without a colon")
    tests = _START.sub("", tests)
    if "#{" in tests:
        tests = re.sub(r"(?<!\\)#\{", r"\\#{", tests)
        mended.append("plain text held an interpolation")
    if _FLOAT.search(_without_texts(tests)):
        tests = _FLOAT.sub(r"\1.0e\2", tests)
        mended.append("floats had no point")
    if not parses(tests, "elixir"):
        raise ValueError("the tests do not parse (quotes within a text, most often)")
    return tests


def _call(tests: str) -> tuple[str, int]:
    """Name of the function and number of arguments of the first call in the tests."""
    asked = _APPLY.search(tests)
    for node in nodes(syntax_tree(tests, "elixir")):
        target = node.child_by_field_name("target") if node.type == "call" else None
        given = [child for child in node.named_children if child.type == "arguments"]
        if target is None or target.text is None or not given:
            continue
        word, args = target.text.decode(), given[0].named_children
        lists = [one for one in args if one.type == "list"]
        if asked is not None:
            if word == "candidate." and lists:
                return asked["name"], lists[0].named_child_count
        elif (one := _DIRECT.match(f"{word}(")) and one.end() == len(word):
            return one["name"], len(args)
        elif word == "apply" and lists and (one := _LISTED.match(_text(node))):
            return one["name"], lists[-1].named_child_count
    raise ValueError("the tests call nothing")


def _text(node: Any) -> str:
    return node.text.decode() if node.text else ""


def _renamed(tests: str, called: str, function: str) -> str:
    """Tests that call the function by the name that it has in the prompt."""
    tests = _APPLY.sub(lambda _: f"apply(HumanEval, :{function}, args)", tests)
    tests = _DIRECT.sub(
        lambda one: f"HumanEval.{function}" if one["name"] == called else one[0], tests
    )
    return _LISTED.sub(
        lambda one: f"apply(HumanEval, :{function}, " if one["name"] == called else one[0], tests
    )


def _head(prompt: str, called: str, arity: int, mended: list[str]) -> tuple[str, str]:
    """The prompt with a head that compiles, and the function's name."""
    heads = list(_HEAD.finditer(prompt))
    if not heads:
        raise ValueError("the prompt defines no function")
    head = heads[-1]
    if called == "candidate":  # stands for the function, whatever its name
        called = head["name"]
    if head["name"].lower() != called.lower():
        raise ValueError(f"the tests call {called}, the prompt defines {head['name']}")
    args = _names(head["args"])
    split = _is_split(head["args"])
    if split and (len(args) != arity or "," in head["args"][::3]):
        args = _names(head["args"][::3])
        mended.append("the arguments were split into letters")
    if len(args) != arity:
        raise ValueError(f"the tests give {arity} arguments, the prompt has others")
    lower = [one[:1].lower() + one[1:] for one in args]
    if lower != args:
        mended.append("arguments began with a capital")
    free = _free(lower)
    if free != lower:
        mended.append("arguments were reserved words")
    lower = free
    if len(set(lower)) < arity or not all(re.fullmatch(r"\w+", one) for one in lower):
        raise ValueError(f"arguments that are no names: {head['args']}")
    function = called[:1].lower() + called[1:]
    if function != head["name"]:
        mended.append(f"the function {head['name']} began with a capital")
    if function in _RESERVED:
        mended.append(f"the function's name {function} is a reserved word")
        function = f"{function}_"
    line = f"{head['start']}{function}({', '.join(lower)}) do"
    return prompt[: head.start()] + line + prompt[head.end() :], function


def _free(names: list[str]) -> list[str]:
    """The names, with another for each that is reserved; none of them twice for that."""
    found = list(names)
    for place, name in enumerate(names):
        while name in _RESERVED or (name != names[place] and name in found):
            name = "unnamed" if name == "_" else f"{name}_"
        found[place] = name
    return found


def _is_split(args: str) -> bool:
    """``a, b, ,,  , c`` for ``ab, c``: behind each letter a comma and a space."""
    commas, spaces = args[1::3], args[2::3]
    return commas == "," * len(commas) and spaces == " " * len(spaces)


def _names(args: str) -> list[str]:
    return [one.strip() for one in args.split(",") if one.strip()]


def _without_texts(tests: str) -> str:
    return re.sub(r'"(\\.|[^"\\])*"', '""', tests)
