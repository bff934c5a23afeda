"""What speaks against loops and processes in Elixir text.

Belongs here: recursion, reduce, talk between client and server. Does not: single calls
(``idioms_elixir.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from booktune_assets.beam.elixir_functions import Function, self_calls
from booktune_assets.beam.elixir_tree import Call, operator
from booktune_assets.beam.elixir_walk import Visit
from booktune_assets.beam.idiom_findings import Findings
from booktune_assets.beam.tree import child, content, preorder, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["find_loops"]

_NODES_MAX = 60  # of the other side of an operator
_GROWS = {"++": "append_in_loop", "<>": "concat_in_loop"}
_ARITHMETIC = frozenset(("+", "-", "*", "/"))
_REDUCES = frozenset(("reduce", "reduce_while", "foldl", "foldr"))
_READS = frozenset(("call", "get"))
_WRITES = frozenset(("cast", "update", "call"))
_TALKS = frozenset(("call", "cast", "get", "update", "get_and_update"))


def find_loops(visits: Sequence[Visit], functions: Sequence[Function], findings: Findings) -> None:
    """Note what is found in the visits and functions of one tree."""
    for visit in visits:
        call = visit.call
        if call is not None and call.module in ("Enum", "List") and call.name in _REDUCES:
            _reduce(call, findings)
        elif call is not None and (call.module, call.name) == ("Enum", "at"):
            _index(call, findings)
    for function in functions:
        own = self_calls(function)
        for call in own:
            for place, one in enumerate(call.args):
                _grows(one, _taken(function, place), findings)
            _body_recursion(call.node, findings)
        if own and {"hd", "tl"} <= {one.name for one in function.calls}:
            findings.add("hd_and_tl", function.clauses[0].call.node)
        _client(function, findings)


def _reduce(call: Call, findings: Findings) -> None:
    """``fn x, acc -> acc ++ […]``: the accumulator on the left is copied each time."""
    for function in call.args:
        if function.type != "anonymous_function":
            continue
        for clause in content(function):
            names = content(child(clause, "left") or clause)
            last = text_of(names[-1]) if names else ""
            body = child(clause, "right")
            if body is not None:
                for node in preorder(body):
                    _grows_from(node, {last}, findings)


def _index(call: Call, findings: Findings) -> None:
    """``for i <- 0..n, do: Enum.at(list, i)``: each look walks the list from its head."""
    index = text_of(call.args[-1]) if call.args else ""
    around = call.node.parent
    while around is not None:
        if around.type == "call" and text_of(child(around, "target")) == "for":
            for one in preorder(around):
                left, right = child(one, "left"), child(one, "right")
                drawn = one.type == "binary_operator" and operator(one) == "<-"
                if drawn and text_of(left) == index and _range(right):
                    findings.add("index_loop", call.node)
        around = around.parent


def _range(node: Node | None) -> bool:
    return node is not None and node.type == "binary_operator" and operator(node) in ("..", "//")


def _taken(function: Function, place: int) -> set[str]:
    """Names that the heads give to what comes in at a place: an accumulator is one."""
    heads = (clause.head.args for clause in function.clauses)
    return {name for head in heads for one in head[place : place + 1] for name in _variables(one)}


def _variables(node: Node) -> set[str]:
    return {text_of(one) for one in preorder(node) if one.type == "identifier"}


def _grows(argument: Node, taken: set[str], findings: Findings) -> None:
    """``f(rest, acc ++ [x])``: an argument of the next round begins with a variable that grows.

    ``more ++ acc`` copies what is new, and nothing twice. A binary is copied from either side.
    """
    for node in preorder(argument):
        if node.type == "binary_operator" and operator(node) in _GROWS:
            left, right = child(node, "left"), child(node, "right")
            if left is None or right is None or left.type != "identifier":
                continue
            before = text_of(left) not in taken and bool(taken & _variables(right))
            if operator(node) != "++" or not before:
                findings.add(_GROWS[operator(node)], argument)


def _grows_from(node: Node, names: set[str], findings: Findings) -> None:
    if node.type == "binary_operator" and operator(node) in _GROWS:
        left = child(node, "left")
        if left is not None and text_of(left) in names:
            findings.add(_GROWS[operator(node)], node)


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


def _client(function: Function, findings: Findings) -> None:
    """A function that asks a process for its state, and then tells it the next one."""
    talks = [
        one
        for one in function.calls
        if one.module in ("GenServer", "Agent", ":gen_server") and one.name in _TALKS
    ]
    for module in ("GenServer", "Agent", ":gen_server"):
        said = [one for one in talks if one.module == module]
        whom = {text_of(one.args[0]) for one in said if one.args}
        both = len(said) > 1 and said[0].name in _READS and said[-1].name in _WRITES
        if both and len(whom) == 1:
            findings.add("client_logic", function.clauses[0].call.node)
