"""Self-distillation: what is sampled, who teaches, what is refused, and that it teaches."""

from __future__ import annotations

import pytest
import torch

from booktune_assets.errors import BookError, Code
from booktune_assets.llm.chat import render_chat, render_prompt
from booktune_assets.llm.loading import load_model, load_tokenizer
from booktune_assets.settings_training import Sdft as Settings
from booktune_assets.training.batches import PackedRow
from booktune_assets.training.privileged import PageSample, page_sample, prompt_of
from booktune_assets.training.reference import trained
from booktune_assets.training.strategies.sdft import Sdft
from booktune_assets.training.trainer import Schedule, add_lora, fit
from booktune_assets_tests.training.strategies.rows import (
    NEW,
    OLD,
    Drive,
    a_run,
    adapted,
    output_of,
    sample,
)

SHORT = Settings(new_tokens=6)


def _moved(model) -> None:
    stream = torch.Generator().manual_seed(7)
    for part in trained(model).values():
        part.data.add_(0.05 * torch.randn(part.shape, generator=stream))


def _logs(model, ids: list[int]) -> torch.Tensor:
    return model(input_ids=torch.tensor([ids]), use_cache=False).logits[0].log_softmax(1)


@pytest.mark.parametrize(
    ("teacher", "direction"),
    [("base", "reverse"), ("live", "reverse"), ("ema", "reverse"), ("base", "forward")],
)
def test_the_term_is_the_kl_from_the_teacher_with_the_page(tiny, teacher, direction) -> None:
    model = adapted(tiny)
    sdft = Sdft(Settings(new_tokens=6, teacher=teacher, direction=direction))
    run = a_run(model)
    sdft.prepare(run)
    _moved(model)
    sdft.on_step_end(model, 1)  # ema takes a hundredth of the move
    row = NEW[0]
    output = output_of(model, row, share=0.5)
    weights = sdft.row_weights(model, row, output)
    assert weights is not None and not weights.any(), "the data's answer is not learned"
    term = sdft.loss_terms(model, row, output)["kl"]
    written = sdft._answers(model, row.samples)  # pyright: ignore[reportPrivateUsage]
    now = {name: part.data.clone() for name, part in trained(model).items()}
    start = run.reference.start
    weights_of = {
        "live": now,
        "base": start,
        "ema": {name: start[name] + 0.01 * (part - start[name]) for name, part in now.items()},
    }[teacher]
    found = []
    for one, answer in zip(row.samples, written, strict=True):
        assert isinstance(one, PageSample) and one.privileged is not None
        asked, told = prompt_of(one), one.privileged
        with torch.no_grad():
            mine = _logs(model, [*asked, *answer])[len(asked) - 1 : -1]
            for name, part in trained(model).items():
                part.data = weights_of[name]
            theirs = _logs(model, [*told, *answer])[len(told) - 1 : -1]
            for name, part in trained(model).items():
                part.data = now[name]
        first, second = (mine, theirs) if direction == "reverse" else (theirs, mine)
        found.append((first.exp() * (first - second)).sum(1))
    expected = float(torch.cat(found).mean())
    assert expected > 1e-3
    assert term.item() == pytest.approx(0.5 * expected, rel=1e-3)
    slopes = torch.autograd.grad(term, list(trained(model).values()))
    assert all(slope.abs().max() > 0 for slope in slopes)


def test_answers_are_drawn_by_the_seed_and_leave_the_global_stream_alone(tiny) -> None:
    model = adapted(tiny)
    sdft = Sdft(SHORT)
    sdft.prepare(a_run(model))
    torch.manual_seed(3)
    first = sdft._answers(model, NEW[0].samples)  # pyright: ignore[reportPrivateUsage]
    after = torch.rand(1)
    torch.manual_seed(3)
    assert torch.equal(after, torch.rand(1))
    torch.manual_seed(99)
    assert sdft._answers(model, NEW[0].samples) == first  # pyright: ignore[reportPrivateUsage]
    sdft.seen += 1
    assert sdft._answers(model, NEW[0].samples) != first  # pyright: ignore[reportPrivateUsage]
    assert model.training is False or model.training is True
    assert [0 < len(answer) <= 6 for answer in first] == [True, True]


def test_an_answer_stops_at_its_end_token(tiny) -> None:
    model = adapted(tiny)
    sdft = Sdft(Settings(new_tokens=40))
    sdft.prepare(a_run(model))
    model.generation_config.eos_token_id = list(range(10))  # one of them comes now and then
    answers = [
        sdft._answers(model, row.samples)  # pyright: ignore[reportPrivateUsage]
        for row in NEW for sdft.seen in range(4)
    ]  # fmt: skip
    every = [answer for some in answers for answer in some]
    assert any(answer[-1] < 10 for answer in every)
    assert any(len(answer) == 40 for answer in every)
    assert all(token >= 10 for answer in every for token in answer[:-1])


def test_a_share_of_the_new_rows_is_distilled_evenly(tiny) -> None:
    model = adapted(tiny)
    sdft = Sdft(Settings(share=0.4, new_tokens=2))
    sdft.prepare(a_run(model))
    output = output_of(model, NEW[0])
    asked = [sdft.row_weights(model, NEW[0], output) is not None for _ in range(10)]
    assert asked == [False, False, True, False, True] * 2
    assert sdft.row_weights(model, OLD[0], output) is None
    assert sdft.loss_terms(model, OLD[0], output) == {}


def test_rows_without_a_page_or_a_prompt_or_with_too_long_a_page_are_refused(tiny) -> None:
    model = adapted(tiny)
    bare = PackedRow(False, [sample("new bare", 9, 4)])
    no_page = PackedRow(False, [PageSample("new x", [1, 5, 6], [False, False, True])])
    no_prompt = PackedRow(False, [PageSample("new y", [1, 5], [True, True], [1, 4])])
    endless = PackedRow(False, [PageSample("new z", [1, 5], [False, True], [1] * 4095)])
    for row, code in (
        (bare, Code.BAD_ROW), (no_page, Code.BAD_ROW), (no_prompt, Code.BAD_ROW),
        (endless, Code.TOO_LONG),
    ):  # fmt: skip
        with pytest.raises(BookError) as caught:
            Sdft(SHORT).prepare(a_run(model, [NEW[0], row]))
        assert caught.value.code is code
        assert caught.value.where["sample"] == row.samples[0].name
    Sdft(SHORT).prepare(a_run(model))


def test_a_page_stands_in_the_prompt_and_nowhere_else(tiny) -> None:
    tokenizer = load_tokenizer(tiny.path)
    turns = [
        {"role": "user", "content": "What is a mailbox?"},
        {"role": "assistant", "content": "A queue of messages."},
        {"role": "user", "content": "Whose?"},
        {"role": "assistant", "content": "A process's."},
    ]
    made = page_sample(tokenizer, "ex_1", turns, "Each process has a mailbox.")
    plain = render_chat(tokenizer, turns)
    assert (made.ids, made.learned) == (plain.ids, plain.learned)
    assert prompt_of(made) == render_prompt(tokenizer, turns[:1])
    assert made.privileged is not None
    told = tokenizer.decode(made.privileged)
    assert "Each process has a mailbox." in told and "What is a mailbox?" in told
    assert "queue" not in told and "Whose" not in told
    assert page_sample(tokenizer, "ex_1", turns, None).privileged is None


def test_the_student_comes_nearer_to_the_teacher(tiny) -> None:
    def apart(model) -> float:
        sdft = Sdft(Settings(new_tokens=8, teacher="base"))
        sdft.prepare(a_run(adapted(tiny, started=False)))
        total = 0.0
        for row in NEW:
            output = output_of(model, row)
            sdft.row_weights(model, row, output)
            total += float(sdft.loss_terms(model, row, output)["kl"].detach())
        return total / len(NEW)

    model = adapted(tiny, started=False)
    before = apart(model)
    Drive(model, [Sdft(Settings(new_tokens=8, teacher="base"))]).go(16)
    assert apart(model) < 0.8 * before


def test_it_runs_in_the_trainer(tiny) -> None:
    torch.manual_seed(0)
    model = add_lora(load_model(tiny.path), 4, 8, "base")
    sdft = Sdft(SHORT)
    start = {name: part.detach().clone() for name, part in trained(model).items()}
    fit(model, [NEW[0], OLD[0], NEW[1], OLD[1]], Schedule(1e-3, 2), [sdft])
    assert sdft.metrics()["kl"] > 0
    moved = [not torch.equal(part, start[name]) for name, part in trained(model).items()]
    assert any(moved)
