"""Examples that do not fit into a row: how many may be cut, and which length would do.

Belongs here: the check before a run. Does not: cutting (``batches.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from booktune_assets.errors import BookError, Code

__all__ = ["enough_for", "require_lengths", "within"]

_STEP = 64  # row lengths are said in multiples of this


def enough_for(sizes: Sequence[int], most: float) -> int:
    """The shortest row, in steps of 64 tokens, that at most the share ``most`` is longer than."""
    ordered = sorted(sizes)
    fitting = ordered[max(0, len(ordered) - 1 - int(most * len(ordered)))] if ordered else 0
    return -(-fitting // _STEP) * _STEP


def require_lengths(
    sizes: Sequence[int], counts: Mapping[str, int], seq_len: int, most: float, stage: str = ""
) -> None:
    """Raises ``TOO_LONG`` when more than ``most`` of the examples were cut or left out.

    ``sizes`` are tokens of each example as it came; ``counts`` has ``cut`` and ``left_out``.
    ``stage``: the run before the books whose conversations they are.
    """
    cut = sum(size > seq_len for size in sizes)
    if not sizes or within({**counts, "cut": cut, "examples_all": len(sizes)}, most):
        return
    would = enough_for(sizes, most)
    help_ = f"Raise training.seq_len to {would}" if would > seq_len else "Write longer answers"
    shorten = "the examples (pairs.answer_chars_max, pairs.retrieved_percent)"
    if stage:
        shorten = f"the conversations of training.stages.{stage}.texts, or cut them into several"
    raise BookError(
        Code.TOO_LONG,
        f"{help_}, or training.cut_max to say that so many may be cut, or shorten {shorten}",
        seq_len=seq_len, cut=cut, left_out=counts.get("left_out", 0), of=len(sizes),
    )  # fmt: skip


def within(counts: Mapping[str, int], most: float) -> bool:
    """Were at most ``most`` of ``examples_all`` cut, or left out for their shortness?"""
    lost = counts.get("cut", 0) + counts.get("left_out_short", 0)
    return lost <= most * counts.get("examples_all", lost)
