"""Pages that are a table of contents, by how their rows read.

Belongs here: leaders and page numbers that rise, on one page and over several. Does not: what an
outline or a book's own contents say of its sections (``toc.py``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

__all__ = ["is_contents"]

_LEADER = re.compile(r"\.(?:\s?\.){3}|\u2026{2}|\u00b7(?:\s?\u00b7){3}|_{5}")
_ENDS_IN_PAGE = re.compile(r"\D(\d{1,4}|[ivxlc]{1,7})$")


def is_contents(texts: Sequence[str], *, goes_on: bool = False) -> bool:
    """Whether rows of a page read like a table of contents: leaders, or rising page numbers.

    ``goes_on``: the page before is one. The last page of it may have few rows.
    """
    if len(texts) < 4:
        return _ends_contents(texts, goes_on=goes_on)
    leaders = sum(1 for text in texts if _LEADER.search(text))
    if leaders >= 0.4 * len(texts):
        return True
    ending = (text for text in texts if text[-1:].isalnum())  # the pattern looks at each letter
    ends = [match.group(1) for match in map(_ENDS_IN_PAGE.search, ending) if match]
    numbers = [int(end) for end in ends if end.isdigit()]
    rising = sum(a <= b for a, b in pairwise(numbers))
    many = len(numbers) >= max(6, 0.75 * len(texts)) and len(set(numbers)) > len(numbers) / 3
    return many and rising >= 0.95 * (len(numbers) - 1)


def _ends_contents(texts: Sequence[str], *, goes_on: bool) -> bool:
    """Few rows: all with leaders and a page, or behind contents all with pages that rise.

    Behind contents the first row of a title that was wrapped may have neither.
    """
    ends = [match and match.group(1) for match in map(_ENDS_IN_PAGE.search, texts)]
    leads = [_LEADER.search(text) is not None for text in texts]
    if not texts or not ends[-1]:
        return False
    if all(ends) and all(leads):
        return True
    numbers = [int(end) for end in ends if end and end.isdigit()]
    rises = len(numbers) == len(texts) > 1 and numbers == sorted(numbers)
    return goes_on and (leads[-1] or rises)
