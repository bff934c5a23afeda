"""Installations are found on PATH and in folders that a setting names, each version pair once."""

from __future__ import annotations

from pathlib import Path

import pytest

from booktune_assets.beam.toolchains import toolchains


def install(folder: Path, elixir: str, otp: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    said = f"Erlang/OTP {otp} [erts-1.0]\n\nElixir {elixir} (compiled with Erlang/OTP {otp})"
    for name, words in (("elixir", said), ("erl", "")):
        program = folder / "bin" / name
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{words}\nEND\n")
        program.chmod(0o755)
    return folder


def test_path_and_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new, old = install(tmp_path / "new", "1.18.1", "27"), install(tmp_path / "old", "1.15.0", "26")
    twin = install(tmp_path / "twin", "1.18.1", "27")
    monkeypatch.setenv("PATH", f"{old}/bin:/bin")
    found = toolchains([str(new), str(twin / "bin"), str(tmp_path / "nowhere")])
    names = [one.name for one in found]
    assert names[:2] == ["elixir 1.18.1, otp 27", "elixir 1.15.0, otp 26"]
    assert names.count("elixir 1.18.1, otp 27") == 1
    assert found[0].path.split(":")[0] == f"{new}/bin"
    assert any(new.is_relative_to(folder) for folder in found[0].folders)


def test_one_that_does_not_answer_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = install(tmp_path / "broken", "1", "2")
    (broken / "bin" / "elixir").write_text("#!/bin/sh\nexit 1\n")
    monkeypatch.setenv("PATH", f"{broken}/bin")
    assert toolchains() == []
