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
from booktune_assets.books.mdtables import add_tables
from booktune_assets.books.mdtext import first_line, lead_of, plain
from booktune_assets.books.roles import is_label_word

__all__ = ["alert_of", "callout_fence", "is_callout", "parser", "said_by", "titled_alert"]

_NAMES = (
    r"note|tip|hint|info|information|warning|caution|important|danger|attention|error|neutral"
    r"|success|question|example|admonition|seealso|sidebar|advanced|aside|blurb"
)
_FENCE = re.compile(rf"(?:[\w.-]+/)?\{{?:?(?P<name>{_NAMES})\}}?(?:\s+(?P<title>.*))?", re.I)
_ALERT = re.compile(r"\s*\[![a-z][\w|-]*\][+-]?\s*", re.I)  # any name: Obsidian takes them all
_ALARMS = ("\u26a0", "\u2139", "\u2757", "\U0001f4a1", "\U0001f6a8")  # warning, info, idea …


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


def alert_of(text: str) -> str | None:
    """The mark that makes a quotation an alert (``[!NOTE]``), as it stands there."""
    match = _ALERT.match(text)
    return match.group() if match else None


def titled_alert(token: Any) -> tuple[Any, Any] | None:
    """The line of an alert's mark that goes on with a title, and the lines below it."""
    mark = alert_of(plain(token))
    lines = first_line(token) if mark else None
    return lines if mark and lines and plain(lines[0])[len(mark.rstrip()) :].strip() else None


def is_callout(tokens: Sequence[Any], position: int) -> bool:
    """Whether a quotation begins with an alert's mark, a label, or the title of a box (ExDoc)."""
    first = tokens[position + 1] if position + 1 < len(tokens) else None
    if first is None:
        return False
    if first.type == "heading_open":
        return True
    if first.type != "paragraph_open":
        return False
    text = plain(tokens[position + 2])
    if alert_of(text) is not None or is_label_word(text.partition(":")[0]):
        return True
    if text.startswith(_ALARMS):
        return True
    words = lead_of(tokens[position + 2]).split(" ")  # "Note", "Important note:"
    return len(words) < 3 and is_label_word(words[-1])


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
