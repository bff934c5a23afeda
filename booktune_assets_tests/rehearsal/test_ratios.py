"""Exact shares: whole rows that add up, each as near to its share as whole rows can be."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.rehearsal.ratios import exact, quotas
from booktune_assets.rehearsal.real import pretrain_rows
from booktune_assets.training.batches import Sample, plan_rows
from booktune_assets.training.rehearsed import origin_shares
from booktune_assets_tests.rehearsal.lab import sized

SHARES = st.dictionaries(
    st.text(min_size=1, max_size=3),
    st.decimals(0, 1, places=3).map(float),
    min_size=1,
    max_size=6,
)


@given(st.integers(0, 5000), SHARES)
def test_rows_add_up_and_none_is_a_whole_row_off(total: int, shares: dict[str, float]) -> None:
    got = quotas(total, shares)
    whole = sum(map(exact, shares.values()))
    assert set(got) == set(shares)
    assert sum(got.values()) == (total if whole else 0)
    for name, share in shares.items():
        if whole:
            assert abs(got[name] - Fraction(total) * exact(share) / whole) < 1


@given(st.integers(0, 300), SHARES)
def test_shares_that_come_out_even_are_met_exactly(rows: int, shares: dict[str, float]) -> None:
    parts = {name: round(1000 * share) for name, share in shares.items()}
    total = rows * sum(parts.values())
    assert quotas(total, shares) == {name: rows * part for name, part in parts.items()}


def test_written_numbers_count_not_binary_ones() -> None:
    assert quotas(100, {"a": 0.07, "b": 0.93}) == {"a": 7, "b": 93}
    assert quotas(3, {"a": 0.1, "b": 0.1, "c": 0.1}) == {"a": 1, "b": 1, "c": 1}
    assert quotas(1, {"a": 0.5, "b": 0.5}) == {"a": 1, "b": 0}
    with pytest.raises(ValueError, match="negative"):
        quotas(-1, {"a": 1})


@pytest.mark.parametrize(
    ("share", "real", "written", "rows"),
    [(0.2, 100, 0, 5), (0.2, 80, 20, 5), (0.1, 100, 0, 10), (0.0, 100, 0, 0), (0.005, 7, 3, 7)],
)
def test_one_per_cent_of_training_is_more_of_rehearsal(
    share: float, real: int, written: int, rows: int
) -> None:
    assert pretrain_rows(sized(replay_rows=real, synthesised_rows=written), share) == rows


@pytest.mark.parametrize("ssr_share", [None, 0.0, 0.5, 0.75])
@pytest.mark.parametrize(("beside", "share"), [(0, 0.2), (64, 0.2), (128, 0.1), (7, 0.5)])
def test_training_draws_one_per_cent_like_pretraining_beside_what_stages_left(
    beside: int, share: float, ssr_share: float | None
) -> None:
    """Through the plan of the rows: shares of the samples that the run really takes."""
    real, written = 96, 4
    like = pretrain_rows(sized(replay_rows=real, synthesised_rows=written), share, beside)
    origins = ["pretrain"] * like + ["real_replay"] * (real - like) + ["ssr"] * written
    origins += ["stage"] * beside
    old = [Sample(f"{one}{n}", [1] * 16, [True] * 16) for n, one in enumerate(origins)]
    of = {one.name: origin for one, origin in zip(old, origins, strict=True)}
    new = [Sample(f"new{n}", [1] * 16, [True] * 16) for n in range(50)]
    shares = origin_shares(old, of, ssr_share)
    rows = plan_rows(new, old, 2000, share, 0, 64, origins=of, shares=shares)
    taken = [of.get(one.name, "new") for row in rows for one in row.samples]
    assert taken.count("pretrain") / len(taken) == pytest.approx(0.01, abs=share / len(old))
    if ssr_share is not None:
        assert taken.count("ssr") / len(taken) == pytest.approx(ssr_share * share, abs=0.001)
