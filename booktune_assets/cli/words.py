"""What every verb prints with: safe words, tables, JSON, error lines.

Belongs here: turning values into lines that survive any terminal. Does not: what is said.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from booktune_assets.errors import BookError, BooktuneError, Code, ServiceDown

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "clean", "console", "exit_code", "refuse_book", "refuse_folder", "say_error", "say_json",
    "say_table",
]  # fmt: skip

FINE, PROBLEMS, WRONG_USE, DOWN = 0, 1, 2, 3
STOPPED = 130  # by Ctrl-C: what shells say of a program that SIGINT ended
_USE = frozenset(
    {
        Code.BAD_SETTING, Code.UNKNOWN_BOOK, Code.UNKNOWN_PAGE, Code.UNKNOWN_ASSET,
        Code.UNKNOWN_EXAMPLE, Code.NOT_A_FILE,
    }
)  # fmt: skip
_STYLES = {
    "current": "green", "ok": "green", "made": "green", "reused": "green",
    "stale": "yellow", "interrupted": "yellow", "blocked": "yellow", "warn": "yellow",
    "failed": "bold red", "problem": "bold red", "missing": "dim", "gone": "yellow",
}  # fmt: skip


def refuse_folder(name: str) -> None:
    """Raises ``NOT_A_FILE`` for a path of a folder where a book's key or file is wanted."""
    if os.sep in name and Path(name).exists() and not Path(name).is_file():
        raise BookError(Code.NOT_A_FILE, "Name a book file, or a key of the shelf", path=name)


def refuse_book(out: Path, book: Path, option: str) -> None:
    """A usage error where what is to be written is the book that is read."""
    if str(out) != "-" and out.exists() and book.exists() and out.samefile(book):
        words = f"{clean(out)} is the book itself; choose another name with {option}."
        raise click.UsageError(words)


def clean(value: object) -> str:
    """One printable line: control characters and lone surrogates are shown as escapes."""
    text = str(value)
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def exit_code(problem: BooktuneError) -> int:
    """3 for a service, 2 for wrong use, 1 for everything else."""
    if isinstance(problem, ServiceDown):
        return DOWN
    return WRONG_USE if problem.code in _USE else PROBLEMS


def console(*, errors: bool = False) -> Console:
    """A console that wraps at the terminal's width and never cuts when piped."""
    from rich.console import Console

    stream = sys.stderr if errors else sys.stdout
    width = None if stream.isatty() else 200
    return Console(stderr=errors, width=width, highlight=False, soft_wrap=False)


def say_error(problem: BooktuneError) -> None:
    """``CODE: what happened [where]. Remedy`` on one line of stderr."""
    click.echo(clean(" ".join(str(problem).split("\n"))), err=True)


def say_json(value: object) -> None:
    """One JSON document; dataclasses as objects, paths as text."""
    text = json.dumps(value, ensure_ascii=False, indent=1, default=_plain)
    click.echo(text.encode("utf-8", "backslashreplace").decode())


def say_table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[str] = ()
) -> None:
    """A table without frames; state words are coloured on a terminal."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        cells = [clean("" if cell is None else cell) for cell in row]
        table.add_row(*(Text(cell, style=_STYLES.get(cell.split(" ")[0], "")) for cell in cells))
    console().print(table)


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)  # pyright: ignore[reportUnknownArgumentType]
    return str(value) if isinstance(value, Path) else repr(value)
