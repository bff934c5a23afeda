"""Tasks without a section of their own: boxes "Your turn", and those that only links tell apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import Parsed
from booktune_assets.books.exercises import Item, find_spans
from booktune_assets.books.ties import tie_answers
from booktune_assets_tests.books.makers import epub

Read = Callable[[Path], Parsed]
W = "<p>The keeper counts the boats of the harbour.</p>"
BOXES = {
    "<blockquote><p><b>Your turn:</b> Write it.</p></blockquote>": [
        ("exercise", "Your turn: Write it."),
    ],
    "<blockquote><p><b>Your turn</b></p><p>Write it.</p><p>Then run it.</p></blockquote>": [
        ("callout", "Your turn"), ("exercise", "Write it."), ("exercise", "Then run it."),
    ],
    "<blockquote><p><b>Exercise 3:</b> Write it.</p><p>Run it.</p></blockquote>": [
        ("exercise", "Exercise 3: Write it."), ("exercise", "Run it."),
    ],
    "<aside><p><b>Try it yourself.</b> Write it.</p></aside>": [
        ("exercise", "Try it yourself. Write it."),
    ],
    "<p><b>Exercise.</b> Write it.</p><pre>x = 1</pre>": [
        ("exercise", "Exercise. Write it."), ("code", "x = 1"),
    ],
    "<blockquote><p>Exercise caution with the flag.</p></blockquote>": [
        ("prose", "Exercise caution with the flag."),
    ],
    "<p>Now try it out: the flag rises.</p><p>Your turn will come.</p>": [
        ("prose", "Now try it out: the flag rises."), ("prose", "Your turn will come."),
    ],
}  # fmt: skip


@pytest.mark.parametrize("body", BOXES)
def test_boxes_that_set_a_task(tmp_path: Path, read: Read, body: str) -> None:
    parsed = read(epub(tmp_path / "b.epub", {"c.xhtml": f"<h1>Tides</h1>{W}{body}{W}"}))
    assert [(block.kind, block.text) for block in parsed.blocks[2:-1]] == BOXES[body]


@pytest.mark.parametrize(
    "text",
    ["> **Your turn**\n> Write it.", "> **Your turn!** Write it.", "> \U0001f3cb Exercise: Go."],
)  # fmt: skip
def test_quotations_of_markdown_that_set_a_task(tmp_path: Path, read: Read, text: str) -> None:
    (tmp_path / "b.md").write_text(f"# Tides\n\nWords.\n\n{text}\n\nWords again.\n")
    assert [block.kind for block in read(tmp_path / "b.md").blocks] == [
        "heading", "prose", "exercise", "prose",
    ]  # fmt: skip


def test_links_to_and_fro_tell_tasks_from_answers(tmp_path: Path, read: Read) -> None:
    tasks = (
        '<p id="q1"><a href="s.xhtml#s1">1.1</a> Write a function.</p><pre>f.(2)</pre>'
        '<p id="q2"><a href="s.xhtml#s2">1.2</a> What does it return?</p>'
    )
    answers = (
        '<p id="s1"><a href="c.xhtml#q1">1.1</a> Use a map.</p><pre>map(l, f)</pre><p>Or not.</p>'
        '<p id="s2"><a href="c.xhtml#q2">1.2</a> It returns four.</p>'
    )
    pages: dict[str, str | bytes] = {
        "c.xhtml": f"<h1>Tides</h1>{W}{tasks}",
        "s.xhtml": f"<h1>Back</h1>{answers}",
    }
    blocks = read(epub(tmp_path / "b.epub", pages)).blocks
    assert [block.kind for block in blocks] == [
        "heading", "prose", "exercise", "code", "exercise", "heading", "answer", "code", "answer",
        "answer",
    ]  # fmt: skip
    leads = [
        (at, one.to, block.text[one.start : one.end])
        for at, block in enumerate(blocks) for one in block.links if one.to
    ]  # fmt: skip
    spans = find_spans([Item(one.kind, one.text, one.level or 0) for one in blocks], leads)
    links = [(at, to) for at, to, _ in leads]
    ties = [
        (one.task.first, one.task.last, one.answer and (one.answer.first, one.answer.last), one.how)
        for one in tie_answers(spans, links)
    ]
    assert ties == [(2, 4, (6, 9), "link"), (4, 5, (9, 10), "link")]
    assert [span.number for span in spans] == ["1.1", "1.2", "1.1", "1.2"]


def test_sections_that_refer_to_each_other_are_no_tasks() -> None:
    items = [Item("prose", f"The tide of part {n} is told here.") for n in range(6)]
    links = [(0, 3, "3"), (3, 0, "0"), (1, 4, "4"), (4, 1, "1")]
    assert find_spans(items, links) == []
    asked = [Item("prose", "Write a function."), Item("prose", "Use a map.")]
    assert find_spans(asked, [(0, 1, "1"), (1, 0, "1")]) == []  # one pair may be anything


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (("1.", "2."), True), (("Answer", "Answer"), True), (("a)", "b)"), True),
        (("Solution 1.1", "Solution 1.2"), True), (("i", "ii"), True),
        (("list/0", "count/0"), False), (("boats", "nets"), False),
    ],
)  # fmt: skip
def test_functions_that_lead_to_what_they_do_are_no_tasks(
    words: tuple[str, str], kinds: bool
) -> None:
    items = [Item("list", "List boats."), Item("list", "Count them."), Item("prose", "It returns."),
             Item("prose", "It is a number.")]  # fmt: skip
    links = [(0, 2, words[0]), (2, 0, "Back"), (1, 3, words[1]), (3, 1, "Back")]
    assert bool(find_spans(items, links)) == kinds
