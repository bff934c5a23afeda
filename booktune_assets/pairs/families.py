"""The task families of the extractive generator, in the order in which they propose.

Belongs here: the list, with each family's version. Does not: what a family asks (one module each).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from booktune_assets.pairs.candidate import Candidate, View
from booktune_assets.pairs.define import define
from booktune_assets.pairs.explain import explain_code
from booktune_assets.pairs.predict import predict_output
from booktune_assets.pairs.write import write_code

__all__ = ["FAMILIES"]

FAMILIES: tuple[tuple[str, int, Callable[[View], Iterator[Candidate]]], ...] = (
    ("define", 1, define),
    ("explain_code", 1, explain_code),
    ("write_code", 1, write_code),
    ("predict_output", 1, predict_output),
)
