"""G6 and G7: is every sentence of an answer supported, and does the answer come again?

Belongs here: the judging calls, the votes, what they come to. Does not: whether a judge may gate
(``judges_canaries.py``), gates without a model (``teacher_gates.py``).

A judge is given one sentence and the evidence, never the question and answer as a whole: it has to
say for each sentence whether the evidence says so. Three votes with other seeds, two of three
decide. Code in fences is left to the gates that parse and run it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from booktune_assets.concepts.sentences import split_sentences
from booktune_assets.llm.request import Reply, Request
from booktune_assets.pairs.recipes.base import Exchange, Passage, Teaching
from booktune_assets.pairs.recipes.prompts import asked, choice, schema, text_field
from booktune_assets.pairs.recipes.qa import answer_call
from booktune_assets.pairs.recipes.steps import Steps
from booktune_assets.pairs.rules import fences, without_fences
from booktune_assets.pairs.teacher_code import same_value, valued
from booktune_assets.pairs.teacher_replies import read_reply

__all__ = [
    "AGREES", "JUDGE_VERSION", "Judged", "entailment_call", "judged", "judged_sentences",
    "repeated", "token_f1",
]  # fmt: skip

JUDGE_VERSION = "entailment.1"
AGREES = 0.6  # token F1 of two answers that say the same
_ROUND_TRIP_SEED = 7_000_003
_TASK = (
    "Decide whether the evidence supports the sentence below. It is supported only when the "
    "evidence says it or it follows from the evidence directly: what is true but not said there is "
    "not supported, nor is a sentence that claims more, narrower or other things than the "
    "evidence, names a function, option or number that does not stand there, or contradicts it. "
    "Give a reason of one sentence first, then the verdict."
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict on one sentence. ``votes`` of ``asked`` said that it is supported."""

    sentence: str
    votes: int
    asked: int
    calls: tuple[str, ...]

    @property
    def supported(self) -> bool:
        """At least two thirds of the votes."""
        return self.votes * 3 >= self.asked * 2


def judged_sentences(answer: str) -> list[str]:
    """What is judged one by one: sentences of the prose, lines of lists, whole code left out."""
    found: list[str] = []
    for part in re.split(r"\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)])\s)", without_fences(answer)):
        plain = re.sub(r"^\s*(?:[-*•]|\d+[.)])\s+", "", part.strip())
        found += [one.text for one in split_sentences(" ".join(plain.split()))]
    return [one for one in found if len(re.findall(r"\w+", one)) >= 2 or len(found) == 1]


def entailment_call(passage: Passage, sentence: str, *, model: str, seed: int) -> Request:
    """One vote on one sentence."""
    shape = schema(reason=text_field(400), verdict=choice(("supported", "not_supported")))
    return asked(
        passage, f"{_TASK}\n\nSentence: {sentence}", "judge", shape, model=model, max_tokens=200,
        temperature=0.2, seed=seed,
    )  # fmt: skip


def judged(passage: Passage, sentences: Sequence[str], teaching: Teaching) -> Steps[list[Judged]]:
    """Verdicts on the sentences, all votes abreast. A reply that is no verdict supports nothing."""
    calls = [
        entailment_call(passage, sentence, model=teaching.judge, seed=seed)
        for sentence in sentences
        for seed in range(teaching.votes)
    ]
    replies = yield calls
    found: list[Judged] = []
    for number, sentence in enumerate(sentences):
        own = slice(number * teaching.votes, (number + 1) * teaching.votes)
        votes = [
            _supports(reply, passage, call)
            for call, reply in zip(calls[own], replies[own], strict=True)
        ]
        keys = tuple(reply.call_key for reply in replies[own])
        found.append(Judged(sentence, sum(votes), len(votes), keys))
    return found


def repeated(one: Exchange, passage: Passage, teaching: Teaching) -> Steps[str]:
    """Empty when the question, answered afresh, gets the same answer; else the reason."""
    call = answer_call(passage, one.question, model=teaching.judge, seed=_ROUND_TRIP_SEED)
    (reply,) = yield [call]
    one.calls.append(reply.call_key)
    value, reason = read_reply(reply, passage, call)
    if reason:
        return f"round_trip_{reason}"
    fresh = str(value["answer"])
    if _same(one.answer, fresh):
        return ""
    codes = [valued(answer, passage) for answer in (one.answer, fresh)]
    if codes[0] is None or codes[1] is None:
        return "round_trip_differs"
    yield [codes[0], codes[1]]  # other words and other code, but the same result
    return "" if same_value(codes[0], codes[1]) else "round_trip_differs"


def token_f1(one: str, two: str) -> float:
    """Harmonic mean of precision and recall over words and signs, each as often as it stands."""
    first, second = _tokens(one), _tokens(two)
    common = sum((first & second).values())
    if not common:
        return 0.0
    precision, recall = common / second.total(), common / first.total()
    return 2 * precision * recall / (precision + recall)


def _same(one: str, two: str) -> bool:
    """Same words, or, where the answer is code, the same program."""
    if token_f1(one, two) >= AGREES:
        return True
    codes = [[text for _, text in fences(answer)] for answer in (one, two)]
    if not codes[0] or not codes[1]:
        return False
    return token_f1("\n".join(codes[0]), "\n".join(codes[1])) >= 0.9


def _tokens(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+|[^\w\s]{1,2}", text.lower()))


def _supports(reply: Reply, passage: Passage, call: Request) -> bool:
    value, reason = read_reply(reply, passage, call)
    return not reason and value["verdict"] == "supported"
