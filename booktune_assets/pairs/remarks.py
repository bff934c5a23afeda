"""Comments in code that would give an answer away.

Belongs here: leaving them out of a listing that a question shows. Does not: comments that describe
(``fill.py`` needs them), remarks of shells (``sessions.py``).
"""

from __future__ import annotations

import re

__all__ = ["unanswered"]

_STATES = re.compile(
    r"(?m)[ \t]*(?<![\w\"'?{])(?:#|%+)[ \t]*(?:=+>|<=|==|->|\u2192|\u21d2|"
    r"[Rr]eturns?:? |[Rr]esult:? )"
    r"[^\"\n]*(?:\"[^\"\n]*\"[^\"\n]*)*$"
)


def unanswered(code: str) -> str:
    """The code without the comments that state a value (``# => 3``); as many lines as before."""
    return _STATES.sub("", code)
