"""The index over adapters: one entry each, links that lead somewhere, written whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from booktune_assets.cli import cli
from booktune_assets.evaluation.report_index import Evaluated, render_index
from booktune_assets.ids import make_id
from booktune_assets.lake import Lake
from booktune_assets.page.evaluations import fresh_reports, index_of, write_index
from booktune_assets.schemas import tables_of
from booktune_assets.settings import Settings
from booktune_assets_tests.evaluation.test_outcomes import row


def evaluated(number: int, adapter: int, *rows: dict[str, object], base: str = "m") -> Evaluated:
    name = f"ada_{adapter}"
    return Evaluated(f"eval_{number}", name, base, "data_1", f"2026-01-0{number}",
                     f"eval_{number}.html", rows)  # fmt: skip


def publish(settings: Settings, number: int, low: float, page: str = "<p>page</p>") -> str:
    lake, key = Lake(settings.lake), make_id("eval", number)
    work = settings.home / "work"
    (work / "crops").mkdir(parents=True, exist_ok=True)
    (work / "report.html").write_text(page)
    (work / "crops" / "a.png").write_bytes(b"png")
    ids = {"eval_id": key, "adapter_id": make_id("ada", number)}
    scored = row("book_sections", low, low + 0.1) | {"base": 2.0, "tuned": 1.9}
    frames = {table.name: table.frame([]) for table in tables_of("eval_report")}
    frames["eval_report"] = tables_of("eval_report")[0].frame([ids | scored])
    lake.publish(
        "eval_report", key, frames, code_version="t", notes={"base": "small"},
        files={"report.html": work / "report.html", "crops/a.png": work / "crops" / "a.png"},
    )  # fmt: skip
    lake.set_current("eval_report", key)
    return key


def test_one_entry_per_adapter_with_its_newest_evaluation() -> None:
    page = render_index([
        evaluated(1, 1, row("book_sections", -0.3, -0.1)),
        evaluated(2, 2, row("book_sections", -0.5, -0.3),
                  row("general_text", 0.02, 0.06, kept="no")),
        evaluated(3, 1, row("book_sections", -0.4, -0.2)),
        evaluated(4, 0, row("problems", None, None, base=10.0)),
    ])  # fmt: skip
    entries = page.split('<article class="adapter">')[1:]
    assert len(entries) == 2 and "2 adapters, 4 evaluations" in page
    assert "ada_1" in entries[0] and 'href="eval_3.html"' in entries[0], "the newest first"
    assert 'earlier evaluations · <a href="eval_1.html">' in entries[0]
    assert "Something was lost: general prose" in entries[1]
    assert "+0.400" in entries[1] and "+0.300 to +0.500" in entries[1] and "n=30" in entries[1]
    assert "Models alone" in page and 'href="eval_4.html"' in page
    assert "programming problems 10.0 points" in page.partition("Models alone")[2]


def test_lines_run_over_adapters_of_one_base_only() -> None:
    found = [
        evaluated(1, 1, row("book_sections", -0.3, -0.1)),
        evaluated(2, 2, row("book_sections", -0.5, -0.3)),
        evaluated(3, 3, row("book_sections", -0.9, -0.8), base="other"),
    ]
    page = render_index(found)
    assert page.count('class="spark"') == 1 and "On m" in page and "On other" not in page
    assert "Nothing was evaluated yet" in render_index([])


def test_suites_that_are_gone_do_not_break_it() -> None:
    old = row("problems", 1.0, 2.0) | {"suite": "heldout"}
    assert "ada_1" in render_index([evaluated(1, 1, old)])


def test_reports_pictures_and_index_are_written_and_mended(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    first, second = publish(settings, 1, -0.3), publish(settings, 2, -0.5)
    index = write_index(settings)
    assert index == index_of(settings)
    page = index.read_text()
    for href in re.findall(r'href="([^"]+)"', page):
        assert (index.parent / href).is_file()
    assert f"{first}.html" in page and f"{second}.html" in page and 'class="spark"' in page
    assert (settings.reports / "crops" / "a.png").read_bytes() == b"png"
    before = index.stat().st_mtime_ns
    write_index(settings)
    assert index.stat().st_mtime_ns == before, "the same is not written again"
    (settings.reports / f"{first}.html").write_text("edited")
    write_index(settings)
    assert (settings.reports / f"{first}.html").read_text() == "<p>page</p>"
    assert fresh_reports(settings)[0].eval_id == second


@pytest.mark.parametrize("words", [["report"], ["status"]])
def test_the_command_line_says_where_it_is(tmp_path: Path, words: list[str]) -> None:
    settings = Settings(home=tmp_path)
    publish(settings, 1, -0.3)
    write_index(settings)
    said = CliRunner().invoke(cli, ["--home", str(tmp_path), *words]).output
    assert str(index_of(settings)) in said.replace("\n", "")
