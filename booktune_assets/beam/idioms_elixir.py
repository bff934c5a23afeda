"""What speaks against the idiom of Elixir text.

Belongs here: looking at single calls and operators. Does not: loops (``idioms_elixir_loops.py``),
ways over a collection (``idioms_elixir_passes.py``), talk with a process
(``idioms_elixir_talk.py``), weights (``idiom_findings.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from booktune_assets.beam.elixir_blocks import clauses_of, section, statements
from booktune_assets.beam.elixir_functions import Function
from booktune_assets.beam.elixir_tree import Call, call_of, operand_of, operator, pairs_of
from booktune_assets.beam.elixir_walk import Visit
from booktune_assets.beam.idiom_findings import Findings
from booktune_assets.beam.idioms_elixir_loops import find_loops
from booktune_assets.beam.idioms_elixir_passes import called, find_passes
from booktune_assets.beam.idioms_elixir_talk import find_talk
from booktune_assets.beam.tree import child, content, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["find_elixir"]

_COMPARE = frozenset(("==", "!=", "===", "!==", ">", "<", ">=", "<="))
_EQUAL = frozenset(("==", "!=", "===", "!=="))
_JOINS = frozenset(("and", "or", "&&", "||"))
_COUNTS = frozenset(("length", "Enum.count", "Kernel.length", "String.length"))
# more than one is another question, and `>= 0` asks whether it is a list at all
_ASKS_EMPTY = {"0": _COMPARE - {">=", "<"}, "1": frozenset(("<", ">="))}
_TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
_LITERALS = frozenset(("boolean", "atom", "integer", "float", "string", "nil"))
_TESTS = _COMPARE | _JOINS | {"in", "not in", "=~"}
_NESTED_MAX = 3
_CHAIN_MAX = 1  # an `if` in the `else` of an `if` may be


def find_elixir(visits: Sequence[Visit], functions: Sequence[Function], findings: Findings) -> None:
    """Note what is found in the visits of one tree."""
    for visit in visits:
        if visit.scope.typed:
            continue
        if visit.call is not None and not visit.call.capture:
            _call(visit.call, findings)
        elif visit.node.type == "binary_operator" and operator(visit.node) in _COMPARE:
            _compare(visit.node, findings)
    find_loops(visits, functions, findings)
    find_passes(visits, findings)
    find_talk(functions, findings)


def _call(call: Call, findings: Findings) -> None:
    if call.module:
        _remote(call, findings)
    elif call.name == "case":
        _case(call, findings)
    elif call.name in ("if", "unless"):
        _if(call, findings)
    elif call.name == "cond":
        _cond(call, findings)
    elif call.name == "with" and section(call, "else") is not None:
        if len(clauses_of(section(call, "else"))) and len(_steps(call)) == 1:
            findings.add("with_of_one", call.node)
    elif call.name in ("try", "def", "defp"):
        _rescue(call, findings)


def _steps(call: Call) -> list[Node]:
    return [one for one in call.args if one.type == "binary_operator"]


def _remote(call: Call, findings: Findings) -> None:
    if call.module == "Process" and call.name in ("put", "get"):
        findings.add("process_dictionary", call.node)
    elif (call.module, call.name) in (("String", "to_atom"), (":erlang", "binary_to_atom")):
        given = call.piped or (call.args[0] if call.args else None)
        if given is not None and given.type != "string":
            findings.add("dynamic_atom", call.node)
    depth, inner = 0, call
    while depth < _NESTED_MAX and inner.piped is None and inner.args and inner.module[:1].isalpha():
        following = call_of(inner.args[0])
        if following is None or not following.parens:
            break
        depth, inner = depth + 1, following
    if depth >= _NESTED_MAX:
        findings.add("nested_calls", call.node)


def _case(call: Call, findings: Findings) -> None:
    inside = [one for body in _bodies(call.block) for one in content(body)]
    if any(_is_case(one) for one in inside):
        findings.add("nested_case", call.node)
    patterns = {text_of(child(clause, "left")) for clause in clauses_of(call.block)}
    asked = call_of(call.args[0]) if call.args else None
    if asked is not None and _said(asked) in _COUNTS and "0" in patterns:
        findings.add("length_zero", call.node)
    if patterns in ({"true", "false"}, {"true", "_"}, {"false", "_"}):
        findings.add("case_boolean", call.node)


def _cond(call: Call, findings: Findings) -> None:
    """Two clauses, of which the second is ``true ->`` or ``:else ->``."""
    conditions = [child(clause, "left") for clause in clauses_of(call.block)]
    kinds = [content(one)[0].type if one is not None and content(one) else "" for one in conditions]
    if len(kinds) == 2 and kinds[0] not in _LITERALS and kinds[1] in ("boolean", "atom"):
        findings.add("cond_of_two", call.node)


def _bodies(block: Node | None) -> list[Node]:
    bodies = (child(clause, "right") for clause in clauses_of(block))
    return [body for body in bodies if body is not None]


def _is_case(node: Node) -> bool:
    """``case …`` or ``x = case …``."""
    while node.type == "binary_operator" and operator(node) == "=":
        right = child(node, "right")
        if right is None:
            return False
        node = right
    return _named(node, "case")


def _named(node: Node, name: str) -> bool:
    call = call_of(node)
    return call is not None and call.module == "" and call.name == name


def _if(call: Call, findings: Findings) -> None:
    condition = call.args[0] if call.args else None
    otherwise = section(call, "else") or any(key == "else" for key, _ in pairs_of(call))
    if condition is None:
        return
    negated = condition.type == "unary_operator" and operator(condition) in ("!", "not")
    if otherwise and (call.name == "unless" or negated):
        findings.add("negated_if", call.node)
    if call.name == "if" and _chained(call) > _CHAIN_MAX and not _chained_above(call.node):
        findings.add("if_chain", call.node)
    inner = operand_of(condition) if negated else condition
    if inner is not None and _asks_shape(inner):
        findings.add("if_on_pattern", call.node)
    if _is_test(condition) and _answers(call) == {"true", "false"}:
        findings.add("boolean_result", call.node)


def _is_test(node: Node) -> bool:
    """Does it give a boolean, whatever comes?"""
    if node.type in ("binary_operator", "unary_operator"):
        return operator(node) in _TESTS or operator(node) in ("not", "!")
    call = call_of(node)
    return call is not None and (call.name.endswith("?") or call.name.startswith("is_"))


def _answers(call: Call) -> set[str]:
    """What both branches of an ``if`` say; fewer than two where one says more, or nothing."""
    otherwise = section(call, "else")
    keyed = [value for key, value in pairs_of(call) if key == "else"]
    branches = (statements(call), content(otherwise) if otherwise is not None else keyed)
    return {text_of(one[0]) for one in branches if len(one) == 1}


def _chained(call: Call) -> int:
    """How many ``if`` stand one in the ``else`` of the other, each all of it."""
    depth = 0
    while (inner := _only_if(section(call, "else"))) is not None:
        call, depth = inner, depth + 1
    return depth


def _only_if(otherwise: Node | None) -> Call | None:
    inside = content(otherwise) if otherwise is not None else []
    inner = call_of(inside[0]) if len(inside) == 1 else None
    return inner if inner is not None and (inner.module, inner.name) == ("", "if") else None


def _chained_above(node: Node) -> bool:
    """Is it the inner one of such a chain?"""
    parent = node.parent
    return parent is not None and parent.type == "else_block" and len(content(parent)) == 1


def _asks_shape(node: Node) -> bool:
    """``match?(…)``, ``elem(x, 0) == …`` or ``x == {:ok, …}``, also beside other conditions."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if _named(one, "match?"):
            return True
        if one.type != "binary_operator":
            continue
        sides = [side for side in (child(one, "left"), child(one, "right")) if side is not None]
        if operator(one) in _JOINS:
            waiting += sides
        elif operator(one) in _EQUAL and any(
            side.type == "tuple" or _named(side, "elem") for side in sides
        ):
            return True
    return False


def _compare(node: Node, findings: Findings) -> None:
    left, right = child(node, "left"), child(node, "right")
    if left is None or right is None:
        return
    sign = operator(node)
    for one, other, asked in ((left, right, sign), (right, left, _TURNED.get(sign, sign))):
        if sign in _EQUAL and text_of(one) in ("true", "false") and other.type not in _LITERALS:
            findings.add("compare_boolean", node)
        call = called(one)
        counts = call is not None and _said(call) in _COUNTS and call.arity in (1, 2)
        if counts and asked in _ASKS_EMPTY.get(text_of(other), ()):
            findings.add("length_zero", node)


def _said(call: Call) -> str:
    return f"{call.module}.{call.name}".lstrip(".")


def _rescue(call: Call, findings: Findings) -> None:
    """``rescue _ ->``, ``rescue e ->`` and ``catch _, _ ->`` that raise nothing again."""
    for clause in clauses_of(section(call, "rescue")):
        named = _patterns(clause)
        if len(named) == 1 and _takes_all(named[0]) and not _again(clause):
            findings.add("catch_all", clause)
    for clause in clauses_of(section(call, "catch")):
        named = _patterns(clause)
        # a lone name is of what was thrown: to give that back is a way out of a loop
        lone = len(named) == 1 and not text_of(named[0]).startswith("_")
        every = bool(named) and all(one.type == "identifier" for one in named)
        if every and not lone and not _again(clause):
            findings.add("catch_all", clause)


def _patterns(clause: Node) -> list[Node]:
    left = child(clause, "left")
    return content(left) if left is not None and left.type == "arguments" else []


def _takes_all(node: Node) -> bool:
    """``_``, ``e`` or ``e in _``."""
    if node.type == "binary_operator" and operator(node) == "in":
        return text_of(child(node, "right")) == "_"
    return node.type == "identifier"


def _again(clause: Node) -> bool:
    body = child(clause, "right")
    last = content(body)[-1:] if body is not None else []
    call = call_of(last[0]) if last else None
    return call is not None and call.name in ("reraise", "raise", "exit", "throw")
