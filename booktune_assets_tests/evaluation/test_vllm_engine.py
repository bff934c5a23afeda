"""The same prompts through vLLM and through transformers, both arms, in the evaluation's child."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model

from booktune_assets.errors import BookError, BooktuneError
from booktune_assets.evaluation import child
from booktune_assets.evaluation.served import ServedEngine, lacking
from booktune_assets.llm.chat import STOP
from booktune_assets.llm.engine import open_engine
from booktune_assets.llm.engines import Adapter, endpoint_of, vllm_arguments
from booktune_assets.llm.loading import load_model
from booktune_assets.llm.tiny import make_tiny_model
from booktune_assets.llm.vllm_engine import VllmEngine
from booktune_assets.settings import Llm, Settings

PYTHON = os.environ.get("BOOKTUNE_VLLM_PYTHON") or (
    sys.executable if importlib.util.find_spec("vllm") else ""
)
real = pytest.mark.skipif(
    not PYTHON,
    reason="no vLLM here: name its interpreter in BOOKTUNE_VLLM_PYTHON "
    "(deploy/local/vllm-cpu.sh makes one)",
)
NEW, CLOSE = 24, 1e-3  # tokens written; nats a byte between the two
ITEMS: list[dict[str, Any]] = [
    {"id": "a1", "ask": "answer", "text": "What is a process?"},
    {"id": "a2", "ask": "answer", "text": "Wer schläft? Ein Prozeß."},
    {"id": "c1", "ask": "completion", "text": "defmodule A do\n  def"},
    {"id": "c2", "ask": "completion", "text": "defmodule A do\n  def", "stop": ["\n", "e"]},
    {"id": "s1", "ask": "answer", "text": "Say more.", "temperature": 0.8, "samples": 3},
    {"id": "t1", "ask": "text", "text": "Processes are cheap: äöü. " * 3},
    {"id": "t2", "ask": "text", "text": "-module(a).\n"},
    {"id": "o1", "ask": "choice", "text": "Which?", "options": ["agent", "task", "Überwacher"]},
]  # fmt: skip
DEFAULTS = {"new_tokens": NEW, "options": [], "samples": 1, "temperature": 0.0, "stop": []}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Model and adapter; heads of 64, because vLLM has kernels for them."""
    home = tmp_path_factory.mktemp("vllm")
    model = make_tiny_model(home / "model", hidden=256, positions=512)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        wanted = LoraConfig(r=8, lora_alpha=8, target_modules="all-linear", init_lora_weights=False)
        get_peft_model(load_model(model), wanted).save_pretrained(str(home / "adapter"))
    return model, home / "adapter"


def spec_of(made: tuple[Path, Path], cache: Path, **more: Any) -> dict[str, Any]:
    return {
        "model": str(made[0]), "adapter": str(made[1]), "cache": str(cache), "seed": 3,
        "who": {"base": "base", "tuned": "tuned"}, "arms": ["base", "tuned"],
        "items": [DEFAULTS | item for item in ITEMS], **more,
    }  # fmt: skip


@real
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_vllm_says_what_transformers_says(made: tuple[Path, Path], tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, llm=Llm(vllm_python=PYTHON))
    vllm = {"python": PYTHON, "arguments": vllm_arguments(settings, *made)}
    spec = spec_of(made, tmp_path / "vllm", vllm=vllm)
    theirs = child.run(spec)
    ours = child.run(spec_of(made, tmp_path / "transformers"))
    apart = 0.0
    for arm in ("base", "tuned"):
        mine, found = ours["replies"][arm], theirs["replies"][arm]
        for name in ("a1", "a2", "c1", "c2"):
            assert found[name] == mine[name], (arm, name)
        for name in ("t1", "t2", "o1"):
            pairs = (
                zip(mine[name], found[name], strict=True) if name == "o1"
                else [(mine[name], found[name])]
            )  # fmt: skip
            for one, other in pairs:
                assert other[1:] == one[1:], "the same tokens and bytes"
                apart = max(apart, abs(one[0] - other[0]) / one[2])
        assert len(set(found["s1"])) == 3, "each sample draws from a stream of its own"
    print(f"nats a byte differ by {apart:.1e} at most")
    assert apart < CLOSE
    assert theirs["replies"]["base"] != theirs["replies"]["tuned"]
    again = child.run(spec)
    assert (again["asked"], again["replies"]) == (0, theirs["replies"])


@real
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_server_of_vllm_says_it_too(made: tuple[Path, Path], tmp_path: Path) -> None:
    """Likelihoods by token ids and by echo, answers by chat; adapter and base."""
    llm = Llm(engine="vllm", model=str(made[0]), vllm_python=PYTHON)
    adapter = Adapter.at(made[1])
    endpoint, model, _ = endpoint_of(Settings(home=tmp_path, llm=llm), adapter)
    ours = open_engine(*made)
    try:
        address = endpoint.start()
        there = llm.model_copy(update={"engine": "server", "base_url": address.base_url})
        assert lacking(there, address.key, model) == ""
        engine = ServedEngine(there, address.key, tmp_path / "calls.db", model, "", adapter.name)
        texts = ["Processes are cheap: äöü. " * 3, "-module(a).\n", "Ü"]
        turns = [[{"role": "user", "content": text}] for text in ("Which? ä", "What is it?")]
        pairs = [(turns[0], "agent"), (turns[1], "Überwacher"), ("begin", "ning")]
        for on in (False, True):
            with engine.with_adapter(on), ours.with_adapter(on):
                exact = [*ours.score(texts), *ours.score_answers(pairs)]
                for by_ids in (True, False):
                    engine._ids = by_ids  # pyright: ignore[reportPrivateUsage]
                    found = [*engine.score(texts), *engine.score_answers(pairs)]
                    for one, other in zip(found, exact, strict=True):
                        assert (one.tokens, one.bytes) == (other.tokens, other.bytes)
                        assert one.nats / one.bytes == pytest.approx(
                            other.nats / other.bytes, abs=CLOSE
                        )
                said = engine.generate(turns, max_new_tokens=NEW, stop=STOP)
                wanted = ours.generate(turns, max_new_tokens=NEW, stop=STOP)
                # a server keeps back the first bytes of a letter that never ended
                assert [text.rstrip("\ufffd") for text in said] == [
                    text.rstrip("\ufffd") for text in wanted
                ]
        engine.close()
    finally:
        endpoint.close()


FAKE = """
import json, sys
if "vllm_child" not in " ".join(sys.argv): sys.exit(9)
spec = json.loads(sys.stdin.readline())
print(json.dumps({"ready": 64}), flush=True)
for line in sys.stdin:
    job = json.loads(line)
    if any(len(ids) == 5 for ids in job["ids"]):
        print("last words", file=sys.stderr); sys.exit(3)
    if job["do"] == "score":
        print(json.dumps({"nats": [float(len(ids)) for ids in job["ids"]]}), flush=True)
    else:
        print(json.dumps({"written": [ids[-3:] for ids in job["ids"]]}), flush=True)
"""


@pytest.fixture
def fake(tmp_path: Path) -> str:
    """An interpreter that speaks the child's lines, without vLLM."""
    code, shell = tmp_path / "fake.py", tmp_path / "python"
    code.write_text(FAKE)
    shell.write_text(f'#!/bin/sh\nexec {sys.executable} -I {code} "$@"\n')
    shell.chmod(0o755)
    return str(shell)


def test_prompts_stops_and_ends(tiny: Any, fake: str) -> None:
    engine = VllmEngine(tiny.path, None, fake, [])
    texts = engine.generate(["one two", "abc"], max_new_tokens=4, stop=["w"])
    assert texts == ["t", "abc"], "the last three ids, cut at the stop string"
    (one,) = engine.score(["hello"])
    assert (one.nats, one.tokens, one.bytes) == (6.0, 5, 5)
    with pytest.raises(BookError, match="TOO_LONG"):
        engine.score(["x" * 64])
    with pytest.raises(BookError), engine.with_adapter(True):
        pass
    with pytest.raises(BooktuneError, match="last words") as caught:
        engine.score(["four"])
    assert caught.value.code.value == "CHILD_FAILED"
    engine.close()


def test_prompts_are_the_same_ids_for_both(tiny: Any, fake: str) -> None:
    engine = VllmEngine(tiny.path, None, fake, [])
    other: Any = open_engine(tiny.path)
    for prompt in ("plain", [{"role": "user", "content": "Was heißt das?"}], [1, 2, 3]):
        assert engine.prompt_ids(prompt) == other.prompt_ids(prompt)
    engine.close()
