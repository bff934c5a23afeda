"""Short answers: what is asked, that it is grounded and not given away, what counts as right."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from booktune_assets.evaluation.exact import equal, said, token_f1
from booktune_assets.evaluation.suite import Given
from booktune_assets.evaluation.suites.short_answers import ShortAnswers
from booktune_assets.evaluation.suites.short_facts import Fact, facts
from booktune_assets.settings import Evaluation

CAST = "A cast is a message that is sent without waiting for anything."
SEND = "The function send/2 puts a message into a mailbox, and the form receive takes one out."
MERGE = "Map.merge/2 takes two maps and merges them together."
BOOKS = {
    "sec_1": f"{CAST} {SEND}", "sec_2": f"{MERGE} Map.merge/3 asks.\n\niex> second\n\"Gannet\"\n",
    "sec_3": "iex> {:tide, n} = {:wind, 8}\n** (MatchError) no match of right hand side value",
}  # fmt: skip


def concept(number: int, label: str, told: str, section: str, **more: Any) -> dict[str, Any]:
    return {
        "concept_id": f"con_{number:020x}", "label": label, "kind": "term", "aliases": [],
        "definition": told, "introduced_in": section, "order": number, "heldout": True, **more,
    }  # fmt: skip


def pair(number: int, family: str, code: str, shown: str, section: str, **more: Any) -> Any:
    turns = [{"from": "human", "value": f"What does this give?\n\n```elixir\n{code}\n```"},
             {"from": "gpt", "value": f"```\n{shown}\n```"}]  # fmt: skip
    return {"pair_id": f"pair_{number:020x}", "section_id": section, "family": family,
            "verification": "executed", "conversations": turns, **more}  # fmt: skip


CONCEPTS = [
    concept(1, "cast", CAST, "sec_1", aliases=["casts"]),
    concept(2, "send/2", SEND, "sec_1", kind="api"),
    concept(3, "Map.merge/2", MERGE, "sec_2", kind="api"),
    concept(4, "cast", CAST, "sec_1", heldout=False),
]
BIRDS = 'birds = ["Petrel", "Gannet"]\nEnum.at(birds, 1)'
PAIRS = [
    pair(1, "predict_output", BIRDS, '"Gannet"', "sec_2"),
    pair(2, "diagnose_error", "{:tide, n} = {:wind, 8}", "** (MatchError) no match", "sec_3",
         verification="intended_failure"),
    pair(3, "predict_output", "IO.puts(1)", "1\n:ok", "sec_2"),
    pair(4, "predict_output", "2 + 2", "4", "sec_1"),  # the section does not say so
    pair(5, "predict_output", "second", '"Gannet"', "sec_2", verification="shown"),
]  # fmt: skip


def lake(**more: Any) -> Given:
    values: dict[str, Any] = {"concepts": CONCEPTS, "pairs": PAIRS, "books": BOOKS}
    return Given(Evaluation(short_answers=50), **(values | more))


def by_kind(found: list[Fact]) -> dict[str, Fact]:
    assert len({one.fact_id for one in found}) == len(found)
    return {one.kind: one for one in found}


def test_questions_are_of_held_out_definitions_and_of_code_that_was_run() -> None:
    found, leaked = facts(lake())
    kinds = by_kind(found)
    assert leaked == 0
    assert set(kinds) == {"term", "function", "arity", "value", "exception"} and len(found) == 6
    assert kinds["term"].golds == ("cast", "casts") and "cast" not in kinds["term"].question
    assert [one.golds for one in found if one.kind == "arity"] == [("2", "send/2")], "merge has two"
    assert "How many arguments does `send` take?" in kinds["arity"].question
    assert kinds["value"].golds == ('"Gannet"',)
    assert kinds["exception"].golds[0] == "MatchError"


def test_the_answer_stands_in_its_section() -> None:
    for one in facts(lake())[0]:
        gold = one.golds[1] if one.kind == "arity" else one.golds[0]
        assert gold in BOOKS[one.section_id]
    moved = {**BOOKS, "sec_1": "Nothing of it here."}
    assert {one.section_id for one in facts(lake(books=moved))[0]} == {"sec_2", "sec_3"}


@pytest.mark.parametrize(
    ("told", "gone"),
    [
        (f"As was said:  {CAST.upper()}", {"term"}),
        ('Enum.at of birds = ["Petrel", "Gannet"]\n  Enum.at(birds, 1) is "Gannet".', {"value"}),
        ("We send/2 it. A cast is quick.", {"arity"}),
        ("Messages are sent without waiting for anything.", set[str]()),
    ],
)
def test_what_training_tells_is_not_asked(told: str, gone: set[str]) -> None:
    found, leaked = facts(lake(learned=["Something else.", told]))
    everything, _ = facts(lake())
    assert {one.kind for one in everything} - {one.kind for one in found} == gone
    assert leaked == len(gone)


def test_both_figures_and_a_status_for_every_item() -> None:
    suite = ShortAnswers()
    items = suite.items(lake(learned=[CAST]))
    assert suite.skipped() == "1 left out: a text that was trained on answers them"
    assert len(items) == 5 and len({item.about["kind"] for item in items}) == 4
    right = {item.item_id: [f"It is:\n```\n{item.reference}\n```"] for item in items}
    wrong: dict[str, Any] = {item.item_id: ["Harbour."] for item in items}
    wrong[items[0].item_id] = [""]
    wrong[items[1].item_id] = {"error": "TOO_LONG"}
    rows = suite.score(items, {"base": wrong, "tuned": right})
    assert len(rows) == 2 * 2 * len(items)
    assert {one.score for one in rows if one.arm == "tuned"} == {100.0}
    base = {one.item_id: one for one in rows if one.arm == "base" and one.metric == "exact"}
    assert [base[item.item_id].status for item in items[:3]] == ["empty", "TOO_LONG", "wrong"]
    assert [base[item.item_id].score for item in items[:3]] == [0.0, None, 0.0]


def test_nothing_to_ask_is_said() -> None:
    none, off = ShortAnswers(), ShortAnswers()
    assert none.items(Given(Evaluation())) == []
    assert none.skipped() == "no held-out section gives a short answer"
    assert off.items(Given(Evaluation(short_answers=0))) == [] and off.skipped()
    few = ShortAnswers()
    given = lake()
    assert len(few.items(Given(Evaluation(short_answers=2), concepts=given.concepts,
                               pairs=given.pairs, books=given.books))) == 2  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "code", "wanted"),
    [
        ("Cast. A cast is a message.", False, "Cast"),
        ("The term is: **a cast**", False, "**a cast**"),
        ("`send/2`. The function `send/2` puts a message", True, "send/2"),
        ("The function is send/2.", True, "send/2"),
        ("```elixir\n[1, 2]\n```\nand so on", True, "[1, 2]"),
        ("```\n[1, 2]", True, "[1, 2]"),
        ("[1, 2]", True, "[1, 2]"),
        ('"Dr. Who"', True, '"Dr. Who"'),
        (" \n\n", True, ""),
    ],
)
def test_the_answer_inside_of_a_reply(reply: str, code: bool, wanted: str) -> None:
    assert said(reply, code=code) == wanted


def test_words_lose_case_and_articles_and_code_loses_nothing() -> None:
    assert equal("**The** Match Operator", ["match operator"], code=False)
    assert equal("let-it-crash", ["Let it crash"], code=False)
    assert not equal("match", ["match operator"], code=False)
    assert equal("[1,2]", ["[1, 2]"], code=True)
    assert equal("Map.merge", ["Map.merge/2", "Map.merge"], code=True)
    for other in ("{1, 2}", "[1, 2, 3]", "[2, 1]", "[1, 2"):
        assert not equal(other, ["[1, 2]"], code=True)
    for left, right in ((":ok", "ok"), ("even?", "even"), ('"a"', "a"), ("Enum", "enum"),
                        ('"a b"', '"a  b"'), ("map/2", "map/3")):  # fmt: skip
        assert not equal(left, [right], code=True)


def test_f1_is_that_of_squad_by_hand() -> None:
    assert token_f1("the quick match operator", ["match operator"], code=False) == pytest.approx(
        0.8
    )
    assert token_f1("[1, 2, 3]", ["[1, 2]"], code=True) == pytest.approx(2 * 5 / (7 + 5))
    assert token_f1("", ["x"], code=True) == 0
    assert token_f1("y", ["x", "y"], code=True) == 1


@for_all(st.text(max_size=60), st.text(max_size=60), st.booleans())
def test_f1_is_symmetric_bounded_and_one_for_equals(left: str, right: str, code: bool) -> None:
    found = token_f1(left, [right], code=code)
    assert 0 <= found <= 1 and found == pytest.approx(token_f1(right, [left], code=code))
    assert token_f1(left, [left], code=code) == 1 and equal(left, [left], code=code)
    assert not equal(left, [right], code=code) or found == 1
