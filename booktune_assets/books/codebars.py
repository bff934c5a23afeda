"""Bars that a web page sets at listings: "Copy", the language, the file.

Belongs here: which elements are such bars, and what they say. Does not: PDF (``beside.py
badges.py``), order (``walker.py``).

All words of a bar are labels, and it touches a listing. The name of a language alone is a label
where its element is no paragraph or is named one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from booktune_assets.books.elements import BREAKS, DROPPED, classes_of, everything, tag_of
from booktune_assets.books.lang import is_language

__all__ = ["Bar", "bar_of", "is_inner_bar"]

_COPY = re.compile(
    r"(?:copy|copied!?|explain|explain with ai|run|run code|edit|download|expand|collapse|wrap"
    r"|toggle (?:word )?wrap|view raw|raw|open in (?:livebook|playground|new tab)"
    r"|copy (?:code|snippet|(?:code )?to (?:the )?clipboard|as markdown)|click to copy)[.!]?",
    re.I,
)
_SURE = re.compile(r"\bcop(?:y|ied)\b|clipboard", re.I)
_FILE = re.compile(r"(?:[\w.@~+-]*[\\/])*[\w.@+-]*\w\.[A-Za-z]\w{0,5}")
_NAMED = re.compile(
    r"(?:[a-z0-9]+[-_])*(?:code|lang(?:uage)?|highlight|hljs|snippet|listing|source|tool-?bar"
    r"|file-?(?:name|type))(?:[-_]?(?:head(?:er)?|bar|tools?|title|name|label|lang(?:uage)?|tag|badge"
    r"|info|type|top|meta))*"
)
_LANGUAGE = re.compile(
    r"(?:[a-z0-9]+[-_])*(?:lang(?:uage)?|file-?type)(?:[-_]?(?:id|name|label|tag|badge|info|type))*"
)
_LONG = 160  # characters and elements
_MORE = frozenset(
    {"pre", "code", "table", "p", "img", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"}
)
_PARTS_MAX = 8
_BARE_MAX = 20  # empty elements between a bar and its listing
_AROUND = 3  # boxes around a bar
_TAGS = frozenset({"div", "p", "span", "header", "figcaption", "section", "a", "ul", "small", "b",
                   "strong", "em", "i", "footer"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bar:
    """What a bar says: a language, or none, and files; ``above``: its listing comes next."""

    lang: str
    files: tuple[str, ...]
    above: bool


def bar_of(element: Any, listing: Callable[[Any], bool]) -> Bar | None:
    """What the bar says that an element is; ``listing`` tells whether another one is code."""
    tag = tag_of(element)
    if tag not in _TAGS or (tag not in BREAKS and not _stands_alone(element)):
        return None
    if (inner := _inner(element)) is None:
        return None
    words = [part.strip() for part in inner if part.strip()]
    if not 0 < len(words) <= _PARTS_MAX:
        return None
    whole = " ".join(" ".join(words).split())
    copies = [word for word in words if _COPY.fullmatch(word)]
    if not copies and _COPY.fullmatch(whole):
        copies = words
    langs = [word for word in words if word not in copies and is_language(word)]
    files = [word for word in words if word not in copies + langs and _FILE.fullmatch(word)]
    if len(copies) + len(langs) + len(files) < len(words) or not copies + langs:
        return None
    sure = any(_SURE.search(word) for word in [whole, *copies]) if copies else False
    if not (sure or _is_label(element, tag)):
        return None
    above = _next_is(element, True, listing)
    if not above and not _next_is(element, False, listing):
        return None
    return Bar(langs[0].lower() if len(langs) == 1 else "", tuple(files), above)


def is_inner_bar(element: Any) -> bool:
    """Whether an element within a listing, before its code or behind, is no line of it."""
    before, after = element.getprevious(), element.getnext()
    parent = element.getparent()
    first = before is None and parent is not None and not (parent.text or "").strip()
    last = after is None and not (element.tail or "").strip()
    if not (first or last) or (inner := _inner(element)) is None:
        return False
    words = [part.strip() for part in inner if part.strip()]
    if not 0 < len(words) <= _PARTS_MAX:
        return False
    if all(_COPY.fullmatch(word) or is_language(word) for word in words):
        named = any(_LANGUAGE.fullmatch(word) for word in classes_of(element))
        copy = any(_SURE.search(word) for word in words) and tag_of(element) in ("div", "span", "a")
        return (copy or (named and len(words) == 1)) and tag_of(element) != "code"
    return False


def _inner(element: Any) -> list[str] | None:
    """The pieces of text in an element; None where it holds more than a bar does."""
    pieces: list[str] = []
    room = _LONG
    waiting = [(element, False)]  # with whether a button is around
    while waiting:
        one, unread = waiting.pop()
        tag = tag_of(one)
        if tag in _MORE and one is not element:
            return None
        unread = unread or tag in DROPPED
        said = [] if unread or not tag else [one.text]
        said += [child.tail for child in one] if not unread else []
        pieces += [str(text) for text in said if text]
        room -= 1 + sum(len(text) for text in (one.text, one.tail) if text and one is not element)
        if room - len(one.text or "") < 0:
            return None
        waiting += [(child, unread) for child in reversed(one)]
    return pieces


def _is_label(element: Any, tag: str) -> bool:
    near = [element]
    if (parent := element.getparent()) is not None and tag != "p":
        near.append(parent)
    if any(_NAMED.fullmatch(word) for one in near for word in classes_of(one)):
        return True
    return any(tag_of(one) == "button" for one in element.iter())


def _stands_alone(element: Any) -> bool:
    """Whether an inline element is no word of a paragraph."""
    parent = element.getparent()
    holds = parent is not None and tag_of(parent) in ("div", "figure", "section", "body", "header")
    return holds and not (element.tail or "").strip()


def _next_is(element: Any, forward: bool, listing: Callable[[Any], bool]) -> bool:
    """Whether what comes next, out of the boxes that an element ends, begins with a listing."""
    one = element
    for _ in range(_AROUND):
        if forward and (one.tail or "").strip():
            return False
        other = one.getnext() if forward else one.getprevious()
        for _ in range(_BARE_MAX):
            if other is None or (tag_of(other) and not _bare(other)):
                break
            if (other.tail or "").strip():
                return False
            other = other.getnext() if forward else other.getprevious()
        if other is not None:
            return not (not forward and (other.tail or "").strip()) and _ends(
                other, forward, listing
            )
        one = one.getparent()
        if one is None or tag_of(one) in ("body", "html"):
            return False
        if not forward and (one.text or "").strip():
            return False
    return False


def _bare(element: Any) -> bool:
    return not everything(element).strip() and tag_of(element) not in ("img", "pre", "hr")


def _ends(element: Any, forward: bool, listing: Callable[[Any], bool]) -> bool:
    """Whether an element is a listing, or begins (ends) with one."""
    for _ in range(_AROUND):
        if listing(element):
            return True
        parts = [one for one in element if tag_of(one) and not _bare(one)]
        if not parts or tag_of(element) in ("p", "table", "ul", "ol"):
            return False
        if forward and (element.text or "").strip():
            return False
        element = parts[0 if forward else -1]
    return False
