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
PRETRAIN = "pretrain"  # has its share of training (rehearsal.pretrain), whoever wrote the others


def origin_shares(
    samples: Sequence[Sample], origins: Mapping[str, str], written: float | None
) -> dict[str, float]:
    """Shares by origin, as many as the samples have; ``written``: those of the model's own text.

    What it moves are the other real texts: text like pretraining's keeps the share that the set
    gave it, as far as ``written`` leaves room. Where only one side is there, it has everything.
    """
    counts = Counter(origins.get(sample.name, "") for sample in samples)
    own = sum(number for name, number in counts.items() if name in WRITTEN)
    real = counts.total() - own
    if written is None or not own or not real:
        return {name: float(number) for name, number in counts.items()}
    rest = real - counts[PRETRAIN]
    like = min(counts[PRETRAIN] / counts.total(), 1 - written) if rest else 1 - written
    part = {"own": written / own, "rest": (1 - written - like) / max(1, rest)}
    shares = {
        name: number * part["own" if name in WRITTEN else "rest"] for name, number in counts.items()
    }
    return shares | ({PRETRAIN: like} if counts[PRETRAIN] else {})
