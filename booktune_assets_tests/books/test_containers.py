"""Containers: windows that never overflow, units that are owned once."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.books.containers import Container, into_containers, token_ends
from booktune_assets.errors import MissingPrerequisite


def words(text: str) -> list[int]:
    """A toy tokenizer: words, line ends and other characters."""
    return [match.end() for match in re.finditer(r"\w{1,6}|\n+|\S|[ \t]+", text)]


def pairs(text: str) -> list[int]:
    """A tokenizer that joins across borders: two characters a token."""
    return [min(len(text), at + 2) for at in range(0, len(text), 2)]


TEXTS = st.lists(st.text("ab \n.x1", min_size=1, max_size=160), max_size=14)
SIZES = st.integers(8, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n // 2)))


def owned(containers: list[Container]) -> list[tuple[int, int, int]]:
    return [(one.unit, one.start, one.end) for box in containers for one in box.owned]


@pytest.mark.parametrize("ends", [words, pairs])
@settings(max_examples=150, deadline=None)
@given(TEXTS, SIZES)
def test_every_character_is_owned_once_and_no_window_overflows(
    ends: Any, texts: list[str], sizes: tuple[int, int]
) -> None:
    size, overlap = sizes
    containers = into_containers(texts, ends, size=size, overlap=overlap)
    seen = [(one, at) for one, start, end in owned(containers) for at in range(start, end)]
    assert seen == [(n, at) for n, text in enumerate(texts) for at in range(len(text))]
    for before, box in zip([Container(), *containers], containers, strict=False):
        text = box.text(texts)
        assert len(ends(text)) == box.tokens <= size
        cut = box.context_chars(texts)
        own = "".join(texts[one.unit][one.start : one.end] for one in box.owned)
        assert "".join(own.split()) == "".join(text[cut:].split())
        assert len(ends(text[:cut].rstrip())) <= overlap + 1
        for one in box.context:  # what is shown again was owned by the window before
            assert any(
                one.unit == mine.unit and mine.start <= one.start and one.end <= mine.end
                for mine in before.owned
            )


def test_context_is_the_end_of_the_window_before() -> None:
    texts = [f"unit {n} " + "word " * 8 + f"\nend {n}" for n in range(4)]
    boxes = into_containers(texts, words, size=45, overlap=12)
    assert len(boxes) > 1 and not boxes[0].context
    for before, box in itertools.pairwise(boxes):
        last = before.owned[-1]
        assert box.context and box.context[-1].end == last.end and box.context[-1].unit == last.unit


def test_a_unit_longer_than_the_window_is_cut_at_lines() -> None:
    text = "\n".join(f"line {n} of a long listing" for n in range(60))
    boxes = into_containers([text], words, size=64, overlap=16)
    assert len(boxes) > 5 and all(box.tokens <= 64 for box in boxes)
    assert all(text[one.end - 1] == "\n" for box in boxes[:-1] for one in box.owned)
    assert all(box.context for box in boxes[1:])


def test_overlap_must_fit() -> None:
    with pytest.raises(ValueError, match="overlap"):
        into_containers(["a"], words, size=8, overlap=8)


def tiny_tokenizer(path: Path) -> Path:
    """A byte-level BPE tokenizer trained on a few lines."""
    tokenizers = pytest.importorskip("tokenizers")
    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=400, initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet()
    )
    made.train_from_iterator(["def high?(level), do: true\n  end\n"] * 20, trainer)
    made.enable_truncation(16)  # some models ship with it; a count must not stop there
    path.write_text(made.to_str())
    return path


def test_a_real_tokenizer_counts_every_token(tmp_path: Path) -> None:
    ends = token_ends(tiny_tokenizer(tmp_path / "tokenizer.json"))
    text = "def tide?(λ), do: true\n" * 30
    spots = ends(text)
    assert len(spots) > 100 and spots == sorted(spots) and spots[-1] == len(text)
    folder = token_ends(tmp_path)
    assert folder(text) == spots
    boxes = into_containers([text, text], ends, size=128, overlap=32)
    assert "".join(text[a:b] for _, a, b in owned(boxes)) == text + text
    assert all(len(ends(box.text([text, text]))) == box.tokens <= 128 for box in boxes)


@pytest.mark.parametrize("content", [None, "{}", json.dumps({"model": 1})])
def test_a_missing_or_broken_tokenizer_is_said(tmp_path: Path, content: str | None) -> None:
    pytest.importorskip("tokenizers")
    file = tmp_path / "tokenizer.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(MissingPrerequisite, match="tokenizer"):
        token_ends(file)
