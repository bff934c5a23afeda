"""The shelf as the sets read it: texts by number are those of the tables, edits included."""

from pathlib import Path

import numpy as np
import polars as pl

from booktune_assets.chain.shelf import Shelved
from booktune_assets.review.decisions import Decision, Decisions
from booktune_assets_tests.chain.test_books import chain, markdown, put
from booktune_assets_tests.chain.test_sets import opened


def test_texts_are_those_of_the_tables(tmp_path: Path) -> None:
    house = opened(tmp_path)
    for name, pages in (("zebra", 4), ("apple", 5)):
        put(house, f"{name}.md", markdown(pages).replace("shelf", name))
        chain(house, name)
    books = ["zebra", "apple"]
    whole = house.lake.read_all("instruction_pairs", books)
    shelf = Shelved(house.lake, house.settings, books)
    names = ["pair_id", "book_id", "level", "concept_ids", "split"]
    assert shelf.pairs.select(names).equals(whole.select(names))
    assert shelf.pairs["messages"].to_list() == whole["turns"].list.len().to_list()
    order = np.random.default_rng(5).permutation(whole.height)
    some = shelf.pairs[order]
    column = shelf(some)
    assert len(column) == whole.height
    assert column[2:9].to_list() == whole["turns"][order[2:9]].to_list()
    assert column.gather(np.arange(whole.height)).to_list() == whole["turns"][order].to_list()
    assert column.gather(np.zeros(0, dtype=np.int64)).is_empty()
    quotes = house.lake.read_all("instruction_pairs__evidence", books)
    mine = quotes.filter(pl.col("pair_id").is_in(some["pair_id"][:3].implode()))
    found = shelf.quotes(some["pair_id"][:3]).sort("pair_id", "role", "quote")
    assert found.equals(mine.select(found.columns).sort("pair_id", "role", "quote"))
    texts = dict(house.lake.read_all("sections").select("section_id", "text").iter_rows())
    assert dict(shelf.texts()) == texts and len(shelf.texts()) == len(texts)
    edited = whole.filter(pl.col("book_id") == "apple")["pair_id"][0]
    said = (("user", "What?"), ("assistant", "Another answer."))
    Decisions(house.settings).put(Decision(edited, "apple", "edit", said))
    again = Shelved(house.lake, house.settings, books)
    told = dict(zip(again.pairs["pair_id"], again(again.pairs)[0 : whole.height], strict=True))
    assert [turn["content"] for turn in told[edited]] == ["What?", "Another answer."]
    assert again.pairs.filter(pl.col("pair_id") == edited)["chars"].item() == 20
    own = whole.filter(pl.col("pair_id") == edited)["turns"][0].to_list()
    for pair, turns in whole.select("pair_id", "turns").iter_rows():
        forms = [
            asked
            for asked, answer in zip(turns[::2], turns[1::2], strict=True)
            if own[0]["content"] in asked["content"]
            and answer["content"].startswith(own[1]["content"])
        ]
        assert (told[pair].to_list() == turns) == (not forms)  # all forms of it, and no other pair
