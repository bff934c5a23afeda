"""Groups count and bound what is in them, and go when they are removed."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from booktune_assets.beam import cgroups
from booktune_assets.beam.cgroups import Found, Group

FOUND = cgroups.find()
needs_groups = pytest.mark.skipif(not FOUND, reason=FOUND.reason)


def in_group(group: Group, script: str) -> subprocess.Popen[bytes]:
    enter = "".join(f"echo 0 >{folder}/cgroup.procs && " for folder in group.folders)
    return subprocess.Popen(["sh", "-c", enter + script])


@needs_groups
def test_a_group_counts_bounds_and_ends_what_is_in_it() -> None:
    group = Group(FOUND, 64, 16)
    child = in_group(group, "while :; do :; done")
    try:
        until = time.monotonic() + 20
        while not group.members() or (FOUND.has("cpu") and (group.cpu_seconds() or 0) < 0.1):
            assert time.monotonic() < until
            time.sleep(0.01)
        assert child.pid in group.members()
        assert all(folder.exists() for folder in group.folders)
    finally:
        group.remove()
    assert child.wait(5) == -9
    assert not any(folder.exists() for folder in group.folders)
    group.remove()
    if FOUND.has("cpu"):
        assert (group.cpu_seconds() or 0) >= 0.1, "the last count stays"


@pytest.mark.skipif(not FOUND.has("pids"), reason="no pids controller")
def test_tasks_are_bounded() -> None:
    group = Group(FOUND, 64, 4)
    child = in_group(group, "sleep 5 & sleep 5 & sleep 5 & sleep 5 & sleep 5 & wait")
    time.sleep(0.3)
    assert len(group.members()) <= 4
    group.remove()
    child.wait(5)


@pytest.mark.skipif(not FOUND.has("memory"), reason="no memory controller")
def test_memory_is_bounded_and_the_kill_is_seen() -> None:
    group = Group(FOUND, 16, 16)
    child = in_group(group, "x=$(tr '\\0' a </dev/zero | head -c 100000000)")
    child.wait(30)
    assert group.oom_kills() > 0
    assert 8 << 20 < (group.memory_peak() or 0) <= 16 << 20
    group.remove()


def test_v2_counts_cpu_time_without_a_controller(monkeypatch: pytest.MonkeyPatch) -> None:
    point = cgroups.mounts().get("") if Path("/proc/self/mountinfo").exists() else None
    if point is None or not os.access(point[1], os.W_OK):
        pytest.skip("no writable v2 hierarchy")
    monkeypatch.setenv("BOOKTUNE_CGROUP", str(point[1]))
    cgroups.find.cache_clear()
    try:
        found = cgroups.find()
        assert found.parents["cpu"] == (point[1], 2)
        group = Group(found, 64, 16)
        child = in_group(group, "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done")
        child.wait(30)
        assert 0.01 < (group.cpu_seconds() or 0) < 10
        group.remove()
    finally:
        cgroups.find.cache_clear()


def test_v2_files_are_read_as_the_kernel_writes_them(tmp_path: Path) -> None:
    """Where no v2 controllers can be had, at least their files are: as of Linux 6.1."""
    place: tuple[Path, cgroups.Version] = (tmp_path, 2)
    parents = dict.fromkeys(cgroups.CONTROLLERS, place)
    group = Group(Found(parents, ""), 64, 16)
    folder = group.folders[0]
    assert group.folders == [folder]
    assert (folder / "memory.max").read_text() == str(64 << 20)
    assert (folder / "memory.swap.max").read_text() == "0"
    assert (folder / "pids.max").read_text() == "16"
    (folder / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\nsystem_usec 2\n")
    (folder / "memory.events").write_text("low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\n")
    (folder / "memory.peak").write_text("1234\n")
    (folder / "cgroup.procs").write_text("")
    assert (group.cpu_seconds(), group.oom_kills(), group.memory_peak()) == (2.5, 2, 1234)


@pytest.mark.parametrize(
    ("root", "own", "place"),
    [
        ("/", "/", "/m"),
        ("/", "/user.slice/me", "/m/user.slice/me"),
        ("/docker/1", "/docker/1", "/m"),
        ("/docker/1", "/docker/1/deeper", "/m/deeper"),
        ("/", "/../outside", "/m"),
    ],
)
def test_our_own_group_is_found_below_its_mount(root: str, own: str, place: str) -> None:
    assert cgroups.inside((root, Path("/m")), own) == Path(place)


@needs_groups
def test_groups_of_dead_runners_are_swept() -> None:
    place = next(iter(FOUND.parents.values()))[0]
    dead = subprocess.Popen(["true"])
    dead.wait()
    old, ours = place / f"booktune-{dead.pid}-0", place / f"booktune-{os.getpid()}-999999"
    for folder in (old, ours):
        folder.mkdir()
    cgroups.sweep(place)
    assert old.exists(), "it may be of a process that another container sees"
    monkey = time.time
    try:
        time.time = lambda: monkey() + 120
        cgroups.sweep(place)
    finally:
        time.time = monkey
    assert not old.exists()
    assert ours.exists()
    ours.rmdir()
