"""The page of a set: what it counts, that it stands alone, that it is written again."""

import re
import shutil
from base64 import b64decode
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from booktune_assets.chain.house import House
from booktune_assets.ids import file_sha256
from booktune_assets.lake import Lake
from booktune_assets.page.build import render_page
from booktune_assets.page.data import Cell, PageData, Used, classed, gather
from booktune_assets.page.graphs import BOOKS_DRAWN, concept_pictures, graphs
from booktune_assets.page.heat import heat_map, runs, summary
from booktune_assets.page.parts import bars
from booktune_assets.page.samples import chosen
from booktune_assets.page.write import mend_page, page_of
from booktune_assets.schemas import TABLES, tables_of
from booktune_assets.settings import PROJECT, Settings
from booktune_assets_tests.builders import MiniBook, build_home, publish_book, publish_sets
from booktune_assets_tests.review.shelf import shelf

SAMPLE = PROJECT / "data" / "books" / "sample" / "first-steps-on-the-beam.pdf"
NOTES = {"benchmarks": [{"name": "<our> problems", "items": 12, "share": 0.0025}]}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return shelf(tmp_path_factory.mktemp("home") / "home")


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return build_home(tmp_path_factory.mktemp("mini"), "alpha", "beta-epub", models=False)


def data_of(settings: Settings, asset: str = "sharegpt_set") -> PageData:
    lake = Lake(settings.lake)
    key = lake.current_key(asset) or ""
    receipt = lake.receipt(asset, key)
    assert receipt
    frames = {name: lake.read(name, key) for name in receipt.tables}
    return gather(lake, asset, key, frames, receipt.counts, NOTES)


class Tags(HTMLParser):
    """Every tag with its attributes; fails on one that is closed and was not open."""

    VOID = frozenset({"meta", "img", "br", "link"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_it_stands_alone(mini: Settings) -> None:
    page = render_page(mini, data_of(mini))
    tags = Tags(page).seen
    assert not {"script", "link", "iframe"} & {tag for tag, _ in tags}
    for _, attrs in tags:
        assert not [name for name in attrs if name.startswith("on")]
        for name in ("src", "href"):
            assert (attrs.get(name) or "data:").startswith("data:")
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/)", page)


def linked(lake: Lake, book: str, target: Lake) -> None:
    """Publish a copy of a book's concepts in which its first one is needed by its second."""
    frames = {table.name: lake.read(table.name, book) for table in tables_of("concept_graph")}
    source, needs = frames["concept_graph"].sort("path")["concept_id"].to_list()[:2]
    section = frames["concept_graph__mentions"].row(0, named=True)
    shares = dict.fromkeys(("order", "refd", "code", "chain", "cue", "wide"), 0.5)
    frames["concept_graph__edges"] = TABLES["concept_graph__edges"].frame(
        [shares | {
            "book_id": book, "source_id": source, "target_id": needs, "score": 0.9, "direct": True,
            "decided_by": "score", "evidence_kind": "text", "quote": "x", "char_start": 0,
            "char_end": 1, "evidence_section": section["section_id"], "evidence_block_id": "b",
        }]
    )  # fmt: skip
    frames["concept_graph"] = frames["concept_graph"].with_columns(kind=pl.lit("term"))
    target.publish("concept_graph", book, frames, code_version="concept_graph.1")


def test_the_graph_of_a_book_is_drawn(house: House, tmp_path: Path) -> None:
    data = data_of(house.settings)
    (row,) = data.books
    assert data.graphs == [], "its concepts have no edges"
    lake = Lake(tmp_path)
    linked(house.lake, row["book_id"], lake)
    ((title, picture),) = concept_pictures(lake, data.books)
    assert "<path" in picture and f"{title}: what builds on what" in picture
    page = render_page(house.settings, replace(data, graphs=[(title, picture)]))
    Tags(page)
    assert picture in page.partition("How the concepts build on each other</h2>")[2]
    assert "Drawn are" not in page


def test_of_many_books_those_with_most_examples_are_drawn(house: House, tmp_path: Path) -> None:
    lake, (row,) = Lake(tmp_path), data_of(house.settings).books
    linked(house.lake, row["book_id"], lake)
    many = [row | {"title": f"{n}", "examples": n} for n in range(BOOKS_DRAWN + 2)]
    drawn = concept_pictures(lake, many)
    assert [title for title, _ in drawn] == [f"{n}" for n in range(BOOKS_DRAWN + 1, 1, -1)]
    assert f"Drawn are {BOOKS_DRAWN} of {len(many)} books" in graphs(drawn, len(many))
    assert graphs([], books=1) == ""


def test_the_same_set_gives_the_same_bytes(mini: Settings) -> None:
    assert render_page(mini, data_of(mini)) == render_page(mini, data_of(mini))


def test_every_page_of_every_book_is_a_cell(mini: Settings) -> None:
    data = data_of(mini)
    paged, parts = data.pages
    assert (paged.what, [cell.examples for cell in paged.cells]) == ("page", [1, 1, 1])
    assert [cell.name for cell in paged.cells] == ["page 1", "page 2", "page 3"]
    assert (parts.what, [cell.examples for cell in parts.cells]) == ("section", [1, 1, 1])
    assert [cell.state for used in data.concepts for cell in used.cells] == ["used"] * 6


def test_an_unused_page_and_one_without_text_are_told_apart(tmp_path: Path) -> None:
    settings, book = Settings(home=tmp_path), MiniBook("alpha", sections=3)
    first = book.rows["instruction_pairs"][0]["pair_id"]
    for name in ("instruction_pairs", "instruction_pairs__evidence"):
        book.rows[name] = [row for row in book.rows[name] if row["pair_id"] != first]
    blank = book.rows["raw_books__pages"][0] | {"page": 4, "chars": 0, "kept": 0, "status": "empty"}
    book.rows["raw_books__pages"].append(blank)
    publish_book(Lake(settings.lake), book)
    publish_sets(Lake(settings.lake))
    (used,) = data_of(settings).pages
    assert [cell.state for cell in used.cells] == ["unused", "used", "used", "blank"]
    assert summary(used).endswith("2 of 3 pages used (67 %), 1 unused, 0 over-mined")
    assert runs(used, "unused") == "1"


def test_what_is_used_far_more_than_the_rest_is_over_mined() -> None:
    from booktune_assets.page import data

    cells = data._cells([(f"page {n}", count, True) for n, count in enumerate([2, 3, 3, 9, 40, 0])])
    assert [cell.state for cell in cells] == ["used", "used", "used", "over", "over", "unused"]
    few = data._cells([("page 1", 1, True), ("page 2", 8, True), ("page 3", 1, True)])
    assert {cell.state for cell in few} == {"used"}  # a handful is no reason to look


def test_ranges_and_cells() -> None:
    states = ["unused", "unused", "used", "unused", "blank", "unused", "unused", "unused"]
    used = Used("A <b> book", "page", tuple(Cell(f"page {n}", 0, s) for n, s in enumerate(states)))
    assert runs(used, "unused") == "1–2, 4, 6–8"
    picture = heat_map(used)
    Tags(picture)
    assert "<b>" not in picture and picture.count("<g>") == len(states)


def test_each_concept_with_examples_is_named_without_pointing(mini: Settings) -> None:
    data = data_of(mini)
    page = render_page(mini, data)
    told = "".join(
        part.partition("</details>")[0] for part in page.split("Which concept each cell is")[1:]
    )
    for cell in (cell for used in data.concepts for cell in used.cells):
        assert f"{escape(cell.name)}\u00a0{cell.examples}" in told


def test_samples_come_from_every_family_and_stay_when_a_book_is_added() -> None:
    names = [f"ex_{number:020x}" for number in range(60)]
    families = ["define", "lesson", "reason"] * 20
    frame = pl.DataFrame({"example_id": names, "family": families})
    some = chosen(frame)
    assert len(some) == len(set(some)) == 20
    by_family = frame.filter(pl.col("example_id").is_in(some)).group_by("family").len()
    assert sorted(by_family["len"].to_list()) == [6, 7, 7]
    assert chosen(frame.reverse()) == some
    more = pl.concat([frame, pl.DataFrame({"example_id": ["ex_new"], "family": ["define"]})])
    assert len(set(chosen(more)) & set(some)) >= 19


def test_a_sample_of_a_pdf_stands_beside_its_page_and_of_a_changed_file_it_is_said(
    tmp_path: Path,
) -> None:
    settings = Settings(home=tmp_path)
    settings.books.mkdir()
    shelved = Path(shutil.copy(SAMPLE, settings.books / "alpha.pdf"))
    publish_book(Lake(settings.lake), MiniBook("alpha", sha=file_sha256(shelved)))
    publish_sets(Lake(settings.lake))
    data = data_of(settings)
    drawn = re.findall(r'src="data:image/png;base64,([^"]+)"', render_page(settings, data))
    assert len(drawn) == min(20, data.rows.height) > 0
    assert all(b64decode(one).startswith(b"\x89PNG") for one in drawn)
    with shelved.open("ab") as book:
        book.write(b"\n%")
    assert "data:image/png" not in render_page(settings, data)


def test_what_runs_gave_is_one_class_of_reasons() -> None:
    """Each value that came out was a class of its own: sixty of them, one row each."""
    told = ["gives 42", "gives {:ok, 1}", "worded ** (CompileError)", "fault_waits"]
    refused = pl.DataFrame({"candidate_id": list("abcd"), "reason": told})
    assert classed(refused)["reason"].to_list() == ["gives …", "gives …", "worded …", told[3]]
    assert classed(refused)["detail"].to_list() == [*told[:3], None]


def test_words_of_books_are_escaped_and_reasons_are_told(mini: Settings) -> None:
    data = data_of(mini)
    hostile = '<script>alert("x")</script>\x07'
    rows = data.rows.with_columns(section_title=pl.lit(hostile))
    rejected = data.rejected.with_columns(reason=pl.lit(hostile))
    books = [book | {"title": hostile, "licence": None} for book in data.books]
    page = render_page(mini, PageData(
        data.asset, data.key, data.examples, rows, books, data.pages, data.concepts, data.dropped,
        rejected, None, {}, NOTES,
    ))  # fmt: skip
    assert "<script" not in page and "\x07" not in page and "&lt;script" in page
    assert "No licence is stated for" in page
    assert "&lt;our&gt; problems" in page and "0.250 %" in page
    assert "Candidates that the gates of a book refused: 6" in page


def test_bars_are_a_list_that_reads_without_its_style() -> None:
    told = bars({"heldout": 1, "true_false": 3}, "Who & what")
    assert re.sub(r"<[^>]*>", "", told).split("\n")[1:3] == [
        "held out  1 (25 %)",
        "true false  3 (75 %)",
    ]
    assert "--part:0.333" in told and "--part:1.000" in told and "Who &amp; what" in told
    assert bars({"none": 0}, "x") == bars({}, "x") == ""


def test_deficits_are_told_where_a_mix_was_asked_for(mini: Settings) -> None:
    data = data_of(mini)
    mix = pl.DataFrame([
        {"dimension": "code", "name": "code", "unit": "answer tokens", "available": 900, "got": 300,
         "share": 0.21, "low": 0.3, "high": 0.4, "quota": None, "deficit": 120},
        {"dimension": "family", "name": "define", "unit": "rows", "available": 9, "got": 9,
         "share": 0.5, "low": None, "high": None, "quota": None, "deficit": 0},
    ], schema_overrides={"quota": pl.Int64})  # fmt: skip
    page = render_page(mini, PageData(
        data.asset, data.key, data.examples, data.rows, data.books, data.pages, data.concepts,
        data.dropped, data.rejected, mix,
    ))  # fmt: skip
    assert "1 parts fall short" in page and "30–40 %" in page and ">120<" in page
    assert "<h2>Contamination</h2>" not in page


def test_it_is_written_with_the_set_and_again_when_it_is_gone(house: House) -> None:
    from booktune_assets.chain.build import build
    from booktune_assets.chain.house import SET_STAGES

    for asset in SET_STAGES:
        receipt = house.lake.receipt(asset, house.lake.current_key(asset) or "")
        assert receipt is not None
        path = page_of(house.settings, receipt)
        assert path == house.settings.reports / f"dataset-{receipt.key}.html"
        was = path.read_bytes()
        for spoilt in (b"edited by hand", None):
            path.write_bytes(spoilt) if spoilt else path.unlink()
            assert build(asset, None, house).status == "reused"
            assert path.read_bytes() == was
        assert mend_page(house.settings, receipt) == path
