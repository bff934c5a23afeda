"""The parser of Markdown: CommonMark with what book authors use beside it; front matter.

Belongs here: which syntax is known (tables, footnotes, definition lists, containers, admonitions),
names of callouts, the facts at the top of a file. Does not: tokens to blocks (``markdown.py``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

from booktune_assets.books.blocks import printable
from booktune_assets.books.mddialects import add_dialects
from booktune_assets.books.mdtables import add_tables

__all__ = ["callout_fence", "fact", "front_matter", "names_in", "parser", "said_by"]

_NAMES = (
    r"note|tip|hint|info|information|warning|caution|important|danger|attention|error|neutral"
    r"|success|question|example|admonition|seealso|sidebar|advanced|aside|blurb"
)
_FENCE = re.compile(rf"(?:[\w.-]+/)?\{{?:?(?P<name>{_NAMES})\}}?(?:\s+(?P<title>.*))?", re.I)
_HEAD_LINES = 400


def parser() -> Any:
    """A Markdown parser. Footnotes stay where they are written, whether or not they are used."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.admon import admon_plugin
    from mdit_py_plugins.container import container_plugin
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    made = MarkdownIt("commonmark", {"store_labels": True}).enable(["table", "strikethrough"])
    made.use(footnote_plugin, inline=False, move_to_end=False, always_match_refs=False)
    made.use(deflist_plugin).use(admon_plugin)
    made.use(container_plugin, "box", validate=_named)
    add_dialects(made)
    add_tables(made)
    return made


def _named(params: str, *_: object) -> bool:
    """A container that says what it is."""
    return bool(params.strip())


def callout_fence(info: str) -> str | None:
    """The title of a fence that holds a callout and no code (``exercism/note``, ``{tip} Title``).

    None for a fence of code; empty without a title. A bare word (``note``) is a language's name.
    """
    match = _FENCE.fullmatch(info.strip())
    if match is None or not ("/" in info or info.strip().startswith("{")):
        return None
    return (match["title"] or "").strip()


def said_by(tokens: Sequence[Any]) -> Iterator[str]:
    """All that tokens say, whatever becomes of it; HTML gives its own account."""
    for token in tokens:
        held = token.type == "fence" and callout_fence(token.info) is not None  # a text of its own
        if (
            token.type in ("fence", "code_block", "text", "text_special", "code_inline")
            and not held
        ):
            yield str(token.content)
        yield from said_by(token.children or ())


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The facts between two ``---`` (YAML) or ``+++`` (TOML) at the very top, and the rest.

    The rest keeps its line numbers. What is no front matter is left in the text.
    """
    lines = text.split("\n", _HEAD_LINES)
    mark = lines[0].strip()
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
