"""The rehearsal set over the lake: guards, what makes it stale, a real build, earlier stages."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from booktune_assets.chain import models as chain_models
from booktune_assets.chain import rehearsal as chain_rehearsal
from booktune_assets.chain.build import build, state
from booktune_assets.chain.code import pairs_runner, rehearsal_runner
from booktune_assets.chain.house import House
from booktune_assets.chain.models import STAGES, newest
from booktune_assets.chain.needs import stale_above
from booktune_assets.chain.rehearsal import rehearsal_guards, rehearsal_inputs, rows_beside
from booktune_assets.chain.stage_texts import split_stages
from booktune_assets.errors import BookError, Code
from booktune_assets.llm.calls import Scripted
from booktune_assets.llm.models import TINY, prepare
from booktune_assets.schemas_rehearsal import REHEARSAL_TABLES
from booktune_assets.settings import Evaluation, Llm, Pairs, Settings
from booktune_assets.settings_training import Rehearsal, Stage, Training
from booktune_assets.training import stages
from booktune_assets.training.run import TrainSpec, config_of
from booktune_assets.training.stages import Staged
from booktune_assets.training.texts import demo_pool, stage_rows
from booktune_assets_tests.chain.test_books import chain, markdown, put
from booktune_assets_tests.rehearsal.lab import says

SMALL = {"replay_rows": 6, "synthesised_rows": 2, "new_tokens": 12, "execute": False}


def opened(home: Path, rehearsal: dict[str, Any] | None = None, **chosen: Any) -> House:
    chosen.setdefault("training", Training(model=TINY, cut_max=1.0))
    chosen.setdefault("evaluation", Evaluation(general_texts=2))
    return House.open(
        Settings(home=home, rehearsal=Rehearsal(**SMALL | (rehearsal or {})), **chosen)
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a small book up to its set; tests copy it."""
    house = opened(tmp_path_factory.mktemp("home"))
    house.settings.books.mkdir(parents=True)
    put(house, "shelves.md", markdown(12))
    chain(house, "shelves")
    assert build("sharegpt_set", None, house).error is None
    prepare(TINY, house.settings.models)
    return house.settings.home


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "home"))


def test_a_model_without_a_template_is_refused_before_anything_is_written(home: Path) -> None:
    whole = prepare(TINY, home / "models")
    bare = home / "bare"
    shutil.copytree(whole.path, bare)
    (bare / "chat_template.jinja").unlink(missing_ok=True)
    config = json.loads((bare / "tokenizer_config.json").read_text())
    config.pop("chat_template", None)
    (bare / "tokenizer_config.json").write_text(json.dumps(config))
    outcome = build("rehearsal_set", None, opened(home, training=Training(model=str(bare))))
    assert outcome.error is not None and outcome.error.code is Code.NO_CHAT_TEMPLATE
    assert "chat_template.jinja" in outcome.error.remedy
    plain = opened(home, training=Training(model=str(bare), chat_format="plain"))
    chain_models._require_adapter(plain)  # pyright: ignore[reportPrivateUsage]


def test_what_training_would_refuse_is_refused_before_anything_is_written_for_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a GPU the model writes for hours; rows of 64 tokens cut every example."""
    asked = _scripted(monkeypatch)
    short = Training(model=TINY, seq_len=64, cut_max=0.0)
    outcome = build("rehearsal_set", None, opened(home, training=short, llm=Llm(engine="none")))
    assert outcome.error is not None and outcome.error.code is Code.TOO_LONG and not asked
    house = opened(
        home, training=Training(model=TINY, ssr_share=0.5), rehearsal={"synthesised_rows": 0}
    )
    outcome = build("rehearsal_set", None, house)
    assert outcome.error is not None and outcome.error.code is Code.BAD_SETTING
    assert "rehearsal.synthesised_rows" in outcome.error.remedy


def test_guards_are_what_is_held_out_and_what_is_scored(home: Path) -> None:
    house = opened(home)
    guards = {one.name: one for one in rehearsal_guards(house)}
    assert {"held-out sections", "held-out examples", "general text that is scored"} < set(guards)
    key, _ = newest(house, "sharegpt_set")
    examples = house.lake.read("sharegpt_set", key)
    held = examples.filter(split="heldout")
    assert {one.id for one in guards["held-out examples"].items} == set(held["pair_id"])
    sections = {one.id for one in guards["held-out sections"].items}
    assert set(held["section_id"]) <= sections
    assert sections and not sections & set(examples.filter(split="train")["section_id"])
    assert len(guards["general text that is scored"].items) > 1


def test_inputs_follow_what_rows_depend_on_and_cost_no_model(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> Any:
        raise AssertionError("judging a state loads, converts and asks nothing")

    for place in (
        "llm.models.prepare", "pairs.benchmarks.load_benchmarks", "llm.calls.open_caller",
        "evaluation.general.general_prose", "evaluation.general.general_code",
    ):  # fmt: skip
        monkeypatch.setattr(f"booktune_assets.{place}", never)
    first = STAGES["rehearsal_set"].inputs(opened(home), "")
    assert first == STAGES["rehearsal_set"].inputs(opened(home), "")
    assert state("rehearsal_set", None, opened(home)) == "missing"
    texts = tmp_path / "own"
    texts.mkdir()
    (texts / "a.txt").write_text("A text of mine. It goes on.")
    stage = tmp_path / "stage"
    stage.mkdir()
    (stage / "pool.jsonl").write_text(json.dumps({"text": "It was. It is."}) + "\n")
    before = Training(model=TINY, cut_max=1.0, stages={"general": Stage(texts=texts)})
    own = {"texts": [{"path": texts, "licence": "CC0-1.0", "share": 1.0}]}
    changes: list[tuple[str, House]] = [
        ("guards", opened(home, evaluation=Evaluation(general_texts=3))),
        ("share", opened(home, training=Training(model=TINY, rehearsal_share=0.3))),
        ("sizes", opened(home, {"temperature": 0.5})),
        ("texts", opened(home, own)),
        ("writes", opened(home, {"base": "owner/base@1"})),
        ("earlier", opened(home, {"earlier": [stage]})),
        ("stages", opened(home, training=before)),
        ("beside", opened(home, {"synthesised_rows": 0}, training=before)),
        ("code", opened(home, {"execute": True})),
    ]
    found: dict[str, dict[str, str]] = {}
    for name, house in changes:
        found[name] = rehearsal_inputs(house, TINY)
        assert found[name][name] != first.get(name), name
    (texts / "a.txt").write_text("A text of mine. It went on.")
    (stage / "pool.jsonl").write_text(json.dumps({"text": "It was so. It is."}) + "\n")
    again = dict(changes)
    for name in ("texts", "earlier", "stages", "beside"):
        assert rehearsal_inputs(again[name], TINY)[name] != found[name][name], name
    none = rehearsal_inputs(opened(home, {"synthesised_rows": 0}), TINY)
    assert not {"writes", "earlier", "stages", "vectors", "code", "beside"} & set(none)


def test_written_code_is_checked_whether_or_not_that_of_pairs_is(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Found:
        name = "elixir 9"

    monkeypatch.setattr("booktune_assets.pairs.execute.find_runner", lambda *_: Found())
    off = Pairs(execute=False)

    def checks(**rehearsal: Any) -> bool:
        return rehearsal_runner(opened(home, rehearsal, pairs=off)) is not None

    assert checks(execute=True) and not checks(execute=False)
    assert not checks(execute=True, synthesised_rows=0)
    assert pairs_runner(opened(home, {"execute": True}, pairs=off)) is None
    inputs = rehearsal_inputs(opened(home, {"execute": True}, pairs=off), TINY)
    assert inputs["code"] == Found.name


def test_rows_beside_the_set_are_those_of_the_stages_pools(tmp_path: Path) -> None:
    few, many = tmp_path / "few", tmp_path / "many.jsonl"
    few.mkdir()
    for number in range(3):
        (few / f"{number}.txt").write_text(f"Text number {number}.")
    lines = [{"text": f"Text {n}."} for n in range(50)]
    odd = {"from": "gpt", "value": "\U0001f600\u2028."}
    lines += [{"conversations": [{"from": "human", "value": f"{n}?"}, odd]} for n in range(10)]
    many.write_text("".join(json.dumps(one) + "\n" for one in [*lines, lines[0]]))
    chosen = {"general": Stage(texts=few), "domain": Stage(texts=many)}
    told: list[int] = []
    for percent in (0, 10, 40):  # what is held out is in no pool
        training = Training(model=TINY, stages=chosen, stage_heldout_percent=percent)
        sides = split_stages(training).items()
        places = [one.trained(tmp_path / f"{percent}" / name) for name, one in sides]
        pools = [demo_pool(*stage_rows(place), 100) for place in places]
        told.append(rows_beside(Settings(home=tmp_path, training=training)))
        assert told[-1] == sum(map(len, pools)), percent
    assert told[0] == 3 + 61 and told == sorted(told, reverse=True) and len(set(told)) == 3
    large = tmp_path / "large.jsonl"
    large.write_text("".join(json.dumps({"text": f"Text {n}."}) + "\n" for n in range(90)))
    training = Training(model=TINY, stages={"domain": Stage(texts=large)})
    assert rows_beside(Settings(home=tmp_path, training=training)) == 64
    assert rows_beside(Settings(home=tmp_path)) == 0


def test_ways_that_look_at_earlier_rows_have_them_without_replay(home: Path) -> None:
    def rows(share: float, *ways: dict[str, Any]) -> int:
        training = Training.model_validate(
            {"model": TINY, "rehearsal_share": share, "forgetting": ways}
        )
        house = opened(home, {"replay_rows": 40}, training=training)
        found = STAGES["rehearsal_set"].inputs(house, "")
        assert float(found["share"]) == (share if {"kind": "replay"} in ways else 0)
        return int(found["replay_rows"])

    assert rows(0.2, {"kind": "replay"}) >= 16
    assert rows(0.2) == rows(0.2, {"kind": "dft"}) == 0, "nothing is mixed in or looked at"
    assert rows(0.0, {"kind": "ewc", "n": 30}) == 32, "in steps of 16"
    assert rows(0.0, {"kind": "kl", "on": "old"}) == 40, "at most what the settings allow"


def test_what_is_held_out_of_a_book_makes_it_stale(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _scripted(monkeypatch)
    house = opened(home, {"synthesised_rows": 0}, llm=Llm(engine="none"))
    made = build("rehearsal_set", None, house)
    assert made.receipt and made.receipt.counts["rows"] == 6 and not asked
    assert made.status == "made" and state("rehearsal_set", None, house) == "current"
    house.lake.fail("rehearsal_set", "rehearsal_set", BookError(Code.BAD_ROW, "Mend the row"))
    with pytest.raises(BookError, match="BAD_ROW"):  # settings were others, and are as they were
        newest(house, "rehearsal_set")
    assert stale_above(house, ["lora_adapter"], []) == {"rehearsal_set": []}
    assert build("rehearsal_set", None, house).status == "reused"
    assert newest(house, "rehearsal_set")[0] == made.key
    assert stale_above(house, ["lora_adapter"], []) == {}
    put(house, "shelves.md", markdown(12, edited=2))
    chain(house, "shelves")
    build("sharegpt_set", None, house)
    guards = {one.name for one in rehearsal_guards(house)}
    assert "held-out sections" in guards
    before = made.receipt.inputs["guards"] if made.receipt else ""
    assert STAGES["rehearsal_set"].inputs(house, "")["guards"] != before
    assert state("rehearsal_set", None, house) == "stale"


@pytest.mark.slow
def test_a_real_model_writes_the_set_and_it_is_made_once(home: Path) -> None:
    house = opened(home)
    made = build("rehearsal_set", None, house)
    assert made.error is None and made.receipt is not None, made.error
    counts = made.receipt.counts
    assert counts["calls"] >= counts["candidates"] == 4 and counts["calls_cached"] == 0
    frame = house.lake.read("rehearsal_set", made.key)
    rejected = house.lake.read("rehearsal_set__rejected", made.key)
    origins = Counter(frame["origin"])
    assert origins["real_replay"] + origins["pretrain"] == 6
    # random weights write nothing of use: all four stand there with their calls and reasons
    written = rejected.filter(origin="ssr")
    assert written.height + origins["ssr"] == 4 and written["call_keys"].list.len().min() >= 1
    assert counts["deficit"] == 2 - origins["ssr"]
    assert build("rehearsal_set", None, house).status == "reused"
    assert made.receipt.notes["model"]["path"] == "", "no path of this machine"  # type: ignore[index]


def _scripted(monkeypatch: pytest.MonkeyPatch, budget: int = 10**6) -> list[Any]:
    """The engine is a script with so many calls to spend; gives what was opened."""
    from booktune_assets.llm.calls import Reply, Request
    from booktune_assets.rehearsal import callers

    opened_: list[Any] = []
    left = [budget]

    def reply(request: Request) -> str | Reply:
        left[0] -= 1
        if left[0] < 0:
            return Reply(request.call_key, "", "budget", "BUDGET: all is spent")
        return says(request)

    def open_caller(settings: Settings, beside: Any = None) -> Scripted:
        opened_.append((settings.llm.model, beside))
        return Scripted(reply, model=settings.llm.model)

    monkeypatch.setattr(callers, "open_caller", open_caller)
    return opened_


def test_a_spent_budget_keeps_what_is_there_and_a_later_run_goes_on(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = opened(home, {"candidates": 3})
    _scripted(monkeypatch, budget=8)
    made = build("rehearsal_set", None, house)
    assert made.receipt is not None and made.receipt.notes["partial"] == (
        "4 questions and answers wait for a budget: run again to go on"
    )
    assert made.receipt.counts["candidates"] == 2 and made.receipt.counts["calls_unasked"] == 4
    assert state("rehearsal_set", None, house) == "stale"
    _scripted(monkeypatch)
    again = build("rehearsal_set", None, house)
    assert again.status == "made" and again.receipt and "partial" not in again.receipt.notes
    assert again.receipt.counts["ssr"] == 2 and state("rehearsal_set", None, house) == "current"


def test_the_last_stage_answers_and_stages_leave_their_examples(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [tmp_path / "general-1", tmp_path / "domain-2"]
    turns = [
        {"role": "user", "content": "Name the tide."},
        {"role": "assistant", "content": "Ebb."},
    ]
    for folder in folders:
        folder.mkdir()
        row = {"row_id": folder.name, "prompt": "Name the tide.", "text": "Ebb.", "turns": turns}
        text = {"row_id": "t", "prompt": "", "text": "The sea is wide. So it stays.", "turns": None}
        (folder / "pool.jsonl").write_text(json.dumps(row) + "\n" + json.dumps(text) + "\n")
    beside = folders[1] / "adapter"
    beside.mkdir()
    (beside / "adapter_config.json").write_text('{"r": 16}')
    (beside / "adapter_model.safetensors").write_bytes(b"weights: named by them, not read here")
    done = [Staged(one.name, one, {}, []) for one in folders]
    monkeypatch.setattr(chain_rehearsal, "stages_before", lambda *_: done)
    asked = _scripted(monkeypatch)
    texts = tmp_path / "own"
    texts.mkdir()
    (texts / "a.txt").write_text("Words.")
    before = Training(model=TINY, cut_max=1.0, stages={"general": Stage(texts=texts)})
    house = opened(home, training=before)
    made = build("rehearsal_set", None, house)
    assert made.error is None and made.receipt is not None, made.error
    assert [one and one.name.startswith("adapter-") for _, one in asked] == [True]
    frame = house.lake.read("rehearsal_set", made.key).filter(origin="ssr")
    assert frame["adapter"].str.starts_with("adapter-").all() and frame.height == 2
    demos = house.lake.read("rehearsal_set__demos", made.key)
    tasks = {f"stage {number} {folder.name}" for number, folder in enumerate(folders, start=1)}
    shown = demos.filter(demos["task"].is_in(sorted(tasks)))
    assert set(shown["task"]) == tasks and "Name the tide." in shown["question"].to_list()


def test_a_stage_is_the_same_for_rehearsal_and_adapter(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []

    def train(spec: TrainSpec, _: Path) -> Any:
        found.append(config_of(spec))
        raise LookupError("seen")

    monkeypatch.setattr(stages, "train", train)
    texts = tmp_path / "own"
    texts.mkdir()
    (texts / "a.txt").write_text("A text of mine. It goes on.")
    # the run over the books is looked at first, and would be refused with its rows cut
    house = opened(
        home, training=Training(model=TINY, seq_len=1536, stages={"general": Stage(texts=texts)})
    )
    none = {table.name: table.frame([]) for table in REHEARSAL_TABLES}
    house.lake.publish("rehearsal_set", "reh_1", none, code_version="rehearsal_set.10")
    house.lake.set_current("rehearsal_set", "reh_1")
    for asset in ("rehearsal_set", "lora_adapter"):
        with pytest.raises(LookupError, match="seen"):
            chain_models.STAGES[asset].make(house, "")
    assert len(found) == 2 and found[0] == found[1]


@pytest.mark.parametrize("asset", ["rehearsal_set", "lora_adapter"])
def test_a_stage_that_would_be_refused_is_so_before_the_first_is_trained(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asset: str
) -> None:
    monkeypatch.setattr(stages, "train", lambda *_: pytest.fail("hours are spent"))
    texts = tmp_path / "own"
    texts.mkdir()
    (texts / "a.txt").write_text("A text of mine. It goes on.")
    talk = [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "so it is " * 2000}]
    talks = tmp_path / "talks.jsonl"
    talks.write_text((json.dumps({"conversations": talk}) + "\n") * 9)
    both = {"general": Stage(texts=texts), "domain": Stage(texts=talks)}
    house = opened(home, training=Training(model=TINY, seq_len=1536, cut_max=0.5, stages=both))
    none = {table.name: table.frame([]) for table in REHEARSAL_TABLES}
    house.lake.publish("rehearsal_set", "reh_1", none, code_version="rehearsal_set.10")
    house.lake.set_current("rehearsal_set", "reh_1")
    with pytest.raises(BookError) as caught:
        chain_models.STAGES[asset].make(house, "")
    assert (caught.value.code, caught.value.where["stage"]) == (Code.TOO_LONG, "domain")
