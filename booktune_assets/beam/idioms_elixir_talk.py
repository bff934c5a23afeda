"""What speaks against the talk of Elixir text with one process.

Belongs here: a client that does what one message should. Does not: single calls
(``idioms_elixir.py``).

Two messages to one process are no fault in themselves: a lock is taken and given back, what was
read is logged, a cache is filled after work that the server must not wait for. It is one where the
second message is worked out from the answer to the first, or sent or not by it with nothing done
in between: the state may have changed, and the server could have done both at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from booktune_assets.beam.elixir_functions import Clause, Function
from booktune_assets.beam.elixir_tree import Call, call_of, operator
from booktune_assets.beam.idiom_findings import Findings
from booktune_assets.beam.tree import child, content, preorder, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["find_talk"]

_SERVERS = frozenset(("GenServer", "Agent", ":gen_server"))
_READS = frozenset(("call", "get"))
_WRITES = frozenset(("cast", "update", "call"))
_WORK = frozenset(("Map", "Enum", "List", "Keyword", "MapSet", "Tuple"))  # makes a new state
_BRANCHING = frozenset(("case", "if", "unless", "cond", "with"))
_PLAIN = frozenset(("atom", "boolean", "nil", "identifier", "integer", "string", "tuple"))
_NO_STATE = frozenset(("<>", "=", "->", "<-", "when", "|>"))


def find_talk(functions: Sequence[Function], findings: Findings) -> None:
    """Note functions that ask a process for its state, and then tell it the next one."""
    for function in functions:
        for clause in function.clauses:
            if _of_client(clause, _talks(function, clause)):
                findings.add("client_logic", function.clauses[0].call.node)


def _talks(function: Function, clause: Clause) -> list[Call]:
    around = clause.call.node
    return [
        one for one in function.calls
        if one.module in _SERVERS and one.args and not one.capture
        and around.start_byte <= one.node.start_byte < around.end_byte
    ]  # fmt: skip


def _of_client(clause: Clause, talks: Sequence[Call]) -> bool:
    for place, read in enumerate(talks):
        if read.name not in _READS:
            continue
        for write in talks[place + 1 :]:
            same = (write.module, text_of(write.args[0])) == (read.module, text_of(read.args[0]))
            if same and write.name in _WRITES and _follows(clause, read, write):
                return True
    return False


def _follows(clause: Clause, read: Call, write: Call) -> bool:
    answer = _names_of_answer(read.node)
    made: set[str] = set()
    for one in (node for part in clause.body for node in preorder(part)):
        if one.type == "binary_operator" and operator(one) == "=":
            left, right = child(one, "left"), child(one, "right")
            if left is not None and right is not None and _worked(right, answer, made):
                made |= _names(left)
    return any(_worked(one, answer, made) for one in write.args[1:]) or _decided(
        read, write, answer
    )


def _names_of_answer(node: Node) -> set[str]:
    """Names that get an answer: by ``=``, ``<-`` or the patterns of a ``case``."""
    parent = node.parent
    while parent is not None and parent.type in ("arguments", "binary_operator"):
        if parent.type == "binary_operator" and operator(parent) in ("=", "<-"):
            return _names(child(parent, "left"))
        parent = parent.parent
    call = call_of(parent) if parent is not None else None
    if call is None or call.name != "case" or call.block is None:
        return set()
    clauses = (one for one in content(call.block) if one.type == "stab_clause")
    return {name for one in clauses for name in _names(child(one, "left"))}


def _names(node: Node | None) -> set[str]:
    if node is None:
        return set()
    return {text_of(one) for one in preorder(node) if one.type == "identifier"}


def _worked(node: Node, answer: set[str], made: set[str]) -> bool:
    """Is there something in it that was made from the answer? Text about it is not."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type == "identifier" and text_of(one) in made:
            return True
        if one.type == "string":
            continue
        call = call_of(one)
        works = (
            (one.type == "binary_operator" and operator(one) not in _NO_STATE)
            or one.type == "anonymous_function"
            or (call is not None and call.module in _WORK)
        )
        if works and answer & _names(one):
            return True
        waiting += one.named_children
    return False


def _decided(read: Call, write: Call, answer: set[str]) -> bool:
    """Does a branch on the answer send the second message, and do nothing else?"""
    for branching, branch in _branches_above(write.node):
        call = call_of(branching)
        asked = call.args[0] if call is not None and call.args else None
        if asked is None or call is None or call.name not in _BRANCHING:
            continue
        inside = asked.start_byte <= read.node.start_byte < asked.end_byte
        if (inside or answer & _names(asked)) and all(
            one.type in _PLAIN or _around(one, write.node) for one in branch
        ):
            return True
    return False


def _branches_above(node: Node) -> Iterator[tuple[Node, list[Node]]]:
    """The branching calls around a node, each with the statements of the branch it is in."""
    inside = node
    while (parent := inside.parent) is not None:
        if parent.type == "stab_clause" and inside.type == "body":
            if parent.parent is not None and parent.parent.parent is not None:
                yield parent.parent.parent, content(inside)
        elif parent.type in ("do_block", "else_block") and inside.type != "stab_clause":
            holder = parent.parent
            if parent.type == "else_block" and holder is not None:
                holder = holder.parent
            if holder is not None:
                ends = ("else_block", "after_block", "rescue_block", "catch_block")
                yield holder, [one for one in content(parent) if one.type not in ends]
        elif parent.type == "pair" and parent.parent is not None:
            holder = parent.parent.parent
            if holder is not None and holder.parent is not None:
                yield holder.parent, [inside]
        inside = parent


def _around(node: Node, inner: Node) -> bool:
    """The second message itself, or a match on its answer."""
    while node.type == "binary_operator" and operator(node) in ("=", "|>"):
        right = child(node, "right")
        if right is None:
            return False
        node = right
    return node == inner
