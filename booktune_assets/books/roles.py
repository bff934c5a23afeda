"""What blocks of (X)HTML are for: notes, callouts, captions, titles, front pages.

Belongs here: the names that publishers and converters give to them. Does not: code
(``codetags.py``), marks inside of a line (``printmarks.py``), order (``walker.py``).
"""

from __future__ import annotations

import re
from typing import Any

from booktune_assets.books.elements import BREAKS, classes_of, everything, tag_of, types_of
from booktune_assets.books.listed import REMARKS, index_level

__all__ = [
    "front_kind", "is_contents", "is_for_readers", "is_label_word", "kind_of", "rank_of",
    "title_level", "titles_something",
]  # fmt: skip

_NOTES = frozenset({
    "footnote", "footnotes", "endnote", "endnotes", "rearnote", "rearnotes", "doc-footnote",
    "doc-endnote", "doc-endnotes",
})  # fmt: skip
_ALOUD = frozenset({"screen-reader-only", "sr-only", "visually-hidden", "screen-reader-text",
                    "visuallyhidden", "screenreader-only"})  # fmt: skip
_NOTE_CLASS = re.compile(
    r"(?:[a-z0-9]+[-_])*(?:mso)?(?:foot-?|end-?|ft)notes?(?:[-_]?(?:text|body|entry|item|para|list|def|block"
    r"|content|p|\d+))*|fnote"
)
_ADVICE = frozenset({
    "note", "tip", "warning", "caution", "important", "sidebar", "notice", "help", "doc-tip",
    "doc-notice", "doc-pullquote",
})  # fmt: skip
_CALLOUT = re.compile(
    r"(?:[a-z0-9]+[-_])*(?:rmd)?(?:admonition(?:block)?|callout|note|tip|warning|caution|important|sidebar"
    r"(?:block)?|info(?:rmation)?|hint|danger|attention|neutral|error|blurb|aside|(?:tip|note|info)box)"
    r"(?:[-_][a-z0-9]+)*\d*"
)
_LISTED = re.compile(  # items of word processors and desktop publishers
    r"(?:[a-z0-9]+[-_])*(?:mso)?(?:(?:bullet(?:ed)?|num(?:ber(?:ed)?)?|(?:un)?ordered)[-_]?"
    r"(?:list|item|para(?:graph)?)|list[-_]?(?:paragraph|para|item|bullet|number))"
    r"(?:cxsp\w+|[-_]?(?:first|mid(?:dle)?|last|end|only|\d+))*"
)
_CAPTION = re.compile(
    r"livecodelozenge|(?:[a-z0-9]+[-_])*(?:fig)?caption(?:[-_]?(?:text|title|first|\d+))*"
    r"|(?:[a-z0-9]+[-_])*(?:figure|fig|listing|table|code|example|image)[-_]?(?:title|head(?:ing)?|label)\d*"
)
_TITLED = frozenset({
    "figure", "example", "table", "listing", "informalfigure", "listingblock", "imageblock",
    "exampleblock", "literalblock", "tableblock", "equation", "procedure", "listing-container",
    "figure-container", "code-block",
})  # fmt: skip
_NUMBERED = re.compile(
    r"(?:figure|fig\.|listing|table|example|program|snippet)\s+(?:[A-Z]|\d+)(?:[.\u2013-]\d+)*\b",
    re.I,
)
_SHOWN = frozenset({"pre", "table", "img", "figure", "svg"})
_TITLE = re.compile(
    r"(?:[a-z0-9]+[-_]+)*(?:(?P<word>part|chapter|chap|appendix|subsubsection|subsection|section|sect)"
    r"[-_]?(?P<depth>\d)?[-_]?(?:title|head|heading|name|number|num|no|label)"
    r"|(?:heading|head|h)[-_]*(?P<rank>[1-6])|(?P<letter>[a-d])[-_]?head|(?P<sub>(?:sub-?)+)head(?:ing)?)"
    r"(?:[-_]+[a-z0-9]+)*"
)
_WORDS = {"part": 0, "chapter": 1, "chap": 1, "appendix": 1, "section": 2, "sect": 2,
          "subsection": 3, "subsubsection": 4}  # fmt: skip
_RANKS = {
    "part": 0, "doc-part": 0, **{f"sect{n}": n + 1 for n in range(1, 6)},
    **dict.fromkeys((
        "chapter", "appendix", "preface", "foreword", "introduction", "afterword", "epilogue",
        "prologue", "glossary", "index", "bibliography", "conclusion", "doc-chapter",
        "doc-appendix", "doc-preface", "doc-foreword", "doc-introduction", "doc-afterword",
        "doc-epilogue", "doc-prologue", "doc-glossary", "doc-index", "doc-bibliography",
        "doc-conclusion",
    ), 1),
}  # fmt: skip
_RANK_CLASSES = frozenset(
    {"part", "chapter", "appendix", "preface", *(f"sect{n}" for n in range(1, 6))}
)
_FRONT = {
    "cover": "title_page", "doc-cover": "title_page", "titlepage": "title_page",
    "title-page": "title_page", "halftitlepage": "title_page", "half-title": "title_page",
    "halftitle": "title_page", "toc": "contents", "doc-toc": "contents", "landmarks": "contents",
    "loi": "contents", "lot": "contents", "page-list": "contents", "doc-pagelist": "contents",
}  # fmt: skip
_CONTENTS = frozenset({"toc", "minitoc", "table-of-contents", "chapter-toc", "local-toc",
                       "contents", "toclist", "toc-list"})  # fmt: skip
_LABELS = frozenset({
    "note", "tip", "warning", "caution", "important", "info", "information", "hint", "danger",
    "attention", "error", "sidebar",
})  # fmt: skip


def kind_of(element: Any, tag: str, inside: str) -> str | None:
    """The kind of the blocks in an element, None where it says nothing.

    ``inside`` is the kind around.
    An item of a list of footnotes is a footnote.
    """
    words, types = classes_of(element), types_of(element)
    if types & _NOTES or element.get("id") == "footnotes" or any(
        _NOTE_CLASS.fullmatch(word) for word in words
    ):  # fmt: skip
        return "footnote"
    if tag in ("figcaption", "caption") or any(_CAPTION.fullmatch(word) for word in words):
        return "caption"
    if tag in ("p", "div") and "title" in words and titles_something(element):
        return "caption"
    if tag in ("li", "dt", "dd") or REMARKS & set(words):
        return inside if inside == "footnote" else "list"
    listed = index_level(element, tag) or any(_LISTED.fullmatch(word) for word in words)
    if listed and _is_line(element, tag):
        return inside if inside == "footnote" else "list"
    if tag == "aside" or types & _ADVICE:
        return "callout"
    callout = tag in ("div", "section", "blockquote", "p", "table", "details")
    return "callout" if callout and any(_CALLOUT.fullmatch(word) for word in words) else None


def _is_line(element: Any, tag: str) -> bool:
    """Whether a paragraph holds no blocks of its own."""
    inner = (tag_of(one) in BREAKS for one in element.iterdescendants())
    return tag in ("p", "div") and not any(inner)


def is_for_readers(element: Any) -> bool:
    """Whether an element is there to be read aloud, or says "Footnotes" above them."""
    words = classes_of(element)
    if any(word in _ALOUD for word in words):
        return True
    return "rubric" in words and everything(element).strip().lower() in ("footnotes", "notes")


def titles_something(element: Any) -> bool:
    """Whether a title is that of a figure, a listing, a table: what it says or what holds it."""
    if _NUMBERED.match(" ".join(everything(element).split())):
        heading = tag_of(element)[:1] == "h" and tag_of(element)[1:].isdigit()
        above, below = element.getprevious(), element.getnext()
        return not heading or _shows(below, _SHOWN) or _shows(above, _SHOWN - {"pre"})
    near = element.getparent()
    for _ in range(2):
        if near is None:
            return False
        if tag_of(near) == "figure" or _TITLED & (set(classes_of(near)) | types_of(near)):
            return True
        near = near.getparent()
    return False


def _shows(element: Any, tags: frozenset[str]) -> bool:
    """Whether an element beside a numbered title is what it numbers."""
    if element is None or not tag_of(element):
        return False
    return any(tag_of(one) in tags for one in element.iter())


def title_level(element: Any) -> int | None:
    """The level that the classes of a paragraph give it as a heading; None for text."""
    for word in classes_of(element):
        match = _TITLE.fullmatch(word)
        if match is None:
            continue
        if match["word"]:
            return int(match["depth"]) + 1 if match["depth"] else _WORDS[match["word"]]
        if match["rank"]:
            return int(match["rank"])
        return (
            "abcd".index(match["letter"]) + 2
            if match["letter"]
            else 1 + match["sub"].count("sub") + 1
        )
    return None


def rank_of(element: Any) -> int | None:
    """The level of the heading that opens an element: 0 part, 1 chapter; None for no section."""
    if tag_of(element) not in ("section", "div", "body", "article", "header"):
        return None
    names = types_of(element) | (_RANK_CLASSES & set(classes_of(element)))
    return min((_RANKS[name] for name in names if name in _RANKS), default=None)


def front_kind(body: Any) -> str | None:
    """Why a whole document is no text of the book: it is typed as a cover, or contents, or so."""
    tops = [body, *[one for one in body if tag_of(one)]]
    if len(tops) > 2:
        tops = tops[:1]
    for one in tops:
        for name in types_of(one) | ({"titlepage", "cover"} & set(classes_of(one))):
            if name in _FRONT:
                return _FRONT[name]
    return None


def is_contents(element: Any) -> bool:
    """Whether an element is a list of links to headings and says so."""
    return (
        bool(_CONTENTS & (set(classes_of(element)) | types_of(element))) and linked(element) > 0.7
    )


def linked(element: Any) -> float:
    """The share of the characters of an element that are links."""
    whole = len("".join(everything(element).split()))
    links = [one for one in element.iter() if tag_of(one) == "a" and one.get("href")]
    return sum(len("".join(everything(one).split())) for one in links) / whole if whole else 0.0


def is_label_word(text: str) -> bool:
    """Whether a callout's line only names its kind."""
    return text.strip(" :.!\u00a0").lower() in _LABELS
