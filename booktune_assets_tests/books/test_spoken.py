"""Ways of naming a part of the book, each from a paragraph of chapter 2, and what only looks so."""

from __future__ import annotations

import pytest

from booktune_assets.books.blocks import Block, Page
from booktune_assets_tests.books.books_lab import Frames, book, code, head, rows, say, titles

HERE = "here"
BOOK = [
    head("Preface", 1), say("Hello."),
    head("Basics", 0, "I"),
    head("Tides", 1, "1"), say("Water."),
    head("Low water", 2, "1.1"), say("Listing 1.1. A tide", "caption"), code("x = 1"),
    head("High water", 2, "1.2"), say("Figure 1.1: Water", "caption"),
    head("Springs", 3, "1.2.1"), head("Neaps", 3, "1.2.2"), head("Summary", 2, "1.3"),
    head("Boats", 1, "2"),
    head("Ropes and Knots", 2, "2.1"), say("Table 2.1. Knots", "caption"),
    say("Figure 2.1. A knot", "caption"),
    head("Sails", 2, "2.2"), say(HERE), head("Summary", 2, "2.3"),
    head("More", 0, "II"),
    head("Lamps", 1, "3"), head("Oil Lamps at Sea", 2, "3.1"),
    head("Nets", 1, "4"), head("Words", 1, "A"), head("Tools", 1, "B"),
    head("Rigging a Mast", 2, "B.1"), head("Glossary", 1),
]  # fmt: skip


def meant(text: str, blocks: list[Block], pages: list[Page] | None = None) -> list[str | None]:
    """Titles that a paragraph refers to, where ``HERE`` stands."""
    copies = [
        Block(one.kind, one.text, one.level, one.number, one.lang, places=one.places)
        for one in blocks
    ]
    spot = next(n for n, one in enumerate(copies) if one.text == HERE)
    copies.insert(spot + 1, say(text))
    frames: Frames = book(copies, pages or ())
    name = titles(frames)
    own = {row["block_id"] for row in rows(frames, "blocks") if row["text"] == text}
    found = [row["target_section_id"] for row in rows(frames, "refs") if row["block_id"] in own]
    return [name[one] for one in found if one]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Chapters 1, 3, and 4 tell", ["Tides", "Lamps", "Nets"]),
        ("chapters 3 & 4 tell", ["Lamps", "Nets"]),
        ("in Ch 3, and Chap. 4", ["Lamps", "Nets"]),
        ("Part Two is hard", ["More"]),
        ("Appendixes A and B", ["Words", "Tools"]),
        ("in appendix B", ["Tools"]),
        ("Sections 1.1\u20131.3 tell", ["Low water", "High water", "Summary"]),
        ("\u00a7\u00a72.1 and 2.2", ["Ropes and Knots", "Sails"]),
        ("see 1.2.1", ["Springs"]),
        ("fig 2.1", ["Ropes and Knots"]),
        ("the next two chapters", ["Lamps", "Nets"]),
        ("the first chapter", ["Tides"]),
        ("\u201cOil Lamps at Sea\u201d explains it", ["Oil Lamps at Sea"]),
        ("See also Oil Lamps at Sea for more", ["Oil Lamps at Sea"]),
        ("Ropes and Knots, on page 45, has them", ["Ropes and Knots"]),
        ("the Ropes and Knots section", ["Ropes and Knots"]),
        ("the section Ropes and Knots", ["Ropes and Knots"]),
        ("the Lamps chapter", ["Lamps"]),
        ("Chapter 9: Lamps", ["Lamps"]),
        ("Chapter 9, Oil Lamps at Sea, on page 33", ["Oil Lamps at Sea"] * 2),
        ("the section \u201cSummary\u201d", ["Summary"]),
        ("the preface says", ["Preface"]),
    ],
)
def test_ways_of_saying_it(text: str, wanted: list[str]) -> None:
    assert meant(text, BOOK) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "the Elixir docs, chapter 3",
        "OTP Design Principles, Chapter 3",
        "RFC 2616, section 1.2",
        "in 2.1 above, version 1.2",
        "In this last chapter of ours",
        "in the previous chapters",
        "As you can see lamps everywhere",
        "a \u201chigh water\u201d mark",
        "in the appendix I show",
        "go to page 3 of the site",
    ],
)
def test_what_only_looks_like_it(text: str) -> None:
    assert meant(text, BOOK) == []


def test_of_several_the_nearest_is_meant() -> None:
    blocks = [
        head("Basics", 0, "I"), head("Tides", 1, "1"), head("Figures", 2, "1"),
        head("More", 0, "II"), head("Lamps", 1, "1"), head("Oil", 2, "1"), say(HERE),
        head("Wicks", 2, "2"), head("Nets", 1, "2"),
    ]  # fmt: skip
    assert meant("Chapter 1 and section 2 show it", blocks) == ["Lamps", "Wicks"]


def test_numbers_that_print_gave_anew_are_known_by_the_titles_beside_them() -> None:
    blocks = [
        head(title, 1, str(number))
        for number, title in enumerate(("Who Reads", "Why", "Tides", "Boats", "Lamps"), start=1)
    ]
    told = [say("Chapter 1: Tides says so."), say("Chapter 3, \u201cLamps\u201d, too."), say(HERE)]
    assert meant("as Chapter 2 said", [*blocks, *told]) == ["Boats"]
    assert meant("as Chapter 2 said", [*blocks, *told[1:]]) == ["Why"]
    against = say("Chapter 4: Boats says no.")
    assert meant("as Chapter 2 said", [*blocks, against, *told]) == ["Why"]


def test_a_page_means_what_begins_there_or_is_named_before() -> None:
    blocks = [
        head("Tides", 1, "1", page=1), say("a", page=1), say("b", page=2),
        head("Low water", 2, "1.1", page=2), head("High water", 2, "1.2", page=2),
        head("Boats", 1, "2", page=3), say(HERE, page=3),
    ]  # fmt: skip
    pages = [Page(number, str(number + 40), width=400.0) for number in (1, 2, 3)]
    assert meant("Turn back to page 42.", blocks, pages) == ["Low water"]
    assert meant("see High water, page 42", blocks, pages)[-1:] == ["High water"]
    assert meant("(page 41)", blocks, pages) == ["Tides"]
