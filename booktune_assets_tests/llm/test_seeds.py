"""Who is sent a seed: servers that are known to bear it, and vLLM's offline engine on a GPU."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from booktune_assets.llm import vllm_child
from booktune_assets.llm.asking import Asking
from booktune_assets.llm.bears import bears_seeds
from booktune_assets.llm.cache import Cache
from booktune_assets.llm.request import Request
from booktune_assets.llm.serving import Remote
from booktune_assets_tests.llm.fake_server import Answer, fake_server

OURS = b'{"data": [{"id": "m", "owned_by": "vllm"}]}'
VLLM = {"/v1/models": OURS, "/version": b'{"version": "0.32.0"}'}
TOLD = {
    "another server": ({"/v1/models": b'{"data": [{"id": "m", "owned_by": "llamacpp"}]}'}, True),
    "none of JSON": ({"/v1/models": b"hello"}, True),
    "which build, it does not say": (VLLM, False),
    "CPU": (VLLM | {"/version": b'{"version": "0.11.2+cpu"}'}, False),
    "CUDA": (VLLM | {"/version": b'{"version": "0.11.2+cu128"}'}, True),
    "ROCm": (VLLM | {"/version": b'{"version": "0.12.1.dev3+g12ab.rocm700"}'}, True),
    "no version": (VLLM | {"/version": b"[]"}, False),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_server_says_whether_it_bears_seeds(name: str) -> None:
    told, bears = TOLD[name]
    with fake_server(lambda *_: Answer()) as fake:
        fake.told = told
        assert bears_seeds(fake.base_url, "key") is bears


def test_what_does_not_answer_is_not_known_to_bear_them() -> None:
    with fake_server(lambda *_: Answer()) as fake:
        gone = fake.base_url
    assert not bears_seeds(gone, "") and not bears_seeds("http://[::/v1", "")


def test_the_setting_decides_where_one_knows_better() -> None:
    with fake_server(lambda *_: Answer()) as fake:
        fake.told = VLLM
        found = {how: Remote(fake.base_url, "", how).start().seeds
                 for how in ("auto", "always", "never")}  # fmt: skip
    assert found == {"auto": False, "always": True, "never": False}


def test_sampled_requests_to_such_a_server_have_no_seed(tmp_path: Path) -> None:
    seeds: list[Any] = []
    for told in (VLLM, {}):
        with fake_server(lambda *_: Answer()) as fake:
            fake.told = told
            llm = fake.llm()
            asking = Asking(llm, Cache(tmp_path / str(len(seeds))),
                            Remote(llm.base_url, "", llm.seeds), "m", "")  # fmt: skip
            list(asking.ask([Request(prompt="Hm?", max_tokens=3, temperature=0.8, seed=7)]))
            asking.close()
            seeds += [body.get("seed") for body in fake.bodies]
    assert seeds == [None, 7]


@pytest.mark.parametrize(("device", "seeds"), [("cpu", [None, None]), ("cuda", [5, 6])])
def test_the_offline_engine_gives_a_cpu_no_seeds(
    monkeypatch: pytest.MonkeyPatch, device: str, seeds: list[int | None]
) -> None:
    class Engine:
        llm_engine = SimpleNamespace(
            model_config=SimpleNamespace(max_model_len=64),
            vllm_config=SimpleNamespace(device_config=SimpleNamespace(device_type=device)),
        )

        @classmethod
        def from_engine_args(cls, _: Any) -> Engine:
            return cls()

        def generate(self, _: Any, how: list[Any], **__: Any) -> list[Any]:
            given.extend(one.seed for one in how)
            said = SimpleNamespace(token_ids=[1, 2], finish_reason="length", stop_reason=None)
            return [SimpleNamespace(outputs=[said]) for _ in how]

    given: list[Any] = []
    arguments = SimpleNamespace(add_cli_args=lambda parser: parser, from_cli_args=lambda one: one)
    parser = lambda: SimpleNamespace(parse_args=lambda one: one)  # noqa: E731
    for name, parts in {
        "vllm": {"LLM": Engine, "SamplingParams": SimpleNamespace}, "vllm.engine": {},
        "vllm.engine.arg_utils": {"EngineArgs": arguments}, "vllm.utils": {},
        "vllm.utils.argparse_utils": {"FlexibleArgumentParser": parser},
    }.items():  # fmt: skip
        module = ModuleType(name)
        module.__dict__.update(parts)
        monkeypatch.setitem(sys.modules, name, module)
    model = vllm_child._Model({"arguments": [], "adapter": ""})
    job = {"do": "write", "on": False, "ids": [[1], [2]], "seeds": [5, 6], "new": 2,
           "temperature": 0.8, "top_p": 1.0, "stop": [], "repetition": 1.0}  # fmt: skip
    assert json.loads(json.dumps(model.answer(job))) == {"written": [[1, 2], [1, 2]]}
    assert given == seeds
