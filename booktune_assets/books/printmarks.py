"""Marks of a printer in a line of (X)HTML: numbers of notes, lines and pages, signs beside code.

Belongs here: which elements are such marks, and text without them. Does not: whole blocks
(``roles.py``), numbers that a table sets beside code (``codetags.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from booktune_assets.books.elements import DROPPED, classes_of, everything, tag_of, types_of

__all__ = [
    "is_code_mark", "is_gutter", "is_inline_note", "is_mark", "noted", "text_of",
    "title_of", "unread",
]  # fmt: skip

_GUTTER = frozenset({
    "lineno", "linenos", "line-no", "line-number", "line-numbers", "linenumber", "linenumbers",
    "line-num", "linenum", "linenums", "ln", "lnt", "gutter", "rouge-gutter", "blob-num",
    "codeinfo", "linenodiv", "pagenum", "pageno", "page-num", "page-number",
    "hljs-ln-n", "hljs-ln-numbers", "code-line-number", "code-linenum",
})  # fmt: skip
_WORD = re.compile(r"(?![ivxlc]+\b)[^\W\d_]{2,}")
_NAMES_OF_MARKS = frozenset({"note", "footnote", "endnote", "fn", "en", "ref"})
_HOLDERS = frozenset({"pre", "code", "div", "table", "tbody", "figure", "section", "ul"})
_PAGES = frozenset({"pagenum", "pageno", "page-num", "page-number"})
_CODE_MARKS = frozenset({
    "co", "conum", "callout-number", "calloutnumber", "code-callout", "codeannotation",
    "annotation", "code-annotation", "codeannotationmarker", "fm-combinumeral",
    "combinumeral", "cueball",
})  # fmt: skip
_CODE_MARK = re.compile(
    r"[\s(<\[#]*(?:\d{1,2}|[A-Z]|[\u2460-\u2473\u2776-\u2793\u24eb-\u24f4])?[)>\]\s]*"
)
_AGAIN = re.compile(r"\(\d{1,3}\)")
_INLINE_NOTE = re.compile(r"(?:inline-?)?(?:foot-?note|side-?note|margin-?note|fn)(?:-?text)?")
_MARK = 8  # characters of the mark of a note, at most
_NOTE_TYPES = frozenset({"noteref", "backlink", "pagebreak", "doc-noteref", "doc-backlink",
                         "doc-pagebreak"})  # fmt: skip
_REF_CLASSES = re.compile(
    r"(?:foot|end)?-?note-?(?:ref|reference|call|marker|mark|anchor)s?|footnote|noteref|fn-?ref"
    r"|fnmark|header-?link|anchor-?link|heading-?anchor|super-?note|(?:reverse|back)-?(?:foot)?-?(?:note|link|ref)|footnote-?back(?:ref|link)?"
)
_NOTE_TARGET = re.compile(r"(?:^|[^a-z])(?:fn|ftn|(?:foot|end)?note)[-_.:]?(?:ref)?[-_.:]?\d", re.I)
_MARKLIKE = re.compile(
    r"[\[(]?(?:\d{1,3}|[a-z]|[ivx]{1,5}|[*\u2020\u2021\u00a7\u00b6#]{1,4})[\])]?\.?"
)
_NAMED_MARK = re.compile(r"[\[(]?(?:foot|end)?note\s+(?:\d{1,3}|[a-z])[\])]?\.?", re.I)
_PROMPTS = frozenset({"jp-inputprompt", "jp-outputprompt", "input_prompt", "output_prompt",
                      "prompt", "cell-prompt"})  # fmt: skip
_CELL = re.compile(r"(?:(?:in|out)\s*)?\[\s*[\d*]{0,4}\s*\]:?", re.I)
_STARS = re.compile(r"[*\u2020\u2021]{1,4}")  # what is linked and no word
_COUNT = re.compile(r"(?:(?:chapter|part|lesson|unit|day)\s+)?\d{1,3}(?:\.\d{1,3})*", re.I)
_ANCHORS = frozenset({"#", "\u00b6", "\u00a7", "\U0001f517", "\u2693"})
_ARROWS = re.compile(
    r"[\s\u21a9\u21a5\u2191\u2b06\u2934^\ufe0e\ufe0f\u00a0]+|\[?(?:back|return)\]?", re.I
)


def text_of(element: Any, breaks: str = " ") -> str:
    """All text below an element but marks and scripts."""
    out: list[str] = [element.text or ""]
    for child in element:
        tag = tag_of(child)
        if tag == "br":
            out.append(breaks)
        if tag and tag not in DROPPED and not is_mark(child):
            out.append(text_of(child, breaks))
        out.append(child.tail or "")
    return "".join(out)


def title_of(element: Any) -> str:
    """The words of a heading; a number that stands in an element of its own is a word."""
    whole = element.text or ""
    for child in element:
        tag = tag_of(child)
        if tag == "br":
            whole += " "
        if tag and tag not in DROPPED and not is_mark(child):
            said = text_of(child)
            parted = _COUNT.fullmatch(whole.strip()) and whole[-1:].isdigit()
            whole += f" {said}" if parted and len(said) > 1 and said[:2].isalpha() else said
        whole += child.tail or ""
    return whole


def unread(element: Any) -> Iterator[str]:
    """The texts below an element that :func:`text_of` leaves out."""
    for child in element:
        tag = tag_of(child)
        if tag and (tag in DROPPED or is_mark(child)):
            yield everything(child)
        elif tag:
            yield from unread(child)


def is_mark(element: Any) -> bool:
    """Line numbers, printed page numbers, and the marks of notes and where they lead back."""
    if tag_of(element) == "ol":  # numbers its lines and holds them
        return False
    types = types_of(element) & _NOTE_TYPES
    if types or _PAGES & set(classes_of(element)):
        return not _is_noted_words(element)
    if _GUTTER & set(classes_of(element)):  # Prism names so what it numbers, too
        return tag_of(element) not in _HOLDERS or not _holds_words(element)
    if _PROMPTS & set(classes_of(element)):  # of a notebook: what counts its cells
        return bool(_CELL.fullmatch("".join(element.itertext()).strip()))
    tag = tag_of(element)
    if tag == "a":
        return _leads_to_note(element)
    if tag in ("sup", "span", "small"):
        inner = [one for one in element if tag_of(one)]
        around = f"{element.text or ''}{''.join(one.tail or '' for one in inner)}".strip(
            " []()\u00a0"
        )
        if len(inner) == 1 and not around and tag_of(inner[0]) == "a":
            raised = tag == "sup" or any(_REF_CLASSES.fullmatch(c) for c in classes_of(element))
            return _leads_to_note(inner[0], raised=raised)
    return False


def _holds_words(element: Any) -> bool:
    """Whether there is more in a column than numbers of lines."""
    words = everything(element).split()
    return any(char.isalpha() for word in words for char in word if word.lower() != "line")


def is_inline_note(element: Any, tag: str) -> bool:
    """Whether the text of a note stands within the paragraph that it belongs to."""
    if tag not in ("span", "small", "label"):
        return False
    noted = types_of(element) & {"footnote", "doc-footnote"} or any(
        _INLINE_NOTE.fullmatch(word) for word in classes_of(element)
    )  # fmt: skip
    return bool(noted) and len(everything(element).strip()) > _MARK


def is_gutter(element: Any) -> bool:
    """Whether a mark counts the lines of a listing, or holds what does."""
    return bool((_GUTTER - _PAGES) & set(classes_of(element)))


def noted(element: Any) -> Iterator[str]:
    """Where the marks of notes in an element lead: addresses as they are written."""
    for link in (one for one in element.iter() if tag_of(one) == "a"):
        text = "".join(link.itertext()).strip()
        named = _is_sign(text) or types_of(link) & {"noteref", "doc-noteref"}
        if "#" in (link.get("href") or "") and named and not _leads_home(link):
            yield link.get("href")


def _leads_home(link: Any) -> bool:
    """Whether a sign is the address of what it stands in ("\u00b6" behind a term)."""
    name = link.get("href").removeprefix("#")
    return any(one.get("id") == name for one in link.iterancestors())


def is_code_mark(element: Any) -> bool:
    """A sign in a listing that points at a remark beside it."""
    named = _CODE_MARKS & set(classes_of(element))
    if tag_of(element) == "a" and not named and _shows_sign(element):
        return True
    if tag_of(element) == "b" and not named:  # Asciidoctor writes the number of its icon again
        icon = element.getprevious()
        twin = icon is not None and "conum" in classes_of(icon) and not (icon.tail or "").strip()
        return twin and bool(_AGAIN.fullmatch("".join(element.itertext())))
    if not named or (named <= {"co"} and tag_of(element) != "a"):  # highlighters set comments as co
        return False
    text = "".join(element.itertext())
    return len(text) <= 8 and bool(_CODE_MARK.fullmatch(text))


def _shows_sign(link: Any) -> bool:
    """Whether a link is the picture of a number and leads to the remark on it, or back."""
    pictures = [one for one in link.iter() if tag_of(one) == "img"]
    return len(pictures) == 1 and not everything(link).strip() and (
        "callout" in (pictures[0].get("src") or "") and "#" in (link.get("href") or "")
    )  # fmt: skip


def _is_noted_words(element: Any) -> bool:
    """Whether words of a sentence lead to a note: they are typed as its mark, and stay."""
    if not types_of(element) & {"noteref", "doc-noteref"}:
        return False
    words = _WORD.findall("".join(element.itertext()).casefold())
    return bool(set(words) - _NAMES_OF_MARKS)


def _is_sign(text: str) -> bool:
    """Whether linked words are as short as the mark of a note: "1", "[a]", "Note 1"."""
    return bool(_MARKLIKE.fullmatch(text) or _NAMED_MARK.fullmatch(text))


def _leads_to_note(link: Any, *, raised: bool = False) -> bool:
    if "#" not in (link.get("href") or ""):
        return False
    text = "".join(link.itertext()).strip()
    named = _NAMED_MARK.fullmatch(text) is not None
    if not text or (len(text) > _MARK and not named):
        return False
    said = [*classes_of(link), *(link.get("rel") or "").split(), *(link.get("rev") or "").split()]
    if any(_REF_CLASSES.fullmatch(word) for word in said):
        return bool(_is_sign(text) or _ARROWS.fullmatch(text))
    if _NOTE_TARGET.search(link.get("href").rpartition("#")[2]) and _MARKLIKE.fullmatch(text):
        return True
    above = link.getparent()
    if text in _ANCHORS and above is not None and re.fullmatch("h[1-6]", tag_of(above)):
        return True
    children = [one for one in link if tag_of(one)]
    raised = raised or (bool(children) and all(tag_of(one) == "sup" for one in children))
    if (raised and _is_sign(text)) or _STARS.fullmatch(text):
        return True
    return "\u21a9" in text and bool(_ARROWS.fullmatch(text))
