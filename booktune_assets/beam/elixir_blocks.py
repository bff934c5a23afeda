"""Blocks of Elixir calls: their expressions, sections and clauses.

Belongs here: ``do``, ``else``, ``rescue`` and ``->``. Does not: what the parts mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from booktune_assets.beam.elixir_tree import Call, pairs_of
from booktune_assets.beam.tree import content

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["SECTIONS", "clauses_of", "section", "statements"]

SECTIONS = ("after_block", "rescue_block", "catch_block", "else_block")


def statements(call: Call) -> list[Node]:
    """The expressions of a call's ``do``: of its block without sections, or of ``do:``."""
    if call.block is not None:
        return [one for one in content(call.block) if one.type not in SECTIONS]
    return [value for key, value in pairs_of(call) if key == "do"][:1]


def clauses_of(node: Node | None) -> list[Node]:
    """The ``->`` clauses of a block, section or ``fn``."""
    return [one for one in content(node) if one.type == "stab_clause"] if node is not None else []


def section(call: Call, name: str) -> Node | None:
    """``else``, ``rescue``, ``catch`` or ``after`` of a call's block."""
    if call.block is None:
        return None
    return next((one for one in content(call.block) if one.type == f"{name}_block"), None)
