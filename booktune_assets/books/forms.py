"""Long code cut where its language allows: between top-level forms.

Belongs here: the places at which a listing may be cut. Does not: how long a unit is
(``units.py``).

Elixir: between modules, inside of one between functions with their attributes. Erlang: between
forms. Sessions: before prompts. Anything else: at blank lines. A cut is always at the start of a
line, and never inside of a string, a comment or a function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from booktune_assets.books.judge import syntax_tree

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["cut_code"]

_PROMPT = re.compile(r"^(?:iex(?:\([^)\n]*\))?>|\d+> )", re.M)
_BLANK = re.compile(r"\n[ \t]*\n(?=\S)")
_CHARS_PARSED = 200_000


def cut_code(text: str, lang: str, limit: int, *, used: int = 0) -> list[int]:
    """Offsets at which to cut, so that no piece is longer than ``limit`` where forms allow.

    ``used`` characters of the first piece's room are taken already; a cut at 0 says that nothing
    of the text fits there. A module that fits into a piece is not torn, unless it is the first
    and the room that is taken is what it lacks.
    """
    cuts: list[int] = []
    start = -used
    modules: list[tuple[int, int]] = []
    found = _places(text, lang, modules)
    places = [0, *found] if used else found
    for number, spot in enumerate(places):
        after = places[number + 1] if number + 1 < len(places) else len(text)
        if after - start > limit and spot > start:
            torn = (one for one, end in modules if one < spot < end and end - one <= limit)
            whole = next(torn, 0)
            start = whole if whole > max(0, start) else spot
            cuts.append(start)
    return cuts


def _places(text: str, lang: str, modules: list[tuple[int, int]]) -> list[int]:
    """Where forms begin; ``modules`` are given where those of Elixir begin and end."""
    if lang in ("iex", "erl_shell"):
        return [match.start() for match in _PROMPT.finditer(text) if match.start()]
    if lang in ("elixir", "erlang") and len(text) <= _CHARS_PARSED:
        raw, root = text.encode("utf-8", "replace"), syntax_tree(text, lang)
        forms = {_line_start(raw, at) for at in _forms(root, lang)}
        found = sorted(
            spot for spot in forms
            if spot and not (lang == "erlang" and _goes_on(raw[:spot]))
        )  # fmt: skip
        spots = [_chars(raw, spot) for spot in found]
        if spots or not root.has_error:
            modules += [(_chars(raw, one), _chars(raw, end)) for one, end in _modules(root, found)]
            return spots
    places = [match.end() for match in _BLANK.finditer(text)]
    if not places and lang not in ("elixir", "erlang"):  # an output has no forms, only lines
        places = [match.end() for match in re.finditer(r"\n", text)]
    return [place for place in places if 0 < place < len(text)]


def _chars(raw: bytes, spot: int) -> int:
    return len(raw[:spot].decode("utf-8", "replace"))


def _modules(root: Node, forms: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Modules of Elixir from the form that begins with them, comments above them too, to the end;
    a module around others comes before them."""
    for child in root.named_children:
        if (body := _module_body(child)) is not None:
            before = [spot for spot in forms if spot <= child.start_byte]
            yield before[-1] if before else 0, child.end_byte
            yield from _modules(body, forms)


def _forms(root: Node, lang: str) -> Iterator[int]:
    """Byte offsets at which forms begin; comments and attributes go with the form they precede."""
    children = root.named_children
    yield from _starts(children)
    if lang == "elixir":
        for child in children:
            body = _module_body(child)
            if body is not None:
                yield from _forms(body, lang)


def _starts(children: Sequence[Node]) -> Iterator[int]:
    fresh = True
    for child in children:
        if fresh:
            yield child.start_byte
        fresh = not _precedes(child)


def _precedes(node: Node) -> bool:
    """A comment or an attribute such as ``@doc``, ``@spec`` and ``-spec``."""
    return node.type in ("comment", "unary_operator", "spec", "type_attribute", "wild_attribute")


def _module_body(node: Node) -> Node | None:
    if node.type != "call" or node.text is None or not node.text.startswith(b"def"):
        return None
    if node.text.split(None, 1)[0] not in (b"defmodule", b"defprotocol", b"defimpl"):
        return None
    return next((child for child in node.named_children if child.type == "do_block"), None)


def _line_start(raw: bytes, spot: int) -> int:
    """The start of the line, when nothing else stands before the form; else 0, which is no cut."""
    start = raw.rfind(b"\n", 0, spot) + 1
    return start if not raw[start:spot].strip() else 0


def _goes_on(before: bytes) -> bool:
    """Whether an Erlang function goes on with its next clause."""
    lines = [line for line in before.split(b"\n") if line.strip() and line.lstrip()[:1] != b"%"]
    return bool(lines) and lines[-1].partition(b" %")[0].rstrip().endswith(b";")
