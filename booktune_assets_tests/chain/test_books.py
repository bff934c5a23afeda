"""The chain on real small books: what an edit, a touch, a copy and a bad file cost."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import polars as pl
import pytest

from booktune_assets.chain.books import ready_books
from booktune_assets.chain.build import build, state
from booktune_assets.chain.gone import gone_books
from booktune_assets.chain.house import BOOK_STAGES, SET_STAGES, House, Outcome
from booktune_assets.settings import Settings

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
from _books import LICENCE, markdown, write_pdf

SHARED = Path(__file__).resolve().parents[3] / "shared" / "books"


@pytest.fixture
def house(tmp_path: Path) -> House:
    settings = Settings(home=tmp_path)
    settings.books.mkdir(parents=True)
    return House.open(settings)


def put(house: House, name: str, text: str) -> Path:
    path = house.settings.books / name
    path.write_text(text)
    return path


def chain(house: House, key: str) -> list[Outcome]:
    return [build(asset, key, house) for asset in BOOK_STAGES]


def statuses(outcomes: list[Outcome]) -> list[str]:
    return [outcome.status for outcome in outcomes]


def counts(outcomes: list[Outcome], asset: str) -> dict[str, int]:
    receipt = next(one.receipt for one in outcomes if one.asset == asset)
    assert receipt is not None
    return receipt.counts


def test_how_much_of_the_code_parses_is_counted(house: House) -> None:
    good = "```elixir\ndef tide(level), do: level\n```\n\n```elixir\niex> 1 + 1\n2\n```\n\n"
    bad = "```elixir\ndef tide(level) do do (\n```\n\n```elixir\niex> foo(\n```\n\n"
    bare = "```elixir\niex(1)>\n```\n\n```elixir\n```\n\n"  # nothing to judge
    text = f"# Tides\n\nWords of the keeper.\n\n{good}{bad}{bare}```sh\nls\n```\n"
    put(house, "part.md", text)
    found = counts([build("raw_books", "part", house)], "raw_books")
    assert (found["code_judged"], found["code_parsed"]) == (4, 2)


def test_from_a_book_to_both_sets_with_quotes_that_stand_in_the_book(house: House) -> None:
    put(house, "shelves.md", markdown(6))
    assert statuses(chain(house, "shelves")) == ["made"] * 4
    made = [build(asset, None, house) for asset in ("sharegpt_set", "alpaca_set")]
    assert statuses(made) == ["made", "made"]
    lake = house.lake
    texts = dict(lake.read("sections", "shelves").select("section_id", "text").rows())
    evidence = lake.read("instruction_pairs__evidence", "shelves")
    assert evidence.height > 20
    for row in evidence.to_dicts():
        assert texts[row["section_id"]][row["char_start"] : row["char_end"]] == row["quote"]
    rows = (house.settings.exports / "sharegpt" / "train.jsonl").read_text().splitlines()
    assert {turn["from"] for row in rows for turn in json.loads(row)["conversations"]} == {
        "human", "gpt",
    }  # fmt: skip
    assert [build(asset, None, house).status for asset in ("sharegpt_set", "alpaca_set")] == [
        "reused", "reused",
    ]  # fmt: skip


@pytest.mark.parametrize("fmt", ["md", "pdf"])
def test_one_edited_paragraph_makes_one_sections_pairs_again(house: House, fmt: str) -> None:
    path = house.settings.books / f"shelves.{fmt}"

    def write(edited: int | None) -> None:
        text = markdown(12, edited)
        path.write_text(text) if fmt == "md" else write_pdf(text, path)

    write(None)
    before = chain(house, "shelves")
    first = house.lake.read("instruction_pairs", "shelves")
    write(5)
    after = chain(house, "shelves")
    assert counts(after, "instruction_pairs")["sections_made"] == 1
    second = house.lake.read("instruction_pairs", "shelves")
    gone = set(first["pair_id"]) - set(second["pair_id"])
    changed = first.filter(first["pair_id"].is_in(list(gone)))
    # rows with passages show other sections, too: in so short a book many show the edited one
    own = changed.filter(changed["family"] != "retrieved")
    assert own["section_id"].n_unique() <= 1
    assert counts(before, "instruction_pairs")["sections"] > 10


def test_a_touched_file_costs_one_look_and_nothing_downstream(house: House) -> None:
    path = put(house, "shelves.md", markdown(3))
    chain(house, "shelves")
    os.utime(path)
    assert statuses(chain(house, "shelves")) == ["reused"] * 4


def test_a_new_preface_moves_pages_and_makes_no_pair(house: House) -> None:
    """A moved page costs a re-read, sections and rows; ids and the data set id stay."""
    path = house.settings.books / "shelves.pdf"
    text = markdown(6)
    write_pdf(text, path)
    chain(house, "shelves")
    before = build("sharegpt_set", None, house)
    pages = house.lake.read("sharegpt_set", before.key)["page"]
    preface = "\n## On this edition\n\n" + "The shelves were painted. " * 30 + "\n"
    at = text.index("\n## ")
    write_pdf(text[:at] + preface + text[at:], path)
    after = chain(house, "shelves")
    # the preface, and in so short a book one section whose prerequisites are a little further apart
    assert counts(after, "instruction_pairs")["sections_made"] <= 2
    again = build("sharegpt_set", None, house)
    assert again.status == "made"
    assert again.key == before.key
    moved = house.lake.read("sharegpt_set", again.key)["page"]
    assert (moved == pages + 1).all()


def test_a_copy_is_read_and_goes_into_the_sets_once(house: House) -> None:
    put(house, "shelves.md", markdown(3))
    chain(house, "shelves")
    alone = build("sharegpt_set", None, house)
    put(house, "a copy.md", markdown(3))
    copied = chain(house, "a-copy")
    assert statuses(copied) == ["made"] * 4
    receipt = copied[0].receipt
    assert receipt is not None
    assert receipt.notes["same_as"] == "shelves"
    assert ready_books(house).twins == {"a-copy": "shelves"}
    again = build("sharegpt_set", None, house)
    assert again.key == alone.key


def test_a_shelf_of_one_small_book_holds_a_section_out(house: House) -> None:
    text = markdown(4).split("\n## ")
    put(house, "small.md", "\n## ".join([text[0], *text[3:5]]))
    chain(house, "small")
    sections = house.lake.read("instruction_pairs__sections", "small")
    giving = sections.filter(sections["kept"] > 0)
    assert giving["split"].to_list() == ["train", "train"]  # by titles nothing is held out
    receipt = build("sharegpt_set", None, house).receipt
    assert receipt is not None
    assert receipt.counts["rows_heldout"] > 0 < receipt.counts["rows_train"]
    put(house, "small.md", "\n## ".join([text[0], text[3]]))  # one section alone is trained on
    chain(house, "small")
    receipt = build("sharegpt_set", None, house).receipt
    assert receipt is not None
    assert receipt.counts["rows_heldout"] == 0


def test_a_shelf_of_which_all_would_be_held_out_trains_on_a_section(house: House) -> None:
    text = markdown(4).split("\n## ")
    put(house, "small.md", "\n## ".join(text[:3]))
    chain(house, "small")
    sections = house.lake.read("instruction_pairs__sections", "small")
    giving = sections.filter(sections["kept"] > 0)
    assert giving["split"].to_list() == ["heldout", "heldout"]  # as their titles fall
    receipt = build("sharegpt_set", None, house).receipt
    assert receipt is not None
    assert receipt.counts["rows_heldout"] > 0 < receipt.counts["rows_train"]


def test_a_bad_file_fails_alone_and_its_last_good_version_stays(house: House) -> None:
    put(house, "good.md", markdown(3))
    path = put(house, "bad.md", markdown(4))
    for key in ("good", "bad"):
        chain(house, key)
    path.write_text("")
    failed = chain(house, "bad")
    # what was built from the last good version is still what its own inputs say: it stays
    assert statuses(failed) == ["failed", "failed", "reused", "reused"]
    assert [one.error.code.value for one in failed if one.error] == [
        "EMPTY_FILE",
        "UPSTREAM_FAILED",
    ]
    assert state("raw_books", "bad", house) == "failed"
    assert state("sections", "bad", house) == "stale"
    assert statuses(chain(house, "good")) == ["reused"] * 4
    assert ready_books(house).books == ["bad", "good"]


def test_a_good_book_that_turns_bad_stops_no_set(house: House) -> None:
    good = put(house, "good.md", markdown(3))
    others = re.sub(r"([a-z]{5,})", r"\1x", markdown(4).removeprefix(LICENCE))
    bad = put(house, "bad.md", LICENCE + others)  # no text of the good one
    for key in ("good", "bad"):
        chain(house, key)
    before = {asset: build(asset, None, house) for asset in SET_STAGES}
    bad.write_text("")
    assert chain(house, "bad")[0].status == "failed"
    assert [state(asset, None, house) for asset in SET_STAGES] == ["current"] * 2
    good.write_text(markdown(3, edited=1))
    assert statuses(chain(house, "good")) == ["made"] * 4
    for asset in SET_STAGES:
        after = build(asset, None, house)
        assert after.status == "made", after.error
        old, new = (house.lake.read(asset, one.key) for one in (before[asset], after))
        of_bad = pl.col("book_id") == "bad"
        assert set(new.filter(of_bad)["example_id"]) == set(old.filter(of_bad)["example_id"])
        assert set(new.filter(~of_bad)["example_id"]) != set(old.filter(~of_bad)["example_id"])
    assert ready_books(house).kept == {"bad": "EMPTY_FILE"}
    (said,) = ready_books(house).words()
    assert said.startswith("bad: its newest file failed (EMPTY_FILE)")
    bad.write_text(others)
    chain(house, "bad")
    assert ready_books(house).kept == {}


def test_a_broken_sidecar_fails_its_own_book_only(house: House) -> None:
    put(house, "good.md", markdown(2))
    path = put(house, "bad.md", markdown(3))
    path.with_name("bad.md.toml").write_text("licence = ")
    error = chain(house, "bad")[0].error
    assert error is not None
    assert error.code.value == "BAD_SETTING"
    assert "bad.md.toml" in str(error)
    assert statuses(chain(house, "good")) == ["made"] * 4


def test_a_book_that_leaves_the_shelf_leaves_the_sets_and_comes_back(house: House) -> None:
    put(house, "stays.md", markdown(3))
    path = put(house, "goes.md", markdown(4, edited=2))
    for key in ("stays", "goes"):
        chain(house, key)
    both = build("sharegpt_set", None, house)
    aside = path.rename(house.settings.home / "aside.md")
    assert gone_books(house) == ready_books(house).gone == ["goes"]
    assert state("sharegpt_set", None, house) == "stale"
    one = build("sharegpt_set", None, house)
    assert set(house.lake.read("sharegpt_set", one.key)["book_id"]) == {"stays"}
    assert "booktune forget goes" in ready_books(house).words()[0]
    aside.rename(path)
    assert build("sharegpt_set", None, house).key == both.key
    # the whole folder away is a disk that is not there: nothing is concluded from it
    house.shelf.folder.rename(house.settings.home / "unmounted")
    assert (gone_books(house), ready_books(house).books) == ([], ["goes", "stays"])


@pytest.mark.parametrize("spoil", ["folder", "one", "edited", "stranger"])
def test_exports_that_are_gone_or_differ_are_written_again(house: House, spoil: str) -> None:
    put(house, "shelves.md", markdown(3))
    chain(house, "shelves")
    assert build("sharegpt_set", None, house).status == "made"
    folder = house.settings.exports / "sharegpt"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    if spoil == "folder":
        shutil.rmtree(house.settings.exports)
    elif spoil == "one":
        (folder / "train.parquet").unlink()
    elif spoil == "edited":
        (folder / "train.jsonl").write_text("{}\n")
    else:  # a receipt of an older layout knows no hashes
        key = house.lake.current_key("sharegpt_set")
        assert key
        house.lake.note("sharegpt_set", key, {"export_sha256": {}})
    again = build("sharegpt_set", None, house)
    assert again.status == "reused"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    stamps = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    build("sharegpt_set", None, house)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == stamps


@pytest.mark.slow
@pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared books lie beside the checkout only here"
)
def test_the_shared_books_go_through_the_chain(house: House) -> None:
    """Every shared book, as PDF and EPUB in turns (both are minutes); the hostile ones end as made
    or as a row with code and remedy."""
    names = sorted(path.stem for path in SHARED.glob("*.pdf"))
    good = {f"{name}{('.pdf', '.epub')[n % 2]}" for n, name in enumerate(names)}
    for path in [*(SHARED / name for name in good), *SHARED.glob("hostile/*.*")]:
        if path.suffix in (".pdf", ".epub"):
            (house.settings.books / path.name).write_bytes(path.read_bytes())
    beside = house.settings.books / "cowboy-guide.pdf.toml"  # the only one that states none
    beside.write_text('licence = "ISC"\n')
    for book in house.shelf.books():
        outcomes = chain(house, book.key)
        error = outcomes[0].error
        if book.path.name in good:
            assert statuses(outcomes) == ["made"] * 4, outcomes
            assert counts(outcomes, "instruction_pairs")["kept"] > 50
        elif error is not None:
            assert error.code.value not in ("INTERNAL", "READER_CRASHED"), error
            assert error.remedy
    assert build("sharegpt_set", None, house).status == "made"
    assert build("alpaca_set", None, house).status == "made"
