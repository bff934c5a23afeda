"""Recipe ``qa``: one call for questions, a call of its own for each answer.

Belongs here: both calls. Does not: whether an answer holds (the gates and judges).

The answering call sees the evidence and the question and nothing else. A question that leans on
what only the asking call knew gets no answer, and the same question can be answered once more to
see whether the answer stands.
"""

from __future__ import annotations

from typing import Any

from booktune_assets.ids import stable_int
from booktune_assets.llm.request import Reply, Request
from booktune_assets.pairs.recipes.base import Draft, Exchange, Expected, Passage, Teaching
from booktune_assets.pairs.recipes.prompts import asked, choice, quotes_field, schema, text_field
from booktune_assets.pairs.recipes.steps import Steps
from booktune_assets.pairs.teacher_quotes import place_quotes
from booktune_assets.pairs.teacher_replies import answer_in, failed, read_reply

__all__ = ["Qa", "answer_call", "answered", "family_for", "question_task"]

FAMILIES = {
    "define": "what a thing that the evidence defines is",
    "explain_code": "what a piece of the code does and why; the question repeats that code",
    "write_code": "a small programming task that the code in the evidence solves",
    "reason": "why, when or when not to do what the evidence speaks of",
    "compare": "how two things that the evidence sets side by side differ",
    "steps": "how something is done, step by step",
    "api_use": "how a function that the evidence shows is called and what it gives",
    "open_question": "anything else that a reader should be able to answer afterwards",
}
_WITH_CODE = ("explain_code", "write_code", "api_use")
_GENRES = (
    "a question in a forum", "a question in a code review", "an exam question",
    "a question in a pair-programming session", "a question in a job interview",
)  # fmt: skip
_AUDIENCES = (
    "somebody new to programming", "a programmer who comes from an object-oriented language",
    "a working developer", "somebody who has to mend old code", "a student before a test",
)  # fmt: skip
_LEVELS = {
    1: "very easy", 2: "easy", 3: "of medium difficulty", 4: "demanding", 5: "hard",
}  # fmt: skip


class Qa:
    """See the module."""

    name = "qa"
    version = 1
    chat = True

    def takes(self, passage: Passage) -> bool:
        """All passages."""
        return bool(passage.blocks)

    def steps(self, passage: Passage, teaching: Teaching) -> Steps[list[Exchange]]:
        """Questions, then all answers abreast."""
        family = family_for(passage)
        request = _question_call(passage, teaching, family)
        (reply,) = yield [request]
        value, reason = read_reply(reply, passage, request)
        if reason:
            return [failed(question_task(passage, family), reply, reason, family)]
        found: list[Exchange] = []
        for one in list(value["questions"])[: teaching.questions]:
            exchange = Exchange(str(one["question"]).strip(), "", calls=[reply.call_key])
            exchange.family = family
            found.append(exchange)
        calls = [answer_call(passage, one.question) for one in found]
        replies = yield calls
        for one, call, own in zip(found, calls, replies, strict=True):
            answered(one, passage, call, own)
        return found

    def group(self, kept: list[Exchange]) -> list[Draft]:
        """Each exchange is a row."""
        return [Draft([one]) for one in kept]

    def expected(self, passage: Passage, teaching: Teaching) -> list[Expected]:
        """One call for questions, one per answer."""
        read = passage.chars / 4 + 260
        return [
            Expected("qa_questions", 1, read + 160, 60 * teaching.questions),
            Expected("qa_answer", teaching.questions, read + 120, 180),
        ]


def family_for(passage: Passage) -> str:
    """The family of which the passage's blocks have least; by hash among equals."""
    code = any(block.code for block in passage.blocks)
    prose = any(not block.code for block in passage.blocks)
    fits = [name for name in FAMILIES if code or name not in _WITH_CODE]
    if not prose:
        fits = list(_WITH_CODE)
    return min(
        fits,
        key=lambda name: (passage.kept.get(name, 0), stable_int(f"{passage.unit_id}\x1f{name}")),
    )


def question_task(passage: Passage, family: str) -> str:
    """What the asking call is told after the evidence, without the number of questions."""
    pick = stable_int(passage.unit_id)
    lines = [
        f"Write questions of this sort: {FAMILIES[family]}.",
        f"Each is worded as {_GENRES[pick % len(_GENRES)]} by "
        f"{_AUDIENCES[pick // 7 % len(_AUDIENCES)]}, {_LEVELS[passage.level]}"
        f"{f', about {passage.language}' if passage.language else ''}.",
        f"The passage stands under: {' / '.join(passage.path)}." if passage.path else "",
        f"It is about: {', '.join(passage.targets)}." if passage.targets else "",
        f"Readers know already: {', '.join(passage.known)}." if passage.known else "",
        "The evidence alone answers each question. A reader sees the question without the "
        "evidence: it names what it is about and never speaks of a text, passage, book, section, "
        "example above or author.",
    ]
    return " ".join(line for line in lines if line)


def answer_call(passage: Passage, question: str, *, model: str = "", seed: int = 0) -> Request:
    """The call that sees evidence and question, and nothing else."""
    task = (
        "Answer the question from the evidence alone, in complete sentences that stand without it. "
        "Code goes between ``` fences with its language. Copy the words of the evidence that the "
        "answer rests on, exactly, with the number of their block. Say with used_outside_knowledge "
        f"whether anything in the answer is not in the evidence.\n\nQuestion: {question}"
    )
    shape = schema(
        answer=text_field(2600, 1),
        evidence=quotes_field(passage),
        used_outside_knowledge={"type": "boolean"},
    )
    return asked(
        passage, task, "qa_answer", shape, model=model, max_tokens=900, temperature=0.2, seed=seed
    )


def answered(one: Exchange, passage: Passage, call: Request, reply: Reply) -> Exchange:
    """The exchange with its answer and quotes, or refused."""
    one.calls.append(reply.call_key)
    value, reason = read_reply(reply, passage, call)
    if reason:
        one.answer = answer_in(reply)
        return one.refuse("G0_form", reason)
    one.answer = str(value["answer"]).strip()
    quoted = [(str(row["block_id"]), str(row["quote"])) for row in value["evidence"]]
    one.quotes, reason = place_quotes(quoted, passage)
    if reason:
        return one.refuse("G2_grounding", reason)
    if value["used_outside_knowledge"]:
        return one.refuse("G2_grounding", "used_outside_knowledge")
    one.family = _family_of(one)
    return one


def _family_of(one: Exchange) -> str:
    """The family that was asked for, unless its code is missing: then it is just a question."""
    holds = {
        "write_code": one.answer, "explain_code": one.question,
        "api_use": f"{one.question}\n{one.answer}",
    }.get(one.family)  # fmt: skip
    return one.family if holds is None or "`" in holds else "open_question"


def _question_call(passage: Passage, teaching: Teaching, family: str) -> Request:
    number = teaching.questions
    labels = [block.label for block in passage.blocks]
    row: dict[str, Any] = schema(
        question=text_field(1200, 1),
        blocks={"type": "array", "items": choice(labels), "minItems": 1, "maxItems": 4},
    )
    shape = schema(questions={"type": "array", "items": row, "minItems": 1, "maxItems": number})
    task = (
        f"{question_task(passage, family)} Write at most {number}, fewer when the evidence "
        "answers fewer, with the numbers of the blocks that answer each."
    )
    return asked(
        passage, task, "qa_questions", shape, max_tokens=160 + 240 * number, temperature=0.7
    )
