"""A tiny Devstral with the real tokenizer, trained as a run does, and what vLLM asks of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import make_id
from booktune_assets.llm.architecture import check_shape, shape_of
from booktune_assets.llm.chat import render_chat
from booktune_assets.llm.engine import open_engine
from booktune_assets.llm.loading import load_model, load_tokenizer
from booktune_assets.llm.models import prepare
from booktune_assets.training.memory import memory_of
from booktune_assets.training.plan import wanted_of
from booktune_assets.training.run import Trained, TrainSpec, train
from booktune_assets.training.served import CONFIG, MODULES, WEIGHTS, vllm_problems

TURNS = [
    {"role": "user", "content": "What does [INST] mean in a prompt?"},
    {"role": "assistant", "content": "It opens a question; </s> closes an answer."},
]


@pytest.fixture(scope="module")
def trained(devstral, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """As the GPU profiles do it, smaller: rank of vLLM's set, packed rows, accumulation."""
    examples = [
        {"example_id": make_id("ex", n), "turns": [
            TURNS[0], {"role": "assistant", "content": f"{TURNS[1]['content']} Number {n}."}]}
        for n in range(12)
    ]  # fmt: skip
    rows = [
        {"row_id": make_id("reh", n), "prompt": "", "text": f"A process number {n}. " * 3}
        for n in range(6)
    ]
    spec = TrainSpec(
        model=prepare(str(devstral.path), devstral.path), examples=examples, rehearsal=rows,
        adapter_id=make_id("ada", 2), dataset_id=make_id("data", 2), rehearsal_id="reha_y",
        rank=8, learning_rate=1e-2, steps=6, seq_len=128, batch_rows=2,
    )  # fmt: skip
    return train(spec, tmp_path_factory.mktemp("devstral"))


@pytest.fixture
def adapter(trained: Trained, tmp_path: Path) -> Path:
    """A copy that may be spoilt."""
    return shutil.copytree(trained.files[f"adapter/{WEIGHTS}"].parent, tmp_path / "adapter")


def test_the_model_is_built_like_devstral(devstral) -> None:
    shape = check_shape(devstral.path)
    assert shape.head_dim != shape.hidden // shape.heads
    assert (shape.kv_heads, shape.heads, shape.vocab, shape.tied) == (2, 4, 131_072, False)
    assert sum(w.numel() for n, w in load_model(devstral.path).named_parameters()
               if "norm" not in n) == shape.params  # fmt: skip


def test_it_learns_and_counts_what_the_plan_counted(devstral, trained: Trained) -> None:
    row = trained.frames["lora_adapter"].row(0, named=True)
    assert row["loss_last"] < row["loss_first"] - 0.5
    wanted = wanted_of(devstral.path, rank=8, seq_len=128, device="cpu")
    assert row["trainable"] == wanted.trained
    assert memory_of(wanted).parts["adapter"] == 4 * row["trainable"]


def test_the_adapter_is_what_vllm_serves(adapter: Path) -> None:
    assert vllm_problems(adapter) == []
    config = json.loads((adapter / CONFIG).read_text())
    assert {name.split(".")[-1] for name in config["target_modules"]} == MODULES
    assert config["lora_alpha"] == 2 * config["r"] and not config["modules_to_save"]


def test_the_adapter_loads_in_peft_and_speaks_in_the_engine(devstral, adapter: Path) -> None:
    base = load_model(devstral.path)
    ids = torch.tensor([render_chat(load_tokenizer(devstral.path), TURNS).ids])
    with torch.inference_mode():
        before = base(ids).logits
        tuned = PeftModel.from_pretrained(base, str(adapter)).eval()
        assert not torch.allclose(tuned(ids).logits, before, atol=1e-3)
    engine = open_engine(devstral.path, adapter)
    texts = engine.generate([TURNS[:1], TURNS[:1]], max_new_tokens=4)
    assert texts[0] == texts[1]
    shown = engine.score([TURNS[1]["content"]])[0].nats
    with engine.with_adapter(False):
        assert shown < engine.score([TURNS[1]["content"]])[0].nats


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"r": 24}, "rank 24"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"use_dora": True}, "use_dora"),
        ({"bias": "all"}, "bias is all"),
        ({"peft_type": "LOHA"}, "peft_type"),
        ({"target_modules": ["q_proj", "router"]}, "router"),
        ({"target_modules": "all-linear"}, "pattern"),
        ({"rank_pattern": {"q_proj": 4}}, "rank_pattern"),
    ],
)
def test_options_that_vllm_refuses_are_named(adapter: Path, change: dict, said: str) -> None:
    config = json.loads((adapter / CONFIG).read_text())
    (adapter / CONFIG).write_text(json.dumps(config | change))
    assert any(said in problem for problem in vllm_problems(adapter))


def test_weights_that_vllm_does_not_know_are_named(adapter: Path) -> None:
    weights = load_file(adapter / WEIGHTS)
    first = sorted(weights)[0]
    other = {**weights, first.replace("layers", "blocks"): weights[first].clone()}
    del other[first]
    save_file(other, adapter / WEIGHTS)
    found = vllm_problems(adapter)
    assert any("none that vLLM knows" in one for one in found)
    assert any("only one of A and B" in one for one in found)
    save_file({}, adapter / WEIGHTS)
    assert vllm_problems(adapter) == ["the adapter has no weights"]
    (adapter / WEIGHTS).unlink()
    assert vllm_problems(adapter) == [f"{WEIGHTS} is not there"]
    assert vllm_problems(adapter / "nowhere")[0].startswith(CONFIG)


def test_a_lost_head_dim_is_found_before_anything_is_loaded(devstral, tmp_path: Path) -> None:
    mine = shutil.copytree(devstral.path, tmp_path / "mine")
    config = json.loads((mine / "config.json").read_text())
    del config["head_dim"]
    (mine / "config.json").write_text(json.dumps(config))
    assert shape_of(mine).head_dim == 8
    with pytest.raises(BookError, match="head_dim") as caught:
        prepare(str(mine), tmp_path)
    assert caught.value.code is Code.BAD_SETTING
