"""The elements of a book's (X)HTML: tags, classes, types, text.

Belongs here: plain facts about one element. Does not: what it means (``roles.py``, ``codetags.py``,
``printmarks.py``), order (``walker.py``).

Types are what ``epub:type``, ``role`` (DPUB-ARIA) and ``data-type`` (HTMLBook) say; classes are
compared word by word, in small letters, so that ``footnote`` is no ``note``.
"""

from __future__ import annotations

from typing import Any

from booktune_assets.books.blocks import printable

__all__ = [
    "BREAKS", "DROPPED", "MARK", "classes_of", "everything", "is_regular", "tag_of", "types_of",
]  # fmt: skip

MARK = "data-index"  # of an empty element: a term of the index (asciidoc_terms.rb)
_CLASS_MAX = 80  # longer ones are no names
DROPPED = frozenset(
    {
        "script",
        "style",
        "head",
        "nav",
        "iframe",
        "object",
        "svg",
        "annotation",
        "annotation-xml",
        "template",
        "noscript",
        "button",
    }
)
BREAKS = frozenset({
    "p", "div", "section", "article", "aside", "main", "header", "footer", "figure", "figcaption",
    "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "table", "pre", "hr", "body", "details",
    "summary", "address", "center", "form", "fieldset", "caption", "tr", "td", "th", "listing",
    "h1", "h2", "h3", "h4", "h5", "h6",
})  # fmt: skip
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"


def tag_of(element: Any) -> str:
    """Local name in small letters; empty for comments."""
    tag = element.tag
    return tag.rsplit("}", 1)[-1].lower() if isinstance(tag, str) else ""


def classes_of(element: Any) -> list[str]:
    """The words of ``class``, in small letters."""
    words = str(element.get("class") or "").lower().split()
    return [word for word in words if len(word) <= _CLASS_MAX]


def types_of(element: Any) -> set[str]:
    """The words of ``epub:type``, ``role`` and ``data-type``."""
    said = (element.get(name) or "" for name in (_EPUB_TYPE, "epub:type", "role", "data-type"))
    return set(" ".join(said).lower().split())


def everything(element: Any) -> str:
    """All characters below an element, as tables can hold them."""
    return printable(part for part in element.itertext() if isinstance(part, str))


_PARTS = {
    "table": frozenset({"caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr"}),
    **dict.fromkeys(("thead", "tbody", "tfoot"), frozenset({"tr"})),
    "tr": frozenset({"td", "th"}), "colgroup": frozenset({"col"}),
}  # fmt: skip


def is_regular(table: Any) -> bool:
    """Whether a table holds rows of cells and nothing loose between them."""
    for part in table.iter():
        allowed = _PARTS.get(tag_of(part))
        if allowed is None:
            continue
        if any(tag_of(one) and tag_of(one) not in allowed for one in part):
            return False
        if (part.text or "").strip() or any((one.tail or "").strip() for one in part):
            return False
    return True
