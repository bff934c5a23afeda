"""The marts over a small lake, by real dbt runs: rows, tests, swap, reuse, and what is refused."""

import json
from pathlib import Path

import duckdb
import polars as pl
import pytest
import yaml

from booktune_assets.errors import BookError, BooktuneError, Code
from booktune_assets.lake import Lake
from booktune_assets.schemas import TABLES
from booktune_assets.settings import Settings
from booktune_assets.warehouse import MartsMade, MartsRefused, build_marts, first_rows, marts
from booktune_assets.warehouse import build as building
from booktune_assets.warehouse.project import DBT, sources_yaml
from booktune_assets.warehouse.snapshot import behind, look, take
from booktune_assets_tests.builders import (
    MiniBook,
    build_home,
    publish_book,
    publish_models,
    publish_sets,
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, MartsMade]:
    """Two books, one that failed, sets and two evaluations; one real dbt run."""
    settings = build_home(tmp_path_factory.mktemp("home"), "alpha", "beta-epub")
    lake = Lake(settings.lake)
    dataset = lake.current_key("sharegpt_set")
    assert dataset
    publish_models(lake, dataset, round_no=2)
    lake.fail("raw_books", "scan", BookError(Code.NO_TEXT_LAYER, "Run OCR first", book="scan"))
    lake.fail("instruction_pairs", "beta-epub", BookError(Code.LICENCE_HELD, "State its licence"))
    torn = lake.folder("sections", "torn")
    torn.mkdir()
    (torn / "sections.parquet").write_bytes(b"PAR1 half a file")
    return settings, build_marts(settings)


def query(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_every_mart_has_its_rows_and_every_test_passed(built: tuple[Settings, MartsMade]) -> None:
    settings, made = built
    assert made.tables == {
        "dataset_composition": 6,
        "example_lineage": 24,
        "book_quality": 3,
        "book_editions": 0,
        "eval_history": 2,
    }
    assert [test.name for test in made.tests if not test.passed] == []
    assert len(made.tests) == sum(len(mart.tests) for mart in marts()) <= 15
    assert not list(settings.warehouse.parent.glob("*.tmp-*"))


def test_composition_counts_a_pair_once(built: tuple[Settings, MartsMade]) -> None:
    rows = query(
        built[0],
        "select split, examples, sharegpt_examples, alpaca_examples, answer_chars > 50"
        " from dataset_composition where book_id = 'alpha' and family = 'define' order by split",
    )
    assert rows == [("heldout", 1, 1, 1, True), ("train", 1, 1, 1, True)]


def test_lineage_reaches_page_or_part_and_file(built: tuple[Settings, MartsMade]) -> None:
    rows = query(
        built[0],
        "select book_id, bool_and((page_first is not null) = (href is null)), min(page_first),"
        " count(distinct file_sha256), any_value(section_path) like 'Concurrency › %'"
        " from example_lineage group by book_id order by book_id",
    )
    assert rows == [("alpha", True, 1, 1, True), ("beta-epub", True, None, 1, True)]


def test_a_book_that_failed_is_a_row(built: tuple[Settings, MartsMade]) -> None:
    rows = query(
        built[0], "select book_id, pages, pairs, rejected, failed_with from book_quality order by 1"
    )
    assert rows[0] == ("alpha", 3, 3, 3, None)
    assert rows[2] == ("scan", 0, 0, 0, "raw_books: NO_TEXT_LAYER")
    failed = query(built[0], "select book_id, failures, failed_with from book_quality order by 1")
    assert failed == [
        ("alpha", 0, None),
        ("beta-epub", 0, None),
        ("scan", 1, "raw_books: NO_TEXT_LAYER"),
    ]  # held back is not failed
    kinds = query(built[0], "select blocks_by_kind from book_quality where book_id = 'alpha'")
    assert json.loads(str(kinds[0][0])) == {"code": 3, "heading": 3, "prose": 3}
    # receipts written without these counts: nothing was judged, and no rate is made up
    rates = query(built[0], "select code_judged, lost_chars, code_parse_rate from book_quality")
    assert rates == [(0, 0, None)] * 3


def test_eval_history_keeps_older_evaluations(built: tuple[Settings, MartsMade]) -> None:
    rows = query(
        built[0],
        "select is_current, items, base_model, answers_failed from eval_history order by made_at",
    )
    assert rows == [(False, 2, "gemma3-270m", 1), (True, 2, "gemma3-270m", 1)]


def test_columns_are_those_of_the_yaml(built: tuple[Settings, MartsMade]) -> None:
    for mart in marts():
        found = query(
            built[0],
            "select column_name, lower(data_type) from information_schema.columns"
            f" where table_name = '{mart.name}' order by ordinal_position",
        )
        assert found == [(name, kind) for name, kind, _ in mart.columns], mart.name


def test_an_unchanged_lake_costs_nothing(
    built: tuple[Settings, MartsMade], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "run_child", no_child)
    again = build_marts(built[0])
    assert again.reused
    assert (again.tables, again.tests) == (built[1].tables, built[1].tests)
    assert first_rows(built[0], "book_quality", 1)[0]["book_id"] == "alpha"


def test_dbt_writes_nothing_into_the_repository(built: tuple[Settings, MartsMade]) -> None:
    assert {path.name for path in DBT.iterdir()} == {
        "dbt_project.yml",
        "macros",
        "models",
        "profiles.yml",
        "tests",
    }


def test_a_first_build_without_sets_and_models_gives_empty_tables(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    publish_book(Lake(settings.lake), MiniBook())
    made = build_marts(settings)
    assert made.tables == {
        "dataset_composition": 0,
        "example_lineage": 0,
        "book_quality": 1,
        "book_editions": 0,
        "eval_history": 0,
    }


def test_a_broken_example_refuses_the_swap_and_readers_keep_the_old_file(tmp_path: Path) -> None:
    settings = build_home(tmp_path, models=False)
    build_marts(settings)
    lake = Lake(settings.lake)
    with duckdb.connect(str(settings.warehouse), read_only=True) as reader:
        book = MiniBook()
        lost = book.rows["instruction_pairs__evidence"][0]["pair_id"]
        book.rows["instruction_pairs__evidence"] = [
            row for row in book.rows["instruction_pairs__evidence"] if row["pair_id"] != lost
        ]
        publish_book(lake, book)
        publish_sets(lake)
        with pytest.raises(MartsRefused) as refused:
            build_marts(settings)
        assert "examples_have_evidence_and_place (example_lineage): 2 rows" in str(refused.value)
        assert {t.name for t in refused.value.tests if not t.passed} == {
            "examples_have_evidence_and_place"
        }
        book = MiniBook(sections=5)
        publish_book(lake, book)
        publish_sets(lake)
        assert build_marts(settings).tables["book_quality"] == 1
        old = reader.execute("select sections from book_quality").fetchall()
    assert old == [(3,)]
    assert query(settings, "select sections from book_quality") == [(5,)]


def test_a_set_that_is_behind_is_a_warning_and_no_refusal(tmp_path: Path) -> None:
    settings = build_home(tmp_path, models=False)
    publish_book(Lake(settings.lake), MiniBook(mark="new words"))
    made = build_marts(settings)
    late = {test.name: test.failures for test in made.tests if not test.passed}
    assert late == {"builds_in_step": 2}
    assert query(settings, "select bool_or(pair_found) from example_lineage") == [(False,)]


def test_a_dangling_reference_is_found(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    book = MiniBook()
    book.rows["concept_graph"][0]["introduced_in"] = "sec_" + "0" * 20
    publish_book(Lake(settings.lake), book)
    with pytest.raises(MartsRefused, match=r"references_hold \(book_quality\): 1 row"):
        build_marts(settings)
    assert not settings.warehouse.exists()


def test_what_dbt_says_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> dict[str, object]:
        row = {"kind": "model", "name": "book_quality", "status": "error", "message": "no such\n x"}
        return {"results": [row], "problem": ""}

    monkeypatch.setattr(building, "run_child", broken)
    with pytest.raises(BooktuneError, match="book_quality: no such x"):
        build_marts(Settings(home=tmp_path))


def test_a_full_disk_is_a_fault_of_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(building, "take", full)
    with pytest.raises(BooktuneError) as problem:
        build_marts(Settings(home=tmp_path))
    assert problem.value.code is Code.DISK


def test_files_of_an_older_layout_are_left_out_and_named(tmp_path: Path) -> None:
    settings = build_home(tmp_path / "home", "alpha", "beta", models=False)
    lake = Lake(settings.lake)
    old = lake.path("sections", "beta")
    pl.read_parquet(old).drop("role").write_parquet(old)
    made = take(lake, tmp_path / "snapshot")
    assert made.misfits == ["sections/beta/sections.parquet"]
    builds = pl.read_parquet(tmp_path / "snapshot" / "lake_builds" / "1-rows.parquet")
    late = builds.filter(~pl.col("in_step"))
    assert late.select("asset", "key", "behind").rows() == [
        ("sections", "beta", "written in an older layout")
    ]


def test_a_snapshot_keeps_what_it_linked(tmp_path: Path) -> None:
    settings = build_home(tmp_path / "home", models=False)
    lake = Lake(settings.lake)
    before = lake.read("sections", "alpha")
    made = take(lake, tmp_path / "snapshot")
    publish_book(lake, MiniBook(mark="other"))
    linked = pl.read_parquet(made.root / "sections" / "alpha.parquet")
    assert linked.equals(before)
    assert not linked.equals(lake.read("sections", "alpha"))
    receipt = lake.receipt("sharegpt_set", lake.current_key("sharegpt_set") or "")
    assert receipt and len(behind(receipt, look(lake))) == 2
    assert behind(receipt, made.state) == []


def test_the_state_of_the_lake_has_one_digest(tmp_path: Path) -> None:
    settings = build_home(tmp_path, models=False)
    lake = Lake(settings.lake)
    first = look(lake).digest
    publish_book(lake, MiniBook())
    assert look(lake).digest == first
    lake.fail("raw_books", "other", BookError(Code.EMPTY_FILE, "Copy it again"))
    assert look(lake).digest != first


def test_sources_follow_the_contracts() -> None:
    path = DBT / "models" / "sources.yml"
    assert path.read_text() == sources_yaml(), "python docs/generate.py"
    (source,) = yaml.safe_load(path.read_text())["sources"]
    assert {table["name"] for table in source["tables"]} >= set(TABLES)


def test_marts_say_everything() -> None:
    for mart in marts():
        assert mart.tests and mart.tables
        assert set(mart.tables) <= {*TABLES, "lake_builds", "lake_editions", "lake_failures"}
        assert all(words for _, _, words in mart.columns)


def no_child(*_: object) -> dict[str, object]:
    raise AssertionError("dbt was started")


def test_a_killed_builder_leaves_nothing_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = build_home(tmp_path, models=False)
    left = settings.warehouse.with_name("booktune.duckdb.tmp-build") / "snapshot" / "sections"
    left.mkdir(parents=True)
    (left / "old.parquet").write_bytes(b"x")
    seen: list[list[str]] = []

    def look_around(_: str, spec: dict[str, str], *__: object) -> dict[str, object]:
        seen.append(sorted(path.name for path in Path(spec["snapshot"], "sections").iterdir()))
        return {"results": [], "problem": "stopped here"}

    monkeypatch.setattr(building, "run_child", look_around)
    with pytest.raises(BooktuneError, match="stopped here"):
        build_marts(settings)
    assert seen == [["0-empty.parquet", "alpha.parquet"]]
    assert not left.exists()
