"""Divergences against plain torch in fp64, their gradients, and what they hold in memory."""

from __future__ import annotations

import math

import pytest
import torch

from booktune_assets.llm.loading import load_model
from booktune_assets.training import divergence as module
from booktune_assets.training.divergence import Outputs, divergence, draw, outputs
from booktune_assets.training.trainer import row_inputs
from booktune_assets_tests.training.strategies.rows import NEW, adapted

KINDS = ("forward", "reverse", "bhattacharyya")


def _plain(kind: str, mine: torch.Tensor, theirs: torch.Tensor) -> torch.Tensor:
    """By the definitions, over all logits at once."""
    p, q = mine.softmax(1), theirs.softmax(1)
    if kind == "bhattacharyya":
        return -(p * q).sqrt().sum(1).log()
    return (q * (q / p).log()).sum(1) if kind == "forward" else (p * (p / q).log()).sum(1)


def _tensors(*sizes: tuple[int, int]) -> list[torch.Tensor]:
    stream = torch.Generator().manual_seed(3)
    return [torch.randn(size, generator=stream, dtype=torch.float64) for size in sizes]


def test_bhattacharyya_by_enumeration() -> None:
    p, q = [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]
    expected = -math.log(sum(math.sqrt(one * other) for one, other in zip(p, q, strict=True)))
    now, then = (Outputs(torch.tensor([chances]).log(), None) for chances in (p, q))
    assert divergence("bhattacharyya", now, then).item() == pytest.approx(expected, rel=1e-6)
    assert divergence("bhattacharyya", now, now).item() == pytest.approx(0, abs=1e-7)
    tail = -math.log(math.sqrt(0.6 * 0.1) + math.sqrt(0.4 * 0.9))  # the likeliest of q, the rest
    assert divergence("bhattacharyya", now, then, 1).item() == pytest.approx(tail, rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("headed", [True, False])
def test_values_are_those_of_plain_torch(kind, headed: bool) -> None:
    now, then, head = _tensors((150, 6), (150, 6), (11, 6))
    mine, theirs = (now @ head.T, then @ head.T) if headed else (now, then)
    kept = head if headed else None
    found = divergence(kind, Outputs(now, kept), Outputs(then, kept))
    torch.testing.assert_close(found, _plain(kind, mine, theirs))
    coarse = divergence(kind, Outputs(now, kept), Outputs(then, kept), 3)
    assert (coarse <= found + 1e-12).all(), "merging tokens never adds distance"
    assert (coarse < found - 1e-3).any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("top_k", [0, 3, 100])
@pytest.mark.parametrize("headed", [True, False])
def test_gradients(kind, top_k: int, headed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 4)  # several chunks
    now, then, head = _tensors((9, 5), (9, 5), (8, 5))
    kept = head if headed else None

    def of(states: torch.Tensor) -> torch.Tensor:
        return divergence(kind, Outputs(states, kept), Outputs(then, kept), top_k)

    assert torch.autograd.gradcheck(of, (now.requires_grad_(),))


def test_top_k_is_the_bucketed_distribution() -> None:
    now, then = _tensors((5, 9), (5, 9))
    p, q = now.softmax(1), then.softmax(1)
    best = q.topk(2, dim=1).indices
    merged = []
    for chances in (p, q):
        top = chances.gather(1, best)
        merged.append(torch.cat([top, 1 - top.sum(1, keepdim=True)], 1).log())
    for kind in KINDS:
        found = divergence(kind, Outputs(now, None), Outputs(then, None), 2)
        torch.testing.assert_close(found, _plain(kind, *merged))


def test_no_tensor_is_as_large_as_the_logits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 8)
    seen: list[int] = []
    original = module._logits  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(module, "_logits", lambda *given: seen.append(len(given[0])) or
                        original(*given))  # fmt: skip
    now, then, head = _tensors((30, 4), (30, 4), (50, 4))
    now.requires_grad_()
    divergence("bhattacharyya", Outputs(now, head), Outputs(then, head)).sum().backward()
    assert now.grad is not None
    assert max(seen) == 8 and sum(seen) == 60


def test_through_a_model_it_is_the_divergence_of_its_logits(tiny) -> None:
    model = adapted(tiny)
    inputs = row_inputs(NEW[0], "cpu")
    logits = model(**inputs, use_cache=False).logits[0]
    with torch.no_grad(), model.disable_adapter():
        base = model(**inputs, use_cache=False).logits[0]
        then = outputs(model, inputs)
    assert then.head is not None
    for kind in KINDS:
        weights = [part for part in model.parameters() if part.requires_grad]
        found = divergence(kind, outputs(model, inputs), then)
        expected = _plain(kind, logits, base)
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-5)
        slopes = torch.autograd.grad(found.mean(), weights)
        plain = torch.autograd.grad(expected.mean(), weights, retain_graph=True)
        for one, other in zip(slopes, plain, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-6)


def test_a_head_that_learns_or_is_bent_falls_back_to_logits(tiny) -> None:
    inputs = row_inputs(NEW[0], "cpu")
    where = torch.tensor([2, 5])
    learning = load_model(tiny.path)
    learning.get_output_embeddings().weight.requires_grad_(True)
    biased = load_model(tiny.path)
    old = biased.get_output_embeddings()
    head = torch.nn.Linear(old.in_features, old.out_features, bias=True)
    head.weight.data, head.bias.data = old.weight.data, torch.linspace(-2, 2, old.out_features)
    biased.set_output_embeddings(head.requires_grad_(False))
    plain = load_model(tiny.path)
    assert outputs(plain, inputs, where).head is not None
    for model in (learning, biased):
        found = outputs(model, inputs, where)
        assert found.head is None
        torch.testing.assert_close(found.states, model(**inputs, use_cache=False).logits[0, where])
        apart = divergence("forward", found, outputs(plain, inputs, where))
        expected = _plain(
            "forward", found.states, plain(**inputs, use_cache=False).logits[0, where]
        )
        torch.testing.assert_close(apart, expected, rtol=1e-3, atol=1e-5)
    apart = divergence("forward", outputs(learning, inputs, where), outputs(plain, inputs, where))
    apart.sum().backward()  # the head learns from it, too: at distance 0, nothing
    assert learning.get_output_embeddings().weight.grad.abs().max() < 1e-5


def test_labels_are_drawn_from_the_distribution() -> None:
    logits = torch.tensor([[0.0, 1.0, -1.0, -torch.inf]]).expand(20_000, 4)
    labels = draw(Outputs(logits, None), torch.Generator().manual_seed(0))
    counts = torch.bincount(labels, minlength=4) / len(labels)
    torch.testing.assert_close(counts, logits[0].softmax(0), rtol=0, atol=0.015)
    again = draw(Outputs(logits, None), torch.Generator().manual_seed(0))
    assert torch.equal(labels, again) and counts[3] == 0
