"""The walk from an example to its page, over a small lake; pictures from a real PDF."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from booktune_assets.errors import BookError, Code
from booktune_assets.ids import file_sha256
from booktune_assets.lake import Lake
from booktune_assets.lineage import crops, trace
from booktune_assets.settings import PROJECT, Settings
from booktune_assets_tests.builders import MiniBook, build_home, publish_book, publish_sets

SAMPLE = PROJECT / "data" / "books" / "sample" / "first-steps-on-the-beam.pdf"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return build_home(tmp_path_factory.mktemp("home"), "alpha", "beta-epub", models=False)


def example_of(settings: Settings, asset: str, book: str) -> str:
    lake = Lake(settings.lake)
    frame = lake.read(asset, lake.current_key(asset) or "")
    return str(frame.filter(frame["book_id"] == book).sort("page", "example_id")["example_id"][0])


@pytest.mark.parametrize(
    ("asset", "form"), [("sharegpt_set", "sharegpt"), ("alpaca_set", "alpaca")]
)
def test_an_example_walks_back_to_its_page(settings: Settings, asset: str, form: str) -> None:
    found = trace(settings, example_of(settings, asset, "alpha"))
    assert (found.format, found.book_id, found.title) == (form, "alpha", "The alpha book")
    assert found.file_sha256 == MiniBook("alpha").sha
    assert [role for role, _ in found.turns] == ["user", "assistant"]
    assert [quote.role for quote in found.quotes] == ["answer", "question"]
    answer, code = found.quotes
    assert answer.text == found.turns[1][1]
    assert answer.section_path[0] == "Concurrency"
    assert len(answer.places) == len(code.places) == 1  # each quote touches its own block only
    assert answer.places[0].box == (72.0, 72.0, 300.0, 120.0)
    assert found.pages == [answer.places[0].page]


def test_a_book_without_pages_gives_its_part(settings: Settings) -> None:
    found = trace(settings, example_of(settings, "sharegpt_set", "beta-epub"))
    assert found.pages == []
    assert found.hrefs == [found.quotes[0].places[0].href]
    assert crops(settings, found, settings.cache) == []


def test_a_pair_can_be_walked_too(settings: Settings) -> None:
    by_example = trace(settings, example_of(settings, "sharegpt_set", "alpha"))
    by_pair = trace(settings, f" {by_example.pair_id}\n")
    assert by_pair.example_id is None
    assert by_pair.quotes == by_example.quotes


@pytest.mark.parametrize("wanted", ["ex_nothing", "pair_nothing", "", "../../etc"])
def test_an_unknown_id_says_so(settings: Settings, wanted: str) -> None:
    with pytest.raises(BookError) as problem:
        trace(settings, wanted)
    assert problem.value.code is Code.UNKNOWN_EXAMPLE


def test_an_empty_home_says_so(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="UNKNOWN_EXAMPLE"):
        trace(Settings(home=tmp_path), "ex_1")


def test_a_pair_that_was_made_anew_is_stale(tmp_path: Path) -> None:
    settings = build_home(tmp_path, models=False)
    wanted = example_of(settings, "sharegpt_set", "alpha")
    publish_book(Lake(settings.lake), MiniBook(mark="new"))
    with pytest.raises(BookError) as problem:
        trace(settings, wanted)
    assert problem.value.code is Code.STALE_INPUT


def test_an_example_of_an_older_set_is_still_found(tmp_path: Path) -> None:
    settings = build_home(tmp_path, models=False)
    lake = Lake(settings.lake)
    wanted = example_of(settings, "sharegpt_set", "alpha")
    first = lake.current_key("sharegpt_set")
    publish_book(lake, MiniBook("gamma"))
    assert publish_sets(lake) != first
    assert trace(settings, wanted).book_id == "alpha"


def test_the_picture_shows_the_page(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.books.mkdir()
    shelved = Path(shutil.copy(SAMPLE, settings.books / "alpha.pdf"))
    lake = Lake(settings.lake)
    publish_book(lake, MiniBook("alpha", sha=file_sha256(shelved)))
    publish_sets(lake)
    found = trace(settings, example_of(settings, "sharegpt_set", "alpha"))
    (picture,) = crops(settings, found, tmp_path / "pictures")
    assert picture.read_bytes().startswith(b"\x89PNG")
    with shelved.open("ab") as book:
        book.write(b"\n%")
    with pytest.raises(BookError, match="STALE_INPUT"):
        crops(settings, found, tmp_path / "pictures")


def test_of_a_book_read_precisely_the_very_words_are_marked(tmp_path: Path) -> None:
    settings, book = Settings.load(tmp_path), MiniBook("alpha", sections=1)
    block = next(row for row in book.rows["raw_books__blocks"] if row["kind"] == "prose")
    at = 0
    for number, word in enumerate(block["text"].split(" ")):
        row, column = divmod(number, 8)  # eight words to a row, each ten points wide
        book.rows["raw_books__words"].append({
            "block_id": block["block_id"], "word": number, "piece": 0, "book_id": "alpha",
            "text": word, "char_start": at, "char_end": at + len(word), "page": 1,
            "x0": 10.0 * column, "y0": 20.0 * row, "x1": 10.0 * column + 9, "y1": 20.0 * row + 9,
        })  # fmt: skip
        at += len(word) + 1
    publish_book(Lake(settings.lake), book)
    pair = str(book.rows["instruction_pairs"][0]["pair_id"])
    answer, code = trace(settings, pair).quotes
    rows = -(-len(answer.text.split(" ")) // 8)
    assert len(answer.places) == rows > 1
    assert [place.box and place.box[:2] for place in answer.places] == [
        (0.0, 20.0 * row) for row in range(rows)
    ]
    assert code.places[0].box == (72.0, 72.0, 300.0, 120.0)  # a block without words: as before


def test_a_licence_that_only_the_imprint_states_is_told(tmp_path: Path) -> None:
    settings = build_home(tmp_path, "alpha", models=False)
    lake = Lake(settings.lake)
    raw = lake.folder("raw_books", "alpha") / "raw_books.parquet"
    pl.read_parquet(raw).with_columns(licence=pl.lit(None, pl.String)).write_parquet(raw)
    found = trace(settings, example_of(settings, "sharegpt_set", "alpha"))
    assert found.licence == "", "nothing is stated"
    home = lake.folder("sections", "alpha") / "sections.parquet"
    first = pl.col("ordinal") == pl.col("ordinal").min()
    says = "This book is licensed under the Creative Commons Attribution 4.0 licence."
    sections = pl.read_parquet(home).with_columns(
        role=pl.when(first).then(pl.lit("front")).otherwise("role"),
        text=pl.when(first).then(pl.lit(says)).otherwise("text"),
    )
    sections.write_parquet(home)
    blocks = lake.folder("sections", "alpha") / "sections__blocks.parquet"
    there = pl.col("section_id").is_in(sections.filter(first)["section_id"].to_list())
    pl.read_parquet(blocks).with_columns(
        text=pl.when(there & (pl.col("kind") == "prose")).then(pl.lit(says)).otherwise("text")
    ).write_parquet(blocks)
    found = trace(settings, example_of(settings, "sharegpt_set", "alpha"))
    assert found.licence == "CC-BY-4.0"
