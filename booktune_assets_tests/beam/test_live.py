"""A sandboxed process that lives on: pipes, limits, counters, and an end that leaves nothing."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Generator

import pytest

from booktune_assets.beam import cgroups, deadline
from booktune_assets.beam import live as live_module
from booktune_assets.beam.processes import waited_of_tree
from booktune_assets.beam.sandbox import Limits, Live, probe, start
from booktune_assets_tests.beam.hostile_runs import descriptors, remains

pytestmark = pytest.mark.skipif(probe().kind == "none", reason=f"no sandbox: {probe().reason}")
ECHO = """
eval "exec 8<&$BOOKTUNE_REQUEST_FD 9>&$BOOKTUNE_REPLY_FD"
while read -r line <&8; do echo "got $line" >&9; done
exit 4
"""
SPIN = "while :; do :; done"


def shell(script: str, **limits: float) -> Live:
    return start(["bash", "-c", script], limits=Limits(**limits))  # type: ignore[arg-type]


def readable(live: Live, seconds: float) -> bool:
    return bool(select.select([live], [], [], seconds)[0])


def test_jobs_go_in_and_answers_come_out() -> None:
    with shell(ECHO) as live:
        for n in range(3):
            os.write(live.requests, b"job %d\n" % n)
            assert os.read(live.replies, 100) == b"got job %d\n" % n
        assert live.alive()
        assert not readable(live, 0)
        live.close_requests()
        assert readable(live, 20)
        assert os.read(live.replies, 100) == b""
        assert live.wait() == 4
        assert not live.alive()
        assert live.over is None


def test_stdin_is_empty_and_output_is_apart() -> None:
    with shell("read line; echo $?; echo err >&2; echo out; echo r >&$BOOKTUNE_REPLY_FD") as live:
        assert live.wait() == 0
        assert live.output() == b"1\nerr\nout\n"


def test_a_flood_ends_it() -> None:
    with shell("yes", output_bytes=5000) as live:
        assert os.read(live.replies, 1) == b""
        live.wait()
        assert live.over == "output_limit"
        assert len(live.output()) == 5000


def test_cpu_time_is_counted_while_it_lives_and_bounded() -> None:
    with shell(SPIN, cpu_seconds=0.4) as live:
        assert os.read(live.replies, 1) == b""
        live.wait()
        assert live.over == "timeout"
        assert 0.4 <= live.cpu_seconds() < 1.0


def test_waiting_for_a_processor_is_the_machines_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is added to the limit by the clock, three times of that at most; sleep is not."""
    monkeypatch.setattr(live_module, "_LONGEST", 0.1)
    monkeypatch.setattr(deadline, "_SETTLED", 0.2)
    ended: list[float] = []

    def never(_pid: int) -> float:
        return 7.0

    def always(_pid: int) -> float:
        return time.monotonic()

    for waited in (never, always):
        monkeypatch.setattr(deadline, "waited_of_tree", waited)
        with shell("sleep 600", wall_seconds=2.0) as live:
            live.wait()
            assert live.over == "timeout"
        ended.append(live.wall_seconds)
    assert ended[0] >= 2.0
    assert ended[1] >= 5.9


def test_waits_of_all_below_are_counted() -> None:
    """Two that share a processor wait for half of their time."""
    one = str(min(os.sched_getaffinity(0)))
    spin = f"taskset -c {one} sh -c 'while :; do :; done & while :; do :; done'"
    with subprocess.Popen(["sh", "-c", f"{spin} & wait"], start_new_session=True) as busy:
        try:
            until = time.monotonic() + 60
            while (waited := waited_of_tree(busy.pid)) < 0.2 and time.monotonic() < until:
                time.sleep(0.05)
            assert waited >= 0.2
        finally:
            os.killpg(busy.pid, signal.SIGKILL)
    assert waited_of_tree(busy.pid) == 0  # it is gone


def test_cpu_time_of_children_that_detach_is_counted() -> None:
    script = f"for n in 1 2 3; do setsid sh -c '{SPIN}' & done; sleep 60"
    with shell(script, cpu_seconds=0.5, wall_seconds=30) as live:
        assert os.read(live.replies, 1) == b""
        live.wait()
        assert live.over == "timeout"
        assert live.wall_seconds < 20


def test_deadlines_are_given_anew_for_each_job() -> None:
    with shell(SPIN, cpu_seconds=60) as live:
        live.allow(0.3, 30)
        before = live.cpu_seconds()
        assert os.read(live.replies, 1) == b""
        live.wait()
        assert live.over == "timeout"
        assert 0.25 <= live.cpu_seconds() - before < 1.0
    with shell("sleep 60", wall_seconds=60) as live:
        live.allow(30, 0.3)
        assert os.read(live.replies, 1) == b""
        live.wait()
        assert (live.over, live.wall_seconds < 20) == ("timeout", True)


@pytest.mark.skipif(not cgroups.find().has("memory"), reason="no memory cgroup")
def test_memory_is_bounded_and_its_peak_known() -> None:
    with shell("x=$(tr '\\0' a </dev/zero)", memory_mb=40) as live:
        live.wait()
        assert live.over == "oom"
        assert live.oom_killed()
        assert 30 << 20 < live.memory_peak() <= 40 << 20


def test_kill_may_come_at_any_time_and_twice() -> None:
    for pause in (0.0, 0.001, 0.005, 0.02):
        live = shell("sleep 60 & sleep 60")
        time.sleep(pause)
        live.kill()
        live.kill()
        assert not live.alive()
        assert live.exit_code not in (None, 0)
        assert (live.requests, live.replies, live.fileno()) == (-1, -1, -1)
    assert remains() == []


def test_it_outlives_the_thread_that_started_it() -> None:
    made: list[Live] = []
    thread = threading.Thread(target=lambda: made.append(shell(ECHO)))
    thread.start()
    thread.join()
    with made[0] as live:
        assert not readable(live, 0.3)
        os.write(live.requests, b"x\n")
        assert os.read(live.replies, 100) == b"got x\n"


def test_many_starts_leave_nothing() -> None:
    with shell("true") as live:
        live.wait()
    before, threads = descriptors(), threading.active_count()
    for n in range(60):
        with shell("sleep 60 & echo started; sleep 60") as live:
            if n % 3 == 0:
                time.sleep(0.02)
    assert descriptors() == before
    assert threading.active_count() == threads
    assert remains() == []


def test_a_start_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from booktune_assets.beam import sandbox

    def refuse(*_: object) -> None:
        raise OSError("no more processes")

    with shell("true") as live:
        live.wait()
    before = descriptors()
    monkeypatch.setattr(sandbox, "spawn", refuse)
    with pytest.raises(OSError, match="no more processes"):
        shell("true")
    assert descriptors() == before
    assert remains() == []


@pytest.fixture
def no_groups(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    monkeypatch.setenv("BOOKTUNE_CGROUP", "off")
    cgroups.find.cache_clear()
    yield
    cgroups.find.cache_clear()


@pytest.mark.usefixtures("no_groups")
def test_without_cgroups_cpu_time_is_bounded() -> None:
    assert "switched off" in cgroups.find().reason
    with shell(f"setsid sh -c '{SPIN}' & {SPIN}", cpu_seconds=0.6) as live:
        assert os.read(live.replies, 1) == b""
        live.wait()
        assert live.over == "timeout"
        assert 0.3 < live.cpu_seconds() < 3  # what ended unwaited-for is not counted
    with shell("setsid sleep 654.321 & sleep 654.321") as live:
        time.sleep(0.1)
    assert remains() == []


@pytest.mark.usefixtures("no_groups")
def test_without_cgroups_memory_is_bounded() -> None:
    grow = "sh -c 'x=$(tr \\\\0 a </dev/zero | head -c 30000000); sleep 60'"
    with shell(f"{grow} & {grow} & {grow} & wait", memory_mb=100, wall_seconds=50) as live:
        live.wait()
        assert live.over == "oom", "three together, none of them alone"
        assert live.oom_killed()
        assert live.memory_peak() >= 100 << 20  # how far beyond, the load of the machine says
    alone = "x=$(tr '\\0' a </dev/zero | head -c 200000000); echo held"
    with shell(alone, memory_mb=50) as live:
        live.wait()
        assert b"held" not in live.output()


def test_a_new_job_while_the_old_deadline_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look that began with the old job's numbers neither fails nor ends the new job."""
    monkeypatch.setattr(live_module, "_LONGEST", 0.05)
    monkeypatch.setattr(deadline, "_SETTLED", 0.1)
    looks: list[bool] = []

    def waited(_pid: int) -> float:
        looks.append(live.alive())
        if len(looks) == 2:  # the first is at _SETTLED, the second when the old job's time is over
            live.allow(30, 30)
        return 0.0

    monkeypatch.setattr(deadline, "waited_of_tree", waited)
    with shell("sleep 60", wall_seconds=0.5) as live:
        until = time.monotonic() + 60
        while len(looks) < 3 and time.monotonic() < until:  # the third is of the new job
            time.sleep(0.02)
        assert (looks[:3], live.alive(), live.over) == ([True] * 3, True, None)
        live.allow(30, 0.1)
        live.wait()
        assert live.over == "timeout"


@pytest.mark.parametrize("fault", [OSError, TypeError])
def test_what_cannot_be_watched_is_ended(
    monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    def fail(_: Live) -> float:
        raise fault("the count of CPU time is gone")

    monkeypatch.setattr(Live, "cpu_seconds", fail)
    live = shell("sleep 60")
    assert readable(live, 20)
    monkeypatch.undo()
    with pytest.raises(cgroups.GroupError):
        live.kill()
    assert remains() == []
