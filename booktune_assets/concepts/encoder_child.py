"""Child: the two networks of the encoder, their training and their vectors.

Belongs here: everything of it that needs torch. Does not: its inputs (``encoder.py``).

Both networks add to what they are given, by a last layer that begins at zero: an untrained encoder
gives the plain means. Learned is by InfoNCE: two halves of a section's blocks are each other's, a
listing and the paragraph beside it are, and so are the section that comes next and what the global
network makes of those before it, which sees no later one.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from booktune_assets import progress
from booktune_assets.children import child_main

__all__ = ["Encoder", "run"]

WINDOW = 64  # sections of one book in a step
PAIRS = 96  # listings of a step
HEAT = 0.07
RATE = 3e-4
CHAPTERS, PLACES = 64, 64  # embeddings: chapters beyond the last share one


class _Level(nn.Module):
    """A two-layer transformer whose pooled output is added to the mean of what it read."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(
            dim, 4, 2 * dim, dropout=0.1, batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Linear(dim, dim)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)


class Encoder(nn.Module):
    """Local and global network; vectors come out with length 1."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.kind = nn.Embedding(2, dim)
        self.chapter = nn.Embedding(CHAPTERS, dim)
        self.place = nn.Embedding(PLACES, dim)
        for table in (self.kind, self.chapter, self.place):
            nn.init.normal_(table.weight, std=0.02)
        self.low = _Level(dim)
        self.high = _Level(dim)
        self.next = nn.Linear(dim, dim)
        nn.init.eye_(self.next.weight)
        nn.init.zeros_(self.next.bias)

    def local(self, blocks: Tensor, chars: Tensor, code: Tensor, gone: Tensor) -> Tensor:
        """(sections, dim) of (sections, blocks, dim); ``gone`` marks what is not there."""
        here = (~gone).unsqueeze(-1).float()
        mean = (blocks * here * chars.unsqueeze(-1)).sum(1)
        read = self.low.layers(blocks + self.kind(code), src_key_padding_mask=gone)
        pooled = (read * here).sum(1) / here.sum(1).clamp(min=1)
        return F.normalize(F.normalize(mean, dim=-1) + self.low.out(pooled), dim=-1)

    def context(self, sections: Tensor, chapter: Tensor) -> Tensor:
        """(sections, dim) of the sections of a window in order; none sees a later one."""
        size = len(sections)
        at = torch.arange(size).clamp(max=PLACES - 1)
        later = torch.triu(torch.ones(size, size, dtype=torch.bool), 1)
        given = sections + self.chapter(chapter.clamp(max=CHAPTERS - 1)) + self.place(at)
        read = self.high.layers(given.unsqueeze(0), mask=later)[0]
        return F.normalize(sections + self.high.out(read), dim=-1)


class _Data:
    """The arrays, and padded batches of them."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as found:
            self.vectors = torch.from_numpy(found["vectors"])
            self.code = torch.from_numpy(found["code"])
            self.chars = torch.from_numpy(found["chars"])
            self.section, self.book = found["section"], found["book"]
            self.chapter, self.trains = torch.from_numpy(found["chapter"]), found["trains"]
        self.size = len(self.book)
        first = np.searchsorted(self.section, np.arange(self.size))
        last = np.searchsorted(self.section, np.arange(self.size), side="right")
        self.blocks = [np.arange(a, b) for a, b in zip(first, last, strict=True)]

    def batch(self, rows: list[np.ndarray[Any, Any]]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Vectors, lengths, code marks and padding of lists of blocks."""
        longest = max(len(row) for row in rows)
        place = torch.zeros(len(rows), longest, dtype=torch.int64)
        gone = torch.ones(len(rows), longest, dtype=torch.bool)
        for number, row in enumerate(rows):
            place[number, : len(row)] = torch.from_numpy(row)
            gone[number, : len(row)] = False
        return self.vectors[place], self.chars[place], self.code[place], gone

    def windows(self) -> list[np.ndarray[Any, Any]]:
        """Sections of each book that may be learned from."""
        books = sorted(set(self.book[(self.trains == 1) & (self.book >= 0)].tolist()))
        return [np.flatnonzero((self.book == one) & (self.trains == 1)) for one in books]


def run(spec: dict[str, Any]) -> dict[str, Any]:
    """Train and write vectors of all sections; gives parameters and losses."""
    torch.manual_seed(spec["seed"])
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.set_num_threads(1)  # sums in another order are other vectors
    data = _Data(Path(spec["inputs"]))
    model = Encoder(int(data.vectors.shape[1]))
    losses = _train(model, data, int(spec["steps"]), np.random.default_rng(spec["seed"]))
    np.savez(spec["made"], **_vectors(model, data))
    tenth = max(1, len(losses) // 10)
    return {
        "parameters": sum(one.numel() for one in model.parameters()),
        "loss_first": float(np.mean(losses[:tenth])) if losses else 0.0,
        "loss_last": float(np.mean(losses[-tenth:])) if losses else 0.0,
    }


def _train(model: Encoder, data: _Data, steps: int, rng: np.random.Generator) -> list[float]:
    books = [one for one in data.windows() if len(one) > 1]
    if not books:
        return []
    shares = np.array([len(one) for one in books], dtype=np.float64)
    tuned = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.05)
    losses: list[float] = []
    model.train()
    for step in range(steps):
        own = books[int(rng.choice(len(books), p=shares / shares.sum()))]
        start = int(rng.integers(0, max(1, len(own) - WINDOW + 1)))
        loss = _loss(model, data, own, own[start : start + WINDOW], rng)
        tuned.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        tuned.step()
        losses.append(float(loss.detach()))
        progress.advance("training the encoder", step + 1, steps)
    return losses


def _loss(
    model: Encoder, data: _Data, book: np.ndarray[Any, Any], window: np.ndarray[Any, Any],
    rng: np.random.Generator,
) -> Tensor:  # fmt: skip
    lefts: list[np.ndarray[Any, Any]] = []
    rights: list[np.ndarray[Any, Any]] = []
    for section in window:
        blocks = data.blocks[section]
        if len(blocks) > 1:
            mixed = rng.permutation(blocks)
            lefts.append(np.sort(mixed[: len(mixed) // 2]))
            rights.append(np.sort(mixed[len(mixed) // 2 :]))
    losses = [_contrast(model, data, lefts, rights)] if len(lefts) > 1 else []
    beside = _beside(data, book, rng)
    if len(beside) > 1:
        codes, words = [one for one, _ in beside], [one for _, one in beside]
        losses.append(_contrast(model, data, codes, words))
    whole = model.local(*data.batch([data.blocks[one] for one in window]))
    seen = model.context(whole, data.chapter[window])
    ahead = F.normalize(model.next(seen[:-1]), dim=-1)
    if len(window) > 2:
        losses.append(F.cross_entropy(ahead @ whole[1:].T / HEAT, torch.arange(len(ahead))))
    return torch.stack(losses).sum() if losses else whole.sum() * 0


def _contrast(
    model: Encoder, data: _Data, left: list[np.ndarray[Any, Any]],
    right: list[np.ndarray[Any, Any]],
) -> Tensor:  # fmt: skip
    near = model.local(*data.batch(left)) @ model.local(*data.batch(right)).T / HEAT
    own = torch.arange(len(near))
    return (F.cross_entropy(near, own) + F.cross_entropy(near.T, own)) / 2


def _beside(
    data: _Data, book: np.ndarray[Any, Any], rng: np.random.Generator
) -> list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
    """(listing, paragraph before or after it) of the book, some by chance."""
    found: list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] = []
    for section in book:
        blocks = data.blocks[section]
        for one, other in itertools.pairwise(blocks):
            if data.code[one] != data.code[other]:
                code, words = (one, other) if data.code[one] else (other, one)
                found.append((np.array([code]), np.array([words])))
    some = rng.permutation(len(found))[:PAIRS]
    return [found[int(one)] for one in some]


@torch.no_grad()
def _vectors(model: Encoder, data: _Data) -> dict[str, Any]:
    model.eval()
    parts = [
        model.local(*data.batch(data.blocks[start : start + 256]))
        for start in range(0, data.size, 256)
    ]
    local = torch.cat(parts)
    context = local.clone()
    for book in sorted(set(data.book[data.book >= 0].tolist())):
        own = np.flatnonzero(data.book == book)
        for start in range(0, len(own), WINDOW):
            some = own[start : start + WINDOW]
            context[some] = model.context(local[some], data.chapter[some])
    alone = torch.cat(
        [model.context(one[None], torch.zeros(1, dtype=torch.int64)) for one in local]
    )
    following = F.normalize(model.next(alone), dim=-1)
    return {"local": local.numpy(), "context": context.numpy(), "following": following.numpy()}


if __name__ == "__main__":
    child_main(run)
