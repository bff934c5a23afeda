"""Listings that differ only in comments, documentation, layout and names of variables are one.

Belongs here: the canonical form of a listing. Does not: which listings are compared
(``pairs/duplicates.py``), likeness that is less than that (``pairs/near.py``).

Names are renamed where the language binds them, scope by scope, in the order in which they appear.
What is not bound in the listing (a function called without brackets, a variable of an earlier
line) keeps its name, for another name there is another program.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import count
from typing import TYPE_CHECKING

from booktune_assets.beam.tree import child, has_faults, pieces, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["canonical", "canonical_hash"]

DEPTH_MAX = 180  # nested deeper, it is compared as it is written
_DOCS = frozenset(("doc", "moduledoc", "typedoc", "shortdoc"))
_DEFS = frozenset(("def", "defp", "defmacro", "defmacrop", "defguard", "defguardp", "defdelegate"))
_LOOPS = frozenset(("for", "with"))
_TESTS = frozenset(("test", "setup", "setup_all", "property"))
_FORMS = frozenset(("function_clause", "spec", "type_alias", "opaque", "callback"))

Env = dict[str, int]


class _TooDeep(Exception):
    """The tree is deeper than Python's stack should be."""


def canonical(text: str, lang: str) -> str:
    """The listing in a form in which equals are equal, as nested brackets.

    Text of other languages, shell sessions (their output counts) and listings that the grammar
    cannot take in full come back with their white space collapsed.
    """
    trees = pieces(text, lang) if lang in ("elixir", "erlang") else []
    if not trees or any(has_faults(piece) for piece in trees):
        return " ".join(text.split())
    writer = _Elixir() if lang == "elixir" else _Erlang()
    try:
        return " ".join(writer.write(piece.root, {}, 0) for piece in trees)
    except _TooDeep:
        return " ".join(text.split())


def canonical_hash(text: str, lang: str) -> str:
    """Sixteen hexadecimal digits of :func:`canonical`."""
    return hashlib.sha256(canonical(text, lang).encode()).hexdigest()[:16]


class _Writer:
    """Writes trees; the counter gives each binding its number."""

    def __init__(self) -> None:
        self.numbers = count()

    def write(self, node: Node, env: Env, depth: int) -> str:
        """The node in brackets; a token as it is written."""
        raise NotImplementedError

    def all(self, nodes: Iterable[Node], env: Env, depth: int, kind: str) -> str:
        """Several nodes in one pair of brackets, comments and documentation left out."""
        written = (self.write(one, env, depth + 1) for one in nodes if not self.silent(one))
        return f"({kind} {' '.join(written)})"

    def silent(self, node: Node) -> bool:
        """Does it say nothing to the machine?"""
        return node.type == "comment"


class _Elixir(_Writer):
    def write(self, node: Node, env: Env, depth: int) -> str:
        if depth > DEPTH_MAX:
            raise _TooDeep
        kind = node.type
        if kind == "identifier":
            return self.name(node, env)
        if node.child_count == 0:
            return text_of(node).strip() if kind == "keyword" else text_of(node)
        if kind == "call":
            return self.call(node, env, depth)
        if kind == "dot":
            left, right = child(node, "left"), child(node, "right")
            target = self.write(left, env, depth + 1) if left is not None else ""
            return f"(dot {target} {text_of(right)})"
        if kind == "stab_clause":
            inner, head = dict(env), child(node, "left")
            if head is not None:
                self.bind(head, inner, {})
            return self.all(node.children, inner, depth, kind)
        if kind == "binary_operator" and _operator(node) in ("=", "<-"):
            return self.match(node, env, depth)
        scope = dict(env) if kind == "do_block" else env
        return self.all(node.children, scope, depth, kind)

    def silent(self, node: Node) -> bool:
        if node.type == "unary_operator" and _operator(node) == "@":
            about = child(node, "operand")
            return about is not None and text_of(child(about, "target")) in _DOCS
        return node.type == "comment"

    def name(self, node: Node, env: Env) -> str:
        said = text_of(node)
        return f"${env[said]}" if said in env else said

    def match(self, node: Node, env: Env, depth: int) -> str:
        """What is matched is read before the pattern binds anything."""
        left, right, sign = child(node, "left"), child(node, "right"), _operator(node)
        if left is None or right is None:
            return self.all(node.children, env, depth, node.type)
        value = self.write(right, env, depth + 1)
        self.bind(left, env, {} if sign == "<-" else None)
        return f"({sign} {self.write(left, env, depth + 1)} {value})"

    def call(self, node: Node, env: Env, depth: int) -> str:
        target = child(node, "target")
        name = text_of(target) if target is not None and target.type == "identifier" else ""
        scope = env
        if name in _DEFS:
            self.numbers, scope = count(), {}
            for pattern in _heads(node):
                self.bind(pattern, scope, {})
        elif name in _LOOPS:
            scope = dict(env)
        elif name in _TESTS:
            scope = dict(env)
            for pattern in _arguments(node)[1:]:
                self.bind(pattern, scope, {})
        written = [
            name if one == target and name else self.write(one, scope, depth + 1)
            for one in node.children
            if not self.silent(one)
        ]
        return f"(call {' '.join(written)})"

    def bind(self, node: Node, env: Env, fresh: Env | None) -> None:
        """Give the names in a pattern their numbers: new ones where ``fresh`` is given."""
        for said in _bound(node):
            if said == "_" or (fresh is not None and said in fresh):
                continue
            if fresh is not None:
                env[said] = fresh[said] = next(self.numbers)
            elif said not in env:
                env[said] = next(self.numbers)


class _Erlang(_Writer):
    """Every name with a capital is a variable there, and lives as long as its clause."""

    def write(self, node: Node, env: Env, depth: int) -> str:
        if depth > DEPTH_MAX:
            raise _TooDeep
        if node.child_count == 0:
            said = text_of(node)
            macro = node.parent is not None and node.parent.type.startswith("macro")
            if node.type != "var" or said == "_" or macro:
                return said
            return f"${env.setdefault(said, len(env))}"
        scope = {} if node.type in _FORMS else env
        return self.all(node.children, scope, depth, node.type)

    def silent(self, node: Node) -> bool:
        if node.type == "wild_attribute":
            name = next((one for one in node.named_children if one.type == "attr_name"), None)
            return text_of(name).lstrip("- ") in _DOCS
        return node.type == "comment"


def _operator(node: Node) -> str:
    return text_of(child(node, "operator"))


def _arguments(node: Node) -> list[Node]:
    for one in node.children:
        if one.type == "arguments":
            return one.named_children
    return []


def _heads(node: Node) -> list[Node]:
    """Patterns in the head of a definition."""
    first = _arguments(node)[:1]
    if first and first[0].type == "binary_operator" and _operator(first[0]) == "when":
        left = child(first[0], "left")
        first = [left] if left is not None else []
    return [pattern for head in first for pattern in _arguments(head)]


def _bound(pattern: Node) -> Iterator[str]:
    """Names that a pattern binds, as they stand; deep trees do not use Python's stack."""
    waiting = [pattern]
    while waiting:
        node = waiting.pop()
        kind = node.type
        if kind == "identifier":
            yield text_of(node)
        elif kind in ("dot", "interpolation") or (
            kind == "unary_operator" and _operator(node) in ("^", "@", "&")
        ):
            continue
        elif kind == "binary_operator" and _operator(node) in ("\\\\", "::", "when"):
            left = child(node, "left")
            waiting += [left] if left is not None else []
        elif kind == "call":
            waiting += reversed(_arguments(node))
        else:
            waiting += reversed(node.named_children)
