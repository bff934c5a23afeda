"""What speaks against the idiom of Erlang text.

Belongs here: calls, operators, recursion and talk between client and server. Does not: weights
(``idiom_findings.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from booktune_assets.beam.erlang_functions import ErlFunction
from booktune_assets.beam.erlang_tree import ErlCall, ErlScope, ErlVisit, atom_of, erl_call
from booktune_assets.beam.idiom_findings import Findings
from booktune_assets.beam.tree import child, content, preorder, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["find_erlang"]

_EQUAL = frozenset(("==", "=:=", "/=", "=/="))
_COMPARE = _EQUAL | {">", "<", ">=", "=<"}
_ASKS_EMPTY = {"0": _COMPARE, "1": frozenset(("<", ">="))}  # more than one is another question
_TURNED = {">": "<", "<": ">", ">=": "=<", "=<": ">="}
_ARITHMETIC = frozenset(("+", "-", "*", "/"))
_PASSES = frozenset(("map", "filter", "filtermap"))
_NODES_MAX = 60  # of the other side of an operator
_CASES_MAX = 2  # cases inside of a case; there is no `with`
_FOLDS = frozenset(("foldl", "foldr"))


def find_erlang(
    visits: Sequence[ErlVisit], functions: Sequence[ErlFunction], findings: Findings
) -> None:
    """Note what is found in the visits of one tree."""
    own = {(one.name, one.arity) for one in functions}
    for visit in visits:
        node, call, scope = visit.node, visit.call, visit.scope
        if scope.typed:
            continue
        if call is not None and not call.capture:
            if call.module or (call.name, call.arity) not in own:
                _call(call, scope, findings)
        elif node.type == "binary_op_expr":
            _compare(node, scope, findings)
        elif node.type == "catch_expr":
            findings.add("bare_catch", node)
        elif node.type == "catch_clause":
            _catch_all(node, findings)
        elif node.type == "if_expr":
            _if_chain(node, findings)
        elif node.type == "case_expr":
            _case(node, scope, findings)
        elif node.type == "compile_options_attribute" and "export_all" in text_of(node):
            findings.add("export_all", node)
    for function in functions:
        _function(function, findings)


def _call(call: ErlCall, scope: ErlScope, findings: Findings) -> None:
    if call.module == "lists" and call.name in _PASSES and len(call.args) == 2:
        inner = erl_call(call.args[1], scope)
        if inner is not None and inner.module == "lists" and inner.name in _PASSES:
            findings.add("two_passes", call.node)
    elif call.module == "lists" and call.name in _FOLDS and call.args:
        _fold(call.args[0], scope, findings)
    elif call.module in ("", "erlang"):
        if call.name in ("list_to_atom", "binary_to_atom") and call.args:
            if call.args[0].type not in ("string", "binary"):
                findings.add("dynamic_atom", call.node)
        elif (call.name, call.arity) in (("put", 2), ("get", 1), ("get", 0)):
            findings.add("process_dictionary", call.node)


def _fold(fun: Node, scope: ErlScope, findings: Findings) -> None:
    """``fun(X, Acc) -> Acc ++ [X] end``: the accumulator on the left is copied each time."""
    for clause in content(fun) if fun.type == "anonymous_fun" else []:
        names = content(child(clause, "args") or clause)
        last = text_of(names[-1]) if names else ""
        for node in preorder(clause):
            if (left := _appended(node, scope)) is not None and text_of(left) == last:
                findings.add("append_in_loop", node)


def _appended(node: Node, scope: ErlScope) -> Node | None:
    """The left side of ``++`` or ``lists:append/2``."""
    if node.type == "binary_op_expr" and _sign(node) == "++":
        return child(node, "lhs")
    call = erl_call(node, scope) if node.type == "call" else None
    if call is not None and (call.module, call.name, call.arity) == ("lists", "append", 2):
        return call.args[0]
    return None


def _sign(node: Node) -> str:
    """The operator between two sides."""
    left, right = child(node, "lhs"), child(node, "rhs")
    if left is None or right is None or node.text is None:
        return ""
    between = node.text[left.end_byte - node.start_byte : right.start_byte - node.start_byte]
    return between.decode("utf-8", "replace").strip()


def _compare(node: Node, scope: ErlScope, findings: Findings) -> None:
    left, right = child(node, "lhs"), child(node, "rhs")
    sign = _sign(node)
    if left is None or right is None or sign not in _COMPARE:
        return
    for one, other, asked in ((left, right, sign), (right, left, _TURNED.get(sign, sign))):
        if sign in _EQUAL and text_of(one) in ("true", "false"):
            findings.add("compare_boolean", node)
        call = erl_call(one, scope) if one.type == "call" else None
        if call is None or call.module not in ("", "erlang"):
            continue
        if call.name == "length" and asked in _ASKS_EMPTY.get(text_of(other), ()):
            findings.add("length_zero", node)
        elif call.name == "element" and sign in _EQUAL and other.type in ("atom", "integer"):
            findings.add("if_on_pattern", node)


def _catch_all(clause: Node, findings: Findings) -> None:
    """``_:_ ->`` or ``E:R ->`` that raises nothing again."""
    kind, pattern = child(child(clause, "class"), "class"), child(clause, "pat")
    if kind is None or pattern is None or (kind.type, pattern.type) != ("var", "var"):
        return
    body = child(clause, "body")
    raised = (text_of(child(child(one, "expr"), "fun")) or text_of(child(one, "expr"))
              for one in preorder(body or clause) if one.type == "call")  # fmt: skip
    if not {"raise", "error", "exit", "throw"} & set(raised):
        findings.add("catch_all", clause)


def _if_chain(node: Node, findings: Findings) -> None:
    """``if`` that compares one thing with several values, or goes on and on."""
    clauses = [one for one in content(node) if one.type == "if_clause"]
    compared: list[str] = []
    for clause in clauses:
        for one in preorder(child(clause, "guard") or clause):
            if one.type == "binary_op_expr" and _sign(one) in ("==", "=:="):
                compared.append(text_of(child(one, "lhs")))
                break
    if len(compared) > len(set(compared)) or len(clauses) > 4:
        findings.add("if_chain", node)


def _case(node: Node, scope: ErlScope, findings: Findings) -> None:
    """A case in a case in a case, each the whole body of a clause; ``case length(L) of 0 ->``."""
    asked = erl_call(child(node, "expr") or node, scope)
    values = [text_of(child(one, "pat")) for one in content(node) if one.type == "cr_clause"]
    if asked is not None and asked.name == "length" and "0" in values:
        findings.add("length_zero", node)
    level = [node]
    for _ in range(_CASES_MAX):
        level = [inner for one in level for inner in _inner_cases(one)]
    if level:
        findings.add("nested_case", node)


def _inner_cases(node: Node) -> list[Node]:
    bodies = (child(one, "body") for one in content(node) if one.type == "cr_clause")
    parts = [content(body) for body in bodies if body is not None]
    return [part[0] for part in parts if len(part) == 1 and part[0].type == "case_expr"]


def _taken(function: ErlFunction, place: int) -> set[str]:
    """Names that the heads give to what comes in at a place: an accumulator is one."""
    heads = (content(child(clause, "args") or clause) for clause in function.clauses)
    return {name for head in heads for one in head[place : place + 1] for name in _variables(one)}


def _variables(node: Node) -> set[str]:
    return {text_of(one) for one in preorder(node) if one.type == "var"}


def _right(node: Node) -> Node:
    """The other side of what ``_appended`` finds."""
    return child(node, "rhs") or content(child(node, "args") or node)[-1]


def _function(function: ErlFunction, findings: Findings) -> None:
    first, scope = function.clauses[0], ErlScope()
    own = [
        one for one in function.calls if (one.name, one.arity) == (function.name, function.arity)
    ]
    for call in own:
        for place, argument in enumerate(call.args):
            taken = _taken(function, place)
            for node in preorder(argument):
                left = _appended(node, scope)
                if left is None or left.type != "var":
                    continue
                if text_of(left) in taken or not taken & _variables(_right(node)):
                    findings.add("append_in_loop", argument)
        _body_recursion(call.node, function.name, findings)
    inside = [one for clause in function.clauses for one in preorder(clause) if one.type == "call"]
    calls = [call for one in inside if (call := erl_call(one, scope)) is not None]
    names = {call.name for call in calls if call.module in ("", "erlang")}
    if own and {"hd", "tl"} <= names:
        findings.add("hd_and_tl", first)
    talks = [call for call in calls if call.module == "gen_server" and call.args]
    talks = [call for call in talks if call.name in ("call", "cast")]
    whom = {text_of(call.args[0]) for call in talks}
    if len(talks) > 1 and len(whom) == 1 and talks[0].name == "call":
        findings.add("client_logic", first)


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
    return node.type == "binary_op_expr" and _sign(node) in _ARITHMETIC
