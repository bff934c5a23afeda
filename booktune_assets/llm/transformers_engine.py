"""The engine on transformers: batched, cached, and the same for any batch.

Belongs here: encoding, batching, the sampling loop, scoring. Does not: chat formats (``chat.py``),
the loss of a token (``heads.py``), weights (``loading.py``).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import torch

from booktune_assets import progress
from booktune_assets.errors import BookError, Code
from booktune_assets.ids import digest, stable_int
from booktune_assets.llm.adapted import adapted
from booktune_assets.llm.chat import Turn, render_prompt, text_ids
from booktune_assets.llm.engine import Prompt, Scored
from booktune_assets.llm.heads import token_nll
from booktune_assets.llm.loading import load_model, load_tokenizer

__all__ = ["TransformersEngine"]

ROWS = 16  # prompts answered side by side
SCORE_TOKENS = 2048  # padded tokens scored side by side
TAIL = 24  # tokens looked at for a stop string


@dataclass(slots=True)
class _Row:
    """One prompt on its way: what it was, its own random stream, what was written."""

    position: int
    ids: list[int]
    stream: torch.Generator
    written: list[int] = field(default_factory=list)
    done: bool = False
    nats: float = 0.0


class TransformersEngine:
    """A model in this process. ``adapter`` is a folder that peft wrote."""

    def __init__(self, path: Path, adapter: Path | None = None) -> None:
        self.tokenizer = load_tokenizer(path)
        self.model: Any = load_model(path)
        self.adapted = adapter is not None
        if adapter is not None:
            self.model = adapted(self.model, path.name, adapter).eval()
        config = self.model.config
        self._limit = int(getattr(config, "max_position_embeddings", 0) or 1 << 30)
        ends = getattr(self.model.generation_config, "eos_token_id", None)
        ends = self.tokenizer.eos_token_id if ends is None else ends
        # of the last answers: tokens, did it end itself, negative log likelihood
        self.last: list[tuple[int, bool, float]] = []
        self._ends = set(ends) if isinstance(ends, list) else {ends}

    @contextmanager
    def with_adapter(self, on: bool) -> Generator[None]:
        """Within the block, the adapter takes part, or the base model answers alone."""
        if on and not self.adapted:
            raise BookError(Code.BAD_SETTING, "Open the engine with an adapter first")
        if on or not self.adapted:
            yield
        else:
            with self.model.disable_adapter():
                yield

    @torch.inference_mode()
    def generate(
        self,
        prompts: Sequence[Prompt],
        *,
        max_new_tokens: int,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int | Sequence[int] = 0,
        stop: Sequence[str] = (),
        repetition: float = 1.0,
    ) -> list[str]:
        """See :class:`~booktune_assets.llm.engine.Engine`."""
        rows = self._rows(prompts, max_new_tokens, seed)
        self._write_all(rows, max_new_tokens, temperature, top_p, stop, repetition)
        return [self._text(row.written, stop) for row in rows]

    @torch.inference_mode()
    def generate_ids(
        self, prompts: Sequence[Prompt], *, max_new_tokens: int, temperature: float = 0.0,
        seed: int = 0,
    ) -> list[tuple[list[int], bool]]:  # fmt: skip
        """(Token ids, did it end itself) of what :meth:`generate` writes without stop strings."""
        rows = self._rows(prompts, max_new_tokens, seed)
        self._write_all(rows, max_new_tokens, temperature, 1.0, (), 1.0)
        return [(row.written, row.done) for row in rows]

    @torch.inference_mode()
    def score(self, texts: Sequence[str]) -> list[Scored]:
        """See :class:`~booktune_assets.llm.engine.Engine`."""
        windows = [_windows(text_ids(self.tokenizer, text), self._limit) for text in texts]
        rows = [row for some in windows for row in some]
        nats = iter(self._scored([ids for ids, _ in rows], [start for _, start in rows]))
        return [
            Scored(
                sum(next(nats) for _ in some), sum(len(ids) - start for ids, start in some),
                len(text.encode()),
            )
            for text, some in zip(texts, windows, strict=True)
        ]  # fmt: skip

    @torch.inference_mode()
    def score_answers(self, pairs: Sequence[tuple[Prompt, str]]) -> list[Scored]:
        """See :class:`~booktune_assets.llm.engine.Engine`."""
        heads = [self.prompt_ids(prompt) for prompt, _ in pairs]
        encoded = [
            head + text_ids(self.tokenizer, answer, start=False)
            for head, (_, answer) in zip(heads, pairs, strict=True)
        ]
        for ids in encoded:
            self._fits(len(ids))
        nats = self._scored(encoded, [len(head) for head in heads])
        return [
            Scored(one, len(ids) - len(head), len(answer.encode()))
            for one, ids, head, (_, answer) in zip(nats, encoded, heads, pairs, strict=True)
        ]

    def _scored(self, encoded: Sequence[list[int]], starts: Sequence[int]) -> list[float]:
        """Negative log likelihood of what begins at ``starts`` of each row."""
        order = sorted(range(len(encoded)), key=lambda number: (len(encoded[number]), number))
        found: dict[int, float] = {}
        for batch in _batches(order, [len(ids) for ids in encoded]):
            sums = self._sums([encoded[one] for one in batch], [starts[one] for one in batch])
            found |= dict(zip(batch, sums, strict=True))
            progress.advance("scoring texts", len(found), len(encoded))
        return [found[number] for number in range(len(encoded))]

    def _rows(self, prompts: Sequence[Prompt], new: int, seed: int | Sequence[int]) -> list[_Row]:
        rows: list[_Row] = []
        seen: dict[tuple[int, str], int] = {}
        seeds = [seed] * len(prompts) if isinstance(seed, int) else seed
        for position, (prompt, own) in enumerate(zip(prompts, seeds, strict=True)):
            ids = self.prompt_ids(prompt)
            self._fits(len(ids) + new)
            name = digest(ids)
            turn = seen[own, name] = seen.get((own, name), -1) + 1
            stream = torch.Generator().manual_seed(
                stable_int(f"{own}:{turn}:{name}") >> 1  # torch takes 63 bits
            )
            rows.append(_Row(position, ids, stream))
        return rows

    def prompt_ids(self, prompt: Prompt) -> list[int]:
        """The token ids of a prompt of any form; given ids stay as they are."""
        if isinstance(prompt, str):
            return text_ids(self.tokenizer, prompt)
        if isinstance(prompt[0], int):
            return list(cast("Sequence[int]", prompt))
        return render_prompt(self.tokenizer, cast("Sequence[Turn]", prompt))

    def _fits(self, tokens: int) -> None:
        if tokens > self._limit:
            raise BookError(
                Code.TOO_LONG,
                f"The model reads {self._limit} tokens at most: shorten the text",
                tokens=tokens,
            )

    def _write_all(
        self, rows: list[_Row], new: int, temperature: float, top_p: float, stop: Sequence[str],
        repetition: float,
    ) -> None:  # fmt: skip
        """Let all rows write, those of like length side by side."""
        by_length = sorted(rows, key=lambda row: (len(row.ids), row.position))
        for start in range(0, len(rows), ROWS):
            batch = by_length[start : start + ROWS]
            self._write(batch, new, temperature, top_p, stop, repetition)
            progress.advance("writing answers", start + len(batch), len(rows))
        self.last = [(len(row.written), row.done, row.nats) for row in rows]

    def _write(
        self, rows: list[_Row], new: int, temperature: float, top_p: float, stop: Sequence[str],
        repetition: float,
    ) -> None:  # fmt: skip
        """Let all rows of one batch write, left-padded, until each has ended."""
        from transformers import DynamicCache

        width = max(len(row.ids) for row in rows)
        pad = self.tokenizer.pad_token_id
        ids = torch.tensor([[pad] * (width - len(row.ids)) + row.ids for row in rows])
        mask = torch.tensor([[0] * (width - len(row.ids)) + [1] * len(row.ids) for row in rows])
        ids, mask = ids.to(self.model.device), mask.to(self.model.device)
        places = (mask.cumsum(dim=1) - 1).clamp(min=0)
        cache = DynamicCache(config=self.model.config)
        for _ in range(new):
            logits = self.model(
                input_ids=ids,
                attention_mask=mask,
                position_ids=places,
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            ).logits[:, -1]
            for row, scores in zip(rows, logits.float().cpu(), strict=True):
                if not row.done:
                    bent = _repeated(scores, row.ids + row.written, repetition)
                    token = _pick(bent, temperature, top_p, row.stream)
                    row.nats += float(scores.logsumexp(dim=0) - scores[token])
                    self._append(row, token, stop)
            if all(row.done for row in rows):
                return
            ids = torch.tensor([[pad if row.done else row.written[-1]] for row in rows])
            ids = ids.to(mask.device)
            mask = torch.cat([mask, torch.ones_like(mask[:, :1])], dim=1)
            places = places[:, -1:] + 1

    def _append(self, row: _Row, token: int, stop: Sequence[str]) -> None:
        if token in self._ends:
            row.done = True
            return
        row.written.append(token)
        if stop:
            tail = self.tokenizer.decode(row.written[-TAIL:], skip_special_tokens=True)
            row.done = any(word in tail for word in stop)

    def _text(self, written: list[int], stop: Sequence[str]) -> str:
        text: str = self.tokenizer.decode(written, skip_special_tokens=True)
        cuts = [text.find(word) for word in stop if word in text]
        return text[: min(cuts)] if cuts else text

    def _sums(self, batch: list[list[int]], starts: list[int]) -> list[float]:
        """Sum of negative log likelihood of each sequence from its start on.

        The last token of a row is predicted and never read.
        """
        read = [row[: max(1, len(row) - 1)] for row in batch]
        width = max(len(row) for row in read)
        pad = self.tokenizer.pad_token_id
        device = self.model.device
        ids = torch.tensor([row + [pad] * (width - len(row)) for row in read])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in read])
        where = [
            number * width + place
            for number, row in enumerate(batch)
            for place in range(starts[number] - 1, len(row) - 1)
        ]
        labels = [token for row, start in zip(batch, starts, strict=True) for token in row[start:]]
        inputs = {"input_ids": ids.to(device), "attention_mask": mask.to(device)}
        losses = token_nll(
            self.model,
            inputs,
            torch.tensor(where, dtype=torch.long, device=device),
            torch.tensor(labels, dtype=torch.long, device=device),
        )
        pieces = (
            losses.double()
            .cpu()
            .split([len(row) - start for row, start in zip(batch, starts, strict=True)])
        )
        return [float(piece.sum()) for piece in pieces]


def _windows(ids: list[int], limit: int) -> list[tuple[list[int], int]]:
    """(row, where its own tokens start) of a text that begins with a start token.

    As lm-evaluation-harness rolls over a long text (``loglikelihood_rolling``): each token is
    predicted once, ``limit`` of them at a time after the one before; the last window reaches back
    as far as the model reads.
    """
    found = [(ids[: limit + 1], 1)]
    done = limit + 1
    while done < len(ids):
        end = min(done + limit, len(ids))
        begin = end - limit - 1
        found.append((ids[begin:end], done - begin))
        done = end
    return found


def _batches(order: list[int], lengths: list[int]) -> Iterator[list[int]]:
    """Neighbours in length together, as many as keep the padded batch small."""
    batch: list[int] = []
    for number in order:  # shortest first: the newest is the widest
        if batch and (len(batch) + 1) * lengths[number] > SCORE_TOKENS:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def _repeated(scores: torch.Tensor, tokens: list[int], penalty: float) -> torch.Tensor:
    """Logits with those of ``tokens`` nearer to never, as transformers and vLLM do it."""
    if penalty == 1:
        return scores
    where = torch.tensor(sorted(set(tokens)))
    found = scores[where]
    scores = scores.clone()
    scores[where] = torch.where(found < 0, found * penalty, found / penalty)
    return scores


def _pick(scores: torch.Tensor, temperature: float, top_p: float, stream: torch.Generator) -> int:
    """One token: the likeliest, or drawn from the nucleus by inverting its distribution.

    Inverted in the order of token ids, not of probability: an order by probability would turn a
    rounding difference between two batch sizes into another token.
    """
    if temperature <= 0:
        return int(scores.argmax())
    chances = (scores.double() / temperature).softmax(dim=0)
    if top_p < 1:
        chances = chances.where(chances >= _least(chances, top_p), 0.0)
    reach = chances.cumsum(dim=0)
    draw = torch.rand((), generator=stream, dtype=torch.float64) * reach[-1]
    return min(int(torch.searchsorted(reach, draw, right=True)), len(reach) - 1)


def _least(chances: torch.Tensor, top_p: float) -> torch.Tensor:
    """Chance of the last token inside of the nucleus; sorts all only when the top is too flat."""
    for size in (min(1024, len(chances)), len(chances)):
        top = chances.topk(size).values
        reach = top.cumsum(dim=0)
        if reach[-1] >= top_p or size == len(chances):
            return top[min(int((reach < top_p).sum()), size - 1)]
    raise AssertionError("unreachable")
