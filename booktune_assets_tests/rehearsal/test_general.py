"""General text: bounded, in whole paragraphs, and what is measured is never rehearsed."""

from __future__ import annotations

import sys

import pytest

from booktune_assets.errors import MissingPrerequisite
from booktune_assets.ids import normalise_prose
from booktune_assets.rehearsal import general
from booktune_assets.rehearsal.general import general_texts


def test_there_is_enough_of_both_and_none_is_too_long() -> None:
    replay, heldout = general_texts("replay", 60, 700), general_texts("heldout", 30, 1200)
    assert len(replay) == 60 and len(heldout) == 30
    assert all(233 <= len(item.text) <= 700 for item in replay)
    assert all(400 <= len(item.text) <= 1200 for item in heldout)
    assert len({item.topic for item in replay}) > 15
    assert len({item.text for item in replay}) == 60


def test_more_rows_keep_the_earlier_ones() -> None:
    assert general_texts("replay", 40, 700)[:10] == general_texts("replay", 10, 700)


def test_no_sentence_of_the_heldout_texts_is_replayed() -> None:
    replay = general_texts("replay", 10_000, 700)
    heldout = general_texts("heldout", 10_000, 1200)
    assert not {item.topic for item in replay} & {item.topic for item in heldout}
    known = {run for item in heldout for run in _runs(item.text)}
    runs = [run for item in replay for run in _runs(item.text)]
    share = sum(run in known for run in runs) / len(runs)
    assert share < 0.01, f"{share:.1%} of the replayed 20-word runs stand in held-out texts"


def test_prose_is_unwrapped_and_code_is_not() -> None:
    text = "A heading\n*********\n\nOne line\nand another.\n\n   if x:\n       y()\n\n   a ::= b\n"
    assert list(general._paragraphs(text)) == ["One line and another.", "   if x:\n       y()"]


def test_long_paragraphs_are_cut_after_sentences() -> None:
    pieces = list(general._fitting("One sentence. " * 20, 100))
    assert all(piece.endswith(".") and len(piece) <= 100 for piece in pieces)
    assert [len(piece) for piece in general._fitting("x" * 250, 100)] == [100, 100, 50]


def test_a_python_without_topics_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    general._topics.cache_clear()
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(MissingPrerequisite, match="standard library"):
        general_texts("replay", 1, 700)


def _runs(text: str) -> set[str]:
    words = normalise_prose(text).split()
    return {" ".join(words[start : start + 20]) for start in range(len(words) - 19)}
