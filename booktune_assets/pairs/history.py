"""Sections that tell what changed from one version of something to another.

Belongs here: by which headings they are known. Does not: what is asked of other prose
(``prose.py``).

A page of changes speaks of what was fixed, of what may come, and of one version among many: out of
its page a sentence of it is true of nothing that a reader has before him.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

__all__ = ["tells_of_changes"]

_VERSION = r"(?:v(?:ersion)? ?)?\d+(?:\.[\dx]+)+\S*"
_CHANGES = re.compile(
    rf"(?:migrating|upgrading|updating|migration|upgrade)\b.* (?:from|to) .*{_VERSION}.*|"
    r"what['\u2019]?s new (?:in|since)\b.*|"
    rf"(?:changes?|news) (?:in|since|from|for)\b.*{_VERSION}.*|"
    r"(?:change ?log|release notes?|version history|revision history|breaking changes)\b.*|"
    r"(?:new |experimental )?(?:features?|functions?|options?|modules?|behaviou?rs?) "
    r"(?:added|removed|changed|fixed|deprecated)|"
    r"(?:added|removed|changed|fixed|deprecated) (?:features?|functions?|options?|behaviou?rs?)|"
    r"bugs? (?:fixed|fixes)|bug ?fixes",
    re.I,
)


def tells_of_changes(titles: Sequence[str]) -> bool:
    """Is one of the titles from the chapter down that of a page of changes?"""
    return any(_is_one(title) for title in titles)


@lru_cache(maxsize=4096)
def _is_one(title: str) -> bool:
    return _CHANGES.fullmatch(" ".join(title.split()).rstrip(".:")) is not None
