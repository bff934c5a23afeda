"""Sections: offsets that hold for any blocks, the tree, ids."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import Block, Parsed, Place
from booktune_assets.books.frames import Facts, into_frames
from booktune_assets.books.sections import VERSION, into_sections
from booktune_assets.contracts import check
from booktune_assets.schemas import BLOCK_KINDS, TABLES

KINDS = tuple(kind for kind in BLOCK_KINDS if kind != "running_head")
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
BLOCKS = st.lists(st.tuples(st.sampled_from(KINDS), TEXT, st.integers(0, 4)), max_size=25)


def frames_of(blocks: list[Block], book: str = "book") -> dict[str, pl.DataFrame]:
    parsed = Parsed("md", title="T", blocks=blocks)
    facts = Facts(book, Path("b.md"), "0" * 64, 1, "raw_books.0")
    raw = into_frames(parsed.as_plain(), facts)
    return {
        **raw,
        **into_sections(book, "0" * 64, raw["raw_books__blocks"], raw["raw_books__spans"]),
    }


def block(kind: str, text: str, level: int | None = None) -> Block:
    places = [Place(0, len(text) // 2, page=1), Place(len(text) // 2, len(text), page=2)]
    return Block(kind, text, level if kind == "heading" else None, places=places)


@settings(max_examples=120, deadline=None)
@given(BLOCKS)
def test_section_text_holds_every_block_at_its_offsets(found: list[tuple[str, str, int]]) -> None:
    frames = frames_of([block(*one) for one in found])
    for name, frame in frames.items():
        check(TABLES[name], frame)
    texts = dict(frames["sections"].select("section_id", "text").iter_rows())
    rows = list(frames["sections__blocks"].iter_rows(named=True))
    assert len(rows) == len(found)
    for row in rows:
        assert texts[row["section_id"]][row["char_start"] : row["char_end"]] == row["text"]
    by_block = {row["block_id"]: row for row in rows}
    for span in frames["sections__spans"].iter_rows(named=True):
        own = by_block[span["block_id"]]
        assert own["char_start"] <= span["char_start"] <= span["char_end"] <= own["char_end"]


def test_the_tree_and_front_matter() -> None:
    frames = frames_of([
        block("prose", "A title page"), block("heading", "Preface", 1), block("prose", "p"),
        block("heading", "Part", 0), block("heading", "One", 1), block("heading", "Deep", 2),
        block("code", "x = 1"), block("heading", "Index", 1),
    ])  # fmt: skip
    rows = list(frames["sections"].iter_rows(named=True))
    assert [row["title"] for row in rows] == [
        "A title page",
        "Preface",
        "Part",
        "One",
        "Deep",
        "Index",
    ]
    assert [row["role"] for row in rows] == ["front", "front", "body", "body", "body", "back"]
    deep = rows[4]
    assert deep["title_path"] == ["One", "Deep"] and deep["parent_id"] == rows[3]["section_id"]
    assert deep["text"] == "Deep\n\nx = 1" and deep["code_chars"] == 5
    assert (deep["page_first"], deep["page_last"]) == (1, 2)
    assert rows[3]["parent_id"] == rows[2]["section_id"]


def test_a_book_without_headings_is_one_section() -> None:
    rows = list(
        frames_of([block("prose", "a"), block("prose", "b")])["sections"].iter_rows(named=True)
    )
    assert [(row["title"], row["text"], row["role"]) for row in rows] == [("a", "a\n\nb", "body")]


def test_ids_stay_when_positions_move_and_repeats_get_their_own() -> None:
    blocks = [
        block("heading", "H", 1),
        block("prose", "same"),
        block("heading", "H", 1),
        block("prose", "same"),
    ]
    one = frames_of(blocks)
    for moved in blocks:
        moved.places = [Place(0, len(moved.text), page=99)]
    two = frames_of(blocks)
    assert one["sections"]["section_id"].to_list() == two["sections"]["section_id"].to_list()
    assert one["sections"]["section_id"].n_unique() == 2
    assert one["raw_books__blocks"]["block_id"].n_unique() == 4


def test_an_edited_paragraph_changes_its_own_section_only() -> None:
    def made(word: str) -> list[str]:
        blocks = [
            block("heading", "A", 1), block("prose", "one"), block("heading", "B", 1),
            block("prose", word), block("heading", "C", 1),
        ]  # fmt: skip
        return frames_of(blocks)["sections"]["section_id"].to_list()

    before, after = made("two"), made("three")
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, True]


GOLDEN = {"sections.11": "sec_7914888dece1320e5648"}


def test_golden_ids_change_only_with_the_version() -> None:
    frames = frames_of(
        [
            block("heading", "Tides", 1),
            block("prose", "Water\u00a0rises."),
            block("code", "x = 1  "),
        ]
    )
    assert frames["sections"]["section_id"][0] == GOLDEN[VERSION]
