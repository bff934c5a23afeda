"""An engine without a model: what it says follows from what it is asked, and from the arm."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from booktune_assets.errors import BookError, Code
from booktune_assets.evaluation import child, run
from booktune_assets.evaluation.run import EvalSpec
from booktune_assets.evaluation.suite import Given
from booktune_assets.ids import stable_int
from booktune_assets.llm.engine import Scored
from booktune_assets.llm.models import BaseModel
from booktune_assets.settings import Evaluation


class Echo:
    """Scores sections lower with the adapter; answers with the reference when it is on."""

    opened = 0
    calls = 0

    def __init__(self, spec: dict[str, Any], replies: dict[str, str] | None = None) -> None:
        Echo.opened += 1
        self.spec, self.replies, self.on = spec, replies or {}, False

    @contextmanager
    def with_adapter(self, on: bool) -> Generator[None]:
        self.on = on
        yield

    def score(self, texts: Sequence[str]) -> list[Scored]:
        Echo.calls += 1
        return [self._score(text) for text in texts]

    def generate(self, prompts: Sequence[Any], *, max_new_tokens: int, **_: object) -> list[str]:
        Echo.calls += 1
        assert max_new_tokens > 0
        return [self._answer(prompt[-1]["content"]) for prompt in prompts]

    def score_answers(self, pairs: Sequence[tuple[Any, str]]) -> list[Scored]:
        Echo.calls += 1
        return [self._score(answer) for _, answer in pairs]

    def _score(self, text: str) -> Scored:
        if "too long" in text:
            raise BookError(Code.TOO_LONG, "shorter, please")
        size = len(text.encode())
        bits = 1.5 + stable_int(text) % 100 / 100
        if self.on and "section" in text:
            bits -= 0.2 + stable_int(text) % 7 / 100
        return Scored(bits * size * math.log(2), size // 4, size)

    def _answer(self, question: str) -> str:
        for start, reply in self.replies.items():
            if self.on and question.startswith(start):
                return reply
        return "no idea" if stable_int(question) % 3 else ""


def spec_of(folder: Path, **changes: Any) -> EvalSpec:
    """A small evaluation."""
    sections = [
        (f"sec_{n:020x}", f"section {n} " + "about processes " * (3 + n % 4)) for n in range(12)
    ]
    general = [
        (f"general {n}", f"text {n} " + "on <gardens> & more " * (3 + n % 5)) for n in range(12)
    ]
    questions = [(f"pair_{n:020x}", f"What is {n}?", f"{n} is a number.") for n in range(3)]
    given: dict[str, Any] = {
        "evaluation": Evaluation(bootstrap=500, drift=0, tool_calls=0, formats=0),
        "sections": sections,
        "questions": questions,
        "problems": None,
        "general": {"general_text": general, "general_code": []},
    }
    given |= {name: changes.pop(name) for name in list(changes) if name in Given.__slots__}
    values: dict[str, Any] = {
        "model": BaseModel("echo", folder, "r1"),
        "adapter": folder / "adapter",
        "adapter_id": f"ada_{0:020x}",
        "eval_id": f"eval_{0:020x}",
        "dataset_id": f"data_{0:020x}",
        "given": Given(**given),
        "training_steps": [{"step": n, "loss": 3 / n} for n in range(1, 20)],
        "composition": {"define": 3, "explain <code>": 1},
        "cache": folder / "cache",
    }
    return EvalSpec(**{**values, **changes})


def use_echo(monkeypatch: Any, replies: dict[str, str] | None = None) -> None:
    """Answer by echo, in this process."""

    def in_process(_: str, spec: dict[str, Any], __: Path, **___: object) -> dict[str, Any]:
        return child.run(spec)

    Echo.opened = Echo.calls = 0
    monkeypatch.setattr(child, "_open", lambda spec: Echo(spec, replies))
    monkeypatch.setattr(run, "run_child", in_process)
