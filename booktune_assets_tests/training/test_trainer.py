"""The loop in numbers: packing isolates, LoRA off is the base, steps are what AdamW says."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from booktune_assets.errors import BooktuneError, Code
from booktune_assets.llm.heads import token_nll
from booktune_assets.llm.loading import load_model
from booktune_assets.training.batches import PackedRow, Sample
from booktune_assets.training.strategies.base import Output, Passive
from booktune_assets.training.strategies.replay import Replay
from booktune_assets.training.trainer import Schedule, add_lora, fit, row_inputs


def _sample(name: str, size: int, learned_from: int = 1) -> Sample:
    stream = torch.Generator().manual_seed(size)
    ids = [1, *torch.randint(3, 250, (size - 1,), generator=stream).tolist()]
    return Sample(name, ids, [place >= learned_from for place in range(size)])


ROW = PackedRow(False, [_sample("a", 11), _sample("b", 30, 12), _sample("c", 7)])
OLD = PackedRow(True, [_sample("d", 25)])


def _gemma() -> Gemma3ForCausalLM:
    """Gemma's architecture (sliding and full layers, tied head), tiny and untrained."""
    config = Gemma3TextConfig(
        vocab_size=259, hidden_size=32, intermediate_size=64, num_hidden_layers=4,
        num_attention_heads=2, num_key_value_heads=1, head_dim=16, query_pre_attn_scalar=16,
        sliding_window=8, layer_types=["sliding_attention", "full_attention"] * 2,
        max_position_embeddings=256, pad_token_id=0, bos_token_id=1, eos_token_id=2,
        initializer_range=0.1,
    )  # fmt: skip
    torch.manual_seed(0)
    return Gemma3ForCausalLM(config).eval().requires_grad_(False)


@pytest.fixture(params=["mistral", "gemma"])
def model(request: pytest.FixtureRequest, tiny):
    return load_model(tiny.path) if request.param == "mistral" else _gemma()


def test_packed_samples_do_not_see_each_other(model) -> None:
    with torch.inference_mode():
        packed = model(**row_inputs(ROW, "cpu"), use_cache=False).logits[0]
        start = 0
        for sample in ROW.samples:
            alone = model(torch.tensor([sample.ids]), use_cache=False).logits[0]
            part = packed[start : start + len(sample.ids)]
            torch.testing.assert_close(part, alone, rtol=1e-4, atol=1e-5)
            start += len(sample.ids)
        joined = model(torch.tensor([ROW.ids]), use_cache=False).logits[0]
    assert not torch.allclose(packed[11:], joined[11:], atol=1e-2), "the test can tell them apart"


def test_packed_loss_is_the_sum_of_the_samples_losses(model) -> None:
    targets = torch.tensor(ROW.targets)
    packed = token_nll(model, row_inputs(ROW, "cpu"), targets[:, 0], targets[:, 1])
    expected = []
    for sample in ROW.samples:
        ids = torch.tensor([sample.ids])
        losses = F.cross_entropy(model(ids).logits[0, :-1], ids[0, 1:], reduction="none")
        expected += losses[torch.tensor(sample.learned[1:])].tolist()
    assert len(packed) == sum(sum(sample.learned) for sample in ROW.samples)
    torch.testing.assert_close(packed, torch.tensor(expected), rtol=1e-4, atol=1e-5)


def test_lora_covers_all_linear_layers_but_the_head(model) -> None:
    tuned = add_lora(model, 4, 8, "some-base")
    touched = {name.split(".")[-4] for name, weight in tuned.named_parameters()
               if weight.requires_grad}  # fmt: skip
    assert touched == {
        "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"
    }  # fmt: skip
    config = tuned.peft_config["default"]
    assert (config.lora_alpha, config.base_model_name_or_path) == (8, "some-base")


def test_adapter_off_is_bit_equal_to_the_base_and_on_is_not(model) -> None:
    ids = torch.tensor([ROW.ids])
    with torch.inference_mode():
        before = model(ids).logits.clone()
    tuned = add_lora(model, 4, 8, "base")
    fit(tuned, [ROW, OLD] * 3, Schedule(1e-2, 3))
    with torch.inference_mode():
        on = tuned(ids).logits
        with tuned.disable_adapter():
            off = tuned(ids).logits
    assert torch.equal(off, before)
    assert not torch.allclose(on, before, atol=1e-3)


def test_accumulated_rows_equal_one_batch_mean(model) -> None:
    torch.manual_seed(1)
    tuned = add_lora(model, 4, 8, "base")
    (step,) = fit(tuned, [ROW, OLD], Schedule(1e-9, 1))
    losses, weights = [], [part for part in tuned.parameters() if part.requires_grad]
    for row in (ROW, OLD):
        targets = torch.tensor(row.targets)
        logits = tuned(**row_inputs(row, "cpu"), use_cache=False).logits[0]
        losses.append(F.cross_entropy(logits[targets[:, 0]], targets[:, 1], reduction="none"))
    mean = torch.cat(losses).mean()
    norm = torch.cat([part.flatten() for part in torch.autograd.grad(mean, weights)]).norm()
    assert step.loss == pytest.approx(mean.item(), rel=1e-4)
    assert step.grad_norm == pytest.approx(norm.item(), rel=1e-3)
    assert step.tokens == len(ROW.targets) + len(OLD.targets)


def test_the_loss_falls(model) -> None:
    torch.manual_seed(2)
    steps = fit(add_lora(model, 8, 16, "base"), [ROW, OLD] * 30, Schedule(5e-3, 30))
    assert steps[-1].loss < 0.8 * steps[0].loss
    assert [step.step for step in steps] == list(range(1, 31))


def test_the_schedule_rises_then_falls() -> None:
    rates = [Schedule(1.0, 100).rate(step) for step in range(1, 101)]
    assert rates[0] == 0.2 and rates[4] == 1.0
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert rates[-1] == pytest.approx(0.1)
    assert Schedule(1.0, 1).rate(1) == 1.0


def test_nan_before_anything_moved_is_the_models(tiny) -> None:
    model = add_lora(load_model(tiny.path), 4, 8, "base")
    with torch.no_grad():
        next(model.parameters()).fill_(float("nan"))
    with pytest.raises(BooktuneError) as caught:
        fit(model, [ROW, OLD], Schedule(1e-4, 1))
    assert caught.value.code is Code.NAN_LOSS and caught.value.where["step"] == 1
    assert "training.model" in caught.value.remedy


def test_nan_is_a_coded_error_that_names_the_step(tiny) -> None:
    model = add_lora(load_model(tiny.path), 4, 8, "base")
    with pytest.raises(BooktuneError) as caught:
        fit(model, [ROW, OLD] * 5, Schedule(float("inf"), 5))
    assert caught.value.code is Code.NAN_LOSS
    assert caught.value.where["step"] == 2
    assert "learning_rate" in caught.value.remedy


def test_strategies_are_called_in_order_and_their_terms_count(tiny) -> None:
    calls: list[str] = []

    class Spy(Passive):
        def prepare(self, run: object) -> None:
            calls.append("prepare")

        def loss_terms(self, model: object, row: PackedRow, output: Output) -> dict:
            calls.append("old" if row.rehearsal else "new")
            return {"pull": output.nll.sum() * 9}

        def on_step_end(self, model: object, step: int) -> None:
            calls.append(f"end {step}")

    torch.manual_seed(0)
    plain = fit(add_lora(load_model(tiny.path), 4, 8, "b"), [ROW, OLD] * 2, Schedule(1e-4, 2))
    torch.manual_seed(0)
    spied = fit(
        add_lora(load_model(tiny.path), 4, 8, "b"), [ROW, OLD] * 2, Schedule(1e-4, 2), [Spy()]
    )
    assert calls == ["prepare", "new", "old", "end 1", "new", "old", "end 2"]
    assert spied[0].loss == plain[0].loss, "the reported loss is the data's alone"
    assert spied[0].grad_norm > 5 * plain[0].grad_norm


def test_replay_counts_old_and_new_apart_and_keeps_its_state() -> None:
    replay = Replay()
    for row, value in ((ROW, 2.0), (OLD, 3.0), (OLD, 1.0)):
        output = Output(torch.tensor([value, value]), {}, None, None)
        assert replay.loss_terms(None, row, output) == {}
    other = Replay()
    other.load_state_dict(replay.state_dict())
    assert other.nats == {"new": 4.0, "old": 8.0}
    assert other.tokens == {"new": 2, "old": 4}


def test_four_bit_base_trains(tiny) -> None:
    pytest.importorskip("bitsandbytes")
    model = load_model(tiny.path, quantise="nf4")
    kinds = {type(part).__name__ for part in model.modules()}
    assert "Linear4bit" in kinds
    tuned = add_lora(model, 4, 8, "base", quantised=True)
    steps = fit(tuned, [ROW, OLD] * 20, Schedule(5e-3, 20))
    assert steps[-1].loss < 0.9 * steps[0].loss
