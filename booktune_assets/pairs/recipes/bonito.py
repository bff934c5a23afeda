"""Recipe ``bonito``: the conditional format of Bonito models, for passages of prose.

Belongs here: the input, the output and what is done with it. Does not: gates.

A Bonito model is told a type of task and a text, and writes an instruction and a response with a
pipe token between; where the instruction says ``{{context}}`` it means the text. It knows no code
tasks, so passages with code are left to other recipes.
"""

from __future__ import annotations

import re

from booktune_assets.llm.addressed import mended, tame
from booktune_assets.llm.request import Reply, Request
from booktune_assets.pairs.candidate import Quote
from booktune_assets.pairs.recipes.base import Draft, Exchange, Expected, Passage, Teaching
from booktune_assets.pairs.recipes.steps import Steps
from booktune_assets.pairs.teacher_quotes import located

__all__ = ["TASKS", "Bonito", "conditional"]

TASKS = {
    "exqa": "extractive question answering",
    "ynqa": "yes-no question answering",
    "mcqa": "multiple-choice question answering",
    "paraphrase": "paraphrase generation",
}
_PIPE, _CONTEXT = "<|pipe|>", "{{context}}"
_LEFT = re.compile(r"\{\{|\}\}|<\|[a-z_]+\|>", re.I)


class Bonito:
    """See the module."""

    name = "bonito"
    version = 1
    chat = False

    def takes(self, passage: Passage) -> bool:
        """Prose only, and enough of it to ask about."""
        return passage.prose_only and passage.chars >= 200

    def steps(self, passage: Passage, teaching: Teaching) -> Steps[list[Exchange]]:
        """One call for each type of task."""
        replies = yield [conditional(passage, short) for short in TASKS]
        return [read(passage, short, reply) for short, reply in zip(TASKS, replies, strict=True)]

    def group(self, kept: list[Exchange]) -> list[Draft]:
        """Each exchange is a row."""
        return [Draft([one]) for one in kept]

    def expected(self, passage: Passage, teaching: Teaching) -> list[Expected]:
        """One call for each type of task."""
        return [Expected("bonito", len(TASKS), passage.chars / 4 + 20, 120)]


def conditional(passage: Passage, short: str) -> Request:
    """The call for one type of task, in the form that Bonito models were trained on."""
    text = tame(passage.text.strip())
    return Request(
        prompt=f"<|tasktype|>\n{TASKS[short]}\n<|context|>\n{text}\n<|task|>\n",
        max_tokens=256, temperature=0.5, top_p=0.95, task="bonito",
    )  # fmt: skip


def read(passage: Passage, short: str, reply: Reply) -> Exchange:
    """The exchange of a reply. The text that it brings along is evidence of the question."""
    text = mended(reply.text)
    one = Exchange(f"({TASKS[short]})", text[:4000] or "(nothing)", calls=[reply.call_key])
    if reply.finish == "error":
        return one.refuse("G0_form", "call_failed" if reply.code != "EMPTY" else "reply_empty")
    if not text.strip():
        return one.refuse("G0_form", "reply_empty")
    if text.strip() == _CONTEXT:
        return one.refuse("G0_form", "reply_is_the_placeholder")
    parts = text.split(_PIPE)
    if len(parts) != 2:
        cut = reply.finish == "length"
        return one.refuse("G0_form", "reply_truncated" if cut else "reply_not_in_two_parts")
    asked, answer = parts[0].strip(), parts[1].strip()
    if reply.finish == "length":
        return one.refuse("G0_form", "reply_truncated")
    if asked in ("", _CONTEXT) or answer in ("", _CONTEXT):
        return one.refuse("G0_form", "reply_is_the_placeholder")
    if _LEFT.search(asked.replace(_CONTEXT, "")) or _LEFT.search(answer):
        return one.refuse("G0_form", "template_residue")
    carried = passage.text.strip() if _CONTEXT in asked else ""
    one.question, one.answer = asked.replace(_CONTEXT, carried), answer
    one.carried = carried
    one.quotes = _quotes(passage, answer, carried=bool(carried))
    if not one.quotes:
        return one.refuse("G2_grounding", "no_quote")
    return one


def _quotes(passage: Passage, answer: str, *, carried: bool) -> list[Quote]:
    """Where the answer stands word for word; else, of a text brought along, all of its blocks."""
    for block in passage.blocks:
        if len(answer) >= 3 and (spot := located(answer, block.text)):
            start, end = spot
            return [
                Quote(
                    passage.section_id, block.block_id, block.start + start, block.start + end,
                    block.text[start:end], "answer",
                )
            ]  # fmt: skip
    if not carried:
        return []
    return [
        Quote(passage.section_id, block.block_id, block.start, block.end, block.text, "answer")
        for block in passage.blocks
    ]
