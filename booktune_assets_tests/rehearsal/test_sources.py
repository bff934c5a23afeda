"""The user's own texts, examples made of them, and how many rows come from where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from booktune_assets.errors import BookError, Code
from booktune_assets.rehearsal.clean import guarded
from booktune_assets.rehearsal.demos import Demo, earlier_demos, pools_of, shown_together
from booktune_assets.rehearsal.item import Item
from booktune_assets.rehearsal.real import real_rows
from booktune_assets.rehearsal.sources import read_texts, texts_digest
from booktune_assets.settings_training import RehearsalTexts
from booktune_assets_tests.rehearsal.lab import WORDS, sized

MADE = " ".join(WORDS)


def _texts(path: Path, share: float = 1.0, origin: str = "real_replay") -> RehearsalTexts:
    return RehearsalTexts.model_validate(
        {"path": path, "licence": "CC0-1.0", "share": share, "origin": origin}
    )


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    rows: list[object] = [
        {"text": f"{MADE} one."},
        {"messages": [{"role": "system", "content": "Be brief."},
                      {"role": "user", "content": "What is a lock?"},
                      {"role": "assistant", "content": "What keeps others out."}]},
        {"conversations": [{"from": "human", "value": "And a queue?"},
                           {"from": "gpt", "value": "A row of those who wait."}]},
        {"instruction": "Add", "input": "1 and 2", "output": "3 is the sum."},
        {"prompt": "Say so", "completion": "So it is said."},
        {"messages": [{"role": "user", "content": "alone"}]},
        {"messages": "none"}, {"text": ""}, {"text": 7}, {"nothing": 1}, 5,
    ]  # fmt: skip
    file = tmp_path / "own.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows) + "\n{broken\n\n")
    return file


def test_lines_of_every_form_are_read_and_bad_ones_say_why(lines: Path) -> None:
    items = read_texts(_texts(lines), 700)
    good, bad = ([one for one in items if bool(one.reason) is kind] for kind in (False, True))
    assert len(good) == 5 and len(bad) == 7
    assert {one.licence for one in items} == {"CC0-1.0"}
    talk = next(one for one in good if one.text == "What keeps others out.")
    assert talk.prompt == "Be brief.\n\nQuestion:\nWhat is a lock?\n\nAnswer:\n"
    assert talk.question == "What is a lock?"
    assert next(one for one in good if "1 and 2" in one.prompt).text == "3 is the sum."
    assert {one.reason for one in bad} == {"bad_row"}
    assert any("line 12: it is no JSON" in one.detail for one in bad)
    plain = next(one for one in good if not one.turns)
    assert plain.prompt == "" and plain.row()["turns"] is None


def test_lines_that_no_table_can_hold_are_left_out_with_their_reason(tmp_path: Path) -> None:
    file = tmp_path / "own.jsonl"
    deep = b'{"text": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"
    lines = [b'\xef\xbb\xbf{"text": "After a mark."}', b'{"text": "bad \\ud83d"}', deep]
    file.write_bytes(b"\n".join(lines))
    items = read_texts(_texts(file), 700)
    assert [one.text for one in items if not one.reason] == ["After a mark."]
    said = [one.detail for one in items if one.reason == "bad_row"]
    assert len(said) == 2 and "line 2" in said[0] and "surrogate" in said[0]
    assert "line 3" in said[1] and "deep" in said[1]
    assert all(one.row_id and one.row()["text"] for one in items)
    for number, line in enumerate(lines[1:]):
        folder = tmp_path / f"stage-{number}"
        folder.mkdir()
        (folder / "pool.jsonl").write_bytes(lines[0] + b"\n" + line + b"\n")
        with pytest.raises(BookError) as caught:
            earlier_demos(folder)
        assert caught.value.code is Code.BAD_ROW and caught.value.where["line"] == 2


def test_a_source_without_any_text_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="folder with texts"):
        read_texts(_texts(tmp_path), 700)
    (tmp_path / "a.jsonl").write_text('{"nothing": 1}\n')
    with pytest.raises(BookError, match="line 1"):
        read_texts(_texts(tmp_path), 700)
    (tmp_path / "a.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BookError, match="UTF-8"):
        read_texts(_texts(tmp_path), 700)


def _folder(path: Path, name: str, number: int) -> Path:
    folder = path / name
    folder.mkdir()
    for n in range(number):
        words = " ".join(f"{word}{n}{name}" for word in WORDS)
        (folder / f"{n}.txt").write_text(f"{words.capitalize()}. Then comes number {n} of {name}.")
    return folder


def test_sources_get_exact_rows_and_what_is_missing_is_said(tmp_path: Path) -> None:
    one, two = _folder(tmp_path, "one", 30), _folder(tmp_path, "two", 3)
    like = _folder(tmp_path, "like", 9)
    texts = [_texts(one, 0.25), _texts(two, 0.5), _texts(like, 1.0, "pretrain")]
    wanted = sized(replay_rows=44, synthesised_rows=0, texts=texts, pretrain=0.02, row_chars=300)
    real = real_rows(wanted, 0.2, [])
    found = {(one.origin, one.source): (one.wanted, len(one.rows)) for one in real.sources}
    assert found == {
        ("real_replay", "one"): (10, 10), ("real_replay", "two"): (20, 3),
        ("real_replay", "general"): (10, 10), ("pretrain", "like"): (4, 4),
        ("pretrain", "general"): (0, 0),
    }  # fmt: skip
    more = real_rows(wanted.model_copy(update={"replay_rows": 60}), 0.2, [])
    rows = {one.source: [item.row_id for item in one.rows] for one in real.sources}
    for later in more.sources:
        kept = rows[later.source] if later.source in ("one", "two") else []
        assert [item.row_id for item in later.rows][: len(kept)] == kept
    assert texts_digest(one) != texts_digest(two)
    (one / "0.txt").write_text("changed")
    assert texts_digest(one) != texts_digest(two)


def test_shares_above_one_are_refused(tmp_path: Path) -> None:
    one = _folder(tmp_path, "one", 2)
    with pytest.raises(BookError, match="1 together"):
        real_rows(sized(texts=[_texts(one, 0.6), _texts(one, 0.5)]), 0.2, [])


def test_no_passage_is_both_and_none_shows_what_is_held_out(tmp_path: Path) -> None:
    wanted = sized(replay_rows=40, synthesised_rows=0, pretrain=0.05)
    plain = real_rows(wanted, 0.2, [])
    texts = [item.text for item in plain.rows]
    assert len(set(texts)) == 40
    assert sum(item.origin == "pretrain" for item in plain.rows) == 10
    hidden = plain.rows[0].text
    again = real_rows(wanted, 0.2, [guarded("held-out sections", [("sec_1", hidden)])])
    assert hidden not in [item.text for item in again.rows] and len(again.rows) == 40
    (dropped,) = [item for item in again.rejected if item.text == hidden]
    assert dropped.reason == "contaminated"
    assert dropped.detail.startswith("held-out sections:sec_1: same_words")


def _demos(number: int, task: str = "t") -> list[Demo]:
    return [Demo(task, task, "", f"question {n}?", f"answer {n}.") for n in range(number)]


def test_all_ordered_groups_are_shown_tasks_in_turn() -> None:
    pools = {"a": _demos(4, "a"), "b": _demos(3, "b")}
    shown = list(shown_together(pools, 2, 3, 0))
    assert len(shown) == len(set(shown)) == 3 * (4 * 3 + 3 * 2)
    assert [demos[0].task for demos, _ in shown[:6]] == ["a", "b"] * 3
    assert all(one != two for (one, two), _ in shown)
    assert [sample for _, sample in shown[:18]] == [0] * 18
    assert list(shown_together(pools, 2, 3, 0)) == shown != list(shown_together(pools, 2, 3, 1))
    assert not list(shown_together({"a": _demos(1)}, 2, 3, 0))


def test_examples_come_from_texts_talks_and_topics() -> None:
    talk = Item(
        "real_replay", "s", "", "It waits.", (("user", "What?"), ("assistant", "It waits."))
    )
    text = Item("real_replay", "s", "", "It begins so. Then it goes on and ends.")
    topic = Item("real_replay", "pydoc-3.11:while", "", "The while statement repeats. " * 30)
    nothing = Item("real_replay", "s", "", "no sentence at all")
    (pool,) = pools_of({"t": [talk, text, topic, nothing], "none": [nothing]}, 9, 100).values()
    assert [(one.question, one.answer[:30]) for one in pool] == [
        ("What?", "It waits."), ("Go on from here: It begins so.", "Then it goes on and ends."),
        ("Explain `while` in Python.", "The while statement repeats. T"),
    ]  # fmt: skip
    assert len(pool[2].answer) <= 100 and pool[2].answer.endswith("repeats.")
    assert len(pools_of({"t": [talk, text, topic]}, 2, 100)["t"]) == 2


def test_examples_of_an_earlier_stage_are_read(tmp_path: Path) -> None:
    assert earlier_demos(tmp_path) == []
    rows = [{"text": "It was so. It is so."}, {"question": "Why?", "answer": "So.", "licence": "X"}]
    (tmp_path / "demos.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = {item.question: item.licence for item in earlier_demos(tmp_path)}
    assert found == {"It was so. It is so.": "as the earlier stage's", "Why?": "X"}
    (tmp_path / "demos.jsonl").write_text("[1]\n")
    with pytest.raises(BookError, match="Train that stage again"):
        earlier_demos(tmp_path)
    (tmp_path / "demos.jsonl").write_bytes(b'{"text": "caf\xe9. So."}\n')
    with pytest.raises(BookError, match="UTF-8"):
        earlier_demos(tmp_path)


def test_line_ends_of_unicode_are_part_of_a_text(tmp_path: Path) -> None:
    odd = f"{MADE}.\u2028{MADE}\x85{MADE}."
    file = tmp_path / "pool.jsonl"
    file.write_text(json.dumps({"text": odd}, ensure_ascii=False) + "\n\n", encoding="utf-8")
    assert [item.text for item in earlier_demos(tmp_path)] == [odd]
    found = read_texts(_texts(file), 10_000)
    assert found and not [item for item in found if item.reason]
