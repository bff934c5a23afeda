"""The recipes: what each asks, what it makes of replies, what it refuses."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from booktune_assets.llm.calls import Scripted
from booktune_assets.llm.request import Reply, Request
from booktune_assets.pairs.recipes.base import Block, Exchange, Passage, Recipe, Teaching
from booktune_assets.pairs.recipes.bonito import TASKS, Bonito, conditional
from booktune_assets.pairs.recipes.chain import Chain, majority
from booktune_assets.pairs.recipes.qa import Qa, family_for
from booktune_assets.pairs.teacher_drive import drive
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.teacher_lab import PAGE, good, passages

PROSE = (
    "A lighthouse is a process that sends a message to every ship in the bay once in a minute. A "
    "ship that hears no lighthouse for a long time drops its anchor. The lighthouse does not wait "
    "for an answer of any ship."
)


def prose() -> Passage:
    block = Block("B1", "blk_1", "prose", "", PROSE, 0, len(PROSE))
    return Passage("passage_1", "sec_1", ("Lighthouses",), "Elixir", [block])


def run(
    recipe: Recipe, passage: Passage, replies: Callable[[Request], str | Reply]
) -> tuple[list[Exchange], list[Request]]:
    caller = Scripted(replies)
    (worked,) = drive([recipe.steps(passage, Teaching())], caller.ask)
    return worked.result, caller.asked


def problems(found: list[Exchange]) -> list[tuple[str, str] | None]:
    return [one.problem for one in found]


def test_bonito_asks_in_the_form_of_its_models() -> None:
    request = conditional(prose(), "ynqa")
    assert request.prompt == (
        f"<|tasktype|>\nyes-no question answering\n<|context|>\n{PROSE}\n<|task|>\n"
    )
    assert (request.max_tokens, request.temperature, request.top_p) == (256, 0.5, 0.95)
    assert request.messages == ()
    assert set(TASKS) == {"exqa", "ynqa", "mcqa", "paraphrase"}


def test_bonito_takes_prose_only() -> None:
    with_code, *others = sorted(passages(book(PAGE)), key=lambda one: -len(one.blocks))
    assert not Bonito().takes(with_code)
    assert all(Bonito().takes(one) for one in others)


def test_bonito_puts_the_text_where_the_placeholder_stands() -> None:
    said = "Read this. {{context}}\nWho sends a message? <|pipe|> every ship in the bay"
    found, asked = run(Bonito(), prose(), lambda _: said)
    assert len(asked) == len(TASKS)
    assert problems(found) == [None] * len(TASKS)
    assert found[0].question == f"Read this. {PROSE}\nWho sends a message?"
    assert found[0].answer == "every ship in the bay"
    (quote,) = found[0].quotes
    assert PROSE[quote.start : quote.end] == "every ship in the bay"


def test_bonito_without_the_text_needs_an_answer_that_stands_in_it() -> None:
    found, _ = run(Bonito(), prose(), lambda _: "Is there a sea? <|pipe|> Yes")
    assert set(problems(found)) == {("G2_grounding", "no_quote")}
    found, _ = run(Bonito(), prose(), lambda _: "Is it so? {{context}}<|pipe|>Yes")
    assert problems(found) == [None] * 4
    assert found[0].quotes[0].text == PROSE


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("{{context}}", "reply_is_the_placeholder"),
        (" {{context}}\n", "reply_is_the_placeholder"),
        ("{{context}}<|pipe|>{{context}}", "reply_is_the_placeholder"),
        ("What is a lighthouse?<|pipe|>{{context}}", "reply_is_the_placeholder"),
        ("<|pipe|>A process", "reply_is_the_placeholder"),
        ("What is a lighthouse?", "reply_not_in_two_parts"),
        ("a<|pipe|>b<|pipe|>c", "reply_not_in_two_parts"),
        ("", "reply_empty"),
        ("What {{document}} is it?<|pipe|>A process", "template_residue"),
        ("What is it?<|pipe|>A process<|task|>", "template_residue"),
    ],
)
def test_bonito_refuses_what_does_not_split_in_two(said: str, reason: str) -> None:
    found, _ = run(Bonito(), prose(), lambda _: said)
    assert set(problems(found)) == {("G0_form", reason)}
    assert all(one.answer for one in found)


def test_bonito_knows_a_cut_reply() -> None:
    found, _ = run(Bonito(), prose(), lambda r: Reply(r.call_key, "Who sends<|pipe|>A l", "length"))
    assert set(problems(found)) == {("G0_form", "reply_truncated")}


def test_qa_answers_see_no_headings_and_questions_do() -> None:
    found, asked = run(Qa(), prose(), good)
    tasks = Counter(one.task for one in asked)
    assert tasks == {"qa_questions": 1, "qa_answer": len(found)}
    for request in asked:
        assert ("Lighthouses" in request.messages[1][1]) == (request.task == "qa_questions")
    assert all(len(one.calls) == 2 for one in found)


def test_qa_asks_for_the_family_that_is_lacking() -> None:
    passage = prose()
    first = family_for(passage)
    passage.kept = {first: 3}
    assert family_for(passage) != first
    assert family_for(passage) not in ("write_code", "explain_code", "api_use")


def test_qa_refuses_what_it_did_not_find_and_what_it_knew_before() -> None:
    def says(**fields: Any) -> Callable[[Request], str]:
        def reply(request: Request) -> str:
            value = json.loads(good(request))
            return json.dumps(value | fields if request.task == "qa_answer" else value)

        return reply

    false = [{"block_id": "B1", "quote": "A lighthouse is a tower."}]
    found, _ = run(Qa(), prose(), says(evidence=false))
    assert set(problems(found)) == {("G2_grounding", "quote_not_in_evidence")}
    found, _ = run(Qa(), prose(), says(used_outside_knowledge=True))
    assert set(problems(found)) == {("G2_grounding", "used_outside_knowledge")}


def test_the_chain_stops_at_a_passage_that_teaches_nothing() -> None:
    def reply(request: Request) -> str:
        assert request.task == "chain_judge"
        return json.dumps({"reason": "A list of contents.", "verdict": "unsuitable"})

    found, asked = run(Chain(), prose(), reply)
    assert problems(found) == [("G6_judge", "passage_not_suitable")]
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("task", "problem"),
    [
        ("chain_question", ("G1_stands_alone", "question_not_answerable")),
        ("chain_extra", ("G2_grounding", "answer_adds_facts")),
        ("chain_accuracy", ("G2_grounding", "answer_inaccurate")),
    ],
)
def test_two_of_three_votes_decide_and_later_validators_are_spared(
    task: str, problem: tuple[str, str]
) -> None:
    def votes(fails: int) -> Callable[[Request], str]:
        def reply(request: Request) -> str:
            if request.task == task and request.seed < fails:
                return json.dumps({"reason": "No.", "verdict": "fail"})
            return good(request)

        return reply

    found, asked = run(Chain(), prose(), votes(1))
    assert problems(found) == [None]
    found, asked = run(Chain(), prose(), votes(2))
    assert problems(found) == [problem]
    assert not any(one.task == "chain_repair" for one in asked)


def test_a_vote_that_is_no_verdict_is_no_pass() -> None:
    found, _ = run(
        Chain(), prose(), lambda r: "?" if r.task == "chain_extra" and r.seed < 2 else good(r)
    )
    assert problems(found) == [("G2_grounding", "answer_adds_facts")]
    assert [majority(votes) for votes in ([], [True], [True, False], [True, True, False])] == [
        False, True, False, True,
    ]  # fmt: skip


def test_the_repair_rewords_or_refuses() -> None:
    def repair(verdict: str) -> Callable[[Request], str]:
        def reply(request: Request) -> str:
            if request.task != "chain_repair":
                return good(request)
            new = {"question": "What does a lighthouse do?", "answer": "It sends a message."}
            return json.dumps({"verdict": verdict, **new})

        return reply

    (one,), _ = run(Chain(), prose(), repair("reword"))
    assert (one.question, one.answer) == ("What does a lighthouse do?", "It sends a message.")
    (one,), _ = run(Chain(), prose(), repair("fail"))
    assert one.problem == ("G1_stands_alone", "context_repair_failed")


def test_expected_calls_are_those_that_are_made() -> None:
    for recipe in (Qa(), Chain(), Bonito()):
        replies = good if recipe.chat else (lambda _: "Is it so? {{context}}<|pipe|>Yes")
        found, asked = run(recipe, prose(), replies)
        teaching = Teaching(questions=len(found)) if recipe.chat else Teaching()
        expected = {one.task: one.calls for one in recipe.expected(prose(), teaching)}
        assert expected == Counter(one.task for one in asked)
        real = sum(one.chars for one in asked) / 4
        told = sum(one.calls * one.prompt_tokens for one in recipe.expected(prose(), teaching))
        assert 0.5 < told / real < 2
