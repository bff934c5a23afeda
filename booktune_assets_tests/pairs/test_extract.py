"""Pairs of a small book: what is kept, where it comes from, what is made again."""

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.contracts import check
from booktune_assets.pairs.extract import into_pairs
from booktune_assets.pairs.families import FAMILIES
from booktune_assets.pairs.wording import BANK
from booktune_assets.schemas import tables_of
from booktune_assets.schemas_pairs import PAIR_FAMILIES
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.chain import Frames, pairs_of
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.sample import PAGE
from booktune_assets_tests.pairs.sample_prose import PROSE_PAGE

RUN = {
    "fill_in",
    "fix_bug",
    "rewrite",
    "diagnose_error",
    "translate",
    "write_test",
    "session",
}  # only a run says that they are right
RARE = {"prerequisites"}  # a page of this size builds on kinds of values only


def _assert_same(one: Frames, other: Frames) -> None:
    assert set(one) == set(other)
    for name, frame in one.items():
        assert frame.equals(other[name]), name


def _asked(frames: Frames, family: str) -> list[tuple[str, str]]:
    rows = frames["instruction_pairs"].filter(pl.col("family") == family).to_dicts()
    return [(row["turns"][0]["content"], row["turns"][1]["content"]) for row in rows]


def test_a_page_gives_every_family() -> None:
    made = pairs_of(book(PAGE + PROSE_PAGE))
    for table in tables_of("instruction_pairs"):
        check(table, made.frames[table.name])
    found = set(made.frames["instruction_pairs"]["family"])
    assert {name for name, _, _ in FAMILIES} <= set(PAIR_FAMILIES)
    assert found >= {name for name, _, _ in FAMILIES} - RUN - RARE
    assert made.counts["kept"] == made.frames["instruction_pairs"].height >= 9
    assert made.counts["rejected"] == made.frames["instruction_pairs__rejected"].height
    assert made.counts["sections_made"] == made.counts["sections"] == 6


def test_definitions_name_the_concept_and_stop_where_the_page_begins() -> None:
    found = dict(_asked(pairs_of(book(PAGE)).frames, "define"))
    process = [answer for question, answer in found.items() if "a process" in question]
    assert process == [
        "A process is an independent piece of a running program that has its own memory. "
        "It communicates with others only by messages."
    ]
    a_list = [answer for question, answer in found.items() if "a list" in question]
    assert a_list == [
        "A list is a chain of elements in which each element points to the rest."
    ]  # "As we saw in chapter 2" points out of the answer


def test_a_result_is_asked_with_what_it_needs() -> None:
    found = _asked(pairs_of(book(PAGE)).frames, "predict_output")
    needed = [(question, answer) for question, answer in found if "Tally.next(start)" in question]
    assert len(needed) == 1
    question, answer = needed[0]
    assert "start = 41" in question
    assert "def next(number)" in question
    assert answer == "```\n42\n```"
    assert any("lists:reverse(X)" in q and "X = [1, 2]." in q for q, _ in found)


def test_what_varies_is_refused_and_kept_as_a_row() -> None:
    rejected = pairs_of(book(PAGE)).frames["instruction_pairs__rejected"]
    reasons = dict(rejected.select("reason", "gate").iter_rows())
    assert reasons["result_varies"] == "G1_stands_alone"
    assert "result_is_expression" in reasons


def test_an_exercise_meets_its_answer_in_another_section() -> None:
    frames = pairs_of(book(PAGE)).frames
    pairs, evidence = frames["instruction_pairs"], frames["instruction_pairs__evidence"]
    written = pairs.filter(pl.col("family") == "write_code")
    mixed = written.filter(pl.col("kind") == "mixed").to_dicts()
    assert len(mixed) == 1
    assert "twice/1" in mixed[0]["turns"][0]["content"]
    homes = evidence.filter(pl.col("pair_id") == mixed[0]["pair_id"])["section_id"].unique()
    assert len(homes) == 2
    splits = frames["instruction_pairs__sections"].filter(pl.col("section_id").is_in(homes))
    assert splits["split"].n_unique() == 1


def test_a_task_whose_answer_has_only_a_label() -> None:
    page = (
        "# Exercises\n\nExercise 1. Write a function `twice/1` that doubles a number.\n\n"
        "Solution:\n\n```elixir\ndefmodule Twice do\n  def twice(n), do: 2 * n\nend\n```\n"
    )
    pairs = pairs_of(book(page)).frames["instruction_pairs"].filter(pl.col("kind") == "mixed")
    (turns,) = pairs["turns"].to_list()
    assert "twice/1" in turns[0]["content"] and "Solution" not in turns[1]["content"]
    assert turns[1]["content"].startswith("```")


def test_every_quote_is_exact() -> None:
    made = book(PAGE)
    evidence = pairs_of(made).frames["instruction_pairs__evidence"]
    texts = dict(made["sections"].select("section_id", "text").iter_rows())
    blocks = {row["block_id"]: row for row in made["blocks"].to_dicts()}
    for row in evidence.to_dicts():
        assert texts[row["section_id"]][row["char_start"] : row["char_end"]] == row["quote"]
        home = blocks[row["block_id"]]
        assert home["char_start"] <= row["char_start"] < row["char_end"] <= home["char_end"]


def test_no_block_gives_more_than_it_may() -> None:
    session = "\n".join(f"iex> {n} + {n}\n{2 * n}" for n in range(10, 20))
    made = pairs_of(book(f"# Sums\n\n```iex\n{session}\n```\n"), Pairs(per_block=2))
    assert made.counts["kept"] == 2
    rejected = made.frames["instruction_pairs__rejected"]
    reasons = rejected.filter(pl.col("family") == "predict_output")["reason"].to_list()
    assert reasons == ["block_used_enough"] * 8


def test_a_repeated_question_is_kept_once() -> None:
    part = "\n\n```iex\niex> Enum.sum([1, 2, 3])\n6\n```\n"
    made = pairs_of(book(f"# One{part}\n# Two\n\nMore words here.{part}"))
    asked = made.frames["instruction_pairs"]
    assert asked.height == 2  # the wording follows the block, so it may differ
    same = book(f"# One{part}\n# One{part}")
    assert same["sections"].height == 2
    bank = {"predict_output": BANK["predict_output"][:1]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(BANK, "predict_output", bank["predict_output"])
        made = pairs_of(same)
    assert made.counts["kept"] == 1
    gates = made.frames["instruction_pairs__rejected"].filter(pl.col("reason") != "not_run")
    assert gates["gate"].to_list() == ["G8_duplicates"]
    assert made.frames["instruction_pairs__sections"]["split"].n_unique() == 1


def test_an_edit_makes_one_section_again() -> None:
    before = pairs_of(book(PAGE))
    edited = book(
        PAGE.replace("a list stays", "list stays").replace(
            "turns the list round", "reverses the list"
        )
    )
    after = pairs_of(edited, previous=before.frames)
    assert after.counts["sections_made"] == 1
    assert after.counts["sections_reused"] == 3
    _assert_same(after.frames, pairs_of(edited).frames)


def test_other_settings_make_all_again_but_another_split_does_not() -> None:
    before = pairs_of(book(PAGE))
    assert pairs_of(book(PAGE), Pairs(per_block=1), before.frames).counts["sections_reused"] == 0
    moved = pairs_of(book(PAGE), Pairs(heldout_percent=50), before.frames)
    assert moved.counts["sections_made"] == 0
    _assert_same(moved.frames, pairs_of(book(PAGE), Pairs(heldout_percent=50)).frames)


PIECES = (
    "A tuple is a fixed group of values that stand side by side in memory.",
    "A *guard* is a condition that is tested after a pattern has matched.",
    "```iex\niex> Enum.sum([1, 2, 3])\n6\n```",
    "```iex\niex> x = 40\n40\niex> x + 2\n42\n```",
    "```elixir\ndef double(n), do: n * 2\n```\n\nThe function `double/1` multiplies `n` by two.",
    "You can use `Enum.map/2` to double the numbers of a list:\n\n```elixir\nEnum.map([1], "
    "&(&1 * 2))\n```",
    "Nothing of note.",
)  # fmt: skip
CHAPTER = st.lists(st.sampled_from(PIECES), min_size=0, max_size=4)


@settings(max_examples=60, deadline=None)
@given(before=st.lists(CHAPTER, max_size=5), after=st.lists(CHAPTER, max_size=5))
def test_reuse_gives_what_a_full_build_gives(
    before: list[list[str]], after: list[list[str]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for kind in BANK:  # one wording each, so that duplicates are common
            patch.setitem(BANK, kind, BANK[kind][:1])
        old, new = (
            book(
                "\n".join(f"# Part\n\n{chr(10).join(f'{p}{chr(10)}' for p in c)}" for c in chapters)
                or "# A"
            )
            for chapters in (before, after)
        )
        first = pairs_of(old)
        again = pairs_of(new, previous=first.frames)
        _assert_same(again.frames, pairs_of(new).frames)
        unchanged = pairs_of(old, previous=first.frames)
    assert unchanged.counts["sections_made"] == 0
    _assert_same(unchanged.frames, first.frames)


def test_front_matter_gives_nothing() -> None:
    made = book(PAGE)
    made["sections"] = made["sections"].with_columns(pl.lit("front").alias("role"))
    counts = pairs_of(made).counts
    assert {"sections", "sections_made", "kept", "rejected", "programs_ran"} <= set(counts)
    assert not any(counts.values())


def test_frames_without_concepts_are_fine() -> None:
    made = book(PAGE)
    empty = {table.name: pl.DataFrame(schema=table.schema) for table in tables_of("concept_graph")}
    pairs = into_pairs(
        "lab", made["sections"], made["blocks"], empty["concept_graph"],
        empty["concept_graph__mentions"], Pairs(),
    )  # fmt: skip
    found = set(pairs.frames["instruction_pairs"]["family"])
    assert "predict_output" in found and "prerequisites" not in found


def test_the_bank_has_eight_wordings_or_more() -> None:
    assert all(len(set(bank)) >= 8 for bank in BANK.values())
    blanks = {"subject", "language", "be", "do", "it", "name", "task"}
    blanks |= {"clause", "when", "When", "condition", "done", "topic", "one", "other", "lead"}
    blanks |= {"thing", "what", "does", "verb", "verbs", "things"}
    blanks |= {"how", "look", "hints", "claim"}
    blanks |= {"which", "Which", "passage", "absent", "covered", "statement", "question"}
    blanks |= {"passages", "number", "titles"}
    assert (
        set(re.findall(r"\{(\w+)\}", " ".join(" ".join(bank) for bank in BANK.values()))) <= blanks
    )
