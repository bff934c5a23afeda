"""A memory that the models wrote themselves, for the arm ``ssr``.

Belongs here: self-synthesised rehearsal (arXiv 2403.01244) on plain text. Does not: SSR for chats
(``rehearsal/``), whose choice of candidates is used here.

Synthesis: the model before stage 2 sees the first half of one of a few real windows (a tenth of
the memory) and writes on. Refinement: the model after stage 2 takes the end of that and writes the
rest greedily; only what it wrote is learned. Selection: groups of what was written, in each those
nearest to its mean. As many windows as the real memory has. Ours: text has no pairs of input and
output, so the parts of a window stand for them; one real half is shown, not several whole shots.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from booktune_assets.rehearsal.select import chosen
from booktune_assets.rehearsal.vectors import embedded, grouped
from booktune_assets.training.batches import Sample

__all__ = ["synthesise"]

POOL = 10  # one real window of so many is shown
TRIES = 2  # candidates for each window that is kept
GROUPS = 20
TEMPERATURE, TOP_P = 0.9, 0.6
BATCH = 64


def synthesise(
    base: Any, latest: Any, tokenizer: Any, memory: Sequence[Sample], seed: int
) -> list[Sample]:
    """As many samples as ``memory`` has, from ``memory[::POOL]`` alone."""
    length = min(len(sample.ids) for sample in memory)
    half, lead = length // 2, length // 4
    pool = [sample.ids[:half] for sample in memory[::POOL]]
    wanted = len(memory)
    shown = [pool[number % len(pool)] for number in range(TRIES * wanted)]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        asked = [ids[-lead:] for ids in _written(base, shown, half, sample=True)]
    start = memory[0].ids[:1]
    prompts = [start + ids for ids in asked]
    answers = _written(latest, prompts, length - len(prompts[0]), sample=False)
    texts = [tokenizer.decode(ids) for ids in answers]
    labels, gaps = grouped(embedded(texts), min(GROUPS, wanted))
    keep = sorted(chosen(labels, gaps, [""] * len(texts), wanted))
    return [
        Sample(
            f"ssr:{place}", prompts[place] + answers[place],
            [False] * len(prompts[place]) + [True] * len(answers[place]),
        )
        for place in keep
    ]  # fmt: skip


def _written(
    model: Any, prompts: Sequence[list[int]], tokens: int, *, sample: bool
) -> list[list[int]]:
    """What the model writes after prompts of one length, each ``tokens`` long."""
    ways = {"temperature": TEMPERATURE, "top_p": TOP_P} if sample else {}
    found: list[list[int]] = []
    model.eval()
    for start in range(0, len(prompts), BATCH):
        ids = torch.tensor(prompts[start : start + BATCH], device=next(model.parameters()).device)
        with torch.no_grad():
            written = model.generate(
                input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=sample,
                min_new_tokens=tokens, max_new_tokens=tokens, **ways,
            )  # fmt: skip
        found += written[:, ids.shape[1] :].tolist()
    return found
