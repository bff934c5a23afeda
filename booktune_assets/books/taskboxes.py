"""Quotations that are boxes which set a task: "Your turn", "Exercise. Write a function".

Belongs here: telling them by the words that they begin with, in any format. Does not: marks of
tasks themselves (``taskmarks.py``), boxes that say what they are (``roles.py mdalerts.py``).
"""

from __future__ import annotations

from booktune_assets.books.taskmarks import mark_of, says_only

__all__ = ["sets_task"]


def sets_task(text: str) -> bool:
    """Whether a quotation that begins with this text is such a box."""
    mark = mark_of(text, "", box=True)
    return says_only(text) or (mark is not None and mark[0] == "exercise")
