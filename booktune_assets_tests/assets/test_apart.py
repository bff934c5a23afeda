"""The check that stops a run before it trains on what its evaluation asks."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from booktune_assets.assets.checks import alpaca_apart, sharegpt_apart
from booktune_assets.chain.house import House
from booktune_assets.schemas import tables_of
from booktune_assets.settings import Settings
from booktune_assets_tests.builders import MiniBook, publish_book, publish_sets


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House.open(Settings(home=tmp_path))
    publish_book(house.lake, MiniBook("alpha"))
    publish_sets(house.lake)
    return house


def _again(house: House, asset: str, frame: pl.DataFrame) -> None:
    """The set with other rows under the same key."""
    key = house.lake.current_key(asset)
    assert key
    frames = {table.name: house.lake.read(table.name, key) for table in tables_of(asset)}
    house.lake.publish(asset, key, frames | {asset: frame}, code_version="render.3")


@pytest.mark.parametrize("asset", ["sharegpt_set", "alpaca_set"])
def test_an_answer_in_training_stops_the_run(house: House, asset: str) -> None:
    check = sharegpt_apart if asset == "sharegpt_set" else alpaca_apart
    assert _passed(check, house)
    frame = house.lake.read(asset, house.lake.current_key(asset) or "")
    held = frame.filter(split="heldout").head(1)
    copied = held.with_columns(
        split=pl.lit("train"), example_id=pl.lit("ex_" + "0" * 20),
        section_id=pl.lit(frame.filter(split="train")["section_id"][0]),
    )  # fmt: skip
    _again(house, asset, pl.concat([frame, copied]))
    assert not _passed(check, house)


def test_a_section_on_both_sides_stops_the_run(house: House) -> None:
    frame = house.lake.read("sharegpt_set", house.lake.current_key("sharegpt_set") or "")
    torn = frame.with_columns(section_id=pl.lit(frame["section_id"][0]))
    _again(house, "sharegpt_set", torn)
    assert not _passed(sharegpt_apart, house)


def test_they_block() -> None:
    for check in (sharegpt_apart, alpaca_apart):
        assert all(spec.blocking for spec in check.check_specs)


def _passed(check: dg.AssetChecksDefinition, house: House) -> bool:
    result = check(house=house)
    assert isinstance(result, dg.AssetCheckResult)
    return result.passed
