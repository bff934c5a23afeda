"""Three corpora that do not resemble each other, from what every machine with the extras has.

Belongs here: where their texts come from, splits by document, cutting into windows. Does not:
tokens (``stages.py``).

general: English prose, the sentences of READMEs and docstrings of installed packages and of
Python's help topics. domain: Python, the standard library without comments and docstrings, which
would be prose.
books: Elixir and Erlang, the listings of our sample book, our problems' programs and tests, and the
programs of ``beam/priv``; no prose. Texts of the first two change with the installed versions, so
figures carry the digest of the corpora; a split is a matter of the document's name alone.
"""

from __future__ import annotations

import ast
import io
import re
import sysconfig
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from booktune_assets.errors import Code, MissingPrerequisite
from booktune_assets.ids import digest, normalise_prose, stable_int
from booktune_assets.rehearsal.general import general_texts

__all__ = ["NAMES", "SPLITS", "Corpus", "corpora", "windows"]

NAMES = ("general", "domain", "books")
SPLITS: tuple[str, ...] = ("train", "validation", "test")
PROJECT = Path(__file__).resolve().parents[3]
BOOK = PROJECT / "data" / "books" / "sample" / "first-steps-on-the-beam.md"
PROBLEMS = PROJECT / "data" / "evals" / "problems"
PROGRAMS = Path(__file__).resolve().parents[2] / "beam" / "priv"
DOCUMENTED = ("dagster", "peft", "polars")  # packages with prose in their docstrings
_FENCE = re.compile(r"^```(?:elixir|erlang|iex|erl)[^\n]*\n(.*?)^```", re.M | re.S)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)|`([^`<\n]+?)\s*<[^>\n]+>`__?")
_ODD = re.compile(r"https?:|[|{}<>=\\\[\]#$^~]|[^ -~]|  ")
_SENTENCES_MIN = 80  # characters: shorter paragraphs are captions
_TOPICS = 4_000  # more passages than the help topics have


@dataclass(frozen=True, slots=True)
class Corpus:
    """Windows of text by split; ``documents`` counts what they were cut from, by split."""

    name: str
    parts: Mapping[str, Sequence[str]]
    documents: Mapping[str, int]

    def digest(self) -> str:
        """Digest of all windows: figures of two machines compare only when it is the same."""
        return digest([[name, *self.parts[name]] for name in SPLITS])


@cache
def corpora(window: int) -> dict[str, Corpus]:
    """The three corpora in windows of at most ``window`` bytes.

    No window is in two splits or twice in one. Raises ``MISSING_PROGRAM`` where our own data is
    not there (a wheel without the repository).
    """
    if not PROBLEMS.is_dir() or not BOOK.is_file():
        raise MissingPrerequisite(
            Code.MISSING_PROGRAM,
            "Run the comparison from a clone of the repository",
            folder=PROBLEMS,
        )
    documents = (_prose(), _python(), _beam())
    return {
        name: _split(name, dict(found), window)
        for name, found in zip(NAMES, documents, strict=True)
    }


def windows(text: str, size: int) -> list[str]:
    """``text`` in pieces of at most ``size`` bytes of UTF-8; a rest under half of it is dropped."""
    pieces: list[str] = []
    raw, start = text.encode(), 0
    while start < len(raw):
        end = min(len(raw), start + size)
        while end < len(raw) and raw[end] & 0xC0 == 0x80:
            end -= 1  # never inside of a character
        if end - start >= size // 2:
            pieces.append(raw[start:end].decode())
        start = end
    return pieces


def _split(name: str, documents: Mapping[str, str], window: int) -> Corpus:
    """Of twenty documents fourteen train, three validate, three test."""
    parts: dict[str, list[str]] = {split: [] for split in SPLITS}
    counts = dict.fromkeys(SPLITS, 0)
    seen: set[str] = set()
    for document in sorted(documents, key=lambda title: stable_int(f"{name}:{title}")):
        place = stable_int(f"split:{name}:{document}") % 20
        split = "train" if place < 14 else "validation" if place < 17 else "test"
        counts[split] += 1
        for piece in windows(documents[document], window):
            if (plain := normalise_prose(piece)) not in seen:
                seen.add(plain)
                parts[split].append(piece)
    return Corpus(name, parts, counts)


def _prose() -> Iterator[tuple[str, str]]:
    found: dict[str, list[str]] = {}
    for package in metadata.distributions():
        about = package.metadata.json
        found[f"readme:{about['name']}"] = re.split(r"\n\s*\n", str(about.get("description", "")))
    for passage in general_texts(_TOPICS, _TOPICS):
        found.setdefault(passage.source, []).extend(passage.text.split("\n\n"))
    for package in DOCUMENTED:
        found |= _docstrings(package)
    for name in sorted(found):
        kept = [plain for text in found[name] if (plain := _sentences(text))]
        if kept:
            yield name, "\n".join(dict.fromkeys(kept))


def _docstrings(package: str) -> dict[str, list[str]]:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return {}
    folder = Path(spec.origin).parent
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*.py")):
        said = [
            ast.get_docstring(node) or ""
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        ]
        name = f"docstrings:{package}/{path.relative_to(folder).as_posix()}"
        found[name] = [piece for text in said for piece in re.split(r"\n\s*\n", text)]
    return found


def _sentences(paragraph: str) -> str:
    """A paragraph that is nothing but sentences, on one line; empty for any other."""
    linked = _LINK.sub(lambda match: match[1] or match[2] or "", paragraph)
    plain = " ".join(re.sub(r"`+|\*+|^\s*[-*] ", "", linked).split())
    whole = len(plain) >= _SENTENCES_MIN and plain.endswith((".", "!", "?", ":"))
    return plain if whole and plain[:1].isupper() and not _ODD.search(plain) else ""


def _python() -> Iterator[tuple[str, str]]:
    folder = Path(sysconfig.get_path("stdlib"))
    for path in sorted(folder.glob("*.py")):
        yield path.name, _code_only(path.read_text(encoding="utf-8"))


def _code_only(source: str) -> str:
    """Python without comments, docstrings and empty lines."""
    lines = source.split("\n")
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            first = body[0]
            if isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
                for number in range(first.lineno - 1, first.end_lineno or first.lineno):
                    lines[number] = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            line, column = token.start
            lines[line - 1] = lines[line - 1][:column]
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _beam() -> Iterator[tuple[str, str]]:
    chapters = re.split(r"^# ", BOOK.read_text(encoding="utf-8"), flags=re.M)
    for number, chapter in enumerate(chapters):
        listings = [match[1].rstrip() for match in _FENCE.finditer(chapter)]
        yield f"book:{number}", "\n".join(listings)
    for folder in sorted(PROBLEMS.iterdir()):
        files = sorted(folder.glob("*.ex*")) + sorted(folder.glob("*.erl"))
        yield folder.name, "\n".join(_uncommented(file) for file in files)
    for file in sorted(PROGRAMS.glob("*.e[rx]*")):
        yield f"priv:{file.name}", _uncommented(file)


def _uncommented(file: Path) -> str:
    lines = file.read_text(encoding="utf-8").split("\n")
    return "\n".join(line.rstrip() for line in lines if line.strip()[:1] not in ("", "%", "#"))
