"""The rooms over real books: nothing that a trainer would refuse, every quote exact."""

from pathlib import Path

import polars as pl
import pytest

from booktune_assets.books.reader import read_book
from booktune_assets.books.sections import into_sections
from booktune_assets.contracts import check
from booktune_assets.pairs.duplicates import without_duplicates
from booktune_assets.pairs.render import into_alpaca, into_sharegpt
from booktune_assets.pairs.validate import faults
from booktune_assets.schemas import tables_of
from booktune_assets.settings import Reading
from booktune_assets_tests.pairs.chain import pairs_of

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "books" / "sample" / "first-steps-on-the-beam.md"
SHELF = ROOT.parent / "shared" / "books"


@pytest.mark.parametrize(
    ("path", "least"),
    [
        (SAMPLE, 200), (SHELF / "joy-of-elixir.epub", 200), (SHELF / "cowboy-guide.epub", 50),
        (SHELF / "elixir-guides.epub", 500),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)  # fmt: skip
def test_a_book(path: Path, least: int) -> None:
    if not path.exists():
        pytest.skip(f"{path.name} is not on this machine")
    raw = read_book(path, "book", Reading()).frames
    blocks, spans = raw["raw_books__blocks"], raw["raw_books__spans"]
    made = into_sections("book", "0" * 64, blocks, spans)
    given = {"sections": made["sections"], "blocks": made["sections__blocks"]}
    frames = pairs_of(given, book_id="book").frames
    for table in tables_of("instruction_pairs"):
        check(table, frames[table.name])
    pairs, evidence = frames["instruction_pairs"], frames["instruction_pairs__evidence"]
    assert pairs.height >= least
    _, again = without_duplicates(pairs, evidence)
    assert len(again) < 0.01 * pairs.height
    texts = dict(made["sections"].select("section_id", "text").iter_rows())
    for row in evidence.iter_rows(named=True):
        assert texts[row["section_id"]][row["char_start"] : row["char_end"]] == row["quote"]
    for fmt, render in (("sharegpt", into_sharegpt), ("alpaca", into_alpaca)):
        rows = render(pairs, evidence, made["sections"], made["sections__spans"])
        assert faults(rows, fmt) == []
        single = pairs.filter(pl.col("turns").list.len() == 2)
        assert rows.height == (single if fmt == "alpaca" else pairs).height
        place = pl.col("page").is_not_null() | pl.col("href").is_not_null()
        assert rows.select(place.all()).item()
