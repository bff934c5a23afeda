"""The problems that training must not see: our own, and those in any file that the user names.

Belongs here: reading benchmarks of whatever form into items: statement, code, tests, entry points.
Does not: comparing them with pairs (``contamination.py``), running them (``beam/``).

A file may be one of ``beam/adapters.py`` (MultiPL-E, Exercism, our own), or any other with texts
(``benchmark_files.py``): there, code is what reads like code, and everything else is statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from booktune_assets.beam.adapters import import_problems
from booktune_assets.beam.grammar import language_of
from booktune_assets.beam.problems import Problem, problems_digest
from booktune_assets.beam.structure import structure
from booktune_assets.errors import BookError, Code
from booktune_assets.pairs.benchmark_files import MIXED, SUFFIXES, files_of, records_of
from booktune_assets.pairs.rules import fences, without_fences
from booktune_assets.settings import PROJECT

__all__ = ["OWN", "Benchmark", "Item", "load_benchmarks", "registry_digests"]

OWN = PROJECT / "data" / "evals" / "problems"
_FORMATS = ("multipl-e", "exercism", "booktune")
_IDS = frozenset(("id", "task_id", "name", "slug"))  # they say which, not what
_TESTS = re.compile(r"test|assert|check", re.I)
_ENTRY = re.compile(r"(?P<name>[a-z_]\w*[!?]?)/(?P<arity>\d+)$")


@dataclass(frozen=True, slots=True)
class Item:
    """One problem. ``code`` and ``tests`` are (language, text); ``entries`` names and arities."""

    id: str
    statement: str
    code: tuple[tuple[str, str], ...] = ()
    tests: tuple[tuple[str, str], ...] = ()
    entries: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A registered benchmark; ``version`` is the digest of its files, ``note`` what was left."""

    name: str
    items: tuple[Item, ...]
    version: str
    licence: str = ""
    note: str = ""


def load_benchmarks(paths: Sequence[str | Path] = (), own: Path = OWN) -> list[Benchmark]:
    """Our own problems and those at ``paths``, by name. Raises ``BookError`` for a path without
    any, and for one that is not there."""
    found = [_read(Path(path).expanduser()) for path in paths]
    if own.is_dir():
        found.append(_read(own))
    names = [one.name for one in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BookError(
            Code.BAD_SETTING, "Give the files names of their own", benchmarks=", ".join(twice)
        )
    return sorted(found, key=lambda one: one.name)


def registry_digests(paths: Sequence[str | Path] = (), own: Path = OWN) -> dict[str, str]:
    """Name of each benchmark and the digest of its files; what is not there has none."""
    places = [Path(path).expanduser() for path in paths] + [own]
    return {_name(path): problems_digest(path) if path.exists() else "" for path in places}


def _name(path: Path) -> str:
    return "booktune" if path == OWN else path.name


def _read(path: Path) -> Benchmark:
    if not path.exists():
        raise BookError(
            Code.FILE_MISSING, "Mend pairs.benchmarks in booktune.toml: name a file or a folder",
            path=path,
        )  # fmt: skip
    version = problems_digest(path)
    if (known := _imported(path)) is not None:
        problems, left = known
        licences = sorted({problem.licence for problem in problems if problem.licence})
        items = tuple(_of_problem(problem) for problem in problems)
        ids = {item.id for item in items}
        # what cannot be judged here is asked all the same: its texts count
        items += tuple(one for one in _of_records(path) if left and one.id not in ids)
        note = f"{left} are read by their texts only" if left else ""
        return Benchmark(_name(path), items, version, ", ".join(licences), note)
    items = tuple(_of_records(path))
    if not items:
        raise BookError(
            Code.NO_CONTENT,
            "No problem would be kept out of training: fill it, name a file with texts "
            f"({', '.join(SUFFIXES)}), or take it out of pairs.benchmarks in booktune.toml",
            path=path,
        )  # fmt: skip
    return Benchmark(_name(path), items, version)


def _imported(path: Path) -> tuple[list[Problem], int] | None:
    """Problems of a format that ``beam`` knows, and how many were left; None for another."""
    for form in _FORMATS:
        try:
            found = import_problems(form, path)
        except (BookError, ValueError, TypeError, AttributeError, KeyError, OSError):
            continue
        if found.problems and len(found.problems) >= len(found.skipped):
            return found.problems, len(found.skipped)
    return None


def _of_problem(problem: Problem) -> Item:
    entries = (match for one in problem.interface if (match := _ENTRY.search(one)))
    code = [(problem.language, problem.reference)] if problem.reference else []
    code += [(lang or problem.language, piece) for lang, piece in fences(problem.prompt)]
    return Item(
        problem.id, without_fences(problem.prompt), tuple(code),
        ((problem.language, problem.tests),),
        tuple((match["name"], int(match["arity"])) for match in entries),
    )  # fmt: skip


def _of_records(path: Path) -> Iterator[Item]:
    for file in files_of(path):
        for number, record in enumerate(records_of(file)):
            place = f"{file.stem}:{number}"
            if item := _of_record(place, record):
                yield item


def _of_record(place: str, record: object) -> Item | None:
    """A record of unknown form: every text in it counts."""
    texts = list(_texts("", record))
    if not texts:
        return None
    said: list[str] = []
    code: list[tuple[str, str]] = []
    tests: list[tuple[str, str]] = []
    for field, text in texts:
        if field in _IDS:
            continue
        inner = fences(text)
        if field == MIXED and not inner:
            said.append(text)
            code += [(_language("", piece), piece) for piece in _code_within(text)]
            continue
        pieces = inner or ([("", text)] if _is_code(text) else [])
        target = tests if _TESTS.search(field) else code
        target += [(_language(lang, piece), piece) for lang, piece in pieces]
        if inner or not pieces:
            said.append(without_fences(text))
    names = {text for field, text in texts if field.endswith("entry_point")}
    entries = sorted(
        {(one.name, one.arity) for lang, text in code for one in structure(text, lang).functions()
         if not names or one.name in names}
    )  # fmt: skip
    ids = [text for field, text in texts if field in _IDS]
    return Item(
        ids[0] if ids else place, "\n\n".join(said), tuple(code), tuple(tests), tuple(entries)
    )


def _texts(field: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if value.strip():
            yield field.lower(), value
    elif isinstance(value, Mapping):
        for name, inner in cast("Mapping[str, Any]", value).items():
            yield from _texts(str(name), inner)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from _texts(field, inner)


def _code_within(text: str) -> list[str]:
    """What reads like code in a text without fences: stretches between paragraphs of words."""
    found: list[list[str]] = []
    for part in re.split(r"\n(?:[ \t]*\n)+", text.replace("\r\n", "\n")):
        goes_on = bool(found) and bool(found[-1]) and (part[:1].isspace() or part.startswith("end"))
        if _is_code(part) or goes_on:
            if not found:
                found.append([])
            found[-1].append(part)
        else:
            found.append([])
    return ["\n\n".join(parts) for parts in found if parts]


def _is_code(text: str) -> bool:
    return "\n" in text.strip() and language_of(text) in ("elixir", "erlang")


def _language(lang: str, text: str) -> str:
    return lang if lang in ("elixir", "erlang") else language_of(text, lang)
