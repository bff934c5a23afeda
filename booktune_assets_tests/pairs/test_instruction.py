"""An Alpaca row asks in ``instruction``, and ``input`` is nothing but what it asks about."""

import re
from pathlib import Path

import polars as pl
import pytest

from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.pairs.instruction import CUT, cut_rows, instruction_of
from booktune_assets.pairs.render import into_alpaca
from booktune_assets.pairs.validate import faults
from booktune_assets.pairs.wording import BANK
from booktune_assets.settings import Reading
from booktune_assets_tests.pairs.chain import pairs_of

SAMPLE = Path(__file__).resolve().parents[2] / "data/books/sample/first-steps-on-the-beam.md"
CODE = "```elixir\n1 + 1\n```"
OTHER = "```elixir\n2 + 2\n```"
PASSAGES = f"[1] Maps\n\nA map holds keys.\n\n{CODE}\n\n[2] Lists\n\nA list is linked."


@pytest.fixture(scope="module")
def rows() -> tuple[pl.DataFrame, pl.DataFrame]:
    """The pairs of the sample book, and all their Alpaca rows."""
    raw = read_book(SAMPLE, "book", Reading()).frames
    made = into_sections("book", "0" * 64, raw["raw_books__blocks"], raw["raw_books__spans"])
    given = {"sections": made["sections"], "blocks": made["sections__blocks"]}
    frames = pairs_of(given, book_id="book").frames
    pairs, evidence = frames["instruction_pairs"], frames["instruction_pairs__evidence"]
    return pairs, into_alpaca(pairs, evidence, made["sections"], made["sections__spans"])


def _split(family: str, question: str) -> tuple[str, str]:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": "It is."}]
    made = instruction_of(family, turns)
    assert made["output"] == "It is."
    return made["instruction"], made["input"]


def test_no_row_of_the_sample_is_cut_in_a_passage_or_before_its_task(
    rows: tuple[pl.DataFrame, pl.DataFrame],
) -> None:
    pairs, made = rows
    asked = dict(pairs.select("pair_id", pl.col("turns").list.first()).iter_rows())
    with_input = 0
    for row in made.iter_rows(named=True):
        whole, given = asked[row["pair_id"]]["content"], row["input"]
        parts = re.findall(r"\w+|\S", f"{row['instruction']} {given}")
        assert sorted(parts) == sorted(re.findall(r"\w+|\S", whole))  # nothing is lost
        if not given:
            assert row["instruction"] == whole
            continue
        with_input += 1
        if row["family"] == "retrieved":
            assert re.match(r"(?:[^\n]*:\n\n)?\[1\] ", given)
            assert not re.search(r"(?m)^\[\d+\] ", row["instruction"])
            assert given in whole
        else:
            assert given.startswith("```") and given.endswith("```")
            assert "```" not in row["instruction"]
    assert with_input > 50
    behind = made.filter(pl.col("family") == "retrieved")
    assert behind.height and behind.filter(pl.col("input") != "").height
    assert faults(made, "alpaca") == []


def test_a_question_behind_passages_is_asked_whole_whatever_its_wording() -> None:
    apart = 0
    for wording in BANK["retrieved"]:
        question = wording.format(passages=PASSAGES, question=f"What is a map?\n\n{CODE}")
        asked, given = _split("retrieved", question)
        assert "What is a map?" in asked and CODE in asked
        apart += given.endswith(PASSAGES)
        assert given.endswith(PASSAGES) or not given
    assert apart >= 3


def test_listings_go_apart_only_where_the_words_stand_together() -> None:
    assert _split("explain_code", f"Explain this.\n\n{CODE}") == ("Explain this.", CODE)
    assert _split("explain_code", f"{CODE}\n\nWhat is it?") == ("What is it?", CODE)
    both = f"Mend it.\n\n{CODE}\n\n{OTHER}"
    assert _split("fix_bug", both) == ("Mend it.", f"{CODE}\n\n{OTHER}")
    for whole in (
        f"Before it, this was evaluated:\n\n{CODE}\n\nWhat does this give?\n\n{OTHER}",
        f"{CODE}\n\nIs it this?\n\n{OTHER}",
        "No listing at all?", CODE,
    ):  # fmt: skip
        assert _split("predict_output", whole) == (whole, "")
    passage = f"Read this: what of tuples?\n\nA map holds keys.\n\n{CODE}"
    assert _split("refusal", passage) == (passage, "")


@pytest.mark.parametrize(
    ("family", "asked", "given"),
    [
        ("retrieved", "[1] Maps\n\nA map", f"{CODE}\n\nWhat is it?"),
        ("retrieved", "Context:\n\n[1] Maps\n\nA map.", "[1] Lists\n\nA list."),
        ("predict_output", "Before it, this was evaluated:", f"{CODE}\n\nWhat is it?\n\n{OTHER}"),
        ("explain_code", f"And?\n\n{CODE}", OTHER),
        ("refusal", "What of tuples?\n\nA map:", CODE),
    ],
)
def test_the_check_before_files_refuses_a_cut_row(
    rows: tuple[pl.DataFrame, pl.DataFrame], family: str, asked: str, given: str
) -> None:
    one = (
        rows[1]
        .head(1)
        .with_columns(family=pl.lit(family), instruction=pl.lit(asked), input=pl.lit(given))
    )
    assert cut_rows(one) == {0}
    assert [reason for _, reason in faults(one, "alpaca")] == [CUT]
    assert cut_rows(one.with_columns(input=pl.lit(""))) == set()
