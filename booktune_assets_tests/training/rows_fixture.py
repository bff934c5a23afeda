"""Packed rows of random bytes, for tests that only need something to learn."""

from __future__ import annotations

import torch

from booktune_assets.training.batches import PackedRow, Sample, plan_rows


def sample(name: str, size: int, seed: int = 0) -> Sample:
    """``size`` tokens after the start token's place, all but the first learned."""
    stream = torch.Generator().manual_seed(seed * 1000 + size)
    ids = [1, *torch.randint(3, 250, (size - 1,), generator=stream).tolist()]
    return Sample(name, ids, [place > 0 for place in range(size)])


def curriculum_rows(total: int) -> list[PackedRow]:
    """Packed rows of samples in the set's order, a fifth of them rehearsal."""
    new = [sample(f"n{number}", 12 + number * 5 % 30, number) for number in range(40)]
    old = [sample(f"o{number}", 20 + number, 99 + number) for number in range(6)]
    return plan_rows(new, old, total, 0.2, 0, 64, shuffled=False)
