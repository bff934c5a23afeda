"""The Makefile on homes of any kind; nothing is installed here."""

import shutil
import subprocess
from pathlib import Path

import pytest

from booktune_assets.settings import PROJECT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run in ``folder``: every relative path of the Makefile is then a path in there."""
    command = ["make", "-f", str(PROJECT / "Makefile"), *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize("name", ["home", "my home"])
def test_a_relative_home_is_made_absolute(tmp_path: Path, name: str) -> None:
    for file in ("pyproject.toml", "constraints/cpu.txt", "deploy/local/setup.sh"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    done = make(tmp_path, "-n", "ui", f"BOOKTUNE_HOME={name}")
    assert done.returncode == 0, done.stderr
    assert f'DAGSTER_HOME="{tmp_path / name}/dagster"' in done.stdout


@pytest.mark.parametrize("name", ["home", "my home"])
def test_clean_takes_what_was_made_and_says_what_is_left(tmp_path: Path, name: str) -> None:
    for part in ("lake/raw_books", "models", "dagster", "books"):
        (tmp_path / name / part).mkdir(parents=True)
    (tmp_path / name / "books" / "mine.md").touch()
    (tmp_path / name / "shelf.json").touch()
    (tmp_path / "lake").mkdir()  # not of this home
    done = make(tmp_path, "clean", f"BOOKTUNE_HOME={name}")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / name).iterdir()] == ["books"]
    assert (tmp_path / name / "books" / "mine.md").exists() and (tmp_path / "lake").exists()
    assert "left: books" in done.stdout


def test_clean_of_no_home_removes_nothing(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    done = make(tmp_path, "clean", "BOOKTUNE_HOME=nowhere")
    assert done.returncode == 0 and "nothing to clean" in done.stdout
    assert (tmp_path / "lake").exists()


def test_scripts_are_sound() -> None:
    for script in (PROJECT / "deploy" / "local").glob("*.sh"):
        subprocess.run(["bash", "-n", str(script)], check=True)
