"""What a model is asked to write, and what is made of its answers: questions, then answers.

Belongs here: prompts, parsing, the calls of both passes. Does not: who answers (``callers.py``),
which examples are shown (``demos.py``), which of it stays (``filters.py`` and after).

Self-synthesised rehearsal (SSR, Huang et al. 2024, arXiv 2403.01244), base θ⁰, latest θ:

    synthesis    (x̂, ŷ) ~ θ⁰( · | K examples of an earlier task, "Input:")     sampled
    refinement   ȳ = argmax θ( · | x̂)                                           greedy

and (x̂, ȳ) is kept: what the latest model knows, asked in the words of the earlier task. Without
examples the question comes from an empty user's turn, which a tuned model fills by itself (Magpie,
Xu et al. 2024, arXiv 2406.08464); refinement is the same. Ours: writing stops where ŷ would begin,
since ŷ is never learned; and a small model answers with the penalty on repetitions, too
(``rehearsal.answer_repetition``), because greedily it goes in circles; and a question that ran into
its limit is cut after its last sentence, since it is answered anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from booktune_assets.llm.chat import ASK
from booktune_assets.llm.request import Reply, Request
from booktune_assets.rehearsal.demos import Demo
from booktune_assets.rehearsal.filters import asked_badly, ended, refusal, tidy
from booktune_assets.rehearsal.item import Item
from booktune_assets.settings_training import Rehearsal

__all__ = [
    "UNASKED", "Ask", "Asked", "answer", "magpie_requests", "parsed", "ssr_requests",
    "write_questions",
]  # fmt: skip

HEAD = "Questions and requests of different kinds, each with its answer.\n\n"
STOP = ("\nInput:", "\nOutput:")
TURN_ENDS = ("\n\nAnswer:", "\nAnswer:", "\n\nQuestion:")
QUESTION_TOKENS = 160  # of a question alone; the paper takes at most 500
MAGPIE_TOP_P = 0.95  # the prompt is always the same: all variety is in the sampling
BOUND = "as the model's"
UNASKED = "budget"
_PART = re.compile(r"(?m)^[ \t]*(Input|Output):[ \t]*")

Asked = tuple[Request, tuple[Demo, ...]]


class Ask(Protocol):
    """The asking part of a :class:`~booktune_assets.llm.calls.Caller`."""

    def __call__(
        self, requests: Iterable[Request], *, progress: str = ""
    ) -> Iterator[tuple[Request, Reply]]: ...


def ssr_requests(shown: Iterable[tuple[tuple[Demo, ...], int]], wanted: Rehearsal) -> list[Asked]:
    """One call for each group of examples; samples of the same group differ by their seed."""
    return [
        (
            Request(
                prompt=_prompt(demos), max_tokens=_room(wanted), temperature=wanted.temperature,
                top_p=wanted.top_p, seed=wanted.seed + sample, stop=STOP,
                repetition=wanted.repetition, task="rehearsal questions",
            ),
            demos,
        )
        for demos, sample in shown
    ]  # fmt: skip


def magpie_requests(opening: Sequence[int], number: int, wanted: Rehearsal) -> list[Asked]:
    """``number`` calls that go on from where a user would write; ``opening`` are its token ids.

    Without ids (a server whose tokenizer is not here) the plain format opens the turn.
    """
    start = {"ids": tuple(opening)} if opening else {"prompt": ASK}
    return [
        (
            Request(
                max_tokens=_room(wanted), temperature=wanted.temperature, top_p=MAGPIE_TOP_P,
                seed=wanted.seed + turn, stop=TURN_ENDS, task="rehearsal questions",
                **start,  # pyright: ignore[reportArgumentType]
            ),
            (),
        )
        for turn in range(number)
    ]  # fmt: skip


def write_questions(ask: Ask, asked: Sequence[Asked], origin: str) -> list[Item]:
    """An item for each call, in the order of ``asked``; those without a question say why.

    What a spent budget did not let us ask is no item.
    """
    demos = {id(request): shown for request, shown in asked}
    order = {id(request): place for place, (request, _) in enumerate(asked)}
    requests = [replace(request, tag=id(request)) for request, _ in asked]
    found: dict[int, Item] = {}
    for request, reply in ask(requests, progress="writing questions to rehearse"):
        if reply.finish == "budget":
            continue
        shown = demos[request.tag]
        found[order[request.tag]] = _questioned(request, reply, shown, origin)
    return [found[place] for place in sorted(found)]


def answer(ask: Ask, items: Sequence[Item], adapter: str, wanted: Rehearsal) -> None:
    """Refinement: the latest model's own greedy answer to each question, filled in.

    Difficulty is what the answer costs it: nats per token where the server tells likelihoods, else
    tokens of the answer. What a spent budget did not let us ask is left out as ``budget``.
    """
    open_ = [item for item in items if not item.reason]
    requests = [
        Request(
            messages=(("user", item.question),), adapter=adapter, max_tokens=wanted.new_tokens or 1,
            likelihood=True, repetition=wanted.answer_repetition or 1.0, task="rehearsal answers",
            tag=place,
        )
        for place, item in enumerate(open_)
    ]  # fmt: skip
    for request, reply in ask(requests, progress="answering them anew"):
        item = open_[request.tag]
        if reply.finish == "budget":
            item.reject(UNASKED, reply.error)
        else:
            _answered(item, reply)
        item.model, item.revision, item.adapter = request.model, request.revision, adapter


def parsed(written: str, *, ended: bool = True) -> list[tuple[str, str]]:
    """(input, output) of a text that goes on from ``Input:``: exact pairs, in order.

    A part out of turn ends the reading; the last output may be cut when the text did not end.
    """
    parts = _PART.split("Input:" + written)[1:]
    kinds, texts = parts[::2], [text.strip() for text in parts[1::2]]
    pairs: list[tuple[str, str]] = []
    for place in range(0, len(kinds) - 1, 2):
        if kinds[place : place + 2] != ["Input", "Output"] or not texts[place]:
            break
        pairs.append((texts[place], texts[place + 1]))
    if not ended and pairs and len(kinds) == 2 * len(pairs):
        pairs[-1] = (pairs[-1][0], tidy(pairs[-1][1]))
    return pairs


def _room(wanted: Rehearsal) -> int:
    """Tokens of a question: no more than two thirds of an answer's."""
    return min(QUESTION_TOKENS, max(8, 2 * (wanted.new_tokens or QUESTION_TOKENS) // 3))


def _prompt(demos: Sequence[Demo]) -> str:
    shown = "".join(f"Input: {one.question}\nOutput: {one.answer}\n\n" for one in demos)
    return f"{HEAD}{shown}Input:"


def _questioned(request: Request, reply: Reply, shown: Sequence[Demo], origin: str) -> Item:
    """The item of a reply: its question, and ŷ if it was written against our stop."""
    question, first = "", ""
    if reply.ok and origin == "ssr":
        pairs = parsed(reply.text, ended=reply.finish == "stop")
        alone = _PART.split("Input:" + reply.text)[2].strip()
        question, first = pairs[0] if pairs else (alone, "")
    elif reply.ok:
        question = reply.text.strip()
    if cut := reply.finish == "length" and not first:
        question = tidy(question)  # its whole sentences ask well enough
    task = shown[0].task if shown else "empty turn"
    item = Item(
        origin, task, BOUND, first or reply.text,
        (("user", question), ("assistant", first)) if question else (),
        model=request.model, revision=request.revision, seed=request.seed,
        call_keys=(reply.call_key,), demo_ids=tuple(one.demo_id for one in shown),
    )  # fmt: skip
    if not reply.ok:
        item.reject("no_reply", reply.error)
    elif not question:
        item.reject("no_question", "the reply has no input")
    elif cut and not ended(question):
        item.reject("unfinished", "the question has no whole sentence")
    elif reason := asked_badly(question, [one.question for one in shown]):
        item.reject(reason)
    return item


def _answered(item: Item, reply: Reply) -> None:
    item.call_keys = (*item.call_keys, reply.call_key)
    text = reply.text.strip() if reply.ok else ""
    if not text:
        item.reject("no_reply", reply.error or "the latest model answers nothing")
        return
    item.text = tidy(text) if reply.finish == "length" else text
    item.turns = (*item.turns[:-1], ("assistant", item.text))
    item.tokens = max(1, reply.completion_tokens)
    item.difficulty_by = "answer_tokens" if reply.nats is None else "nats_per_token"
    nats = float(item.tokens) if reply.nats is None else reply.nats / item.tokens
    item.difficulty = round(nats, 6)
    if reason := refusal(item.text, [item.question]):
        item.reject(reason)
