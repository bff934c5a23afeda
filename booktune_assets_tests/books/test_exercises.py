"""Exercises and answers: which blocks, and which belongs to which."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import Block, Limits, Link
from booktune_assets.books.exercises import Item, find_spans, mark_exercises
from booktune_assets.books.formats import parse
from booktune_assets_tests.books.books_lab import Frames, book, code, head, rows, say
from booktune_assets_tests.books.makers import PdfMaker, paragraph


def kinds(blocks: list[Block]) -> list[str]:
    mark_exercises(blocks)
    return [one.kind for one in blocks]


def ties(frames: Frames) -> list[tuple[str, str | None, list[str], str | None]]:
    """(task, number, texts of the answer, how)"""
    text = dict(frames["sections__blocks"].select("block_id", "text").iter_rows())
    return [
        (
            text[r["block_id"]],
            r["number"],
            [text[one] for one in r["answer_block_ids"]],
            r["tied_by"],
        )
        for r in rows(frames, "exercises")
    ]


def test_marks_make_kinds_and_answers_have_several_blocks() -> None:
    blocks = [
        head("Tides", 1, "1"),
        say("Exercise 1.1 asks for more."),
        head("Exercises", 2),
        say("Exercise 1.1. Write a module."),
        say("It has one function."),
        code("x = 1"),
        say("Exercise 1.2: Why?"),
        head("Answers", 1, "A"),
        say("Our own."),
        say("Answer 1.1. Like this:"),
        code("def a, do: 1"),
        say("And that is all."),
        say("Answer 1.2. Because."),
    ]
    assert kinds(blocks) == [
        "heading",
        "prose",
        "heading",
        "exercise",
        "exercise",
        "code",
        "exercise",
        "heading",
        "prose",
        "answer",
        "code",
        "answer",
        "answer",
    ]
    assert ties(book(blocks)) == [
        (
            "Exercise 1.1. Write a module.",
            "1.1",
            ["Answer 1.1. Like this:", "def a, do: 1", "And that is all."],
            "number",
        ),
        ("Exercise 1.2: Why?", "1.2", ["Answer 1.2. Because."], "number"),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Exercise 3. Write it", "exercise"),
        ("Challenge 2: Try", "exercise"),
        ("Exercise 4 Write it", "exercise"),
        ("EXERCISE 1-2. Go", "exercise"),
        ("Problem 7", "exercise"),
        ("**Exercise 1.** Go", "exercise"),
        ("Exercise 3 is hard", "prose"),
        ("Problem 2 was that", "prose"),
        ("Exercises are good.", "prose"),
        ("Task 3 failed", "prose"),
        ("Solution 3.1: Go", "answer"),
        ("Answer to Exercise 2. So", "answer"),
        ("Solutions 3 and 4 agree", "prose"),
        ("Answer me.", "prose"),
    ],
)
def test_what_a_mark_is(text: str, kind: str) -> None:
    assert kinds([head("A"), say(text)])[1] == kind


def test_in_running_text_only_the_code_after_a_task_belongs_to_it() -> None:
    blocks = [head("A"), say("Exercise 1. Run:"), code("x"), say("We go on."), code("y")]
    assert kinds(blocks) == ["heading", "exercise", "code", "prose", "code"]
    (row,) = rows(book(blocks), "exercises")
    assert len(row["block_ids"]) == 2


def test_items_of_lists_are_tied_by_order_within_their_chapter() -> None:
    blocks = [
        head("Tides", 1, "1"),
        head("Exercises", 2),
        say("Try these."),
        say("One?", "list"),
        say("Two?", "list"),
        head("Boats", 1, "2"),
        head("Exercises", 2),
        say("Three?", "list"),
        say("Four?", "list"),
        head("Answers to the exercises", 1),
        head("Answers for Chapter 2", 2),
        say("3", "list"),
        say("4", "list"),
        code("4"),
        head("Tides", 2),
        say("1", "list"),
        say("2", "list"),
    ]
    assert [(task, answer, how) for task, _, answer, how in ties(book(blocks))] == [
        ("One?", ["1"], "order"),
        ("Two?", ["2"], "order"),
        ("Three?", ["3"], "order"),
        ("Four?", ["4", "4"], "order"),
    ]


def test_the_only_list_of_tasks_has_its_answers_in_an_appendix() -> None:
    def body() -> list[Block]:
        return [head("Tides", 1, "1"), say("Water."), head("Exercises", 2),
                say("Write a guard.", "list"), say("Write a test.", "list")]  # fmt: skip

    def back() -> list[Block]:
        return [head("Answers to Exercises", 1, "A"), say("A guard.", "list"),
                say("A test.", "list")]  # fmt: skip

    first, second = ties(book([*body(), *back()]))
    assert (first[2:], second[2:]) == ((["A guard."], "order"), (["A test."], "order"))
    more = [head("Boats", 1, "2"), head("Exercises", 2), say("Sail.", "list"), say("Row.", "list")]
    assert all(tie[3] is None for tie in ties(book([*body(), *more, *back()])))


def test_lists_of_other_lengths_are_not_tied() -> None:
    blocks = [
        head("T"),
        head("Exercises", 2),
        say("a", "list"),
        say("b", "list"),
        head("Solutions", 2),
        say("c", "list"),
        head("U"),
    ]
    assert [how for *_, how in ties(book(blocks))] == [None, None]


def test_numbers_without_a_dot_count_within_their_chapter() -> None:
    blocks = [
        head("Tides", 1, "1"),
        head("Exercises", 2),
        say("Exercise 1. a"),
        head("Boats", 1, "2"),
        head("Exercises", 2),
        say("Exercise 1. b"),
        head("Solutions", 1, "A"),
        head("Chapter 1", 2),
        say("Solution 1. A"),
        head("Chapter 2", 2),
        say("Solution 1. B"),
    ]
    assert [(a, b) for a, _, b, _ in ties(book(blocks))] == [
        ("Exercise 1. a", ["Solution 1. A"]),
        ("Exercise 1. b", ["Solution 1. B"]),
    ]


def test_what_fits_twice_ties_nothing() -> None:
    blocks = [
        head("A"),
        say("Exercise 1.1. a"),
        say("Exercise 1.1. b"),
        head("Answers"),
        say("Answer 1.1. c"),
    ]
    assert [how for *_, how in ties(book(blocks))] == [None, None]


def test_headings_are_marks_and_pairs_by_title() -> None:
    blocks = [
        head("Stacks", 1, "1"),
        head("Exercises", 2),
        head("A stack of plates", 3),
        say("Build it."),
        head("Exercise 1.2: Queues", 2),
        say("Build one."),
        code("q = 1"),
        head("Solutions", 1),
        head("A stack of plates", 2),
        say("Built."),
        code("s = 1"),
        head("Solution 1.2", 2),
        say("Done."),
        code("q = 2"),
    ]
    frames = book(blocks)
    assert ties(frames) == [
        ("Build it.", None, ["Built.", "s = 1"], "title"),
        ("Build one.", "1.2", ["Done.", "q = 2"], "number"),
    ]
    assert [one.kind for one in blocks if one.text in ("Build it.", "Done.")] == [
        "exercise",
        "answer",
    ]


def test_a_section_below_exercises_is_one_task_with_its_lists() -> None:
    blocks = [
        head("Stacks", 1, "1"),
        head("Exercises", 2),
        say("Some words before."),
        head("Plates", 3),
        say("Build it of:"),
        say("a push", "list"),
        say("a pop", "list"),
    ]
    frames = book(blocks)
    assert [one.kind for one in blocks][2:] == ["prose", "heading", *["exercise"] * 3]
    assert [task for task, *_ in ties(frames)] == ["Build it of:"]


def test_a_line_that_says_solution_stands_for_the_listing_below() -> None:
    blocks = [
        head("Tuples"),
        head("Your Turn", 2),
        say("Make a tuple."),
        say("Example solution"),
        code("{:ok, 1}"),
        code("# your own"),
        say("Go on."),
    ]
    frames = book(blocks)
    assert [one.kind for one in blocks][2:4] == ["exercise", "answer"]
    assert ties(frames) == [("Make a tuple.", None, ["Example solution", "{:ok, 1}"], "place")]
    assert kinds([head("A"), say("Our solution."), code("x")])[1] == "prose"


def test_an_answer_that_follows_at_once() -> None:
    blocks = [head("A"), say("Exercise 1. Why?"), say("Solution: Because."), say("Answer: no task")]
    assert ties(book(blocks))[0][2:] == (["Solution: Because."], "place")
    assert kinds([head("A"), say("Words."), say("Answer: to nothing.")])[2] == "prose"


def test_a_link_ties_what_no_number_does() -> None:
    blocks = [
        head("A"),
        head("Exercises", 2),
        say("Write it.", "list"),
        say("Read it.", "list"),
        head("Answers"),
        say("Read.", "list"),
        say("Written.", "list"),
    ]
    blocks[2].links = [Link(0, 5, "#w", True, to=6)]
    blocks[5].links = [Link(0, 4, "#r", True, to=3)]  # back to the task
    assert [(a, b, how) for a, _, b, how in ties(book(blocks))] == [
        ("Write it.", ["Written."], "link"),
        ("Read it.", ["Read."], "link"),
    ]


def test_chapters_that_sound_like_it_are_none() -> None:
    blocks = [
        head("Challenges of concurrency"),
        say("a", "list"),
        head("Practice makes perfect"),
        say("b", "list"),
        head("Problems"),
        say("Some words."),
    ]
    assert "exercise" not in kinds(blocks)


def test_every_format_marks_them(tmp_path: Path) -> None:
    path = tmp_path / "b.md"
    path.write_text("# A\n\n## Exercises\n\n1. Write it.\n2. Read it.\n")
    found = parse(path, Limits(), lambda done, total: None)
    assert [one.kind for one in found.blocks] == ["heading", "heading", "exercise", "exercise"]


TEXT = st.sampled_from(
    [
        "Exercises",
        "Exercise 1. Go",
        "Exercise 1.2 Go",
        "Answers",
        "Answer 1.",
        "Solution 1.2: x",
        "Solution: y",
        "Words.",
        "Answers to Chapter 1",
        "Chapter 1",
        "2. Two",
        "Your turn",
        "Example solution",
        "Stack",
    ]
)
ITEMS = st.lists(
    st.tuples(
        st.sampled_from(["heading", "prose", "list", "callout", "code", "table"]),
        TEXT,
        st.integers(0, 3),
    ),
    max_size=16,
)


@settings(deadline=None)
@given(ITEMS)
def test_marked_blocks_give_the_same_stretches(found: list[tuple[str, str, int]]) -> None:
    items = [Item(kind, text, level if kind == "heading" else 0) for kind, text, level in found]
    spans = find_spans(items)
    blocks = [
        Block(kind, text, level if kind == "heading" else None) for kind, text, level in found
    ]
    mark_exercises(blocks)
    again = find_spans([Item(one.kind, one.text, one.level or 0) for one in blocks])
    assert again == spans
    for one, two in itertools.pairwise(spans):
        assert one.first < one.last <= two.first
    assert [b.text for b in blocks] == [text for _, text, _ in found]


def test_an_answer_whose_mark_runs_into_its_words_is_one_where_its_number_fits() -> None:
    frames = book(
        [
            head("Guards", 1, "2"), say("Exercise 2.1. Write a guard."),
            say("Exercise 2.2. Write another."),
            head("Answers", 1, "A"), head("Chapter 2", 2), say("Answer 2.1 when x > 1"),
            say("Answer 2.1 is not the only one."), say("Answer 2.2 when x > 2"),
            say("Answer 7.5 is not there."), head("Notes", 1), say("Answer 2.2 was hard."),
        ]
    )  # fmt: skip
    assert ties(frames) == [
        ("Exercise 2.1. Write a guard.", "2.1",
         ["Answer 2.1 when x > 1", "Answer 2.1 is not the only one."], "number"),
        ("Exercise 2.2. Write another.", "2.2",
         ["Answer 2.2 when x > 2", "Answer 7.5 is not there."], "number"),
    ]  # fmt: skip


def test_chapters_named_below_answers_are_no_chapters(tmp_path: Path) -> None:
    made = PdfMaker(tmp_path / "answers.pdf", outline=False)
    for number, title in enumerate(("Tides", "Berths", "Cranes"), 1):
        made.heading(f"Chapter {number}: {title}", 1)
        for seed in range(16):
            made.prose(paragraph(seed))
        made.heading("Exercises", 2)
        made.prose(f"{number}.1 Write a function for it.")
    made.heading("Appendix A: Answers", 1)
    for number in (1, 2, 3):
        made.heading(f"Chapter {number}", 2)
        made.prose(f"{number}.1 The answer is to call it with {number} arguments.")
    parsed = parse(made.save(), Limits(), lambda done, total: None)
    heads = [(b.text, b.level) for b in parsed.blocks if b.kind == "heading"]
    assert heads[-3:] == [("Chapter 1", 2), ("Chapter 2", 2), ("Chapter 3", 2)]
    assert [b.kind for b in parsed.blocks if "arguments" in b.text] == ["answer"] * 3
