"""What a detector of patterns found, and how finds become patterns.

Belongs here: the record of a pattern, the names, putting evidence of one module together. Does not:
finding (``patterns_elixir.py``, ``patterns_erlang.py`` and their ``_forms``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from booktune_assets.beam.tree import Piece

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["PATTERNS", "Hits", "Pattern"]

PATTERNS = (
    "gen_server", "supervisor", "dynamic_supervisor", "application", "task", "agent", "registry",
    "gen_statem", "ets", "link", "monitor", "let_it_crash", "behaviour", "protocol", "pipeline",
    "with", "guard", "pin", "comprehension", "pattern_heads", "tail_recursion", "receive_loop",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that a listing shows: bytes ``span``, first ``line`` (from 1), and why.

    ``evidence`` are words of the language: names of callbacks, shapes of replies, strategies.
    """

    name: str
    span: tuple[int, int]
    line: int
    evidence: tuple[str, ...]


@dataclass(slots=True)
class Hits:
    """Finds so far. Those of one ``group`` (a module, a function) are one pattern."""

    piece: Piece
    found: dict[tuple[str, str], list[tuple[tuple[int, int], int, str]]] = field(
        default_factory=dict[tuple[str, str], list[tuple[tuple[int, int], int, str]]]
    )

    def add(self, name: str, node: Node, evidence: str, group: str | None = None) -> None:
        """Note a find; without a group it is a pattern of its own."""
        span = self.piece.span(node)
        key = (name, f"at {span[0]}" if group is None else group)
        self.found.setdefault(key, []).append((span, self.piece.line(node), evidence))

    def has(self, name: str, group: str) -> bool:
        """Is there a find of the group?"""
        return (name, group) in self.found

    def patterns(self) -> list[Pattern]:
        """All patterns, by where they begin."""
        made = [
            Pattern(
                name,
                (min(span[0] for span, _, _ in finds), max(span[1] for span, _, _ in finds)),
                min(line for _, line, _ in finds),
                tuple(dict.fromkeys(word for _, _, word in finds)),
            )
            for (name, _), finds in self.found.items()
        ]
        return sorted(made, key=lambda one: (one.span, one.name))
