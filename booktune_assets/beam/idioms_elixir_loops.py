"""What speaks against loops in Elixir text.

Belongs here: recursion, what a reduce copies, loops over an index. Does not: passes over a
collection (``idioms_elixir_passes.py``), single calls (``idioms_elixir.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from booktune_assets.beam.elixir_blocks import clauses_of
from booktune_assets.beam.elixir_functions import Function, self_calls, tails
from booktune_assets.beam.elixir_tree import Call, call_of, operand_of, operator, pairs_of
from booktune_assets.beam.elixir_walk import Visit
from booktune_assets.beam.idiom_findings import Findings
from booktune_assets.beam.idioms_elixir_passes import called, is_range, source_of
from booktune_assets.beam.tree import child, content, preorder, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["find_loops"]

_NODES_MAX = 60  # of the other side of an operator
_GROWS = {"++": "append_in_loop", "<>": "concat_in_loop"}
_ARITHMETIC = frozenset(("+", "-", "*", "/"))
_REDUCES = frozenset(("reduce", "reduce_while", "foldl", "foldr"))


def find_loops(visits: Sequence[Visit], functions: Sequence[Function], findings: Findings) -> None:
    """Note what is found in the visits and functions of one tree."""
    for visit in visits:
        call = visit.call
        if call is None:
            continue
        if call.module in ("Enum", "List") and call.name in _REDUCES:
            _reduce(call, findings)
        elif (call.module, call.name) == ("", "for"):
            _for_reduce(call, findings)
        elif (call.module, call.name) == ("Enum", "at") and _by_index(call):
            findings.add("index_loop", call.node)
    for function in functions:
        own = self_calls(function)
        ends = {one.id for clause in function.clauses for one in tails(clause.body)}
        for call in own:
            if call.node.id in ends:  # a call that something waits for goes down, not round
                for place, one in enumerate(call.args):
                    _grows(one, call, function, place, findings)
            _body_recursion(call.node, findings)
        _steps_on(function, own, findings)
        if own and {"hd", "tl"} <= {one.name for one in function.calls}:
            findings.add("hd_and_tl", function.clauses[0].call.node)


def _reduce(call: Call, findings: Findings) -> None:
    """``fn x, acc -> acc ++ […]``: the accumulator on the left is copied each time."""
    for function in call.args:
        if function.type == "anonymous_function":
            for clause in clauses_of(function):
                names = content(child(clause, "left") or clause)
                _accumulates(
                    child(clause, "right"), text_of(names[-1] if names else None), findings
                )
        elif function.type == "unary_operator" and operator(function) == "&":
            _accumulates(operand_of(function), "&2", findings)


def _for_reduce(call: Call, findings: Findings) -> None:
    """The same in ``for …, reduce: acc do acc -> … end``."""
    if any(key == "reduce" for key, _ in pairs_of(call)):
        for clause in clauses_of(call.block):
            left = text_of(child(clause, "left"))
            _accumulates(child(clause, "right"), left, findings)


def _accumulates(body: Node | None, name: str, findings: Findings) -> None:
    if body is None or not name:
        return
    for node in preorder(body):
        for finding, first, others in _growths(node):
            if name == text_of(first) or (name in map(text_of, others) and "<>" in text_of(node)):
                findings.add(finding, node)
    for end in tails(content(body) if body.type == "body" else [body]):
        if name in _shown_in(end):
            findings.add("concat_in_loop", end)


def _growths(node: Node) -> Iterator[tuple[str, Node, list[Node]]]:
    """``a ++ b``, ``a <> b``, ``Enum.concat(a, b)`` and ``List.insert_at(a, -1, b)``: the finding,
    what grows, and what is put to it."""
    if node.type == "binary_operator" and operator(node) in _GROWS:
        left, right = child(node, "left"), child(node, "right")
        # `text <> <<char>>` is how a binary is built: the runtime makes room beforehand
        if left is not None and right is not None and right.type != "bitstring":
            yield _GROWS[operator(node)], left, [right]
        return
    call = called(node)
    if call is None or (first := source_of(call)) is None:
        return
    others = call.args if call.piped is not None else call.args[1:]
    at_end = bool(others) and text_of(others[0]) == "-1"
    if (call.module, call.name, call.arity) == ("Enum", "concat", 2) or (
        (call.module, call.name) == ("List", "insert_at") and at_end
    ):
        yield "append_in_loop", first, others


def _shown_in(node: Node) -> set[str]:
    """Names that a string shows: ``"#{text} …"``."""
    if node.type != "string":
        return set()
    shown = [one for one in content(node) if one.type == "interpolation"]
    return {text_of(part) for one in shown for part in content(one)}


def _by_index(call: Call) -> bool:
    """``for i <- 0..n, do: Enum.at(list, i)``: each look walks the list from its head."""
    index = text_of(call.args[-1] if call.args else None)
    around = call.node.parent
    while around is not None and index:
        if around.type == "call" and text_of(child(around, "target")) == "for":
            for one in preorder(around):
                left, right = child(one, "left"), child(one, "right")
                drawn = one.type == "binary_operator" and operator(one) == "<-"
                if drawn and text_of(left) == index and is_range(right):
                    return True
        if index in _given(around) and is_range(_walked(around)):
            return True
        around = around.parent
    return False


def _given(function: Node) -> set[str]:
    """What a ``fn`` calls its first argument; ``&1`` in a capture."""
    if function.type == "unary_operator" and operator(function) == "&":
        return {"&1"}
    clauses = clauses_of(function) if function.type == "anonymous_function" else []
    heads = (content(child(one, "left") or one) for one in clauses)
    return {text_of(one[0]) for one in heads if one}


def _walked(function: Node) -> Node | None:
    """What the function of ``Enum`` walks over that is given this ``fn``."""
    around = function.parent.parent if function.parent is not None else None
    call = call_of(around) if around is not None else None
    if around is None or call is None or call.module != "Enum":
        return None
    above = around.parent
    if above is not None and above.type == "binary_operator" and operator(above) == "|>":
        return child(above, "left")
    return source_of(call)


def _steps_on(function: Function, own: Sequence[Call], findings: Findings) -> None:
    """``f(list, i)`` that looks at ``Enum.at(list, i)`` and goes on with ``i + 1``."""
    stepped = {
        text_of(child(one, "left"))
        for call in own
        for one in call.args
        if one.type == "binary_operator" and operator(one) in ("+", "-")
        and text_of(child(one, "right")) == "1"
    }  # fmt: skip
    for call in function.calls:
        looks = (call.module, call.name) == ("Enum", "at")
        if looks and call.args and text_of(call.args[-1]) in stepped:
            findings.add("index_loop", call.node)


def _taken(function: Function, place: int) -> set[str]:
    """Names that the heads give to what comes in at a place: an accumulator is one."""
    heads = (clause.head.args for clause in function.clauses)
    return {name for head in heads for one in head[place : place + 1] for name in _variables(one)}


def _variables(node: Node) -> set[str]:
    return {text_of(one) for one in preorder(node) if one.type == "identifier"}


def _grows(argument: Node, call: Call, function: Function, place: int, findings: Findings) -> None:
    """``f(rest, acc ++ [x])``: an argument of the next round begins with a variable that grows.

    ``more ++ acc`` copies what is new, and nothing twice. A binary is copied from either side, but
    what is put to a path or an address on the way down is not gathered: something has to be used
    up beside it.
    """
    taken = _taken(function, place)
    for node in preorder(argument):
        for finding, left, others in _growths(node):
            if left.type != "identifier" or not any(_variables(one) for one in others):
                continue
            before = text_of(left) not in taken and any(taken & _variables(one) for one in others)
            if finding == "append_in_loop" and before:
                continue
            if finding == "append_in_loop" or _uses_up(call, function):
                findings.add(finding, argument)
    if taken & _shown_in(argument) and _uses_up(call, function):
        findings.add("concat_in_loop", argument)


def _uses_up(call: Call, function: Function) -> bool:
    """Goes another argument on with the rest of a list or binary, or counts?"""
    heads = [one for clause in function.clauses for one in clause.head.args]
    rests = {name for one in heads if one.type in ("list", "bitstring") for name in _variables(one)}
    return any(
        text_of(one) in rests or (one.type == "binary_operator" and operator(one) in _ARITHMETIC)
        for one in call.args
    )


def _body_recursion(call: Node, findings: Findings) -> None:
    """``1 + f(rest)``: a number that waits for the rest of the list."""
    whole = call
    while whole.parent is not None and _sums(whole.parent):
        whole = whole.parent
    if whole == call:
        return
    # two calls in one expression walk a tree: no accumulator helps there
    name = text_of(child(call, "target"))
    near = islice(preorder(whole), _NODES_MAX)
    if sum(text_of(child(one, "target")) == name for one in near) == 1:
        findings.add("body_recursion", call)


def _sums(node: Node) -> bool:
    return node.type == "binary_operator" and operator(node) in _ARITHMETIC
