"""Lessons: exchanges that each passed alone, in turn, from one section or along an edge."""

import polars as pl

from booktune_assets.pairs.candidate import Candidate, Quote
from booktune_assets.pairs.gates import refused
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.asking import talks
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.sample import PAGE
from booktune_assets_tests.pairs.sample_prose import PROSE_PAGE


def test_turns_alternate_and_every_answer_stands_alone_too() -> None:
    made = pairs_of(book(PAGE + PROSE_PAGE)).frames["instruction_pairs"]
    lessons = made.filter(pl.col("family") == "lesson")
    assert lessons.height >= 2
    single = {
        turns[1]["content"]
        for turns in made.filter(pl.col("family") != "lesson")["turns"].to_list()
    }
    for turns in lessons["turns"].to_list():
        assert [turn["role"] for turn in turns] == ["user", "assistant"] * (len(turns) // 2)
        assert 4 <= len(turns) <= 8
        answers = [turn["content"] for turn in turns if turn["role"] == "assistant"]
        assert len(set(answers)) == len(answers)
        assert sum(answer in single for answer in answers) >= 2


def test_every_quote_of_every_exchange_is_kept() -> None:
    frames = pairs_of(book(PAGE + PROSE_PAGE)).frames
    lesson = frames["instruction_pairs"].filter(pl.col("family") == "lesson").row(0, named=True)
    evidence = frames["instruction_pairs__evidence"].filter(pl.col("pair_id") == lesson["pair_id"])
    quotes = " ".join(evidence.filter(pl.col("role") == "answer")["quote"].to_list())
    plain = "".join(quotes.split()).replace("*", "")
    for turn in lesson["turns"][1::2]:
        last = (
            turn["content"]
            .replace("```", "")
            .split("\n")[-1 if "```" not in turn["content"] else 1]
        )
        assert "".join(last.split(". ")[-1].split()) in plain


def test_another_paragraph_of_the_section_leaves_its_lessons_as_they_are() -> None:
    more = "Tides rise and fall, and nobody in the harbour has ever asked why they do so.\n"
    before, after = (
        pairs_of(book(page)).frames["instruction_pairs"]
        for page in (PAGE + PROSE_PAGE, (PAGE + PROSE_PAGE).replace("\n## ", f"\n{more}\n## "))
    )
    names = [set(one.filter(pl.col("family") == "lesson")["pair_id"]) for one in (before, after)]
    changed = set(before["section_id"]) - set(after["section_id"])
    mended = before.filter(pl.col("section_id").is_in(list(changed)))
    assert "lesson" in mended["family"].to_list()
    assert names[0] <= names[1]


def test_one_exchange_is_no_lesson() -> None:
    page = "# Atoms\n\nAn atom in Elixir is a constant whose value is its own name.\n"
    assert all(len(talk) > 1 for talk in talks(page, "lesson"))


def test_a_gate_looks_at_every_exchange() -> None:
    text = "An atom is a constant whose value is its own name."
    quote = Quote("sec", "blk", 0, len(text), text, "answer")
    made = Candidate("lesson", "blk", "", "theory", "And an atom?", text, [quote])
    assert refused(made, {"sec": text}, Pairs()) is None
    made.earlier = [("What is it?", "It is a thing that nobody has ever written down in a book.")]
    assert refused(made, {"sec": text}, Pairs()) == ("G1_stands_alone", "answer_dangling_start")
    made.earlier = [("What is it?", "Nobody has ever written down in a book what that may be.")]
    assert refused(made, {"sec": text}, Pairs()) == ("G2_grounding", "answer_not_in_evidence")


def test_a_name_said_to_be_absent_is_looked_for() -> None:
    text = "An atom is a constant whose value is its own name."
    quote = Quote("sec", "blk", 0, len(text), text, "answer")
    made = Candidate(
        "refusal", "blk", "", "theory", "What of atoms?", text, [quote], absent=("atoms",)
    )
    assert refused(made, {"sec": text}, Pairs()) == ("G2_grounding", "stands_in_passage")


def test_nothing_is_asked_that_an_earlier_exchange_has_shown() -> None:
    """An explained session shows its results: asking for one of them then tells the answer."""
    page = """
# Sums

A sum is what comes of adding the numbers of a list from the first to the last one.

```iex
iex> Enum.sum([1, 2, 3])
6
```

The function `Enum.sum/1` adds the numbers of `[1, 2, 3]` and returns `6` for this list.
"""
    frames = pairs_of(book(page)).frames
    families = set(frames["instruction_pairs"]["family"])
    assert {"define", "explain_code", "predict_output"} <= families
    for turns in frames["instruction_pairs"].filter(pl.col("family") == "lesson")["turns"]:
        asked = [turn["content"] for turn in turns if turn["role"] == "user"]
        assert not ("6" in asked[1] and turns[-1]["content"] == "```\n6\n```")
