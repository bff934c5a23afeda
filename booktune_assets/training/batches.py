"""Samples, packed rows, and the order in which they are learned.

Belongs here: what of a sample is learned, how samples share a row, which rows rehearse. No torch.
Does not: tensors and losses (``trainer.py``).

A packed row holds several samples one after the other. They are kept apart by positions that start
again at 0: the attention mask is block-diagonal then (a test compares logits), so a sample is
learned as if it were alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice
from typing import Any

from booktune_assets.ids import stable_int
from booktune_assets.llm.chat import render_chat, text_ids

__all__ = [
    "PackedRow", "Sample", "chat_samples", "memory_rows", "pack", "plan_rows",
    "text_samples", "text_windows",
]  # fmt: skip

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
    tokenizer: Any,
    examples: Sequence[Mapping[str, Any]],
    seq_len: int,
    counts: dict[str, int],
    make: Callable[[Any, Mapping[str, Any]], Sample] | None = None,
    sizes: list[int] | None = None,
) -> list[Sample]:
    """Examples with the assistant's tokens learned. Too long: cut at the end, or left out.

    ``make`` gives the sample of an example where it is to bring more along; tokens of each example
    before it is cut are added to ``sizes``.
    """
    samples: list[Sample] = []
    for example in examples:
        sample = (make or _chat)(tokenizer, example)
        if sizes is not None:
            sizes.append(len(sample.ids))
        samples += _cut(sample, seq_len, counts)
    return samples


def _chat(tokenizer: Any, example: Mapping[str, Any]) -> Sample:
    rendered = render_chat(tokenizer, example["turns"])
    return Sample(str(example["example_id"]), rendered.ids, rendered.learned)


def text_samples(
    tokenizer: Any, rows: Sequence[Mapping[str, Any]], seq_len: int, counts: dict[str, int]
) -> list[Sample]:
    """Rehearsal rows. Those with ``turns`` are conversations, as the model is asked in, and the
    assistant's tokens are learned. Of plain text all is, after a prompt that is not; it has no end
    token, because texts are cut out."""
    samples: list[Sample] = []
    for row in rows:
        samples += _cut(_rehearsed(tokenizer, row), seq_len, counts)
    return samples


def _rehearsed(tokenizer: Any, row: Mapping[str, Any]) -> Sample:
    if turns := row.get("turns"):
        rendered = render_chat(tokenizer, turns)
        return Sample(str(row["row_id"]), rendered.ids, rendered.learned)
    head = text_ids(tokenizer, row.get("prompt") or "")
    body = text_ids(tokenizer, row["text"], start=False)
    learned = [False] * len(head) + [True] * len(body)
    return Sample(str(row["row_id"]), head + body, learned)


def text_windows(tokenizer: Any, rows: Sequence[Mapping[str, Any]], seq_len: int) -> list[Sample]:
    """Whole texts (``row_id``, ``text``) as samples of at most ``seq_len`` tokens, nothing lost.

    Each begins with the start token, so each can be learned from its first token on.
    """
    samples: list[Sample] = []
    for row in rows:
        begin = text_ids(tokenizer, "")
        body = text_ids(tokenizer, row["text"], start=False)
        room = seq_len - len(begin)
        for number, start in enumerate(range(0, len(body), room)):
            part = body[start : start + room]
            learned = [False] * len(begin) + [True] * len(part)
            samples.append(Sample(f"{row['row_id']}:{number}", begin + part, learned))
    return samples


def plan_rows(
    new: Sequence[Sample],
    old: Sequence[Sample],
    total: int,
    share: float,
    seed: int,
    seq_len: int,
    *,
    shuffled: bool = True,
    origins: Mapping[str, str] | None = None,
    shares: Mapping[str, float] | None = None,
) -> list[PackedRow]:
    """``total`` packed rows: exactly ``floor(total × share)`` of them rehearse, evenly spread.

    With ``origins`` (of old samples, by name) each origin has its exact share of the rehearsed
    samples, at every point of the run: as many as it has among all, or as ``shares`` says.

    ``new`` is learned in its own order, or each round in an order drawn from ``seed`` when
    ``shuffled``. Packing holds an order up to the open rows: a sample stands at most
    ``OPEN_ROWS`` rows before one that comes earlier in it.
    """
    plan = rehearses(total, share)
    fresh = pack(_endless(new, seed, "new", shuffled), seq_len, plan.count(False), rehearsal=False)
    if origins is None:
        known = pack(_endless(old, seed, "old", True), seq_len, plan.count(True), rehearsal=True)
    else:
        known = _by_origin(old, seq_len, plan.count(True), seed, origins, shares)
    sources = {False: iter(fresh), True: iter(known)}
    return [next(sources[old_one]) for old_one in plan]


def _by_origin(
    samples: Sequence[Sample], seq_len: int, wanted: int, seed: int,
    origins: Mapping[str, str], shares: Mapping[str, float] | None,
) -> list[PackedRow]:  # fmt: skip
    """``wanted`` rows, one after the other: whose turn it is has the largest deficit.

    Another origin fills a gap only while it is not a whole sample above its share.
    """
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(origins.get(sample.name, ""), []).append(sample)
    told = shares or {name: float(len(group)) for name, group in groups.items()}
    parts = {name: Fraction(str(told.get(name, 0))) for name in sorted(groups)}
    whole = sum(parts.values())
    parts = {name: part / whole for name, part in parts.items() if part}
    queues = {
        name: _Queue(_endless(groups[name], seed, f"old:{name}", True), len(groups[name]))
        for name in parts
    }
    got: Counter[str] = Counter()
    done: list[PackedRow] = []
    while len(done) < wanted:
        row = PackedRow(True)
        while _placed(row, seq_len - len(row.ids), queues, parts, got):
            pass
        done.append(row)
    return done


def _placed(
    row: PackedRow, room: int, queues: Mapping[str, _Queue], parts: Mapping[str, Fraction],
    got: Counter[str],
) -> bool:  # fmt: skip
    """Put the next sample into the row, if there is one for it."""
    due = {name: part * (got.total() + 1) - got[name] for name, part in parts.items()}
    taken = {sample.name for sample in row.samples}
    for name in sorted(due, key=lambda name: -due[name]):
        if due[name] <= 0 and row.samples:
            return False
        if (sample := queues[name].take(room, taken)) is not None:
            row.samples.append(sample)
            got[name] += 1
            return True
    return False


class _Queue:
    """Samples in order; one that does not fit waits for the next row, at its place."""

    def __init__(self, samples: Iterator[Sample], count: int) -> None:
        self.samples, self.waiting = samples, list[Sample]()
        self.ahead = min(OPEN_ROWS, count)

    def take(self, room: int, taken: set[str]) -> Sample | None:
        """The first of the next few that fits and does not stand in the row already."""
        self.waiting += islice(self.samples, self.ahead - len(self.waiting))
        for place, sample in enumerate(self.waiting):
            if len(sample.ids) <= room and sample.name not in taken:
                return self.waiting.pop(place)
        return None


def memory_rows(samples: Sequence[Sample], seq_len: int) -> list[PackedRow]:
    """All samples once, packed, as rows of earlier knowledge."""
    return pack(iter(samples), seq_len, len(samples), rehearsal=True)


def rehearses(total: int, share: float) -> list[bool]:
    """Which of ``total`` rows rehearse. Exact arithmetic: a share of 0.2 of 60 is 12, not 11."""
    exact = Fraction(str(share))
    return [int((row + 1) * exact) > int(row * exact) for row in range(total)]


def pack(
    samples: Iterator[Sample], seq_len: int, wanted: int, *, rehearsal: bool
) -> list[PackedRow]:
    """``wanted`` rows: each sample goes into the first open row that has room and not it already.

    Samples that never end give rows as full as can be: what fills the rows still open then is not
    used. When they do end, the open rows count, and there may be fewer than ``wanted``.
    """
    done: list[PackedRow] = []
    opened: list[tuple[PackedRow, int]] = []
    while len(done) < wanted:
        sample = next(samples, None)
        if sample is None:
            return (done + [row for row, _ in opened])[:wanted]
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


def _endless(samples: Sequence[Sample], seed: int, name: str, shuffled: bool) -> Iterator[Sample]:
    """Round after round over all samples, each round in an order of its own when ``shuffled``."""
    turn = 0
    while samples:
        key = f"{seed}:{name}:{turn}"
        if shuffled:
            yield from sorted(samples, key=lambda item, key=key: stable_int(f"{key}:{item.name}"))
        else:
            yield from samples
        turn += 1


def _cut(sample: Sample, seq_len: int, counts: dict[str, int]) -> list[Sample]:
    if len(sample.ids) > seq_len:
        counts["cut"] = counts.get("cut", 0) + 1
        sample = replace(sample, ids=sample.ids[:seq_len], learned=sample.learned[:seq_len])
    if sum(sample.learned[1:]) < LEARNED_MIN:
        counts["left_out"] = counts.get("left_out", 0) + 1
        if len(sample.ids) < seq_len:
            counts["left_out_short"] = counts.get("left_out_short", 0) + 1
        return []
    return [sample]
