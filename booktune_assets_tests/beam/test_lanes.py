"""Which run has the last word when the machine was too busy for limits of time in tests."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from booktune_assets.beam import lanes
from booktune_assets.beam.lanes import Known, decide
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.programs import program
from booktune_assets.beam.slots import Prepared, Slot, Split
from booktune_assets.beam.verdicts import Verdict

PLAIN = Problem("p", "elixir", "", ("A.f/0",), "assert A.f() == 1", "")
CLOCK = replace(PLAIN, tests="Task.await(task, 100)")
PASS, FAIL = Verdict("pass", "", 1, 0.1, "split"), Verdict("fail", "no", 1, 0.1, "split")
LATE = replace(FAIL, late=True)


class Scripted:
    """Answers of runs in order, and which kind was asked for."""

    def __init__(self, *answers: Verdict | Split) -> None:
        self.answers, self.asked = list(answers), list[str]()

    def prepare(self, _: Problem) -> Prepared:
        return Prepared("split", "", 1)

    def screen(self, *_: object) -> str:
        return ""

    def drop(self, _: str) -> None: ...

    def split(self, problem: Problem, one: object, *_: object, fresh: bool = False) -> Split:
        reference = one == program("elixir", problem.reference)
        self.asked.append("reference" if reference else "fresh" if fresh else "split")
        answer = self.answers.pop(0)
        return answer if isinstance(answer, Split) else Split(answer)

    def in_beam(self, *_: object, fresh: bool) -> Verdict:
        self.asked.append("alone" if fresh else "warm")
        return cast("Verdict", self.answers.pop(0))


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.setattr(lanes, "_PAUSES", (0.0, 0.0, 0.0))


def decided(
    problem: Problem, *answers: Verdict | Split, source: str = "x"
) -> tuple[str, list[str]]:
    slot = Scripted(*answers)
    ruled = decide(cast("Slot", slot), Known(), problem, program("elixir", source), None)
    assert not slot.answers
    return ruled.verdict.status, slot.asked


def test_a_quiet_machine_has_no_second_look() -> None:
    assert decided(CLOCK, FAIL) == ("fail", ["split"])
    assert decided(PLAIN, LATE) == ("fail", ["split"])  # nothing goes by the clock


ALL = ["split", "fresh", "fresh", "fresh"]


def test_a_failure_on_a_busy_machine_is_looked_at_again() -> None:
    assert decided(CLOCK, LATE, PASS) == ("pass", ALL[:2])
    assert decided(CLOCK, LATE, FAIL) == ("fail", ALL[:2])
    assert decided(CLOCK, LATE, LATE, LATE, PASS) == ("pass", ALL)
    assert decided(CLOCK, *[LATE] * 4, PASS, PASS) == ("pass", [*ALL, "warm", "alone"])
    again = [*ALL, "warm", "alone", "alone"]
    assert decided(CLOCK, *[LATE] * 6, PASS) == ("pass", again)
    assert decided(CLOCK, *[LATE] * 4, FAIL) == ("fail", [*ALL, "warm"])


def test_with_a_reference_it_counts_whether_that_fails_now() -> None:
    known = replace(CLOCK, reference="y")
    asked = ["split", "fresh", "reference"]
    assert decided(known, LATE, LATE, PASS) == ("fail", asked)
    assert decided(known, LATE, LATE, LATE, LATE, PASS) == ("fail", [*asked, *asked[1:]])
    assert decided(known, LATE, LATE, LATE, PASS) == ("pass", [*asked, "fresh"])
    never = [LATE, *[LATE, LATE] * 3, PASS, PASS]
    assert decided(known, *never) == ("pass", [*asked, *asked[1:] * 2, "warm", "alone"])


@pytest.mark.parametrize(
    "source",
    [
        "receive do m -> m end",
        "Process.info(self(), :messages)",
        "apply(:erlang, f, [])",
        "quote do",
    ],
)
def test_what_can_read_mail_does_not_pass_for_want_of_a_processor(source: str) -> None:
    """A candidate can keep the machine busy itself."""
    made = decided(CLOCK, *[LATE] * 4, PASS, PASS, source=source)
    assert made == ("suspicious", [*ALL, "warm", "alone"])
    assert decided(CLOCK, *[LATE] * 4, FAIL, source=source)[0] == "fail"
    assert decided(CLOCK, LATE, LATE, LATE, PASS, source=source)[0] == "pass"


def test_words_that_only_contain_such_a_name_do_not_count() -> None:
    source = "def evaluate(quoted), do: received(quoted) # applying"
    assert decided(CLOCK, *[LATE] * 4, PASS, PASS, source=source)[0] == "pass"


def test_values_that_cannot_cross_are_judged_in_one_beam_as_ever() -> None:
    """Where the reference crosses when the machine is free, the machine alone is to blame."""
    source, lost = "receive do m -> m end", Split(LATE, ("ref",))
    late = [lost] * 4
    assert decided(CLOCK, *late, PASS, PASS, source=source)[0] == "pass"
    known = replace(CLOCK, reference="y")
    tries = [lost, *[lost, LATE] * 3]
    assert decided(known, *tries, PASS, PASS, PASS, source=source)[0] == "suspicious"
    assert decided(known, *tries, *[LATE] * 4, PASS, PASS, source=source)[0] == "pass"


def test_a_failed_assertion_in_a_callback_stays_a_failure() -> None:
    asserted = Split(LATE, ("asserted",))
    assert decided(CLOCK, asserted, asserted) == ("fail", ["split", "fresh"])


def test_where_a_right_answer_fails_in_two_beams_the_tests_need_one() -> None:
    """What they set up may live in their BEAM alone, though only data crossed."""
    known = replace(PLAIN, reference="y")
    assert decided(known, FAIL, PASS) == ("fail", ["split", "reference"])
    beside = ["split", "reference", "warm", "alone"]
    assert decided(known, FAIL, FAIL, PASS, PASS) == ("pass", beside)
    assert decided(known, FAIL, FAIL, FAIL) == ("fail", beside[:3])
    # one that was late says nothing, so what can read mail does not gain by it
    source = "receive do m -> m end"
    assert decided(known, FAIL, LATE, PASS, PASS, source=source) == ("suspicious", beside)
    assert decided(known, FAIL, FAIL, PASS, PASS, source=source)[0] == "pass"
