"""The outline of a PDF: its entries as they are in the file.

Belongs here: reading it, and where it is too long or too deep. Does not: which lines of the text it
names (``headings.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from booktune_assets.books.blocks import Parsed
from booktune_assets.books.boldlines import fold
from booktune_assets.books.headings import Entry
from booktune_assets.books.labels import split_number
from booktune_assets.books.mupdf import library

__all__ = ["read_outline", "titled"]

_OUTLINE_MAX = 5_000
_OUTLINE_DEPTH = 12


def read_outline(document: Any, parsed: Parsed) -> list[Entry]:
    """Outline by PyMuPDF's own list, cut where it is too long or too deep."""
    try:
        found: Sequence[Any] = document.get_toc(simple=False)
    except Exception:
        parsed.warn("the outline cannot be read")
        return []
    if not found and document.xref_get_key(document.pdf_catalog(), "Outlines/First")[0] == "xref":
        parsed.warn("the outline leads back to itself or nowhere; it was not used")
    if len(found) > _OUTLINE_MAX:
        parsed.warn(f"the outline has {len(found)} entries; it was not used")
        return []
    if any(item[0] > _OUTLINE_DEPTH for item in found):
        parsed.warn("the outline is nested too deep and was cut")
    return [
        Entry(int(item[0]), " ".join(str(item[1]).split()), int(item[2]), _height(document, item))
        for item in found
        if item[2] > 0 and item[0] <= _OUTLINE_DEPTH and str(item[1]).strip()
    ]


def titled(outline: Sequence[Entry]) -> dict[int, set[str]]:
    """Folded titles of the outline by page, with their printed numbers and without."""
    titled: dict[int, set[str]] = defaultdict(set)
    for entry in outline:
        titled[entry.page] |= {fold(entry.title), fold(split_number(entry.title)[1])}
    return titled


def _height(document: Any, item: Any) -> float:
    """How far down its page an entry points, pt. Named targets (all of TeX's) count from below."""
    target = item[3].get("to") if len(item) > 3 and isinstance(item[3], dict) else None
    if target is None:
        return 0.0
    if item[3].get("kind") == library().LINK_NAMED:
        try:
            # the page itself is not loaded: one that cannot be is told where it is read
            return float(document.page_cropbox(item[2] - 1).height - target.y)
        except Exception:
            return 0.0
    return float(target.y)
