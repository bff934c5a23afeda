"""Programming problems: what is asked, how it is checked, and proof that the check works.

Belongs here: the problem record and reading problem files (format: ``data/evals/README.md``).
Does not: running anything (``runner.py``), files of other benchmarks (``adapters_*.py``), scores
over many problems (``evaluation/``).
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal, cast

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import digest, file_sha256

__all__ = [
    "Problem",
    "as_text",
    "each_problem",
    "load_problems",
    "problem_of",
    "problems_digest",
    "problems_jsonl",
]

_NEEDED = ("id", "language", "tests", "interface")
_SUFFIX = {"elixir": (".ex", ".exs"), "erlang": (".erl", ".erl")}
_ABOUT = "problem.toml"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. ``interface`` lists ``Module.function/arity``, with a colon in Erlang; where it
    is empty, what the tests call is all that a candidate has to define.

    ``test_count`` is the exact number of tests that a run has to report; 0 leaves it open.
    ``files``: path → text, laid into the working folder. ``use = "eval_only"`` says
    that the licence forbids training on it; ``short`` that an evaluation asks it first. ``topic``
    is one of OTP, ``patterns`` what a good solution shows of it (names: ``beam/patterns.py``).
    ``second`` is another solution, written from the prompt alone: that it passes shows that the
    prompt says what the tests want. Nobody is shown it.
    """

    id: str
    language: Literal["elixir", "erlang"]
    prompt: str
    interface: tuple[str, ...]
    tests: str
    reference: str
    mutants: tuple[str, ...] = ()
    test_count: int = 0
    concepts: tuple[str, ...] = ()
    difficulty: int = 1
    files: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    min_elixir: str = ""
    source: str = ""
    licence: str = ""
    use: Literal["any", "eval_only"] = "any"
    short: bool = False
    topic: str = ""
    patterns: tuple[str, ...] = ()
    second: str = ""

    @property
    def beside(self) -> dict[str, str]:
        """``files`` that lie beside the candidate: what is under ``test/`` is for the tests."""
        return {
            name: text
            for name, text in self.files.items()
            if PurePosixPath(name).parts[:1] != ("test",)
        }

    @property
    def secret(self) -> bool:
        """Have the tests files that say what they expect? Their helper says nothing."""
        return bool(set(self.files) - set(self.beside) - {"test/test_helper.exs"})


def load_problems(path: Path) -> list[Problem]:
    """Problems of a JSONL file, or of a folder of JSON files and problem folders, by id.

    Raises ``BookError`` for a file that is not there and for the first record that is unusable.
    """
    found: list[Problem] = []
    for file, number, read in _records(path):
        try:
            found.append(problem_of(read()))
        except UnicodeDecodeError as problem:
            raise BookError(
                Code.BAD_ROW, f"Save the file as UTF-8: {problem}", path=file, record=number
            ) from problem
        except (ValueError, TypeError, AttributeError, RecursionError) as problem:
            raise BookError(
                Code.BAD_ROW, f"Mend the problem: {problem}", file=file.name, record=number
            ) from problem
        except OSError as problem:
            raise BookError(
                Code.FILE_MISSING, f"Name a problem file: {problem}", path=file
            ) from problem
    ids = [problem.id for problem in found]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise BookError(Code.BAD_ROW, "Give each problem its own id", ids=", ".join(twice))
    return sorted(found, key=lambda problem: problem.id)


def each_problem(path: Path) -> Iterator[tuple[str, Problem | str]]:
    """(place, problem or why it is unusable) of each record; nothing stops the others.

    Raises ``BookError`` for a file that cannot be read.
    """
    for file, number, read in _records(path):
        place = file.name if file.suffix != ".jsonl" else f"{file.name}:{number}"
        try:
            yield place, problem_of(read())
        except (ValueError, TypeError, AttributeError, OSError, RecursionError) as problem:
            yield place, f"not of this format: {problem}"


def problem_of(raw: object) -> Problem:
    """The problem that a record says. Raises ``ValueError`` or ``TypeError`` with the reason."""
    if not isinstance(raw, dict):
        raise ValueError("a record is an object")
    given = cast("dict[str, Any]", raw)
    # an empty interface is one: then what the tests call is all that is asked for
    lacks = [name for name in _NEEDED if not given.get(name)]
    if missing := [name for name in lacks if name != "interface" or given.get(name) != []]:
        raise ValueError(f"missing: {', '.join(missing)}")
    if given["language"] not in _SUFFIX:
        raise ValueError(f"language {given['language']!r} is neither elixir nor erlang")
    use = given.get("use", "any")
    if use not in ("any", "eval_only"):
        raise ValueError(f"use is {use!r}, neither any nor eval_only")
    return Problem(
        id=str(given["id"]),
        language=given["language"],
        prompt=as_text(given.get("prompt") or ""),
        interface=_strings(given["interface"], "interface"),
        tests=as_text(given["tests"]),
        reference=as_text(given.get("reference") or ""),
        mutants=tuple(as_text(mutant) for mutant in given.get("mutants") or ()),
        test_count=int(given.get("test_count", 0)),
        concepts=_strings(given.get("concepts", ()), "concepts"),
        difficulty=int(given.get("difficulty", 1)),
        files={str(name): as_text(text) for name, text in (given.get("files") or {}).items()},
        min_elixir=str(given.get("min_elixir") or ""),
        source=str(given.get("source") or ""),
        licence=str(given.get("licence") or ""),
        use=use,
        short=bool(given.get("short", False)),
        topic=str(given.get("topic") or ""),
        patterns=_strings(given.get("patterns", ()), "patterns"),
        second=as_text(given.get("second") or ""),
    )


def as_text(value: object) -> str:
    """A text, which may stand as a list of lines: kinder to read and to review in JSON. Raises
    ``ValueError`` for what is neither."""
    lines = cast("list[object]", value) if isinstance(value, list) else []
    if not isinstance(value, (str, list)) or not all(isinstance(line, str) for line in lines):
        raise ValueError(f"neither a text nor lines of text: {str(value)[:40]}")
    return value if isinstance(value, str) else "".join(f"{line}\n" for line in lines)


def problems_jsonl(problems: Sequence[Problem]) -> str:
    """The problems as JSONL; what has its default value is left out."""
    lines: list[str] = []
    for problem in problems:
        raw = {
            name: value
            for name, value in asdict(problem).items()
            if name == "interface" or value not in ("", (), {}, 0)
        }
        if problem.use == "any":
            raw.pop("use")
        lines.append(json.dumps(raw, ensure_ascii=False) + "\n")
    return "".join(lines)


def problems_digest(path: Path) -> str:
    """Digest of all that ``load_problems`` reads there."""
    if not path.is_dir():
        return file_sha256(path)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return digest([[file.relative_to(path).as_posix(), file_sha256(file)] for file in files])


class _Later:
    """A record that is read when it is asked for, so that its errors name its file."""

    def __init__(self, text: bytes = b"", folder: Path | None = None) -> None:
        self.text = text
        self.folder = folder

    def __call__(self) -> object:
        return _folder(self.folder) if self.folder else json.loads(self.text.decode("utf-8-sig"))


def _records(path: Path) -> Iterator[tuple[Path, int, _Later]]:
    """File, number of the record and the record, of all that stands at ``path``."""
    if path.is_dir():
        for about in sorted(path.glob(f"*/{_ABOUT}")):
            yield about.parent, 1, _Later(folder=about.parent)
        files = sorted(path.glob("*.json"))
    else:
        files = [path]
    for file in files:
        try:
            text = file.read_bytes()
        except OSError as problem:
            raise BookError(
                Code.FILE_MISSING, f"Name a problem file: {problem}", path=file
            ) from problem
        lines = text.split(b"\n") if file.suffix == ".jsonl" else [text]
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield file, number, _Later(text=line)


def _folder(folder: Path) -> dict[str, object]:
    """The record of a folder: ``problem.toml``, statement, reference, tests, ``files/``."""
    raw: dict[str, Any] = tomllib.loads(_read(folder / _ABOUT))
    code, tests = _SUFFIX.get(raw.get("language", ""), ("", ""))
    if not code:
        raise ValueError("language is neither elixir nor erlang")
    reference, second = _read(folder / f"reference{code}"), folder / f"second{code}"
    extra = folder / "files"
    beside = sorted(file for file in extra.rglob("*") if file.is_file())
    return {
        **raw,
        "id": folder.name,
        "prompt": _read(folder / "statement.md").strip(),
        "reference": reference,
        "second": _read(second) if second.exists() else "",
        "tests": _read(folder / f"tests{tests}"),
        "mutants": [_mutant(reference, edit) for edit in raw.get("mutants", [])],
        "files": {file.relative_to(extra).as_posix(): _read(file) for file in beside},
    }


def _mutant(reference: str, edit: Mapping[str, str]) -> str:
    """The reference with one fault: the one place that says ``was`` says ``now``."""
    was, now = edit["was"].strip("\n"), edit["now"].strip("\n")
    if (places := reference.count(was)) != 1:
        raise ValueError(f"mutant {edit.get('fault')!r}: its text stands {places} times")
    return reference.replace(was, now)


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _strings(value: object, name: str) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, (list, tuple)):
        raise ValueError(f"{name} is not a list")
    return tuple(str(one) for one in cast("list[object]", value))
