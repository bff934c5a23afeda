"""Rehearsed text: bounded, in whole paragraphs, in an order that more rows do not change."""

from __future__ import annotations

import sys

import pytest

from booktune_assets.errors import MissingPrerequisite
from booktune_assets.rehearsal import general
from booktune_assets.rehearsal.general import general_texts


def test_there_is_enough_and_none_is_too_long() -> None:
    replay = general_texts(60, 700)
    assert len(replay) == 60
    assert all(233 <= len(item.text) <= 700 for item in replay)
    assert len({item.topic for item in replay}) > 15
    assert len({item.text for item in replay}) == 60


def test_more_rows_keep_the_earlier_ones() -> None:
    assert general_texts(40, 700)[:10] == general_texts(10, 700)


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
        general_texts(1, 700)
