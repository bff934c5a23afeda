"""What an engine can do, and how to open one.

Belongs here: the interface every engine keeps, and the choice among them. Does not: any engine
(``transformers_engine.py``; later a server and vLLM).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from booktune_assets.llm.chat import Turn

__all__ = ["Engine", "Prompt", "Scored", "open_engine"]

# text to go on from, the same as token ids, or a conversation to answer
Prompt = str | Sequence[int] | Sequence[Turn]


@dataclass(frozen=True, slots=True)
class Scored:
    """How surprised the model is by a text: ``nats`` over all its ``tokens`` and ``bytes``."""

    nats: float
    tokens: int
    bytes: int

    @property
    def bits_per_byte(self) -> float:
        """Comparable between models with different tokenizers."""
        return self.nats / 0.6931471805599453 / max(1, self.bytes)


@runtime_checkable
class Engine(Protocol):
    """A loaded model, with or without an adapter."""

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
        """What the model writes after each prompt, without the stop string.

        Temperature 0 takes the likeliest token. Otherwise each prompt draws from a stream of its
        own, made from its seed (one for all, or one each), the prompt and how often both came
        before in the call: the answer does not depend on what else is in the batch, and a repeated
        prompt gives other samples. ``repetition`` above 1 divides the logits of tokens that stand
        in prompt or answer already (arXiv 1909.05858); below zero they are multiplied.
        """
        ...

    def score(self, texts: Sequence[str]) -> list[Scored]:
        """Negative log likelihood of each text after the start token.

        A model that reads less than a text rolls over it, window by window; see ``_windows`` of
        ``transformers_engine.py``.
        """
        ...

    def score_answers(self, pairs: Sequence[tuple[Prompt, str]]) -> list[Scored]:
        """Negative log likelihood of each answer after its prompt, end token not counted."""
        ...

    def with_adapter(self, on: bool) -> AbstractContextManager[None]:
        """Within the block, the adapter takes part, or the base model answers alone."""
        ...


def open_engine(path: Path | str, adapter: Path | str | None = None) -> Engine:
    """The engine for a prepared model folder. For children: it loads torch and the weights."""
    from booktune_assets.llm.transformers_engine import TransformersEngine

    return TransformersEngine(Path(path), None if adapter is None else Path(adapter))
