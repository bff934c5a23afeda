"""What is generated from the code is current, and true."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from booktune_assets.cli import cli
from booktune_assets.errors import Code
from booktune_assets.schemas import TABLES
from booktune_assets.settings import PROJECT, Settings


def test_generated_files_are_current() -> None:
    # a child of its own: click keeps the help option of a command that was called by itself
    command = [sys.executable, str(PROJECT / "docs" / "generate.py"), "--check"]
    ran = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(PROJECT)}, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout) == (0, "all up to date\n"), "run: python docs/generate.py"


def test_pages_name_everything() -> None:
    reference = PROJECT / "docs" / "reference"
    tables = (reference / "tables.md").read_text()
    assert all(f"## {name}\n" in tables for name in TABLES)
    errors = (reference / "errors.md").read_text()
    assert all(f"`{code.value}`" in errors for code in Code)
    verbs = (reference / "cli.md").read_text()
    assert all(f"## booktune {name}\n" in verbs for name in cli.commands)


def test_the_settings_file_states_the_defaults(tmp_path: Path) -> None:
    text = (PROJECT / "booktune.toml").read_text()
    said = uncommented(text)
    file = tmp_path / "all.toml"
    file.write_text(re.sub(r"(?m)^# (?=\[|\w+ = )", "", text))
    loaded = Settings.load(tmp_path, file)
    plain = Settings(home=tmp_path)
    for name in ("reading", "pairs", "rehearsal", "evaluation"):
        section = getattr(plain, name)
        section = section.sized("tiny") if name == "rehearsal" else section
        assert said[name] == {key: getattr(section, key) for key in type(section).model_fields}
        assert getattr(loaded, name) == section
    assert {n: i.value for n, i in loaded.derived.items()} == {
        n: i.value for n, i in plain.derived.items()
    }


def test_the_settings_file_as_it_is_changes_nothing(tmp_path: Path) -> None:
    assert tomllib.loads((PROJECT / "booktune.toml").read_text()) == {}
    assert Settings.load(tmp_path, PROJECT / "booktune.toml") == Settings(home=tmp_path)


def uncommented(text: str) -> dict[str, Any]:
    return tomllib.loads(re.sub(r"(?m)^# (?=\[|\w+ = )", "", text))
