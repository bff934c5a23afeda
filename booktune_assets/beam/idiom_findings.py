"""What speaks against the idiom of a listing: the findings, what they weigh, what to do instead.

Belongs here: names, weights, remedies, the record. Does not: finding (``idioms_elixir.py``,
``idioms_erlang.py``), the score (``idioms.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from booktune_assets.beam.tree import Piece

if TYPE_CHECKING:
    from tree_sitter import Node

__all__ = ["FINDINGS", "Finding", "Findings"]

# Weight: 1 is what a reviewer would ask to change, more is a bug in waiting, less is taste.
FINDINGS: dict[str, tuple[float, str]] = {
    "nested_case": (1.0, "`with`, or a function for the inner case"),
    "two_passes": (0.7, "one function that does both in one pass"),
    "catch_all": (1.5, "rescue what is expected, let the rest crash"),
    "bare_catch": (1.0, "`try … catch Class:Reason`"),
    "if_on_pattern": (1.0, "match the pattern in `case` or in heads"),
    "if_chain": (1.0, "`cond`, `case` or clauses of a function"),
    "length_zero": (1.0, 'match `[]` or `""`, or `Enum.any?`; counting walks all of it'),
    "concat_in_loop": (1.0, "build a list, join it once"),
    "append_in_loop": (1.2, "put in front, reverse once; `++` copies its left side"),
    "index_loop": (1.0, "the elements themselves; `Enum.at` walks the list each time"),
    "client_logic": (1.5, "one message; between two calls the state may change"),
    "body_recursion": (0.4, "an accumulator where it may go deep: the stack does not grow"),
    "compare_boolean": (0.5, "the value itself"),
    "case_boolean": (0.5, "`if`"),
    "case_on_guard": (0.4, "a guard in the head"),
    "boolean_result": (0.5, "the condition itself"),
    "reduce_by_hand": (0.4, "the function that there is: `map`, `filter`, `sum`"),
    "cond_of_two": (0.5, "`if`"),
    "hd_and_tl": (0.8, "match `[head | tail]`"),
    "dynamic_atom": (1.0, "an existing atom; atoms are never freed"),
    "nested_calls": (0.5, "a pipeline"),
    "negated_if": (0.4, "the positive condition first"),
    "with_of_one": (0.4, "`case`"),
    "process_dictionary": (1.0, "pass the state on"),
    "export_all": (0.7, "export what others call"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One place. ``span`` in bytes, ``line`` from 1; ``instead`` says what the language wants."""

    name: str
    weight: float
    span: tuple[int, int]
    line: int
    instead: str


@dataclass(slots=True)
class Findings:
    """Findings so far, each place once for each name."""

    piece: Piece
    found: dict[tuple[str, int], Finding] = field(default_factory=dict[tuple[str, int], Finding])

    def add(self, name: str, node: Node) -> None:
        """Note a place."""
        weight, instead = FINDINGS[name]
        span = self.piece.span(node)
        self.found.setdefault(
            (name, span[0]), Finding(name, weight, span, self.piece.line(node), instead)
        )
