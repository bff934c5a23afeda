"""Named functions of an Erlang tree: clauses, who calls whom, what stands in tail position.

Belongs here: gathering clauses, last expressions through ``case``, ``if``, ``receive`` … Does not:
judging what is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from booktune_assets.beam.erlang_tree import ErlCall, ErlVisit, atom_of, erl_args
from booktune_assets.beam.tree import FRAGMENT, child, content

if TYPE_CHECKING:
    from tree_sitter import Node

    from booktune_assets.beam.erlang_tree import ErlScope

__all__ = ["ErlFunction", "erl_functions_of", "erl_inside", "erl_shape", "erl_tails"]

_BRANCHES = frozenset(("case_expr", "receive_expr", "if_expr", "try_expr"))


@dataclass(slots=True)
class ErlFunction:
    """All clauses of a name and arity, and the local calls inside of it."""

    name: str
    arity: int
    clauses: list[Node] = field(default_factory=list[Any])
    calls: list[ErlCall] = field(default_factory=list[ErlCall])

    @property
    def label(self) -> str:
        return f"{self.name}/{self.arity}"


def erl_functions_of(visits: Sequence[ErlVisit]) -> list[ErlFunction]:
    """Functions in the order of their first clauses."""
    found: dict[tuple[str, int], ErlFunction] = {}
    for visit in visits:
        node, scope, call = visit.node, visit.scope, visit.call
        if node.type == "function_clause":
            key = (atom_of(child(node, "name"), scope), len(erl_args(node)))
            if key[0] != FRAGMENT:
                found.setdefault(key, ErlFunction(*key)).clauses.append(node)
        elif call is not None and scope.function in found and not call.capture:
            if call.module == "" or call.module == scope.module:
                found[scope.function].calls.append(call)
            elif call.module == "?" and _own_module(node):
                found[scope.function].calls.append(call)
    return list(found.values())


def _own_module(node: Node) -> bool:
    """``?MODULE:f()`` in a listing that does not name its module."""
    home = child(child(child(node, "expr"), "module"), "module")
    return home is not None and (home.text or b"") == b"?MODULE"


def erl_tails(clause: Node) -> Iterator[Node]:
    """What a clause gives: its last expression, through everything that branches."""
    waiting = _last(child(clause, "body"))
    while waiting:
        node = waiting.pop()
        if node.type == "block_expr":
            waiting += content(node)[-1:]
        elif node.type in _BRANCHES and not _after(node):
            for one in content(node):
                if one.type in ("cr_clause", "if_clause", "receive_after"):
                    waiting += _last(child(one, "body"))
        else:
            yield node


def _after(node: Node) -> bool:
    return any(one.type == "try_after" for one in node.named_children)


def _last(body: Node | None) -> list[Node]:
    return content(body)[-1:] if body is not None else []


def erl_shape(node: Node, scope: ErlScope) -> str:
    """``reply/3`` for ``{reply, A, B}``; empty for what is no tuple that begins with an atom."""
    if node.type != "tuple":
        return ""
    parts = content(node)
    first = atom_of(parts[0], scope) if parts else ""
    return f"{first}/{len(parts)}" if first else ""


def erl_inside(node: Node, kinds: frozenset[str]) -> bool:
    """Stands a node inside of one of these kinds, within its function?"""
    while (parent := node.parent) is not None and parent.type != "function_clause":
        if parent.type in kinds:
            return True
        node = parent
    return False
