"""Texts of earlier stages: what is a row, and what is refused with its file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from booktune_assets.errors import BookError, Code
from booktune_assets.training.texts import check_examples, stage_rows

ODD = "a\u2028b\x85c\u2029d"  # ends of lines to some readers, text to JSON
SAID = [{"from": "human", "value": ODD}, {"from": "gpt", "value": "yes"}]


def test_lines_end_at_line_feeds_only(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    rows = [{"text": ODD}, {"conversations": SAID}]
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    texts, examples = stage_rows(file)
    assert [row["text"] for row in texts] == [ODD]
    assert examples[0]["turns"][0]["content"] == ODD


def test_pictures_are_no_texts(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(128, 256)))
    with pytest.raises(BookError) as caught:
        stage_rows(tmp_path)
    assert caught.value.code is Code.NO_EXAMPLES
    (tmp_path / "b.txt").write_text("A process has a mailbox.")
    texts, _ = stage_rows(tmp_path)
    assert [row["text"] for row in texts] == ["A process has a mailbox."]


@pytest.mark.parametrize(
    "line",
    [
        b'{"conversations": [{"role": "user", "content": "x"}]}',
        b'{"conversations": ["x", "y"]}',
        b'{"conversations": "x"}',
        b'{"text": 3}',
        b"[1]",
        '{"text": "Größe"}'.encode("latin-1"),
        b'{"text": "bad \\ud83d"}',
        b'{"conversations": [{"from": "human", "value": "\\udc00"}]}',
        b'{"text": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    ],
)
def test_bad_rows_name_file_and_line(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b'{"text": "fine"}\n' + line + b"\n")
    with pytest.raises(BookError) as caught:
        stage_rows(file)
    assert caught.value.code is Code.BAD_ROW
    assert "rows.jsonl" in str(caught.value) and "line=2" in str(caught.value)


def test_what_json_can_hold_and_no_file_can_is_said(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    for raw, why in (
        (b'"\\ud83d\\ude00"', ""),
        (b'"\\ud83d"', "surrogate"),
        (b"[" * 20_000 + b"]" * 20_000, "deep"),
    ):
        file.write_bytes(b'\xef\xbb\xbf{"text": "after a mark"}\n{"text": ' + raw + b"}\n")
        if not why:
            assert [row["text"] for row in stage_rows(file)[0]] == ["after a mark", "\U0001f600"]
            continue
        with pytest.raises(BookError) as caught:
            stage_rows(file)
        assert why in str(caught.value.where["why"]) and caught.value.where["line"] == 2
    half = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "so \ud83d"}]
    with pytest.raises(BookError, match="surrogate"):  # an example that came another way
        check_examples([{"example_id": "ex", "turns": half}])


@pytest.mark.parametrize("said", [SAID[:1], SAID[::-1], [SAID[0], SAID[1] | {"value": " "}], []])
def test_bad_turns_name_file_and_line(tmp_path: Path, said: list[dict[str, str]]) -> None:
    file = tmp_path / "rows.jsonl"
    rows = [{"text": "fine"}, {"conversations": SAID}, {"conversations": said}, {"text": "fine"}]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(BookError) as caught:
        stage_rows(file)
    where = caught.value.where
    assert caught.value.code is Code.BAD_ROW and (where["file"], where["line"]) == (file.name, 3)
    assert (where["bad"], where["of"]) == (1, 2) and "Mend the row" in caught.value.remedy
