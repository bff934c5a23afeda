"""Rows in parts and texts by number: the same as in memory, whatever the parts."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets import on_disk
from booktune_assets.contracts import Column, Digests, Table, row_digest
from booktune_assets.on_disk import Rows, Spool

FRAME = pl.DataFrame(
    {
        "name": [f"n{number * 7 % 23:02}" for number in range(23)],
        "side": ["train", "heldout", "train"] * 7 + ["train"] * 2,
        "said": [[{"from": "human", "value": "é" * number}] for number in range(23)],
        "page": [None if number % 4 else number for number in range(23)],
    }
)


def _rows(monkeypatch: pytest.MonkeyPatch, size: int) -> Rows:
    monkeypatch.setattr(on_disk, "AT_ONCE", size)
    monkeypatch.setattr(on_disk, "BUCKET", size + 1)
    made = Rows(FRAME.schema)
    for part in FRAME.iter_slices(3):
        made.append(part)
    return made


@pytest.mark.parametrize("size", [2, 5, 100])
def test_rows_are_those_of_the_frame(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    made = _rows(monkeypatch, size)
    assert made.height == 23 and not made.is_empty() and made.columns == FRAME.columns
    assert pl.concat(list(made.parts())).equals(FRAME)
    assert made.narrow(["page", "name"]).equals(FRAME.select("page", "name"))
    held = pl.col("side") == "heldout"
    assert made.where(held).equals(FRAME.filter(held))
    assert Rows(FRAME.schema).narrow(["name"]).is_empty()
    assert Rows(FRAME.schema).where(held).schema == FRAME.schema


@pytest.mark.parametrize("size", [2, 5, 100])
def test_order_is_that_of_a_sort(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    made = _rows(monkeypatch, size)
    ordered = made.arranged(made.order(["side", "name"]))
    assert pl.concat(list(ordered.parts())).equals(FRAME.sort("side", "name"))
    some = np.where(np.arange(23) % 2, np.arange(23) // 2, -1)  # every other row goes
    assert pl.concat(list(made.in_order(some))).equals(FRAME[1::2])


def test_a_file_has_what_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _rows(monkeypatch, 5)
    path = tmp_path / "rows.parquet"
    made.write_parquet(path, lambda frame: frame.select("name", "said"), side="train")
    train = FRAME.filter(pl.col("side") == "train").select("name", "said")
    assert pl.read_parquet(path).equals(train)
    one = tmp_path / "one.parquet"
    monkeypatch.setattr(on_disk, "AT_ONCE", 100)
    Rows.of(FRAME).write_parquet(one)
    FRAME.write_parquet(path, compression="zstd", row_group_size=100)
    assert one.read_bytes() == path.read_bytes()  # a set of one part is written as from memory


def test_the_parts_go_with_the_rows() -> None:
    made = Rows.of(FRAME)
    (path,) = made.files()
    assert path.exists()
    made.close()
    assert not path.exists()


def test_digests_of_parts_are_those_of_the_whole() -> None:
    table = Table("raw_books", "", ("name",), (
        Column("name", pl.String, ""), Column("page", pl.Int64, "", position=True),
    ))  # fmt: skip
    frame = FRAME.select("name", "page").sort("name")
    made = Digests(table)
    for part in frame.iter_slices(4):
        made.add(part)
    assert made.plain == row_digest(table, frame.reverse())
    assert made.full == row_digest(table, frame, positions=True) != made.plain


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=12), max_size=20), st.randoms(use_true_random=False))
def test_texts_come_back(texts: list[str], say) -> None:  # pyright: ignore
    column = pl.Series(texts, dtype=pl.String)
    order = np.array(say.sample(range(len(texts)), len(texts)), dtype=np.int64)
    spool = Spool(len(texts))
    for start in range(0, len(texts), 3):
        rows = order[start : start + 3]
        spool.put(rows, column.gather(rows))
    assert len(spool) == len(texts)
    assert spool[0 : len(texts)].to_list() == texts
    some = order[: len(texts) // 2]
    assert spool.gather(some).to_list() == column.gather(some).to_list()
