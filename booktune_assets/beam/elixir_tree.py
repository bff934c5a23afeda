"""What the nodes of an Elixir tree are: calls with their arity, modules, heads, scopes of aliases.

Belongs here: one walk over a tree that knows module, function and short names at every node. Does
not: what a listing defines (``structure_elixir.py``), which patterns it shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from booktune_assets.beam.tree import child, content, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Call", "Head", "Scope", "Visit", "call_of", "clauses_of", "head_of", "pairs_of",
           "statements", "walk"]  # fmt: skip

MODULES = frozenset(("defmodule", "defprotocol", "defimpl"))
DEFINERS = {
    "def": ("function", True), "defp": ("function", False), "defmacro": ("macro", True),
    "defmacrop": ("macro", False), "defguard": ("guard", True), "defguardp": ("guard", False),
    "defdelegate": ("delegate", True),
}  # fmt: skip
TYPE_ATTRIBUTES = frozenset(
    ("spec", "type", "typep", "opaque", "callback", "macrocallback", "optional_callbacks")
)
_SECTIONS = ("after_block", "rescue_block", "catch_block", "else_block")


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

    def inner(self) -> Scope:
        """A copy whose aliases do not show outside."""
        return Scope(self.module, self.kind, self.function, dict(self.short), self.typed)

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
    if node.type == "binary_operator" and _operator(node) == "|>":
        left, right = child(node, "left"), child(node, "right")
        if left is not None and right is not None:
            yield left, scope, None, False
            yield right, scope, left, False
            return
    if node.type == "unary_operator" and _operator(node) == "@":
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
            # below a guard there is the head, below the head there are patterns
            left = node.type == "binary_operator" and one == child(node, "left")
            yield one, scope, None, bool(left)
        return
    own = scope.inner() if node.type in ("do_block", "stab_clause", *_SECTIONS) else scope
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
    if call.name in MODULES and call.block is not None:
        inner = scope.inner()
        inner.kind, inner.function = call.name, None
        inner.module = module_name(call, scope)
        return inner
    if call.name in DEFINERS and (head := head_of(first)) is not None:
        inner = scope.inner()
        inner.function = (head.name, head.arity)
        return inner
    return None


def module_name(call: Call, scope: Scope) -> str:
    first = call.args[0]
    if call.name == "defimpl":
        target = next((value for key, value in pairs_of(call) if key == "for"), None)
        whom = scope.full(text_of(target)) if target is not None else scope.module
        return f"{scope.full(text_of(first))}.{whom}"
    name = text_of(first)
    if first.type == "atom":
        return name.lstrip(":")
    if name.startswith("__MODULE__"):
        return scope.full(name)
    if not scope.module or name.startswith("Elixir."):
        return name.removeprefix("Elixir.")
    full = f"{scope.module}.{name}"
    # a nested module can be named by its own first segment from here on
    head = name.partition(".")[0]
    scope.short[head] = f"{scope.module}.{head}"
    return full


def short_names(call: Call, scope: Scope) -> None:
    """``alias A.B``, ``alias A.B, as: C``, ``alias A.{B, C}`` and ``require A.B, as: C``."""
    if not call.args or call.name == "import":
        return
    first = call.args[0]
    left, right = child(first, "left"), child(first, "right")
    if first.type == "dot" and left is not None and right is not None:
        for one in content(right) if call.name == "alias" else ():
            name = text_of(one)
            scope.short[name.rpartition(".")[2]] = f"{scope.full(text_of(left))}.{name}"
        return
    if first.type not in ("alias", "identifier", "atom"):
        return
    full = scope.full(text_of(first))
    given = next((text_of(value) for key, value in pairs_of(call) if key == "as"), "")
    if given or call.name == "alias":
        scope.short[given or full.rpartition(".")[2]] = full


def call_of(node: Node, scope: Scope | None = None, piped: Node | None = None) -> Call | None:
    """The call that a node is. ``piped`` is what a ``|>`` puts in front of its arguments."""
    extra = 1 if piped is not None else 0
    if node.type == "identifier" and piped is not None:
        return Call(node, "", text_of(node), [], None, piped, 1)
    if node.type == "unary_operator" and _operator(node) == "&":
        return _captured(node, scope)
    if node.type != "call":
        return None
    target = child(node, "target")
    if target is None:
        return None
    arguments = next((one for one in node.named_children if one.type == "arguments"), None)
    block = next((one for one in node.named_children if one.type == "do_block"), None)
    args = content(arguments) if arguments is not None else []
    parens = arguments is not None and text_of(arguments).startswith("(")
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
    if inner is None or inner.type != "binary_operator" or _operator(inner) != "/":
        return None
    left, right = child(inner, "left"), child(inner, "right")
    if left is None or right is None or right.type != "integer":
        return None
    arity = int(text_of(right).replace("_", "") or 0) if text_of(right).isdecimal() else 0
    if left.type in ("identifier", "operator_identifier"):
        return Call(node, "", text_of(left), [], None, None, arity, capture=True)
    named = call_of(left, scope)
    if named is None or named.args or not named.module:
        return None
    return Call(node, named.module, named.name, [], None, None, arity, capture=True)


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
    if node.type == "binary_operator" and _operator(node) == "when":
        guard, left = child(node, "right"), child(node, "left")
        if left is None:
            return None
        node = left
    if node.type == "identifier":
        return Head(text_of(node), [], 0, guard)
    if node.type == "binary_operator":
        sides = [one for one in (child(node, "left"), child(node, "right")) if one is not None]
        return Head(_operator(node), sides, len(sides), guard)
    if node.type == "unary_operator":
        operand = operand_of(node)
        return Head(_operator(node), [operand], 1, guard) if operand is not None else None
    call = call_of(node)
    if call is None or call.module:
        return None
    defaults = sum(
        1 for one in call.args if one.type == "binary_operator" and _operator(one) == "\\\\"
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
            elif one.type == "binary_operator" and _operator(one) == "=>":
                key, value = child(one, "left"), child(one, "right")
                if key is not None and value is not None:
                    found.append((text_of(key).lstrip(":"), value))
    return found


def _unfolded(node: Node) -> list[Node]:
    return content(node) if node.type == "map_content" else [node]


def statements(call: Call) -> list[Node]:
    """The expressions of a call's ``do``: of its block without sections, or of ``do:``."""
    if call.block is not None:
        return [one for one in content(call.block) if one.type not in _SECTIONS]
    return [value for key, value in pairs_of(call) if key == "do"][:1]


def clauses_of(node: Node | None) -> list[Node]:
    """The ``->`` clauses of a block, section or ``fn``."""
    return [one for one in content(node) if one.type == "stab_clause"] if node is not None else []


def section(call: Call, name: str) -> Node | None:
    """``else``, ``rescue``, ``catch`` or ``after`` of a call's block."""
    if call.block is None:
        return None
    return next((one for one in content(call.block) if one.type == f"{name}_block"), None)


def _operator(node: Node) -> str:
    return text_of(child(node, "operator"))


operator = _operator
