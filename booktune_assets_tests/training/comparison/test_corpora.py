"""The three corpora: the same every time, apart from each other, split by document."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.ids import normalise_prose
from booktune_assets.training.comparison import corpora as module
from booktune_assets.training.comparison.corpora import NAMES, SPLITS, Corpus, corpora, windows


@pytest.fixture(scope="module")
def made() -> dict[str, Corpus]:
    return corpora(128)


def test_no_window_is_in_two_splits_or_two_corpora(made: dict[str, Corpus]) -> None:
    assert tuple(made) == NAMES
    seen: dict[str, tuple[str, str]] = {}
    for name in NAMES:
        for split in SPLITS:
            for text in made[name].parts[split]:
                assert 64 <= len(text.encode()) <= 128
                assert seen.setdefault(normalise_prose(text), (name, split)) == (name, split)


def test_there_is_enough_of_everything(made: dict[str, Corpus]) -> None:
    for corpus in made.values():
        assert len(corpus.parts["train"]) >= 1000
        assert min(len(corpus.parts["validation"]), len(corpus.parts["test"])) >= 112
        assert min(corpus.documents.values()) >= 10


def test_they_do_not_resemble_each_other(made: dict[str, Corpus]) -> None:
    def share(name: str, pattern: str) -> float:
        texts = made[name].parts["test"]
        return sum(bool(re.search(pattern, text)) for text in texts) / len(texts)

    assert share("general", r"\bdef |\bself\.|->|\|>") < 0.02
    assert share("domain", r"\bdef |self|return|import|if |=") > 0.8
    assert share("books", r"->|\|>|\bdo\b|\bend\b|:ok") > 0.7
    assert share("domain", r"->.*\bend\b|\|>|defmodule") < 0.02
    assert share("books", r"self\.|\bimport \w+$|__init__") < 0.02


def test_they_are_the_same_every_time(made: dict[str, Corpus]) -> None:
    again = corpora(128)
    assert {name: one.digest() for name, one in again.items()} == {
        name: one.digest() for name, one in made.items()
    }


def test_comments_and_docstrings_are_gone() -> None:
    source = '"""Says."""\n\n\ndef f(x):  # why\n    """More."""\n    return "# not one"  # yes\n'
    assert module._code_only(source) == 'def f(x):\n    return "# not one"'  # pyright: ignore


@given(st.text(max_size=200), st.integers(8, 40))
def test_windows_never_cut_a_character(text: str, size: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    pieces = windows(text, size)
    assert all(size // 2 <= len(piece.encode()) <= size for piece in pieces)
    rest = text
    for piece in pieces:
        assert piece in rest
        rest = rest[rest.index(piece) + len(piece) :]
