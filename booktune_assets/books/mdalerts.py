"""Quotations of Markdown that are boxes: alerts of GitHub, callouts of Obsidian, labels, ExDoc's.

Belongs here: telling them, and their titles. Does not: containers and admonitions
(``mdparser.py``), what becomes of the text (``markdown.py``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from booktune_assets.books.mdtext import first_line, lead_of, plain
from booktune_assets.books.roles import is_label_word
from booktune_assets.books.taskboxes import sets_task

__all__ = ["alert_of", "is_callout", "titled_alert"]

_ALERT = re.compile(r"\s*\[![a-z][\w|-]*\][+-]?\s*", re.I)  # any name: Obsidian takes them all
_ALARMS = ("\u26a0", "\u2139", "\u2757", "\U0001f4a1", "\U0001f6a8")  # warning, info, idea …


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
    """Whether a quotation begins with an alert's mark, a label, or the title of a box."""
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
    if text.startswith(_ALARMS) or sets_task(text):
        return True
    words = lead_of(tokens[position + 2]).split(" ")  # "Note", "Important note:"
    return len(words) < 3 and is_label_word(words[-1])
