"""Patterns of the Elixir language: pipelines, ``with``, guards, pins, heads, recursion, assertion.

Belongs here: what the forms of a listing show. Does not: processes (``patterns_elixir.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from booktune_assets.beam.elixir_blocks import section
from booktune_assets.beam.elixir_functions import Function, reaches, self_calls, tails
from booktune_assets.beam.elixir_tree import Call, call_of, operator, pairs_of
from booktune_assets.beam.elixir_walk import Visit
from booktune_assets.beam.pattern_hits import Hits
from booktune_assets.beam.tree import child, content, preorder, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["forms_elixir"]

_LITERALS = frozenset(
    ("atom", "integer", "float", "string", "boolean", "nil", "char", "charlist", "sigil", "alias",
     "unary_operator")
)  # fmt: skip
_TAKEN_APART = frozenset(("tuple", "list", "map", "bitstring"))
_LOOP_MAX = 40  # functions that a loop may go through
_OTP = frozenset(("handle_call", "handle_cast", "handle_info", "handle_continue", "handle_event"))
_NO_CALLS = frozenset(("fn", "quote", "case", "if", "cond", "for", "receive", "try"))


def forms_elixir(visits: Sequence[Visit], functions: Sequence[Function], hits: Hits) -> None:
    """Note what the visits of one tree show."""
    tested = {
        visit.scope.module
        for visit in visits
        if visit.call is not None and visit.call.name == "use" and "ExUnit" in text_of(visit.node)
    }
    for visit in visits:
        node, scope, call = visit.node, visit.scope, visit.call
        if scope.typed:
            continue
        if node.type == "binary_operator":
            _operators(visit, tested, hits)
        elif node.type == "unary_operator" and operator(node) == "^":
            hits.add("pin", node, text_of(node))
        elif call is not None and not call.module:
            _local(call, visit, hits)
    for function in functions:
        _heads(function, hits)
        _recursion(function, functions, hits)


def _operators(visit: Visit, tested: set[str], hits: Hits) -> None:
    node, scope = visit.node, visit.scope
    sign = operator(node)
    if sign == "|>" and not _is_step(node):
        steps = 0
        inner: Node | None = node
        while inner is not None and inner.type == "binary_operator" and operator(inner) == "|>":
            steps, inner = steps + 1, child(inner, "left")
        hits.add("pipeline", node, f"{steps} step{'s' * (steps > 1)}")
    elif sign == "when":
        hits.add("guard", node, f"when {text_of(child(node, 'right'))}")
    elif sign == "=" and scope.function is not None and scope.module not in tested:
        left, right = child(node, "left"), child(node, "right")
        if left is not None and right is not None and _asserts(left, right, node):
            group = f"{scope.module}.{scope.function[0]}"
            hits.add("let_it_crash", node, f"{text_of(left)} = …", group)


def _is_step(node: Node) -> bool:
    parent = node.parent
    return (
        parent is not None and parent.type == "binary_operator" and operator(parent) == "|>"
        and child(parent, "left") == node
    )  # fmt: skip


def _asserts(left: Node, right: Node, node: Node) -> bool:
    """``{:ok, x} = call(…)`` or ``:ok = call(…)`` that nothing around it rescues."""
    first = content(left)[:1] if left.type == "tuple" else [left]
    if not first or text_of(first[0]) != ":ok":
        return False
    called = right.type == "binary_operator" and operator(right) == "|>"
    if right.type == "call":
        call = call_of(right)
        called = call is not None and not (call.module == "" and call.name in _NO_CALLS)
    return called and not _caught(node)


def _caught(node: Node) -> bool:
    """Stands it in ``try``, in a rescued function, or among the arguments of a call?"""
    if node.parent is not None and node.parent.type == "arguments":
        return True
    while (parent := node.parent) is not None:
        if parent.type == "call":
            call = call_of(parent)
            if call is not None and not call.module:
                if call.name == "try" or section(call, "rescue") or section(call, "catch"):
                    return True
                if call.name in ("def", "defp"):
                    return False
        node = parent
    return False


def _local(call: Call, visit: Visit, hits: Hits) -> None:
    does = call.block is not None or any(key == "do" for key, _ in pairs_of(call))
    if call.name == "with" and does and any(_binds(one) for one in call.args):
        steps = [text_of(child(one, "left")) for one in call.args if _binds(one)]
        hits.add("with", call.node, f"with {', '.join(steps)}")
    elif call.name == "for" and does and any(_generates(one) for one in call.args):
        hits.add("comprehension", call.node, "for")
    elif call.name in ("exit", "raise") and visit.scope.function is not None:
        name = visit.scope.function[0]
        if name in _OTP and not _caught(call.node):
            group = f"{visit.scope.module}.{name}"
            hits.add("let_it_crash", call.node, f"{call.name} in {name}", group)


def _binds(node: Node) -> bool:
    return node.type == "binary_operator" and operator(node) in ("<-", "=")


def _generates(node: Node) -> bool:
    if node.type == "bitstring":
        return any(
            one.type == "binary_operator" and operator(one) == "<-" for one in preorder(node)
        )
    return node.type == "binary_operator" and operator(node) == "<-"


def _heads(function: Function, hits: Hits) -> None:
    """Clauses told apart by their heads, or one head that takes its argument apart."""
    with_body = [clause for clause in function.clauses if clause.body or not clause.head.args]
    kinds = {kind for clause in with_body for one in clause.head.args for kind in _pattern(one)}
    if not kinds or (len(with_body) == 1 and "literal" in kinds and len(kinds) == 1):
        return
    first, last = function.clauses[0].call.node, function.clauses[-1].call.node
    group = f"{function.module}.{function.name}/{function.arity}"
    said = f"{group.lstrip('.')} {len(with_body)} clause{'s' * (len(with_body) > 1)}"
    hits.add("pattern_heads", first, said, group)
    if last != first:
        hits.add("pattern_heads", last, said, group)


def _pattern(node: Node) -> set[str]:
    """How a head's argument matches: ``literal``, ``shape``, both or not at all."""
    kinds: set[str] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        sides = [child(one, "left"), child(one, "right")]
        if one.type == "binary_operator" and operator(one) == "<>":
            kinds.add("shape")
        elif one.type == "binary_operator":
            # of a default only the left side is a pattern
            sides = sides[:1] if operator(one) == "\\\\" else sides
            waiting += [side for side in sides if side is not None]
        elif one.type in _TAKEN_APART and content(one):
            kinds.add("shape")
        elif one.type in _LITERALS or one.type in _TAKEN_APART:
            kinds.add("literal")
    return kinds


def _recursion(function: Function, functions: Sequence[Function], hits: Hits) -> None:
    own = self_calls(function)
    last = {node.id for clause in function.clauses for node in tails(clause.body)}
    group = f"{function.module}.{function.name}/{function.arity}"
    if own and all(call.node.id in last for call in own):
        for clause in function.clauses:
            hits.add("tail_recursion", clause.call.node, group.lstrip("."), group)
    receives = any(
        call.module == "" and call.name == "receive" and call.block is not None
        for call in function.calls
    )
    if receives and (own or _comes_back(function, functions)):
        hits.add("receive_loop", function.clauses[0].call.node, group.lstrip("."), group)


def _comes_back(function: Function, functions: Sequence[Function]) -> bool:
    """Does a function reach itself through others of its module?"""
    home = [one for one in functions if one.module == function.module]
    reached: list[Function] = []
    waiting = [function]
    while waiting and len(reached) < _LOOP_MAX:
        for call in waiting.pop().calls:
            for target in home:
                if target not in reached and reaches(call, target):
                    if target is function:
                        return True
                    reached.append(target)
                    waiting.append(target)
    return False
