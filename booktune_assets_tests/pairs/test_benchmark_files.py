"""Problems of any form and encoding: what they hold counts, what cannot be read is said."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.errors import BookError, Code
from booktune_assets.pairs.benchmarks import Benchmark, load_benchmarks
from booktune_assets.pairs.contamination import without_contaminated
from booktune_assets_tests.pairs.rows import code, frame, pair
from booktune_assets_tests.pairs.test_contamination import FINE, SOLUTION, STATEMENT

PAIRS = frame(pair(1, STATEMENT, "Yes."), pair(2, "Write it.", code(SOLUTION)), FINE)


def _table(path: Path, between: str) -> None:
    with path.open("w", newline="") as out:
        rows = csv.writer(out, delimiter=between)
        rows.writerow(["id", "prompt", "canonical_solution"])
        rows.writerow(["t1", STATEMENT, SOLUTION])


MIXED = f"Problem 1\n\n{STATEMENT}\n\n{SOLUTION}\n\nThat is all.\n"
FORMS: dict[str, Callable[[Path], object]] = {
    "one.csv": lambda path: _table(path, ","),
    "one.tsv": lambda path: _table(path, "\t"),
    "one.txt": lambda path: path.write_text(MIXED),
    "crlf.txt": lambda path: path.write_bytes(MIXED.replace("\n", "\r\n").encode()),
    "blank lines.txt": lambda path: path.write_text(
        MIXED.replace("    readings\n", "    readings\n\n")
    ),
    "one.md": lambda path: path.write_text(f"# One\n\n{STATEMENT}\n\n{code(SOLUTION)}\n"),
    "wide.txt": lambda path: path.write_bytes(MIXED.encode("utf-16")),
    "wide.jsonl": lambda path: path.write_bytes(
        json.dumps({"q": STATEMENT, "a": SOLUTION}).encode("utf-16")
    ),
    "marked.jsonl": lambda path: path.write_bytes(
        b"\xef\xbb\xbf" + json.dumps([STATEMENT, SOLUTION]).encode() + b"\r\n\r\n"
    ),
    "half a pair.jsonl": lambda path: path.write_text(
        json.dumps({"q": f"\ud800 {STATEMENT}", "a": SOLUTION})
    ),
}


def _read(path: Path) -> Benchmark:
    return next(one for one in load_benchmarks([path]) if one.name == path.name)


@pytest.mark.parametrize("name", FORMS)
def test_statement_and_code_of_any_form_count(tmp_path: Path, name: str) -> None:
    FORMS[name](tmp_path / name)
    kept, dropped, _ = without_contaminated(PAIRS, [_read(tmp_path / name)])
    assert kept["pair_id"].to_list() == [FINE["pair_id"]]
    assert [row["reason"] for row in dropped] == ["same_words", "same_code"]


def test_a_folder_is_read_whole_but_for_what_is_hidden(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.jsonl").write_text('{"q": "Something else."}\n')
    (folder / "deep" / "b.csv").write_text(f'prompt\n"{STATEMENT}"\n')
    (folder / "c.exs").write_text(SOLUTION)
    (folder / ".d.txt").write_text("Hidden.")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    found = _read(folder)
    assert len(found.items) == 3
    assert without_contaminated(PAIRS, [found])[0].height == 1


@pytest.mark.parametrize(
    ("name", "raw", "says"),
    [
        ("bad.jsonl", b'{"q": "fine"}\n{"q": oops\n', "line=2"),
        ("deep.jsonl", b'{"q": "fine"}\n' + b"[" * 100_000, "line=2"),
        ("latin.txt", "Größe".encode("latin-1"), "UTF-8"),
        ("odd.txt", b"\xff\xfea", "UTF-8"),
        ("torn.parquet", b"PAR1", "torn.parquet"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(
    tmp_path: Path, name: str, raw: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(BookError) as caught:
        load_benchmarks([tmp_path / name])
    assert caught.value.code is Code.BAD_ROW and says in f"{caught.value} {caught.value.remedy}"


@pytest.mark.parametrize("name", ["empty.csv", "blank.txt", "numbers.jsonl"])
def test_what_holds_no_text_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text({"blank.txt": "\n \n", "numbers.jsonl": "1\n2\n"}.get(name, ""))
    with pytest.raises(BookError) as caught:
        load_benchmarks([tmp_path / name])
    assert caught.value.code is Code.NO_CONTENT
