"""``booktune units``: lines that anyone can load, windows that own every unit once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from booktune_assets.cli import cli
from booktune_assets.errors import MissingPrerequisite
from booktune_assets.lake import Lake
from booktune_assets.llm.models import TINY, tokenizer_of
from booktune_assets.settings import Settings
from booktune_assets_tests.books.books_lab import book, code, head, say
from booktune_assets_tests.books.makers import MODULE, paragraph
from booktune_assets_tests.books.test_containers import tiny_tokenizer
from booktune_assets_tests.builders import MiniBook, publish_book


def call(home: Path, *words: object) -> Result:
    return CliRunner().invoke(cli, ["--home", str(home), *map(str, words)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    parts = [
        f"# Chapter {n}\n\n{paragraph(n, 200)}\n\n```elixir\n{MODULE}\n```\n\n{paragraph(n + 9)}\n"
        for n in range(4)
    ]
    path = tmp_path / "Harbour.md"
    path.write_text("\n".join(parts))
    return path


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_units_of_a_file_point_at_their_sections(tmp_path: Path, file: Path) -> None:
    units = lines(call(tmp_path, "units", file))
    assert len(units) >= 4 and "".join(one["text"] for one in units).count("defmodule Tide") == 4
    for one in units:
        assert one["chars"] == len(one["text"]) and one["role"] == "body"
        assert one["title_path"][0].startswith("Chapter") and one["href"].startswith("#chapter")
        assert one["pieces"][0]["section_id"] == one["section_id"]


def test_windows_own_every_unit_once(tmp_path: Path, file: Path) -> None:
    tokenizer = tiny_tokenizer(tmp_path / "tokenizer.json")
    units = {one["unit_id"]: one["text"] for one in lines(call(tmp_path, "units", file))}
    out = tmp_path / "windows.jsonl"
    told = call(tmp_path, "units", file, "--tokens", 600, "--tokenizer", tokenizer, "--out", out)
    windows = [json.loads(line) for line in out.read_text().splitlines()]
    assert told.exit_code == 0 and f"{len(windows)} windows in" in told.stderr
    owned: dict[str, str] = {}
    for one in windows:
        assert one["tokens"] <= 600
        for part in one["owned"]:
            text = units[part["unit_id"]][part["start"] : part["end"]]
            owned[part["unit_id"]] = owned.get(part["unit_id"], "") + text
        own = one["text"][one["context_chars"] :]
        assert own.startswith(units[one["owned"][0]["unit_id"]][one["owned"][0]["start"] :][:20])
    assert owned == units and all(one["context"] for one in windows[1:])


def test_units_of_a_book_of_the_shelf(tmp_path: Path, file: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.books.mkdir(parents=True)
    (settings.books / "harbour.md").write_bytes(file.read_bytes())
    missing = call(tmp_path, "units", "harbour")
    assert missing.exit_code == 1 and "booktune run sections --book harbour" in missing.output
    lake = Lake(settings.lake)
    publish_book(lake, MiniBook("harbour"))
    frames = book([head("Tides"), say("Words."), code("x = 1")])
    sections = {name: one for name, one in frames.items() if name.startswith("sections")}
    lake.publish("sections", "harbour", sections, code_version="sections.0")
    (unit,) = lines(call(tmp_path, "units", "harbour"))
    assert unit["text"] == "Tides\n\nWords.\n\nx = 1" and len(unit["pieces"]) == 3


@pytest.mark.parametrize(
    "words",
    [("--overlap", 8), ("--tokenizer", "."), ("--tokens", 8), ("--tokens", 64, "--overlap", 64)],
)
def test_wrong_use_is_said(tmp_path: Path, file: Path, words: tuple[object, ...]) -> None:
    assert call(tmp_path, "units", file, *words).exit_code == 2


def test_the_tokenizer_of_a_model(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert tokenizer_of(str(tmp_path), tmp_path) == tmp_path / "tokenizer.json"
    with pytest.raises(MissingPrerequisite, match="MODEL_MISSING"):
        tokenizer_of("no such model", tmp_path)


def test_a_packaged_model_brings_its_own(tmp_path: Path, file: Path) -> None:
    pytest.importorskip("transformers")
    path = tokenizer_of(TINY, tmp_path / "models")
    windows = lines(call(tmp_path, "units", file, "--tokens", 512, "--tokenizer", path))
    assert windows and max(one["tokens"] for one in windows) <= 512
