"""What speaks against the talk of Erlang text with one process.

Belongs here: a client that does what one message should; what is none of it, `idioms_elixir_talk`
says. Does not: single calls (``idioms_erlang.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from booktune_assets.beam.erlang_functions import ErlFunction
from booktune_assets.beam.erlang_tree import ErlCall, ErlScope, erl_call
from booktune_assets.beam.idiom_findings import Findings
from booktune_assets.beam.idioms_erlang_loops import sign_of
from booktune_assets.beam.tree import child, content, preorder, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["find_erlang_talk"]

_TALKS = frozenset(("call", "cast"))
_WORK = frozenset(("lists", "maps", "sets", "ordsets", "orddict", "dict", "gb_sets", "queue"))
_BRANCHING = frozenset(("case_expr", "if_expr"))
_PLAIN = frozenset(("atom", "var", "integer", "string", "tuple"))
_NO_STATE = frozenset(("=", "!"))


def find_erlang_talk(functions: Sequence[ErlFunction], findings: Findings) -> None:
    """Note functions that ask a process for its state, and then tell it the next one."""
    for function in functions:
        for clause in function.clauses:
            if _of_client(clause, list(_talks(clause))):
                findings.add("client_logic", function.clauses[0])


def _talks(clause: Node) -> Iterator[ErlCall]:
    for one in preorder(clause):
        call = erl_call(one, ErlScope()) if one.type == "call" else None
        if call is not None and call.module == "gen_server" and call.name in _TALKS and call.args:
            yield call


def _of_client(clause: Node, talks: Sequence[ErlCall]) -> bool:
    for place, read in enumerate(talks):
        for write in talks[place + 1 :] if read.name == "call" else []:
            same = text_of(write.args[0]) == text_of(read.args[0])
            if same and _follows(clause, read, write):
                return True
    return False


def _follows(clause: Node, read: ErlCall, write: ErlCall) -> bool:
    answer = _names_of_answer(read.node)
    made: set[str] = set()
    for one in preorder(clause):
        left, right = child(one, "lhs"), child(one, "rhs")
        matched = one.type == "match_expr" and right is not None
        if matched and right is not None and _worked(right, answer, made):
            made |= _names(left)
    return any(_worked(one, answer, made) for one in write.args[1:]) or _decided(
        read, write, answer
    )


def _names_of_answer(node: Node) -> set[str]:
    """Variables that get an answer: by ``=`` or the patterns of a ``case``."""
    parent = node.parent
    if parent is not None and parent.type == "match_expr":
        return _names(child(parent, "lhs"))
    if parent is None or parent.type != "case_expr":
        return set()
    clauses = (one for one in content(parent) if one.type == "cr_clause")
    return {name for one in clauses for name in _names(child(one, "pat"))}


def _names(node: Node | None) -> set[str]:
    if node is None:
        return set()
    return {text_of(one) for one in preorder(node) if one.type == "var"}


def _worked(node: Node, answer: set[str], made: set[str]) -> bool:
    """Is there something in it that was made from the answer?"""
    for one in preorder(node):
        if one.type == "var" and text_of(one) in made:
            return True
        call = erl_call(one, ErlScope()) if one.type == "call" else None
        works = (
            (one.type == "binary_op_expr" and sign_of(one) not in _NO_STATE)
            or one.type in ("pipe", "map_expr_update", "record_update_expr")
            or (call is not None and call.module in _WORK)
        )
        if works and answer & _names(one):
            return True
    return False


def _decided(read: ErlCall, write: ErlCall, answer: set[str]) -> bool:
    """Does a branch on the answer send the second message, and do nothing else?"""
    inside = write.node
    while (clause := inside.parent) is not None:
        if inside.type == "clause_body" and clause.type in ("cr_clause", "if_clause"):
            branching = clause.parent
            asked = child(branching, "expr") or child(clause, "guard")
            if branching is not None and branching.type in _BRANCHING and asked is not None:
                within = asked.start_byte <= read.node.start_byte < asked.end_byte
                others = (one for one in content(inside) if not _around(one, write.node))
                if (within or answer & _names(asked)) and all(one.type in _PLAIN for one in others):
                    return True
        inside = clause
    return False


def _around(node: Node, inner: Node) -> bool:
    """The second message itself, or a match on its answer."""
    right = child(node, "rhs") if node.type == "match_expr" else node
    return right == inner
