"""What speaks against loops and ways over lists in Erlang text.

Belongs here: folds, recursion, passes over a list, loops over an index. Does not: single calls and
operators (``idioms_erlang.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from booktune_assets.beam.erlang_functions import ErlFunction, erl_tails
from booktune_assets.beam.erlang_tree import ErlCall, ErlScope, ErlVisit, atom_of, erl_call
from booktune_assets.beam.idiom_findings import Findings
from booktune_assets.beam.tree import child, content, preorder, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["find_erlang_loops", "sign_of"]

_ARITHMETIC = frozenset(("+", "-", "*", "/"))
_PASSES = frozenset(("map", "filter", "filtermap"))
_FLAT = frozenset(("append", "concat", "flatten"))
_WALKS = frozenset(("map", "foreach", "filter", "filtermap", "flatmap", "all", "any"))
_FOLDS = frozenset(("foldl", "foldr"))
_BEGINS = ("spawn", "start", "async", "send_request")
_NODES_MAX = 60  # of the other side of an operator


def find_erlang_loops(
    visits: Sequence[ErlVisit], functions: Sequence[ErlFunction], findings: Findings
) -> None:
    """Note what is found in the visits and functions of one tree."""
    for visit in visits:
        call, scope = visit.call, visit.scope
        if scope.typed:
            continue
        if call is not None and not call.capture and call.module == "lists":
            _two_passes(call, scope, findings)
            if call.name in _FOLDS and len(call.args) == 3:
                _fold(call, scope, findings)
            if call.name == "reverse" and len(call.args) == 1:
                _turned_fold(call, scope, findings)
            if call.name == "nth" and _by_index(call, scope):
                findings.add("index_loop", call.node)
        elif visit.node.type == "generator":
            inner = child(visit.node, "rhs")
            if inner is not None and inner.type == "var":
                inner = _bound(inner)
            above = _above(visit.node, "list_comprehension")
            if inner is not None and inner.type == "list_comprehension" and above is not None:
                # what has a name to be used twice is worked out once by the inner one
                name = child(visit.node, "lhs")
                uses = sum(text_of(one) == text_of(name) for one in preorder(above))
                if name is None or name.type != "var" or uses == 2:
                    findings.add("two_passes", above)
    for function in functions:
        _recursion(function, findings)


def sign_of(node: Node) -> str:
    """The operator between two sides."""
    left, right = child(node, "lhs"), child(node, "rhs")
    if left is None or right is None or node.text is None:
        return ""
    between = node.text[left.end_byte - node.start_byte : right.start_byte - node.start_byte]
    return between.decode("utf-8", "replace").strip()


def _above(node: Node, kind: str) -> Node | None:
    """The nearest node of a kind around a node."""
    around = node.parent
    while around is not None and around.type != kind:
        around = around.parent
    return around


def _two_passes(call: ErlCall, scope: ErlScope, findings: Findings) -> None:
    """``lists:map`` of ``lists:map``: nested, or through a variable that nothing else uses."""
    source = call.args[-1] if call.args else None
    if source is not None and source.type == "var":
        source = _bound(source)
    inner = erl_call(source, scope) if source is not None else None
    if inner is None or inner.module != "lists" or inner.capture:
        return
    began = any(_starts(one) for one in inner.args)  # all, before one is waited for
    if call.name in _PASSES and len(call.args) == 2 and inner.name in _PASSES and not began:
        findings.add("two_passes", call.node)
    # a text made of texts is as deep as it likes: `flatmap` opens one level only
    text = "io_lib" in text_of(inner.node) or "format" in text_of(inner.node)
    if call.name in _FLAT and len(call.args) == 1 and inner.name == "map" and not text:
        findings.add("two_passes", call.node)


def _starts(fun: Node) -> bool:
    """Does it begin something that goes on beside it: a process, a request?"""
    calls = (erl_call(one, ErlScope()) for one in preorder(fun))
    return any(call is not None and call.name.startswith(_BEGINS) for call in calls)


def _bound(name: Node) -> Node | None:
    """What a variable was given in the same body, when this is its only use there."""
    inside = name
    while inside.parent is not None and inside.parent.type != "clause_body":
        inside = inside.parent
    if inside.parent is None:
        return None
    around = content(inside.parent)
    for place in range(around.index(inside) - 1, -1, -1):
        one = around[place]
        if one.type == "match_expr" and text_of(child(one, "lhs")) == text_of(name):
            later = (node for part in around[place + 1 :] for node in preorder(part))
            uses = sum(node.type == "var" and text_of(node) == text_of(name) for node in later)
            return child(one, "rhs") if uses == 1 else None
    return None


def _fold(call: ErlCall, scope: ErlScope, findings: Findings) -> None:
    """``fun(X, Acc) -> Acc ++ [X] end``: the accumulator on the left is copied each time; and
    ``fun(X, Sum) -> Sum + X end`` from 0."""
    for names, body in _clauses(call.args[0]):
        for part in body:
            for node in preorder(part):
                left = _appended(node, scope)
                if left is not None and names and text_of(left) == names[-1]:
                    findings.add("append_in_loop", node)
        if len(body) == 1 and body[0].type == "binary_op_expr" and sign_of(body[0]) == "+":
            sides = [text_of(child(body[0], side)) for side in ("lhs", "rhs")]
            if sorted(sides) == sorted(names) and text_of(call.args[1]) == "0":
                findings.add("reduce_by_hand", call.node)


def _clauses(fun: Node) -> list[tuple[list[str], list[Node]]]:
    """Arguments and expressions of the clauses of a ``fun``."""
    found: list[tuple[list[str], list[Node]]] = []
    for clause in content(fun) if fun.type == "anonymous_fun" else []:
        names = [text_of(one) for one in content(child(clause, "args") or clause)]
        found.append((names, content(child(clause, "body") or clause)))
    return found


def _turned_fold(call: ErlCall, scope: ErlScope, findings: Findings) -> None:
    """A list put together by ``[… | Acc]``, and turned at the end: a comprehension."""
    fold = erl_call(call.args[0], scope)
    if fold is None or (fold.module, fold.name) != ("lists", "foldl") or len(fold.args) != 3:
        return
    clauses = _clauses(fold.args[0])
    if len(clauses) != 1 or text_of(fold.args[1]) != "[]":
        return
    (names, body), = clauses  # fmt: skip
    inside = content(body[0]) if len(body) == 1 and body[0].type == "list" else []
    pipe = inside[0] if len(inside) == 1 and inside[0].type == "pipe" else None
    if pipe is None or len(names) != 2 or text_of(child(pipe, "rhs")) != names[1]:
        return
    if names[1] not in _variables(child(pipe, "lhs") or pipe):
        findings.add("reduce_by_hand", fold.node)


def _by_index(call: ErlCall, scope: ErlScope) -> bool:
    """``lists:nth(I, L)`` for each ``I`` of ``lists:seq``: each look walks the list again."""
    index = text_of(call.args[0] if call.args else None)
    around = call.node.parent
    while around is not None and around.type != "function_clause":
        if around.type == "list_comprehension":
            for one in preorder(around):
                drawn = one.type == "generator" and text_of(child(one, "lhs")) == index
                if drawn and _is_seq(child(one, "rhs"), scope):
                    return True
        elif around.type == "anonymous_fun" and around.parent is not None:
            given = {names[0] for names, _ in _clauses(around) if names}
            walk = erl_call(around.parent.parent, scope) if around.parent.parent else None
            named = walk is not None and walk.module == "lists" and walk.name in _WALKS | _FOLDS
            if walk is not None and named and index in given and _is_seq(walk.args[-1], scope):
                return True
        around = around.parent
    return False


def _is_seq(node: Node | None, scope: ErlScope) -> bool:
    call = erl_call(node, scope) if node is not None else None
    return call is not None and (call.module, call.name) == ("lists", "seq")


def _appended(node: Node, scope: ErlScope) -> Node | None:
    """The left side of ``++`` or ``lists:append/2``."""
    if node.type == "binary_op_expr" and sign_of(node) == "++":
        return child(node, "lhs")
    call = erl_call(node, scope) if node.type == "call" else None
    if call is not None and (call.module, call.name, call.arity) == ("lists", "append", 2):
        return call.args[0]
    return None


def _right(node: Node) -> Node:
    """The other side of what ``_appended`` finds."""
    return child(node, "rhs") or content(child(node, "args") or node)[-1]


def _taken(function: ErlFunction, place: int) -> set[str]:
    """Names that the heads give to what comes in at a place: an accumulator is one."""
    heads = (content(child(clause, "args") or clause) for clause in function.clauses)
    return {name for head in heads for one in head[place : place + 1] for name in _variables(one)}


def _variables(node: Node) -> set[str]:
    return {text_of(one) for one in preorder(node) if one.type == "var"}


def _recursion(function: ErlFunction, findings: Findings) -> None:
    own = [
        one for one in function.calls if (one.name, one.arity) == (function.name, function.arity)
    ]
    ends = {one.id for clause in function.clauses for one in erl_tails(clause)}
    for call in own:
        if call.node.id in ends:  # a call that something waits for goes down, not round
            for place, argument in enumerate(call.args):
                _grows(argument, _taken(function, place), findings)
        _body_recursion(call.node, function.name, findings)
    inside = [one for clause in function.clauses for one in preorder(clause) if one.type == "call"]
    calls = [call for one in inside if (call := erl_call(one, ErlScope())) is not None]
    names = {call.name for call in calls if call.module in ("", "erlang")}
    if own and {"hd", "tl"} <= names:
        findings.add("hd_and_tl", function.clauses[0])
    stepped = {text_of(child(one, "lhs")) for call in own for one in call.args if _steps(one)}
    for call in calls:
        looks = (call.module, call.name) == ("lists", "nth")
        if looks and call.args and text_of(call.args[0]) in stepped:
            findings.add("index_loop", call.node)


def _steps(node: Node) -> bool:
    """``I + 1``."""
    sign = sign_of(node) if node.type == "binary_op_expr" else ""
    return sign in ("+", "-") and text_of(child(node, "rhs")) == "1"


def _grows(argument: Node, taken: set[str], findings: Findings) -> None:
    """``loop(T, Acc ++ [X])``; ``More ++ Acc`` copies what is new, and nothing twice."""
    for node in preorder(argument):
        left = _appended(node, ErlScope())
        if left is None or left.type != "var" or not _variables(_right(node)):
            continue
        if text_of(left) in taken or not taken & _variables(_right(node)):
            findings.add("append_in_loop", argument)


def _body_recursion(call: Node, name: str, findings: Findings) -> None:
    """``1 + f(T)``: a number that waits for the rest of the list."""
    whole = call
    while whole.parent is not None and _sums(whole.parent):
        whole = whole.parent
    if whole == call:
        return
    # two calls in one expression walk a tree: no accumulator helps there
    near = islice(preorder(whole), _NODES_MAX)
    if sum(atom_of(child(one, "expr"), ErlScope()) == name for one in near) == 1:
        findings.add("body_recursion", call)


def _sums(node: Node) -> bool:
    return node.type == "binary_op_expr" and sign_of(node) in _ARITHMETIC
