"""BEAMs in sandboxes that take one job after another.

Belongs here: starting one, sending it jobs, waiting for its answers, why one ended. Does not:
which jobs (``split.py``, ``oneshot.py``), isolation (``sandbox.py``).
"""

from __future__ import annotations

import select
import shutil
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Literal

from booktune_assets.beam import sandbox
from booktune_assets.beam.ladder import missing as refusal
from booktune_assets.beam.sandbox import Limits, Live
from booktune_assets.beam.verdicts import Status
from booktune_assets.beam.wire import Atom, Broken, Inbox, Raw, Term, encode, write_frame
from booktune_assets.errors import BooktuneError, Code, MissingPrerequisite

__all__ = ["Answer", "Gone", "Stopped", "Worker", "missing", "run_limits"]

PRIV = Path(__file__).parent / "priv"
Part = Literal["trusted", "untrusted", "inbeam"]
# one scheduler of each kind and no busy waiting: less CPU, and few enough tasks for the limit
_EMULATOR = (
    "+S 1:1 +SDcpu 1:1 +SDio 1 +A 1 +sbwt none +sbwtdcpu none +sbwtdio none "
    "-proto_dist none -noshell -noinput"
)
_OPEN = (
    'N = fun(X) -> list_to_integer(os:getenv(X)) end, P = open_port({fd, N("BOOKTUNE_REQUEST_FD"), '
    'N("BOOKTUNE_REPLY_FD")}, [{packet, 4}, binary, eof]), receive {P, {data, B}} -> '
    "{Part, Ms} = binary_to_term(B), [code:load_binary(M, M, C) || {M, C} <- Ms], "
    "booktune_main:start(Part, P) end."
)
_COMPILE = (
    'Fs = filelib:wildcard("/job/*.erl"), Ms = [begin {ok, M, B} = compile:file(F, [binary]), '
    '{M, B} end || F <- Fs], P = open_port({fd, 0, list_to_integer(os:getenv("BOOKTUNE_REPLY_FD"))}'
    ", [out]), port_command(P, term_to_binary(Ms)), halt(0)."
)
_LASTS = 86_400.0  # seconds that a worker may live; each job has limits of its own
_BOOT = Limits(cpu_seconds=60, wall_seconds=600.0)
_OUT_OF_MEMORY = (b"_alloc: Cannot", b"Cannot allocate memory")
_LOOK = 0.25  # seconds between two looks at whether we should stop


class Gone(Exception):
    """The worker ended before its answer. ``status`` says how, ``output`` its last words."""

    def __init__(self, status: Status, output: str) -> None:
        super().__init__(f"{status}: {output}")
        self.status: Status = status
        self.output = output


class Stopped(Exception):
    """Judging was called off."""


class Answer:
    """``words`` of the first line and the ``text`` below it."""

    __slots__ = ("text", "words")

    def __init__(self, body: bytes) -> None:
        line, _, text = body.decode("utf-8", "replace").partition("\n")
        self.words = line.split()
        self.text = text


class Worker:
    """One BEAM. Not shared between threads, but ``stop`` may be set by another."""

    def __init__(self, part: Part, language: str, stop: threading.Event, limits: Limits) -> None:
        self.part, self.language, self.jobs = part, language, 0
        self.problems: set[str] = set()  # whose candidates were here
        self.stop = stop
        lasting = Limits(
            cpu_seconds=_LASTS, wall_seconds=_LASTS, memory_mb=limits.memory_mb,
            file_mb=limits.file_mb, tmp_mb=limits.tmp_mb, open_files=limits.open_files,
            tasks=limits.tasks, output_bytes=limits.output_bytes,
        )  # fmt: skip
        self.live: Live = sandbox.start(_command(_OPEN), {}, lasting, read_only=toolchain())
        self.inbox = Inbox(self.live.replies)
        self._heard: list[bytes] = []
        try:
            self.allow(_BOOT)
            role: Term = Atom("trusted") if part == "trusted" else (Atom(part), Atom(language))
            self._write(b"", encode((role, Raw(harness()))))
            if self.answer().words != ["ready"]:
                raise Gone("harness_error", "a BEAM did not start")
            self.live.allow(_LASTS, _LASTS)
        except BaseException:
            self.kill()
            raise

    def allow(self, limits: Limits) -> None:
        """Limits of the next job, counted from now."""
        self.live.allow(limits.cpu_seconds, limits.wall_seconds)

    @contextmanager
    def within(self, limits: Limits) -> Generator[None]:
        """Limits of one job; then it rests: a deadline that is over must not end it while others
        work."""
        self.allow(limits)
        yield
        self.live.allow(_LASTS, _LASTS)

    def send(self, job: Term) -> None:
        self._write(b"J", encode(job))

    def relay(self, frame: bytes) -> None:
        """Pass on what the other BEAM said."""
        self._write(frame[:1], frame[1:])

    def _write(self, kind: bytes, body: bytes) -> None:
        try:
            write_frame(self.live.requests, kind, body)
        except OSError:
            raise self.why_gone() from None

    def frames(self) -> list[bytes]:
        """What has come; waits for the next frame. Raises Gone at the end, Stopped when told."""
        if self._heard:
            heard, self._heard = self._heard, []
            return heard
        while not self.stop.is_set():
            if select.select([self.inbox], [], [], _LOOK)[0]:
                return self.take()
        raise Stopped

    def take(self) -> list[bytes]:
        """Frames that are there, possibly none. Raises Gone at the end."""
        try:
            found = self.inbox.take()
        except (Broken, OSError):
            self.live.kill()
            raise Gone("killed", "it broke the protocol") from None
        if self.inbox.ended:
            raise self.why_gone()
        return found

    def answer(self) -> Answer:
        """The next answer to a job; frames of another kind are dropped."""
        while True:
            found = self.frames()
            for number, frame in enumerate(found):
                if frame[:1] == b"R":
                    self._heard = found[number + 1 :]
                    return Answer(frame[1:])

    def keep(self, frames: list[bytes]) -> None:
        """Put back frames that belong to what comes next."""
        self._heard = frames + self._heard

    def why_gone(self) -> Gone:
        self.live.kill()
        output = self.live.output()
        status: Status = "killed"
        if self.live.over is not None and self.live.over != "exited":
            status = self.live.over
        elif self.live.oom_killed() or any(sign in output for sign in _OUT_OF_MEMORY):
            status = "oom"
        return Gone(status, output[-1_000:].decode("utf-8", "replace"))

    def kill(self) -> None:
        self.live.kill()


def run_limits(cpu_seconds: float = 10) -> Limits:
    """Limits of a candidate: CPU decides, six times as much by the clock is the outer bound."""
    return Limits(cpu_seconds=cpu_seconds, wall_seconds=6.0 * cpu_seconds)


def missing(language: str) -> BooktuneError | None:
    """What keeps candidates of this language from being judged here, or None."""
    found = sandbox.probe()
    if found.kind == "none":
        return refusal(found)
    for program in ("erl", "elixir") if language == "elixir" else ("erl",):
        if shutil.which(program) is None:
            return MissingPrerequisite(
                Code.MISSING_PROGRAM,
                "Install Elixir and Erlang (apt-get install elixir erlang-dev erlang-eunit)",
                program=program,
            )
    return None


@lru_cache(maxsize=1)
def harness() -> bytes:
    """The modules in ``priv/``, compiled once by the Erlang that will load them."""
    files = {file.name: file.read_text(encoding="utf-8") for file in sorted(PRIV.glob("*.erl"))}
    ran = sandbox.run(_command(_COMPILE), files, _BOOT, read_only=toolchain())
    if ran.end != "exited" or not ran.reply:
        words = ran.output.decode("utf-8", "replace")[-500:]
        raise MissingPrerequisite(
            Code.HARNESS_ERROR, f"Install erlang-dev and erlang-eunit as well: {words}"
        )
    return ran.reply


def _command(expression: str) -> list[str]:
    paths = [part for folder in _elixir_code() for part in ("-pa", str(folder))]
    return ["env", "ERL_CRASH_DUMP_BYTES=0", "erl", *_EMULATOR.split(), *paths, "-eval", expression]


@lru_cache(maxsize=1)
def _elixir_code() -> tuple[Path, ...]:
    found = shutil.which("elixir")
    home = Path(found).resolve().parents[1] if found else Path("/nowhere")
    return tuple(sorted(home.glob("lib/*/ebin")))


@lru_cache(maxsize=1)
def toolchain() -> Sequence[Path]:
    """Folders of an Elixir or Erlang that is not under ``/usr``."""
    found = (shutil.which(name) for name in ("elixir", "erl"))
    homes = {Path(path).resolve().parents[1] for path in found if path}
    return tuple(sorted(home for home in homes if not home.is_relative_to("/usr")))
