"""Which run has the last word when the machine was too busy for limits of time in tests."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

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


def decided(problem: Problem, *answers: Verdict | Split) -> tuple[str, list[str]]:
    slot = Scripted(*answers)
    ruled = decide(cast("Slot", slot), Known(), problem, program("elixir", "x"), None)
    assert not slot.answers
    return ruled.verdict.status, slot.asked


def test_a_quiet_machine_has_no_second_look() -> None:
    assert decided(CLOCK, FAIL) == ("fail", ["split"])
    assert decided(PLAIN, LATE) == ("fail", ["split"])  # nothing goes by the clock


def test_a_failure_on_a_busy_machine_is_looked_at_again() -> None:
    assert decided(CLOCK, LATE, PASS) == ("pass", ["split", "fresh"])
    assert decided(CLOCK, LATE, FAIL) == ("fail", ["split", "fresh"])
    both = ["split", "fresh", "warm", "alone"]
    assert decided(CLOCK, LATE, LATE, PASS, PASS) == ("pass", both)
    assert decided(CLOCK, LATE, LATE, LATE, LATE, PASS) == ("pass", [*both, "alone"])
    assert decided(CLOCK, LATE, LATE, FAIL) == ("fail", both[:3])


def test_with_a_reference_it_counts_whether_that_fails_now() -> None:
    known = replace(CLOCK, reference="y")
    asked = ["split", "fresh", "reference"]
    assert decided(known, LATE, LATE, PASS) == ("fail", asked)
    assert decided(known, LATE, LATE, LATE, PASS, PASS) == ("pass", [*asked, "warm", "alone"])


def test_a_failed_assertion_in_a_callback_stays_a_failure() -> None:
    asserted = Split(LATE, ("asserted",))
    assert decided(CLOCK, asserted, asserted) == ("fail", ["split", "fresh"])
