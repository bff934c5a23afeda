"""Pieces of (X)HTML that are named for their place: entries of an index, remarks on code, tabs.

Belongs here: those names. Does not: what blocks are for (``roles.py``), sections (``ranks.py``).
"""

from __future__ import annotations

import re
from typing import Any

from booktune_assets.books.elements import classes_of, types_of

__all__ = ["REMARKS", "index_level", "is_laid_out", "is_tab_label"]

_ENTRY = re.compile(
    r"(?:[a-z0-9]+[-_])*(?:index|ix|idx)(?:[-_]?(?:entry|level|item|text|lvl|main|sub))*[-_]?(?P<depth>[1-4])"
)
REMARKS = frozenset({"calloutlist", "colist"})
_TABS = frozenset({"tabbed-set", "tabbed-labels", "tab-set", "sd-tab-set", "nav-tabs", "tabs-nav",
                   "sphinx-tabs", "tabset"})  # fmt: skip


def index_level(element: Any, tag: str) -> int:
    """How deep a paragraph stands that is named an entry of the index; 0 for any other."""
    found = (_ENTRY.fullmatch(word) for word in classes_of(element))
    depth = next((int(one["depth"]) for one in found if one), 0)
    return depth if tag in ("p", "div") else 0


def is_laid_out(table: Any) -> bool:
    """Whether a table only sets remarks beside their signs, as DocBook does."""
    above = table.getparent()
    return above is not None and bool(REMARKS & set(classes_of(above)))


def is_tab_label(element: Any, tag: str) -> bool:
    """Whether words name one of several texts to choose from."""
    if types_of(element) & {"tab"} or "sd-tab-label" in classes_of(element):
        return True
    around = (one for _, one in zip(range(2), element.iterancestors(), strict=False))
    named = any(_TABS & set(classes_of(one)) for one in around)
    return named and (tag == "label" or (tag == "a" and _leads_within(element)))


def _leads_within(link: Any) -> bool:
    return (link.get("href") or "").startswith("#")
