"""The likely slip behind a result that differs, and the words that do."""

from __future__ import annotations

import pytest

from booktune_assets.beam.code_hints import hint, marked

# reason, what the book shows, what the code gives, what the author reads
SLIPS: dict[str, tuple[str, str, str, str]] = {
    "a prompt": ("value", 'puts.("perth")\n"perth"\n:ok', "&IO.puts/1", '“puts.("perth")”'),
    "a prompt below": ("output", ":ok\nString.upcase(x)", ":ok", "missing: “String.upcase(x)”"),
    "an Erlang one": ("value", "3\nlists:sum([1])", "3", "missing: “lists:sum([1])”"),
    "a comma": ("value", "%{a: 1},", "%{a: 1}", "comma"),
    "a quote": ("value", '"I love', '"I love"', 'Its end is missing: "'),
    "brackets": ("value", "[{1, 2", "[{1, 2}]", "Its end is missing: }]"),
    "a float": ("value", "40", "40.0", "It gives a float, which is written 40.0."),
    "an integer": ("value", "40.0", "40", "It gives an integer, which is written 40."),
    "atoms": ("value", '%{"a" => 1, "b" => 2}', "%{a: 1, b: 2}", "Its keys are atoms"),
    "strings": ("value", "%{a: 1}", '%{"a" => 1}', "Its keys are strings"),
    "a mark": ("value", '"Hello, World!"', '"Hello World!"', "Only punctuation"),
    "a capital": ("output", "hello", "Hello", "Only capitals"),
    "an end": ("does_not_parse", "", "missing terminator: end (for do)", "An “end” is missing."),
}  # fmt: skip
# what looks like one of these and is none: the general remedy
OTHERS: dict[str, tuple[str, str, str, str]] = {
    "a value like a call": ("value", "MapSet.new([1])", "MapSet.new([2])", "missing"),
    "the same call": ("value", "f.(1)", "f.(1) is what it prints", "prompt"),
    "more text": ("value", '"I love"', '"I love you"', "end is missing"),
    "another number": ("value", "41", "40.0", "float"),
    "a torn number": ("value", "1__0_", "11.0", "float"),
    "a version": ("value", "1.14.0", "1.15.0", "float"),
    "other keys": ("value", '%{"a" => 1}', "%{b: 1}", "keys"),
    "other words": ("value", "Hello you", "Hello me", "Only"),
    "another error": ("does_not_parse", "", "syntax error before: ')'", "“end”"),
    "an error": ("error_message", "f.(1),", "f.(1)", "comma"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_the_slip_is_named(name: str) -> None:
    reason, expected, actual, says = SLIPS[name]
    assert says in hint({"reason": reason, "expected": expected, "actual": actual})


@pytest.mark.parametrize("name", OTHERS)
def test_no_slip_is_made_up(name: str) -> None:
    reason, expected, actual, never = OTHERS[name]
    said = hint({"reason": reason, "expected": expected, "actual": actual})
    general = hint({"reason": reason, "expected": "ab", "actual": "cd"})
    assert said == general and never not in said, said
    assert said.endswith((".", ")"))


def test_every_reason_of_a_difference_has_a_remedy() -> None:
    from booktune_assets.beam.code_report import _WORDS  # pyright: ignore[reportPrivateUsage]

    for reason in _WORDS:
        assert hint({"reason": reason, "expected": None, "actual": None})


def test_marks_stand_where_the_texts_differ_and_nowhere_else() -> None:
    assert marked('"Hello, <World>!"', '"Hello <World>."') == (
        "&quot;Hello<mark>,</mark> &lt;World&gt;<mark>!</mark>&quot;",
        "&quot;Hello &lt;World&gt;<mark>.</mark>&quot;",
    )
    book, given = marked('%{"a" => 1, "b" => 2}', '%{\n  "a" => 1,\n  "c" => 3,\n  "b" => 2\n}')
    assert "<mark>" not in book and given.count("<mark>") == 1
    assert given.index("<mark>") < given.index("3") < given.index("</mark>")
    handles = marked("#Function<6.52/1 in :erl_eval.expr/5>", "#Function<42.33/1 in :x.expr/6>")
    assert not any("<mark>" in one for one in handles)


def test_texts_without_anything_in_common_are_not_marked_all_over() -> None:
    assert marked("a b c d", "1 2 3 4") == ("a b c d", "1 2 3 4")
    assert marked("", "x < y") == ("", "x &lt; y")
    long = "word " * 2_000
    assert marked(long, long + "more") == (long, long + "more")
