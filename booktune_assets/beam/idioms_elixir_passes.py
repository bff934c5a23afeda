"""What speaks against the ways of Elixir text over a collection.

Belongs here: two passes where one would do, reductions that are a function of ``Enum``. Does not:
loops that copy what they build (``idioms_elixir_loops.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from booktune_assets.beam.elixir_blocks import SECTIONS, clauses_of
from booktune_assets.beam.elixir_functions import tails
from booktune_assets.beam.elixir_tree import Call, call_of, operand_of, operator, pairs_of
from booktune_assets.beam.elixir_walk import Visit
from booktune_assets.beam.idiom_findings import Findings
from booktune_assets.beam.tree import child, content, preorder, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["called", "find_passes", "is_range", "source_of"]

_ONE_PASS = {  # the function that takes what the other gives
    ("map", "map"), ("filter", "filter"), ("filter", "count"), ("map", "join"), ("map", "into"),
    ("filter", "first"), ("filter", "hd"), ("reject", "reject"), ("map", "concat"),
    ("filter", "at"), ("reverse", "concat"), ("sort", "reverse"), ("map", "new"), ("zip", "into"),
    ("map", "flatten"), ("map", "any?"), ("map", "all?"), ("filter", "length"),
    ("filter", "reject"), ("reject", "filter"),
}  # fmt: skip
_OF_LISTS = frozenset(("first", "flatten"))
_ALONE = frozenset(("any?", "all?"))  # with a function of its own it is another question
_BLOCKS = frozenset(("do_block", "body", "source", "block", *SECTIONS))
_BESIDE = frozenset(("Task", "Task.Supervisor", "Port", "Node"))
_BEGINS = ("spawn", "start", "async", "send_request")
_SUMS = {"+": "0", "*": "1"}


def find_passes(visits: Sequence[Visit], findings: Findings) -> None:
    """Note what is found in the visits of one tree."""
    for visit in visits:
        call = visit.call
        if call is None or call.capture or visit.scope.typed:
            continue
        if call.module in ("Enum", "List", "Map", "Stream") or call.name in ("hd", "length"):
            _two_passes(call, findings)
        if (call.module, call.name) in (("Enum", "reduce"), ("List", "foldl")):
            _sum(call, findings)
        elif (call.module, call.name) == ("Enum", "reverse"):
            _turned_reduce(call, findings)
        elif (call.module, call.name) == ("", "for"):
            _inner_for(call, findings)


def source_of(call: Call) -> Node | None:
    """What a function of ``Enum`` walks over: piped into it, or its first argument."""
    return call.piped or (call.args[0] if call.args else None)


def called(node: Node | None) -> Call | None:
    """The call that gives a node's value: of a pipeline the last one, with what is piped in."""
    if node is not None and node.type == "binary_operator" and operator(node) == "|>":
        left, right = child(node, "left"), child(node, "right")
        return call_of(right, None, left) if right is not None else None
    return call_of(node) if node is not None else None


def is_range(node: Node | None) -> bool:
    """``a..b`` or ``a..b//c``."""
    return node is not None and node.type == "binary_operator" and operator(node) in ("..", "//")


def _two_passes(call: Call, findings: Findings) -> None:
    """``map |> map`` and such: piped, nested, or through a name that nothing else uses."""
    source = source_of(call)
    if source is not None and source.type == "identifier":
        source = _bound(source)
    before = called(source)
    if before is None or before.module != "Enum" or (before.name, call.name) not in _ONE_PASS:
        return
    if call.module == "List" and call.name not in _OF_LISTS:
        return
    if any(_starts(one) for one in before.args):  # all are begun before one is waited for
        return
    if call.name in _ALONE and call.arity != 1:
        return
    if call.name == "at" and text_of(call.args[-1] if call.args else None) != "0":
        return
    findings.add("two_passes", call.node)


def _starts(function: Node) -> bool:
    """Does it begin something that goes on beside it: a task, a process, a request?"""
    calls = (call_of(one) for one in preorder(function))
    return any(
        call is not None and (call.module in _BESIDE or call.name.startswith(_BEGINS))
        for call in calls
    )


def _bound(name: Node) -> Node | None:
    """What a name was given in the same block, when this is its only use there."""
    inside: Node | None = name
    while inside is not None and (inside.parent is None or inside.parent.type not in _BLOCKS):
        inside = inside.parent
    if inside is None or inside.parent is None:
        return None
    around = content(inside.parent)
    for place in range(around.index(inside) - 1, -1, -1):
        one = around[place]
        given = one.type == "binary_operator" and operator(one) == "="
        if given and text_of(child(one, "left")) == text_of(name):
            uses = sum(_uses(later, text_of(name)) for later in around[place + 1 :])
            return child(one, "right") if uses == 1 else None
    return None


def _uses(node: Node, name: str) -> int:
    return sum(one.type == "identifier" and text_of(one) == name for one in preorder(node))


def _inner_for(call: Call, findings: Findings) -> None:
    """``for x <- for(…)``, the inner one plain."""
    for one in call.args:
        if one.type != "binary_operator" or operator(one) != "<-":
            continue
        source, name = child(one, "right"), child(one, "left")
        if source is not None and source.type == "identifier":
            source = _bound(source)
        inner = called(source)
        if inner is None or (inner.module, inner.name) != ("", "for") or name is None:
            continue
        # what has a name to be used twice is worked out once by the inner one
        once = name.type != "identifier" or _uses(call.node, text_of(name)) == 2
        if once and {key for key, _ in pairs_of(inner)} <= {"do"}:
            findings.add("two_passes", call.node)


def _clause(function: Node | None) -> tuple[list[str], list[Node]]:
    """Names and body of a ``fn`` with one clause of two plain names; else nothing."""
    if function is None or function.type != "anonymous_function":
        return [], []
    clauses = clauses_of(function)
    left, right = (
        (child(clauses[0], side) for side in ("left", "right")) if clauses else (None,) * 2
    )
    names = content(left) if left is not None else []
    if len(clauses) != 1 or right is None or [one.type for one in names] != ["identifier"] * 2:
        return [], []
    return [text_of(one) for one in names], content(right)


def _sum(call: Call, findings: Findings) -> None:
    """``fn x, sum -> x + sum end`` from 0, and its like of products."""
    if len(call.args) < 2:
        return
    first, function = text_of(call.args[-2]), call.args[-1]
    names, body = _clause(function)
    if function.type == "unary_operator" and operator(function) == "&":
        inner = operand_of(function)
        names, body = ["&1", "&2"], [inner] if inner is not None else []
    if len(body) != 1 or body[0].type != "binary_operator":
        return
    sides = [text_of(child(body[0], side)) for side in ("left", "right")]
    if _SUMS.get(operator(body[0])) == first and sorted(sides) == sorted(names):
        findings.add("reduce_by_hand", call.node)


def _turned_reduce(call: Call, findings: Findings) -> None:
    """A list put together by ``[… | acc]``, and turned at the end: ``map`` or ``filter``."""
    reduce = called(source_of(call))
    if reduce is None or (reduce.module, reduce.name) != ("Enum", "reduce") or call.arity != 1:
        return
    if len(reduce.args) < 2 or text_of(reduce.args[-2]) != "[]":
        return
    names, body = _clause(reduce.args[-1])
    ends = list(tails(body)) if len(body) == 1 else []
    if not ends or any(len(_parts(one)) != 2 and text_of(one) != names[1] for one in ends):
        return
    put = [_parts(one) for one in ends if len(_parts(one)) == 2]
    if put and all(
        text_of(right) == names[1] and not _uses(left, names[1]) for left, right in put
    ) and sum(_uses(one, names[1]) for one in body) == len(ends):  # fmt: skip
        findings.add("reduce_by_hand", reduce.node)


def _parts(node: Node) -> list[Node]:
    """Both sides of ``[a | b]``."""
    inside = content(node) if node.type == "list" else []
    if len(inside) != 1 or inside[0].type != "binary_operator" or operator(inside[0]) != "|":
        return []
    return [one for one in (child(inside[0], "left"), child(inside[0], "right")) if one is not None]
