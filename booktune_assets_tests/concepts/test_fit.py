"""Whether the shelf has what a question asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from booktune_assets.concepts.embeddings import Embedder, packaged
from booktune_assets.concepts.fit import LEAST, VECTORS, WORDS, asks_for, fit_of, mark_of, score_of
from booktune_assets.concepts.retrieval import Index, Passage

TEXTS = {
    "Links": "A link joins two processes. When one of them exits, the other exits as well, "
    "unless it traps exits: then it gets a message of the exit.",
    "Maps": "A map finds values by their keys. Map.fetch!/2 raises when there is no such key.",
    "Lists": "A list holds values in order. The head of a list is its first value.",
    "Strings": "A string is a binary in UTF-8. String.length/1 counts its graphemes.",
}
INSIDE = (
    "How do I trap exits?", "What is a link?", "Explain in one sentence what a map does in Elixir.",
    "What does Map.fetch! raise?", "head of a list", "How do I count the graphemes of a string?",
)  # fmt: skip
OUTSIDE = (
    "How do I resize an ext4 partition?", "Write a SQL query that counts orders per customer.",
    "What is the capital of Australia?", "How do I bind a property in SwiftUI?", "", "the of and?",
)  # fmt: skip


def shelf(*, dense: bool) -> Index:
    passages = [
        Passage(f"sec_{name}", name, f"sec_{name}", name, text, "section")
        for name, text in TEXTS.items()
    ]
    return Index(passages, Embedder() if dense else None)


@pytest.mark.parametrize("dense", [False, True])
def test_questions_of_the_shelf_fit_and_others_do_not(dense: bool) -> None:
    if dense and not packaged():
        pytest.skip("the extra vectors is not installed")
    index = shelf(dense=dense)
    told = {question: fit_of(index, question) for question in (*INSIDE, *OUTSIDE)}
    assert {fit.mark for fit in told.values()} == {LEAST}, "a small shelf"
    assert [one for one in INSIDE if not told[one].fits] == []
    assert [one for one in OUTSIDE if told[one].fits] == []


def test_how_a_question_is_put_does_not_count() -> None:
    """Where words that any question may have are not in a small book, they said that none fits."""
    texts = {f"Other {n}": f"Nothing of interest stands in part {n}." for n in range(60)} | TEXTS
    texts["Servers"] = "A call waits for its answer. A cast does not."
    index = Index([Passage(name, "b", name, name, text, "section") for name, text in texts.items()])
    for question in (
        "Difference between call and cast", "Contrast a call with a cast.",
        "I am learning Elixir. Can you tell me what a cast is?",
        'A question on Elixir: what belongs to the topic "Cast"?',
    ):  # fmt: skip
        assert fit_of(index, question).fits, question


def test_a_name_that_no_passage_has_takes_from_the_rest() -> None:
    index = shelf(dense=False)
    known, foreign = (score_of(index, q, index.ranked(q)[:5]) for q in (
        "How do I find the head of a list?", "How do I find the head of a list in Pascal?"
    ))  # fmt: skip
    lower = "How do I find the head of a list in pascal?"
    assert foreign < score_of(index, lower, index.ranked(lower)[:5]) < known


def test_a_larger_shelf_has_a_higher_mark() -> None:
    for near, most in ((True, VECTORS), (False, WORDS)):
        marks = [mark_of(count, near=near) for count in (0, 200, 1_000, 4_500, 10**6)]
        assert marks == sorted(marks)
        assert LEAST <= marks[0] < marks[-1] == most


def test_one_book_is_looked_at_where_one_is_named() -> None:
    index = shelf(dense=False)
    assert fit_of(index, "What is a map?", book="Maps").fits
    assert not fit_of(index, "What is a map?", book="Strings").fits


def test_the_end_of_a_question_is_no_part_of_its_last_word() -> None:
    assert asks_for("How do I trap exits?") == asks_for("trap exits") == {"trap", "exit"}
    assert "empty?" in asks_for("What does empty? return?")
    assert asks_for("What is a task?") == {"task"}, "a word that asks counts where it is alone"


def test_what_stands_in_every_passage_still_counts() -> None:
    same = [Passage(name, "one", name, "T", f"a harbour {name}", "section") for name in "xyz"]
    assert fit_of(Index(same), "harbour").score == 1.0
    assert 0 < fit_of(Index(same), "harbour zebra").score < WORDS
    assert score_of(Index(same), "harbour", []) == 0.0


def test_a_kept_index_knows_how_many_passages_have_a_term(tmp_path: Path) -> None:
    index = shelf(dense=False)
    index.save(tmp_path / "kept")
    again = Index(index.passages, kept=tmp_path / "kept")
    for term, count in (("exit", 1), ("value", 2), ("zebra", 0)):
        assert index.holding(term) == again.holding(term) == count
