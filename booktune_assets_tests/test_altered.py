"""What was altered in a lake after it was made is found; what only looks altered is not."""

import os
import time
from pathlib import Path

import polars as pl
import pytest

from booktune_assets.altered import altered, touched
from booktune_assets.errors import BookError, Code
from booktune_assets.lake import Lake, Receipt
from booktune_assets.schemas import TABLES, tables_of
from booktune_assets.settings import Settings
from booktune_assets_tests.builders import build_home

TABLE = "instruction_pairs"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A home with books, sets and models; no file of it was touched since."""
    return Lake(build_home(tmp_path / "home").lake)


def receipt_of(lake: Lake, asset: str) -> Receipt:
    found = lake.receipt(asset, lake.keys(asset)[0])
    assert found is not None
    return found


def later(path: Path) -> None:
    """Give a file a time well after its receipt."""
    os.utime(path, (time.time() + 60, time.time() + 60))


def test_nothing_is_altered_in_a_new_lake(lake: Lake) -> None:
    assets = {table.asset for table in TABLES.values()}
    receipts = [receipt_of(lake, asset) for asset in assets if lake.keys(asset)]
    assert len(receipts) >= 8
    assert [altered(lake, receipt) for receipt in receipts] == [{}] * len(receipts)
    assert [touched(lake, receipt) for receipt in receipts] == [[]] * len(receipts)


def test_rows_that_another_writer_wrote_again_are_the_same(lake: Lake) -> None:
    receipt = receipt_of(lake, TABLE)
    path = lake.path(TABLE, receipt.key)
    pl.read_parquet(path).reverse().write_parquet(path, compression="uncompressed")
    later(path)
    assert touched(lake, receipt) == [f"{TABLE}.parquet"]
    assert altered(lake, receipt) == {}


def test_other_rows_are_found(lake: Lake) -> None:
    receipt = receipt_of(lake, TABLE)
    path = lake.path(TABLE, receipt.key)
    rows = pl.read_parquet(path)
    rows.with_columns(family=pl.lit("other")).write_parquet(path)
    assert altered(lake, receipt) == {f"{TABLE}.parquet": "has other rows"}
    rows.head(1).write_parquet(path)
    assert altered(lake, receipt) == {f"{TABLE}.parquet": f"has 1 rows, not {rows.height}"}


def test_a_torn_table_is_found_and_reading_it_says_what_to_do(lake: Lake) -> None:
    receipt = receipt_of(lake, TABLE)
    path = lake.path(TABLE, receipt.key)
    path.write_bytes(path.read_bytes()[:-40])
    assert altered(lake, receipt) == {f"{TABLE}.parquet": "cannot be read"}
    with pytest.raises(BookError) as caught:
        lake.read(TABLE, receipt.key)
    assert caught.value.code is Code.LAKE_DAMAGED
    assert str(path) in caught.value.remedy and f"booktune run {TABLE}" in caught.value.remedy


def test_bytes_of_other_files_count(tmp_path: Path) -> None:
    lake = Lake(Settings(home=tmp_path).lake)
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(b"12345678")
    frames = {table.name: table.frame([]) for table in tables_of("lora_adapter")}
    receipt = lake.publish(
        "lora_adapter", "ad_1", frames, code_version="lora_adapter.1",
        files={"adapter/weights.safetensors": weights},
    )  # fmt: skip
    assert altered(lake, receipt) == {}
    placed = lake.folder("lora_adapter", "ad_1") / "adapter/weights.safetensors"
    placed.write_bytes(b"12345679")
    assert altered(lake, receipt) == {"adapter/weights.safetensors": "has other bytes"}
    assert touched(lake, receipt) == []  # within the seconds that a disk may round
    later(placed)
    assert touched(lake, receipt) == ["adapter/weights.safetensors"]
    placed.unlink()
    assert altered(lake, receipt) == {} and touched(lake, receipt) == []  # `doctor` says "lost"
