"""After an edit: a set is not made of what is old in silence; a held book is not a failed one."""

from __future__ import annotations

import json
from pathlib import Path

import pymupdf
import pytest
from click.testing import CliRunner

from booktune_assets.chain.build import build, state
from booktune_assets.chain.house import BOOK_STAGES, House
from booktune_assets.chain.needs import never_built, stale_above
from booktune_assets.cli import cli
from booktune_assets.llm import calls
from booktune_assets.settings import Settings
from booktune_assets_tests.test_cli_run import BOOK


def booktune(home: Path, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["--home", str(home), *words])
    return done.exit_code, done.stdout, done.stderr


def shelf(tmp_path: Path, *more: str) -> tuple[Path, Path]:
    file = tmp_path / "tides.md"
    file.write_text(BOOK)
    home = tmp_path / "home"
    assert booktune(home, "add", str(file), *more)[0] == 0
    (there,) = (path for path in home.rglob("tides.md"))
    return home, there


def states(home: Path) -> dict[str, str]:
    rows = json.loads(booktune(home, "status", "--json")[1])
    return {row["asset"]: row["state"] for row in rows}


def test_an_edit_is_told_downstream_and_built_for_a_set(tmp_path: Path) -> None:
    home, file = shelf(tmp_path, "--licence", "CC0")
    house = House.open(Settings(home=home))
    for asset in BOOK_STAGES:
        assert build(asset, "tides", house).status == "made"
    assert build("sharegpt_set", None, house).status == "made"
    assert set(states(home).values()) <= {"current", "missing"}
    assert stale_above(house, ["sharegpt_set"], ["tides"]) == {}
    file.write_text(BOOK + "\nA *monitor* is a link that goes one way only, and ends quietly.\n")
    now = states(home)
    assert now["raw_books"] == "stale"
    assert [now[name] for name in (*BOOK_STAGES[1:], "sharegpt_set")] == ["behind"] * 4
    late = {stage: ["tides"] for stage in BOOK_STAGES}
    assert stale_above(house, ["sharegpt_set"], ["tides"]) == late
    sets = {"sharegpt_set": [], "rehearsal_set": []}
    assert stale_above(house, ["lora_adapter"], ["tides"]) == late | sets
    assert stale_above(house, ["eval_report"], ["tides"]) == late | {"sharegpt_set": []}
    assert stale_above(house, ["sections"], ["tides"]) == {"raw_books": ["tides"]}
    code, out, said = booktune(home, "run", "sharegpt_set")
    assert code == 0, out + said
    assert (
        f"also builds what is stale and is needed: {', '.join(BOOK_STAGES)} (changed: tides)"
        in said
    )
    assert ["sharegpt_set", "1", "0", "0"] in [line.split() for line in out.splitlines()]
    assert "stale" not in (after := states(home)).values() and "behind" not in after.values()


def test_a_book_whose_new_file_fails_keeps_no_set_from_being_made(tmp_path: Path) -> None:
    home, file = shelf(tmp_path, "--licence", "CC0")
    house = House.open(Settings(home=home))
    for asset in BOOK_STAGES:
        assert build(asset, "tides", house).status == "made"
    file.write_bytes(b"")
    assert build("raw_books", "tides", house).status == "failed"
    assert stale_above(house, ["sharegpt_set"], ["tides"]) == {}


def test_a_book_without_a_licence_is_held_and_not_failed(tmp_path: Path) -> None:
    home, _ = shelf(tmp_path)
    code, out, said = booktune(home, "run", "books")
    assert code == 1
    assert "held: instruction_pairs tides: LICENCE_HELD" in out and "--licence NAME" in out
    assert "failed:" not in out and "done, 1 book held in" in out
    assert "instruction_pairs tides: held" in said
    assert ["asset", "made", "reused", "failed", "held"] in [
        row.split() for row in out.splitlines()
    ]
    code, out, _ = booktune(home, "status")
    assert code == 1 and "held: tides instruction_pairs: LICENCE_HELD" in out
    assert "failed" not in out and "--licence NAME" in out
    assert states(home)["instruction_pairs"] == "held"


def test_a_dry_run_says_what_has_to_be_built_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(settings: Settings) -> calls.Scripted:
        return calls.Scripted(lambda request: "{}")

    monkeypatch.setattr(calls, "open_caller", nobody)
    home, _ = shelf(tmp_path, "--licence", "CC0")
    (home / "booktune.toml").write_text('[pairs]\nrecipes = ["qa"]\n')
    code, out, said = booktune(home, "run", "--dry-run")
    assert code == 0, out + said
    assert "not planned: tides: raw_books, sections, concept_graph would be built first" in out
    assert "booktune run concept_graph --book tides" in out


def test_what_failed_with_other_settings_is_tried_again(tmp_path: Path) -> None:
    file = tmp_path / "tides.pdf"
    document = pymupdf.open()
    page = document.new_page()
    for row in range(9):
        page.insert_text((60, 80 + 14 * row), f"A node tells the other nodes of its {row} links.")
    document.save(
        file, encryption=5, owner_pw="o", user_pw="", permissions=4
    )  # AES-256; printing is all that is permitted
    home = tmp_path / "home"
    assert booktune(home, "add", str(file))[0] == 0
    strict = House.open(Settings.model_validate(
        {"home": home, "reading": {"accept_restricted": False}}
    ))  # fmt: skip
    assert build("raw_books", "tides", strict).status == "failed"
    assert state("raw_books", "tides", strict) == "failed"
    assert never_built(strict, ["sections"], ["tides"]) == set()
    house = House.open(Settings(home=home))
    assert state("raw_books", "tides", house) == "missing"
    assert never_built(house, ["sections"], ["tides"]) == {"raw_books"}
    code, out, said = booktune(home, "run", "sections")
    assert code == 0 and "needed: raw_books" in said, out + said
    assert state("sections", "tides", house) == "current"
