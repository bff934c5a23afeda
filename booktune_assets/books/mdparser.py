"""The parser of Markdown: CommonMark with what book authors use beside it.

Belongs here: which syntax is known (tables, footnotes, definition lists, containers, admonitions),
names of callouts. Does not: the facts at the top of a file (``mdfacts.py``), tokens to blocks
(``markdown.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from booktune_assets.books.mddialects import add_dialects
from booktune_assets.books.mddirectives import texts_of
from booktune_assets.books.mdinline import add_inline_marks
from booktune_assets.books.mdtables import add_tables

__all__ = ["callout_fence", "parser", "said_by"]

_NAMES = (
    r"note|tip|hint|info|information|warning|caution|important|danger|attention|error|neutral"
    r"|success|question|example|admonition|seealso|sidebar|advanced|aside|blurb|exercise|solution"
    r"|dropdown|details|margin|topic|epigraph|card|tab-item|todo|versionadded|versionchanged"
    r"|deprecated|theorem|lemma|definition|proof|remark|property|proposition|algorithm|corollary"
)
_FENCE = re.compile(
    rf"(?:[\w.-]+/)?\{{?:?(?:prf:)?(?P<name>{_NAMES})\}}?(?:\s+(?P<title>.*))?", re.I
)
_MARKED = re.compile(r"\s*(?P<marker>[:~]\s+)")  # of a definition
_SETS = {"exercise": "Exercise", "solution": "Solution"}


def parser() -> Any:
    """A Markdown parser. Footnotes stay where they are written, whether or not they are used."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.admon import admon_plugin
    from mdit_py_plugins.container import container_plugin
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    made = MarkdownIt("commonmark", {"store_labels": True}).enable(["table", "strikethrough"])
    made.use(footnote_plugin, inline=True, move_to_end=False, always_match_refs=False)
    made.use(deflist_plugin).use(admon_plugin)
    made.core.ruler.after("block", "deflist_code", _explained_code)
    made.use(container_plugin, "box", validate=_named)
    add_dialects(made)
    add_tables(made)
    add_inline_marks(made)
    return made


def _explained_code(state: Any) -> None:
    """Code in a definition stands below its text; the plugin counts from two columns on."""
    lines: list[str] = state.src.split("\n")
    rooms: list[int] = []
    for token in state.tokens:
        if token.type == "dd_open":
            found = _MARKED.match(lines[token.map[0]]) if token.map else None
            rooms.append(max(0, len(found["marker"].expandtabs(4)) - 2) if found else 0)
        elif token.type == "dd_close":
            rooms.pop()
        elif token.type == "code_block" and rooms and rooms[-1]:
            held = token.content.split("\n")
            if all(not one.strip() or one[: rooms[-1]].isspace() for one in held):
                token.content = "\n".join(one[rooms[-1] :] for one in held)


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
    title, sets = (match["title"] or "").strip(), _SETS.get(match["name"].lower())
    if sets is None or not info.strip().startswith("{"):
        return title
    # what a solution names is the label of its exercise
    return f"{sets}: {title}" if title and sets == "Exercise" else sets


def said_by(tokens: Sequence[Any]) -> Iterator[str]:
    """All that tokens say, whatever becomes of it; HTML gives its own account."""
    for token in tokens:
        held = token.type == "fence" and (  # a text of its own
            callout_fence(token.info) is not None or texts_of(token.info, token.content) is not None
        )
        if (
            token.type in ("fence", "code_block", "text", "text_special", "code_inline")
            and not held
        ):
            yield str(token.content)
        yield from said_by(token.children or ())
