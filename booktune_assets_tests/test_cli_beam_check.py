"""``booktune beam check`` and ``booktune beam symbols``: books and source files to rows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from booktune_assets.beam.sandbox import probe
from booktune_assets.cli import cli

needs_elixir = pytest.mark.skipif(
    shutil.which("elixir") is None or probe().path is None, reason="no Elixir or no sandbox here"
)
BOOK = (
    "# Tides\n\n```elixir\ndefmodule Tide do\n  @spec high(list) :: list\n"
    "  def high(list), do: Enum.revers(list)\nend\n```\n\n"
    "```elixir\nEnum.map([1, 2\n```\n\nWords.\n\n"
    "```elixir\nTide.high([1])\nPlug.Conn.halt(c)\n```\n"
)


def booktune(home: Path, *words: object) -> Result:
    return CliRunner().invoke(cli, ["--home", str(home), *map(str, words)])


def _rows(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@needs_elixir
def test_check_judges_books_and_sources(tmp_path: Path) -> None:
    book, source = tmp_path / "tides.md", tmp_path / "tide.erl"
    book.write_text(BOOK, encoding="utf-8")
    source.write_text("-module(tide).\n-export([high/1]).\nhigh(X) -> Y.\n", encoding="utf-8")
    said = booktune(tmp_path, "beam", "check", book, source, "--out", tmp_path / "c.jsonl")
    assert said.exit_code == 0, said.output
    found = [(row["book"], row["verdict"], row["line"]) for row in _rows(tmp_path / "c.jsonl")]
    assert found == [
        ("tides", "valid", None), ("tides", "damaged", 1), ("tides", "valid", None),
        (str(source), "refused", 3),
    ]  # fmt: skip
    assert "4 blocks: 2 valid, 1 damaged, 1 refused" in said.stderr
    assert "missing terminator" in said.stderr
    assert "variable 'Y' is unbound" in said.stderr


@needs_elixir
def test_symbols_and_calls(tmp_path: Path) -> None:
    book = tmp_path / "tides.md"
    book.write_text(BOOK, encoding="utf-8")
    out, calls = tmp_path / "s.jsonl", tmp_path / "k.jsonl"
    said = booktune(tmp_path, "beam", "symbols", book, "--out", out, "--calls", calls)
    assert said.exit_code == 0, said.output
    assert [(row["kind"], row["module"], row["name"], row["spec"]) for row in _rows(out)] == [
        ("module", "Tide", "", None), ("function", "Tide", "high", "@spec high(list) :: list"),
    ]  # fmt: skip
    assert [(row["name"], row["reason"]) for row in _rows(calls)] == [
        ("revers", "slip"), ("halt", "dependency"),
    ]  # fmt: skip
    assert "Enum.revers/1: reverse" in said.stderr


@pytest.mark.parametrize("verb", ["check", "symbols"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, verb: str) -> None:
    said = booktune(tmp_path, "beam", verb, tmp_path / "none.epub")
    assert said.exit_code != 0
    assert "FILE_MISSING" in said.output


@needs_elixir
def test_the_report_of_a_run_names_calls_that_come_to_nothing(tmp_path: Path) -> None:
    book, page = tmp_path / "tides.md", tmp_path / "r.html"
    book.write_text(BOOK, encoding="utf-8")
    said = booktune(tmp_path, "beam", "verify", book, "--out", tmp_path / "v", "--report", page)
    assert said.exit_code == 0, said.output
    lost = page.read_text(encoding="utf-8").partition("<h2>Calls that come to nothing</h2>")[2]
    assert "<code>Enum.revers/1</code>" in lost
    assert "<td>reverse</td>" in lost
    assert "Plug.Conn" not in lost.partition("</table>")[0]  # a package is no fault of the book
