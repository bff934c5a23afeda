"""Works abreast: replies go back to who asked, a spent budget ends one work and not the others."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from booktune_assets.llm.calls import Scripted
from booktune_assets.llm.request import Reply, Request
from booktune_assets.pairs.candidate import Candidate
from booktune_assets.pairs.recipes.steps import Steps, together
from booktune_assets.pairs.teacher_drive import drive


def asking(*rounds: Sequence[str]) -> Steps[list[str]]:
    """Asks some prompts in each round; its result are all texts, in order."""
    texts: list[str] = []
    for prompts in rounds:
        replies = yield [Request(prompt=prompt, max_tokens=4) for prompt in prompts]
        texts += [reply.text for reply in replies]
    return texts


def echo(request: Request) -> str:
    return request.prompt.upper()


class Backwards(Scripted):
    def ask(self, requests, *, progress=""):  # type: ignore[no-untyped-def]
        yield from reversed(list(super().ask(requests, progress=progress)))


@pytest.mark.parametrize("abreast", [1, 2, 10])
def test_replies_come_back_to_who_asked(abreast: int) -> None:
    works = [asking(["a", "b"], ["c"]), asking([]), asking(["d"], [], ["a"]), asking()]
    found = list(drive(works, Backwards(echo).ask, abreast=abreast))
    assert [one.result for one in found] == [["A", "B", "C"], [], ["D", "A"], []]
    assert [one.made for one in found] == [3, 0, 2, 0]
    assert all(one.status == "done" for one in found)


def test_calls_of_one_round_are_asked_together() -> None:
    sizes: list[int] = []

    def ask(requests: Sequence[Request]):  # type: ignore[no-untyped-def]
        sizes.append(len(requests))
        return Scripted(echo).ask(requests)

    list(drive([asking(["a"], ["b", "c"]), asking(["d", "e"])], ask, abreast=9))
    assert sizes == [3, 2]


def test_steps_within_steps_are_asked_together_too() -> None:
    (one,) = drive([together([asking(["a"], ["b"]), asking(), asking(["c"])])], Scripted(echo).ask)
    assert one.result == [["A", "B"], [], ["C"]]


def test_a_spent_budget_ends_the_work_that_meets_it() -> None:
    closed: list[str] = []

    def careful(name: str) -> Steps[str]:
        try:
            yield [Request(prompt=name, max_tokens=4)]
        finally:
            closed.append(name)
        return name

    def reply(request: Request) -> str | Reply:
        if request.prompt == "dear":
            return Reply(request.call_key, "", "budget", "BUDGET: spent")
        return "ok"

    dear, cheap = drive([careful("dear"), careful("cheap")], Scripted(reply).ask)
    assert (dear.status, dear.result, dear.calls) == ("remaining", None, [])
    assert (cheap.status, cheap.result) == ("done", "cheap")
    assert sorted(closed) == ["cheap", "dear"]


def test_a_call_without_an_answer_marks_its_work_and_lets_it_end() -> None:
    failing = Scripted(lambda r: Reply(r.call_key, "", "error", "FAILED: 500"))
    (one,) = drive([asking(["a"])], failing.ask)
    assert (one.status, one.result) == ("failed", [""])
    refusing = Scripted(lambda r: Reply(r.call_key, "", "error", "REFUSED: too long"))
    (one,) = drive([asking(["a"])], refusing.ask)
    assert (one.status, one.result) == ("refused", [""])
    (one,) = drive([asking(["a", "b"])], Scripted([
        Reply("k", "", "error", "FAILED: 500"), Reply("k", "", "error", "REFUSED: too long"),
    ]).ask)  # fmt: skip
    assert one.status == "failed"
    bad = Scripted(lambda r: Reply(r.call_key, "x", "stop", "BAD_JSON: no"))
    (one,) = drive([asking(["a"])], bad.ask)
    assert one.status == "done"


def test_code_of_a_round_is_run_at_once_and_comes_back() -> None:
    runs: list[int] = []

    def running(*texts: str) -> Steps[list[str]]:
        own = [Candidate("define", "", "", "code", "", text, []) for text in texts]
        back = yield [*own, Request(prompt="q", max_tokens=4)]
        return [one.problem or one.answer for one in back[:-1]] + [back[-1].text]

    def run(found: Sequence[Candidate]) -> None:
        runs.append(len(found))
        for one in found:
            one.problem = f"ran {one.answer}"

    found = list(drive([running("x", "y"), running("z")], Scripted(echo).ask, run))
    assert [one.result for one in found] == [["ran x", "ran y", "Q"], ["ran z", "Q"]]
    assert runs == [3]
    (plain,) = drive([running("x")], Scripted(echo).ask)
    assert plain.result == ["x", "Q"]


@pytest.mark.parametrize("calls", [4, 9, 20, 60])
def test_a_small_budget_finishes_passages_instead_of_asking_all_the_first_question(
    calls: int,
) -> None:
    spent = 0

    def ask(requests: Sequence[Request]):  # type: ignore[no-untyped-def]
        nonlocal spent
        for request in requests:
            spent += 1
            short = spent > calls
            text, finish = ("", "budget") if short else ("ok", "stop")
            yield request, Reply(request.call_key, text, finish)

    works = [asking([f"q{n}"], [f"a{n}"], [f"b{n}"]) for n in range(80)]
    done = [one.status == "done" for one in drive(works, ask, limited=True)]
    assert sum(done) * 3 >= calls / 3  # of the calls a third at least went to finished ones
    spent = 0
    works = [asking([f"q{n}"], [f"a{n}"], [f"b{n}"]) for n in range(80)]
    plain = [one.status == "done" for one in drive(works, ask)]
    assert sum(plain) < sum(done)
