"""Named functions of an Elixir tree: clauses, bodies, what stands in tail position.

Belongs here: gathering clauses, last expressions through ``case``, ``if``, ``with`` … Does not:
judging what is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from booktune_assets.beam.elixir_blocks import clauses_of, section, statements
from booktune_assets.beam.elixir_tree import Call, Head, call_of, head_of, operator, pairs_of
from booktune_assets.beam.elixir_walk import Visit
from booktune_assets.beam.tree import child, content, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["Clause", "Function", "functions_of", "self_calls", "tails"]

_DEFINE = frozenset(("def", "defp", "defmacro", "defmacrop"))
_BRANCHES = frozenset(("case", "cond", "receive"))


@dataclass(slots=True)
class Clause:
    """One clause. ``body`` is empty for a head that only gives defaults."""

    call: Call
    head: Head
    body: list[Node]


@dataclass(slots=True)
class Function:
    """All clauses of a name and arity in a module, and the calls inside of them."""

    module: str
    name: str
    arity: int
    clauses: list[Clause] = field(default_factory=list[Clause])
    calls: list[Call] = field(default_factory=list[Call])

    @property
    def low(self) -> int:
        return min(clause.head.low for clause in self.clauses)


def functions_of(visits: Iterable[Visit]) -> list[Function]:
    """Functions and macros in the order of their first clauses."""
    found: dict[tuple[str, str, int], Function] = {}
    for visit in visits:
        call, scope = visit.call, visit.scope
        if call is None:
            continue
        if scope.function is not None and (scope.module, *scope.function) in found:
            found[scope.module, *scope.function].calls.append(call)
        if call.module or call.name not in _DEFINE or not call.args or scope.quoted:
            continue
        head = head_of(call.args[0])
        if head is not None:
            key = (scope.module, head.name, head.arity)
            function = found.setdefault(key, Function(*key))
            function.clauses.append(Clause(call, head, statements(call)))
    return list(found.values())


def self_calls(function: Function) -> list[Call]:
    """Calls of a function to itself."""
    return [call for call in function.calls if reaches(call, function)]


def reaches(call: Call, function: Function) -> bool:
    """Does a call, seen in the function's module, reach the function?"""
    return (
        call.name == function.name
        and not call.capture
        and (call.module == "" or call.module == (function.module or "__MODULE__"))
        and function.low <= call.arity <= function.arity
    )


def tails(body: list[Node]) -> Iterator[Node]:
    """What a body gives: its last expression, through everything that branches."""
    waiting = body[-1:]
    while waiting:
        node = waiting.pop()
        inner = _inner(node)
        if inner is None:
            yield node
        else:
            waiting.extend(last for part in inner for last in part[-1:])


def _inner(node: Node) -> list[list[Node]] | None:
    """The bodies of a branching expression; None for any other."""
    if node.type == "block":
        return [content(node)]
    if node.type == "binary_operator" and operator(node) == "|>":
        right = child(node, "right")
        inner = _inner(right) if right is not None else None
        return inner if inner is not None else ([[right]] if right is not None else None)
    call = call_of(node)
    if call is None or call.module:
        return None
    if call.name in _BRANCHES and call.block is not None:
        return [*_bodies(call.block), *_bodies(section(call, "after"))]
    if call.name in ("if", "unless"):
        otherwise = section(call, "else")
        keyed = [value for key, value in pairs_of(call) if key == "else"]
        return [statements(call), content(otherwise) if otherwise is not None else keyed]
    if call.name == "with" and (call.block is not None or statements(call)):
        return [statements(call), *_bodies(section(call, "else"))]
    return None


def _bodies(block: Node | None) -> list[list[Node]]:
    bodies = [child(clause, "right") for clause in clauses_of(block)]
    return [content(body) for body in bodies if body is not None]


def shape_of(node: Node) -> str:
    """``:reply/3`` for ``{:reply, a, b}``; empty for what is no tuple that begins with an atom."""
    if node.type != "tuple":
        return ""
    parts = content(node)
    return f"{text_of(parts[0])}/{len(parts)}" if parts and parts[0].type == "atom" else ""
