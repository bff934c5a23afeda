"""The graph of a shelf: series of files, votes, circles, levels, path."""

import polars as pl

from booktune_assets.concepts.series import series
from booktune_assets.concepts.shelf import open_shelf, shelf_frames
from booktune_assets.contracts import check
from booktune_assets.schemas_concepts import SHELF_CONCEPTS, SHELF_EDGES
from booktune_assets_tests.concepts.shelf_lab import (
    LISTS,
    PROCESSES,
    RECURSION,
    WHOLE,
    about,
    graphed,
    opened,
)


def _frames(books: dict[str, str]) -> dict[str, pl.DataFrame]:
    made = shelf_frames(open_shelf({k: ("md", opened(text, k)) for k, text in books.items()}))
    check(SHELF_CONCEPTS, made["shelf_concepts"])
    check(SHELF_EDGES, made["shelf_edges"])
    return made


def _pairs(made: dict[str, pl.DataFrame]) -> set[tuple[str, str]]:
    label = dict(made["shelf_concepts"].select("concept_id", "label").iter_rows())
    kept = made["shelf_edges"].filter(~pl.col("dropped"))
    return {(label[a], label[b]) for a, b in kept.select("source_id", "target_id").iter_rows()}


def test_numbered_files_are_the_chapters_of_one_book() -> None:
    keys = dict.fromkeys(["02-recursion", "10-processes", "1-lists", "tides"], "md")
    assert series(keys) == [["1-lists", "02-recursion", "10-processes"], ["tides"]]
    assert series({**keys, "10-processes": "epub"}) == [[key] for key in sorted(keys)]
    files = {"1-lists": LISTS, "2-recursion": RECURSION, "3-processes": PROCESSES}
    made = _frames({key: about(text) for key, text in files.items()})
    rows = {row["label"]: row for row in made["shelf_concepts"].to_dicts()}
    assert rows["list"]["books"] == ["1-lists"] and rows["process"]["books"] == ["3-processes"]
    assert "processes" in rows["process"]["aliases"]  # as its file is called
    assert rows["list"]["path"] < rows["recursion"]["path"] < rows["process"]["path"]
    assert {("list", "recursion"), ("recursion", "process")} <= _pairs(made)
    assert rows["list"]["concept_id"] in rows["process"]["prerequisites"]
    assert rows["list"]["level"] <= rows["process"]["level"]


def test_ids_are_those_of_each_book() -> None:
    made = _frames({"lab": WHOLE})
    alone = graphed(WHOLE)["concept_graph"]
    assert set(alone["concept_id"]) == set(made["shelf_concepts"]["concept_id"])


def test_books_vote_on_what_comes_first() -> None:
    backwards = PROCESSES + RECURSION + LISTS
    one = _pairs(_frames({"a": WHOLE, "b": WHOLE.replace("chain", "row"), "c": backwards}))
    assert ("list", "process") in one and ("process", "list") not in one
    made = _frames({"a": WHOLE, "b": WHOLE.replace("chain", "row"), "c": backwards})
    label = dict(made["shelf_concepts"].select("concept_id", "label").iter_rows())
    for row in made["shelf_edges"].to_dicts():
        if (label[row["source_id"]], label[row["target_id"]]) == ("list", "process"):
            assert row["votes_for"] > row["votes_against"] > 0 and row["books"] == 3


def test_the_order_of_the_books_does_not_matter() -> None:
    books = {"a": WHOLE, "b": PROCESSES + LISTS, "c": RECURSION}
    first = _frames(books)
    second = _frames(dict(reversed(books.items())))
    assert all(first[name].equals(second[name]) for name in first)


def test_an_empty_shelf() -> None:
    assert all(frame.is_empty() for frame in _frames({}).values())
    assert all(frame.is_empty() for frame in _frames({"nothing": "# A\n"}).values())
