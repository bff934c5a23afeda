"""The table of decisions, and what the sets make of it."""

import threading

import polars as pl
import pytest

from booktune_assets.chain.build import build, state
from booktune_assets.chain.house import BOOK_STAGES, SET_STAGES, House
from booktune_assets.errors import BookError, Code
from booktune_assets.lineage import trace
from booktune_assets.review.decisions import Decision, Decisions
from booktune_assets.settings import Settings
from booktune_assets_tests.review.shelf import sets


def rows(house: House, asset: str = "sharegpt_set") -> dict[str, dict]:
    key = house.lake.current_key(asset)
    return {row["pair_id"]: row for row in house.lake.read(asset, key or "").to_dicts()}


def dropped(house: House, asset: str = "sharegpt_set") -> dict[str, dict]:
    key = house.lake.current_key(asset) or ""
    return {row["pair_id"]: row for row in house.lake.read(f"{asset}__dropped", key).to_dicts()}


def counts(house: House) -> dict[str, int]:
    receipt = house.lake.receipt("sharegpt_set", house.lake.current_key("sharegpt_set") or "")
    assert receipt
    return receipt.counts


def own_turns(house: House, pair: str) -> list[dict[str, str]]:
    frame = house.lake.read("instruction_pairs", "tides")
    return frame.filter(pl.col("pair_id") == pair)["turns"][0].to_list()


def single(house: House) -> list[str]:
    """Training pairs of one exchange, in order: they stand in both sets."""
    both = rows(house)  # a part of a lesson stands in one of them only
    return [
        pair
        for pair, row in rows(house, "alpaca_set").items()
        if row["split"] == "train" and pair in both
    ]


def test_decisions_are_kept_changed_and_taken_back(tmp_path) -> None:
    table = Decisions(Settings(home=tmp_path))
    assert table.all() == {} and table.digest() == ""
    pair = "pair_" + "a" * 20
    table.put(Decision(pair, "tides", "reject", note="dull", reviewer="ada"))
    first = table.digest()
    table.put(Decision(pair, "tides", "edit", (("user", "q?"), ("assistant", "an a")), "", "bob"))
    (one,) = table.all().values()
    assert (one.decision, one.reviewer, one.turns) == (
        "edit", "bob", (("user", "q?"), ("assistant", "an a")),
    )  # fmt: skip
    assert one.decided_at > 0
    assert table.digest() != first
    table.take_back([pair, "pair_" + "b" * 20])
    assert table.all() == {}


def test_the_digest_tells_decisions_and_neither_clocks_nor_people(tmp_path) -> None:
    pair = "pair_" + "a" * 20
    tables = [Decisions(Settings(home=tmp_path / name)) for name in "ab"]
    for number, table in enumerate(tables):
        table.put(Decision(pair, "tides", "accept", None, f"n{number}", f"r{number}", 1.0 + number))
    assert tables[0].digest() == tables[1].digest()


def test_many_writers_lose_nothing(tmp_path) -> None:
    table = Decisions(Settings(home=tmp_path))
    names = [f"pair_{number:020x}" for number in range(24)]
    threads = [
        threading.Thread(target=table.put, args=(Decision(name, "tides", "accept"),))
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(table.all()) == names


def test_a_damaged_table_stops_the_sets_and_says_so(house: House) -> None:
    path = Decisions(house.settings).path
    path.parent.mkdir()
    path.write_bytes(b"PAR1 not a table")
    outcome = build("sharegpt_set", None, house)
    assert outcome.error is not None and outcome.error.code is Code.DAMAGED_FILE
    with pytest.raises(BookError, match="DAMAGED_FILE"):
        Decisions(house.settings).put(Decision("pair_" + "a" * 20, "tides", "accept"))
    assert path.read_bytes() == b"PAR1 not a table"  # what a person wrote is never written over


def test_a_rejected_pair_leaves_both_sets_and_comes_back(house: House) -> None:
    pair, before = single(house)[0], rows(house)
    Decisions(house.settings).put(Decision(pair, "tides", "reject", note="says nothing"))
    assert [state(asset, None, house) for asset in SET_STAGES] == ["stale", "stale"]
    assert [state(asset, "tides", house) for asset in BOOK_STAGES] == ["current"] * 4
    assert [one.status for one in sets(house)] == ["made", "made"]
    for asset in SET_STAGES:
        assert pair not in rows(house, asset)
        row = dropped(house, asset)[pair]
        assert (row["gate"], row["reason"], row["detail"]) == (
            "review", "rejected", "says nothing",
        )  # fmt: skip
    assert pair in set(before) - set(rows(house))  # the mix may let others go with it
    assert counts(house)["review_rejected"] == counts(house)["dropped_review"] == 1
    found = trace(house.settings, pair)
    assert {one.gate for one in found.aside} == {"review"}
    assert found.review is not None and found.review.note == "says nothing"
    Decisions(house.settings).take_back([pair])
    sets(house)
    assert rows(house) == before


def test_an_edited_pair_goes_in_as_edited(house: House) -> None:
    pair, before = single(house)[0], rows(house)
    turns = own_turns(house, pair)
    said = (("user", "What holds a boat in a lock?"), ("assistant", "The lower gate, once shut."))
    Decisions(house.settings).put(Decision(pair, "tides", "edit", said, "clearer", "ada"))
    sets(house)
    after = rows(house)
    assert [turn["value"] for turn in after[pair]["conversations"]] == [text for _, text in said]
    assert after[pair]["review"] == "edited"
    assert after[pair]["example_id"] != before[pair]["example_id"]
    stay = (after.keys() & before.keys()) - {pair}  # the mix may take others beside other words
    assert len(stay) >= len(before) - 2
    assert all(after[name]["example_id"] == before[name]["example_id"] for name in stay)
    for name in (after[pair]["example_id"], pair):
        found = trace(house.settings, name)
        assert found.turns == said
        assert found.original == tuple((turn["role"], turn["content"]) for turn in turns)
        assert found.review is not None and found.review.reviewer == "ada"
    jsonl = (house.settings.exports / "sharegpt" / "train.jsonl").read_text()
    assert "once shut." in jsonl
    assert own_turns(house, pair) == turns  # the pair itself is as it was


def test_an_accepted_pair_is_recorded_and_no_id_changes(house: House) -> None:
    pair = single(house)[0]
    before = house.lake.current_key("sharegpt_set")
    digest = house.lake.receipt("sharegpt_set", before or "").digest  # pyright: ignore
    Decisions(house.settings).put(Decision(pair, "tides", "accept"))
    sets(house)
    assert rows(house)[pair]["review"] == "accepted"
    assert house.lake.current_key("sharegpt_set") == before
    receipt = house.lake.receipt("sharegpt_set", before or "")
    assert receipt is not None and receipt.digest == digest  # nothing after the sets wakes
    assert receipt.counts["review_accepted"] == 1


def test_a_decision_about_a_pair_that_is_no_more_stays_and_is_idle(house: House) -> None:
    gone = "pair_" + "0" * 20
    before = rows(house)
    Decisions(house.settings).put(Decision(gone, "tides", "reject"))
    sets(house)
    assert rows(house) == before
    assert counts(house)["review_idle"] == 1 and counts(house)["review_rejected"] == 0
    assert gone in Decisions(house.settings).all()


def test_an_edit_that_breaks_a_rule_leaves_the_set_and_stops_nothing(house: House) -> None:
    pair = single(house)[0]
    said = (("user", "How?"), ("assistant", "```elixir\nno end"))
    Decisions(house.settings).put(Decision(pair, "tides", "edit", said))
    sets(house)
    assert pair not in rows(house)
    assert dropped(house)[pair]["reason"] == "edit_broken"
    assert "fence_open" in dropped(house)[pair]["detail"]


def test_code_that_a_person_changed_counts_as_unchecked(house: House) -> None:
    from booktune_assets.chain.review import edited

    pairs = house.lake.read("instruction_pairs", "tides")
    with_code = pairs.filter(pl.col("verification") != "none").row(0, named=True)
    name, turns = with_code["pair_id"], with_code["turns"]
    told = [(turn["role"], turn["content"] + "\n\nMore words.") for turn in turns]
    code = [*told[:-1], ("assistant", told[-1][1] + "\n\n```elixir\n40 + 2\n```")]
    for said, checked in ((told, with_code["verification"]), (code, "none")):
        Decisions(house.settings).put(Decision(name, "tides", "edit", tuple(said)))
        row = edited(pairs, house.settings).filter(pl.col("pair_id") == name).row(0, named=True)
        assert row["verification"] == checked
        assert row["answer_chars"] == len(said[-1][1])
        assert row["gates"] == ["G0_form", "edited_by_a_person"]
