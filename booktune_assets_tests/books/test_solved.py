"""Tasks that are answered elsewhere, in the ways that books do it; each is tied to its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from booktune_assets.books.blocks import Limits
from booktune_assets.books.formats import parse
from booktune_assets.books.frames import Facts, into_frames
from booktune_assets.books.sections import into_sections
from booktune_assets_tests.books.books_lab import rows


def chapter(number: int, body: str) -> str:
    return f"# Chapter {number}: Title {number}\n\nWords about boats.\n\n{body}\n\n"


def both(body: str) -> str:
    return "".join(chapter(n, body.replace("#n", str(n))) for n in (1, 2))


def gathered(title: str, body: str) -> str:
    return f"# {title}\n\n" + "".join(body.replace("#n", str(n)) + "\n\n" for n in (1, 2))


TWO = [("t1a", "a1a"), ("t1b", "a1b"), ("t2a", "a2a"), ("t2b", "a2b")]
ONE = [("t1a", "a1a"), ("t2a", "a2a")]
TASKS = "## Exercises\n\n1. Write t#na now.\n2. Write t#nb now."
BOOKS = {
    "answers named like the exercises": (
        both("## Exercises\n\n### Exercise #n.1\n\nWrite t#na.\n\n### Exercise #n.2\n\nWrite t#nb.")
        + gathered("Solutions to Exercises",
                   "### Exercise #n.1\n\nIt is a#na.\n\n### Exercise #n.2\n\nIt is a#nb."),
        TWO,
    ),
    "marks in the text, by chapter": (
        both("## Exercises\n\n**Exercise 1.** Write t#na.\n\n**Exercise 2.** Write t#nb.")
        + gathered("Solutions",
                   "## Chapter #n\n\n**Exercise 1.** It is a#na.\n\n**Exercise 2.** It is a#nb."),
        TWO,
    ),
    "questions and answers by letter": (
        both("## Review Questions\n\nQ1. What is t#na?\n\nQ2. What is t#nb?\n\n"
             "## Answers to Review Questions\n\nA1. It is a#na.\n\nA2. It is a#nb."),
        TWO,
    ),
    "a solution below its task": (
        both("### Your Turn\n\nWrite t#na now.\n\n#### Solution\n\na#na goes so:\n\n```\nx\n```"),
        ONE,
    ),
    "numbered through the book": (
        both("## Challenge #n\n\nWrite t#na now.")
        + gathered("Challenge Solutions", "## Challenge #n\n\nIt is a#na."),
        ONE,
    ),
    "an appendix that says of what": (
        both("## Try It Yourself\n\n- Write t#na now.\n- Write t#nb now.")
        + gathered("Appendix: Try It Yourself Answers",
                   "## Chapter #n\n\n- So a#na.\n- So a#nb."),
        TWO,
    ),
    "hints are no tasks": (
        both("## Exercises\n\n1. Fix t#na:\n\n   ```\n   y\n   ```\n\n2. Write t#nb.\n\n"
             "   Hint: think.\n\n## Solutions\n\n1. Like a#na.\n2. With a#nb."),
        TWO,
    ),
    "answers inside of the list": (
        both("## Quiz\n\n1. What is t#na?\n\n   Answer: a#na.\n\n2. What is t#nb?\n\n"
             "   Answer: a#nb."),
        TWO,
    ),
    "answers of nothing but code, below hints": (
        both("## Exercise 1\n\nWrite t#na.\n\n### Hint\n\nThink.\n\n### Solution\n\n"
             "```elixir\na#na\n```\n\n## Exercise 2\n\nWrite t#nb.\n\n### Solution\n\n"
             "```elixir\na#nb\n```"),
        TWO,
    ),
    "questions and answers in turn": (
        both("## Check Your Understanding\n\nQ: What is t#na?\n\nA: It is a#na.\n\n"
             "Q: What is t#nb?\n\nA: It is a#nb."),
        TWO,
    ),
    "questions that are counted": (
        both("## Quiz\n\n**Q1.** What is t#na?\n\n**A1.** It is a#na.\n\n"
             "**Q2.** What is t#nb?\n\n**A2.** It is a#nb."),
        TWO,
    ),
    "letters": (
        both("## Practice\n\na) Write t#na.\n\nb) Write t#nb.\n\n"
             "## Practice Solutions\n\na) Like a#na.\n\nb) Like a#nb."),
        TWO,
    ),
    "answers that open": (
        both("### Exercise: one\n\nWrite t#na.\n\n<details><summary>Show answer</summary>\n\n"
             "A a#na.\n\n</details>\n\n### Exercise: two\n\nWrite t#nb.\n\n<details>"
             "<summary>See the solution</summary>\n\nA a#nb.\n\n</details>"),
        TWO,
    ),
    "chapters named by a line among the answers": (
        "# Boats\n\nWords.\n\n## Exercises\n\n1. Row t1a.\n2. Row t1b.\n\n"
        "# Sails\n\n## Exercises\n\n1. Set t2a.\n2. Set t2b.\n\n"
        "# Answers\n\n**Boats**\n\n1. So a1a.\n2. So a1b.\n\n"
        "**Chapter 2: Sails**\n\n1. So a2a.\n2. So a2b.\n",
        TWO,
    ),
    "titled boxes": (
        both("> [!TIP] Exercise #n.1\n> Write t#na.\n\nWords.\n\n"
             "> [!NOTE] Answer to #n.1\n> So a#na."),
        ONE,
    ),
    "lists, by chapter": (
        both(TASKS) + gathered("Answers to the Exercises",
                               "## Chapter #n\n\n1. It is a#na here.\n2. It is a#nb here."),
        TWO,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOOKS)
def test_each_task_has_its_own_answer(tmp_path: Path, name: str) -> None:
    text, wanted = BOOKS[name]
    path = tmp_path / "book.md"
    path.write_text(text)
    parsed = parse(path, Limits(), lambda done, total: None)
    raw = into_frames(parsed.as_plain(), Facts("b", path, "0" * 64, 1, "raw_books.0"))
    parts = (raw[f"raw_books__{name}"] for name in ("blocks", "spans", "pages", "links"))
    frames = into_sections("b", "0" * 64, *parts)
    said = {row["block_id"]: row["text"] for row in rows(frames, "blocks")}
    marks = {mark for pair in wanted for mark in pair}
    found = [
        tuple(
            sorted(mark for mark in marks if any(mark in said[one] for one in row[ids]))
            for ids in ("block_ids", "answer_block_ids")
        )
        for row in rows(frames, "exercises")
    ]
    assert found == [([task], [answer]) for task, answer in wanted]


def test_a_number_that_chapters_share_is_not_tied_across_the_book(tmp_path: Path) -> None:
    path = tmp_path / "book.md"
    path.write_text(
        both("## Exercises\n\n**Exercise 1.** Write t#na.")
        + "# Solutions\n\n**Exercise 1.** It is the first one.\n"
    )
    parsed = parse(path, Limits(), lambda done, total: None)
    raw = into_frames(parsed.as_plain(), Facts("b", path, "0" * 64, 1, "raw_books.0"))
    parts = (raw[f"raw_books__{name}"] for name in ("blocks", "spans", "pages", "links"))
    frames = into_sections("b", "0" * 64, *parts)
    assert [row["answer_block_ids"] for row in rows(frames, "exercises")] == [[], []]
