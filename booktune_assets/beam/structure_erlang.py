"""Definitions and uses in an Erlang tree.

Belongs here: what attributes, functions and calls say. Does not: the records (``structure.py``),
walking (``erlang_tree.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from booktune_assets.beam.erlang_tree import ErlScope, atom_of, erl_args, erl_functions, erl_walk
from booktune_assets.beam.structure_records import Defined, Import, Kind, Module, Structure, Used
from booktune_assets.beam.tree import Piece, child, content, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["read_erlang"]

_RECORDS = frozenset(("record_expr", "record_update_expr", "record_field_expr"))


def read_erlang(piece: Piece, found: Structure) -> None:
    """Add what one tree holds."""
    module: Module | None = None
    scope = ErlScope()
    for visit in erl_walk(piece.root):
        node, scope, call = visit.node, visit.scope, visit.call
        if node.type == "module_attribute":
            name = atom_of(child(node, "name"), scope)
            module = Module(name, "module", piece.line(node), piece.span(piece.root), exports=set())
            found.modules.append(module)
        elif node.type in _RECORDS:
            found.structs.add(text_of(child(child(node, "name"), "name")).strip("'"))
        elif call is None:
            _attribute(piece, node, scope, module, found)
        elif not scope.typed and "?" not in (call.module, call.name):
            within = ""
            if scope.function is not None and not piece.bare:
                within = f"{scope.module}:{scope.function[0]}/{scope.function[1]}".lstrip(":")
            found.uses.append(
                Used(call.module, call.name, call.arity, piece.line(node), piece.span(node),
                     call.capture, within)
            )  # fmt: skip
    _functions(piece, module, found)


def _functions(piece: Piece, module: Module | None, found: Structure) -> None:
    if piece.bare:
        return
    home = module.name if module is not None else ""
    exports = module.exports if module is not None and module.exports is not None else set()
    for (name, arity), clauses in erl_functions(piece.root, ErlScope(home)).items():
        first, last = clauses[0], clauses[-1]
        one = Defined(
            "function", home, name, arity, arity, module is None or (name, arity) in exports,
            piece.line(first), (piece.span(first)[0], piece.span(last)[1]), len(clauses),
            any(child(clause, "guard") is not None for clause in clauses),
        )  # fmt: skip
        found.defines.append(one)


def _attribute(
    piece: Piece, node: Node, scope: ErlScope, module: Module | None, found: Structure
) -> None:
    if node.type == "export_attribute" and module is not None and module.exports is not None:
        module.exports |= _listed(node)
    elif node.type == "compile_options_attribute" and module is not None:
        if "export_all" in text_of(node) and module.exports is not None:
            module.exports |= set(erl_functions(piece.root, scope))
    elif node.type == "behaviour_attribute" and module is not None:
        module.behaviours.append(atom_of(child(node, "name"), scope))
    elif node.type == "import_attribute":
        found.imports.append(
            Import(atom_of(child(node, "module"), scope), frozenset(_listed(node)))
        )
    elif node.type == "record_decl":
        found.defines.append(
            _defined(piece, node, "record", scope.module, text_of(child(node, "name")), -1)
        )
    elif node.type in ("type_alias", "opaque", "nominal"):
        name = child(node, "name")
        args = erl_args(name) if name is not None else []
        text = text_of(child(name, "name"))
        found.defines.append(_defined(piece, node, "type", scope.module, text, len(args)))
    elif node.type in ("spec", "callback"):
        signature = child(node, "sigs")
        args = erl_args(signature) if signature is not None else []
        name = atom_of(child(node, "fun"), scope)
        kind: Kind = "spec" if node.type == "spec" else "callback"
        found.defines.append(_defined(piece, node, kind, scope.module, name, len(args)))


def _listed(node: Node) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for one in content(node):
        count = text_of(child(child(one, "arity"), "value"))
        if one.type == "fa" and count.isdecimal():
            found.add((text_of(child(one, "fun")).strip("'"), int(count)))
    return found


def _defined(piece: Piece, node: Node, kind: Kind, module: str, name: str, arity: int) -> Defined:
    return Defined(
        kind, module, name.strip("'"), arity, arity, True, piece.line(node), piece.span(node)
    )
