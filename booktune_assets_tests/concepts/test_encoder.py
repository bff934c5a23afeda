"""The two-level encoder: its inputs, its beginning at the plain means, the same again."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from booktune_assets.concepts import encoder
from booktune_assets.concepts.embeddings import Embedder, packaged
from booktune_assets.concepts.encoder import Inputs, encode, inputs_of
from booktune_assets.errors import Code, MissingPrerequisite
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.sample import PAGE

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
needs_table = pytest.mark.skipif(not packaged(), reason="the extra vectors is not installed")
DIM = 16


def _inputs() -> Inputs:
    """Eight sections of three blocks in one book, two texts by themselves."""
    rng = np.random.default_rng(7)
    made = rng.normal(size=(26, DIM)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    section = np.array([*np.repeat(np.arange(8), 3), 8, 9])
    code = np.array([0, 1, 0] * 8 + [0, 1])
    book_of = np.array([0] * 8 + [-1] * 2)
    return Inputs(
        made, np.ones(26, dtype=np.float32), section, code, book_of,
        np.array([0, 0, 0, 1, 1, 1, 2, 2, 0, 0]), (book_of == 0).astype(np.int64),
    )  # fmt: skip


def _nothing(_: str) -> None:
    """No package is there."""


@needs_torch
def test_untrained_it_gives_plain_means_and_trained_it_learns(tmp_path: Path) -> None:
    given = _inputs()
    plain = np.stack([given.vectors[given.section == row].mean(axis=0) for row in range(10)])
    plain /= np.linalg.norm(plain, axis=1, keepdims=True)
    before = encode(given, tmp_path, steps=0)
    assert np.allclose(before.local, plain, atol=1e-5)
    assert np.allclose(before.context, plain, atol=1e-5)
    made = encode(given, tmp_path, steps=12, seed=3)
    assert made.facts["loss_last"] < made.facts["loss_first"]
    assert not np.allclose(made.local, plain, atol=1e-3)
    for one in (made.local, made.context, made.following):
        assert one.shape == (10, DIM)
        assert np.allclose(np.linalg.norm(one, axis=1), 1, atol=1e-5)
    again = encode(given, tmp_path, steps=12, seed=3)
    assert np.array_equal(again.context, made.context)
    assert np.array_equal(again.following, made.following)


@needs_table
def test_inputs_are_of_sections_first_and_texts_last() -> None:
    frames = book(PAGE)
    pair = (frames["sections"], frames["blocks"])
    given, names, flat = inputs_of([pair, pair], [("a question", False), ("x = 1", True)],
                                   Embedder(), held=[1])  # fmt: skip
    sections = len(names)
    assert flat.shape[0] == sections + 2 == len(given.book)
    assert given.book.tolist().count(-1) == 2 and given.code[-2:].tolist() == [0, 1]
    assert (np.diff(given.section) >= 0).all() and given.section[-1] == sections + 1
    assert given.trains[given.book == 0].all() and not given.trains[given.book != 0].any()
    assert set(names) <= set(frames["sections"]["section_id"])


def test_without_torch_there_is_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "find_spec", _nothing)
    with pytest.raises(MissingPrerequisite) as raised:
        encode(_inputs(), tmp_path)
    assert raised.value.code is Code.MISSING_EXTRA
