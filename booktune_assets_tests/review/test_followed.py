"""A book is mended around what people decided about: their decisions hold on."""

import polars as pl

from booktune_assets.chain.build import build
from booktune_assets.chain.followed import follow, waiting, waiting_words
from booktune_assets.chain.house import BOOK_STAGES, House
from booktune_assets.review.decisions import Decision, Decisions
from booktune_assets_tests.review.shelf import TEXT, put, sets

SECTION = """
## Gates

A gate is a wall of timber that turns on a post. A gate holds because the water presses it shut.

A {name} is an opening in a gate that lets the water in. It is opened first of all.

"""


def with_section(text: str, name: str) -> str:
    before, _, rest = text.partition("\n## Gates\n")
    return before + SECTION.format(name=name) + rest.partition("presses it shut.\n\n")[2]


def mended(house: House, name: str) -> pl.DataFrame:
    """The pairs of the book after its second paragraph on gates was written anew."""
    put(house.settings, "tides.md", with_section(TEXT, name))
    for asset in BOOK_STAGES:
        assert build(asset, "tides", house).error is None
    return house.lake.read("instruction_pairs", "tides")


def about(pairs: pl.DataFrame, words: str) -> list[str]:
    said = pl.col("turns").list.last().struct.field("content").str.starts_with(words)
    return pairs.filter(said, pl.col("family") == "define")["pair_id"].to_list()


def test_a_decision_holds_where_its_section_is_mended_and_what_is_gone_waits(house: House) -> None:
    before = mended(house, "sluice")
    (gate,), (sluice,) = about(before, "A gate is"), about(before, "A sluice is")
    table = Decisions(house.settings)
    table.put(Decision(gate, "tides", "reject", note="dull"), Decision(sluice, "tides", "accept"))
    after = mended(house, "paddle")
    (new,) = about(after, "A gate is")
    assert new == gate, "its own blocks are what they were"
    known = table.all()
    assert (known[new].decision, known[new].note) == ("reject", "dull")
    assert waiting(known.values(), set(after["pair_id"])) == {sluice}
    for outcome in sets(house):
        assert outcome.receipt
        counts = outcome.receipt.counts
        assert (counts["review_rejected"], counts["review_idle"]) == (1, 1)
    rows = house.lake.read("sharegpt_set", house.lake.current_key("sharegpt_set") or "")
    assert new not in rows["pair_id"].to_list()
    again = mended(house, "sluice")
    assert waiting(table.all().values(), set(again["pair_id"])) == set(), "both texts came back"
    assert follow(house.settings, "tides", again) == 0


def test_a_decision_follows_its_words_to_another_id(house: House) -> None:
    """Rules that name pairs anew, or a block that says the same elsewhere."""
    before = house.lake.read("instruction_pairs", "tides")
    (gate,) = about(before, "A gate is a wall of timber that turns on a post. A gate holds")
    (lock,) = about(before, "A lock is a chamber")
    table = Decisions(house.settings)
    table.put(Decision(gate, "tides", "reject", note="dull"), Decision(lock, "tides", "accept"))
    other = "pair_" + "0" * 20
    name = pl.when(pl.col("pair_id") == gate).then(pl.lit(other)).otherwise("pair_id")
    now = before.filter(pl.col("pair_id") != lock).with_columns(pair_id=name)
    assert follow(house.settings, "tides", now) == 1
    known = table.all()
    assert (known[other].decision, known[other].note) == ("reject", "dull")
    assert waiting(known.values(), set(now["pair_id"])) == {lock}


def test_what_waits_is_told() -> None:
    assert waiting_words(0) == ""
    assert waiting_words(1).startswith("review: 1 decision waits")
    assert "2,000 decisions wait" in waiting_words(2000)
