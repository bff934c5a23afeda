"""Patterns of the Erlang language: guards, comprehensions, heads, recursion, receive, assertion.

Belongs here: what the forms of a listing show. Does not: processes (``patterns_erlang.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from booktune_assets.beam.erlang_functions import (
    ErlFunction,
    erl_functions_of,
    erl_inside,
    erl_tails,
)
from booktune_assets.beam.erlang_tree import ErlVisit, atom_of, erl_args
from booktune_assets.beam.pattern_hits import Hits
from booktune_assets.beam.tree import FRAGMENT, child, content, preorder, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["forms_erlang"]

_COMPREHENSIONS = frozenset(("list_comprehension", "binary_comprehension", "map_comprehension"))
_LITERALS = frozenset(
    ("atom", "integer", "float", "string", "char", "macro_call_expr", "unary_op_expr")
)
_TAKEN_APART = frozenset(("tuple", "list", "map_expr", "record_expr", "binary"))
_CATCHING = frozenset(("try_expr", "catch_expr", "expr_args"))
_LOOP_MAX = 40  # functions that a loop may go through
_OTP = frozenset(("handle_call", "handle_cast", "handle_info", "handle_continue", "handle_event"))


def forms_erlang(visits: Sequence[ErlVisit], hits: Hits) -> None:
    """Note what the visits of one tree show."""
    for visit in visits:
        node = visit.node
        if visit.scope.typed:
            continue
        if node.type in _COMPREHENSIONS:
            hits.add("comprehension", node, node.type.replace("_", " "))
        elif node.type == "guard" and node.parent is not None and node.parent.type != "if_clause":
            hits.add("guard", node, f"when {text_of(node)}")
        else:
            _crashes(visit, hits)
    functions = erl_functions_of(visits)
    for function in functions:
        _heads(function, hits)
        _recursion(function, functions, hits)


def _crashes(visit: ErlVisit, hits: Hits) -> None:
    """``{ok, X} = call(…)`` and ``ok = call(…)`` that nothing rescues; exits in callbacks."""
    node, scope, call = visit.node, visit.scope, visit.call
    if scope.function is None or scope.function[0] == FRAGMENT:
        return
    name = scope.function[0]
    if name.endswith(("_test", "_test_")) or scope.module.endswith(("_tests", "_SUITE")):
        return
    if node.type == "match_expr":
        left, right = child(node, "lhs"), child(node, "rhs")
        if left is None or right is None or right.type != "call":
            return
        first = content(left)[:1] if left.type == "tuple" else [left]
        if first and atom_of(first[0], scope) == "ok" and not erl_inside(node, _CATCHING):
            hits.add("let_it_crash", node, f"{text_of(left)} = …", name)
    elif call is not None and name in _OTP and call.module in ("", "erlang"):
        ends = call.name in ("exit", "error") and call.arity < 3
        if ends and not erl_inside(node, _CATCHING):
            hits.add("let_it_crash", node, f"{call.name} in {name}", name)


def _heads(function: ErlFunction, hits: Hits) -> None:
    """Clauses told apart by their heads, or one head that takes its argument apart."""
    kinds = {
        kind for clause in function.clauses for one in erl_args(clause) for kind in _pattern(one)
    }
    count = len(function.clauses)
    if not kinds or (count == 1 and kinds == {"literal"}):
        return
    said = f"{function.label} {count} clause{'s' * (count > 1)}"
    for clause in function.clauses:
        hits.add("pattern_heads", clause, said, function.label)


def _pattern(node: Node) -> set[str]:
    """How a head's argument matches: ``literal``, ``shape``, both or not at all."""
    kinds: set[str] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type == "match_expr":
            waiting += content(one)
        elif one.type == "binary_op_expr" or (one.type in _TAKEN_APART and content(one)):
            kinds.add("shape")
        elif one.type in _LITERALS or one.type in _TAKEN_APART:
            kinds.add("literal")  # an empty list or tuple takes nothing apart
    return kinds


def _recursion(function: ErlFunction, functions: Sequence[ErlFunction], hits: Hits) -> None:
    own = [
        one for one in function.calls if (one.name, one.arity) == (function.name, function.arity)
    ]
    last = {node.id for clause in function.clauses for node in erl_tails(clause)}
    if own and all(one.node.id in last for one in own):
        for clause in function.clauses:
            hits.add("tail_recursion", clause, function.label, function.label)
    receives = any(
        one.type == "receive_expr" for clause in function.clauses for one in preorder(clause)
    )
    if receives and (own or _comes_back(function, functions)):
        hits.add("receive_loop", function.clauses[0], function.label, function.label)


def _comes_back(function: ErlFunction, functions: Sequence[ErlFunction]) -> bool:
    """Does a function reach itself through others of the listing?"""
    known = {(one.name, one.arity): one for one in functions}
    seen: set[tuple[str, int]] = set()
    waiting = [function]
    while waiting and len(seen) < _LOOP_MAX:
        for call in waiting.pop().calls:
            key = (call.name, call.arity)
            if key == (function.name, function.arity):
                return True
            if key in known and key not in seen:
                seen.add(key)
                waiting.append(known[key])
    return False
