"""Inline tokens of Markdown as text: words, links, images, anchors.

Belongs here: what a paragraph or heading says without its marks. Does not: blocks
(``markdown.py``), which syntax is known (``mdparser.py``).
"""

from __future__ import annotations

import re
import unicodedata
from copy import copy
from typing import Any

from booktune_assets.books.blocks import printable

__all__ = [
    "attributes", "first_line", "ids_of", "lead_of", "linked_text", "only_images", "plain",
    "slug_of",
]  # fmt: skip

_PAIR = r"[\w:-]+=(?:\"[^\"]*\"|'[^']*'|[^\s\"'{}]+)"
_ATTRIBUTES = re.compile(
    rf"\s*(?:[#.][^\s{{}}]+|:\s*(?:[#.][^\s{{}}]+|{_PAIR}))(?:\s+(?:[#.][^\s{{}}]+|{_PAIR}))*\s*\}}"
)
_SIGN = re.compile(r"^(?:\s|:[a-z][\w-]*:|[^\w\s])+")  # an emoji, or its short name


def only_images(token: Any) -> list[Any]:
    """The images of a paragraph that shows pictures and says nothing, else none."""
    inner = [one for one in token.children or () if one.type not in ("link_open", "link_close")]
    inner = [
        one for one in inner
        if one.type not in ("softbreak", "hardbreak")
        and not (one.type == "text" and not one.content.strip())
    ]  # fmt: skip
    return inner if all(one.type == "image" for one in inner) else []


def plain(token: Any) -> str:
    """Text of an inline token without its marks."""
    return linked_text(token)[0]


def linked_text(token: Any) -> tuple[str, list[tuple[int, int, str]]]:
    """Text of an inline token without its marks, and its links as (start, end, href)."""
    out: list[str] = []
    spans: list[tuple[int, int, str]] = []
    opened: list[tuple[int, str]] = []
    for child in token.children or ():
        if child.type == "link_open":
            opened.append((len("".join(out)), str(child.attrGet("href") or "")))
        elif child.type == "link_close" and opened:
            start, href = opened.pop()
            spans.append((start, len("".join(out)), href))
        elif child.type in ("text", "text_special", "code_inline"):
            out.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            out.append(" ")
        elif child.type == "image":
            out.append(plain(child))
        elif child.type == "html_inline" and child.content.lower().startswith("<br"):
            out.append(" ")
    text = "".join(out)
    gone, last = len(text) - len(text.lstrip()), len(text.strip())
    kept = [(max(0, a - gone), min(b - gone, last), href) for a, b, href in spans]
    return text.strip(), [(a, b, href) for a, b, href in kept if a < b and href]


def lead_of(token: Any) -> str:
    """The bold or slanted words that a paragraph begins with, after a sign; else its first line.

    ``**Note** Mind it``, ``:warning: *Careful:* …`` and a line that is nothing but a label.
    """
    found, depth = "", 0
    for child in token.children or ():
        if child.type in ("strong_open", "em_open"):
            if depth == 0 and _SIGN.sub("", found):
                return ""  # words stand before it
            depth += 1
        elif child.type in ("strong_close", "em_close"):
            depth -= 1
            if depth == 0:
                break
        elif child.type in ("softbreak", "hardbreak"):
            break
        else:
            found += str(child.content)
    else:
        return ""  # one line that runs on says nothing by its end
    return _SIGN.sub("", found)


def first_line(token: Any) -> tuple[Any, Any] | None:
    """An inline token parted behind its first line; None where it has but one."""
    children = token.children or []
    breaks = [at for at, one in enumerate(children) if one.type in ("softbreak", "hardbreak")]
    if not breaks:
        return None
    first, rest = copy(token), copy(token)
    first.content, _, rest.content = str(token.content).partition("\n")
    first.children, rest.children = children[: breaks[0]], children[breaks[0] + 1 :]
    return first, rest


def ids_of(markup: str) -> list[str]:
    """Addresses of the anchors in a piece of HTML."""
    from lxml import html

    try:
        root = html.fragment_fromstring(markup, create_parent=True)
    except Exception:
        return []
    found = (one.get("id") or one.get("name") for one in root.iter("*"))
    return [f"#{printable([one])}" for one in found if one]


def attributes(text: str) -> tuple[str, str]:
    """Heading text without a trailing ``{#anchor}``, ``{: .class}`` or ``{-}``, and the anchor.

    ``{:ok, pid}`` is a tuple, and text.
    """
    head, brace, tail = text.rpartition("{")
    bare = head.strip() and tail.strip() in ("-}", "\u2013}")  # Pandoc: has no number
    if brace and (bare or _ATTRIBUTES.fullmatch(tail)):
        anchor = next((word[1:] for word in tail[:-1].split() if word.startswith("#")), "")
        return head.strip(), anchor
    return text, ""


def slug_of(text: str) -> str:
    """GitHub's anchor of a heading."""
    kept = [
        char for char in text.strip().lower()
        if char in " -_" or unicodedata.category(char)[:1] in "LN" or unicodedata.combining(char)
    ]  # fmt: skip
    return "".join(kept).replace(" ", "-") or "section"
