"""What is held out is not trained on: by pair, by section, over all books."""

from __future__ import annotations

import polars as pl

from booktune_assets.pairs.apart import (
    divide,
    known_sections,
    leaks,
    repeated_sections,
    told_in_training,
    without_leaks,
    without_quoting,
)
from booktune_assets.pairs.once import NEITHER, counterparts
from booktune_assets.schemas_pairs import PAIR_EVIDENCE, PAIR_SECTIONS, PAIRS
from booktune_assets.schemas_sets import ALPACA_SET, SHAREGPT_SET
from booktune_assets_tests.builders import PLAIN_PAIR
from booktune_assets_tests.pairs.test_once import prints

TIDE = "A tide is the slow rise and fall of the sea, twice in a day."


def pairs(*said: tuple[str, str, str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pairs of (id, split, answer, quote)."""
    rows: list[dict[str, object]] = [
        {**PLAIN_PAIR, "pair_id": name,
         "book_id": "one", "section_id": f"sec_{name}", "family": "define",
         "turns": [{"role": "user", "content": f"What of {name}?"},
                   {"role": "assistant", "content": answer}],
         "split": split}
        for name, split, answer, _ in said
    ]  # fmt: skip
    quotes: list[dict[str, object]] = [
        {"pair_id": name, "ordinal": 0, "book_id": "one", "section_id": f"sec_{name}",
         "block_id": "b", "role": "answer", "quote": quote, "char_start": 0, "char_end": 1}
        for name, _, _, quote in said
    ]  # fmt: skip
    return PAIRS.frame(rows), PAIR_EVIDENCE.frame(quotes)


def own(**said: tuple[str, int]) -> pl.DataFrame:
    """Sections ``book_n`` with their split and number of pairs; each a cluster of its own."""
    return PAIR_SECTIONS.frame([
        {"section_id": name, "book_id": name.partition("_")[0], "input_digest": "d",
         "cluster": f"cluster_{name}", "split": split, "kept": kept, "rejected": 0}
        for name, (split, kept) in said.items()
    ])  # fmt: skip


def test_an_answer_that_stands_in_a_longer_training_answer_is_dropped() -> None:
    given = pairs(
        ("a", "heldout", TIDE, "q1"), ("b", "train", f"Look. {TIDE.upper()} So it is.", "q2"),
        ("c", "heldout", "A reef is a bank of rock or sand that lies under water.", "q3"),
    )  # fmt: skip
    assert leaks(*given) == ["a"]
    left, gone = without_leaks(*given, {f"sec_{name}": name for name in "abc"})
    assert gone == 1
    assert left["pair_id"].to_list() == ["b", "c"]


def test_a_short_answer_is_dropped_only_when_all_quotes_are_the_same() -> None:
    assert leaks(*pairs(("a", "heldout", ":ok", "f(1)"), ("b", "train", ":ok", "g(2)"))) == []
    assert leaks(*pairs(("a", "heldout", ":ok", "f(1)"), ("b", "train", "ok", "f( 1 )"))) == ["a"]


def test_every_answer_and_every_listing_of_a_held_out_pair_counts() -> None:
    code = "```elixir\ndef tide(sea, moon), do: Sea.rise(sea, Moon.pull(moon), hours: 12)\n```"
    frame, evidence = pairs(
        ("a", "heldout", "ok", "q1"), ("b", "heldout", "no", "q2"), ("c", "train", "t", "q3"),
        ("d", "heldout", "so", "q4"),
    )  # fmt: skip
    talks = {
        "a": (("user", "What?"), ("assistant", TIDE), ("user", "And?"), ("assistant", "Yes.")),
        "b": (("user", f"Mend it:\n\n{code}"), ("assistant", "Done.")),
        "c": (("user", f"Look: {TIDE}"), ("assistant", f"It is this.\n\n{code}\n\nSo.")),
        "d": (("user", TIDE), ("assistant", "A question may be asked twice.")),
    }
    turns = [
        [{"role": role, "content": text} for role, text in talks[name]]
        for name in frame["pair_id"].to_list()
    ]
    frame = frame.with_columns(turns=pl.Series(turns, dtype=frame.schema["turns"]))
    assert leaks(frame, evidence) == ["a", "b"]


def test_training_does_not_quote_a_held_out_section() -> None:
    frame, evidence = pairs(
        ("a", "heldout", TIDE, "q1"), ("b", "train", "t", "q2"), ("c", "train", "t", "q3")
    )
    more = evidence.filter(pl.col("pair_id") == "b").with_columns(
        section_id=pl.lit("sec_x"), ordinal=pl.lit(1, evidence.schema["ordinal"])
    )
    sides = {"sec_a": "heldout", "sec_b": "train", "sec_c": "train", "sec_x": "heldout"}
    left = without_quoting(frame, pl.concat([evidence, more]), sides)
    assert left["pair_id"].to_list() == ["a", "c"]


def test_a_section_that_stands_whole_in_a_training_section_is_not_held_out() -> None:
    texts = {"x": f"## Tide\n\n{TIDE}", "y": f"Before. Tide: {TIDE} After.", "z": "Other."}
    assert repeated_sections(texts, {"x", "z"}, {"y"}) == {"x"}


def test_a_finished_set_tells_what_training_knows() -> None:
    row = {"pair_id": "p", "book_id": "one", "family": "define", "kind": "theory", "also_in": [],
           "section_id": "s", "section_title": "S"}  # fmt: skip
    said = (("ex_a", "heldout", TIDE), ("ex_b", "train", f"{TIDE} More."), ("ex_c", "heldout", "k"))
    share = SHAREGPT_SET.frame([
        {**row, "example_id": name, "split": split,
         "conversations": [{"from": "human", "value": "?"}, {"from": "gpt", "value": text}]}
        for name, split, text in said
    ])  # fmt: skip
    alpaca = ALPACA_SET.frame([
        {**row, "example_id": name, "split": split, "instruction": "?", "input": "", "output": text}
        for name, split, text in said
    ])  # fmt: skip
    assert told_in_training(share) == told_in_training(alpaca) == ["ex_a"]
    assert told_in_training(share.filter(pl.col("example_id") != "ex_b")) == []


def test_a_cluster_that_repeats_both_sides_stands_on_neither() -> None:
    said = prints(one_a="abcd", one_b="efgh", two_a="abcd", two_b="efgh", two_c="klmn")
    splits = {"one_a": "heldout", "one_b": "train"}
    names = {"two_a": "cluster_2", "two_b": "cluster_2", "two_c": "cluster_2"}
    assert counterparts(said, splits, ("one", "two"), names).split == dict.fromkeys(names, NEITHER)


def test_all_of_a_cluster_follows_the_section_that_an_earlier_book_has() -> None:
    said = prints(one_a="abcd", two_a="abcd", two_b="klmn")
    names = {"two_a": "cluster_2", "two_b": "cluster_2"}
    tied = counterparts(said, {"one_a": "heldout", "two_b": "train"}, ("one", "two"), names)
    assert tied.split == {"two_a": "heldout", "two_b": "heldout"}


def test_a_shelf_of_two_sections_holds_one_out() -> None:
    said = own(one_a=("train", 2), one_b=("train", 3))
    text = prints(one_a="abcd", one_b="efgh")
    sides = divide(text, said, ("one",), 12).sides
    assert sorted(sides.values()) == ["heldout", "train"]
    assert set(divide(text, said, ("one",), 0).sides.values()) == {"train"}
    alone = own(one_a=("train", 2), one_b=("train", 0))
    assert set(divide(text, alone, ("one",), 12).sides.values()) == {"train"}
    enough = own(one_a=("train", 2), one_b=("train", 3), one_c=("heldout", 1))
    assert divide(text, enough, ("one",), 12).sides["one_c"] == "heldout"
    assert list(divide(text, enough, ("one",), 12).sides.values()).count("heldout") == 1


def test_what_is_held_out_for_want_of_more_takes_its_other_editions_along() -> None:
    said = own(one_a=("train", 2), one_b=("train", 2), two_a=("train", 1), two_b=("train", 1))
    text = prints(one_a="abcd", one_b="efgh", two_a="abcx", two_b="efgx")
    sides = divide(text, said, ("one", "two"), 12).sides
    assert sides["one_a"] == sides["two_a"] != sides["one_b"] == sides["two_b"]


def test_a_section_of_which_training_shows_a_tenth_is_not_scored() -> None:
    said = prints(one_a="abcdefghij", one_b="klmnopqrstuv", one_c="ax", one_d="k")
    sides = {"one_a": "heldout", "one_b": "heldout", "one_c": "train"}
    assert known_sections(said, sides) == {"one_a"}  # one of ten; one_d is on no side
