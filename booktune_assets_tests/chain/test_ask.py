"""An answer of the trained model: routed by what the shelf covers, or as asked for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from booktune_assets.chain import ask as chain_ask
from booktune_assets.chain.ask import choose
from booktune_assets.chain.build import build
from booktune_assets.chain.eval import given_of_lake
from booktune_assets.chain.house import House
from booktune_assets.chain.models import base_of
from booktune_assets.chain.retrieval import shelf_index
from booktune_assets.cli import cli
from booktune_assets.errors import BookError, Code
from booktune_assets.llm.calls import Scripted
from booktune_assets.schemas import tables_of
from booktune_assets.settings import Pairs, Settings
from booktune_assets.settings_training import Training
from booktune_assets_tests.builders import publish_models, publish_rows
from booktune_assets_tests.chain.test_books import chain, markdown, put

SETTINGS = "[pairs]\nheldout_percent = 50\n"
FOREIGN = "How long should I boil an egg so that the yolk stays soft?"


def opened(home: Path) -> House:
    return House.open(Settings(home=home, pairs=Pairs(heldout_percent=50)))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    house = opened(tmp_path_factory.mktemp("home"))
    (house.settings.home / "booktune.toml").write_text(SETTINGS)
    house.settings.books.mkdir(parents=True)
    put(house, "shelves.md", markdown(16))
    chain(house, "shelves")
    publish_models(house.lake, build("sharegpt_set", None, house).key)
    folder = house.lake.folder("lora_adapter", house.lake.current_key("lora_adapter") or "")
    (folder / "adapter").mkdir()
    (folder / "adapter" / "adapter_config.json").write_text('{"r": 16}')
    (folder / "adapter" / "adapter_model.safetensors").write_bytes(b"weights: not read here")
    return house.settings.home


@pytest.fixture
def house(built: Path, tmp_path: Path) -> House:
    return opened(Path(shutil.copytree(built, tmp_path / "home")))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Settings, Any, Scripted]]:
    """What was opened, with what, and what it was asked."""
    opened: list[tuple[Settings, Any, Scripted]] = []

    def open_caller(settings: Settings, adapter: Any = None) -> Scripted:
        caller = Scripted(["It is so [1]."], model=settings.llm.model)
        opened.append((settings, adapter, caller))
        return caller

    monkeypatch.setattr("booktune_assets.llm.calls.open_caller", open_caller)
    return opened


def call(house: House, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--home", str(house.settings.home), "ask", *words])


def own_question(house: House) -> str:
    key = house.lake.current_key("sharegpt_set") or ""
    held = house.lake.read("sharegpt_set", key).filter(split="heldout", family="define")
    return str(held.sort("pair_id")["conversations"][0][0]["value"])


def test_the_question_decides(house: House, asked: list[Any], monkeypatch: Any) -> None:
    told = call(house, own_question(house), "--adapter", "auto", "--json")
    assert told.exit_code == 0, told.output
    assert "adapter on: the shelf covers" in told.stderr and "held-out questions" in told.stderr
    answer = json.loads(told.stdout.splitlines()[-1])
    settings, adapter, caller = asked[0]
    assert (settings.llm.engine, settings.llm.model) == ("transformers", "gemma3-270m")
    assert answer["adapter"] == adapter.name == caller.asked[0].adapter
    assert answer["answer"] == "It is so [1]."
    foreign = choose(house, FOREIGN, shelf_index(house.settings), "auto")
    assert foreign.score is not None and foreign.threshold is not None
    assert foreign.score < foreign.threshold <= answer["score"]
    assert len(answer["cited"]) == 1

    def never(*_: object) -> Any:
        raise AssertionError("the threshold is kept")

    monkeypatch.setattr(chain_ask, "routing", never)
    told = call(house, FOREIGN, "--adapter", "auto")
    assert told.exit_code == 0, told.output
    assert "adapter off: the shelf covers" in told.stderr
    _, adapter, caller = asked[1]
    assert adapter is None and caller.asked[0].adapter == ""
    assert caller.asked[0].messages == (("user", FOREIGN),), "no passage has anything of it"


def test_on_and_off_look_at_no_threshold(house: House, asked: list[Any]) -> None:
    assert call(house, FOREIGN, "--adapter", "on").exit_code == 0
    assert call(house, own_question(house), "--adapter", "off").exit_code == 0
    assert [bool(adapter) for _, adapter, _ in asked] == [True, False]
    (_, (_, said)) = asked[1][2].asked[0].messages
    assert said.startswith("[1] ") and len(said) < 2600, "off by hand: the same passages"
    both = call(house, FOREIGN, "--adapter", "on", "--answer")
    assert both.exit_code == 2 and "say one" in both.stderr
    assert not (house.settings.cache / "routing").exists()


def test_the_threshold_follows_the_shelf(house: House) -> None:
    first = choose(house, FOREIGN, shelf_index(house.settings), "auto")
    assert first.accuracy is not None and first.accuracy > 0.8
    put(house, "eggs.md", "# Eggs\n\nHow long should I boil an egg? The yolk stays soft for six.\n")
    for asset in ("raw_books", "sections"):
        assert build(asset, "eggs", house).error is None
    again = choose(house, FOREIGN, shelf_index(house.settings), "auto")
    assert again.score is not None and first.score is not None and again.score > first.score
    assert len(list((house.settings.cache / "routing").iterdir())) == 2


def test_an_earlier_adapter_stands_in_for_a_build_that_failed(
    house: House, asked: list[Any]
) -> None:
    key = house.lake.current_key("lora_adapter") or ""
    given = given_of_lake(house)
    assert call(house, FOREIGN, "--adapter", "on").stderr.count("lora_adapter") == 0
    house.lake.fail("lora_adapter", "lora_adapter", BookError(Code.NAN_LOSS, "Lower the rate"))
    for words in ("on", "auto"):
        told = call(house, own_question(house), "--adapter", words)
        assert told.exit_code == 0, told.output
        assert "the newest lora_adapter failed (NAN_LOSS)" in told.stderr
        assert key in told.stderr and "Lower the rate" in told.stderr
        assert asked[-1][1] is not None
    off = call(house, FOREIGN, "--adapter", "off")
    assert off.exit_code == 0 and "NAN_LOSS" not in off.stderr, "no adapter answers"
    assert given_of_lake(house) == given, "an evaluation asks the same"
    report = build("eval_report", None, house)  # of the adapter that it is about there is none
    assert report.error is not None and report.error.code is Code.UPSTREAM_FAILED


def test_without_any_adapter_the_model_alone_answers(house: House, asked: list[Any]) -> None:
    shutil.rmtree(house.lake.root / "lora_adapter")
    assert call(house, FOREIGN, "--adapter", "off").exit_code == 0
    assert asked[0][1] is None
    told = call(house, FOREIGN, "--adapter", "on")
    assert told.exit_code == 1 and "NOT_BUILT" in told.stderr


def test_an_adapter_answers_on_the_base_that_it_was_trained_on(
    house: House, asked: list[Any]
) -> None:
    file = house.settings.home / "booktune.toml"
    file.write_text(f'{SETTINGS}[training]\nmodel = "tiny-random"\n')
    for words, model in (("on", "gemma3-270m"), ("off", "tiny-random")):
        assert call(house, FOREIGN, "--adapter", words).exit_code == 0
        assert asked[-1][0].llm.model == model


def test_a_base_is_found_by_the_name_that_the_adapter_knows(house: House) -> None:
    key = house.lake.current_key("lora_adapter") or ""
    tables = [table.name for table in tables_of("lora_adapter")]
    rows = {name: house.lake.read(name, key).to_dicts() for name in tables}
    folder = house.settings.home / "mine"
    folder.mkdir()
    training = Training(model=str(folder))
    named = House.open(house.settings.model_copy(update={"training": training}))
    for base, wanted in (
        ("owner/model", "owner/model@r1"), ("mine", str(folder)), ("gemma3-270m", "gemma3-270m"),
    ):  # fmt: skip
        rows["lora_adapter"][0]["base"] = base
        publish_rows(house.lake, "lora_adapter", key, rows)
        assert base_of(named, key) == wanted
    rows["lora_adapter"][0]["base"] = "another-folder"
    publish_rows(house.lake, "lora_adapter", key, rows)
    with pytest.raises(BookError, match="the folder another-folder"):
        base_of(named, key)
