"""Syntax trees of listings as books print them: whole files, fragments, sessions, cut text.

Belongs here: parsing to trees whose positions are those of the given text, and small questions to
a node. Does not: what a node means in one language (``elixir_tree.py``, ``erlang_tree.py``).

A text that ends too early is read as if it were closed: what is open at its end gets its ``end``
or bracket behind the last character, so positions hold. Of a session only what was typed is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from booktune_assets.beam.typed import typed_spans
from booktune_assets.books.judge import syntax_tree

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Piece", "child", "content", "has_faults", "masked", "pieces", "preorder", "text_of"]

CHARS_MAX = 400_000
_CLOSER = {"(": ")", "[": "]", "{": "}", "<<": ">>", "do": "end", "fn": "end", "#{": "}"}
_BRACKETS = frozenset(("(", "[", "{", "<<"))
_ERLANG_OPENERS = frozenset(("case", "receive", "if", "try", "begin"))
_CLOSERS = frozenset((")", "]", "}", ">>", "end"))
FRAGMENT = "booktune_fragment"  # the function put around bare Erlang expressions
_CLAUSE = f"{FRAGMENT}() ->\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """One tree. A node's place in the given text is its own plus ``shift`` bytes, ``rows`` lines.

    ``bare`` says that the text is expressions, for which a function was put around them.
    """

    root: Node
    shift: int = 0
    rows: int = 0
    bare: bool = False
    closed: bool = False

    def span(self, node: Node) -> tuple[int, int]:
        """First byte and byte after the last, in the given text."""
        return node.start_byte + self.shift, node.end_byte + self.shift

    def line(self, node: Node) -> int:
        """Line in the given text, from 1."""
        return node.start_point[0] + self.rows + 1


def pieces(text: str, lang: str) -> list[Piece]:
    """The trees of a listing: one of a file, one of each expression typed in an Erlang shell.

    ``lang`` is ``elixir``, ``erlang``, ``iex`` or ``erl_shell``; others give none, and so does
    text of more than ``CHARS_MAX`` characters.
    """
    if len(text) > CHARS_MAX or not text.strip():
        return []
    if lang == "elixir":
        return [_closed(text, "elixir")]
    if lang == "erlang":
        return [_erlang(text)]
    if lang == "iex":
        return [_closed(masked(text, "iex"), "elixir")]
    if lang == "erl_shell":
        return list(_shell(text))
    return []


def has_faults(piece: Piece) -> bool:
    """Is there text that the grammar cannot take, or was something missing at the end?"""
    return piece.root.has_error or piece.closed


def preorder(root: Node) -> Iterator[Node]:
    """Named nodes as they stand in the text, without Python's stack."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.named_children))


def text_of(node: Node | None) -> str:
    """The node's source text; empty for no node."""
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def child(node: Node | None, name: str) -> Node | None:
    """The child in a field."""
    return node.child_by_field_name(name) if node is not None else None


def content(node: Node) -> list[Node]:
    """Named children without comments."""
    return [one for one in node.named_children if one.type != "comment"]


def _closed(text: str, lang: str) -> Piece:
    """The tree, closed at its end when that leaves fewer faults."""
    root = syntax_tree(text, lang)
    if not root.has_error:
        return Piece(root)
    tail = _missing_end(root, lang)
    if not tail:
        return Piece(root)
    # a comment may stand in the last line
    mended = syntax_tree(f"{text}\n{tail}", lang)
    return Piece(mended, closed=True) if _errors(mended) < _errors(root) else Piece(root)


def _errors(root: Node) -> int:
    waiting, bytes_in_error = [root], 0
    while waiting:
        node = waiting.pop()
        if node.is_error:
            bytes_in_error += max(1, node.end_byte - node.start_byte)
        elif node.is_missing:
            bytes_in_error += 1
        elif node.has_error:
            waiting.extend(node.children)
    return bytes_in_error


def _missing_end(root: Node, lang: str) -> str:
    """What would close all that is open behind the last token."""
    open_: list[str] = []
    tokens = list(_leaves(root))
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        kind = token.type
        if kind in _CLOSERS:
            if open_ and open_[-1] == kind:
                open_.pop()
        elif (lang == "elixir" and kind in _CLOSER) or kind in _BRACKETS:
            open_.append(_CLOSER[kind])
        elif lang == "erlang" and (
            kind in _ERLANG_OPENERS
            # a clause of a fun has an end, a type of funs has none
            or (kind == "fun" and after is not None and after.type == "("
                and (token.parent is None or token.parent.type != "fun_type"))
        ):  # fmt: skip
            open_.append("end")
    if lang == "erlang":
        return (" ".join(reversed(open_)) + "\n.") if open_ else ""
    return "\n".join(reversed(open_))


def _leaves(root: Node) -> Iterator[Node]:
    """Tokens in order, those that name no text of a literal."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.child_count == 0:
            if not node.is_missing:
                yield node
        else:
            waiting.extend(reversed(node.children))


def _erlang(text: str, shift: int = 0, rows: int = 0) -> Piece:
    """A file of forms, or a function's body without its head."""
    forms = _closed(text, "erlang")
    wrapped = None
    if forms.root.has_error or _no_form(forms.root):
        body = text.rstrip().rstrip(".,;")
        wrapped = _closed(f"{_CLAUSE}{body}\n.\n", "erlang").root
        if _errors(wrapped) < _errors(forms.root) or (
            not wrapped.has_error and _no_form(forms.root)
        ):
            return Piece(wrapped, shift - len(_CLAUSE), rows - 1, bare=True)
    return Piece(forms.root, shift, rows, closed=forms.closed)


def is_form(node: Node) -> bool:
    """Is it a form of an Erlang file: a function's clause, an attribute, a definition?"""
    return node.type == "fun_decl" or node.type.endswith(("_attribute", "_decl")) or (
        node.type in _FORMS
    )  # fmt: skip


def _no_form(root: Node) -> bool:
    return not any(is_form(one) for one in content(root))


_FORMS = frozenset(
    ("spec", "callback", "type_alias", "opaque", "nominal", "pp_define", "pp_include",
     "pp_include_lib", "shebang", "pp_undef", "pp_ifdef", "pp_ifndef", "pp_if", "pp_elif",
     "pp_else", "pp_endif")
)  # fmt: skip


def masked(text: str, shell: str) -> str:
    """A session with everything but the typed text made blank, byte for byte."""
    data = text.encode("utf-8", "replace")
    blank = bytearray(re.sub(rb"[^\n]", b" ", data))
    for start, end in typed_spans(text, shell):
        blank[start:end] = data[start:end]
    return blank.decode("utf-8", "replace")


def _shell(text: str) -> Iterator[Piece]:
    """One piece of each expression; lines typed one after another belong together."""
    data = text.encode("utf-8", "replace")
    group: list[tuple[int, int]] = []
    for start, end in [*typed_spans(text, "erl_shell"), (-1, -1)]:
        if start >= 0:
            group.append((start, end))
            if not data[start:end].rstrip().endswith(b"."):
                continue
        if not group:
            continue
        first, last = group[0][0], group[-1][1]
        blank = bytearray(re.sub(rb"[^\n]", b" ", data[first:last]))
        for begin, stop in group:
            blank[begin - first : stop - first] = data[begin:stop]
        yield _erlang(blank.decode("utf-8", "replace"), first, data.count(b"\n", 0, first))
        group = []
