"""Text that neither the books nor the rehearsal have: what a model should still know afterwards.

Belongs here: where such prose and code come from on every machine, cut into passages. Does not:
what is rehearsed (``rehearsal/general.py``: Python's help topics, which are none of this), scoring.

Prose comes from the READMEs of packages that training needs anyway, written by many hands; code
from the sources of Python's standard library. Both carry their version in their name.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

from booktune_assets.ids import digest
from booktune_assets.rehearsal.general import GeneralText, in_turns, passages

__all__ = ["general_code", "general_prose", "general_version"]

# of the base install and the extra `train`: a package that is not there gives no passages
PACKAGES = (
    "accelerate", "alembic", "anyio", "attrs", "bitsandbytes", "charset-normalizer", "click",
    "coloredlogs", "dagster", "dbt-core", "dbt-duckdb", "duckdb", "filelock", "fsspec", "gguf",
    "GitPython", "gql", "grpcio", "h11", "httptools", "humanfriendly", "Jinja2", "lxml", "Mako",
    "markdown-it-py", "more-itertools", "msgpack", "networkx", "numpy", "packaging", "pathspec",
    "pdfplumber", "peft", "pillow", "polars", "propcache", "psutil", "pydantic", "pymupdf",
    "python-slugify", "requests", "requests-toolbelt", "rich", "safetensors", "sentencepiece",
    "sqlglot", "sqlparse", "starlette", "structlog", "sympy", "tabulate", "tokenizers", "tomlkit",
    "torch", "tqdm", "transformers", "tree-sitter", "typer", "universal-pathlib", "uvicorn",
    "watchdog", "watchfiles", "websockets", "xxhash", "yarl",
)  # fmt: skip
MODULES = (
    "argparse", "bisect", "calendar", "cmd", "codecs", "configparser", "contextlib", "copy", "csv",
    "dataclasses", "difflib", "doctest", "fractions", "functools", "getopt", "gettext", "glob",
    "graphlib", "gzip", "heapq", "imaplib", "ipaddress", "mailbox", "mimetypes", "netrc",
    "optparse", "pickle", "plistlib", "pprint", "queue", "random", "reprlib", "sched", "shelve",
    "shlex", "shutil", "smtplib", "statistics", "string", "tarfile", "tempfile", "textwrap",
    "tokenize", "trace", "turtle", "uuid", "wave", "zipfile",
)  # fmt: skip
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)|`([^`<\n]+?)\s*<[^>\n]+>`__?")
_MARKUP = re.compile(r"^\s*(?:[#|<>*+\-=!\[\]`:~$\d(]|\.\.|\S+\n[=\-~^*#]{3,})")
_ODD = re.compile(r"https?://|www\.|[|{}<>=\\]|::|`_")
_PROSE_MIN = 80  # characters: shorter paragraphs are captions and badges


def general_prose(n: int, chars: int) -> list[GeneralText]:
    """``n`` passages of prose of at most ``chars`` characters (fewer when there are no more)."""
    found: dict[str, list[str]] = {}
    for package in PACKAGES:
        try:
            about = metadata.metadata(package)
        except metadata.PackageNotFoundError:
            continue
        text = str(about.json.get("description", ""))
        source = f"readme:{package}-{about['Version']}"
        found[source] = list(passages(tuple(_prose(text)), chars))
    return in_turns(found, n)


def general_code(n: int, chars: int) -> list[GeneralText]:
    """``n`` whole functions of Python's standard library, of at most ``chars`` characters each."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    found: dict[str, list[str]] = {}
    for module in MODULES:
        spec = find_spec(module)
        origin = Path(spec.origin) if spec and spec.origin else None
        if origin is None or origin.suffix != ".py" or not origin.is_file():
            continue
        found[f"python-{version}:{module}"] = [
            text
            for text in _functions(origin.read_text(encoding="utf-8"))
            if chars // 3 <= len(text) <= chars
        ]
    return in_turns(found, n)


def general_version() -> str:
    """Digest that changes when the texts may: of the versions of Python and the packages."""
    found: list[list[str]] = [["python", sys.version.partition(" ")[0]]]
    for package in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found.append([package, metadata.version(package)])
    return digest(found)


def _prose(text: str) -> Iterator[str]:
    """The paragraphs of a README that are sentences, with links as their words."""
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")):
        if block.startswith((" ", "\t")) or _MARKUP.match(block):
            continue
        plain = " ".join(_LINK.sub(lambda m: m[1] or m[2] or "", block).split())
        plain = re.sub(r"(\*\*|``?)(\S(?:.*?\S)?)\1", r"\2", plain)
        whole = plain.endswith((".", "!", "?")) and len(plain) >= _PROSE_MIN
        if whole and not _ODD.search(plain):
            yield plain


def _functions(source: str) -> Iterator[str]:
    """Functions and methods as they stand, without what is around them."""
    lines = source.split("\n")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            yield dedent("\n".join(lines[node.lineno - 1 : node.end_lineno])).rstrip()
