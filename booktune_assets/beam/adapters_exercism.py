"""Exercises of Exercism's Elixir and Erlang tracks: a track, some exercises, or one.

Belongs here: the files of an exercise. Does not: other formats, choosing exercises.

An exercise is a folder with ``.meta/config.json``, which names solution, tests and example
solution. All tests are run, also those that the track marks as pending. Erlang's examples are
called ``example`` and get the name that the tests want; ``exercism.hrl`` counts as empty.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

from booktune_assets.beam.imported import Imported, interface_of, stated_tests
from booktune_assets.beam.problems import Problem

__all__ = ["read_exercism"]

_SOURCE = "Exercism"
_ABOUT = Path(".meta") / "config.json"
_LANGUAGES = {".ex": "elixir", ".exs": "elixir", ".erl": "erlang"}
_DEFAULTS = {
    "solution": ("lib/**/*.ex", "src/*.erl"),
    "test": ("test/**/*_test.exs", "test/*_tests.erl"),
    "example": (".meta/**/example.ex", ".meta/**/example.erl", "src/example.erl"),
    "exemplar": (".meta/exemplar.ex", ".meta/exemplar.erl"),
    "editor": (),
}
_BESIDE = ("src/*.hrl", "include/*.hrl", "assets/**/*", "test/**/*.ex", "test/**/*.exs")
_HELPER = "test_helper.exs"  # starts ExUnit and leaves tests out: ours does neither
# what these ask for came later than their mix.exs says
_NEWER = {
    "gotta-snatch-em-all": "1.15", "intergalactic-transmission": "1.15", "paint-by-number": "1.15",
}  # fmt: skip
_REQUIRED = re.compile(r"elixir:\s*\"[~>=\s]*(\d+\.\d+)")
_MODULE = re.compile(r"^(\s*-\s*module\s*\(\s*)[\w']+(\s*\)\s*\.)", re.MULTILINE)
_HEADER = re.compile(
    r"^\s*-\s*include(_lib)?\(\s*\"[^\"]*exercism\.hrl\"\s*\)\s*\.[^\n]*\n", re.MULTILINE
)
_TESTS = re.compile(r"^'?\w+_test'?\s*\(\s*\)\s*->", re.MULTILINE)


def read_exercism(path: Path) -> Imported:
    """All exercises at or below ``path``."""
    found = Imported()
    homes = sorted(about.parents[1] for about in path.rglob(_ABOUT.as_posix()))
    for home in homes:
        try:
            problem = _exercise(home)
        except (ValueError, OSError) as problem_:
            found.skipped[home.name] = str(problem_)
            continue
        if any(one.id == problem.id for one in found.problems):
            found.skipped[str(home.relative_to(path))] = f"{problem.id} occurs twice"
            continue
        found.problems.append(problem)
    return found


def _exercise(home: Path) -> Problem:
    """One exercise. Raises ``ValueError`` (also for text that is no UTF-8) or ``OSError``."""
    about: Any = json.loads((home / _ABOUT).read_text(encoding="utf-8"))
    given: Any = about.get("files") if isinstance(about, dict) else None
    if not isinstance(given, dict):
        raise ValueError("config.json names no files")
    named = cast("dict[str, Any]", given)
    files = {kind: _files(home, named, kind) for kind in _DEFAULTS}
    language, source, reference, stub = _programs(files)
    interface = interface_of(source, reference or stub, language)
    if not interface:
        raise ValueError("what a solution has to define is not to be seen")
    return Problem(
        id=f"{language}/{home.name}",
        language="elixir" if language == "elixir" else "erlang",
        prompt=_statement(home, interface, files["editor"]),
        interface=interface,
        tests=source,
        reference=reference,
        test_count=_count(source, language),
        difficulty=int(about.get("difficulty") or 1),
        files=_beside(home, files),
        min_elixir=_needs(home) if language == "elixir" else "",
        source=_SOURCE,
        licence=_licence(home),
    )


def _programs(files: dict[str, list[Path]]) -> tuple[str, str, str, str]:
    """Language, tests, solution and stub of an exercise."""
    if not (tests := files["test"]):
        raise ValueError("it has no tests")
    language = _LANGUAGES.get(tests[0].suffix)
    if language is None:
        raise ValueError(f"{tests[0].name} is neither Elixir nor Erlang")
    if language == "erlang":  # a module a file: the others are helpers
        tests = [next((file for file in tests if file.stem.endswith("_tests")), tests[0])]
    example = files["example"] or files["exemplar"]
    source, stub = _joined(tests), _joined(files["solution"])
    reference = _joined([file for file in example if file.suffix in _LANGUAGES])
    if language == "erlang":
        wanted = tests[0].stem.removesuffix("_tests")
        reference = _MODULE.sub(rf"\g<1>{wanted}\g<2>", reference, count=1)
        reference = re.sub(r"\bexample:(?=[a-z'?])", f"{wanted}:", reference)
        source, reference, stub = (_HEADER.sub("", text) for text in (source, reference, stub))
    return language, source, reference, stub


def _files(home: Path, named: dict[str, Any], kind: str) -> list[Path]:
    """The files of a kind that the exercise names, or those that stand in the usual place."""
    given = named.get(kind) or []
    if not isinstance(given, list):
        raise ValueError(f"config.json: {kind} is no list")
    files = [home / str(name) for name in cast("list[object]", given)]
    if not files:
        files = sorted(file for form in _DEFAULTS[kind] for file in home.glob(form))
    for file in files:
        if not file.resolve().is_relative_to(home.resolve()):
            raise ValueError(f"config.json: {file.name} lies outside of the exercise")
    if kind == "solution":
        return [file for file in files if file.is_file() and file.stem != "example"]
    return files


def _beside(home: Path, files: dict[str, list[Path]]) -> dict[str, str]:
    """Helpers that lie beside the programs, by path; headers at the top, where includes look."""
    more = [file for form in _BESIDE for file in sorted(home.glob(form)) if file.is_file()]
    erlang = files["test"][0].suffix == ".erl"
    helpers = [file for file in files["test"] if erlang and not file.stem.endswith("_tests")]
    found: dict[str, str] = {}
    beside = [file for file in more if file not in files["test"] and file.name != _HELPER]
    for file in (*files["editor"], *helpers, *beside):
        name = file.name if file.suffix == ".hrl" else file.relative_to(home).as_posix()
        try:
            found[name] = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture, say: a problem's files are texts
    return found


def _joined(files: list[Path]) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def _count(tests: str, language: str) -> int:
    """How many tests there are, as far as the text says it; 0 where tests are generated."""
    if any(sign in tests for sign in ("doctest ", "unquote(", ":skip")):
        return 0
    if language == "elixir":
        return stated_tests(tests)
    if re.search(r"^'?\w+_test_'?\s*\(|^-\s*ifdef", tests, re.M):
        return 0
    return len(_TESTS.findall(tests))


def _statement(home: Path, interface: tuple[str, ...], given: list[Path]) -> str:
    docs = home / ".docs"
    parts = [
        (docs / name).read_text(encoding="utf-8").strip()
        for name in ("introduction.md", "instructions.md", "instructions.append.md")
        if (docs / name).is_file()
    ]
    names = ", ".join(f"`{entry}`" for entry in interface)
    there = [
        f"`{file.relative_to(home).as_posix()}` is there already:\n\n```\n{text.strip()}\n```"
        for file in given
        if file.suffix in _LANGUAGES and (text := file.read_text(encoding="utf-8"))
    ]
    return "\n\n".join([*parts, *there, f"Define {names}."])


def _needs(home: Path) -> str:
    if home.name in _NEWER:
        return _NEWER[home.name]
    mix = home / "mix.exs"
    found = _REQUIRED.search(mix.read_text(encoding="utf-8")) if mix.is_file() else None
    return found[1] if found else ""


def _licence(home: Path) -> str:
    """MIT, where the track's licence is at hand and says so."""
    for folder in (home, *home.parents[:4]):
        file = folder / "LICENSE"
        if file.is_file() and "MIT License" in file.read_text(encoding="utf-8", errors="replace"):
            return "MIT"
    return ""
