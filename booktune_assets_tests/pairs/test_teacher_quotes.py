"""Quotes are found whatever their white space, at exact characters, or not at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.pairs.recipes.base import Block, Passage
from booktune_assets.pairs.teacher_quotes import located, place_quotes

WORDS = st.lists(st.text("abcλ.`_", min_size=1, max_size=6), min_size=1, max_size=12)
GAPS = st.sampled_from([" ", "\n", "  ", "\t", "\n\n    ", "\u00a0"])


@given(WORDS, st.data())
def test_a_quote_is_found_at_its_characters(words: list[str], data: st.DataObject) -> None:
    text = "".join(word + data.draw(GAPS) for word in words)
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    quote = "".join(word + data.draw(GAPS) for word in words[first : last + 1])
    spot = located(quote, text)
    assert spot is not None
    start, end = spot
    assert " ".join(text[start:end].split()) == " ".join(quote.split())
    assert not text[start].isspace()
    assert not text[end - 1].isspace()


@given(st.text(max_size=30), st.text(max_size=60))
def test_what_is_located_stands_there(quote: str, text: str) -> None:
    spot = located(quote, text)
    plain = " ".join(quote.split())
    if spot is None:
        assert not plain or plain not in " ".join(text.split())
    else:
        assert " ".join(text[spot[0] : spot[1]].split()) == plain


def passage() -> Passage:
    one, two = "A harbour is a\nsupervisor of quays.", "iex> 1 + 1\n2"
    return Passage("passage_1", "sec_1", (), "Elixir", [
        Block("B1", "blk_1", "prose", "", one, 10, 10 + len(one)),
        Block("B2", "blk_2", "iex", "iex", two, 60, 60 + len(two)),
    ])  # fmt: skip


def test_places_are_those_of_the_section() -> None:
    (quote,), reason = place_quotes([("B1", "is a supervisor of")], passage())
    assert reason == ""
    assert (quote.start, quote.end, quote.text) == (20, 38, "is a\nsupervisor of")
    assert (quote.section_id, quote.block_id) == ("sec_1", "blk_1")


def test_a_quote_from_another_block_than_named_is_taken_from_where_it_stands() -> None:
    (quote,), reason = place_quotes([("B1", "iex> 1 + 1")], passage())
    assert (quote.block_id, reason) == ("blk_2", "")


def test_quotes_that_support_nothing_are_refused() -> None:
    for words, reason in (
        ("A harbour is a process", "quote_not_in_evidence"),
        ("A Harbour is a supervisor", "quote_not_in_evidence"),
        ("  ", "quote_empty"),
        ("is a", "quote_too_short"),
    ):
        assert place_quotes([("B1", words)], passage())[1] == reason
    assert place_quotes([], passage()) == ([], "no_quote")


def test_the_same_words_twice_are_one_quote() -> None:
    quotes, reason = place_quotes(
        [("B1", "A harbour is a supervisor"), ("B1", "harbour is a supervisor")], passage()
    )
    assert (len(quotes), reason) == (1, "")
