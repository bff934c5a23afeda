"""Comments in code that state what an expression gives: ``1 + 2 # => 3``.

Belongs here: such a listing as the exchanges of a session, a listing without the comments that
would give an answer away, and whether one ends in its own result. Does not: comments that describe
(``fill.py`` needs them), remarks of shells (``sessions.py``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from booktune_assets.beam.tree import text_of
from booktune_assets.books.judge import syntax_tree
from booktune_assets.pairs.sessions import Entry

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["ends_in_result", "stated", "unanswered"]

_STATED = re.compile(r"#\s?(?:=>|->|\u21d2|\u2192|>>)\s?(?P<value>\S.*)")
_GOES_ON = re.compile(r"#(?: {2,}|\t)\S")
_LINES_MAX = 60
_CONSTANT = re.compile(r"\"(?:\\.|[^\"\\])*\"|\b\w+:(?= )|:\w+|=>|\b(?:true|false|nil)\b")

_STATES = re.compile(
    r"(?m)[ \t]*(?<![\w\"'?{])(?:#|%+)[ \t]*(?:=+>|<=|==|->|\u2192|\u21d2|"
    r"[Rr]eturns?:? |[Rr]esult:? )"
    r"[^\"\n]*(?:\"[^\"\n]*\"[^\"\n]*)*$"
)


def ends_in_result(block: dict[str, Any]) -> bool:
    """Does a listing end in a constant below its code: a session without prompts?"""
    text = _CONSTANT.sub("", block["text"].strip())
    found = re.search(r"(?s)[\w)\]}]\n(?:[%\[{\d][^a-z]*|\s*)$", text)
    return block["kind"] == "code" and found is not None


def unanswered(code: str) -> str:
    """The code without the comments that state a value (``# => 3``); as many lines as before."""
    return _STATES.sub("", code)


def stated(code: str) -> list[Entry]:
    """The expressions of an Elixir listing with the values that comments state for them.

    Those without such a comment have no result; nothing when no comment states one, or the listing
    makes modules.
    """
    if not _STATED.search(code) or "defmodule" in code or code.count("\n") > _LINES_MAX:
        return []
    root = syntax_tree(code, "elixir")
    if root.has_error:
        return []
    data = code.encode()
    found: list[Entry] = []
    for node, after in zip(root.children, [*root.children[1:], None], strict=True):
        if node.type == "comment" or not node.is_named:
            continue
        start, end = (len(data[:place].decode()) for place in (node.start_byte, node.end_byte))
        entry = Entry(text_of(node), "", start, end, 0, end)
        shown = _STATED.match(text_of(after)) if after is not None and _near(node, after) else None
        below = after.next_sibling if after is not None else None
        if shown and not (below is not None and _GOES_ON.match(text_of(below))):
            first = len(data[: after.start_byte].decode()) + shown.start("value")  # type: ignore[union-attr]
            value = shown["value"].rstrip()
            entry = Entry(entry.expression, value, start, end, first, first + len(value))
        found.append(entry)
    return found if any(one.result for one in found) else []


def _near(node: Node, comment: Node) -> bool:
    """Does the comment stand behind the expression, or right below it?"""
    return comment.type == "comment" and comment.start_point[0] - node.end_point[0] <= 1
