"""Which share of the rehearsed samples each origin gets.

Belongs here: shares from what there is and what settings ask for. Does not: drawing
(``batches.py``), how many rows rehearse at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from booktune_assets.training.batches import Sample

__all__ = ["WRITTEN", "origin_shares"]

WRITTEN = ("ssr", "magpie")  # origins of rows that the model wrote itself


def origin_shares(
    samples: Sequence[Sample], origins: Mapping[str, str], written: float | None
) -> dict[str, float]:
    """Shares by origin, as many as the samples have; ``written``: those of the model's own text.

    Where only one side is there, it has everything.
    """
    counts = Counter(origins.get(sample.name, "") for sample in samples)
    own = sum(number for name, number in counts.items() if name in WRITTEN)
    real = counts.total() - own
    if written is None or not own or not real:
        return {name: float(number) for name, number in counts.items()}
    scale = {True: written / own, False: (1 - written) / real}
    return {name: number * scale[name in WRITTEN] for name, number in counts.items()}
