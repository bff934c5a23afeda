"""Books that say the same: no sentence twice in a set, none on both sides of the split."""

from __future__ import annotations

import polars as pl

from booktune_assets.pairs.once import counterparts, once
from booktune_assets.schemas import SECTION_PRINTS
from booktune_assets.schemas_pairs import PAIR_EVIDENCE, PAIRS
from booktune_assets_tests.builders import PLAIN_PAIR

ORDER = ("one", "two", "three")


def prints(**said: str) -> pl.DataFrame:
    """Sections ``book_n`` with a print of 100 characters for each letter."""
    rows: list[dict[str, object]] = [
        {"book_id": name.partition("_")[0], "print": number, "section_id": name,
         "print_id": letter, "kind": "prose", "chars": 100}
        for name, letters in said.items() for number, letter in enumerate(letters)
    ]  # fmt: skip
    return SECTION_PRINTS.frame(rows)


def pairs(*said: tuple[str, str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pairs of (section, family, quote); a pair is named by all three."""
    found = [("/".join(one), *one) for one in said]
    rows: list[dict[str, object]] = [
        {**PLAIN_PAIR, "pair_id": name,
         "book_id": home.partition("_")[0], "section_id": home, "family": family,
         "turns": [{"role": "user", "content": name}]}
        for name, home, family, _ in found
    ]  # fmt: skip
    quotes: list[dict[str, object]] = [
        {"pair_id": name, "ordinal": 0, "book_id": home.partition("_")[0], "section_id": home,
         "block_id": "b", "role": "answer", "quote": quote, "char_start": 0, "char_end": 1}
        for name, home, _, quote in found
    ]  # fmt: skip
    return PAIRS.frame(rows), PAIR_EVIDENCE.frame(quotes)


def test_the_same_quotes_go_in_once_and_the_other_book_is_remembered() -> None:
    tied = counterparts(prints(one_a="abcd", two_a="abxy"), {}, ORDER)
    made = once(*pairs(
        ("one_a", "define", "A tide is a wave."), ("two_a", "define", "A tide  is a wave ."),
        ("two_a", "explain_code", "A tide is a wave."), ("two_a", "define", "Ebb is low tide."),
        ("three_a", "define", "A tide is a wave."),
    ), tied, ORDER, set())  # fmt: skip
    assert made.pairs["pair_id"].to_list() == [
        "one_a/define/A tide is a wave.", "two_a/explain_code/A tide is a wave.",
        "two_a/define/Ebb is low tide.",
    ]  # fmt: skip
    assert made.also == {
        "one_a/define/A tide is a wave.": [
            {"book_id": "three", "pair_id": "three_a/define/A tide is a wave."},
            {"book_id": "two", "pair_id": "two_a/define/A tide  is a wave ."},
        ]
    } or made.also == {
        "one_a/define/A tide is a wave.": [
            {"book_id": "two", "pair_id": "two_a/define/A tide  is a wave ."},
            {"book_id": "three", "pair_id": "three_a/define/A tide is a wave."},
        ]
    }
    assert made.counts == {"pairs_repeated": 2, "pairs_reread": 0, "pairs_on_both_sides": 0}


def test_twice_in_one_book_is_that_books_affair() -> None:
    given = pairs(("one_a", "define", "x"), ("one_b", "define", "x"))
    assert once(*given, counterparts(prints(), {}, ORDER), ORDER, set()).pairs.height == 2


def test_another_format_gives_only_what_the_first_did_not_have() -> None:
    """A reading fault makes a sentence look new; the section says that it is not."""
    tied = counterparts(prints(one_a="abcd", two_a="abcx", two_b="pqrs"), {}, ORDER)
    assert tied.repeats == {"two_a": ("one_a", "one")}
    given = pairs(
        ("one_a", "define", "Water rises."), ("two_a", "define", "Water nses."),
        ("two_b", "define", "A page that the other lacks."),
    )  # fmt: skip
    made = once(*given, tied, ORDER, {("two", "one")})
    assert made.pairs["section_id"].to_list() == ["one_a", "two_b"]
    assert list(made.also) == ["one_a/define/Water rises."]
    assert made.counts == {"pairs_repeated": 0, "pairs_reread": 1, "pairs_on_both_sides": 0}
    assert once(*given, tied, ORDER, set()).pairs.height == 3  # an edition: the sentence is new


def test_a_section_stands_on_the_side_of_its_earlier_counterpart() -> None:
    said = prints(
        one_a="abcd", one_b="efgh", two_a="abcx", two_b="efgx", two_c="klmn", three_a="abxx"
    )
    own = {"one_a": "heldout", "one_b": "train", "two_b": "heldout", "two_c": "heldout"}
    tied = counterparts(said, own, ORDER)
    assert tied.split == {"two_a": "heldout", "two_b": "train", "three_a": "heldout"}
    given = pairs(("two_a", "define", "p"), ("two_b", "define", "q"), ("two_c", "define", "r"))
    rows, evidence = given
    rows = rows.with_columns(
        pl.col("section_id").replace_strict(own, default="train").alias("split")
    )
    made = once(rows, evidence, tied, ORDER, set())
    assert dict(made.pairs.select("section_id", "split").rows()) == {
        "two_a": "heldout", "two_b": "train", "two_c": "heldout",
    }  # fmt: skip


def test_a_long_section_that_swallows_a_held_out_one_is_held_out_too() -> None:
    tied = counterparts(prints(one_a="ab", two_a="abcdefgh"), {"one_a": "heldout"}, ORDER)
    assert tied.split == {"two_a": "heldout"} and tied.repeats == {}
