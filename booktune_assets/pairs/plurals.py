"""Plurals of the nouns that questions speak of.

Belongs here: which nouns are counted, and their plural. Does not: the singular
(``concepts/names.py``), articles (``phrases.py``).
"""

from __future__ import annotations

import re

from booktune_assets.concepts.names import singular

__all__ = ["several"]

_MASS = re.compile(
    r"(?:(?<!str)ing|ness|ism|ity|ance|ence|ency|ics|ware|ssion|sion)$|^(?:data|metadata|code|syntax|"
    r"recursion|concurrency|distribution|compilation|introspection|documentation|configuration|"
    r"iteration|composition|state|memory|information|interpolation|concatenation|mix|garbage|"
    r"input|output|arithmetic|equality|tolerance|coverage|support|isolation|time|inspect|nil|"
    r"true|false|fast|crash|once|it)$"
)


def several(name: str) -> str:
    """The plural of a noun that can be counted; what is a name or a mass stays as it is."""
    last = name.split()[-1] if name.split() else ""
    if (
        not re.fullmatch(r"[a-z]+(?:-[a-z]+)*", last)
        or singular(last) != last
        or _MASS.search(last)
    ):
        return name
    if re.search(r"(?:s|x|ch|sh)$", last):
        made = f"{last}es"
    elif re.search(r"[^aeiou]y$", last):
        made = f"{last[:-1]}ies"
    else:
        made = f"{last}s"
    return name[: len(name) - len(last)] + made
