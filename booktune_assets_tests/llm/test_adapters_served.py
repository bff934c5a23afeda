"""Base and adapter from one server of ours, token ids as prompts, likelihoods, repetition."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import RepetitionPenaltyLogitsProcessor

from booktune_assets.errors import BookError
from booktune_assets.llm.cache import Cache
from booktune_assets.llm.calls import Request, open_caller
from booktune_assets.llm.engine import open_engine
from booktune_assets.llm.engines import Adapter
from booktune_assets.llm.models import BaseModel
from booktune_assets.llm.transformers_engine import _repeated  # pyright: ignore[reportPrivateUsage]
from booktune_assets.settings import Llm, Settings


def test_what_is_newer_changes_no_earlier_key() -> None:
    plain = Request(prompt="x")
    assert set(plain.payload) == {
        "model", "revision", "adapter", "messages", "prompt", "max_tokens", "temperature", "top_p",
        "stop", "seed", "schema",
    }  # fmt: skip
    others = [
        Request(ids=(1, 2)), Request(prompt="x", repetition=1.2),
        Request(prompt="x", likelihood=True),
    ]  # fmt: skip
    assert len({one.call_key for one in [plain, *others]}) == 4
    with pytest.raises(BookError):
        Request(prompt="x", ids=(1,))
    with pytest.raises(BookError):
        Request(prompt="x", repetition=0)


def test_repetition_is_what_transformers_makes_of_it() -> None:
    scores = torch.linspace(-2, 2, 9)
    theirs = RepetitionPenaltyLogitsProcessor(1.2)(torch.tensor([[1, 7, 7]]), scores[None].clone())
    assert torch.equal(_repeated(scores, [1, 7, 7], 1.2), theirs[0])
    assert _repeated(scores, [1], 1.0) is scores


def test_likelihood_is_that_of_the_text(tiny: BaseModel) -> None:
    engine = open_engine(tiny.path)
    (text,) = engine.generate(["abc"], max_new_tokens=6)
    ((written, _, nats),) = engine.last  # pyright: ignore[reportAttributeAccessIssue]
    ids = engine.prompt_ids("abc")  # pyright: ignore[reportAttributeAccessIssue]
    whole = torch.tensor([[*ids, *engine.prompt_ids(text)[1:]]])  # pyright: ignore
    with torch.inference_mode():
        losses = engine.model(whole).logits[0].log_softmax(dim=-1)  # pyright: ignore
    own = [-float(losses[at - 1, whole[0, at]]) for at in range(len(ids), whole.shape[1])]
    if len(own) == written:  # random weights may write half a character
        assert nats == pytest.approx(sum(own), rel=1e-4)


@pytest.mark.slow
def test_one_server_answers_with_and_without_the_adapter(
    tiny: BaseModel, adapter: Path, tmp_path: Path
) -> None:
    llm = Llm(engine="transformers", model=str(tiny.path), concurrency=8, salvage=0)
    beside = Adapter.at(adapter)
    asked = [Request(prompt=f"n {n}", max_tokens=8, likelihood=True, tag=n) for n in range(3)]
    adapted = [
        Request(prompt=f"n {n}", max_tokens=8, likelihood=True, adapter=beside.name, tag=10 + n)
        for n in range(3)
    ]
    engine = open_engine(tiny.path, adapter)
    ids = Request(ids=tuple(engine.prompt_ids("n 0")), max_tokens=8, tag=20)  # pyright: ignore
    settings = Settings(home=tmp_path, llm=llm)
    with open_caller(settings, beside) as caller:
        found = {one.tag: reply for one, reply in caller.ask([*asked, *adapted, ids])}
    prompts = [one.prompt for one in asked]
    with engine.with_adapter(False):
        plain = engine.generate(prompts, max_new_tokens=8)
        nats = [one[2] for one in engine.last]  # pyright: ignore[reportAttributeAccessIssue]
    with engine.with_adapter(True):
        tuned = engine.generate(prompts, max_new_tokens=8)
    assert plain != tuned
    assert [found[n].text for n in range(3)] == plain
    assert [found[10 + n].text for n in range(3)] == tuned
    assert found[20].text == plain[0]
    assert [found[n].nats for n in range(3)] == pytest.approx(nats, rel=1e-4)
    cached = Cache(settings.calls).reply(_named(asked[0], caller))
    assert cached is not None and cached.nats == found[0].nats


def _named(request: Request, caller) -> Request:
    from dataclasses import replace

    return replace(request, model=caller.model, revision=caller.revision)


def test_a_folder_without_an_adapter_is_named(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="peft"):
        Adapter.at(tmp_path)
