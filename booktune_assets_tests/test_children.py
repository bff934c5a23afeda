"""Children: real small child modules that answer, fail, crash, hang and lose their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from safetensors import SafetensorError

from booktune_assets import progress
from booktune_assets.children import _packed, peak_mb, run_child  # pyright: ignore
from booktune_assets.errors import BookError, BooktuneError, Code, MissingPrerequisite, ServiceDown

CHILD = """
import json, os, signal, subprocess, sys, time
from booktune_assets import progress
from booktune_assets.children import child_main
from booktune_assets.errors import BookError, Code, MissingPrerequisite, ServiceDown

def run(spec):
    {body}

child_main(run)
"""


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Write a child module with the given body; gives its name."""
    folder = tmp_path / "modules"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))

    def write(body: str, name: str = "some_child") -> str:
        lines = textwrap.indent(textwrap.dedent(body).strip(), "    ").strip()
        (folder / f"{name}.py").write_text(CHILD.replace("{body}", lines))
        return name

    return write


def test_answer_comes_back_with_peak_memory_and_environment(child, tmp_path: Path) -> None:
    name = child("""
        return {"twice": spec["n"] * 2, "offline": os.environ["HF_HUB_OFFLINE"],
                "quiet": os.environ["TOKENIZERS_PARALLELISM"],
                "own_session": os.getsid(0) == os.getpid()}
    """)
    answer = run_child(name, {"n": 21}, tmp_path / "work")
    assert answer["twice"] == 42
    assert answer["offline"] == "1"
    assert answer["quiet"] == "false"
    assert answer["own_session"]
    assert 5 < answer["peak_mb"] < 500


def test_peak_memory_is_the_childs_own_not_the_parents(child, tmp_path: Path) -> None:
    ballast = b"x" * 400_000_000
    answer = run_child(child("return {}"), {}, tmp_path)
    assert len(ballast) < peak_mb() * 2**20
    assert answer["peak_mb"] < 200


def test_progress_is_relayed_and_other_lines_are_kept(child, tmp_path: Path) -> None:
    name = child("""
        for n in range(1, 4):
            progress.advance("counting", n, 3, "so far")
        print("a plain line"); print('{"progress": "not one"}'); print("oops", file=sys.stderr)
        return {}
    """)
    ticks: list[progress.Tick] = []
    with progress.sink(ticks.append):
        run_child(name, {}, tmp_path)
    assert [(tick.what, tick.done, tick.total, tick.note) for tick in ticks] == [
        ("counting", n, 3, "so far") for n in (1, 2, 3)
    ]
    log = (tmp_path / "some_child.log").read_text()
    assert "a plain line" in log and "oops" in log and "not one" in log


@pytest.mark.parametrize("kind", [BookError, MissingPrerequisite, ServiceDown])
def test_errors_keep_class_code_remedy_and_place(child, tmp_path: Path, kind: type) -> None:
    name = child(f"raise {kind.__name__}(Code.TOO_LONG, 'Shorten it', book='otp', row=3)")
    with pytest.raises(BooktuneError) as caught:
        run_child(name, {}, tmp_path)
    assert type(caught.value) is kind
    assert caught.value.code is Code.TOO_LONG
    assert caught.value.remedy == "Shorten it"
    assert caught.value.where == {"book": "otp", "row": "3"}


def test_memory_errors_and_defects_have_their_own_codes(child, tmp_path: Path) -> None:
    full = "raise OSError(28, 'No space left on device')"
    for body, code in (
        ("raise MemoryError()", Code.OUT_OF_MEMORY), (full, Code.DISK), ("1 / 0", Code.INTERNAL)
    ):  # fmt: skip
        with pytest.raises(BooktuneError) as caught:
            run_child(child(body), {}, tmp_path)
        assert caught.value.code is code
        assert isinstance(caught.value, ServiceDown) is (code is Code.DISK)
    assert "ZeroDivisionError" in str(caught.value)


def test_what_libraries_say_without_a_class_has_a_code() -> None:
    import torch

    with pytest.raises(RuntimeError) as drawn:
        torch.multinomial(torch.tensor([0.5, float("nan")]), 1)
    assert _packed(drawn.value)["code"] == "NAN_LOSS"
    said = "Error while serializing: I/O error: No space left on device (os error 28)"
    assert _packed(SafetensorError(said))["kind"] == "ServiceDown"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("print('last words', flush=True); os.kill(os.getpid(), signal.SIGKILL)", "It was killed"),
        ("print('last words', flush=True); os.abort()", "SIGABRT"),
        ("print('last words', flush=True); os._exit(7)", "last lines"),
    ],
)
def test_a_crash_is_a_coded_error_with_the_last_lines(child, tmp_path, body, says) -> None:
    with pytest.raises(BooktuneError) as caught:
        run_child(child(body), {}, tmp_path)
    assert caught.value.code is Code.CHILD_FAILED
    assert says in str(caught.value)
    assert "last words" in str(caught.value)


@pytest.mark.parametrize(
    ("counts", "says"),
    [((3, 3), "not for want of memory"), ((3, 4), "memory ran out"), ((None, 4), "memory ran out")],
)
def test_want_of_memory_is_named_where_the_kernel_counted_one(
    child, tmp_path, monkeypatch, counts, says
) -> None:
    seen = iter(counts)
    monkeypatch.setattr("booktune_assets.children._oom_kills", lambda: next(seen))
    with pytest.raises(BooktuneError, match=says):
        run_child(child("os.kill(os.getpid(), signal.SIGKILL)"), {}, tmp_path)


def test_an_old_result_is_not_taken_for_a_new_one(child, tmp_path: Path) -> None:
    assert run_child(child("return {'n': 1}"), {}, tmp_path)["n"] == 1
    with pytest.raises(BooktuneError):
        run_child(child("os._exit(0)"), {}, tmp_path)


def test_time_limit_ends_the_child_and_what_it_started(child, tmp_path: Path) -> None:
    name = child("""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        inner = subprocess.Popen(["sleep", "60"])
        open(spec["pids"], "w").write(f"{os.getpid()} {inner.pid}")
        time.sleep(60)
    """)
    started = time.monotonic()
    with pytest.raises(BooktuneError) as caught:
        run_child(name, {"pids": str(tmp_path / "pids")}, tmp_path, seconds=1.5)
    assert time.monotonic() - started < 15
    assert "stopped after" in str(caught.value)
    _wait_until_gone((tmp_path / "pids").read_text().split())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_child_dies_with_its_parent(child, tmp_path: Path, number: signal.Signals) -> None:
    name = child("""
        open(spec["pid"], "w").write(str(os.getpid()))
        time.sleep(60)
    """)
    pid_file = tmp_path / "pid"
    code = (
        "from pathlib import Path; from booktune_assets.children import run_child; "
        f"run_child({name!r}, {{'pid': {str(pid_file)!r}}}, Path({str(tmp_path)!r}))"
    )
    paths = os.pathsep.join(entry for entry in sys.path if entry)
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": paths},
        stderr=subprocess.DEVNULL,
        preexec_fn=_as_from_a_terminal,
    )
    try:
        limit = time.monotonic() + 30
        while not (pid_file.exists() and pid_file.read_text()):
            assert time.monotonic() < limit
            time.sleep(0.05)
        parent.send_signal(number)
        parent.wait(timeout=20)
        _wait_until_gone([pid_file.read_text()])
    finally:
        parent.kill()
        parent.wait()


def _as_from_a_terminal() -> None:
    """Undo what this process may have inherited or set: ignored and blocked signals."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _wait_until_gone(pids: list[str]) -> None:
    limit = time.monotonic() + 10
    for pid in pids:
        while _running(pid):
            assert time.monotonic() < limit, f"process {pid} still runs"
            time.sleep(0.05)


def _running(pid: str) -> bool:
    """Alive and not a zombie: where nobody collects orphans, the dead stay in the table."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
