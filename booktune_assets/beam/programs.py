"""Candidates and problems as the BEAMs take them.

Belongs here: sources of a candidate, names in an interface, the key of a prepared problem, what is
refused before anything runs. Does not: running (``slots.py``), rows in files (``batch.py``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from booktune_assets.beam.problems import Problem
from booktune_assets.beam.verdicts import Verdict
from booktune_assets.beam.wire import Atom, Term, chars

__all__ = [
    "SOURCE_MAX", "Program", "bad_interface", "files_term", "interface_term", "key_of", "program",
    "refused",
]  # fmt: skip

SOURCE_MAX = 64_000  # characters of a candidate
_FILES_MAX = 64
_ENTRY = re.compile(r"^:?(.+)[.:]([^.:]+)/(\d{1,3})$|^:?(.+)\.(\.\.|[.:][^/]*)/(\d{1,3})$")
_SOURCES = {"elixir": (".ex", ".exs"), "erlang": (".erl",)}
_OF_PROJECT = ("mix.exs", ".formatter.exs")
_ARITY_MAX = 255
_NAME_MAX, _PATH_MAX = 255, 1_000  # bytes
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Program:
    """A candidate: ``sources`` are compiled, ``files`` lie beside them. Names are relative."""

    sources: Mapping[str, str]
    files: Mapping[str, str]


def program(language: str, candidate: str | Mapping[str, str]) -> Program:
    """One source, or files of which those with the language's ending are compiled, but for a
    project's own: its description, configuration and tests."""
    if isinstance(candidate, str):
        return Program({"candidate": candidate.removeprefix(_BOM)}, {})
    ends = _SOURCES[language]
    sources = {
        name: text.removeprefix(_BOM)
        for name, text in sorted(candidate.items())
        if name.endswith(ends) and not _of_project(name)
    }
    return Program(sources, {name: text for name, text in candidate.items() if name not in sources})


def _of_project(name: str) -> bool:
    path = PurePosixPath(name)
    return path.name in _OF_PROJECT or path.parts[:1] in (("config",), ("test",))


def refused(one: Program) -> Verdict | None:
    """What needs no running to be judged.

    The program is at fault in all of it, so that it is a sample that fails: a row that says no
    program is ``BAD_ROW`` and none (``batch.py``).
    """
    texts = [*one.sources.values(), *one.files.values()]
    if not any(text.strip() for text in one.sources.values()):
        return Verdict("compile_error", "NO_CODE: no source has any code")
    if sum(map(len, texts)) > SOURCE_MAX:
        return Verdict("compile_error", f"TOO_LONG: more than {SOURCE_MAX} characters")
    if len(texts) > _FILES_MAX:
        return Verdict("compile_error", f"TOO_LONG: more than {_FILES_MAX} files")
    if fault := _bad_name([*one.sources, *one.files]):
        return Verdict("compile_error", f"BAD_SOURCE: {fault}")
    return None


def bad_interface(problem: Problem) -> str:
    """Why an interface cannot be used; empty if it can."""
    for entry in problem.interface:
        if not _ENTRY.match(entry) or len(entry) > 400:
            return f"interface entry {entry!r} is not Module.function/arity"
        if int(entry.rpartition("/")[2]) > _ARITY_MAX:
            return f"interface entry {entry[:200]!r}: no function has so many arguments"
    return _bad_name(list(problem.files))


def key_of(problem: Problem) -> str:
    """Key of what is compiled from a problem."""
    parts = [problem.language, problem.tests, *problem.interface]
    parts += [text for pair in sorted(problem.files.items()) for text in pair]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def interface_term(problem: Problem) -> list[Term]:
    """``[{Module, Function, Arity}]``; a module in capitals is Elixir's."""
    entries: list[Term] = []
    for entry in problem.interface:
        found = _ENTRY.match(entry)
        if found is None:
            raise ValueError(entry)
        module, function, arity = (part for part in found.groups() if part is not None)
        if problem.language == "elixir" and module[0].isupper():
            module = f"Elixir.{module.removeprefix('Elixir.')}"
        entries.append((Atom(_bare(module)), Atom(_bare(function)), int(arity)))
    return entries


def _bare(name: str) -> str:
    """Without the quotes of an atom that is no plain word."""
    quoted = len(name) > 2 and name[0] == name[-1] and name[0] in "'\""
    return name[1:-1] if quoted else name


def files_term(*groups: Mapping[str, str]) -> list[Term]:
    """``[{Name, Text}]``; a later group replaces names of an earlier one, however spelt."""
    merged: dict[str, str] = {}
    for group in groups:
        merged.update((str(PurePosixPath(name)), text) for name, text in group.items())
    return [(chars(name), text) for name, text in merged.items()]


def _bad_name(names: list[str]) -> str:
    """Why one of these cannot be the name of a file here; empty if all can."""
    folders = {folder for name in names for folder in PurePosixPath(name).parents}
    for name in names:
        path = PurePosixPath(name)
        sizes = [len(part.encode("utf-8", "surrogatepass")) for part in path.parts]
        if path.is_absolute() or ".." in path.parts:
            return f"a file name that leaves the folder: {name[:200]!r}"
        if not path.parts or "\0" in name or path in folders:
            return f"no name of a file: {name[:200]!r}"
        if max(sizes) > _NAME_MAX or sum(sizes) + len(sizes) > _PATH_MAX:
            return f"a file name that is too long: {name[:200]!r}"
    return ""
