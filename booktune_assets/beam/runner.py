"""Judge candidate programs by problems' tests, many at a time, in sandboxes.

Belongs here: the library call, threads with a lane of BEAMs each, the order of candidates, second
looks at failures that shared a BEAM with trouble. Does not: BEAMs (``slots.py``), which run decides
(``lanes.py``), rows in files (``batch.py``).

**What a verdict is worth.** ``assurance = "split"``: the tests ran in a BEAM of their own, and only
plain data came from the candidate's, which never saw what was expected. ``"in_beam"``: values of
this problem cannot cross, so both ran in one fresh BEAM, where nonce, canaries, counts and a screen
over the source stop known tricks and prove nothing. See ``docs/why/verdicts.md``.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from booktune_assets.beam.cgroups import GroupError
from booktune_assets.beam.lanes import Known, Ruled, decide, first_look
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.programs import Program, program
from booktune_assets.beam.sandbox import Limits
from booktune_assets.beam.slots import Book, Slot, Use
from booktune_assets.beam.verdicts import Status, Verdict
from booktune_assets.beam.workers import Gone, Stopped, missing, run_limits
from booktune_assets.progress import advance

__all__ = [
    "VERSION", "Candidate", "Status", "Use", "Verdict", "judge", "judge_many", "missing",
]  # fmt: skip

VERSION = "verdicts.10"  # bump when the same candidate may get another verdict

Tell = Callable[[int, Verdict, bool], None]
Candidate = str | Mapping[str, str]  # a source, or files by their path
_LOOKED_AT = 2  # one in so many failures of a used BEAM, drawn by lot, gets a second look
_DOUBTED = ("fail", "compile_error", "harness_error")  # a predecessor may have brought it about
_FEW = 4  # candidates that are not worth another lane


def judge(problem: Problem, candidate: Candidate, limits: Limits | None = None) -> Verdict:
    """Verdict on one candidate. Raises when it cannot be judged at all (no sandbox, no Elixir)."""
    return judge_many([(problem, candidate)], limits, workers=1)[0]


def judge_many(
    jobs: Sequence[tuple[Problem, Candidate]], limits: Limits | None = None, *,
    workers: int | None = None, final: bool = True, use: Use | None = None,
    tell: Tell | None = None,
) -> list[Verdict]:  # fmt: skip
    """Verdicts in the order of the jobs.

    ``limits`` of None: 10 CPU seconds, or five times what the reference solution takes (at most
    60), and six times as much by the clock. ``final=False`` gives a first look only: warm BEAMs,
    no confirmation, assurance ``warm``. ``use`` is told what the BEAMs cost; ``tell`` each verdict
    as it comes, by the number of its job, and whether it is the last word on it.
    """
    for language in sorted({problem.language for problem, _ in jobs}):
        if (reason := missing(language)) is not None:
            raise reason
    queue = _Queue(jobs, limits, final, use or Use(), tell)
    cores = len(os.sched_getaffinity(0))
    lanes = max(1, min(workers or cores, (len(jobs) + _FEW - 1) // _FEW))
    threads = [threading.Thread(target=queue.work, daemon=True) for _ in range(lanes)]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)
                queue.report()
    finally:
        queue.stop.set()
        for thread in threads:
            thread.join()
    if queue.error is not None:
        raise queue.error
    return [queue.verdicts[number] for number in range(len(jobs))]


@dataclass(frozen=True, slots=True)
class _Job:
    number: int
    problem: Problem
    program: Program
    second: bool = False  # in a BEAM with other predecessors
    again: bool = False  # in a fresh BEAM, for the last word


@dataclass(slots=True)
class _Shared:
    """Failures in one untrusted BEAM, which its later trouble would cast doubt on."""

    worker: object = None
    failed: list[_Job] = field(default_factory=list[_Job])


class _Queue:
    """Jobs that wait and verdicts that are there, for all lanes."""

    def __init__(
        self, jobs: Sequence[tuple[Problem, Candidate]], limits: Limits | None, final: bool,
        use: Use, tell: Tell | None,
    ) -> None:  # fmt: skip
        self.tell = tell
        self.limits, self.final = limits, final
        self.stop = threading.Event()
        self.error: BaseException | None = None
        self.verdicts: dict[int, Verdict] = {}
        self.total = len(jobs)
        self._book, self._known, self._lock = Book(use=use), Known(), threading.Lock()
        made = [_Job(n, p, program(p.language, c)) for n, (p, c) in enumerate(jobs)]
        self._seconds: list[_Job] = []
        self._last: set[int] = set()  # jobs whose last word comes from a fresh BEAM
        self._random = random.SystemRandom()
        self._beams: dict[int, list[_Job]] = {}  # failures of the BEAM, by number of the job
        # languages one after the other, problems mixed: a BEAM sees each problem once
        turn: dict[str, int] = {}
        keyed: list[tuple[str, int, int, _Job]] = []
        for job in made:
            turn[job.problem.id] = round_ = turn.get(job.problem.id, 0) + 1
            keyed.append((job.problem.language, round_, job.number, job))
        self._waiting = [job for *_, job in sorted(keyed, key=lambda one: one[:3])]

    def report(self) -> None:
        if self.total:
            advance("running code", len(self.verdicts), self.total)

    def work(self) -> None:
        """One lane, in a thread of its own."""
        limits = self.limits or run_limits()
        slot = Slot(self._book, self.stop, limits, quick=not self.final)
        shared = _Shared()
        try:
            while not self.stop.is_set() and (job := self._next(slot)) is not None:
                self._judge(slot, job, shared)
        except Stopped:
            pass
        except BaseException as problem:  # any thread's error ends them all
            self.error = self.error or problem
            self.stop.set()
        finally:
            slot.close()

    def _next(self, slot: Slot) -> _Job | None:
        """The first job whose problem this lane's BEAM has not seen, or the first."""
        with self._lock:
            for number, job in enumerate(self._waiting[:200]):
                if slot.fits(job.problem):
                    return self._waiting.pop(number)
            if self._waiting:
                return self._waiting.pop(0)
            if not self._seconds:
                return None
            slot.renew()
            fits = (n for n, one in enumerate(self._seconds[:200]) if slot.fits(one.problem))
            return self._seconds.pop(next(fits, 0))

    def _judge(self, slot: Slot, job: _Job, shared: _Shared) -> None:
        slot.turn = 0
        ruled = self._ruled(slot, job)
        same = job.second and ruled.verdict.status == self.verdicts[job.number].status
        if same or (job.second and job.number in self._last):
            return
        self.verdicts[job.number] = ruled.verdict
        if job.again or ruled.flags or not self.final:
            self._told(job.number, ruled.verdict, True)
            return
        again: list[_Job] = []
        worker = slot.untrusted
        if worker is not shared.worker and not ruled.odd:
            shared.worker, shared.failed = worker, []
        if job.second:  # the first look was disturbed, and so may be all beside it
            again = [*self._beams[job.number], job]
        elif ruled.verdict.status in _DOUBTED and slot.turn > 1:
            self._look_again(job, shared)
        elif ruled.verdict.status == "fail":
            shared.failed.append(job)
        if ruled.odd:
            again = [*again, *shared.failed, job]
            shared.worker, shared.failed = None, []
        doubted = ruled.verdict.status in _DOUBTED or bool(again)
        self._told(job.number, ruled.verdict, not doubted)
        with self._lock:
            for one in again:
                if one.number not in self._last:
                    self._last.add(one.number)
                    self._waiting.append(replace(one, second=False, again=True))
            self._seconds = [one for one in self._seconds if one.number not in self._last]

    def _told(self, number: int, verdict: Verdict, last: bool) -> None:
        if self.tell is not None:
            self.tell(number, verdict, last)

    def _look_again(self, job: _Job, shared: _Shared) -> None:
        """Whoever came before in the BEAM may have spoilt it: a second look beside others, in an
        order that nobody can know from the first."""
        shared.failed.append(job)
        self._beams[job.number] = shared.failed
        if self._random.randrange(_LOOKED_AT):
            return
        with self._lock:
            self._seconds.append(replace(job, second=True))
            self._random.shuffle(self._seconds)
            # whoever failed first in a BEAM may have spoilt it for the rest, and goes last now
            self._seconds.sort(key=lambda one: self._beams[one.number][0].number == one.number)

    def _ruled(self, slot: Slot, job: _Job) -> Ruled:
        """One more try if a BEAM of ours failed."""
        ruled = self._tried(slot, job)
        faulty = ruled.verdict.status == "harness_error"
        if not faulty or ruled.verdict.detail.startswith("BAD_ROW"):
            return ruled
        again = self._tried(slot, job)
        if again.verdict.status == "harness_error" and again.verdict.assurance == "split":
            # twice the tests' own BEAM ended under what came over: that is the candidate's doing
            return replace(again, verdict=replace(again.verdict, status="killed"))
        return again

    def _tried(self, slot: Slot, job: _Job) -> Ruled:
        try:
            if not self.final:
                return first_look(slot, job.problem, job.program, self.limits)
            return decide(slot, self._known, job.problem, job.program, self.limits, fresh=job.again)
        except (Gone, GroupError, OSError) as problem:
            if self.stop.is_set():
                raise Stopped from None
            slot.close()
            return Ruled(Verdict("harness_error", f"{type(problem).__name__}: {problem}"))
