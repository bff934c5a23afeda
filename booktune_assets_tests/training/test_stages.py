"""Stages before the books, and a run that is killed: what is left, taken up, used again."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import make_id
from booktune_assets.llm.loading import load_model, load_tokenizer
from booktune_assets.training import child, run, stages
from booktune_assets.training.batches import text_samples
from booktune_assets.training.memory import USABLE, Memory, require_fit
from booktune_assets.training.run import TrainSpec, config_of, look_at, train
from booktune_assets.training.stages import Staged, run_stages
from booktune_assets.training.texts import check_examples, stage_rows, texts_digest

WEIGHTS = "adapter/adapter_model.safetensors"


@dataclass(frozen=True)
class Section:
    """As ``settings_training.Stage``."""

    texts: Path
    steps: int | None = 3
    learning_rate: float | None = None


@pytest.fixture(scope="module")
def spec(tiny) -> TrainSpec:
    examples = [
        {"example_id": make_id("ex", n), "turns": [
            {"role": "user", "content": f"What is {n} + {n}?"},
            {"role": "assistant", "content": f"It is {2 * n}, since both are {n}."}]}
        for n in range(12)
    ]  # fmt: skip
    rehearsal = [{"row_id": make_id("reh", 1), "prompt": "", "text": "General text. " * 4}]
    return TrainSpec(
        model=tiny, examples=examples, rehearsal=rehearsal,
        adapter_id=make_id("ada", 1), dataset_id=make_id("data", 1), rehearsal_id="reha_x",
        rank=4, learning_rate=5e-3, steps=4, seq_len=128, batch_rows=1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def sections(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Section]:
    general = tmp_path_factory.mktemp("general")
    for number in range(3):
        (general / f"{number}.txt").write_text(f"The tide comes in at {number}. " * 12)
    domain = tmp_path_factory.mktemp("domain") / "domain.jsonl"
    talk = [
        {"from": "human", "value": "Add?"},
        {"from": "gpt", "value": "def add(a, b), do: a + b"},
    ]
    lines = [{"text": "defmodule A do\n  def one, do: 1\nend\n"}, {"conversations": talk}]
    domain.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return {"domain": Section(domain), "general": Section(general)}


def test_stages_follow_each_other_and_are_used_again(
    spec: TrainSpec, sections: dict[str, Section], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = replace(spec, adapter_id="", dataset_id="")  # as a rehearsal set asks for stages
    general, domain = run_stages(bare, sections, tmp_path)
    assert [general.name, domain.name] == ["general", "domain"]
    assert general.row["began_from"] == "tiny-random" and domain.row["began_from"] == "general"
    first, second = (load_file(one.folder / WEIGHTS) for one in (general, domain))
    assert first.keys() == second.keys()
    # the domain stage went on with the general one's adapter: A of a fresh one would be elsewhere
    moved = max(float((first[name] - second[name]).abs().max()) for name in first)
    assert 0 < moved < 3 * spec.learning_rate * 3
    assert {row["prompt"] for row in domain.pool} == {"", "Add?"}
    for row in domain.pool:
        turns = row["turns"] or [{"content": row["text"]}]
        assert bool(row["turns"]) == bool(row["prompt"]) and turns[-1]["content"] == row["text"]
    losses = json.loads((general.folder / "reference.json").read_text())
    assert losses.keys() == {row["row_id"] for row in general.pool}
    assert all(0 < loss < 20 for loss in losses.values())

    known = {"general": general.folder, "domain": domain.folder}
    books = replace(
        spec, attach="continue", earlier=domain.folder, stages=[general.row, domain.row],
        known=known,
    )  # fmt: skip
    assert config_of(books) == config_of(replace(books, known={})), "looking trains nothing"
    made = train(books, tmp_path / "books")
    assert general.remembered == []
    (of_general,) = domain.remembered
    assert of_general["stage"] == "general" and of_general["rows"] == len(losses)
    assert of_general["then"] == pytest.approx(sum(losses.values()) / len(losses))
    now = _losses_by_hand(spec, domain.folder / "adapter", general.pool)
    assert of_general["now"] == pytest.approx(sum(now.values()) / len(now), rel=1e-4)
    assert of_general["rose"] == sum(now[row] > losses[row] for row in now)
    assert [row["stage"] for row in made.remembered] == ["general", "domain"]
    assert made.remembered[0]["then"] == of_general["then"], "the same reference for every run"
    rows = made.frames["lora_adapter__stages"].sort("place").to_dicts()
    assert [row["stage"] for row in rows] == ["general", "domain", "books"]
    assert [row["began_from"] for row in rows] == ["tiny-random", "general", "domain"]
    assert len({row["adapter_sha256"] for row in rows}) == 3
    files = general.files(tmp_path / "copies")
    assert f"stages/general/{WEIGHTS}" in files and "stages/general/pool.jsonl" in files

    def never(*_: Any) -> None:
        raise AssertionError("a finished stage is used again")

    with monkeypatch.context() as patch:
        patch.setattr(stages, "train", never)
        again = run_stages(spec, sections, tmp_path)
        assert [one.row for one in again] == [general.row, domain.row]
        assert again[1].remembered == domain.remembered
        weights = domain.folder / WEIGHTS
        weights.write_bytes(weights.read_bytes()[:-1])
        with pytest.raises(AssertionError):  # spoilt: made again
            run_stages(spec, sections, tmp_path)


def _losses_by_hand(spec: TrainSpec, adapter: Path, pool: list[dict[str, Any]]) -> dict[str, float]:
    """Cross-entropy of each text under base and adapter, by plain torch."""
    model: Any = PeftModel.from_pretrained(load_model(spec.model.path), str(adapter)).eval()
    tokenizer, found = load_tokenizer(spec.model.path), {}
    for one in text_samples(tokenizer, pool, spec.seq_len, {}):
        ids = torch.tensor([one.ids])
        with torch.no_grad():
            logits = model(ids).logits[0, :-1]
        nll = torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="none")
        found[one.name] = float(nll[torch.tensor(one.learned[1:])].mean())
    return found


def test_the_digest_of_a_run_follows_what_counts(spec: TrainSpec) -> None:
    same = replace(spec, save_every=3, resume="must", adapter_id="ada_x", checkpointing="on")
    assert config_of(same) == config_of(spec)
    others = [
        replace(spec, steps=5), replace(spec, seed=1), replace(spec, examples=spec.examples[1:]),
        replace(spec, forgetting=[]), replace(spec, curriculum="shuffled"),
    ]  # fmt: skip
    assert len({config_of(one) for one in [spec, *others]}) == 6


def test_a_killed_run_goes_on_and_ends_as_if_it_had_not_been(
    spec: TrainSpec, tmp_path: Path
) -> None:
    spec = replace(spec, steps=60, save_every=5)
    whole = train(spec, tmp_path / "whole")
    work, order = tmp_path / "killed", tmp_path / "spec.pickle"
    order.write_bytes(pickle.dumps(spec))
    code = (
        "import pickle, sys; from pathlib import Path\n"
        "from booktune_assets.training.run import train\n"
        "train(pickle.loads(Path(sys.argv[1]).read_bytes()), Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, str(order), str(work)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 300
        while not list(work.glob("checkpoints/step-*")):
            assert running.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
    assert not (work / "adapter").exists(), "no half adapter"
    time.sleep(0.5)  # the child dies by its parent's death
    with pytest.raises(BookError) as caught:
        train(replace(spec, seed=9, resume="must"), work)
    assert caught.value.code is Code.OTHER_CONFIG
    again = train(replace(spec, resume="must"), work)
    assert again.files[WEIGHTS].read_bytes() == whole.files[WEIGHTS].read_bytes()
    plain = [
        made.frames["lora_adapter__steps"].drop("seconds").to_dicts() for made in (whole, again)
    ]
    assert plain[0] == plain[1]
    said = (work / "training-child.log").read_text()
    assert not list(work.glob("checkpoints/step-*")), said


def test_bad_rows_are_named_before_anything_is_loaded(spec: TrainSpec, tmp_path: Path) -> None:
    good = spec.examples[0]["turns"]
    bad = {
        "two users": [good[0], good[0], good[1]],
        "no answer": good[:1],
        "unknown role": [{"role": "tool", "content": "x"}, good[1]],
        "empty": [good[0], {"role": "assistant", "content": "  "}],
    }
    for name, turns in bad.items():
        rows = [*spec.examples, {"example_id": name, "turns": turns}]
        with pytest.raises(BookError) as caught:
            train(replace(spec, examples=rows), tmp_path / "bad")
        assert caught.value.code is Code.BAD_ROW, name
        assert caught.value.where["example"] == name
    check_examples([{"example_id": "s", "turns": [{"role": "system", "content": "Be."}, *good]}])
    assert not (tmp_path / "bad").exists()


def test_texts_of_a_stage(tmp_path: Path) -> None:
    with pytest.raises(BookError) as caught:
        stage_rows(tmp_path)
    assert caught.value.code is Code.BAD_SETTING
    (tmp_path / "a.txt").write_text("one")
    before = texts_digest(tmp_path)
    (tmp_path / "b.txt").write_text("two")
    assert texts_digest(tmp_path) != before
    assert [row["text"] for row in stage_rows(tmp_path)[0]] == ["one", "two"]
    lines = tmp_path / "c.jsonl"
    lines.write_text('{"text": "x"}\n{"words": 1}\n')
    with pytest.raises(BookError) as caught:
        stage_rows(lines)
    assert caught.value.code is Code.BAD_ROW and caught.value.where["line"] == 2


def test_what_would_be_refused_is_refused_before_the_first_stage(
    spec: TrainSpec, sections: dict[str, Section], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "train", lambda *_: pytest.fail("hours are spent"))
    bad = tmp_path / "bad.jsonl"
    talk = [{"from": "gpt", "value": "I begin."}]
    bad.write_text(json.dumps({"conversations": talk}) + "\n")
    with pytest.raises(BookError) as caught:
        run_stages(spec, sections | {"domain": Section(bad)}, tmp_path / "a")
    assert (caught.value.where["file"], caught.value.where["line"]) == ("bad.jsonl", 1)
    rows = [
        {"example_id": make_id("ex", n), "turns": [
            {"role": "user", "content": "Why?"},
            {"role": "assistant", "content": "so it is " * 90}]}
        for n in range(12)
    ]  # fmt: skip
    long = replace(spec, examples=rows, rehearsal=[])
    with pytest.raises(BookError) as caught:
        _looking(long, sections, tmp_path)
    assert caught.value.code is Code.TOO_LONG and caught.value.where["of"] == "12"
    assert "stage" not in caught.value.where and "pairs." in caught.value.remedy
    # texts of the last stage: what is said names the stage, and what can be done about it
    talks = tmp_path / "talks.jsonl"
    talk = [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "so it is " * 90}]
    talks.write_text((json.dumps({"conversations": talk}) + "\n") * 9)
    with pytest.raises(BookError) as caught:
        _looking(spec, sections | {"domain": Section(talks)}, tmp_path)
    assert caught.value.code is Code.TOO_LONG
    assert (caught.value.where["stage"], caught.value.where["of"]) == ("domain", "9")
    assert "training.stages.domain.texts" in caught.value.remedy
    assert "training.seq_len to" in caught.value.remedy and "pairs." not in caught.value.remedy
    look_at([replace(spec, rehearsal=[])], tmp_path / "look")
    assert not list((tmp_path / "look").rglob("adapter"))


def _looking(books: TrainSpec, sections: dict[str, Section], folder: Path) -> None:
    """The stages as the chain runs them, none of them finished."""
    look = folder / "look"
    run_stages(books, sections, folder / "home", lambda before: look_at([*before, books], look))


def test_the_memory_of_the_widest_run_is_looked_at_before_the_first_stage(
    spec: TrainSpec, sections: dict[str, Section], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later stage holds what it keeps and what it writes down: more than the books' run."""
    monkeypatch.setattr(stages, "train", lambda *_: pytest.fail("hours are spent"))

    def beside(_: str, order: dict[str, Any], __: Path) -> dict[str, Any]:
        return child.run(order)

    monkeypatch.setattr(run, "run_child", beside)
    wanted: dict[tuple[bool, int], float] = {}

    def noted(plan: Memory, memory: float) -> None:
        wanted[len(plan.wanted.recording) > 0, plan.wanted.earlier] = plan.total
        require_fit(plan, memory)

    monkeypatch.setattr(child, "require_fit", noted)
    books = replace(spec, forgetting=[{"kind": "replay"}, {"kind": "ewc"}], rehearsal=[], before=2)
    with pytest.raises(pytest.fail.Exception, match="hours"):
        _looking(books, sections, tmp_path)
    general, domain, last = wanted[True, 0], wanted[True, 1], wanted[False, 2]
    assert domain > max(general, last)
    enough = (domain + max(general, last)) / 2 / USABLE  # for all but the second stage
    monkeypatch.setattr(child, "free_memory", lambda: enough)
    with pytest.raises(BookError) as caught:
        _looking(books, sections, tmp_path)
    assert caught.value.code is Code.WILL_NOT_FIT and caught.value.where["stage"] == "domain"


def test_a_share_of_written_rows_is_the_books_alone(
    spec: TrainSpec, sections: dict[str, Section], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a stage rehearses are texts of stages: it could never have such a share."""
    given: list[TrainSpec] = []

    def named(name: str, spec: TrainSpec, done: Any, home: Path) -> Staged:
        given.append(spec)
        return Staged(name, tmp_path, {}, [dict(row) for row in spec.pool])

    (tmp_path / WEIGHTS).parent.mkdir()
    (tmp_path / WEIGHTS).write_bytes(b"weights")
    monkeypatch.setattr(stages, "_stage", named)
    for share in (None, 0.25, 0.5):
        run_stages(replace(spec, ssr_share=share), sections, tmp_path / "home")
    assert len({config_of(one) for one in given}) == 2, "each stage is trained once"

    def begun(*_: Any) -> None:
        pytest.fail("not refused")

    monkeypatch.setattr(run, "run_child", begun)
    for one in given[-2:]:
        with pytest.raises(pytest.fail.Exception):
            train(one, tmp_path / "work")


def test_tuning_does_not_train_the_first_stage_again(
    spec: TrainSpec, sections: dict[str, Section], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name is a digest of what it is made of: strengths of later ways are no part of it."""
    seen: list[tuple[str, str, list[Any]]] = []
    weights = tmp_path / WEIGHTS
    weights.parent.mkdir()
    weights.write_bytes(b"weights")

    def named(name: str, spec: TrainSpec, done: Any, home: Path) -> Staged:
        seen.append((name, config_of(spec), list(spec.record)))
        return Staged(name, tmp_path, {}, [{"row_id": "r", "prompt": "", "text": "x"}])

    monkeypatch.setattr(stages, "_stage", named)

    def first(*ways: dict[str, Any], **more: Any) -> str:
        seen.clear()
        run_stages(replace(spec, forgetting=ways, **more), sections, tmp_path)
        assert [one[0] for one in seen] == ["general", "domain"]
        assert {row["kind"] for row in seen[0][2]} == {"si", "ewc"}, "left whatever is chosen"
        return seen[0][1]

    plain = first({"kind": "replay"})
    for ways in (
        [{"kind": "si"}], [{"kind": "si", "c": 2.0}], [{"kind": "si", "xi": 3.0}],
        [{"kind": "ewc"}], [{"kind": "ewc", "target_share": 0.3}], [{"kind": "fip"}], [],
        [{"kind": "ewc", "strength": 10.0}, {"kind": "l2"}],
    ):  # fmt: skip
        assert first(*ways) == plain, ways
    assert first({"kind": "ewc", "n": 9}) != plain, "another importance is recorded"
    assert first({"kind": "ewc", "space": "lora"}) != plain
    second = seen[1][1]
    first({"kind": "ewc", "space": "lora", "strength": 3.0})
    assert seen[1][1] != second, "the second stage is trained with it"


def test_texts_with_line_ends_of_unicode(spec: TrainSpec, tmp_path: Path) -> None:
    odd = "a\u2028b\x85c\u2029d. " * 9
    file = tmp_path / "odd.jsonl"
    file.write_text(json.dumps({"text": odd}, ensure_ascii=False) + "\r\n\n", encoding="utf-8")
    texts, _ = stage_rows(file)
    assert [row["text"] for row in texts] == [odd]
    row = {"row_id": "r", "prompt": "", "text": odd, "turns": None}
    (tmp_path / "pool.jsonl").write_text(
        json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    assert stages._pool(tmp_path) == [row]  # pyright: ignore[reportPrivateUsage]


def test_stages_of_plain_texts_leave_out_what_reads_pages(
    spec: TrainSpec, sections: dict[str, Section], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, list[str]] = {}

    def kept(name: str, run: TrainSpec, done: Any, home: Path) -> Staged:
        asked[name] = [one["kind"] for one in run.forgetting]
        return Staged(name, tmp_path, {}, [])

    monkeypatch.setattr(stages, "_stage", kept)
    ways = [{"kind": "sdft"}, {"kind": "replay"}]
    run_stages(replace(spec, forgetting=ways), sections, tmp_path)
    assert list(asked.values()) == [[], ["replay"]]
