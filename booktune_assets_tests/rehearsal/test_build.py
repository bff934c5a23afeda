"""The rehearsal set as a whole: rows, counts, what is left out, who is asked for what."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from booktune_assets.llm.calls import Reply, Request
from booktune_assets.rehearsal.build import build_rehearsal
from booktune_assets.rehearsal.clean import guarded
from booktune_assets_tests.rehearsal.lab import says, sized, voices

MAIN, REJECTED, DEMOS, MIX = (
    f"rehearsal_set{part}" for part in ("", "__rejected", "__demos", "__mix")
)


def test_every_row_says_where_it_comes_from() -> None:
    asked: list[Request] = []
    wanted = sized(replay_rows=40, synthesised_rows=6, seed=7)
    made = build_rehearsal(wanted, 0.2, voices(asked=asked))
    rows = made.frames[MAIN]
    assert Counter(rows["origin"]) == {"real_replay": 38, "pretrain": 2, "ssr": 6}
    own = rows.filter(origin="ssr")
    assert own["model"].unique().to_list() == ["base"]
    assert own["revision"].unique().to_list() == ["1"]
    assert own["verification"].unique().to_list() == ["no_code"]
    assert own["difficulty_by"].unique().to_list() == ["answer_tokens"]
    assert own["cluster_id"].null_count() == 0
    assert set(own["third"]) == {"easy", "middle", "hard"}
    demos = set(made.frames[DEMOS]["demo_id"])
    keys = {one.call_key for one in asked}
    for row in own.iter_rows(named=True):
        assert len(row["call_keys"]) == 2 and set(row["call_keys"]) <= keys
        assert len(row["demo_ids"]) == 2 and set(row["demo_ids"]) <= demos
        assert row["prompt"] == f"Question:\n{row['turns'][0]['content']}\n\nAnswer:\n"
        assert row["turns"][1] == {"role": "assistant", "content": row["text"]}
        assert row["seed"] == 7
    real = rows.filter(origin="real_replay")
    assert real["licence"].unique().to_list() == ["PSF-2.0"] and real["seed"].null_count() == 38
    rejected = made.frames[REJECTED]
    assert rejected["reason"].unique().to_list() == ["not_selected"]
    assert made.counts["candidates"] == made.counts["ssr"] + rejected.height == 12
    assert made.counts["calls"] == 24 and made.counts["deficit"] == 0


def test_the_base_writes_and_the_latest_answers(adapter: Path) -> None:
    asked: list[Request] = []
    wanted = sized(synthesised_rows=2)
    made = build_rehearsal(wanted, 0.2, voices(adapter=adapter, asked=asked))
    name = str(made.notes["adapter"])
    written, answered = asked[:4], asked[4:]
    assert name.startswith("adapter-") and len(answered) == 4
    assert all(not one.adapter and one.temperature == 0.9 and one.top_p == 0.6 for one in written)
    assert all(one.repetition == 1.2 and one.prompt.endswith("\n\nInput:") for one in written)
    assert all(one.adapter == name and one.temperature == 0 for one in answered)
    own = made.frames[MAIN].filter(origin="ssr")
    assert own["adapter"].unique().to_list() == [name]

    other: list[Request] = []
    two = build_rehearsal(wanted, 0.2, voices(base="plain", latest="tuned", asked=other))
    assert [one.model for one in other] == ["plain"] * 4 + ["tuned"] * 4
    assert two.frames[MAIN].filter(origin="ssr")["model"].unique().to_list() == ["tuned"]


@pytest.mark.parametrize("how", ["no examples", "asked for"])
def test_without_examples_the_model_asks_itself(how: str) -> None:
    asked: list[Request] = []
    chosen = {"demo_chars": 40, "shots": 3} if how == "no examples" else {"method": "magpie"}
    wanted = sized(synthesised_rows=3, **chosen)
    if how == "no examples":
        wanted = wanted.model_copy(update={"demos": 2})
    made = build_rehearsal(wanted, 0.2, voices(asked=asked))
    assert [one.ids for one in asked[:6]] == [(1, 81, 7)] * 6
    assert [one.seed for one in asked[:6]] == list(range(6))
    own = made.frames[MAIN].filter(origin="magpie")
    assert own.height == 3 and made.counts["magpie"] == 3
    assert own["demo_ids"].list.len().to_list() == [0, 0, 0]
    assert own["source"].unique().to_list() == ["empty turn"]
    assert made.frames[DEMOS].is_empty() and made.notes["method"] == "magpie"
    assert made.frames[MIX].filter(origin="magpie")["got"].to_list() == [3]


def test_what_is_unfit_is_kept_with_its_reason() -> None:
    bad = iter([" \nOutput: alone.", " q is what?\nOutput: x.", "", " What is it?\nOutput: y."])

    def reply(request: Request) -> str | Reply:
        if request.prompt and (text := next(bad, None)) is not None:
            return text or Reply(request.call_key, "", "error", "FAILED: gone")
        if request.messages and request.messages[0][1] == "What is it?":
            return "Short."
        return says(request)

    made = build_rehearsal(sized(synthesised_rows=5, candidates=2), 0.2, voices(reply))
    reasons = Counter(made.frames[REJECTED]["reason"])
    assert reasons["no_question"] == reasons["no_reply"] == reasons["short"] == 1
    assert made.counts["rejected_no_reply"] == 1
    failed = made.frames[REJECTED].filter(reason="no_reply")
    assert failed["detail"].to_list() == ["FAILED: gone"]
    assert made.counts["ssr"] == 5


def test_a_question_at_its_limit_is_cut_after_its_last_sentence() -> None:
    texts = iter(["What is lock 7 for? And its buffer, which", "What is a lock for, when the"])

    def reply(request: Request) -> str | Reply:
        if request.messages:
            return says(request)
        assert request.max_tokens == 32
        return Reply(request.call_key, f" {next(texts)}", "length")

    made = build_rehearsal(sized(synthesised_rows=2, candidates=1), 0.2, voices(reply))
    (row,) = made.frames[MAIN].filter(origin="ssr").to_dicts()
    assert row["turns"][0]["content"] == "What is lock 7 for?"
    (left,) = made.frames[REJECTED].to_dicts()
    assert left["reason"] == "unfinished"
    assert left["turns"][0]["content"] == "What is a lock for, when the"


def test_too_few_are_a_deficit_not_a_padding() -> None:
    made = build_rehearsal(sized(synthesised_rows=4), 0.2, voices(lambda _: "nothing of use"))
    assert made.counts["ssr"] == 0 and made.counts["deficit"] == 4
    line = made.frames[MIX].filter(origin="ssr").row(0, named=True)
    assert (line["wanted"], line["got"], line["deficit"]) == (4, 0, 4)


@pytest.mark.parametrize("calls", [0, 3, 4, 6, 8])
def test_a_spent_budget_is_a_deficit_not_a_rejected_row(calls: int) -> None:
    left = [calls]

    def reply(request: Request) -> str | Reply:
        left[0] -= 1
        spent = Reply(request.call_key, "", "budget", "BUDGET: all is spent")
        return says(request) if left[0] >= 0 else spent

    made = build_rehearsal(sized(synthesised_rows=4, candidates=1), 0.2, voices(reply))
    answered = max(0, calls - 4)
    assert made.counts["ssr"] == made.counts["candidates"] == answered
    assert made.counts["deficit"] == 4 - answered and made.counts["calls"] == calls
    assert made.frames[REJECTED].is_empty() and ("partial" in made.notes) == (calls < 8)
    # questions that were not asked, and answers to those that were
    assert made.counts["calls_unasked"] == 4 - answered


def test_repeats_and_what_is_held_out_are_left_out() -> None:
    text = (
        "The same answer again and again: each lock waits for one buffer, the buffer for one "
        "table, and the table for whoever came first to ask for it."
    )

    def reply(request: Request) -> str:
        return text if request.messages else says(request)

    made = build_rehearsal(sized(synthesised_rows=4), 0.2, voices(reply))
    assert made.counts["ssr"] == 1 and made.counts["rejected_repeats"] == 7
    hidden = [guarded("held-out sections", [("sec_9", text)])]
    again = build_rehearsal(sized(synthesised_rows=4), 0.2, voices(reply), hidden)
    assert again.counts["ssr"] == 0 and again.counts["rejected_contaminated"] == 8
    assert again.frames[REJECTED]["detail"].str.contains("held-out sections:sec_9").any()


def test_code_is_dropped_where_nothing_can_be_run() -> None:
    def reply(request: Request) -> str:
        return f"```elixir\nx = {len(request.call_key)}\n```" if request.messages else says(request)

    wanted = sized(synthesised_rows=2)
    made = build_rehearsal(wanted, 0.2, voices(reply), (), None)
    assert made.counts["ssr"] == 0 and made.counts["rejected_no_sandbox"] == 4
    off = build_rehearsal(wanted.model_copy(update={"execute": False}), 0.2, voices(reply))
    assert off.frames[MAIN].filter(origin="ssr")["verification"].unique().to_list() == [
        "not_checked"
    ]


def test_the_same_replies_give_the_same_set() -> None:
    wanted = sized(replay_rows=20, synthesised_rows=6)
    one, two = (build_rehearsal(wanted, 0.2, voices()) for _ in range(2))
    for name, frame in one.frames.items():
        assert frame.equals(two.frames[name]), name
    other = build_rehearsal(wanted.model_copy(update={"seed": 1}), 0.2, voices())
    assert not other.frames[MAIN].equals(one.frames[MAIN])


def test_no_synthesis_asks_nobody() -> None:
    made = build_rehearsal(sized(replay_rows=2, synthesised_rows=0), 0.2, voices(None))  # pyright: ignore
    assert made.counts["rows"] == 2 and made.counts["calls"] == 0 and made.notes == {}
    assert made.frames[MAIN].filter(pl.col("model") != "").is_empty()
