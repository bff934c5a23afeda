"""Definitions and uses in an Elixir tree.

Belongs here: what ``defmodule``, ``def``, attributes, ``alias``, ``import`` and calls say. Does
not: the records (``structure.py``), walking (``elixir_tree.py``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from booktune_assets.beam.elixir_tree import (
    Call,
    Head,
    Scope,
    head_of,
    operand_of,
    operator,
    pairs_of,
)
from booktune_assets.beam.elixir_walk import (
    DEFINERS,
    MODULES,
    Visit,
    implemented_for,
    module_name,
    opens_module,
    short_names,
    walk,
)
from booktune_assets.beam.structure_records import Defined, Import, Kind, Module, Structure, Used
from booktune_assets.beam.tree import Piece, child, content, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["read_elixir"]

_TYPES = {"type": True, "opaque": True, "typep": False}
# forms that look like calls: what they hold is walked, they themselves are no function's call
FORMS = frozenset(
    ("case", "cond", "if", "unless", "with", "for", "receive", "try", "quote", "unquote", "fn",
     "unquote_splicing", "super", "use", "alias", "import", "require", "__MODULE__", "__ENV__",
     "defstruct", "defexception", "defoverridable", *MODULES, *DEFINERS)
)  # fmt: skip


def read_elixir(piece: Piece, found: Structure) -> None:
    """Add what one tree holds."""
    homes = {one.name: one for one in found.modules}
    for visit in walk(piece.root):
        node, call, scope = visit.node, visit.call, visit.scope
        if node.type == "unary_operator" and operator(node) == "@":
            if scope.quoted:
                continue
            _attribute(piece, node, scope, found, homes)
        elif node.type == "struct":
            name = text_of(node)
            if name[:1].isupper():
                found.structs.add(scope.full(name))
        elif call is not None and not scope.typed:
            if not call.module and not call.capture and not scope.quoted:
                _form(piece, call, visit, found, homes)
            if call.module != "?" and (call.module or call.name not in FORMS) and not _asked(call):
                found.uses.append(_use(piece, call, scope))


def _use(piece: Piece, call: Call, scope: Scope) -> Used:
    within = ""
    if scope.function is not None:
        within = f"{scope.module}.{scope.function[0]}/{scope.function[1]}".lstrip(".")
    return Used(
        call.module, call.name, call.arity, piece.line(call.node), piece.span(call.node),
        call.capture, within,
    )  # fmt: skip


def _asked(call: Call) -> bool:
    """``h String.upcase``: a name that a helper of the shell is asked about, without its arity."""
    parent = call.node.parent.parent if call.node.parent is not None else None
    return (
        call.arity == 0 and not call.parens and not call.capture
        and parent is not None and text_of(child(parent, "target")) in ("h", "b", "open")
    )  # fmt: skip


def _form(
    piece: Piece, call: Call, visit: Visit, found: Structure, homes: dict[str, Module]
) -> None:
    scope = visit.scope
    if opens_module(call):
        _module(piece, call, scope, found, homes)
    elif call.name in DEFINERS and call.args:
        _function(piece, call, scope, found)
    elif call.name in ("defstruct", "defexception"):
        kind: Kind = "struct" if call.name == "defstruct" else "exception"
        found.defines.append(_defined(piece, call.node, kind, scope.module, scope.module, -1))
    elif call.name in ("defrecord", "defrecordp") and call.args:
        name = text_of(call.args[0]).lstrip(":")
        found.defines.append(_defined(piece, call.node, "record", scope.module, name, -1))
    elif call.name == "use" and call.args and call.args[0].type in ("alias", "atom"):
        if scope.module in homes:
            homes[scope.module].uses.append(scope.full(text_of(call.args[0])))
    elif call.name == "import" and call.args and call.args[0].type in ("alias", "atom"):
        only, excepted = _listed(call, "only"), _listed(call, "except")
        name = scope.full(text_of(call.args[0]))
        found.imports.append(Import(name, only, excepted or frozenset()))
    elif call.name == "alias" and call.args:
        _alias(call, scope, found)


def _module(
    piece: Piece, call: Call, scope: Scope, found: Structure, homes: dict[str, Module]
) -> None:
    first = call.args[0]
    name = module_name(call, scope.inner())
    module = Module(name, "module", piece.line(call.node), piece.span(call.node))
    if call.name == "defprotocol":
        module.kind = "protocol"
    elif call.name == "defimpl":
        module.kind, module.of = "impl", scope.full(text_of(first))
        for whom in implemented_for(call, scope):
            one = replace(module, name=f"{module.of}.{whom}", for_=whom)
            homes[one.name] = one
            found.modules.append(one)
        return
    homes[name] = module
    found.modules.append(module)


def _function(piece: Piece, call: Call, scope: Scope, found: Structure) -> None:
    first = call.args[0]
    for node in content(first) if first.type == "list" else [first]:
        head = head_of(node)
        if head is not None and head.name != "unquote":
            _headed(piece, call, head, scope, found)


def _headed(piece: Piece, call: Call, head: Head, scope: Scope, found: Structure) -> None:
    kind, public = cast("tuple[Kind, bool]", DEFINERS[call.name])
    if scope.kind == "defprotocol" and kind == "function":
        kind = "callback"  # what an implementation has to give
    one = _defined(piece, call.node, kind, scope.module, head.name, head.arity)
    one.low, one.public, one.guarded = head.low, public, head.guard is not None
    found.defines.append(one)
    if kind == "callback":  # and a function that can be called
        found.defines.append(
            Defined("function", one.module, one.name, one.arity, one.low, True, one.line, one.span)
        )


def _attribute(
    piece: Piece, node: Node, scope: Scope, found: Structure, homes: dict[str, Module]
) -> None:
    operand = operand_of(node)
    if operand is None or operand.type != "call":
        return
    name = text_of(child(operand, "target"))
    args = [one for part in content(operand) if part.type == "arguments" for one in content(part)]
    if not args:
        return
    if name == "behaviour" and scope.module in homes:
        homes[scope.module].behaviours.append(scope.full(text_of(args[0])))
    elif name in ("spec", "callback", "macrocallback") or name in _TYPES:
        _typed(piece, node, name, args[0], scope, found)


def _typed(
    piece: Piece, node: Node, name: str, signature: Node, scope: Scope, found: Structure
) -> None:
    """``@spec f(a) :: b when a: c``, ``@type t(a) :: …``."""
    while signature.type == "binary_operator" and operator(signature) in ("when", "::"):
        left = child(signature, "left")
        if left is None:
            return
        signature = left
    head = head_of(signature)
    if head is None:
        return
    kind = cast("Kind", "type" if name in _TYPES else name)
    one = _defined(piece, node, kind, scope.module, head.name, head.arity)
    one.public = _TYPES.get(name, True)
    found.defines.append(one)


def _defined(piece: Piece, node: Node, kind: Kind, module: str, name: str, arity: int) -> Defined:
    return Defined(kind, module, name, arity, arity, True, piece.line(node), piece.span(node))


def _listed(call: Call, key: str) -> frozenset[tuple[str, int]] | None:
    value = next((one for name, one in pairs_of(call) if name == key), None)
    if value is None or value.type != "list":
        return None
    return frozenset(
        (name, int(text_of(count))) for name, count in pairs_of(value) if text_of(count).isdecimal()
    )


def _alias(call: Call, scope: Scope, found: Structure) -> None:
    seen = Scope(scope.module, short=dict(scope.short))
    short_names(call, seen)
    found.aliases |= {
        name: full for name, full in seen.short.items() if scope.short.get(name) != full
    }
