"""Replies of no use: the passage is asked again in later runs, with other seeds, so many times."""

from __future__ import annotations

from booktune_assets.llm.calls import Scripted
from booktune_assets.llm.request import Request
from booktune_assets.pairs.teacher_again import TRIES
from booktune_assets.pairs.teacher_rows import Teacher
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.teacher_lab import PAGE, good, taught

QA = Pairs(recipes=["qa"])


def nonsense(request: Request) -> str:
    return "Sure! Here you go." if request.task == "qa_questions" else good(request)


def test_a_passage_is_asked_again_with_other_seeds_and_not_for_ever() -> None:
    made, seeds, frames = book(PAGE), [], None
    for number in range(1, TRIES + 1):
        caller = Scripted(nonsense)
        now = taught(made, caller, QA, frames)
        frames = now.frames
        seeds.append({one.seed for one in caller.asked if one.task == "qa_questions"})
        last = number == TRIES
        assert set(frames["instruction_pairs__teacher"]["status"]) == {"done" if last else "failed"}
        assert ("partial" in now.notes) is not last
        assert now.counts["teacher_rejected"] > 0
    assert all(seeds) and not seeds[0] & seeds[1] and not seeds[1] & seeds[2]
    caller = Scripted(good)
    assert taught(made, caller, QA, frames).counts["teacher_kept"] == 0
    assert caller.asked == []


def test_a_good_reply_to_a_second_try_ends_it() -> None:
    made = book(PAGE)
    first = taught(made, Scripted(nonsense), QA)
    second = taught(made, Scripted(good), QA, first.frames)
    assert second.counts["teacher_kept"] > 0 and "partial" not in second.notes
    caller = Scripted(good)
    assert taught(made, caller, QA, second.frames).counts == second.counts | {
        name: 0
        for name in second.counts
        if name.startswith(("teacher_calls", "teacher_prompt"))
        or name.startswith(("teacher_completion", "judge_"))
    }
    assert caller.asked == []


def test_a_model_without_a_revision_is_named_alone() -> None:
    assert Teacher("bk", "stub", "").name == "stub"
    assert Teacher("bk", "stub", "2").name == "stub@2"
