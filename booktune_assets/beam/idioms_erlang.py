"""What speaks against the idiom of Erlang text.

Belongs here: looking at single calls, operators and clauses. Does not: loops and ways over lists
(``idioms_erlang_loops.py``), talk with a process (``idioms_erlang_talk.py``), weights
(``idiom_findings.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from booktune_assets.beam.erlang_functions import ErlFunction
from booktune_assets.beam.erlang_tree import ErlCall, ErlScope, ErlVisit, erl_call
from booktune_assets.beam.idiom_findings import Findings
from booktune_assets.beam.idioms_erlang_loops import find_erlang_loops, sign_of
from booktune_assets.beam.idioms_erlang_talk import find_erlang_talk
from booktune_assets.beam.tree import child, content, preorder, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["find_erlang"]

_EQUAL = frozenset(("==", "=:=", "/=", "=/="))
_COMPARE = _EQUAL | {">", "<", ">=", "=<"}
# more than one is another question, and `>= 0` asks whether it is a list at all
_ASKS_EMPTY = {"0": _COMPARE - {">=", "<"}, "1": frozenset(("<", ">="))}
_TURNED = {">": "<", "<": ">", ">=": "=<", "=<": ">="}
_CASES_MAX = 2  # cases inside of a case; there is no `with`
_JOINS = frozenset(("andalso", "orelse", "and", "or"))
_GUARD_CALLS = frozenset(  # what takes a term apart is a pattern's work
    ("abs", "byte_size", "is_map_key", "map_size", "node", "self", "tuple_size")
)
_TYPE_TESTS = frozenset(
    f"is_{kind}"
    for kind in (
        "atom",
        "binary",
        "bitstring",
        "boolean",
        "float",
        "function",
        "integer",
        "list",
        "map",
        "number",
        "pid",
        "port",
        "record",
        "reference",
        "tuple",
    )
)
_BOOLEANS = (("true", "false"), ("false", "true"), ("true", "_"), ("false", "_"))


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
    find_erlang_loops(visits, functions, findings)
    find_erlang_talk(functions, findings)
    for function in functions:
        if len(function.clauses) == 1:
            _case_on_guard(function.clauses[0], findings)


def _call(call: ErlCall, scope: ErlScope, findings: Findings) -> None:
    if call.module in ("", "erlang"):
        if call.name in ("list_to_atom", "binary_to_atom") and call.args:
            if call.args[0].type not in ("string", "binary"):
                findings.add("dynamic_atom", call.node)
        elif (call.name, call.arity) in (("put", 2), ("get", 1), ("get", 0)):
            findings.add("process_dictionary", call.node)


def _compare(node: Node, scope: ErlScope, findings: Findings) -> None:
    left, right = child(node, "lhs"), child(node, "rhs")
    sign = sign_of(node)
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
    """``_:_ ->``, ``E:R ->``, ``error:_ ->`` or a thrown ``_ ->`` that raises nothing again.

    To name what was thrown and to give it back is a way out of a loop; that a server is gone
    (``exit:_``) may be of no matter.
    """
    kind, pattern = child(child(clause, "class"), "class"), child(clause, "pat")
    if pattern is None or pattern.type != "var":
        return
    if kind is None or kind.type != "var":
        unnamed = text_of(pattern).startswith("_")
        if not unnamed or text_of(kind) not in ("", "error", "throw"):
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
            if one.type == "binary_op_expr" and sign_of(one) in ("==", "=:="):
                compared.append(text_of(child(one, "lhs")))
                break
    if len(compared) > len(set(compared)) or len(clauses) > 4:
        findings.add("if_chain", node)
    if [_answer(one) for one in clauses] in (["true", "false"], ["false", "true"]):
        findings.add("boolean_result", node)


def _answer(clause: Node) -> str:
    """All that a clause says."""
    body = content(child(clause, "body") or clause)
    return text_of(body[0]) if len(body) == 1 else ""


def _case(node: Node, scope: ErlScope, findings: Findings) -> None:
    """A case in a case in a case; ``case length(L) of 0 ->``; booleans told apart to say them."""
    asked = erl_call(child(node, "expr") or node, scope)
    clauses = [one for one in content(node) if one.type == "cr_clause"]
    values = tuple(text_of(child(one, "pat")) for one in clauses)
    if asked is not None and asked.name == "length" and "0" in values:
        findings.add("length_zero", node)
    if values in _BOOLEANS and {_answer(one) for one in clauses} == {"true", "false"}:
        findings.add("boolean_result", node)
    level = [node]
    for _ in range(_CASES_MAX):
        level = [inner for one in level for inner in _inner_cases(one)]
    if level:
        findings.add("nested_case", node)


def _inner_cases(node: Node) -> list[Node]:
    """Cases among the expressions of a case's clauses, also such as give a variable its value."""
    bodies = (child(one, "body") for one in content(node) if one.type == "cr_clause")
    parts = [one for body in bodies if body is not None for one in content(body)]
    values = [child(one, "rhs") if one.type == "match_expr" else one for one in parts]
    return [one for one in values if one is not None and one.type == "case_expr"]


def _case_on_guard(clause: Node, findings: Findings) -> None:
    """A function of one clause that is all ``case`` on a test that a guard could make."""
    body = content(child(clause, "body") or clause)
    if len(body) != 1 or body[0].type != "case_expr" or child(clause, "guard") is not None:
        return
    test = child(body[0], "expr")
    clauses = [one for one in content(body[0]) if one.type == "cr_clause"]
    values = tuple(text_of(child(one, "pat")) for one in clauses)
    told = {_answer(one) for one in clauses} == {"true", "false"}
    if test is None or values not in _BOOLEANS or told or not _is_test(test):
        return
    if all(_in_guard(one) for one in preorder(test)):
        findings.add("case_on_guard", body[0])


def _is_test(node: Node) -> bool:
    if node.type == "binary_op_expr":
        return sign_of(node) in _COMPARE | _JOINS
    call = erl_call(node, ErlScope()) if node.type == "call" else None
    return call is not None and call.module in ("", "erlang") and call.name.startswith("is_")


def _in_guard(node: Node) -> bool:
    if node.type in ("macro_call_expr", "match_expr", "case_expr", "if_expr", "anonymous_fun"):
        return False
    call = erl_call(node, ErlScope()) if node.type == "call" else None
    if node.type != "call" or call is None:
        return node.type != "call"
    known = call.name in _GUARD_CALLS or call.name in _TYPE_TESTS
    return call.module in ("", "erlang") and known
