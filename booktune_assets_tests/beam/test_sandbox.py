"""What is run in the sandbox sees nothing, reaches nothing, and ends."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from booktune_assets.beam.sandbox import Limits, Ran, probe, run, start
from booktune_assets.errors import MissingPrerequisite

needs_sandbox = pytest.mark.skipif(probe().kind == "none", reason=f"no sandbox: {probe().reason}")
QUICK = Limits(cpu_seconds=2, wall_seconds=60.0)  # wide: a busy machine gives little CPU time
PROJECT = Path(__file__).resolve().parents[2]


def sh(script: str, **more: object) -> Ran:
    return run(["bash", "-c", script], limits=QUICK, **more)  # type: ignore[arg-type]


@needs_sandbox
def test_files_reply_and_input_cross() -> None:
    ran = sh('cat /job/note; read line; echo "$line" >&$BOOKTUNE_REPLY_FD; exit 3',
             files={"note": "grüße"}, stdin="secret\n")  # fmt: skip
    assert (ran.end, ran.exit_code) == ("exited", 3)
    assert ran.output.decode() == "grüße"
    assert ran.reply == b"secret\n"


@needs_sandbox
def test_busy_loop_ends_by_cpu_time_and_is_measured() -> None:
    ran = sh("while :; do :; done")
    assert ran.end == "timeout"
    assert 1.5 <= ran.cpu_seconds <= 4


@needs_sandbox
def test_cpu_of_children_is_counted() -> None:
    ran = run(
        ["sh", "-c", "sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'"], limits=QUICK
    )
    assert ran.end == "exited"
    assert ran.cpu_seconds > 0.05


@needs_sandbox
@pytest.mark.parametrize("script", ["sleep 60", "exec >/dev/null 2>&1; sleep 60"])
def test_sleeper_ends_by_the_clock(script: str) -> None:
    ran = run(["sh", "-c", script], limits=Limits(cpu_seconds=2, wall_seconds=1.0))
    assert ran.end == "timeout"
    assert ran.wall_seconds < 20


@needs_sandbox
def test_a_killed_timer_does_not_free_the_command() -> None:
    limits = Limits(cpu_seconds=2, wall_seconds=1.0)
    ran = run(["sh", "-c", "trap '' TERM; kill -9 $PPID; sleep 60"], limits=limits)
    assert ran.wall_seconds < 30


@needs_sandbox
def test_output_is_capped() -> None:
    ran = sh("yes")
    assert ran.end == "output_limit"
    assert len(ran.output) == QUICK.output_bytes


@needs_sandbox
def test_reply_is_capped() -> None:
    ran = sh("yes >&$BOOKTUNE_REPLY_FD")
    assert ran.end == "output_limit"


@needs_sandbox
def test_nothing_stays_behind() -> None:
    mark = "61.4142"
    ran = sh(f"setsid sleep {mark} & echo started")
    assert ran.output == b"started\n"
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
        if mark not in listing.stdout.replace(f"setsid sleep {mark} &", ""):
            return
        time.sleep(0.1)
    pytest.fail("a process outlived the sandbox")


@needs_sandbox
def test_no_environment_no_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKTUNE_TEST_SECRET", "do-not-leak")
    ran = sh("env; cat /proc/1/environ /proc/*/environ; ls /proc")
    assert b"do-not-leak" not in ran.output
    assert b"BOOKTUNE_TEST_SECRET" not in ran.output


@needs_sandbox
@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/etc/shadow", "/root", "/home", str(PROJECT / "pyproject.toml")]
)
def test_files_outside_are_not_there(path: str) -> None:
    assert Path(path).exists()
    ran = sh(f"ls -d {path}")
    assert ran.exit_code != 0


@needs_sandbox
@pytest.mark.parametrize("place", ["/", "/usr", "/job", "/dev", "/dev/shm", "/etc", "/usr/bin"])
def test_nothing_outside_tmp_can_be_written(place: str) -> None:
    ran = sh(f"echo x > {place}/booktune-was-here")
    assert ran.exit_code != 0
    assert not Path(place, "booktune-was-here").exists()


@needs_sandbox
def test_tmp_is_small_and_files_are_small() -> None:
    ran = sh(
        "for n in 1 2 3 4; do dd if=/dev/zero of=/tmp/$n bs=1M count=15 2>&1; done; du -sm /tmp"
    )
    assert b"No space left" in ran.output
    assert sh("dd if=/dev/zero of=/tmp/x bs=1M count=17; exit $?").exit_code != 0


@needs_sandbox
def test_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        port = server.getsockname()[1]
        ran = run(["bash", "-c", f"echo hi > /dev/tcp/127.0.0.1/{port}"], limits=QUICK)
        assert ran.exit_code != 0
        with pytest.raises(TimeoutError):
            server.accept()


@needs_sandbox
def test_fork_bomb_is_bounded() -> None:
    ran = run(["bash", "-c", "f() { f | f & }; f; sleep 60"], limits=Limits(2, 2.0))
    assert ran.end in ("timeout", "output_limit", "exited")
    assert ran.wall_seconds < 30


@needs_sandbox
@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
def test_root_is_given_up() -> None:
    ran = sh("id -u; grep -c . /etc/shadow")
    assert ran.output.startswith(b"65534\n")


def test_without_a_sandbox_nothing_is_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BOOKTUNE_SANDBOX", "none")
    probe.cache_clear()
    try:
        assert probe().kind == "none"
        with pytest.raises(MissingPrerequisite, match=r"NO_SANDBOX.*bubblewrap"):
            run(["touch", str(tmp_path / "ran")])
        with pytest.raises(MissingPrerequisite, match="NO_SANDBOX"):
            start(["touch", str(tmp_path / "ran")])
        assert not (tmp_path / "ran").exists()
    finally:
        probe.cache_clear()
