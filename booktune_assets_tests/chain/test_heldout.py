"""What an evaluation asks was held out of the data set that its adapter was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from booktune_assets.chain import eval as chain_eval
from booktune_assets.chain.build import build
from booktune_assets.chain.eval import STAGES
from booktune_assets.chain.eval import _held as held_of  # pyright: ignore[reportPrivateUsage]
from booktune_assets.chain.house import House
from booktune_assets.chain.models import NOTHING_HELD_OUT, standing
from booktune_assets.chain.models import STAGES as TRAINING
from booktune_assets.progress import sink
from booktune_assets.schemas import tables_of
from booktune_assets.settings import Evaluation, Pairs, Settings
from booktune_assets_tests.builders import publish_models
from booktune_assets_tests.chain.test_books import chain, markdown, put, write_pdf


def _house(home: Path, percent: int) -> House:
    wanted = Evaluation(heldout_sections=500, answers=500)
    return House.open(Settings(home=home, pairs=Pairs(heldout_percent=percent), evaluation=wanted))


def test_questions_are_those_of_the_adapters_own_set(tmp_path: Path) -> None:
    house = _house(tmp_path, 25)
    house.settings.books.mkdir(parents=True)
    text = markdown(12)
    put(house, "shelves.md", text)
    write_pdf(text, house.settings.books / "printed.pdf")
    for key in ("shelves", "printed"):
        chain(house, key)
    trained_on = build("sharegpt_set", None, house).key
    publish_models(house.lake, trained_on)
    examples = house.lake.read("sharegpt_set", trained_on)
    train, held = (examples.filter(split=side) for side in ("train", "heldout"))
    found = held_of(house, standing(house, "lora_adapter"))
    texts, answers = found.texts, found.answers
    assert {name for name, _, _ in found.trained} <= set(train["pair_id"])
    assert len(texts) > 2
    assert len(answers) > 5
    assert {name for name, _, _ in answers} <= set(held["pair_id"])
    about = dict(examples.select("pair_id", "section_id").iter_rows())
    rows = [*answers, *found.trained]
    assert {name: found.sources[name] for name, _, _ in rows} == {
        name: about[name] for name, _, _ in rows
    }
    sections = [about[name] for name, _, _ in answers]
    first = len(set(sections))  # each section once before any comes again
    assert len(set(sections[:first])) == first < len(sections)
    assert not {name for name, _ in texts} & set(train["section_id"])
    bodies = dict(house.lake.read_all("sections").select("section_id", "text").iter_rows())
    shown = {bodies[name] for name in train["section_id"]}
    assert not {text for _, text in texts} & shown

    later = _house(tmp_path, 50)  # more is held out now, but this adapter has seen it
    for key in ("shelves", "printed"):
        chain(later, key)
    build("sharegpt_set", None, later)
    more = held_of(later, standing(later, "lora_adapter"))
    again, asked = more.texts, more.answers
    assert asked == answers
    assert not {name for name, _ in again} & set(train["section_id"])


def test_an_evaluation_follows_the_versions_of_what_it_scores(tmp_path: Path) -> None:
    house = _house(tmp_path, 25)
    house.settings.books.mkdir(parents=True)
    put(house, "shelves.md", markdown(6))
    chain(house, "shelves")
    publish_models(house.lake, build("sharegpt_set", None, house).key)
    inputs = STAGES["eval_report"].inputs(house, "")
    assert set(inputs) == {
        "lora_adapter", "heldout", "shelf", "general", "problems", "files", "variants",
        "retention",
    }  # fmt: skip
    task = tmp_path / "tasks" / "own.yaml"  # a task of the user's: its files are an input too
    task.parent.mkdir()
    task.write_text("task: own\n")
    named = Evaluation(lm_eval_tasks=[str(task)])
    with_task = House.open(Settings(home=tmp_path, evaluation=named))
    before = STAGES["eval_report"].inputs(with_task, "")["retention"]
    (task.parent / "data.jsonl").write_text("{}\n")
    after = STAGES["eval_report"].inputs(with_task, "")["retention"]
    assert len({inputs["retention"], before, after}) == 3
    none = House.open(Settings(home=tmp_path, evaluation=Evaluation(general_texts=0)))
    assert STAGES["eval_report"].inputs(none, "")["general"] == "none"


def test_held_out_texts_are_read_once_until_something_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = _house(tmp_path, 25)
    house.settings.books.mkdir(parents=True)
    put(house, "shelves.md", markdown(6))
    chain(house, "shelves")
    publish_models(house.lake, build("sharegpt_set", None, house).key)
    reads: list[int] = []
    read = chain_eval._read  # pyright: ignore[reportPrivateUsage]

    def counted(*given: Any) -> chain_eval.Held:
        reads.append(1)
        return read(*given)

    monkeypatch.setattr(chain_eval, "_read", counted)
    first = STAGES["eval_report"].inputs(house, "")
    given = chain_eval.given_of_lake(house)
    assert STAGES["eval_report"].inputs(house, "") == first
    assert len(reads) == 1
    held = {name for name, text in given.books.items() if text not in given.learned}
    assert {name for name, _ in given.sections} <= held
    changed = _house(tmp_path, 50)
    held_of(changed, standing(changed, "lora_adapter"))
    assert len(reads) == 2, "another share is held out"


def test_a_run_says_before_it_trains_that_nothing_is_held_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = _house(tmp_path, 0)
    house.settings.books.mkdir(parents=True)
    put(house, "shelves.md", markdown(2))
    chain(house, "shelves")
    assert build("sharegpt_set", None, house).receipt
    rehearsed = {table.name: table.frame([]) for table in tables_of("rehearsal_set")}
    house.lake.publish("rehearsal_set", "reh_1", rehearsed, code_version="rehearsal_set.3")
    house.lake.set_current("rehearsal_set", "reh_1")

    def refuse(*_: object) -> object:
        raise LookupError("the model is asked for now")

    monkeypatch.setattr("booktune_assets.llm.models.prepare", refuse)
    ticks: list[str] = []
    with sink(lambda tick: ticks.append(tick.what)), pytest.raises(LookupError):
        TRAINING["lora_adapter"].make(house, "")
    assert ticks == [NOTHING_HELD_OUT]
