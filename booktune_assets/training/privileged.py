"""Samples that bring a second prompt along: the same question with the book's page before it.

Belongs here: the sample, how such a prompt is worded and when there is none. No torch. Does not:
which page belongs to which example (whoever reads the rows knows its evidence), what is done with
it (``strategies/sdft.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from booktune_assets.llm.chat import Turn, render_chat, render_prompt
from booktune_assets.training.batches import Sample

__all__ = ["PageSample", "page_sample", "prompt_of"]

WITH_PAGE = "From the book:\n\n{page}\n\n{question}"


@dataclass(frozen=True, slots=True)
class PageSample(Sample):
    """A sample, and the ids of its first prompt with the page in it, up to where the answer begins.

    Trained, packed and cut as any other sample; None where there is no page.
    """

    privileged: list[int] | None = None


def page_sample(tokenizer: Any, name: str, turns: Sequence[Turn], page: str | None) -> PageSample:
    """A conversation with the assistant's tokens learned; the page goes into the first question."""
    rendered = render_chat(tokenizer, turns)
    asked: list[Mapping[str, str]] = []
    for turn in turns:
        if turn["role"] == "assistant":
            break
        content = turn["content"]
        if page is not None and turn["role"] == "user":
            content = WITH_PAGE.format(page=page, question=content)
        asked.append({"role": turn["role"], "content": content})
    told = render_prompt(tokenizer, asked) if page is not None else None
    return PageSample(name, rendered.ids, rendered.learned, told)


def prompt_of(sample: Sample) -> list[int]:
    """Ids before the first learned token: what the student sees."""
    first = next((place for place, on in enumerate(sample.learned) if on), len(sample.ids))
    return sample.ids[:first]
