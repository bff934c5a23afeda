"""The area of its pages that a browser printed into.

Belongs here: finding it in a file. Does not: what follows for code at page breaks (``breaks.py``).

Browsers cut their pages from one long sheet and say so: the first thing that a page holds is a
clip as wide and high as its text may be. So where a page ends is known though no row reaches it.
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["printed_area"]

_BROWSER = "Skia/PDF"  # Chromium and its kin; others clip pages for many reasons
_BEGIN = 600  # bytes
_MATRIX = re.compile(rb"\s*([\d.]+) 0 0 -([\d.]+) 0 ([\d.]+) cm\s")
_CLIP = re.compile(rb"q\s+[\d.]+ ([\d.]+) [\d.]+ ([\d.]+) re\s+W\*? n\s")
_LEAST = 0.4  # of the height of a page

Area = tuple[float, float]


def printed_area(document: Any) -> Area | None:
    """Where the area begins and ends on all pages of a book, pt from the top."""
    if not str(document.metadata.get("producer") or "").startswith(_BROWSER):
        return None
    last = int(document.page_count) - 1
    found = {_area(document[number]) for number in {min(1, last), last // 2, max(0, last - 1)}}
    return found.pop() if len(found) == 1 else None


def _area(page: Any) -> Area | None:
    begin = page.read_contents()[:_BEGIN]
    matrix = _MATRIX.match(begin)
    clip = _CLIP.match(begin, matrix.end()) if matrix else None
    if matrix is None or clip is None or page.rotation:
        return None
    _, scale, high = map(float, matrix.groups())
    top, tall = (float(one) * scale for one in clip.groups())
    whole = float(page.rect.height)
    inside = abs(high - whole) < 1 and 0 < top < top + tall < whole
    return (round(top, 2), round(top + tall, 2)) if inside and tall > _LEAST * whole else None
