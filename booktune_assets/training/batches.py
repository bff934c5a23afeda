"""Samples, packed rows, and the order in which they are learned.

Belongs here: what of a sample is learned, how samples share a row, which rows rehearse. No torch.
Does not: tensors and losses (``trainer.py``).

A packed row holds several samples one after the other. They are kept apart by positions that start
again at 0: the attention mask is block-diagonal then (a test compares logits), so a sample is
learned as if it were alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from booktune_assets.ids import stable_int
from booktune_assets.llm.chat import render_chat, text_ids

__all__ = ["PackedRow", "Sample", "chat_samples", "pack", "plan_rows", "rehearses", "text_samples"]

OPEN_ROWS = 8  # rows kept open while packing: enough to fill gaps with short samples
LEARNED_MIN = 4  # a cut sample with fewer learned tokens is left out


@dataclass(frozen=True, slots=True)
class Sample:
    """One example or rehearsal text as ids; ``learned[i]``: is token i predicted for the loss?"""

    name: str
    ids: list[int]
    learned: list[bool]


@dataclass(slots=True)
class PackedRow:
    """Samples side by side, and whether the row rehearses."""

    rehearsal: bool
    samples: list[Sample] = field(default_factory=list)

    @property
    def ids(self) -> list[int]:
        """Token ids of all samples, one after the other."""
        return [token for sample in self.samples for token in sample.ids]

    @property
    def positions(self) -> list[int]:
        """Positions that start again with each sample."""
        return [place for sample in self.samples for place in range(len(sample.ids))]

    @property
    def targets(self) -> list[tuple[int, int]]:
        """(where, token): the token after place ``where`` is learned. Never across samples."""
        found: list[tuple[int, int]] = []
        start = 0
        for sample in self.samples:
            for place in range(1, len(sample.ids)):
                if sample.learned[place]:
                    found.append((start + place - 1, sample.ids[place]))
            start += len(sample.ids)
        return found


def chat_samples(
    tokenizer: Any, examples: Sequence[Mapping[str, Any]], seq_len: int, counts: dict[str, int]
) -> list[Sample]:
    """Examples with the assistant's tokens learned. Too long: cut at the end, or left out."""
    samples: list[Sample] = []
    for example in examples:
        rendered = render_chat(tokenizer, example["turns"])
        whole = Sample(str(example["example_id"]), rendered.ids, rendered.learned)
        samples += _cut(whole, seq_len, counts)
    return samples


def text_samples(
    tokenizer: Any, rows: Sequence[Mapping[str, Any]], seq_len: int, counts: dict[str, int]
) -> list[Sample]:
    """Rehearsal rows: the text is learned, its prompt is not. No end token: texts are cut out."""
    samples: list[Sample] = []
    for row in rows:
        head = text_ids(tokenizer, row.get("prompt") or "")
        body = text_ids(tokenizer, row["text"], start=False)
        learned = [False] * len(head) + [True] * len(body)
        samples += _cut(Sample(str(row["row_id"]), head + body, learned), seq_len, counts)
    return samples


def plan_rows(
    new: Sequence[Sample], old: Sequence[Sample], total: int, share: float, seed: int, seq_len: int
) -> list[PackedRow]:
    """``total`` packed rows: exactly ``floor(total × share)`` of them rehearse, evenly spread."""
    plan = rehearses(total, share)
    fresh = pack(_endless(new, seed, "new"), seq_len, plan.count(False), rehearsal=False)
    known = pack(_endless(old, seed, "old"), seq_len, plan.count(True), rehearsal=True)
    sources = {False: iter(fresh), True: iter(known)}
    return [next(sources[old_one]) for old_one in plan]


def rehearses(total: int, share: float) -> list[bool]:
    """Which of ``total`` rows rehearse. Exact arithmetic: a share of 0.2 of 60 is 12, not 11."""
    exact = Fraction(str(share))
    return [int((row + 1) * exact) > int(row * exact) for row in range(total)]


def pack(
    samples: Iterator[Sample], seq_len: int, wanted: int, *, rehearsal: bool
) -> list[PackedRow]:
    """``wanted`` rows: each sample goes into the first open row that has room and not it already.

    ``samples`` must not end. What fills the rows still open at the end is not used.
    """
    done: list[PackedRow] = []
    opened: list[tuple[PackedRow, int]] = []
    while len(done) < wanted:
        sample = next(samples)
        size = len(sample.ids)
        for number, (row, filled) in enumerate(opened):
            apart = all(sample.name != other.name for other in row.samples)
            if filled + size <= seq_len and apart:
                row.samples.append(sample)
                opened[number] = (row, filled + size)
                break
        else:
            opened.append((PackedRow(rehearsal, [sample]), size))
            if len(opened) > OPEN_ROWS:
                done.append(opened.pop(0)[0])
    return done


def _endless(samples: Sequence[Sample], seed: int, name: str) -> Iterator[Sample]:
    """Round after round over all samples, each round in an order of its own."""
    turn = 0
    while samples:
        key = f"{seed}:{name}:{turn}"
        yield from sorted(samples, key=lambda item, key=key: stable_int(f"{key}:{item.name}"))
        turn += 1


def _cut(sample: Sample, seq_len: int, counts: dict[str, int]) -> list[Sample]:
    if len(sample.ids) > seq_len:
        counts["cut"] = counts.get("cut", 0) + 1
        sample = Sample(sample.name, sample.ids[:seq_len], sample.learned[:seq_len])
    if sum(sample.learned[1:]) < LEARNED_MIN:
        counts["left_out"] = counts.get("left_out", 0) + 1
        return []
    return [sample]
