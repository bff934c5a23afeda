"""Which run has the last word on a candidate.

Belongs here: split first, one BEAM where values cannot cross, confirmation in a fresh BEAM, what a
reference solution says about limits and lanes. Does not: the BEAMs (``slots.py``), the order of
many candidates (``runner.py``).
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, replace

from booktune_assets.beam.problems import Problem
from booktune_assets.beam.programs import Program, bad_interface, key_of, program, refused
from booktune_assets.beam.sandbox import Limits
from booktune_assets.beam.slots import Prepared, Slot, Split
from booktune_assets.beam.verdicts import Verdict
from booktune_assets.beam.workers import run_limits

__all__ = ["Known", "Ruled", "decide", "first_look"]

_CLOCK = re.compile(
    r"\b(?:after|sleep|await\w*|timeout|timer|(?:assert|refute)_receive|send_after|call)\b"
)
# what can take a message that was meant for the tests, or write such code
_MAIL = re.compile(
    r"\b(?:receive|process_info|flush|enter_loop|defmacrop?|quote|apply|parse_transform|Code|Macro"
    r"|eval_\w+|erl_eval|Process\.info|\w+_(?:existing_)?atom)\b"
)
_PAUSES = (0.0, 0.5, 1.5)  # seconds before each further look on a busy machine
_LEAST, _MOST, _TIMES = 10.0, 60.0, 5.0  # CPU seconds, and times those of the reference


@dataclass(slots=True)
class Known:
    """What reference solutions showed: outcome of their split run, by key of the problem."""

    references: dict[str, Split] = field(default_factory=dict[str, Split])


@dataclass(frozen=True, slots=True)
class Ruled:
    """``flags``: what of the harness the source names. ``odd``: the BEAM that it shared with
    others ended in a way that casts doubt on their failures."""

    verdict: Verdict
    flags: str = ""
    odd: bool = False


def decide(
    slot: Slot, known: Known, problem: Problem, one: Program, limits: Limits | None,
    *, fresh: bool = False,
) -> Ruled:  # fmt: skip
    """The verdict on one candidate. ``limits`` of None: by the reference, or the usual ones."""
    if (verdict := refused(one)) is not None:
        return Ruled(verdict)
    prepared = _usable(slot, problem)
    if prepared.kind == "broken":
        return Ruled(Verdict("harness_error", f"BAD_ROW: the problem: {prepared.why}"))
    flags = slot.screen(problem, one)
    ruled = _ruled(slot, known, problem, one, limits or run_limits(), flags, fresh)
    if ruled.verdict.status == "timeout" and limits is None and problem.reference:
        seconds = _seconds(slot, known, problem)
        if seconds > _LEAST:
            return _ruled(slot, known, problem, one, run_limits(seconds), flags, fresh)
    return ruled


def first_look(slot: Slot, problem: Problem, one: Program, limits: Limits | None) -> Ruled:
    """A verdict from a BEAM that others used before: cheap, and never the last word."""
    if (verdict := refused(one)) is not None:
        return Ruled(verdict)
    prepared = _usable(slot, problem)
    if prepared.kind == "broken":
        return Ruled(Verdict("harness_error", f"BAD_ROW: the problem: {prepared.why}"))
    verdict = slot.in_beam(problem, one, limits or run_limits(), fresh=False)
    return Ruled(_counted(problem, verdict))


def _usable(slot: Slot, problem: Problem) -> Prepared:
    if why := bad_interface(problem):
        return Prepared("broken", why)
    return slot.prepare(problem)


def _ruled(
    slot: Slot, known: Known, problem: Problem, one: Program, limits: Limits, flags: str,
    fresh: bool,
) -> Ruled:  # fmt: skip
    if slot.prepare(problem).kind == "in_beam":
        return _together(slot, known, problem, one, limits, flags, fresh)
    split = slot.split(problem, one, limits, fresh=fresh or bool(flags))
    if flags:
        slot.drop("untrusted")
    verdict, busy = _counted(problem, split.verdict), False
    if _waits(problem, one, verdict):
        split, busy = _again(slot, known, problem, one, limits, split)
        verdict = _counted(problem, split.verdict)
    odd = split.spoilt and verdict.status in ("killed", "harness_error") and not flags
    walled = bool(split.open or problem.secret)  # something did not cross as data
    # so it is where a right answer fails too: what the tests set up may be their BEAM's alone
    asked = bool(problem.reference) and not busy
    lost = verdict.status in ("fail", "unsupported") and (walled or asked)
    if "asserted" in split.open and not problem.reference:
        lost = False  # in one BEAM a candidate could read or hide what the assertion says
    crosses = lost and _crosses(slot, known, problem)
    if verdict.status == "unsupported":
        return _uncrossed(slot, problem, one, limits, Ruled(verdict, flags, odd), crosses)
    if busy or (lost and not crosses):
        second = _in_beam(slot, problem, one, limits, flags, fresh)
        if not lost or crosses or not (walled or _on_time(slot, known, problem)):
            second = _unread(one, second)
        if second.verdict.status in ("pass", "suspicious", "timeout"):
            return second
        if second.verdict.detail:  # why it fails where nothing had to cross
            verdict = replace(verdict, detail=second.verdict.detail)
    return Ruled(verdict, flags, odd)


def _uncrossed(
    slot: Slot, problem: Problem, one: Program, limits: Limits, ruled: Ruled, crosses: bool
) -> Ruled:
    """A value that cannot cross says nothing of the answer: a fresh BEAM for both does. Where a
    right answer crosses it may fail there but not pass: no candidate chooses where it is judged."""
    second = _in_beam(slot, problem, one, limits, ruled.flags, True)
    spared = crosses and second.verdict.status in ("pass", "suspicious")
    if not spared and second.verdict.status != "harness_error":
        return second
    detail = second.verdict.detail or ruled.verdict.detail
    return replace(ruled, verdict=replace(ruled.verdict, detail=detail))


def _again(
    slot: Slot, known: Known, problem: Problem, one: Program, limits: Limits, split: Split
) -> tuple[Split, bool]:
    """Further looks at a failure that came late. True: the machine was never free for it, since
    the reference failed beside it each time, or there is none."""
    for pause in _PAUSES:
        time.sleep(pause)
        split = slot.split(problem, one, limits, fresh=True)
        slot.drop("untrusted")
        if not _waits(problem, one, _counted(problem, split.verdict)) or "asserted" in split.open:
            return split, False
        if problem.reference and _passes_now(slot, known, problem):
            return split, False
    return split, True


def _unread(one: Program, ruled: Ruled) -> Ruled:
    """Only a busy machine brought it into one BEAM, and a candidate can make itself busy: a pass
    counts if it cannot have read what was sent to the tests."""
    found = next((hit for text in one.sources.values() if (hit := _MAIL.search(text))), None)
    if ruled.verdict.status != "pass" or found is None:
        return ruled
    words = f"it passes beside its tests alone, on a busy machine, and it has '{found[0]}'"
    return replace(ruled, verdict=replace(ruled.verdict, status="suspicious", detail=words))


def _together(
    slot: Slot, known: Known, problem: Problem, one: Program, limits: Limits, flags: str,
    fresh: bool,
) -> Ruled:  # fmt: skip
    """Tests that need the candidate to compile. Where that is its structs alone, a pass in two
    BEAMs is final; so is a failure, if a right answer passes in two."""
    if slot.prepare(problem).structs and not problem.secret:
        split = slot.split(problem, one, limits, fresh=fresh or bool(flags))
        if flags:
            slot.drop("untrusted")
        verdict, busy = _counted(problem, split.verdict), False
        crosses = verdict.status == "fail" and _crosses(slot, known, problem)
        if crosses and _waits(problem, one, verdict):
            split, busy = _again(slot, known, problem, one, limits, split)
            verdict = _counted(problem, split.verdict)
        if busy:
            return _unread(one, _in_beam(slot, problem, one, limits, flags, fresh))
        if crosses or verdict.status in ("pass", "compile_error"):
            return Ruled(verdict, flags)
    return _in_beam(slot, problem, one, limits, flags, fresh)


def _in_beam(
    slot: Slot, problem: Problem, one: Program, limits: Limits, flags: str, fresh: bool
) -> Ruled:
    """A first look, and for a pass a fresh BEAM. A flagged source gets a fresh one at once, and
    its pass is for a person to look at."""
    if not flags and not fresh:
        first = slot.in_beam(problem, one, limits, fresh=False)
        if first.status != "pass" and not _waits(problem, one, first):
            odd = first.status in ("killed", "suspicious")
            return Ruled(replace(_counted(problem, first), assurance="in_beam"), flags, odd)
    verdict = _counted(problem, slot.in_beam(problem, one, limits, fresh=True))
    if _waits(problem, one, verdict):
        verdict = _counted(problem, slot.in_beam(problem, one, limits, fresh=True))
    if verdict.status == "pass" and flags:
        verdict = replace(verdict, status="suspicious", detail=f"it touches: {flags}")
    return Ruled(verdict, flags)


def _waits(problem: Problem, one: Program, verdict: Verdict) -> bool:
    """Did it fail while the tests waited for a processor, and does anything go by the clock?"""
    if verdict.status != "fail" or not verdict.late:
        return False
    return any(_CLOCK.search(text) for text in (problem.tests, *one.sources.values()))


def _passes_now(slot: Slot, known: Known, problem: Problem) -> bool:
    one = program(problem.language, problem.reference)
    split = slot.split(problem, one, run_limits(_MOST), fresh=True)
    slot.drop("untrusted")
    if passes := _counted(problem, split.verdict).status == "pass":
        known.references[key_of(problem)] = split
    return passes


def _crosses(slot: Slot, known: Known, problem: Problem) -> bool:
    """Does a right answer pass in a split run? Unknown without a reference: then no."""
    return bool(problem.reference) and _reference(slot, known, problem).verdict.status == "pass"


def _on_time(slot: Slot, known: Known, problem: Problem) -> bool:
    """Did a right answer have a processor when it failed in a split run?"""
    return not _reference(slot, known, problem).verdict.late


def _reference(slot: Slot, known: Known, problem: Problem) -> Split:
    key = key_of(problem)
    if key not in known.references:
        one = program(problem.language, problem.reference)
        for pause in (0.0, *_PAUSES):  # what a busy machine said of it would count for the batch
            time.sleep(pause)
            split = slot.split(problem, one, run_limits(_MOST), fresh=True)
            slot.drop("untrusted")
            verdict = _counted(problem, split.verdict)
            known.references[key] = replace(split, verdict=verdict)
            if not _waits(problem, one, verdict):
                break
    return known.references[key]


def _seconds(slot: Slot, known: Known, problem: Problem) -> float:
    """CPU seconds for a candidate: five times those of the reference, within bounds."""
    if slot.prepare(problem).kind == "in_beam":
        one = program(problem.language, problem.reference)
        used = slot.in_beam(problem, one, run_limits(_MOST), fresh=True).cpu_seconds
    else:
        used = _reference(slot, known, problem).verdict.cpu_seconds
    return min(_MOST, max(_LEAST, _TIMES * used))


def _counted(problem: Problem, verdict: Verdict) -> Verdict:
    """A pass needs the exact number of tests."""
    wanted = problem.test_count or verdict.tests_run
    if verdict.status == "pass" and (verdict.tests_run == 0 or verdict.tests_run != wanted):
        words = f"{verdict.tests_run} of {wanted} tests ran"
        return replace(verdict, status="fail", detail=words)
    return verdict
