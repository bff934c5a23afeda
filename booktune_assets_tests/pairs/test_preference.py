"""Worse answers beside better ones: only where the question is the same."""

import json
from pathlib import Path
from textwrap import indent

import polars as pl
import pytest

from booktune_assets.pairs.preference import COLUMNS, export_preferences, preferences
from booktune_assets.pairs.wording import BANK
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


def test_only_the_same_question_counts() -> None:
    rows = _rows(
        _reject(11, "What is  a supervisor in elixir?", "See above.", section_id="sec_9"),
        _reject(12, "What is a supervisor process in Elixir?", "The next chapter says it."),
        _reject(13, "Who restarts children?", "The next chapter says it."),
    )
    assert [(str(row["candidate_id"])[-1], row["match"]) for row in rows] == [("b", "question")]
    assert rows[0]["prompt"] == ASKED
    assert rows[0]["chosen"] == "A process that watches others."
    assert rows[0]["rejected"] == "See above."
    assert (rows[0]["gate"], rows[0]["reason"]) == ("G1_stands_alone", "answer_points_elsewhere")


RIGHT = "def twice(n) do\n  n * 2\nend"
WRONG = "def twice(n) do\n  n + 2\nend"
MORE = f"defmodule Sums do\n  @moduledoc false\n\n{indent(WRONG, '  ')}\nend"


def _fault(number: int, shown: str, verification: str = "tested") -> dict[str, object]:
    asked = f"Mend this. `twice(3)` should give `6`.\n\n{code(shown)}\n\n{code('twice(3)')}"
    told = f"`+` has to be `*`.\n\n{code(RIGHT)}"
    return pair(number, asked, told, family="fix_bug", verification=verification)


def test_a_fault_that_a_run_found_is_the_worse_answer_wherever_the_code_is_the_answer() -> None:
    written = pair(7, "Write `twice/1`.", f"So:\n\n{code(RIGHT)}", family="write_code")
    shown = pair(8, f"What is it?\n\n{code(RIGHT)}", code(RIGHT), family="write_code")
    kept = frame(_fault(5, MORE), written, shown)
    names = kept["pair_id"].to_list()
    rows = preferences(kept, PAIR_REJECTS.frame([]), names).sort("family").to_dicts()
    assert [(row["family"], row["match"]) for row in rows] == [
        ("fix_bug", "mutant"), ("write_code", "mutant"),
    ]  # fmt: skip
    assert rows[0]["rejected"] == f"`+` has to be `*`.\n\n{code(WRONG)}"
    assert rows[1]["rejected"] == f"So:\n\n{code(WRONG)}"
    told = {row["pair_id"]: row["turns"] for row in kept.to_dicts()}
    for row in rows:
        assert [row["prompt"], row["chosen"]] == [t["content"] for t in told[row["pair_id"]]]
    assert preferences(frame(_fault(5, MORE, "compiled"), written), PAIR_REJECTS.frame([]), names
                       ).is_empty()  # fmt: skip  # nobody saw that it is wrong
    assert preferences(kept, PAIR_REJECTS.frame([]), names[2:]).is_empty()  # held out


@pytest.mark.parametrize("wording", BANK["true_false"])
def test_a_false_statement_is_the_worse_answer_and_a_true_one_is_none(wording: str) -> None:
    false, true = "A map is never a list of pairs.", "A map is a list of pairs."
    asked = [wording.format(statement=one, language="Elixir") for one in (false, true)]
    kept = frame(
        pair(5, asked[0], f"Wrong. {true}", family="true_false"),
        pair(6, asked[1], f"That holds. {true}", family="true_false"),
    )
    (row,) = preferences(kept, PAIR_REJECTS.frame([]), kept["pair_id"].to_list()).to_dicts()
    assert (row["match"], row["prompt"], row["chosen"]) == (
        "statement", asked[0], f"Wrong. {true}",
    )  # fmt: skip
    verdict, _, rest = row["rejected"].partition(" A map")
    assert verdict in BANK["true"] and f"A map{rest}" == false


def test_what_is_no_worse_answer() -> None:
    assert not _rows(
        _reject(11, ASKED, "The same again.", gate="G8_duplicates"),
        _reject(12, ASKED, "One too many.", gate="limit"),
        _reject(13, ASKED, " A process that watches others.\n"),
        _reject(14, ASKED, " "),
        _reject(17, ASKED, '{"answer": "A process th', gate="G0_form", reason="reply_truncated"),
        _reject(18, ASKED, "It watches.", gate="G7_round_trip", reason="round_trip_call_failed"),
        _reject(19, ASKED, "(FAILED: HTTP 500)", gate="G0_form", reason="call_failed"),
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
