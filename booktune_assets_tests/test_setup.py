"""What the set-up script asks the installer for: the real script, an installer that notes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UV = """#!/bin/sh
echo "$@" >> "$NOTES"
case "$*" in *--torch-backend*) [ -z "$NO_CPU_TORCH" ] || { echo "index not reachable" >&2; exit 1; } ;; esac
"""  # noqa: E501


def setup(tmp_path: Path, **env: str) -> tuple[list[str], subprocess.CompletedProcess[str]]:
    """Lines that the installer was called with, and how the script ended."""
    for name, text in (("python", "#!/bin/sh\nexit 0\n"), ("uv", UV)):
        path = tmp_path / "venv" / "bin" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    notes = tmp_path / "notes"
    clean = {name: value for name, value in os.environ.items() if name != "PIP_FIND_LINKS"}
    done = subprocess.run(
        ["bash", "deploy/local/setup.sh", str(tmp_path / "venv")], cwd=ROOT, check=False,
        capture_output=True, text=True,
        env={**clean, "PYTHON": sys.executable, "NOTES": str(notes), "NO_CPU_TORCH": "", **env},
    )  # fmt: skip
    return notes.read_text().splitlines(), done


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({}, "constraints/cpu.txt"),
        ({"EXTRAS": "train,dev"}, "constraints/cpu.txt"),
        ({"EXTRAS": "train,vllm,dev"}, "constraints/gpu.txt"),
        ({"EXTRAS": "vllm"}, "constraints/gpu.txt"),
        ({"EXTRAS": "vllm", "CONSTRAINTS": "mine.txt"}, "mine.txt"),
    ],
)
def test_the_pins_follow_the_extras(tmp_path: Path, env: dict[str, str], wanted: str) -> None:
    (line,), done = setup(tmp_path, **env)
    assert done.returncode == 0, done.stderr
    assert f"-c {wanted} " in f"{line} "
    assert f"[{env.get('EXTRAS', 'train,tiny,vectors,dev')}]" in line
    if wanted == "constraints/gpu.txt":
        assert "--torch-backend" not in line  # vLLM brings the torch it was built against


def test_a_second_try_says_why_the_first_one_failed(tmp_path: Path) -> None:
    lines, done = setup(tmp_path, NO_CPU_TORCH="1", PATH="/usr/bin:/bin")
    assert done.returncode == 0
    assert ["--torch-backend" in line for line in lines] == [True, False]
    assert "index not reachable" in done.stderr
    assert "GPU build" in done.stderr


def test_pins_are_there_for_each_choice() -> None:
    for name in ("cpu", "gpu"):
        pins = (ROOT / "constraints" / f"{name}.txt").read_text()
        assert re.search(r"^torch==", pins, re.M), name
    assert re.search(r"^vllm==", (ROOT / "constraints" / "gpu.txt").read_text(), re.M)


def test_the_image_of_the_server_can_train_the_default_profile() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    found = re.search(r"'\.\[([\w,]+)\]'", (ROOT / "deploy" / "server" / "Dockerfile").read_text())
    assert found
    assert {"train", "tiny", "server"} <= set(found[1].split(",")) <= set(extras)
