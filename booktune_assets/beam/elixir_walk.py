"""One walk over an Elixir tree that knows module, function and short names at every node.

Belongs here: scopes and their ends, what a pipe puts where, heads of definitions. Does not: what a
listing defines (``structure_elixir.py``), which patterns it shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from booktune_assets.beam.elixir_blocks import SECTIONS
from booktune_assets.beam.elixir_tree import (
    Call,
    Scope,
    call_of,
    head_of,
    operand_of,
    operator,
    pairs_of,
)
from booktune_assets.beam.tree import child, content, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = [
    "DEFINERS", "MODULES", "Visit", "implemented_for", "module_name", "opens_module", "short_names",
    "walk",
]  # fmt: skip

MODULES = frozenset(("defmodule", "defprotocol", "defimpl"))
DEFINERS = {
    "def": ("function", True), "defp": ("function", False), "defmacro": ("macro", True),
    "defmacrop": ("macro", False), "defguard": ("guard", True), "defguardp": ("guard", False),
    "defdelegate": ("delegate", True),
}  # fmt: skip
TYPE_ATTRIBUTES = frozenset(
    ("spec", "type", "typep", "opaque", "callback", "macrocallback", "optional_callbacks")
)


@dataclass(slots=True)
class Visit:
    """A node on the walk. ``call`` is given for calls, ``defines`` for heads of definitions."""

    node: Node
    scope: Scope
    call: Call | None = None


def walk(root: Node) -> Iterator[Visit]:
    """All named nodes in order. The heads of definitions are walked, but are no calls."""
    waiting: list[tuple[Node, Scope, Node | None, bool]] = [(root, Scope(), None, False)]
    while waiting:
        node, scope, piped, is_head = waiting.pop()
        if node.type == "comment":
            continue
        call = None if is_head else call_of(node, scope, piped)
        yield Visit(node, scope, call)
        waiting.extend(reversed(list(_children(node, scope, call, is_head))))


def _children(
    node: Node, scope: Scope, call: Call | None, is_head: bool
) -> Iterator[tuple[Node, Scope, Node | None, bool]]:
    """Children with their scope, what is piped into them, and whether they are a head."""
    if node.type == "binary_operator" and operator(node) == "|>":
        left, right = child(node, "left"), child(node, "right")
        if left is not None and right is not None:
            yield left, scope, None, False
            yield right, scope, left, False
            return
    if node.type == "unary_operator" and operator(node) == "@":
        yield from _attribute(node, scope)
        return
    if call is not None and call.capture:
        return
    if call is not None and call.module == "":
        inner = _entered(call, scope)
        if inner is not None:
            for one in _below(node):
                # the head or the module's name, then options and the block
                is_first = bool(call.args) and one == call.args[0]
                head = is_first and call.name in DEFINERS
                yield one, scope if one.type == "alias" else inner, None, head
            return
        if call.name in ("alias", "import", "require"):
            short_names(call, scope)
            return
    if is_head:
        for one in content(node):
            # below a guard there is the head, and so in a list; below the head there are patterns
            left = node.type == "binary_operator" and one == child(node, "left")
            yield one, scope, None, bool(left) or node.type == "list"
        return
    own = scope.inner() if node.type in ("do_block", "stab_clause", *SECTIONS) else scope
    if call is not None and (call.module, call.name) == ("", "quote"):
        own = scope.inner()
        own.quoted = True
    for one in content(node):
        yield one, own, None, False


def _below(node: Node) -> Iterator[Node]:
    for one in content(node):
        if one.type == "arguments":
            yield from content(one)
        elif one.type != "identifier":
            yield one


def _attribute(node: Node, scope: Scope) -> Iterator[tuple[Node, Scope, Node | None, bool]]:
    operand = operand_of(node)
    if operand is None:
        return
    name = text_of(child(operand, "target")) if operand.type == "call" else text_of(operand)
    own = scope
    if name in TYPE_ATTRIBUTES:
        own = scope.inner()
        own.typed = True
    for one in content(operand):
        if one.type == "arguments":
            for argument in content(one):
                yield argument, own, None, False


def _entered(call: Call, scope: Scope) -> Scope | None:
    """The scope inside of a module or function, None for other calls."""
    if not call.args:
        return None
    first = call.args[0]
    if opens_module(call):
        inner = scope.inner()
        inner.kind, inner.function = call.name, None
        inner.module = module_name(call, scope)
        return inner
    if call.name not in DEFINERS:
        return None
    inner, head = scope.inner(), head_of(first)
    if head is not None:
        inner.function = (head.name, head.arity)
    return inner if head is not None or first.type == "list" else None


def opens_module(call: Call) -> bool:
    """``defmodule A do … end`` and ``defmodule A, do: …``."""
    blocks = call.block is not None or any(key == "do" for key, _ in pairs_of(call))
    return call.name in MODULES and bool(call.args) and blocks


def module_name(call: Call, scope: Scope) -> str:
    """In full; of an implementation for several types, that of the first."""
    first = call.args[0]
    if call.name == "defimpl":
        return f"{scope.full(text_of(first))}.{implemented_for(call, scope)[0]}"
    name = text_of(first)
    if first.type == "atom":
        return name
    if name.startswith("__MODULE__"):
        return scope.full(name)
    if not scope.module or name.startswith("Elixir."):
        return name.removeprefix("Elixir.")
    full = f"{scope.module}.{name}"
    # a nested module can be named by its own first segment from here on
    head = name.partition(".")[0]
    scope.short[head] = f"{scope.module}.{head}"
    return full


def implemented_for(call: Call, scope: Scope) -> list[str]:
    """The types of a ``defimpl``, at least one."""
    target = next((value for key, value in pairs_of(call) if key == "for"), None)
    if target is None:
        return [scope.module]
    each = content(target) if target.type == "list" else []
    return [scope.full(text_of(one)) for one in each or [target]]


def short_names(call: Call, scope: Scope) -> None:
    """``alias A.B``, ``alias A.B, as: C``, ``alias A.{B, C}`` and ``require A.B, as: C``."""
    if not call.args or call.name == "import":
        return
    first = call.args[0]
    left, right = child(first, "left"), child(first, "right")
    if first.type == "dot" and right is not None and right.type == "tuple":
        for one in content(right) if call.name == "alias" else ():
            name = text_of(one)
            scope.short[name.rpartition(".")[2]] = f"{scope.full(text_of(left))}.{name}"
        return
    if first.type not in ("alias", "identifier", "atom", "dot"):
        return
    full = scope.full(text_of(first))
    given = next((text_of(value) for key, value in pairs_of(call) if key == "as"), "")
    if given or call.name == "alias":
        scope.short[given or full.rpartition(".")[2]] = full
