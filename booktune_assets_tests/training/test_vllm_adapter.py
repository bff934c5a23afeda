"""The adapter in a real vLLM says what it says in peft, token by token: in process and served."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

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
    pytest.mark.timeout(1800),
    pytest.mark.skipif(
        not PYTHON,
        reason="no vLLM here: name its interpreter in BOOKTUNE_VLLM_PYTHON "
        "(deploy/local/vllm-cpu.sh makes one)",
    ),
]
IDS = [1, *(byte + 3 for byte in range(60, 90))]
NEW, CLOSE = 12, 2e-3  # tokens asked for; nats between the two
ENVIRONMENT = {"VLLM_CPU_KVCACHE_SPACE": "1"}
ASK = """
import json, sys
from vllm import LLM, SamplingParams
from vllm.lora.request import LoRARequest
from vllm.inputs import TokensPrompt
model, adapters, ids, new = sys.argv[1], *map(json.loads, sys.argv[2:])
llm = LLM(model=model, dtype="float32", enforce_eager=True, max_model_len=256,
          enable_lora=True, max_lora_rank=16, seed=0)
how = SamplingParams(temperature=0.0, max_tokens=new, logprobs=0, ignore_eos=True)
said = {}
for number, (name, folder) in enumerate({"base": None, **adapters}.items()):
    lora = LoRARequest(name, number, folder) if folder else None
    (one,) = llm.generate([TokensPrompt(prompt_token_ids=ids)], how, lora_request=lora)
    out = one.outputs[0]
    said[name] = [list(out.token_ids), [
        step[token].logprob for token, step in zip(out.token_ids, out.logprobs)]]
print("SAID " + json.dumps(said))
"""


@dataclass(frozen=True)
class Made:
    """A model, two adapters of it by name, and what peft makes of them: ids and logprobs."""

    model: Path
    adapters: dict[str, str]
    said: dict[str, tuple[list[int], list[float]]]

    def holds(self, served: dict[str, Any]) -> None:
        """Same tokens, logprobs within ``CLOSE``; the largest difference is printed."""
        for name, (ids, scores) in self.said.items():
            theirs, logprobs = served[name]
            apart = max(abs(a - b) for a, b in zip(logprobs, scores, strict=True))
            print(f"{name}: {len(ids)} tokens, logprobs differ by {apart:.1e} at most")
            assert theirs == ids, name
            assert logprobs == pytest.approx(scores, abs=CLOSE), name


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Adapters of our trainer, with LoRA's scale and with rsLoRA's."""
    home = tmp_path_factory.mktemp("vllm")
    path = make_tiny_model(home / "model", hidden=256)  # heads of 64: vLLM has kernels for them
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
    adapters = {"plain": train(replace(spec, rslora="off"), home / "plain")}
    adapters |= {"root": train(replace(spec, rslora="on"), home / "root")}
    folders = {
        name: str(one.files["adapter/adapter_config.json"].parent) for name, one in adapters.items()
    }
    said = {"base": _greedy(load_model(path))}
    for name, folder in folders.items():
        said[name] = _greedy(PeftModel.from_pretrained(load_model(path), folder).eval())
    assert len({str(ids) for ids, _ in said.values()}) == 3, "the test can tell them apart"
    return Made(path, folders, said)


def _greedy(model: torch.nn.Module) -> tuple[list[int], list[float]]:
    said: list[int] = []
    scores: list[float] = []
    with torch.inference_mode():
        for _ in range(NEW):
            logits = model(torch.tensor([IDS + said])).logits[0, -1]
            said.append(int(logits.argmax()))
            scores.append(float(logits.log_softmax(0)[said[-1]]))
    return said, scores


def test_in_process(made: Made) -> None:
    arguments = [str(made.model), json.dumps(made.adapters), json.dumps(IDS), json.dumps(NEW)]
    answer = subprocess.run(
        [PYTHON, "-c", ASK, *arguments], env={**os.environ, **ENVIRONMENT},
        capture_output=True, text=True, timeout=1500, check=False,
    )  # fmt: skip
    lines = [line for line in answer.stdout.splitlines() if line.startswith("SAID ")]
    assert lines, answer.stderr[-3000:]
    made.holds(json.loads(lines[0].removeprefix("SAID ")))


@pytest.fixture
def server(made: Made, tmp_path: Path) -> Generator[str]:
    """Address of a server with both adapters; ``vllm serve`` of the CPU build does not start."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        PYTHON, "-m", "vllm.entrypoints.openai.api_server", "--model", str(made.model),
        "--served-model-name", "base", "--dtype", "float32", "--enforce-eager",
        "--max-model-len", "256", "--host", "127.0.0.1", "--port", str(port), "--seed", "0",
        "--enable-lora", "--max-lora-rank", "16", "--max-loras", "2",
        "--lora-modules", *(f"{name}={folder}" for name, folder in made.adapters.items()),
    ]  # fmt: skip
    with (tmp_path / "server.log").open("w") as log:
        running = subprocess.Popen(
            command, env={**os.environ, **ENVIRONMENT}, stdout=log, stderr=log
        )
        try:
            _await(f"http://127.0.0.1:{port}", running, tmp_path / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            try:
                running.wait(60)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def _await(address: str, running: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + 1500
    while time.monotonic() < limit:
        assert running.poll() is None, log.read_text()[-3000:]
        try:
            urllib.request.urlopen(f"{address}/health", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(1)
    pytest.fail(f"no answer: {log.read_text()[-3000:]}")


def test_served(made: Made, server: str) -> None:
    said: dict[str, Any] = {}
    for name in made.said:
        body = {
            "model": name, "prompt": IDS, "max_tokens": NEW, "temperature": 0.0, "logprobs": 0,
            "ignore_eos": True, "return_token_ids": True,
        }  # fmt: skip
        asked = urllib.request.Request(
            f"{server}/v1/completions", json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(asked, timeout=300) as answer:
            (choice,) = json.load(answer)["choices"]
        said[name] = [choice["token_ids"], choice["logprobs"]["token_logprobs"]]
    made.holds(said)
