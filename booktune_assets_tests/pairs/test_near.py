"""Likeness of texts: what the sets say, what MinHash finds of it, and clusters."""

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.pairs.near import alike, jaccards, roots
from booktune_assets.pairs.shingles import as_sets, code_grams, code_of, grams_of, prose_of

WORDS = st.sampled_from([f"word{n}" for n in range(10)])
TEXT = st.lists(WORDS, max_size=14).map(" ".join)


def _sets(text: str, n: int = 5) -> set[tuple[str, ...]]:
    """The same by hand: n-grams of words, a shorter text is one."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + n]) for at in range(max(1, len(words) - n + 1)) if words}


def _share(one: str, other: str) -> float:
    left, right = _sets(one), _sets(other)
    return len(left & right) / len(left | right) if left and right else 0.0


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT, min_size=2, max_size=8))
def test_jaccard_is_that_of_the_sets(texts: list[str]) -> None:
    links = [(one, other) for other in range(len(texts)) for one in range(other)]
    found = jaccards(pl.Series(texts), np.array(links))
    assert found.tolist() == pytest.approx([_share(texts[a], texts[b]) for a, b in links])


@settings(max_examples=25, deadline=None)
@given(st.lists(TEXT, min_size=2, max_size=12, unique=True))
def test_minhash_finds_what_brute_force_finds(texts: list[str]) -> None:
    wanted = [
        [one, other]
        for one in range(len(texts))
        for other in range(one + 1, len(texts))
        if _share(texts[one], texts[other]) >= 0.7
    ]
    assert alike(pl.Series(texts, dtype=pl.String), 0.7).tolist() == wanted


def test_recall_at_the_threshold() -> None:
    """Pairs that are just near enough: MinHash may lose one in a thousand, no more."""
    say = np.random.default_rng(1)
    texts: list[str] = []
    for _ in range(1500):
        words = [f"w{number}" for number in say.integers(0, 10**6, 44)]
        texts += [" ".join(words[:37]), " ".join(words[7:])]  # 33 grams each, 26 in common: 0.65
    for at in range(0, len(texts), 2):
        words = texts[at].split()
        texts[at + 1] = " ".join([*words[6:], *(f"v{at}{n}" for n in range(6))])  # 27 of 39: 0.69
    shares = jaccards(pl.Series(texts), np.array([(at, at + 1) for at in range(0, 3000, 2)]))
    assert set(np.round(shares, 4)) == {round(27 / 39, 4)}
    assert len(alike(pl.Series(texts), 27 / 39)) >= 1497


def test_crowds_of_set_phrases_are_gone_through() -> None:
    """A thousand texts with one long phrase in common are not near, and the two that are, are."""
    phrase = "what is the result of this expression when it is evaluated in the shell of elixir"
    texts = [f"{phrase} {n} {n + 1} {n * 7} q{n} r{n} s{n} t{n} u{n} v{n} w{n}" for n in range(900)]
    texts.append(texts[17] + " again")
    found = alike(pl.Series(texts), 0.7)
    assert [17, 900] in found.tolist()
    assert len(found) == 1


def test_prose_and_code_are_taken_apart() -> None:
    text = pl.Series(
        ["Say it:\n\n```elixir\nx = f.(1)\n```\n\nand then\n\n````\ny?\n````", "", None]
    )
    assert prose_of(text)[0].split() == ["Say", "it:", "and", "then"]
    assert code_of(text)[0].split() == ["x", "=", "f.(1)", "y?"]
    assert as_sets(grams_of(text, 5)).counts.tolist() == [1 + 4, 0, 0]


def test_punctuation_of_code_counts() -> None:
    grams = code_grams(pl.Series(["f(a, b)", "f[a, b]", "f ( a,b )"]), 5)
    sets = np.split(grams.values, np.cumsum(grams.counts)[:-1])
    assert sets[0].tolist() == sets[2].tolist()
    assert sets[0].tolist() != sets[1].tolist()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_union_find_is_reachability(links: list[tuple[int, int]]) -> None:
    found = roots(10, [np.array(links, dtype=np.int64).reshape(-1, 2)])
    reach = {row: {row} for row in range(10)}
    for _ in range(10):
        for one, other in links:
            both = reach[one] | reach[other]
            for row in both:
                reach[row] = reach[row] | both
    assert found.tolist() == [min(reach[row]) for row in range(10)]
