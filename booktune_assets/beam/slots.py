"""One lane of judging: a trusted BEAM, an untrusted one, and one for tests that need both.

Belongs here: preparing problems, split runs, runs in one BEAM, when a BEAM is too used or too
spoilt for the next job. Does not: the order of jobs and which run has the last word
(``runner.py``).
"""

from __future__ import annotations

import base64
import secrets
import select
import threading
from dataclasses import dataclass, field
from typing import Literal

from booktune_assets.beam.given import with_given
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.programs import (
    Program,
    files_term,
    interface_term,
    key_of,
)
from booktune_assets.beam.sandbox import Limits
from booktune_assets.beam.verdicts import Assurance, Status, Verdict, said
from booktune_assets.beam.wire import Atom, Raw, Term
from booktune_assets.beam.workers import Answer, Gone, Stopped, Worker

__all__ = ["Book", "Prepared", "Slot", "Split", "Use"]

_JOBS = {"untrusted": 100, "inbeam": 100}  # candidates that one BEAM takes
_QUICK = 500  # the same for first looks, which are nobody's last word
_ATOMS = 400_000  # of 1,048,576 that a BEAM can have; they are never freed
_CHATTER = 32_000  # bytes of output after which a BEAM is replaced
_PREPARE = Limits(cpu_seconds=20, wall_seconds=120.0)
_TIDY = Limits(cpu_seconds=20, wall_seconds=120.0)


@dataclass(frozen=True, slots=True)
class Prepared:
    """``split``: the tests stand by themselves, ``made`` holds them compiled. ``in_beam``: they
    need the candidate first, perhaps nothing but its ``structs``. ``broken``: nothing can be
    judged by them."""

    kind: Literal["split", "in_beam", "broken"]
    why: str = ""
    count: int = 0
    made: bytes = b""
    structs: bool = False


@dataclass(slots=True)
class Use:
    """What BEAMs cost, booting and preparing included: how many, and their CPU seconds."""

    beams: int = 0
    cpu_seconds: float = 0.0


@dataclass(slots=True)
class Book:
    """Problems that were prepared, for all slots of one judging, and what all BEAMs used."""

    prepared: dict[str, Prepared] = field(default_factory=dict[str, Prepared])
    use: Use = field(default_factory=Use)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Split:
    """Outcome of a split run. ``open`` names what kept it from being plain data: with it, a
    failure may be the wall's fault. ``spoilt``: the untrusted BEAM is of no more use."""

    verdict: Verdict
    open: tuple[str, ...] = ()
    spoilt: bool = False


class Slot:
    """BEAMs of one thread. Close it, whatever happens."""

    def __init__(
        self, book: Book, stop: threading.Event, limits: Limits, *, quick: bool = False
    ) -> None:
        self.book, self.stop, self.limits = book, stop, limits
        self.quick = quick  # for first looks only: a BEAM may take two candidates of one problem
        self._trusted: Worker | None = None
        self._known: set[str] = set()  # problems that the trusted BEAM holds
        self._used: dict[str, Worker] = {}  # untrusted, in_beam
        self._run = 0
        self.turn = 0  # the most candidates that a BEAM of the current job has had, it included
        self.second = False  # do its BEAMs take second looks?

    def close(self) -> None:
        self.drop_trusted()
        for part in list(self._used):
            self.drop(part)

    # the trusted BEAM

    def trusted(self) -> Worker:
        if self._trusted is None or not self._trusted.live.alive():
            self.drop_trusted()
            self._trusted = self._start("trusted", "elixir")
            self._known = set()
        return self._trusted

    def drop_trusted(self) -> None:
        if self._trusted is not None:
            self._end(self._trusted)
        self._trusted = None

    def _start(self, part: Literal["trusted", "untrusted", "inbeam"], language: str) -> Worker:
        return Worker(part, language, self.stop, self.limits)

    def _end(self, worker: Worker) -> None:
        worker.kill()
        with self.book.lock:
            self.book.use.beams += 1
            self.book.use.cpu_seconds += worker.live.cpu_seconds()

    def prepare(self, problem: Problem) -> Prepared:
        """Compile the tests, once in all slots."""
        key = key_of(problem)
        found = self.book.prepared.get(key)
        if found is None:
            try:
                found = self._prepare(key, problem)
            except Gone as gone:
                self.drop_trusted()
                found = Prepared("broken", f"compiling the tests ended: {gone}")
            self.book.prepared[key] = found
        elif found.kind == "split" and (key not in self._known or self._trusted is None):
            trusted = self.trusted()
            trusted.send((Atom("restore"), key, Raw(found.made)))
            self._known.add(key)
        return found

    def _prepare(self, key: str, problem: Problem, structs: bytes = b"") -> Prepared:
        trusted = self.trusted()
        with trusted.within(_PREPARE):
            trusted.send((
                Atom("prepare"), key, Atom(problem.language), problem.tests,
                interface_term(problem), files_term(problem.files), structs,
            ))  # fmt: skip
            answer, made = self._compiled(trusted)
        return self._prepared(key, answer, made)

    def _shaped(self, problem: Problem, worker: Worker) -> str | None:
        """Compile tests that lack but the candidate's structs: with their fields and defaults, as
        data. The key of what came of it, for this candidate; None if it lacks more."""
        worker.send(Atom("structs"))
        try:
            structs = base64.b64decode(worker.answer().words[0], validate=True)
        except (IndexError, ValueError):
            return None
        key = f"{key_of(problem)} with structs"
        return key if self._prepare(key, problem, structs).kind == "split" else None

    def _compiled(self, trusted: Worker) -> tuple[Answer, bytes]:
        made = b""
        while True:
            found = trusted.frames()
            for number, frame in enumerate(found):
                if frame[:1] == b"B":
                    made = frame[1:]
                elif frame[:1] == b"R":
                    trusted.keep(found[number + 1 :])
                    return Answer(frame[1:]), made

    def _prepared(self, key: str, answer: Answer, made: bytes) -> Prepared:
        match answer.words:
            case ["prepared", count]:
                self._known.add(key)
                return Prepared("split", "", int(count), made)
            case ["needs_candidate" | "needs_structs" as lack]:
                return Prepared("in_beam", said(answer.text), structs=lack == "needs_structs")
            case _:
                return Prepared("broken", said(answer.text) or "the tests cannot be used")

    def screen(self, problem: Problem, one: Program) -> str:
        """What the source touches that it may not beside the tests, in words; empty if nothing.

        Where the tests have files of their own it may not touch files at all."""
        trusted = self.trusted()
        try:
            sources: list[Term] = [*one.sources.values()]
            beside = files_term(one.files)
            with trusted.within(_PREPARE):
                secret = Atom("true" if problem.secret else "false")
                trusted.send((
                    Atom("screen"), Atom(problem.language), sources, beside, problem.tests, secret,
                ))  # fmt: skip
                answer = trusted.answer()
        except Gone as gone:
            self.drop_trusted()
            return f"it could not be screened: {gone}"
        if int(answer.words[1]) > _ATOMS:
            self.drop_trusted()
        return "" if answer.words[0] == "clean" else said(answer.text)

    # untrusted BEAMs

    def used(
        self, part: Literal["untrusted", "inbeam"], problem: Problem, *, fresh: bool = False
    ) -> Worker:
        """A BEAM for a candidate of this problem: never two of one problem in one BEAM, so that
        what a candidate leaves behind cannot hold the next one's answers."""
        worker = self._used.get(part)
        if worker is not None and (
            fresh or worker.jobs >= (_QUICK if self.quick else _JOBS[part])
            or not self._takes(worker, problem) or not worker.live.alive()
        ):  # fmt: skip
            self.drop(part)
            worker = None
        if worker is None:
            worker = self._used[part] = self._start(part, problem.language)
        worker.jobs += 1
        self.turn = max(self.turn, worker.jobs)
        worker.problems.add(problem.id)
        return worker

    @property
    def untrusted(self) -> Worker | None:
        return self._used.get("untrusted")

    def drop(self, part: str) -> None:
        if (worker := self._used.pop(part, None)) is not None:
            self._end(worker)

    def renew(self) -> None:
        """BEAMs without the predecessors that candidates had so far, for second looks."""
        if not self.second:
            self.second = True
            for part in list(self._used):
                self.drop(part)

    def fits(self, problem: Problem) -> bool:
        """Can the running BEAM take a candidate of this problem?"""
        worker = self._used.get("untrusted") or self._used.get("inbeam")
        return worker is None or self._takes(worker, problem)

    def _takes(self, worker: Worker, problem: Problem) -> bool:
        known = problem.id in worker.problems and not self.quick
        return worker.language == problem.language and not known

    # a split run

    def split(
        self, problem: Problem, one: Program, limits: Limits, *, fresh: bool = False
    ) -> Split:
        """Tests in the trusted BEAM, the candidate in another. ``open`` says "together" where the
        tests cannot even be compiled without it."""
        key: str | None = key_of(problem)
        apart = self.prepare(problem).kind == "split"
        trusted, worker = self.trusted(), self.used("untrusted", problem, fresh=fresh)
        before = trusted.live.cpu_seconds() + worker.live.cpu_seconds()
        self._run = self._run % 0x7FFF_FFFF + 1
        phase: Literal["compile", "run"] = "compile"
        result: Answer | None = None
        gone: Gone | None = None
        try:
            if refusal := self._load(worker, problem, one, limits):
                result = refusal
            elif apart or (key := self._shaped(problem, worker)) is not None:
                phase = "run"
                with trusted.within(limits):
                    result = self._tests(trusted, worker, str(key))
            else:
                spoilt = self._tidy("untrusted", worker)
                return Split(Verdict("unsupported"), ("together",), spoilt=spoilt)
        except Gone as one_gone:
            gone = one_gone
        cpu = round(trusted.live.cpu_seconds() + worker.live.cpu_seconds() - before, 3)
        if gone is not None:
            return self._ended(gone, trusted, phase, cpu)
        if result is None:
            raise Stopped
        return self._judged(result, worker, cpu)

    def _load(
        self, worker: Worker, problem: Problem, one: Program, limits: Limits
    ) -> Answer | None:
        """Compile the candidate; the answer if that is the verdict."""
        worker.allow(limits)
        one = with_given(one, problem)
        worker.send((
            Atom("load"), self._run, Atom(problem.language), files_term(one.sources),
            interface_term(problem), files_term(one.files, problem.beside),
        ))  # fmt: skip
        answer = worker.answer()
        return None if answer.words == ["ok"] else answer

    def _tests(self, trusted: Worker, worker: Worker, key: str) -> Answer:
        """Run the tests, passing calls and answers to and fro."""
        trusted.send((Atom("run"), key, self._run))
        run = self._run.to_bytes(4, "big")
        while not self.stop.is_set():
            ready, _, _ = select.select([trusted.inbox, worker.inbox], [], [], 0.25)
            if trusted.inbox in ready:
                for frame in trusted.take():
                    if frame[:1] == b"R":
                        return Answer(frame[1:])
                    worker.relay(frame)
            if worker.inbox in ready:
                for frame in worker.take():
                    if frame[:1] == b"C" and frame[1:5] == run:
                        trusted.relay(frame)
        raise Stopped

    def _ended(
        self, gone: Gone, trusted: Worker, phase: Literal["compile", "run"], cpu: float
    ) -> Split:
        """One of the two BEAMs is no more."""
        self.drop("untrusted")
        if not trusted.live.alive():  # by what the candidate sent: its own limits hold there
            self.drop_trusted()
            detail = f"the BEAM of the tests ended: {gone}"
            status: Status = gone.status if gone.status in ("timeout", "oom") else "harness_error"
            return Split(Verdict(status, said(detail), 0, cpu, "split", "run"), spoilt=True)
        if phase == "run":
            self._abort(trusted)
        words = f"{phase}: {gone.output}" if gone.output else phase
        return Split(Verdict(gone.status, said(words), 0, cpu, "split", phase), spoilt=True)

    def _abort(self, trusted: Worker) -> None:
        try:
            with trusted.within(_TIDY):
                trusted.send(Atom("abort"))
                while trusted.answer().words != ["aborted"]:
                    pass
        except Gone:
            self.drop_trusted()

    def _judged(self, answer: Answer, worker: Worker, cpu: float) -> Split:
        word, *rest = answer.words or [""]
        detail = said(answer.text)
        if word in ("compile_error", "missing", "redefines"):
            status: Status = "compile_error" if word == "compile_error" else "fail"
            spoilt = self._tidy("untrusted", worker) or word == "redefines"
            if spoilt:
                self.drop("untrusted")
            return Split(Verdict(status, detail, 0, cpu, "split"), spoilt=spoilt)
        ran = int(rest[0]) if rest and rest[0].isdecimal() else 0
        if word not in ("pass", "fail", "timeout", "harness_error"):
            self.drop("untrusted")
            status = "unsupported" if word == "unsupported" else "killed"
            verdict = Verdict(status, detail, ran, cpu, "split", "run")
            return Split(verdict, ("unsupported",) if word == "unsupported" else (), spoilt=True)
        spoilt = self._tidy("untrusted", worker)
        status = word
        phase: Literal["", "run"] = "run" if status == "timeout" else ""
        marks = tuple(mark for mark in rest[1:] if mark != "late")
        late = "late" in rest[1:]
        return Split(Verdict(status, detail, ran, cpu, "split", phase, late), marks, spoilt=spoilt)

    def _tidy(self, part: str, worker: Worker) -> bool:
        """Clear a BEAM for the next candidate; True if it has to go."""
        try:
            worker.allow(_TIDY)
            worker.send(Atom("done"))
            answer = worker.answer()
            while answer.words[:1] != ["clean"]:
                answer = worker.answer()
            if int(answer.words[1]) < _ATOMS and len(worker.live.output()) < _CHATTER:
                return False
            self.drop(part)
            return False
        except (Gone, ValueError, IndexError):
            self.drop(part)
            return True

    # a run in one BEAM

    def in_beam(self, problem: Problem, one: Program, limits: Limits, *, fresh: bool) -> Verdict:
        """Tests and candidate in one BEAM. ``fresh``: one that nobody used before or will after."""
        prepared = self.prepare(problem)
        tests: Term = (Atom("source"), problem.tests)
        if prepared.kind == "split":
            tests = Raw(prepared.made)
        worker = self.used("inbeam", problem, fresh=fresh)
        one = with_given(one, problem)
        assurance: Assurance = "in_beam" if fresh else "warm"
        nonce = secrets.token_hex(16)
        before = worker.live.cpu_seconds()
        ready = False
        try:
            worker.allow(limits)
            worker.send((
                Atom("judge"), nonce, tests, files_term(one.sources), interface_term(problem),
                files_term(one.files, problem.beside), files_term(one.files, problem.files),
            ))  # fmt: skip
            ready = worker.answer().words == [nonce, "ready"]
            answer = worker.answer()
        except Gone as gone:
            cpu = round(worker.live.cpu_seconds() - before, 3)
            self.drop("inbeam")
            return Verdict(gone.status, said(gone.output), 0, cpu, assurance, "run")
        cpu = round(worker.live.cpu_seconds() - before, 3)
        if fresh or self._tidy("inbeam", worker):
            self.drop("inbeam")
        return _in_beam(answer, nonce, ready, cpu, assurance)


def _in_beam(answer: Answer, nonce: str, ready: bool, cpu: float, assurance: Assurance) -> Verdict:
    nonce_said, status, ran, *more = [*answer.words, "", "", ""][: max(3, len(answer.words))]
    ours = nonce_said == nonce and ready and ran.isdecimal() and more in ([], ["late"])
    known = ("pass", "fail", "compile_error", "timeout", "suspicious", "harness_error")
    if ours and status in known:
        return Verdict(status, said(answer.text), int(ran), cpu, assurance, late=bool(more))
    return Verdict("suspicious", "an answer that is not the harness's", 0, cpu, assurance)
