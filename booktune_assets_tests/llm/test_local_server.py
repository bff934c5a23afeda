"""The transformers engine as a server of ours: the same caller, the same replies as the engine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from booktune_assets.llm.calls import Request, open_caller
from booktune_assets.llm.engine import open_engine
from booktune_assets.llm.models import BaseModel
from booktune_assets.settings import Llm, Settings

SCHEMA = {"type": "object"}


@pytest.mark.slow
def test_it_answers_as_the_engine_does(tiny: BaseModel, tmp_path: Path) -> None:
    model = tmp_path / "tiny model"
    shutil.copytree(tiny.path, model)
    llm = Llm(engine="transformers", model=str(model), concurrency=8, salvage=1)
    plain = [
        Request(prompt=f"number {n}", max_tokens=6, temperature=0.8, seed=3, tag=n)
        for n in range(6)
    ]
    talk = Request(messages=(("user", "hello"),), max_tokens=5, schema=SCHEMA, tag="talk")
    long = Request(prompt="x" * 5000, max_tokens=5, tag="long")
    with open_caller(Settings(home=tmp_path, llm=llm)) as caller:
        assert caller.model == "tiny model" and caller.revision
        found = {r.tag: reply for r, reply in caller.ask([*plain, talk, long])}
        again = {r.tag: reply for r, reply in caller.ask([*plain, talk])}
    engine = open_engine(model)
    texts = engine.generate(
        [one.prompt for one in plain], max_new_tokens=6, temperature=0.8, seed=3
    )
    assert [found[n].text for n in range(6)] == texts
    assert all(0 < found[n].completion_tokens <= 6 for n in range(6))
    assert found[0].prompt_tokens == len("number 0") + 1, "bytes, and the start token"
    assert found["talk"].code in ("BAD_JSON", "CUT", "EMPTY"), "random weights write no JSON"
    assert found["long"].code == "REFUSED" and "TOO_LONG" in found["long"].error
    assert all(reply.cached for reply in again.values())
