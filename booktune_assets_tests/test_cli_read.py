"""``booktune read`` by the command line: what its words mean to the reader."""

import subprocess
import sys
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


@pytest.mark.parametrize("verb", ["read", "units"])
def test_what_is_written_is_never_the_book_that_is_read(tmp_path: Path, verb: str) -> None:
    book = tmp_path / "b.md"
    book.write_text("# Title\n\nWords.\n")
    other = tmp_path / "other.md"
    other.hardlink_to(book)
    option = {"read": "--records", "units": "--out"}[verb]
    for name in (book, other):
        done = CliRunner().invoke(cli, [verb, str(book), option, str(name)])
        assert done.exit_code == 2 and "is the book itself; choose another name" in done.output
    assert book.read_text() == "# Title\n\nWords.\n"


def test_too_few_addresses_are_said_at_once(tmp_path: Path) -> None:
    """The libraries of tables hang or abort with them."""
    book = tmp_path / "b.md"
    book.write_text("# Title\n\nWords.\n")
    script = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (500_000_000, 500_000_000))\n"
        "from booktune_assets.cli import main\n"
        "sys.argv = ['booktune', 'read', sys.argv[1]]\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", script, str(book)], capture_output=True, text=True)
    assert done.returncode == 1 and not done.stdout
    assert done.stderr.startswith("OUT_OF_MEMORY: ") and "500 MB" in done.stderr, done.stderr
