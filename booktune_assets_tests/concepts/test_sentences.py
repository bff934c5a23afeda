"""Sentences and their offsets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.concepts.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("Use Enum.map/2 here. Then stop.", ["Use Enum.map/2 here.", "Then stop."]),
        ("Types, e.g. Atoms, are simple. Yes.", ["Types, e.g. Atoms, are simple.", "Yes."]),
        ("It is 3.5 m deep! Really?", ["It is 3.5 m deep!", "Really?"]),
        ('He said "no." Then left.', ['He said "no."', "Then left."]),
        (
            "Start a child. use GenServer defines it. mix test, e.g. mix test x, runs it.",
            ["Start a child.", "use GenServer defines it.", "mix test, e.g. mix test x, runs it."],
        ),
        ("Ends open", ["Ends open"]),
        ("", []),
    ],
)
def test_sentences(text: str, wanted: list[str]) -> None:
    assert [one.text for one in split_sentences(text)] == wanted


@given(st.text(max_size=300))
def test_offsets_are_exact_and_nothing_but_blanks_is_lost(text: str) -> None:
    found = split_sentences(text)
    assert all(text[one.start : one.end] == one.text for one in found)
    rest, place = "", 0
    for one in found:
        rest += text[place : one.start]
        place = one.end
    assert not (rest + text[place:]).strip()
