"""A block as a record: the small form that ``booktune read`` writes and scorers read.

Belongs here: what a record says. Does not: files and the command line (``cli/reading.py``).
"""

from __future__ import annotations

from typing import Any

from booktune_assets.books.blocks import CODE_KINDS

__all__ = ["SILENT", "record_of"]

SILENT = frozenset({"figure", "running_head"})  # words that are no text of the book
_LANGUAGES = {"iex": "elixir", "erl_shell": "erlang", "output": ""}  # what is typed there


def record_of(kind: str, level: int | None, lang: str, text: str) -> dict[str, Any]:
    """A block in the four kinds of a record: heading, code, prose, table."""
    shown = kind if kind in ("heading", "table") else "prose"
    return {
        "kind": "code" if kind in CODE_KINDS else shown,
        "level": level if kind == "heading" else None,
        "lang": _LANGUAGES.get(lang, lang),
        "class": kind if kind in ("iex", "erl_shell", "output") else lang,
        "role": kind,
        "text": text,
    }
