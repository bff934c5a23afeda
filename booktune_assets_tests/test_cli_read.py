"""``booktune read`` by the command line: what its words mean to the reader."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from booktune_assets.books import reader
from booktune_assets.cli import cli
from booktune_assets.settings import PROJECT

SAMPLE = PROJECT / "data" / "books" / "sample" / "first-steps-on-the-beam.pdf"


def call(home: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--home", str(home), *words])


def test_the_precise_mode_reaches_the_reader(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    pdf = SAMPLE.with_suffix(".pdf")
    asked: list[bool] = []
    whole = reader.ask

    def noting(task: dict[str, Any], **bounds: Any) -> bytes:
        asked.append(task["limits"]["precise"])
        return whole(task, **bounds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "ask", noting)
        for words in ((), ("--precise",)):
            assert call(tmp_path, "read", str(pdf), "--records", str(out), *words).exit_code == 0
    assert asked == [False, True] and out.read_text()


def test_a_new_folder_of_records_is_made_and_said_and_none_for_a_book_that_fails(
    tmp_path: Path,
) -> None:
    book = tmp_path / "b.md"
    book.write_text("# T\n\nWords.\n")
    out = tmp_path / "new" / "deep" / "out.jsonl"
    done = call(tmp_path, "read", str(book), "--records", str(out))
    assert done.exit_code == 0 and out.exists()
    assert f"new folder {out.parent}" in done.stderr and not done.stdout
    again = call(tmp_path, "read", str(book), "--records", str(out))
    assert "new folder" not in again.stderr
    empty = tmp_path / "empty.pdf"
    empty.touch()
    failed = call(tmp_path, "read", str(empty), "--records", str(tmp_path / "other" / "o.jsonl"))
    assert failed.exit_code and "EMPTY_FILE" in failed.stderr
    assert not (tmp_path / "other").exists() and "new folder" not in failed.stderr
