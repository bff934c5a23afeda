"""Copies, formats and editions on a real shelf: found, told, and in the sets once."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import duckdb
import polars as pl
import pymupdf
import pytest

from booktune_assets.chain.books import divided, ready_books
from booktune_assets.chain.build import build
from booktune_assets.chain.editions import same_texts, shelf_editions
from booktune_assets.chain.house import House
from booktune_assets.lineage import trace
from booktune_assets.settings import Pairs, Settings
from booktune_assets.warehouse import build_marts
from booktune_assets_tests.books.makers import epub, harbour
from booktune_assets_tests.chain.test_books import chain, house, markdown, put, write_pdf

__all__ = ["house"]


def kinds(house: House) -> dict[tuple[str, str], str]:
    frame = shelf_editions(house.settings)
    return {(one, two): kind for one, two, kind in frame["book_id", "edition_of", "kind"].rows()}


def test_a_file_saved_again_or_packed_again_is_the_same_book(house: House, tmp_path: Path) -> None:
    books = house.settings.books
    harbour(books / "harbour.pdf")
    with pymupdf.open(books / "harbour.pdf") as document:
        document.set_metadata({"title": "Another title", "producer": "another program"})
        document.save(books / "saved again.pdf", garbage=4, deflate=True, clean=True)
    parts = {"a.xhtml": "<h1>Tides</h1><p>Water rises and falls twice a day.</p>"}
    epub(books / "tides.epub", parts)
    with (
        zipfile.ZipFile(books / "tides.epub") as old,
        zipfile.ZipFile(books / "z.epub", "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name), zipfile.ZIP_STORED)
    shutil.copy(books / "tides.epub", books / "final_FINAL (2) copy.epub")
    for book in house.shelf.books():
        chain(house, book.key)
    raw = {key: house.lake.receipt("raw_books", key) for key in house.lake.keys("raw_books")}
    twins = {key: receipt.notes.get("same_as") for key, receipt in raw.items() if receipt}
    assert twins["saved-again"] == "harbour" and twins["harbour"] is None
    group = {"tides", "z", "final-final-2-copy"}
    assert len([key for key in group if twins[key]]) == 2
    assert {twins[key] for key in group} - {None} <= group


def test_the_first_on_the_shelf_is_named_and_not_the_first_that_was_read(house: House) -> None:
    put(house, "shelves.md", markdown(1))
    house.shelf.books()
    put(house, "a copy.md", markdown(1))
    for key in ("a-copy", "shelves"):
        build("raw_books", key, house)
    assert same_texts(house.settings) == {"a-copy": "shelves"}
    (house.settings.books / "shelves.md").unlink()
    assert same_texts(house.settings) == {}  # what left the shelf is in no set


@pytest.mark.slow
def test_pdf_and_second_edition_of_a_book(house: House) -> None:
    text = markdown(8)
    put(house, "shelves.md", text)
    chain(house, "shelves")
    alone = build("sharegpt_set", None, house)
    write_pdf(text, house.settings.books / "as printed.pdf")
    chain(house, "as-printed")
    assert kinds(house) == {("as-printed", "shelves"): "format"}
    both = build("sharegpt_set", None, house)
    assert both.status == "made" and both.key == alone.key  # nothing is trained again for it
    assert both.receipt and alone.receipt
    assert both.receipt.fact("sharegpt_set") == alone.receipt.fact("sharegpt_set")
    also = house.lake.read("sharegpt_set", both.key)["also_in"].explode().drop_nulls()
    assert {row["book_id"] for row in also.to_list()} == {"as-printed"}
    walked = trace(house.settings, _told_twice(house, both.key))
    assert [book for book, _ in walked.also_in] == ["as-printed"]

    pieces = text.split("\n## ")
    for number in (2, 5):  # two chapters are written anew
        pieces[number] = pieces[number].replace("shelf", "cupboard").replace("shelves", "cupboards")
    put(house, "shelves 2e.md", "\n## ".join(pieces))
    chain(house, "shelves-2e")
    told = kinds(house)
    assert told["shelves-2e", "shelves"] in ("edition", "format", "layout")
    again = build("sharegpt_set", None, house)
    rows = house.lake.read("sharegpt_set", again.key)
    first, second = (rows.filter(book_id=key) for key in ("shelves", "shelves-2e"))
    assert first.height == house.lake.read("sharegpt_set", alone.key).height
    assert second.height < first.height
    tied = divided(house, ready_books(house).books).tied
    for section, split in second.select("section_id", "split").rows():
        assert split == tied.split.get(section, split)
    _marts_agree(house)


def _told_twice(house: House, key: str) -> str:
    """An example of a set that another book says too."""
    rows = house.lake.read("sharegpt_set", key).filter(pl.col("also_in").list.len() > 0)
    return str(rows["example_id"][0])


def _marts_agree(house: House) -> None:
    """The marts tell the same editions, and where the characters of each book went."""
    made = build_marts(house.settings)
    assert made.tables["book_editions"] == len(kinds(house))
    with duckdb.connect(str(house.settings.warehouse), read_only=True) as base:
        rows = base.sql(
            "select book_id, page_chars = kept_chars + furniture_chars + moved_chars"
            " + repaired_chars, lost_chars + doubled_chars, units > 0, pages_read = pages,"
            " edition_of, sections_repeated > 0 from book_quality order by book_id"
        ).fetchall()
    assert [row[0] for row in rows] == ["as-printed", "shelves", "shelves-2e"]
    assert all(row[1:5] == (True, 0, True, True) for row in rows), rows
    assert [row[5] for row in rows][:2] == ["shelves", None] and rows[2][5] is not None
    # write_pdf prints the backticks of inline code, so its sections are no repeats word for word
    assert [row[6] for row in rows] == [False, True, True]


@pytest.mark.parametrize("fmt", ["pdf", "epub"])
def test_two_formats_of_a_book_hold_out_what_neither_trains_on(tmp_path: Path, fmt: str) -> None:
    house = House.open(Settings(home=tmp_path, pairs=Pairs(heldout_percent=40)))
    house.settings.books.mkdir(parents=True)
    text = markdown(8)
    put(house, "shelves.md", text)
    other = house.settings.books / f"as printed.{fmt}"
    if fmt == "pdf":
        write_pdf(text, other)
    else:  # the same words under other chapters, and one sentence less
        import markdown_it

        cooked = markdown_it.MarkdownIt().render(text.replace(" Step 3 of", " Once more of"))
        epub(other, {"a.xhtml": cooked})
    for key in ("shelves", "as-printed"):
        chain(house, key)
    for asset in ("sharegpt_set", "alpaca_set"):
        made = build(asset, None, house)
        assert made.status == "made", made.error
        rows = house.lake.read(asset, made.key)
        held, train = (rows.filter(split=side) for side in ("heldout", "train"))
        assert held.height > 5
        texts = dict(house.lake.read_all("sections").select("section_id", "text").iter_rows())
        bares = {side["split"][0]: {_letters(texts[name]) for name in side["section_id"]}
                 for side in (held, train)}  # fmt: skip
        assert not bares["heldout"] & bares["train"]
        said = _letters("\n".join(str(row) for row in train.rows()))
        answers = (
            held["conversations"].list.last().struct["value"]
            if asset == "sharegpt_set"
            else (held["output"])
        )
        assert not [one for one in map(_letters, answers) if len(one) >= 60 and one in said]


def _letters(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())


def test_one_book_has_no_editions_and_the_answer_is_kept(house: House) -> None:
    put(house, "shelves.md", markdown(3))
    chain(house, "shelves")
    assert shelf_editions(house.settings).is_empty()
    put(house, "part.md", markdown(2))
    chain(house, "part")
    first = shelf_editions(house.settings)
    (kept,) = (house.settings.cache / "editions").glob("*.parquet")
    before = kept.stat().st_mtime_ns
    assert shelf_editions(house.settings).equals(first) and kept.stat().st_mtime_ns == before
