"""One run at a time in a folder of work: who holds it is said, and a dead holder holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from booktune_assets.alone import alone
from booktune_assets.errors import Code, ServiceDown

HOLD = (
    "import sys; from pathlib import Path\n"
    "from booktune_assets.alone import alone\n"
    "with alone(Path(sys.argv[1])):\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
)


@pytest.fixture
def holder(tmp_path: Path) -> Generator[subprocess.Popen[str]]:
    """A process that works in ``work/lora_adapter``."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "work" / "lora_adapter")]
    running = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stdout.readline() == "held\n"
    yield running
    running.kill()
    running.wait()


def test_a_second_run_is_told_who_works_there(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    folder = tmp_path / "work" / "lora_adapter"
    with pytest.raises(ServiceDown) as caught, alone(folder):
        pytest.fail("two at once")
    assert caught.value.code is Code.BUSY and "Wait" in caught.value.remedy
    assert caught.value.where["process"] == str(holder.pid)
    with alone(tmp_path / "work" / "sweep"):
        pass  # another folder is free
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with alone(folder):
        pass  # what was killed holds nothing


def test_the_folder_may_be_made_anew_meanwhile(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    with alone(folder):
        folder.mkdir()
        folder.rmdir()
        with pytest.raises(ServiceDown) as caught, alone(folder):
            pytest.fail("two at once")
        assert caught.value.where["process"] == str(os.getpid())
    with alone(folder):
        pass
