"""What the nodes of an Erlang tree are: calls with their arity, functions, attributes.

Belongs here: one walk over a tree that knows module and function at every node. Does not: what a
listing defines (``structure_erlang.py``), which patterns it shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from booktune_assets.beam.tree import child, content, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["ErlCall", "ErlScope", "ErlVisit", "erl_args", "erl_call", "erl_functions", "erl_walk"]

_TYPED = frozenset(("spec", "callback", "type_alias", "opaque", "nominal"))


@dataclass(slots=True)
class ErlCall:
    """A call, or with ``capture`` a name like ``fun m:f/1``. ``module`` is empty for a local one,
    ``?`` where a variable or macro stands; ``name`` is ``?`` where it is not an atom."""

    node: Node
    module: str
    name: str
    args: list[Node]
    arity: int
    capture: bool = False


@dataclass(slots=True)
class ErlScope:
    """What is around a node. ``macros`` are those that a listing defines as a plain atom."""

    module: str = ""
    macros: dict[str, str] = field(default_factory=dict[str, str])
    function: tuple[str, int] | None = None
    typed: bool = False


@dataclass(slots=True)
class ErlVisit:
    """A node on the walk, with the call that it is."""

    node: Node
    scope: ErlScope
    call: ErlCall | None = None


def erl_walk(root: Node) -> Iterator[ErlVisit]:
    """All named nodes in order."""
    top = ErlScope()
    waiting: list[tuple[Node, ErlScope]] = [(root, top)]
    while waiting:
        node, scope = waiting.pop()
        if node.type == "comment":
            continue
        if node.type == "module_attribute":
            top.module = atom_of(child(node, "name"), top)
        elif node.type == "pp_define":
            _define(node, top)
        yield ErlVisit(node, scope, erl_call(node, scope))
        inner = scope
        if node.type == "function_clause":
            name = atom_of(child(node, "name"), scope)
            inner = ErlScope(top.module, top.macros, (name, len(erl_args(node))))
        elif node.type in _TYPED or node.type == "field_type":
            inner = ErlScope(top.module, top.macros, scope.function, True)
        waiting.extend((one, inner) for one in reversed(content(node)))


def erl_call(node: Node, scope: ErlScope) -> ErlCall | None:
    """The call or named fun that a node is."""
    if node.type == "call":
        what = child(node, "expr")
        args = erl_args(node)
        if what is not None and what.type == "remote":
            home = child(child(what, "module"), "module")
            return ErlCall(
                node, atom_of(home, scope) or "?", atom_of(child(what, "fun"), scope) or "?",
                args, len(args),
            )  # fmt: skip
        return ErlCall(node, "", atom_of(what, scope) or "?", args, len(args))
    if node.type in ("external_fun", "internal_fun"):
        home = child(child(node, "module"), "name")
        module = (atom_of(home, scope) or "?") if node.type == "external_fun" else ""
        count = text_of(child(child(node, "arity"), "value"))
        arity = int(count) if count.isdecimal() else -1
        return ErlCall(node, module, atom_of(child(node, "fun"), scope) or "?", [], arity, True)
    return None


def erl_args(node: Node) -> list[Node]:
    """Arguments of a call, clause or head."""
    holder = child(node, "args")
    return content(holder) if holder is not None else []


def erl_functions(root: Node, scope: ErlScope | None = None) -> dict[tuple[str, int], list[Node]]:
    """Clauses of each named function, in order."""
    found: dict[tuple[str, int], list[Node]] = {}
    known = scope or ErlScope()
    for form in content(root):
        clauses = content(form) if form.type == "fun_decl" else []
        for clause in [*clauses, *([form] if form.type == "function_clause" else [])]:
            if clause.type == "function_clause":
                key = (atom_of(child(clause, "name"), known), len(erl_args(clause)))
                found.setdefault(key, []).append(clause)
    return found


def atom_of(node: Node | None, scope: ErlScope) -> str:
    """The atom that a node is, also behind ``?MODULE`` or a macro of the listing; else empty."""
    if node is None:
        return ""
    if node.type == "atom":
        return text_of(node).strip("'")
    if node.type == "macro_call_expr" and child(node, "args") is None:
        name = text_of(child(node, "name"))
        return scope.module if name == "MODULE" else scope.macros.get(name, "")
    return ""


def _define(node: Node, scope: ErlScope) -> None:
    name = text_of(child(child(node, "lhs"), "name"))
    value = atom_of(child(node, "replacement"), scope)
    if name and value:
        scope.macros[name] = value
