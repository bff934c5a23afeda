"""What the nodes of an Elixir tree are: calls with arity, heads, keyword lists, names in full.

Belongs here: answers about one node. Does not: the way over a tree (``elixir_walk.py``), blocks and
clauses (``elixir_blocks.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from booktune_assets.beam.tree import child, content, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Call", "Head", "Scope", "call_of", "head_of", "operand_of", "operator", "pairs_of"]


@dataclass(slots=True)
class Call:
    """A call as written. ``module`` is empty for a local one, a resolved name for ``Mod.fun``,
    ``:mod`` for Erlang's, and ``?`` for a variable or expression before the dot.

    ``args`` are the arguments between the parentheses; a pipe's left side is not among them but
    counts in ``arity``, and so does a ``do`` block.
    """

    node: Node
    module: str
    name: str
    args: list[Node]
    block: Node | None
    piped: Node | None
    arity: int
    parens: bool = False
    capture: bool = False  # ``&Mod.fun/1``: named, not called here


@dataclass(slots=True)
class Scope:
    """What is around a node. ``short`` maps first segments of aliases to full names."""

    module: str = ""
    kind: str = ""  # of the module: defmodule, defprotocol, defimpl
    function: tuple[str, int] | None = None
    short: dict[str, str] = field(default_factory=dict[str, str])
    typed: bool = False  # inside of a type specification
    quoted: bool = False  # inside of ``quote``: what it defines is of the module that will use it

    def inner(self) -> Scope:
        """A copy whose aliases do not show outside."""
        return replace(self, short=dict(self.short))

    def full(self, name: str) -> str:
        """A name written in full."""
        if name == "__MODULE__" or name.startswith("__MODULE__."):
            return (self.module or "__MODULE__") + name[len("__MODULE__") :]
        head, dot, rest = name.partition(".")
        full = self.short.get(head, head)
        return f"{full}{dot}{rest}".removeprefix("Elixir.")


@dataclass(slots=True)
class Head:
    """The head of a definition: ``low`` is the arity with every default left out."""

    name: str
    args: list[Node]
    low: int
    guard: Node | None

    @property
    def arity(self) -> int:
        return len(self.args)


def call_of(node: Node, scope: Scope | None = None, piped: Node | None = None) -> Call | None:
    """The call that a node is. ``piped`` is what a ``|>`` puts in front of its arguments."""
    extra = 1 if piped is not None else 0
    if node.type == "identifier" and piped is not None:
        return Call(node, "", text_of(node), [], None, piped, 1)
    if node.type == "unary_operator" and operator(node) == "&":
        return _captured(node, scope)
    if node.type == "binary_operator" and operator(node) == "/":
        return _counted(node, scope)
    if node.type != "call":
        return None
    target = child(node, "target")
    if target is None:
        return None
    arguments = next((one for one in node.named_children if one.type == "arguments"), None)
    block = next((one for one in node.named_children if one.type == "do_block"), None)
    args = content(arguments) if arguments is not None else []
    parens = arguments is not None and arguments.children[0].type == "("
    arity = len(args) + extra + (block is not None)
    if target.type == "identifier":
        return Call(node, "", text_of(target), args, block, piped, arity, parens)
    if target.type != "dot":
        return None
    right = child(target, "right")
    if right is None or right.type not in ("identifier", "operator_identifier", "string"):
        return None
    name = text_of(right).strip('"')
    return Call(node, _home(target, scope), name, args, block, piped, arity, parens)


def _captured(node: Node, scope: Scope | None) -> Call | None:
    """``&name/1`` and ``&Mod.name/1``."""
    inner = operand_of(node)
    if inner is None or inner.type != "binary_operator" or operator(inner) != "/":
        return None
    left = child(inner, "left")
    if left is not None and left.type in ("identifier", "operator_identifier"):
        return Call(node, "", text_of(left), [], None, None, _arity(inner), capture=True)
    return _named(inner, node, scope)


def _counted(node: Node, scope: Scope | None) -> Call | None:
    """``Mod.name/1`` without a sign before it, as one asks for help; with spaces it divides."""
    left, right = child(node, "left"), child(node, "right")
    if left is None or right is None or right.start_byte != left.end_byte + 1:
        return None
    return _named(node, node, scope)


def _named(inner: Node, node: Node, scope: Scope | None) -> Call | None:
    left, right = child(inner, "left"), child(inner, "right")
    if left is None or right is None or left.type != "call" or right.type != "integer":
        return None
    named = call_of(left, scope)
    if named is None or named.args or named.parens or named.module in ("", "?"):
        return None
    return Call(node, named.module, named.name, [], None, None, _arity(inner), capture=True)


def _arity(slash: Node) -> int:
    text = text_of(child(slash, "right"))
    return int(text) if text.isdecimal() else 0


def operand_of(node: Node) -> Node | None:
    """What a unary operator stands before; brackets around it are no part of it."""
    inner = content(node)
    return inner[-1] if inner else None


def _home(dot: Node, scope: Scope | None) -> str:
    left = child(dot, "left")
    if left is None:
        return "?"
    name = text_of(left)
    if left.type == "alias" or (left.type == "identifier" and name == "__MODULE__"):
        return scope.full(name) if scope is not None else name
    if left.type == "dot" and name.startswith("__MODULE__.") and scope is not None:
        return scope.full(name)
    return name if left.type == "atom" else "?"


def head_of(node: Node) -> Head | None:
    """Name, patterns and guard of ``f(x) when y``, ``f``, ``a + b`` or ``unquote(name)(x)``."""
    guard = None
    if node.type == "binary_operator" and operator(node) == "when":
        guard, left = child(node, "right"), child(node, "left")
        if left is None:
            return None
        node = left
    if node.type == "identifier":
        return Head(text_of(node), [], 0, guard)
    if node.type == "binary_operator":
        sides = [one for one in (child(node, "left"), child(node, "right")) if one is not None]
        return Head(operator(node), sides, len(sides), guard)
    if node.type == "unary_operator":
        operand = operand_of(node)
        return Head(operator(node), [operand], 1, guard) if operand is not None else None
    call = call_of(node)
    if call is None or call.module:
        return None
    defaults = sum(
        1 for one in call.args if one.type == "binary_operator" and operator(one) == "\\\\"
    )
    return Head(call.name, call.args, len(call.args) - defaults, guard)


def pairs_of(call_or_list: Call | Node) -> list[tuple[str, Node]]:
    """Keys (without colon) and values of keyword arguments, of a list or of a map."""
    holders = call_or_list.args if isinstance(call_or_list, Call) else [call_or_list]
    found: list[tuple[str, Node]] = []
    for holder in holders:
        inner = [holder]
        if holder.type in ("list", "map", "map_content", "tuple"):
            inner = [one for part in content(holder) for one in _unfolded(part)]
        for one in inner:
            if one.type == "keywords":
                for pair in content(one):
                    key, value = child(pair, "key"), child(pair, "value")
                    if key is not None and value is not None:
                        found.append((text_of(key).strip().rstrip(":").strip('"'), value))
            elif one.type == "binary_operator" and operator(one) == "=>":
                key, value = child(one, "left"), child(one, "right")
                if key is not None and value is not None:
                    found.append((text_of(key).lstrip(":"), value))
    return found


def _unfolded(node: Node) -> list[Node]:
    return content(node) if node.type == "map_content" else [node]


def operator(node: Node) -> str:
    return text_of(child(node, "operator"))
