"""Recipe ``chain``: judge the paragraph, ask, validate three times by vote, repair, make it a talk.

Belongs here: the chain's calls and what their verdicts do. Does not: gates and judges that all
recipes share.

The order is that of single-source factual pipelines: a small question first (is this passage worth
asking about at all?), then pairs, then three validators that each see one thing only, then a repair
that takes out words which point at a text the reader does not have. What is left of a passage
becomes one conversation.
"""

from __future__ import annotations

from typing import Any

from booktune_assets.llm.request import Reply, Request
from booktune_assets.pairs.recipes.base import Draft, Exchange, Expected, Passage, Teaching
from booktune_assets.pairs.recipes.prompts import asked, choice, quotes_field, schema, text_field
from booktune_assets.pairs.recipes.qa import question_task
from booktune_assets.pairs.recipes.steps import Steps
from booktune_assets.pairs.teacher_quotes import place_quotes
from booktune_assets.pairs.teacher_replies import failed, read_reply

__all__ = ["Chain", "majority"]

TURNS_MAX = 4  # exchanges of one conversation at most
_JUDGE = (
    "Is the evidence suitable for asking questions about? It is not when it is a list of contents, "
    "a preface, thanks, an advertisement, an exercise without its answer, or too short to teach "
    "anything. Give a reason of one sentence first, then the verdict."
)
_VALIDATORS = (
    (
        "chain_question", "G1_stands_alone", "question_not_answerable",
        "Can the question below be answered from the evidence alone, and does it make sense to "
        "somebody who does not have the evidence? Give a reason of one sentence first; the verdict "
        "is pass or fail. Fail it when any part asks for something that the evidence does not say.",
    ),
    (
        "chain_extra", "G2_grounding", "answer_adds_facts",
        "Does the answer below say anything that the evidence does not? Go through it fact by fact "
        "and favour the evidence over what you know. Give a reason of one sentence first; the "
        "verdict is pass when every fact is in the evidence, else fail.",
    ),
    (
        "chain_accuracy", "G2_grounding", "answer_inaccurate",
        "Is the answer below right, and does it answer the question, going by the evidence? Names, "
        "numbers, code and conditions count. Give a reason of one sentence first; the verdict is "
        "pass or fail.",
    ),
)  # fmt: skip
_REPAIR = (
    "Question and answer below will be read without the evidence. The verdict is pass when neither "
    "speaks of a text, passage, book, chapter, figure, author, or example that the reader cannot "
    "see. It is reword when such words can be taken out without changing what is said: then give "
    "both again without them. It is fail when they make no sense without the evidence. For pass "
    "and fail repeat both as they are."
)


class Chain:
    """See the module."""

    name = "chain"
    version = 1
    chat = True

    def takes(self, passage: Passage) -> bool:
        """All passages."""
        return bool(passage.blocks)

    def steps(self, passage: Passage, teaching: Teaching) -> Steps[list[Exchange]]:
        """The chain; what a validator refuses goes no further."""
        judge = _judge_call(passage)
        (reply,) = yield [judge]
        verdict, reason = read_reply(reply, passage, judge)
        task = "(is the passage suitable for questions?)"
        if reason:
            return [failed(task, reply, reason)]
        if verdict["verdict"] != "suitable":
            return [failed(task, reply, "passage_not_suitable", gate="G6_judge")]
        request = _pairs_call(passage, teaching)
        (reply,) = yield [request]
        value, reason = read_reply(reply, passage, request)
        if reason:
            task = question_task(passage, "open_question")
            return [failed(task, reply, reason)]
        found = [_exchange(row, passage, reply) for row in value["pairs"][: teaching.questions]]
        for name, gate, reason, words in _VALIDATORS:
            alive = [one for one in found if one.problem is None]
            yield from _validate(alive, passage, teaching, name, words, (gate, reason))
        alive = [one for one in found if one.problem is None]
        calls = [_repair_call(passage, one) for one in alive]
        replies = yield calls
        for one, call, own in zip(alive, calls, replies, strict=True):
            _repaired(one, passage, call, own)
        return found

    def group(self, kept: list[Exchange]) -> list[Draft]:
        """Conversations of what is kept of a passage, in the order in which it was asked."""
        return [Draft(kept[start : start + TURNS_MAX]) for start in range(0, len(kept), TURNS_MAX)]

    def expected(self, passage: Passage, teaching: Teaching) -> list[Expected]:
        """All calls, if every pair comes through."""
        read = passage.chars / 4 + 330
        votes = teaching.questions * teaching.votes
        return [
            Expected("chain_judge", 1, read, 50),
            Expected("chain_pairs", 1, read, 200 * teaching.questions),
            *(Expected(name, votes, read + 150, 50) for name, *_ in _VALIDATORS),
            Expected("chain_repair", teaching.questions, read + 150, 170),
        ]


def majority(passes: list[bool]) -> bool:
    """More than half of the votes; none is no majority."""
    return sum(passes) * 2 > len(passes)


def _judge_call(passage: Passage) -> Request:
    shape = schema(reason=text_field(400), verdict=choice(("suitable", "unsuitable")))
    return asked(passage, _JUDGE, "chain_judge", shape, max_tokens=200, temperature=0.2)


def _pairs_call(passage: Passage, teaching: Teaching) -> Request:
    number = teaching.questions
    row: dict[str, Any] = schema(
        question=text_field(1200, 1), answer=text_field(2600, 1), evidence=quotes_field(passage)
    )
    shape = schema(pairs={"type": "array", "items": row, "minItems": 1, "maxItems": number})
    task = (
        f"{question_task(passage, 'open_question')} Write at most {number}, in an order in which "
        "one leads to the next, each with its answer in complete sentences and the words of the "
        "evidence that the answer rests on, copied exactly."
    )
    return asked(
        passage, task, "chain_pairs", shape, max_tokens=200 + 700 * number, temperature=0.8
    )


def _exchange(row: dict[str, Any], passage: Passage, reply: Reply) -> Exchange:
    one = Exchange(str(row["question"]).strip(), str(row["answer"]).strip())
    one.calls = [reply.call_key]
    quoted = [(str(it["block_id"]), str(it["quote"])) for it in row["evidence"]]
    one.quotes, reason = place_quotes(quoted, passage)
    return one.refuse("G2_grounding", reason) if reason else one


def _validate(
    alive: list[Exchange], passage: Passage, teaching: Teaching, name: str, words: str,
    otherwise: tuple[str, str],
) -> Steps[None]:  # fmt: skip
    """One validator over all exchanges abreast, each asked so many times with other seeds."""
    calls = [
        _vote_call(passage, one, name, words, teaching, seed)
        for one in alive
        for seed in range(teaching.votes)
    ]
    replies = yield calls
    for number, one in enumerate(alive):
        own = slice(number * teaching.votes, (number + 1) * teaching.votes)
        passes: list[bool] = []
        for call, reply in zip(calls[own], replies[own], strict=True):
            one.calls.append(reply.call_key)
            value, reason = read_reply(reply, passage, call)
            passes.append(not reason and value["verdict"] == "pass")
        if not majority(passes):
            one.refuse(*otherwise)


def _vote_call(
    passage: Passage, one: Exchange, name: str, words: str, teaching: Teaching, seed: int
) -> Request:
    said = f"\n\nQuestion: {one.question}"
    said += "" if name == "chain_question" else f"\n\nAnswer: {one.answer}"
    shape = schema(reason=text_field(400), verdict=choice(("pass", "fail")))
    return asked(
        passage, words + said, name, shape, model=teaching.judge, max_tokens=200,
        temperature=0.2, seed=seed,
    )  # fmt: skip


def _repair_call(passage: Passage, one: Exchange) -> Request:
    task = f"{_REPAIR}\n\nQuestion: {one.question}\n\nAnswer: {one.answer}"
    shape = schema(
        verdict=choice(("pass", "reword", "fail")),
        question=text_field(1200, 1),
        answer=text_field(2600, 1),
    )
    return asked(passage, task, "chain_repair", shape, max_tokens=1300, temperature=0.2)


def _repaired(one: Exchange, passage: Passage, call: Request, reply: Reply) -> None:
    one.calls.append(reply.call_key)
    value, reason = read_reply(reply, passage, call)
    if reason:
        one.refuse("G0_form", reason)
    elif value["verdict"] == "fail":
        one.refuse("G1_stands_alone", "context_repair_failed")
    elif value["verdict"] == "reword":
        one.question, one.answer = value["question"].strip(), value["answer"].strip()
