"""References: what is named, what is meant, and what is left open with a reason."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import Block, Link, Page
from booktune_assets_tests.books.books_lab import Frames, book, code, head, rows, say, titles

BOOK = [
    head("Basics", 0, "I"),
    head("Tides", 1, "1"),
    say("Words above."),
    head("Low water", 2, "1.1"),
    say("Listing 1.1. A tide", "caption"),
    code("x = 1"),
    head("High water", 2, "1.2"),
    say("Listing 1.1 shows the tide."),
    head("Boats", 1, "2"),
    say("Boats float."),
    head("Ropes", 2, "2.1"),
    head("More", 0, "II"),
    head("Lamps", 1, "3"),
    head("Words", 1, "A"),
]


def found(text: str, at: int = 9, kind: str = "prose") -> list[tuple[str, str | None, str | None]]:
    """(words, title of what is meant, reason) of a paragraph put into chapter 2."""
    blocks = [*BOOK[: at + 1], say(text, kind), *BOOK[at + 1 :]]
    return _of(book([_copy(one) for one in blocks]), text)


def _copy(one: Block) -> Block:
    return Block(one.kind, one.text, one.level, one.number, one.lang, places=one.places)


def _of(frames: Frames, text: str) -> list[tuple[str, str | None, str | None]]:
    name = titles(frames)
    ids = {row["block_id"] for row in rows(frames, "blocks") if row["text"] == text}
    return [
        (row["words"], name[row["target_section_id"]], row["reason"])
        for row in rows(frames, "refs")
        if row["block_id"] in ids
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("See Chapter 1.", [("Chapter 1", "Tides", None)]),
        ("as chapter 3 says", [("chapter 3", "Lamps", None)]),
        (
            "in Section 1.2 and \u00a72.1",
            [("Section 1.2", "High water", None), ("\u00a72.1", "Ropes", None)],
        ),
        ("Chapters 1 and 3 tell", [("Chapters 1 and 3", t, None) for t in ("Tides", "Lamps")]),
        (
            "Chapters 1\u20133",
            [("Chapters 1\u20133", t, None) for t in ("Tides", "Boats", "Lamps")],
        ),
        ("Chapters 1-3", [("Chapters 1-3", t, None) for t in ("Tides", "Boats", "Lamps")]),
        (
            "chapters 1 through 3",
            [("chapters 1 through 3", t, None) for t in ("Tides", "Boats", "Lamps")],
        ),
        ("Appendix A lists words", [("Appendix A", "Words", None)]),
        ("Part II goes on", [("Part II", "More", None)]),
        ("Part 2 goes on", [("Part 2", "More", None)]),
        ("Listing 1.1 is short", [("Listing 1.1", "Low water", None)]),
        ("in listing 1-1", [("listing 1-1", "Low water", None)]),
        ("the next chapter", [("the next chapter", "Lamps", None)]),
        ("the previous chapter", [("the previous chapter", "Tides", None)]),
        ("In the next section", [("the next section", "Ropes", None)]),
        ("the previous section", [("the previous section", "Tides", None)]),
        ("the chapter \u201cLamps\u201d", [("chapter \u201cLamps\u201d", "Lamps", None)]),
        ("in chapter two", [("chapter two", "Boats", None)]),
        (
            "Chapters one and three tell",
            [("Chapters one and three", t, None) for t in ("Tides", "Lamps")],
        ),
        ("The chapters one reads", []),
        ("Chapter III has it", [("Chapter III", "Lamps", None)]),
        ("Ch. 2, Sec. 1.2", [("Ch. 2", "Boats", None), ("Sec. 1.2", "High water", None)]),
        ("It took 10 sec. 3 times", []),
        ("Chapter 9", [("Chapter 9", None, "no such number")]),
        ("as Figure 7.1 has it", [("Figure 7.1", None, "no such label")]),
        ("Chapter 2 of *Programming Erlang*", [("Chapter 2", None, "another book")]),
        ("Chapter 1 in Part I", [("Chapter 1", "Tides", None), ("Part I", "Basics", None)]),
        ("In the next part,", [("the next part", "More", None)]),
        ("in the previous part of the book", [("the previous part", None, "no such neighbour")]),
        ("the next part of the function", []),
        ("In this section I show part 1 of it", []),
        ("I am on a page of 12 sections", []),
        ("the parts A and B", []),
    ],
)
def test_words(text: str, wanted: list[tuple[str, str | None, str | None]]) -> None:
    assert found(text) == wanted


def test_the_next_section_of_words_above_the_first_is_the_first() -> None:
    assert found("in the next section", at=2) == [("the next section", "Low water", None)]
    assert found("in the next section", at=4) == [("the next section", "High water", None)]
    assert found("in the next section", at=7) == [("the next section", None, "no such neighbour")]


@pytest.mark.parametrize(
    ("text", "words", "target", "reason"),
    [
        ("The figure below shows it.", "The figure below", "two", None),
        ("In the diagram above the pier is old.", "the diagram above", "one", None),
        ("Look at the following picture.", "the following picture", "two", None),
        ("See the table above.", "the table above", None, "no such neighbour"),
        ("The next table has them.", "The next table", "a | b", None),
    ],
)
def test_the_figure_below_needs_no_label(
    text: str, words: str, target: str | None, reason: str | None
) -> None:
    frames = book([
        head("Boats", 1), say("three", "figure"),
        head("Tides", 1), say("one", "figure"), say(text), say("two", "figure"),
        say("a | b", "table"), say("four", "figure"),
    ])  # fmt: skip
    (row,) = rows(frames, "refs")
    names = {one["block_id"]: one["text"] for one in rows(frames, "blocks")}
    assert (row["kind"], row["words"], row["reason"]) == ("relative", words, reason)
    assert names.get(row["target_block_id"]) == target
    assert not rows(book([head("T", 1), say("The table of contents and a figure of speech.")]),
                    "refs")  # fmt: skip


def test_a_book_without_parts_has_no_next_part() -> None:
    assert not rows(book([head("T", 1), say("The next part is hard."), head("U", 1)]), "refs")


def test_a_part_that_stands_among_chapters_is_no_chapter() -> None:
    recap, appendix = head("Recap", 1, "2"), head("Setup", 1, "B")
    recap.label, appendix.label = "part", "appendix"
    text = "Chapter 2 and Part 2 differ, and Appendix B is neither."
    frames = book([head("Tides", 1, "1"), head("Boats", 1, "2"), recap, say(text), appendix])
    kinds = [row["kind"] for row in rows(frames, "")]
    assert kinds == ["chapter", "chapter", "part", "appendix"]
    assert _of(frames, text) == [
        ("Chapter 2", "Boats", None), ("Part 2", "Recap", None), ("Appendix B", "Setup", None),
    ]  # fmt: skip


def test_a_paragraph_that_begins_like_a_label_refers_and_a_caption_does_not() -> None:
    frames = book([_copy(one) for one in BOOK])
    assert [(row["words"], row["target_block_id"]) for row in rows(frames, "refs")] == [
        ("Listing 1.1", _id(frames, "Listing 1.1. A tide"))
    ]


def test_the_name_of_a_file_is_a_title_too() -> None:
    said = [say("Listing 2.1 lib/tide.ex"), code("x = 1"), say("It is listing 2.1 again.")]
    frames = book([head("Boats", 1, "2"), *said])
    assert [(row["words"], row["target_block_id"]) for row in rows(frames, "refs")] == [
        ("listing 2.1", _id(frames, "Listing 2.1 lib/tide.ex"))
    ]


def test_a_title_without_a_mark_is_a_label_too() -> None:
    frames = book(
        [head("A"), say("Figure 2 The harbour"), say("See figure 2."), say("Figure 2 is old.")]
    )
    assert [(row["words"], row["reason"]) for row in rows(frames, "refs")] == [
        ("figure 2", None),
        ("Figure 2", None),
    ]


def test_the_preface_is_no_chapter_before_the_first() -> None:
    words = "As the previous chapter says; the next chapter has more."
    blocks = [head("Preface"), say("p"), head("A", 1, "1"), say(words), head("B", 1, "2"), say("b")]
    assert _of(book([*blocks, head("Index"), say("a, 1")]), words) == [
        ("the previous chapter", None, "no such neighbour"), ("the next chapter", "B", None),
    ]  # fmt: skip


def test_exercises_are_found_by_number_and_by_chapter() -> None:
    words = "Do Exercise 1.2, Exercise 1 of Chapter 2, exercise 2 and Exercise 2.7."
    frames = book(
        [
            head("A", 1, "1"), head("Exercises", 2), say("Exercise 1.1. One.", "list"),
            say("Exercise 1.2. Two.", "list"),
            head("B", 1, "2"), say(words), head("Exercises", 2), say("Write.", "list"),
            say("Read.", "list"),
        ]
    )  # fmt: skip
    text = {row["block_id"]: row["text"] for row in rows(frames, "blocks")} | {None: None}
    assert [(row["words"], text[row["target_block_id"]]) for row in rows(frames, "refs")] == [
        ("Exercise 1.2", "Exercise 1.2. Two."), ("Exercise 1", "Write."), ("Chapter 2", None),
        ("exercise 2", "Read."), ("Exercise 2.7", None),
    ]  # fmt: skip


def test_what_is_there_twice_is_ambiguous() -> None:
    frames = book([head("A", 1, "1"), head("B", 1, "1"), say("See Chapter 1.")])
    assert [row["reason"] for row in rows(frames, "refs")] == ["ambiguous"]


def test_pages_go_by_what_is_printed_on_them() -> None:
    pages = [Page(n, label, 400.0, 600.0) for n, label in ((1, "i"), (2, "1"), (3, "2"))]
    frames = book(
        [
            head("A", page=1),
            say("a", page=1),
            head("B", page=2),
            say("b", page=2),
            head("C", page=3),
            say("See page 1, or look (p. 2) and see page 77.", page=3),
        ],
        pages,
    )
    name = titles(frames)
    assert [(row["number"], name[row["target_section_id"]]) for row in rows(frames, "refs")] == [
        ("1", "B"),
        ("2", "C"),
        ("77", None),
    ]


def test_a_sentence_before_a_page_names_no_title_of_it() -> None:
    """ "… of Chapter 1. See page 12": no section "Chapter 1" is meant by that page."""
    frames = book(
        [head("A"), say("This is of Chapter 1. See page 12."), head("Chapter 1"), say("b")]
    )
    (row,) = [row for row in rows(frames, "refs") if row["kind"] == "page"]
    assert (row["target_section_id"], row["reason"]) == (None, "no such page")


@pytest.mark.parametrize(
    ("first", "text", "meant"),
    [
        ("Boats", "See Chapter 2, Section 2.1 and section 2.2.1.", ["Sails", "Masts", "Oak"]),
        ("Boats", "See Chapter 9 and Chapter 2.", [None, None]),  # others are counted than these
        ("Introduction", "See Chapter 2.", [None]),  # is it the first one?
        ("Introduction", "See Chapter 1 (“Sails”), Chapter 2.", ["Sails", "Winds"]),
    ],
)
def test_chapters_are_counted_where_no_number_is_printed(
    first: str, text: str, meant: list[str | None]
) -> None:
    frames = book(
        [
            head("Preface"), say(text), head(first), say("a"), head("Sails"), head("Masts", 2),
            say("b"), head("Yards", 2), head("Oak", 3), say("c"), head("Winds"), say("d"),
        ]
    )  # fmt: skip
    name = titles(frames)
    found = [row for row in rows(frames, "refs") if row["kind"] in ("chapter", "section")]
    assert [name[row["target_section_id"]] for row in found] == meant


def _id(frames: Frames, text: str) -> str:
    return next(row["block_id"] for row in rows(frames, "blocks") if row["text"] == text)


def linked(text: str, links: list[Link]) -> Frames:
    blocks = [_copy(one) for one in BOOK]
    blocks.append(say(text))
    blocks[-1].links = links
    return book(blocks)


def test_a_link_is_better_evidence_than_the_number() -> None:
    frames = linked("See Chapter 1 and Chapter 2.", [Link(4, 13, "#lamps", True, to=12)])
    name = titles(frames)
    last = rows(frames, "refs")[-2:]
    assert [(row["words"], name[row["target_section_id"]], row["resolved_by"]) for row in last] == [
        ("Chapter 1", "Lamps", "link"),
        ("Chapter 2", "Boats", "words"),
    ]


def test_links_decide_one_by_one_within_one_phrase() -> None:
    text = "See Chapters 1 and 2."
    frames = linked(text, [Link(13, 14, "#x", True, to=12), Link(19, 20, "#y", True, to=13)])
    name = titles(frames)
    assert [(row["number"], name[row["target_section_id"]]) for row in rows(frames, "refs")][
        -2:
    ] == [
        ("1", "Lamps"),
        ("2", "Words"),
    ]


def test_links_with_other_words_are_references_too() -> None:
    links = [
        Link(0, 4, "#ropes", True, to=10),
        Link(9, 13, "#gone", True),
        Link(14, 17, "http://x"),
    ]
    frames = linked("Here and there web.", links)
    name = titles(frames)
    last = rows(frames, "refs")[-2:]
    assert [
        (r["kind"], r["words"], r["number"], name[r["target_section_id"]], r["reason"])
        for r in last
    ] == [
        ("link", "Here", "#ropes", "Ropes", None),
        ("link", "ther", "#gone", None, "nothing stands there"),
    ]


def test_words_that_link_out_of_the_book_mean_another_book() -> None:
    frames = linked("See Chapter 1.", [Link(4, 13, "https://other.example")])
    assert [(r["target_section_id"], r["reason"]) for r in rows(frames, "refs")][-1:] == [
        (None, "another book")
    ]


def test_contents_and_index_refer_to_nothing() -> None:
    blocks = [
        head("Contents"),
        say("Tides"),
        head("Tides"),
        say("words " * 9),
        head("Index"),
        say("a"),
    ]
    blocks[1].links = [Link(0, 5, "#t", True, to=2)]
    blocks[5].links = [Link(0, 1, "#t", True, to=2)]
    assert rows(book(blocks), "refs") == []


WORDS = st.sampled_from(
    [
        "Chapter",
        "chapters",
        "Section",
        "listing",
        "Part",
        "see",
        "page",
        "1",
        "2.1",
        "1-3",
        "A",
        "II",
        "and",
        "to",
        "\u2013",
        ",",
        "the",
        "next",
        "section",
        "\u201c",
        "\u201d",
        "I",
        "of",
        "*X*",
        "Figure",
    ]
)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=14))
def test_any_words_give_rows_that_say_where_they_stand(words: list[str]) -> None:
    text = " ".join(words)
    frames = book([_copy(one) for one in BOOK] + [say(text)])
    ids = set(frames["sections"]["section_id"])
    texts = dict(frames["sections"].select("section_id", "text").iter_rows())
    for row in rows(frames, "refs"):
        home = texts[row["section_id"]]
        assert home[row["char_start"] : row["char_end"]] == row["words"] != ""
        assert (row["target_section_id"] in ids) == (row["reason"] is None)
        assert (row["resolved_by"] is None) == (row["target_section_id"] is None)
