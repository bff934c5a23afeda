"""The write check names the column, the rule and the row; digests see content only."""

import polars as pl
import pytest

from booktune_assets.contracts import Column, Table, check, row_digest
from booktune_assets.errors import BookError, Code
from booktune_assets.schemas import TABLES, tables_of

SHELF = Table(
    "shelf",
    "One row per book",
    ("key",),
    (
        Column("key", pl.String, "Key", pattern="[a-z]+"),
        Column("kind", pl.String, "Kind", values=("pdf", "epub")),
        Column("pages", pl.Int32, "Pages", ge=1, le=9),
        Column("note", pl.String, "Note", nullable=True, min_length=2),
        Column("page", pl.Int32, "Where", nullable=True, position=True),
        Column("seen", pl.Float64, "When", nullable=True, volatile=True),
    ),
)
GOOD = {"key": "a", "kind": "pdf", "pages": 3, "note": None, "page": 1, "seen": 0.5}


def test_a_good_frame_comes_back_in_contract_order() -> None:
    frame = SHELF.frame([GOOD]).select(reversed(SHELF.schema.names()))
    assert check(SHELF, frame).columns == SHELF.schema.names()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"key": "A"}, "key must be like"),
        ({"key": None}, "key may not be null"),
        ({"kind": "doc"}, "kind must be one of"),
        ({"pages": 0}, "pages must be at least"),
        ({"pages": 10}, "pages must be at most"),
        ({"note": "x"}, "note must be at least 2 long"),
    ],
)
def test_a_broken_rule_is_named(change: dict[str, object], words: str) -> None:
    with pytest.raises(BookError, match=words) as caught:
        check(SHELF, SHELF.frame([GOOD | change]))
    assert caught.value.code is Code.CONTRACT_BROKEN


def test_columns_types_and_keys_are_checked() -> None:
    frame = SHELF.frame([GOOD])
    for broken, words in (
        (frame.drop("pages"), "missing: pages"),
        (frame.with_columns(extra=pl.lit(1)), "not in the contract: extra"),
        (frame.with_columns(pl.col("pages").cast(pl.Int64)), "pages is Int64"),
        (pl.concat([frame, frame]), "not unique"),
    ):
        with pytest.raises(BookError, match=words):
            check(SHELF, broken)


def test_digest_sees_content_not_order_clock_or_place() -> None:
    two = SHELF.frame([GOOD, GOOD | {"key": "b"}])
    assert row_digest(SHELF, two) == row_digest(SHELF, two.reverse())
    moved = two.with_columns(page=pl.lit(7, pl.Int32), seen=pl.lit(9.0))
    assert row_digest(SHELF, two) == row_digest(SHELF, moved)
    assert row_digest(SHELF, two, positions=True) != row_digest(SHELF, moved, positions=True)
    edited = two.with_columns(pages=pl.lit(4, pl.Int32))
    assert row_digest(SHELF, two) != row_digest(SHELF, edited)


def test_every_table_of_the_lake_is_well_formed() -> None:
    for name, table in TABLES.items():
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names), name
        assert set(table.key) <= set(names), name
        assert all(column.description for column in table.columns), name
        assert not any(c.position or c.volatile for c in table.columns if c.name in table.key), name
        for ref in table.refs:
            assert ref.column in names, name
            assert ref.target in TABLES[ref.table].schema, name
        assert tables_of(table.asset)[0].name == table.asset
        check(table, table.frame([]))


def test_a_frame_of_records_is_what_polars_makes_of_them() -> None:
    kind = pl.List(pl.Struct({"role": pl.String, "content": pl.String}))
    table = Table(
        "said", "Messages", ("key",), (Column("key", pl.String, ""), Column("turns", kind, ""))
    )
    one = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    for turns in ([one, one[:1], one], [one, [], one], [one, None], [[{"role": "user"}], one], []):
        rows: list[dict[str, object]] = [{"key": str(n), "turns": it} for n, it in enumerate(turns)]
        assert table.frame(rows)["turns"].equals(pl.Series("turns", turns, dtype=kind))
    with pytest.raises(TypeError):
        table.frame([{"key": "a", "turns": [{"role": 1, "content": "b"}]}])
