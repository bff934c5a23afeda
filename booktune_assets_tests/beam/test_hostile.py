"""Programs that mean harm, while they are compiled and while they run: each gets its class, and
nothing outside is read, written, reached or left behind."""

from __future__ import annotations

import shutil
from collections.abc import Generator

import pytest

from booktune_assets.beam import cgroups
from booktune_assets.beam.sandbox import Ran, probe
from booktune_assets_tests.beam.hostile_runs import (
    PROGRAMS,
    SECRET,
    VARIABLE,
    Aim,
    Case,
    aim,
    all_of,
    descriptors,
    remains,
)  # fmt: skip

# The ends that each program may have; one that ends by itself must have come to its last line.
ENDS = {
    "atoms": "exited killed", "bignum": "timeout", "blocking": "timeout",
    "busy_processes": "timeout", "disk_fill": "exited tried", "distribution": "exited tried",
    "downloaded": "exited tried", "expansion": "oom timeout", "regex": "exited tried",
    "flood_stderr": "output_limit", "flood_stdout": "output_limit", "fork_bomb": "timeout",
    "grandchildren": "exited tried", "halt": "exited", "huge_source": "oom timeout",
    "kill_all": "exited killed", "loop": "timeout", "memory_binary": "oom", "memory_ets": "oom",
    "memory_list": "oom", "network": "exited tried", "nif": "exited tried",
    "process_bomb": "oom timeout", "secrets": "exited tried", "sleep": "timeout",
    "stdin": "exited tried", "write_outside": "exited tried",
}  # fmt: skip
CASES = [Case(name, tongue, when) for name in ENDS for tongue in ("exs", "erl")
         for when in ("run", "compile")]  # fmt: skip

pytestmark = [
    pytest.mark.skipif(probe().kind == "none", reason=f"no sandbox: {probe().reason}"),
    pytest.mark.skipif(shutil.which("elixir") is None, reason="Elixir is not installed"),
]
Results = tuple[dict[Case, tuple[Ran, Ran]], list[str], list[str], tuple[int, int]]


@pytest.fixture(scope="module")
def results() -> Generator[Results]:
    """All programs run once, some at a time; what they touched and left; descriptors before and
    after."""
    with aim() as target:
        all_of([], target)
        before = descriptors()
        ran = all_of(CASES, target)
        yield ran, target.touched(), remains(), (before, descriptors())


def test_every_program_has_an_expected_end() -> None:
    names = {path.stem for path in PROGRAMS.iterdir()}
    assert names == set(ENDS)
    assert len(list(PROGRAMS.iterdir())) == 2 * len(ENDS)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_has_its_class(case: Case, results: Results) -> None:
    ran, plain = results[0][case]
    ends = ENDS[case.name].split()
    if not cgroups.find().has("memory") and "oom" in ends:
        ends += ["exited", "timeout", "killed"]  # the BEAM gives up by itself
    assert ran.end in ends, ran
    if "killed" in ends:
        assert ran.exit_code != 0
    if "tried" in ends:
        assert ran.exit_code == 0
        assert ran.output.rstrip().endswith(b"tried"), ran.output[-500:]
    assert SECRET.encode() not in ran.output
    assert VARIABLE.encode() not in ran.output
    assert b"root:" not in ran.output, "a line of /etc/passwd or /etc/shadow"
    assert ran.reply == b""
    # and the next program in the same place runs as if nothing had been
    assert (plain.end, plain.exit_code, plain.output) == ("exited", 0, b"and 42\n")


def test_cpu_limits_hold_by_cpu_time(results: Results) -> None:
    for case, (ran, _) in results[0].items():
        if ran.end == "timeout" and case.name in ("loop", "blocking", "bignum"):
            assert 0.9 <= ran.cpu_seconds < 1.5, case


def test_memory_limits_hold(results: Results) -> None:
    if not cgroups.find().has("memory"):
        pytest.skip("no memory cgroup")
    assert max(ran.memory_peak for ran, _ in results[0].values()) <= 256 << 20


def test_the_disk_inside_is_small(results: Results) -> None:
    if probe().kind == "landlock":
        pytest.skip("a folder without a size of its own: the group's memory bounds it (above)")
    for case, (ran, _) in results[0].items():
        if case.name == "disk_fill":
            assert b"written 8\n" in ran.output


def test_nothing_outside_was_touched(results: Results) -> None:
    assert results[1] == []


def test_nothing_is_left(results: Results) -> None:
    assert results[2] == []
    before, after = results[3]
    assert after <= before


def test_the_aim_notices_what_is_done_to_it() -> None:
    """The checks above can fail: done without a sandbox, everything is seen."""
    import socket

    with aim() as target:
        _, tcp, udp, local = target.text.splitlines()
        socket.create_connection(("127.0.0.1", int(tcp))).close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.sendto(b"x", ("127.0.0.1", int(udp)))
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(f"\0{local}")
        target.secret.write_text("changed")
        (target.secret.parent / "hostile-mark").write_text("here")
        assert len(target.touched()) == 5
        assert isinstance(target, Aim)
