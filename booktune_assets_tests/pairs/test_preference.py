"""Refused candidates beside kept pairs: only where the question is the same."""

import json
from pathlib import Path

import polars as pl

from booktune_assets.pairs.preference import COLUMNS, export_preferences, preferences
from booktune_assets.schemas_pairs import PAIR_REJECTS
from booktune_assets_tests.pairs.rows import code, frame, pair

ASKED = "What is a supervisor in Elixir?"


def _reject(number: int, question: str, answer: str, **more: object) -> dict[str, object]:
    return {
        "candidate_id": f"pair_{number:020x}", "book_id": "lab", "section_id": "sec_1",
        "family": "define", "gate": "G1_stands_alone", "reason": "answer_points_elsewhere",
        "turns": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}],
        **more,
    }  # fmt: skip


KEPT = [
    pair(1, ASKED, "A process that watches others.", section_id="sec_1"),
    pair(2, f"Explain this.\n\n{code('a = 1')}", "It binds a.", section_id="sec_1",
         family="explain_code"),
    pair(3, "What is a tuple?", "A fixed group.", section_id="sec_1", split="heldout"),
]  # fmt: skip


def _rows(*rejects: dict[str, object]) -> list[dict[str, object]]:
    kept = frame(*KEPT)
    train = kept.filter(pl.col("split") == "train")["pair_id"].to_list()
    found = preferences(kept, PAIR_REJECTS.frame([dict(one) for one in rejects]), train)
    assert found.columns == list(COLUMNS)
    return found.to_dicts()


def test_the_same_question_and_one_that_is_nearly_the_same() -> None:
    rows = _rows(
        _reject(11, "What is  a supervisor in elixir?", "See above.", section_id="sec_9"),
        _reject(12, "What is a supervisor process in Elixir?", "The next chapter says it."),
        _reject(13, "Who restarts children?", "The next chapter says it."),
        _reject(14, "What is a supervisor process in Elixir?", "Elsewhere.", section_id="sec_9"),
    )
    assert [(row["candidate_id"][-1], row["match"]) for row in rows] == [
        ("b", "question"), ("c", "section"),
    ]  # fmt: skip
    assert rows[0]["prompt"] == ASKED
    assert rows[0]["chosen"] == "A process that watches others."
    assert rows[0]["rejected"] == "See above."
    assert (rows[0]["gate"], rows[0]["reason"]) == ("G1_stands_alone", "answer_points_elsewhere")


def test_what_is_no_worse_answer() -> None:
    assert not _rows(
        _reject(11, ASKED, "The same again.", gate="G8_duplicates"),
        _reject(12, ASKED, "One too many.", gate="limit"),
        _reject(13, ASKED, " A process that watches others.\n"),
        _reject(14, ASKED, " "),
        _reject(15, "What is a tuple?", "See above."),  # its rival is held out
        _reject(16, f"Explain this.\n\n{code('b = 2')}", "It binds.", family="explain_code"),
    )


def test_files(tmp_path: Path) -> None:
    kept = frame(*KEPT)
    rejects = PAIR_REJECTS.frame([_reject(11, ASKED, "See above.")])
    rows = preferences(kept, rejects, kept["pair_id"].to_list())
    written = export_preferences(rows, tmp_path)
    assert [path.name for path in written] == ["preference.jsonl", "preference.parquet"]
    line = json.loads(written[0].read_text())
    assert {"prompt", "chosen", "rejected", "gate", "reason"} <= line.keys()
    assert pl.read_parquet(written[1]).equals(rows)
    assert export_preferences(rows.clear(), tmp_path) == []
    assert list(tmp_path.iterdir()) == []
