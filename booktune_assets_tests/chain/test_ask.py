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
from booktune_assets.chain.house import House
from booktune_assets.chain.retrieval import shelf_index
from booktune_assets.cli import cli
from booktune_assets.llm.calls import Scripted
from booktune_assets.settings import Pairs, Settings
from booktune_assets_tests.builders import publish_models
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
