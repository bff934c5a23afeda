"""The forms of low rank are what the dense sums are."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.training.quadratic import apart, form, pull, state_bytes

SIZES = st.tuples(st.integers(1, 7), st.integers(1, 7), st.integers(1, 4), st.integers(0, 999))


def _drawn(seed: int, *shapes: tuple[int, ...]) -> list[torch.Tensor]:
    stream = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=stream, dtype=torch.float64) for shape in shapes]


@settings(deadline=None, max_examples=60)
@given(SIZES)
def test_factored_form_is_the_dense_sum_and_so_is_its_gradient(sizes) -> None:
    rows, columns, rank, seed = sizes
    left, right, g, c = _drawn(seed, (rows, rank), (rank, columns), (rows,), (columns,))
    g, c = g.square(), c.square()
    left.requires_grad_(), right.requires_grad_()
    delta = left @ right
    dense = sum(g[i] * c[j] * delta[i, j] ** 2 for i in range(rows) for j in range(columns))
    low = form(left, right, c, g)
    torch.testing.assert_close(low, dense)
    for mine, other in zip(
        torch.autograd.grad(low, (left, right)), torch.autograd.grad(dense, (left, right)),
        strict=True,
    ):  # fmt: skip
        torch.testing.assert_close(mine, other)


@settings(deadline=None, max_examples=60)
@given(SIZES, st.booleans(), st.booleans())
def test_kfac_form_is_that_of_the_kronecker_product(sizes, full_in, full_out) -> None:
    rows, columns, rank, seed = sizes
    left, right, x, d = _drawn(seed, (rows, rank), (rank, columns), (9, columns), (9, rows))
    inputs, outputs = x.T @ x, d.T @ d
    kept_in = inputs if full_in else inputs.diagonal()
    kept_out = outputs if full_out else outputs.diagonal()
    whole = torch.kron(
        inputs if full_in else inputs.diagonal().diag(),
        outputs if full_out else outputs.diagonal().diag(),
    )
    stacked = (left @ right).T.flatten()  # columns below each other
    torch.testing.assert_close(form(left, right, kept_in, kept_out), stacked @ whole @ stacked)


@settings(deadline=None, max_examples=40)
@given(SIZES, st.integers(1, 4))
def test_apart_is_the_difference_of_two_products_of_any_ranks(sizes, other_rank) -> None:
    rows, columns, rank, seed = sizes
    up, down, up2, down2 = _drawn(
        seed, (rows, rank), (rank, columns), (rows, other_rank), (other_rank, columns)
    )
    left, right = apart(up.float(), down.float(), up2.float(), down2.float())
    assert left.shape[1] == right.shape[0] == 2 * max(rank, other_rank)
    torch.testing.assert_close((left @ right).double(), up @ down - up2 @ down2, rtol=1e-4,
                               atol=1e-5)  # fmt: skip


def test_near_the_anchor_no_digits_are_lost() -> None:
    """[B, −B₂][A; A₂] gives noise here: the difference is in the last digits of both products."""
    up, down, step, c, g = _drawn(1, (40, 4), (4, 30), (40, 4), (30,), (40,))
    c, g = c.square().float(), g.square().float()
    up, down = up.float(), down.float()
    moved = up + 1e-5 * step.float()
    exact = form(moved.double() - up.double(), down.double(), c.double(), g.double())
    assert form(*apart(moved, down, up, down), c, g).item() == pytest.approx(exact.item(), rel=1e-4)
    naive = form(torch.cat([moved, -up], 1), torch.cat([down, down]), c, g)
    assert naive.item() != pytest.approx(exact.item(), rel=0.1)


def test_an_anchor_of_nothing_keeps_the_rank() -> None:
    up, down = torch.ones(3, 2), torch.ones(2, 5)
    left, right = apart(up, down, torch.zeros(3, 0), torch.rand(0, 5))
    assert torch.equal(left, up) and torch.equal(right, down)


def test_pull_is_a_weighed_sum_of_squares_and_bytes_are_counted() -> None:
    now = {"a": torch.tensor([1.0, 2.0]), "b": torch.tensor([[3.0]])}
    anchor = {"a": torch.tensor([0.0, 0.0]), "b": torch.tensor([[1.0]])}
    assert pull(now, anchor).item() == 1 + 4 + 4
    weighed = {"a": torch.tensor([2.0, 0.5]), "b": torch.tensor([[10.0]])}
    assert pull(now, anchor, weighed).item() == 2 + 2 + 40
    assert state_bytes({"x": now, "n": 3, "more": [torch.zeros(2, dtype=torch.float64)]}) == 28
