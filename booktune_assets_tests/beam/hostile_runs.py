"""Runs the programs of ``hostile/`` in a sandbox: as a program runs, and while it is compiled.

Belongs here: what stands around a hostile program, what it must not reach, what may be left.
"""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from booktune_assets.beam import cgroups
from booktune_assets.beam.sandbox import Limits, Ran, run

PROGRAMS = Path(__file__).parent / "hostile"
SECRET, VARIABLE = "h0stile-secret-on-disk", "h0stile-secret-in-environment"
LIMITS = Limits(
    cpu_seconds=0.9, wall_seconds=30.0, memory_mb=256, tmp_mb=8, output_bytes=64_000, tasks=64
)
LONG = replace(LIMITS, cpu_seconds=8)  # a slow machine starts Elixir, and fills memory, slowly
_SPIN = (
    "bignum", "blocking", "busy_processes", "expansion", "huge_source", "loop", "process_bomb",
)  # fmt: skip
_OTHER = {  # programs that wait are ended by the clock, those that spin by their CPU time
    "sleep": replace(LONG, wall_seconds=2.0),
    "fork_bomb": replace(LIMITS, wall_seconds=3.0),
    "kill_all": replace(LONG, wall_seconds=10.0),
    **dict.fromkeys(_SPIN, LIMITS),
}
_FLAGS = "+S 1:1 +SDcpu 1:1 +SDio 1 +A 1 +sbwt none +sbwtdcpu none +sbwtdio none"
_ERLANG = {
    "run": '{ok,act,B}=compile:file(J++"/act.erl",[binary]),code:load_binary(act,"act.erl",B),'
    "act:act(),halt(0).",
    "compile": '{ok,act,B}=compile:file(J++"/act.erl",[binary]),code:load_binary(act,"act.erl",B),'
    'compile:file(J++"/user.erl",[binary,{parse_transform,act}]),halt(0).',
}


@dataclass(frozen=True, slots=True)
class Case:
    """``when``: ``run`` or ``compile``; ``language``: the suffix of the program's file."""

    name: str
    language: str
    when: str

    def __str__(self) -> str:
        return f"{self.name}-{'elixir' if self.language == 'exs' else 'erlang'}-{self.when}"


@dataclass(frozen=True, slots=True)
class Aim:
    """What the programs are told to go for, and what came of it."""

    secret: Path
    listeners: tuple[socket.socket, ...]
    text: str

    def touched(self) -> list[str]:
        """What a program did outside; empty if nothing."""
        found: list[str] = []
        for listener in self.listeners:
            try:
                listener.recv(100) if listener.type == socket.SOCK_DGRAM else listener.accept()
            except BlockingIOError:
                continue
            found.append(f"a connection to {listener.getsockname()}")
        if not self.secret.exists() or self.secret.read_text() != SECRET:
            found.append("the secret was changed")
        places = ["/", "/usr", "/usr/bin", "/usr/lib", "/etc", "/var/tmp", "/home", "/root", "/dev"]
        for place in (*places, "/dev/shm", "/tmp", str(self.secret.parent)):
            found += map(str, Path(place).glob("hostile-mark*"))
        return found


@contextmanager
def aim() -> Generator[Aim]:
    """A secret file that anybody may read, a variable of ours, and listeners."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        secret = Path(folder, "secret")
        secret.write_text(SECRET)
        secret.chmod(0o666)
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        name = f"hostile-{Path(folder).name}"
        local.bind(f"\0{name}")
        local.listen()
        os.environ["BOOKTUNE_HOSTILE_SECRET"] = VARIABLE
        try:
            for listener in (tcp, udp, local):
                listener.setblocking(False)
            ports = f"{tcp.getsockname()[1]}\n{udp.getsockname()[1]}"
            yield Aim(secret, (tcp, udp, local), f"{secret}\n{ports}\n{name}\n")
        finally:
            os.environ.pop("BOOKTUNE_HOSTILE_SECRET", None)
            for listener in (tcp, udp, local):
                listener.close()


def attack(case: Case, target: Aim, limits: Limits) -> Ran:
    """One hostile program in a sandbox."""
    source = (PROGRAMS / f"{case.name}.{case.language}").read_text()
    if case.language == "exs":
        inner = f"def act do\n{source}\nend" if case.when == "run" else source
        program = f"defmodule Act do\n{inner}\nend\n" + ("Act.act()" if case.when == "run" else "")
        files = {"act.exs": program}
        command = ["elixir", "--erl", _FLAGS, "/job/act.exs"]
    else:
        files = {"act.erl": source, "user.erl": "-module(user)."}
        job = 'J=os:getenv("BOOKTUNE_JOB"),'
        command = ["erl", *_FLAGS.split(), "-noshell", "-eval", job + _ERLANG[case.when]]
    return run(["env", "ERL_CRASH_DUMP_BYTES=0", *command], {**files, "aim": target.text}, limits)


def attack_in_turn(names: Iterable[str], language: str, target: Aim, limits: Limits) -> Ran:
    """Programs that end by themselves, one after the other in one sandbox."""
    sources = [(PROGRAMS / f"{name}.{language}").read_text() for name in names]
    if language == "exs":
        acts = "".join(f"def act{n} do\n{text}\nend\n" for n, text in enumerate(sources))
        calls = "".join(f"Act.act{n}()\n" for n in range(len(sources)))
        files = {"act.exs": f"defmodule Act do\n{acts}end\n{calls}"}
        command = ["elixir", "--erl", _FLAGS, "/job/act.exs"]
    else:
        files = {
            f"act{n}.erl": text.replace("-module(act)", f"-module(act{n})")
            for n, text in enumerate(sources)
        }
        each = "".join(
            f'{{ok,_,B{n}}}=compile:file(J++"/act{n}.erl",[binary]),'
            f'code:load_binary(act{n},"",B{n}),act{n}:act(),'
            for n in range(len(sources))
        )
        script = f'J=os:getenv("BOOKTUNE_JOB"),{each}halt(0).'
        command = ["erl", *_FLAGS.split(), "-noshell", "-eval", script]
    return run(["env", "ERL_CRASH_DUMP_BYTES=0", *command], {**files, "aim": target.text}, limits)


def all_of(cases: Iterable[Case], target: Aim) -> dict[Case, tuple[Ran, Ran]]:
    """Each case's run, and the run of a plain program straight after it."""

    def one(case: Case) -> tuple[Ran, Ran]:
        ran = attack(case, target, _OTHER.get(case.name, LONG))
        plain = run(["sh", "-c", "cat $BOOKTUNE_JOB/note; expr 6 '*' 7"], {"note": "and "})
        return ran, plain

    chosen = list(cases)
    with ThreadPoolExecutor(3) as pool:
        return dict(zip(chosen, pool.map(one, chosen), strict=True))


def remains() -> list[str]:
    """What sandboxes of this process left on the machine: processes, groups, folders."""
    ours = f"booktune-{os.getpid()}-*"
    found = [str(path) for path in Path("/dev/shm").glob(ours)]
    found += map(str, Path(tempfile.gettempdir()).glob(ours))
    for place, _ in cgroups.find().parents.values():
        found += map(str, place.glob(ours))
    own = range(1_879_048_192 + os.getpid() * 64, 1_879_048_192 + os.getpid() * 64 + 64)
    for entry in Path("/proc").iterdir():
        try:
            status = (entry / "status").read_text() if entry.name.isdecimal() else ""
            words = (entry / "cmdline").read_text() if status else ""
        except OSError:
            continue
        if "\nPPid:\t1\n" in status and "\nState:\tZ" in status:
            continue  # ended; the first process of the machine has not looked yet
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        if status and (int(fields["Uid"].split()[0]) in own or "654.321" in words):
            found.append(f"process {entry.name}: {words or fields['Name']} {fields['State']}")
    return found


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208
