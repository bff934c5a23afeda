"""Pools: a killed run leaves no place behind, a busy one is waited for in words."""

import os
import platform
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import dagster as dg
import pytest

from booktune_assets.assets import pools
from booktune_assets.assets.instance import open_instance
from booktune_assets.assets.pools import Place, busy, dead_places, free_dead, own_process, waiting
from booktune_assets.cli.checkup import _pools
from booktune_assets.progress import Tick
from booktune_assets_tests.builders import build_home

BOOKTUNE = [sys.executable, "-c", "from booktune_assets.cli import main; main()"]


@pytest.fixture
def instance(tmp_path: Path):
    from booktune_assets.settings import Settings

    with open_instance(Settings(home=tmp_path / "home")) as instance:
        instance.event_log_storage.initialize_concurrency_limit_to_default("gpu")
        yield instance


def run_of(instance: dg.DagsterInstance, tag: str, status=dg.DagsterRunStatus.STARTED) -> str:
    run = dg.DagsterRun(job_name="models", status=status, tags={pools.PROCESS_TAG: tag})
    return instance.add_run(run).run_id


def claim(instance: dg.DagsterInstance, run_id: str, step: str = "lora_adapter") -> bool:
    return instance.event_log_storage.claim_concurrency_slot("gpu", run_id, step).is_claimed


def gone() -> str:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return f"{platform.node()}:{process.pid}"


def test_dead_holders_and_dead_waiters_are_freed_and_living_ones_are_not(instance) -> None:
    holder, waiter = run_of(instance, gone()), run_of(instance, gone())
    living = run_of(instance, own_process())
    assert [claim(instance, run) for run in (holder, waiter, living)] == [True, False, False]
    assert dead_places(instance) == [
        Place("gpu", holder, "lora_adapter", True), Place("gpu", waiter, "lora_adapter", False),
    ]  # fmt: skip
    assert len(free_dead(instance)) == 2
    assert dead_places(instance) == []
    for run in (holder, waiter):
        assert instance.get_run_by_id(run).status is dg.DagsterRunStatus.FAILURE
    assert instance.get_run_by_id(living).status is dg.DagsterRunStatus.STARTED
    assert claim(instance, living)  # it is next in the queue, past both of the dead
    assert [place.run_id for place in busy(instance, ["gpu"])] == [living]
    assert free_dead(instance) == []


def test_a_pid_that_was_given_to_another_process_is_not_taken_for_the_run(instance) -> None:
    here = own_process()
    assert here.count(":") == 2 and here.rpartition(":")[2].isdigit()
    left = run_of(instance, f"{here}9")  # this pid, but a process that started later
    assert claim(instance, left)
    assert [place.run_id for place in free_dead(instance)] == [left]


def test_a_run_that_ended_with_its_place_gives_it_back(instance) -> None:
    """A step that was killed by force: its run is closed, its place is not."""
    ended = run_of(instance, own_process(), dg.DagsterRunStatus.FAILURE)
    elsewhere = run_of(instance, "another-host:1", dg.DagsterRunStatus.STARTED)
    assert claim(instance, ended) and not claim(instance, elsewhere)
    assert [place.run_id for place in free_dead(instance)] == [ended]
    assert claim(instance, elsewhere)
    assert free_dead(instance) == []  # the process of another host is not ours to judge


def test_a_busy_pool_is_waited_for_in_words(instance, monkeypatch) -> None:
    monkeypatch.setattr(pools, "LOOK_SECONDS", 0.05)
    other, mine = run_of(instance, own_process()), run_of(instance, own_process())
    assert claim(instance, other)
    heard: list[Tick] = []
    free = threading.Event()

    def hear(tick: Tick) -> None:
        heard.append(tick)
        if len(heard) == 3:
            instance.event_log_storage.free_concurrency_slots_for_run(other)
            free.set()

    with waiting(instance, {"gpu"}, mine, hear):
        assert free.is_set()
        # another run takes the place after all: what waits inside of the run says so too
        assert claim(instance, other) and not claim(instance, mine)
        before, limit = len(heard), time.monotonic() + 20
        while len(heard) == before and time.monotonic() < limit:
            time.sleep(0.05)
    assert {tick.words() for tick in heard} == {f"waiting for pool gpu, held by run {other[:8]}"}
    assert len(heard) > 3


@pytest.mark.slow
def test_after_a_kill_inside_a_pool_the_next_run_ends(tmp_path: Path) -> None:
    settings = build_home(tmp_path / "home", models=False)
    command = [*BOOKTUNE, "--home", str(settings.home), "run", "marts"]
    first = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert first.stderr
    for line in first.stderr:
        if "building marts" in line:
            break
    os.killpg(first.pid, signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    told = [(item.level, item.words) for item in _pools(settings)]
    assert [level for level, _ in told] == ["warn"] and "pool warehouse is held by" in told[0][1]
    again = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert again.returncode == 0, again.stderr
    assert "waiting for pool" not in again.stderr
    assert [item.level for item in _pools(settings)] == ["ok"]


@pytest.mark.slow
def test_ctrl_c_inside_a_step_is_a_stop_and_no_failure(tmp_path: Path) -> None:
    settings = build_home(tmp_path / "home", models=False)
    command = [*BOOKTUNE, "--home", str(settings.home), "run", "marts"]
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert running.stderr
    for line in running.stderr:
        if "building marts" in line:
            break
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does
    said, errors = running.communicate(timeout=60)
    assert running.returncode == 130, errors
    assert "stopped; run again to go on" in errors
    assert "failed" not in said + errors and "Traceback" not in errors
    assert [item.level for item in _pools(settings)] == ["ok"]
