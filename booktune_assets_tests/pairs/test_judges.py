"""Judges: votes, sentences, the answer once more, and the canaries that every judge has to pass."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.concepts.names import words
from booktune_assets.errors import BookError, Code
from booktune_assets.llm.calls import Scripted
from booktune_assets.llm.request import Reply, Request
from booktune_assets.pairs.judges import (
    Judged,
    judged,
    judged_sentences,
    repeated,
    token_f1,
)
from booktune_assets.pairs.judges_canaries import KINDS, examine, load_canaries
from booktune_assets.pairs.recipes.base import Exchange, Teaching
from booktune_assets.pairs.teacher_drive import drive
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.teacher_lab import (
    CANARIES,
    PAGE,
    Cached,
    after,
    good,
    passages,
    taught,
)

QA = Pairs(recipes=["qa"])


def says(verdict: Callable[[Request], bool]) -> Callable[[Request], str]:
    """A good teacher whose judge answers as told."""

    def reply(request: Request) -> str:
        if request.task != "judge":
            return good(request)
        word = "supported" if verdict(request) else "not_supported"
        return json.dumps({"reason": "So it seems.", "verdict": word})

    return reply


def careless(every: int) -> Callable[[Request], bool]:
    """Right but for one canary in so many."""
    order = {one.sentence: place for place, one in enumerate(load_canaries())}

    def verdict(request: Request) -> bool:
        sentence = after(request, "Sentence")
        right = CANARIES.get(sentence, True)
        return right != (sentence in order and order[sentence] % every == 0)

    return verdict


def test_the_suite_has_enough_of_every_kind_in_both_languages() -> None:
    suite = load_canaries()
    assert len(suite) >= 60
    assert len({one.name for one in suite}) == len(suite)
    assert len({one.sentence for one in suite}) == len(suite)
    for language in ("Elixir", "Erlang"):
        kinds = Counter(one.kind for one in suite if one.language == language)
        assert set(kinds) == set(KINDS)
        assert min(kinds.values()) >= 5
    share = sum(one.supported for one in suite) / len(suite)
    assert 0.25 <= share <= 0.5  # neither always-yes nor always-no comes near the mark
    for one in suite:
        said, there = (
            {word.key.lower() for word in words(text)} for text in (one.sentence, one.passage.text)
        )
        assert len(said & there) >= 1, one.name


def test_a_perfect_judge_may_gate_and_one_at_the_mark_too() -> None:
    assert examine(Scripted(good).ask, Teaching(), "good").may_gate
    found = examine(Scripted(says(careless(40))).ask, Teaching(), "good")
    assert (found.right, found.asked, found.may_gate) == (76, 78, True)
    assert sorted(found.wrong.values()) == sorted(found.wrong.values())
    assert "it gates" in found.words


@pytest.mark.parametrize("always", [True, False])
def test_a_judge_that_always_says_the_same_may_not_gate_and_costs_little(always: bool) -> None:
    caller = Scripted(says(lambda _: always))
    found = examine(caller.ask, Teaching(), "stubborn")
    assert (found.may_gate, found.stopped) == (False, "wrong")
    assert found.asked < 40
    assert found.calls == len(caller.asked) == found.asked * 3
    assert "asked no more" in found.words and found.asked_no_more
    whole = examine(caller.ask, Teaching(), "stubborn", early=False)
    assert (whole.asked, whole.stopped, whole.may_gate) == (78, "", False)
    assert whole.asked_no_more


def test_a_judge_that_does_not_answer_is_wrong_even_where_nothing_is_supported() -> None:
    found = examine(Scripted(lambda _: "Hm.").ask, Teaching(), "mute", early=False)
    assert not found.may_gate
    assert found.right == sum(not one.supported for one in load_canaries())


def test_a_spent_budget_leaves_the_judge_unexamined() -> None:
    budget = Scripted(lambda r: Reply(r.call_key, "", "budget", "BUDGET: spent"))
    found = examine(budget.ask, Teaching(), "poor")
    assert (found.stopped, found.may_gate, found.calls) == ("budget", False, 0)


def test_a_judge_that_failed_is_asked_no_more_and_refuses_nothing() -> None:
    fit = taught(book(PAGE), Scripted(good), QA)
    caller = Cached(says(lambda _: False))
    unfit = taught(book(PAGE), caller, QA)
    assert fit.counts["judge_may_gate"] == 1
    assert unfit.counts["judge_may_gate"] == 0
    assert unfit.counts["teacher_kept"] == fit.counts["teacher_kept"]
    assert "asked no more" in str(unfit.notes["judge"])
    judged = {after(one, "Sentence") for one in caller.new if one.task == "judge"}
    assert judged <= set(CANARIES) and caller.new[0].task == "judge"
    assert caller.tasks["judge"] == 3 * unfit.counts["judge_canaries_asked"]
    assert unfit.frames["instruction_pairs__verdicts"].is_empty()
    gates = unfit.frames["instruction_pairs"]["gates"].to_list()
    assert not any("G6_judge" in own for own in gates)


def test_a_fit_judge_refuses_the_sentence_that_is_not_supported() -> None:
    def strict(request: Request) -> bool:
        sentence = after(request, "Sentence")
        return CANARIES.get(sentence, "lighthouse" not in sentence)

    frames = taught(book(PAGE), Scripted(says(strict)), QA).frames
    lost = frames["instruction_pairs__rejected"]
    assert ("G6_judge", "sentence_not_supported") in lost.select("gate", "reason").rows()
    verdicts = frames["instruction_pairs__verdicts"]
    assert verdicts["applied"].all()
    refused = verdicts.filter(~verdicts["supported"])
    assert set(refused["candidate_id"]) <= set(lost["candidate_id"])


def test_a_judge_is_examined_once() -> None:
    caller = Cached(good)
    taught(book(PAGE), caller, QA)
    before = caller.tasks["judge"]
    other = PAGE.replace("once in a minute", "twice in a minute")
    taught(book(other, "second"), caller, QA, book_id="second")
    assert caller.tasks["judge"] - before < 20


def test_another_model_judges_when_one_is_named() -> None:
    caller = Scripted(good)
    made = taught(book(PAGE), caller, Pairs(recipes=["qa"], judge_model="other"))
    models = {one.task: set[str]() for one in caller.asked}
    for one in caller.asked:
        models[one.task].add(one.model)
    assert models["judge"] == {"other"}
    assert models["qa_questions"] == {"scripted"}
    assert models["qa_answer"] == {"scripted", "other"}  # the answer and the answer once more
    assert made.notes["judge_is_teacher"] is False


def test_without_judging_nothing_is_judged() -> None:
    caller = Scripted(good)
    made = taught(book(PAGE), caller, Pairs(recipes=["qa"], judging="off"), judge=False)
    assert {one.task for one in caller.asked} == {"qa_questions", "qa_answer"}
    assert made.counts["teacher_kept"] > 0


def test_sentences_of_prose_and_lists_are_judged_and_code_is_not() -> None:
    answer = (
        "Call it like this, e.g. with a list. It returns a map.\n\n```elixir\nEnum.map(a, b)\n```\n"
        "\n- It keeps the order.\n- It is eager."
    )
    assert judged_sentences(answer) == [
        "Call it like this, e.g. with a list.", "It returns a map.", "It keeps the order.",
        "It is eager.",
    ]  # fmt: skip
    assert judged_sentences("Yes.") == ["Yes."]
    assert judged_sentences("```elixir\n1 + 1\n```") == []


def test_two_thirds_of_the_votes() -> None:
    assert [Judged("x", votes, 3, ()).supported for votes in range(4)] == [
        False, False, True, True,
    ]  # fmt: skip
    assert not Judged("x", 1, 2, ()).supported


def test_votes_differ_in_their_seeds_only() -> None:
    caller = Scripted(good)
    list(drive([judged(passages(book(PAGE))[0], ["A."], Teaching())], caller.ask))
    assert sorted(one.seed for one in caller.asked) == [0, 1, 2]
    assert len({one.messages for one in caller.asked}) == 1
    assert {one.temperature for one in caller.asked} == {0.2}


def test_an_answer_that_does_not_come_again_is_refused() -> None:
    passage = passages(book(PAGE))[0]
    said = json.loads(good(_answer_request(passage)))["answer"]

    def again(answer: str) -> str:
        caller = Scripted(good)
        one = Exchange("How would you tell it?", answer)
        (worked,) = drive([repeated(one, passage, Teaching())], caller.ask)
        return str(worked.result)

    assert again(said) == ""
    assert again("Something else entirely about supervisors and maps.") == "round_trip_differs"


def _answer_request(passage) -> Request:  # type: ignore[no-untyped-def]
    from booktune_assets.pairs.recipes.qa import answer_call

    return answer_call(passage, "How would you tell it?")


def test_token_f1() -> None:
    assert token_f1("a b c", "a b c") == 1.0
    assert token_f1("a b", "c d") == 0.0
    assert token_f1("a b c d", "a b") == pytest.approx(2 / 3)
    assert token_f1("", "a") == 0.0


def test_a_broken_line_of_the_suite_is_an_error_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"id": "a"}\n')
    with pytest.raises(BookError) as caught:
        load_canaries(tmp_path)
    assert caught.value.code is Code.BAD_ROW
    assert "line=1" in str(caught.value)
    (tmp_path / "x.jsonl").write_text("")
    with pytest.raises(BookError):
        load_canaries(tmp_path)
