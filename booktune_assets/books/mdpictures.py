"""Pictures in the Markdown of one paragraph, as its author wrote it.

Belongs here: finding them, other words for them. Does not: which picture of the book each is
(``inpictures.py``), the rest of the paragraph (``mdsource.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["pictures_in", "with_pictures"]

_PICTURE = re.compile(  # or what only looks like one: code, and what a backslash makes plain
    r"(?<!`)(?P<quotes>`+)(?!`).+?(?<!`)(?P=quotes)(?!`)|\\."
    r"|(?P<whole>!\[(?P<alt>(?:\\.|[^\[\]\\`])*)\](?P<tail>\(\s*(?:<[^<>\n]*>|[^\s()<>]*)"
    r"(?:\s+(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'))?\s*\)|\[[^\[\]]*\]|))",
    re.S,
)


def pictures_in(source: str) -> list[tuple[str, str]]:
    """The pictures that a paragraph's Markdown shows: the words of each, and all that it says."""
    return [(one["alt"], one["whole"]) for one in _PICTURE.finditer(source) if one["whole"]]


def with_pictures(source: str, told: Iterable[str]) -> str:
    """A paragraph's Markdown with other words for each of its pictures."""
    words = iter(told)
    return _PICTURE.sub(lambda one: next(words) if one["whole"] else one[0], source)
