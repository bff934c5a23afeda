"""What is said of a rehearsal set: the way back of a row, a line of status, the asset's page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from booktune_assets.assets.execute import RunSummary
from booktune_assets.assets.metadata import shown
from booktune_assets.chain.house import House, Outcome
from booktune_assets.cli import cli
from booktune_assets.cli.run import say_summary
from booktune_assets.errors import BookError
from booktune_assets.lake import Lake, Receipt
from booktune_assets.lineage_rehearsal import rehearsal_trace, rehearsal_words
from booktune_assets.llm.calls import Reply, Request
from booktune_assets.rehearsal.build import build_rehearsal
from booktune_assets.settings import Settings
from booktune_assets_tests.rehearsal.lab import says, sized, voices


def published(home: Path, key: str = "reh_1", short: int = 1, **notes: Any) -> Receipt:
    """A set of ten real rows and four of twelve that a script wrote; ``short`` answers are."""
    bad = iter(["No."] * short)

    def reply(request: Request) -> str | Reply:
        return (next(bad, None) if request.messages else None) or says(request)

    made = build_rehearsal(
        sized(replay_rows=10, synthesised_rows=4, candidates=3), 0.2, voices(reply)
    )
    lake = Lake(Settings(home=home).lake)
    receipt = lake.publish(
        "rehearsal_set", key, made.frames, code_version="rehearsal_set.10", counts=made.counts,
        notes={**made.notes, **notes},
    )  # fmt: skip
    lake.set_current("rehearsal_set", key)
    return receipt


def said(home: Path, *words: str) -> str:
    return CliRunner().invoke(cli, ["--home", str(home), *words]).output


def test_a_row_walks_back_to_its_examples_and_calls(tmp_path: Path) -> None:
    published(tmp_path)
    settings = Settings(home=tmp_path)
    lake = Lake(settings.lake)
    rows = lake.read("rehearsal_set", "reh_1")
    written = rows.filter(origin="ssr").row(0, named=True)
    found = rehearsal_trace(settings, written["row_id"])
    assert found.set_id == "reh_1" and found.current and found.row["text"] == written["text"]
    assert [demo["demo_id"] for demo in found.demos] == written["demo_ids"]
    assert [call.call_key for call in found.calls] == written["call_keys"]
    text = said(tmp_path, "trace", written["row_id"])
    assert f"model     base@1, seed {written['seed']}" in text and text.count("shown ") == 2
    assert text.count("the cache of calls has its words no more") == 2
    assert f"group {written['cluster_id']}, {written['third']}" in text

    real = rows.filter(origin="real_replay").row(0, named=True)
    text = said(tmp_path, "trace", real["row_id"])
    assert f"source    {real['source']}" in text and "licence   PSF-2.0" in text
    assert "shown" not in text and "model" not in text and "checked   not checked" in text


def test_a_row_that_was_left_out_says_why_and_older_sets_are_looked_at(tmp_path: Path) -> None:
    published(tmp_path, "reh_0")
    settings = Settings(home=tmp_path)
    lake = Lake(settings.lake)
    short = lake.read("rehearsal_set__rejected", "reh_0").filter(reason="short")["row_id"][0]
    assert "left out  short" in said(tmp_path, "trace", short)
    made = build_rehearsal(sized(replay_rows=2, synthesised_rows=0), 0.2, voices())
    lake.publish("rehearsal_set", "reh_2", made.frames, code_version="rehearsal_set.10")
    lake.set_current("rehearsal_set", "reh_2")
    found = rehearsal_trace(settings, short)
    assert found.set_id == "reh_0" and not found.current and found.row["reason"] == "short"
    as_json = json.loads(said(tmp_path, "trace", short, "--json"))
    assert as_json["row"]["reason"] == "short" and len(as_json["calls"]) == 2
    with pytest.raises(BookError, match="reh_"):
        rehearsal_trace(settings, "reh_none")


def test_status_says_what_the_set_is_made_of(tmp_path: Path) -> None:
    receipt = published(tmp_path, partial="3 questions and answers wait for a budget")
    words = rehearsal_words(receipt)
    thirds = " ".join(f"{receipt.counts[one]} {one}" for one in ("easy", "middle", "hard"))
    assert words == f"9 real_replay, 1 pretrain, 4 ssr; 4 of 12 written are kept ({thirds})"
    flat = " ".join(said(tmp_path, "status").split())
    assert f"rehearsal_set: {words}" in flat
    assert "warning: rehearsal_set: partial: 3 questions and answers wait" in flat


def test_a_run_says_which_rows_are_missing_and_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run_says(receipt: Receipt) -> str:
        made = Outcome("rehearsal_set", receipt.key, "made", receipt)
        say_summary(Settings(home=tmp_path), RunSummary([made], seconds=1.0))
        return capsys.readouterr().out

    assert "warning" not in run_says(published(tmp_path))
    receipt = published(tmp_path, "reh_2", short=10)
    assert receipt.counts["deficit"] == 2
    words = "2 rows fewer than wanted; left out: 10 short"
    assert f"warning: reh_2: {words}\n" in run_says(receipt)
    assert f"warning: rehearsal_set: {words}" in " ".join(said(tmp_path, "status").split())
    assert "warning: reh_3: partial: waits" in run_says(
        published(tmp_path, "reh_3", partial="waits")
    )


def test_the_page_shows_shares_groups_reasons_and_what_was_written(tmp_path: Path) -> None:
    receipt = published(tmp_path)
    house = House.open(Settings(home=tmp_path))
    found = shown(Outcome("rehearsal_set", "reh_1", "made", receipt), house)
    page = {name: str(getattr(entry, "value", entry)) for name, entry in found.items()}
    lines = page["composition"].splitlines()
    assert lines[0] == "| origin | source | wanted | got | deficit | rejected |"
    assert "| ssr | written | 4 | 4 | 0 | 8 |" in lines
    groups = page["groups"].splitlines()
    assert groups[0] == "| group | rows | easy | middle | hard | difficulty |"
    rows = [[int(cell) for cell in line.split("|")[2:6]] for line in groups[2:]]
    assert sum(row[0] for row in rows) == 4 and all(row[0] == sum(row[1:]) for row in rows)
    assert "| ssr | short | 1 |" in page["left out"]
    assert page["preview"].count("**ssr") == min(4, house.settings.preview_rows)
    assert "partial" not in page
