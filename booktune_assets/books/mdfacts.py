"""The facts at the top of a Markdown file: front matter in YAML or TOML, and what it says.

Belongs here: finding and reading it. Does not: the text below it (``mdparser.py markdown.py``).
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from booktune_assets.books.blocks import printable

__all__ = ["fact", "front_matter", "names_in"]

_HEAD_LINES = 400
_TITLE_LINES = 8


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The facts between two ``---`` (YAML) or ``+++`` (TOML) at the very top, and the rest.

    The rest keeps its line numbers. What is no front matter is left in the text.
    """
    lines = text.split("\n", _HEAD_LINES)
    mark = lines[0].strip()
    if lines[0].startswith("% "):
        return _titled(lines)
    if mark not in ("---", "+++"):
        return {}, text
    ends = ("---", "...") if mark == "---" else ("+++",)
    head = lines[1:_HEAD_LINES]
    end = next((n for n, line in enumerate(head, 1) if line.strip() in ends), None)
    if end is None:
        return {}, text
    facts = _facts("\n".join(lines[1:end]), mark)
    if facts is None:
        return {}, text
    return facts, "\n".join([""] * (end + 1) + lines[end + 1 :])


def _titled(lines: list[str]) -> tuple[dict[str, Any], str]:
    """Pandoc's title block: lines that begin with a per cent sign, title, authors and date."""
    end = next((n for n, line in enumerate(lines) if line[:1] not in ("%", " ")), len(lines))
    if not 0 < end <= _TITLE_LINES or (end < len(lines) and lines[end].strip()):
        return {}, "\n".join(lines)
    said = [one.strip() for one in re.split(r"^%", "\n".join(lines[:end]), flags=re.M)[1:]]
    names = ("title", "author", "date")
    facts: dict[str, Any] = {
        name: " ".join(one.split()) for name, one in zip(names, said, strict=False)
    }
    facts["author"] = re.split(r"\s*[;\n]\s*", said[1]) if len(said) > 1 else []
    return facts, "\n".join([""] * end + lines[end:])


def _facts(text: str, mark: str) -> dict[str, Any] | None:
    """Keys in small letters; None when it is not a table of facts (a rule above a paragraph)."""
    import yaml

    if "&" in text and "*" in text and mark == "---":  # anchors may multiply
        return {}
    try:
        found: Any = tomllib.loads(text) if mark == "+++" else yaml.safe_load(text)
    except (tomllib.TOMLDecodeError, yaml.YAMLError, ValueError, RecursionError):
        found = _lines(text) or None
    if found is None and not text.strip():
        return {}
    return (
        {str(key).lower(): value for key, value in found.items()}
        if isinstance(found, dict)
        else None
    )


def _lines(text: str) -> dict[str, str]:
    """Simple ``key: value`` lines, where YAML is broken."""
    facts: dict[str, str] = {}
    for line in text.split("\n"):
        key, colon, value = line.partition(":")
        if colon and key.strip() and key == key.strip() and value.strip():
            facts[key] = value.strip().strip("\"'")
    return facts


def fact(facts: dict[str, Any], *names: str) -> str:
    """What the front matter says under one of these names; empty where it says nothing."""
    found = next((facts[name] for name in names if facts.get(name)), "")
    return printable([str(found)]) if isinstance(found, str | int | float) else ""


def names_in(said: Any) -> list[str]:
    """Authors: a list, names parted by commas, or records with a name."""
    if isinstance(said, str):
        said = said.strip("[]").split(",")
    found: list[Any] = said if isinstance(said, list) else []
    names = [one.get("name") if isinstance(one, dict) else one for one in found]
    return [printable([one.strip()]) for one in names if isinstance(one, str) and one.strip()]
