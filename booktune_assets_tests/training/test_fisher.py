"""Fisher information against loops over samples, tokens and labels."""

from __future__ import annotations

import itertools

import pytest
import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.heads import hidden
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.fisher import chosen, diagonal, factors, sample_labels
from booktune_assets.training.lora_layers import lora_parts
from booktune_assets.training.reference import trained
from booktune_assets_tests.training.importance_helpers import (
    VOCABULARY,
    drawn,
    lora_model,
    packed,
    sample,
    small_net,
    step_output,
    wake,
)


def by_hand(net, one) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """(x, δ) of both layers for each token of a sample, from the written-out net."""
    body, head = net.get_base_model().base_model, net.get_base_model().head.weight
    whole = {
        part.name.rpartition(".")[2]: part.module.base_layer.weight + part.delta()
        for part in lora_parts(net)
    }
    given = body.tokens(torch.tensor(one.ids))
    inner = (given @ whole["one"].T).detach().requires_grad_()
    squashed = torch.tanh(inner)
    outer = squashed @ whole["two"].T
    loss = torch.nn.functional.cross_entropy(
        (outer @ head.T)[:-1], torch.tensor(one.ids[1:]), reduction="sum"
    )
    slopes = torch.autograd.grad(loss, (inner, outer))
    return {"one": (given.detach(), slopes[0]), "two": (squashed.detach(), slopes[1])}


def test_factors_are_sums_over_samples_and_tokens() -> None:
    net, samples = small_net(), drawn(9, 1)
    seen = [by_hand(net, one) for one in samples]
    tokens = sum(len(one.ids) for one in samples)
    expected = {}
    for layer in ("one", "two"):
        inputs = sum(torch.outer(x, x) for one in seen for x in one[layer][0]) / tokens
        outputs = sum(torch.outer(d, d) for one in seen for d in one[layer][1]) / len(samples)
        expected[layer] = (inputs, outputs)
    entries = sum(len(c) * len(g) for c, g in expected.values())
    mean = sum(c.trace() * g.trace() for c, g in expected.values()) / entries
    full = factors(net, samples, 0, "empirical", full_max=10)
    narrow = factors(net, samples, 0, "empirical")
    mixed = factors(net, samples, 0, "empirical", full_max=4)
    for name in full:
        inputs, outputs = expected[name.rpartition(".")[2]]
        torch.testing.assert_close(full[name][0], inputs)
        torch.testing.assert_close(full[name][1], outputs / mean)
        torch.testing.assert_close(narrow[name][0], inputs.diagonal())
        torch.testing.assert_close(narrow[name][1], outputs.diagonal() / mean)
        assert [one.ndim for one in mixed[name]] == [
            1 + (len(inputs) <= 4),
            1 + (len(outputs) <= 4),
        ]


def test_factors_are_the_exact_fisher_where_inputs_do_not_vary() -> None:
    """One token after the start token: x is the same in every sample, so E[δ²x²] = E[δ²] E[x²]."""
    net, samples = small_net(), [sample(str(label), [label]) for label in range(VOCABULARY)]
    found = factors(net, samples, 0, "empirical")
    exact = dict.fromkeys(found, 0.0)
    for one in samples:
        seen = by_hand(net, one)
        for name in found:
            x, d = seen[name.rpartition(".")[2]]
            exact[name] = exact[name] + torch.outer(d[0], x[0]).square() / len(samples)
    mean = torch.cat([one.flatten() for one in exact.values()]).mean()
    for name, (inputs, outputs) in found.items():
        # the last token has no label, yet it was an input: only its x differs
        first = by_hand(net, samples[0])[name.rpartition(".")[2]][0][0].square()
        shape = exact[name] / mean / first
        torch.testing.assert_close(shape, shape[:, :1].expand_as(shape), rtol=1e-3, atol=1e-6)
        ratio = (shape[:, 0] / outputs) / (shape[0, 0] / outputs[0])
        torch.testing.assert_close(ratio, torch.ones_like(ratio), rtol=1e-3, atol=1e-5)
        assert inputs.min() > 0


def test_diagonal_squares_each_samples_own_gradient() -> None:
    net, samples = small_net(), drawn(6, 2)
    expected = {name: torch.zeros_like(part) for name, part in trained(net).items()}
    for one in samples:
        loss = step_output(net, PackedRow(False, [one])).nll.sum()
        for name, slope in zip(
            expected, torch.autograd.grad(loss, list(trained(net).values())), strict=True
        ):
            expected[name] += slope.square()
    whole = sum(one.sum() for one in expected.values())
    mean = whole / sum(one.numel() for one in expected.values())
    found = diagonal(net, samples, 0, "empirical")
    for name, one in expected.items():
        torch.testing.assert_close(found[name], one / mean)


def test_sampled_labels_estimate_the_sum_over_all_labels() -> None:
    """E over y ~ p of (Σ_t ∇ℓ_t)², enumerated over both tokens' labels, against 1500 draws."""
    net = small_net()
    where = torch.tensor([0, 1])
    inputs = {"input_ids": torch.tensor([[1, 4, 2]]), "position_ids": torch.arange(3)[None]}
    body = net.get_base_model()
    weights = list(trained(net).values())
    logp = body.head(body.base_model(**inputs, use_cache=False).last_hidden_state)
    logp = logp[0, where].log_softmax(dim=1)
    exact = [torch.zeros_like(part) for part in weights]
    for pair in itertools.product(range(VOCABULARY), repeat=2):
        chance = logp[0, pair[0]] + logp[1, pair[1]]
        slopes = torch.autograd.grad(-chance, weights, retain_graph=True)
        for place, slope in enumerate(slopes):
            exact[place] += chance.exp().detach() * slope.square()
    exact_all = torch.cat([one.flatten() for one in exact])
    many = [sample("same", [4, 2])] * 1500
    found = torch.cat([one.flatten() for one in diagonal(net, many, 7).values()])
    fixed = torch.cat([one.flatten() for one in diagonal(net, many[:1], 7, "empirical").values()])
    right = exact_all / exact_all.mean()
    assert (found - right).norm() < 0.06 * right.norm()
    assert (fixed - right).norm() > 0.2 * right.norm(), "the data's labels are another thing"


def test_labels_come_as_often_as_the_model_says() -> None:
    net = small_net()
    inputs = {
        "input_ids": torch.ones(1, 400, dtype=torch.long),
        "position_ids": torch.zeros(1, 400),
    }
    stream = torch.Generator().manual_seed(0)
    drawn_labels = sample_labels(*hidden(net, inputs, torch.arange(400)), stream)
    body = net.get_base_model()
    odds = body.head(body.base_model(**inputs, use_cache=False).last_hidden_state[0, 0]).softmax(0)
    seen = torch.bincount(drawn_labels, minlength=VOCABULARY) / 400
    assert (seen - odds).abs().max() < 0.08


@pytest.mark.parametrize("kind", ["factored", "kfac", "diagonal"])
def test_packed_rows_give_what_samples_alone_give(tiny, kind: str) -> None:
    model, samples = lora_model(tiny), drawn(6, 3, 3, 250)
    wake(model, 0.05)

    def measured(per_row: int):
        found = chosen(packed(samples, per_row), 100, 0)
        if kind == "diagonal":
            return diagonal(model, found, 0)
        pairs = factors(model, found, 0, full_max=32 if kind == "kfac" else 0)
        return {f"{name}{n}": one for name, pair in pairs.items() for n, one in enumerate(pair)}

    alone, together = measured(1), measured(3)
    assert all(torch.equal(one, together[name]) for name, one in alone.items())


def test_squaring_a_packed_rows_gradient_would_be_something_else(tiny) -> None:
    model, samples = lora_model(tiny), drawn(6, 3, 3, 250)
    wake(model, 0.05)
    right = diagonal(model, samples, 0, "empirical")
    weights = list(trained(model).values())
    slopes = torch.autograd.grad(step_output(model, PackedRow(True, samples)).nll.sum(), weights)
    flat = torch.cat([one.square().flatten() for one in slopes])
    good = torch.cat([one.flatten() for one in right.values()])
    assert (flat / flat.mean() - good).norm() > 0.3 * good.norm()


def test_the_pass_changes_nothing_and_counts_checkpointed_layers_once(tiny) -> None:
    model, samples = lora_model(tiny), drawn(4, 4, 3, 250)
    wake(model, 0.05)
    before = {name: part.detach().clone() for name, part in model.named_parameters()}
    next(iter(trained(model).values())).grad = torch.ones_like(next(iter(trained(model).values())))
    torch.manual_seed(9)
    expected = torch.rand(3)
    torch.manual_seed(9)
    plain = factors(model.eval(), samples, 0)
    assert torch.equal(torch.rand(3), expected), "the global stream is left alone"
    assert not model.training
    grads = [part.grad for part in trained(model).values()]
    assert torch.equal(grads[0], torch.ones_like(grads[0])) and not any(
        one is not None for one in grads[1:]
    )
    assert all(torch.equal(part, before[name]) for name, part in model.named_parameters())
    assert not any(part.module._forward_hooks for part in lora_parts(model))
    model.gradient_checkpointing_enable({"use_reentrant": False})
    model.enable_input_require_grads()
    again = factors(model.train(), samples, 0)
    assert model.training
    for name, pair in plain.items():
        for one, other in zip(pair, again[name], strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-7)


def test_samples_are_drawn_once_each_and_by_the_seed() -> None:
    samples = drawn(20, 5)
    rows = packed(samples + samples[:10], 3)
    assert [one.name for one in chosen(rows, 99, 0)] == [one.name for one in samples]
    first, again, other = ([one.name for one in chosen(rows, 8, seed)] for seed in (1, 1, 2))
    assert first == again != other and len(set(first)) == 8
    with pytest.raises(BookError) as caught:
        chosen([], 8, 0)
    assert caught.value.code is Code.NO_EXAMPLES and "rehearsal" in caught.value.remedy


def test_a_model_without_gradient_is_said(tiny) -> None:
    net = small_net(fresh=True)
    with torch.no_grad():
        net.get_base_model().head.weight.zero_()
    with pytest.raises(BookError) as caught:
        factors(net, drawn(3, 1), 0)
    assert caught.value.code is Code.BAD_SETTING
