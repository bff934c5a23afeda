"""What training saw of a concept: by name, by what was reached, down to pictures of pages."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from booktune_assets.ids import file_sha256
from booktune_assets.lake import Lake
from booktune_assets.lineage_seen import CROPS, fold, lineage_of
from booktune_assets.schemas_training import ADAPTER_SEEN
from booktune_assets.settings import PROJECT, Settings
from booktune_assets_tests.builders import MiniBook, publish_book, publish_models, publish_sets

SAMPLE = PROJECT / "data" / "books" / "sample" / "first-steps-on-the-beam.pdf"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path)
    made.books.mkdir()
    shelved = Path(shutil.copy(SAMPLE, made.books / "alpha.pdf"))
    lake = Lake(made.lake)
    book = MiniBook("alpha", sha=file_sha256(shelved))
    first = str(book.rows["concept_graph"][1]["concept_id"])
    for row in book.rows["instruction_pairs"]:  # all are about the second section's concept, too
        row["concept_ids"] = list(dict.fromkeys([*row["concept_ids"], first]))
    book.rows["concept_graph"][1]["aliases"] = ["Light-weight Processes"]
    publish_book(lake, book)
    publish_models(lake, publish_sets(lake))
    return made


def adapter_of(settings: Settings) -> str:
    return str(Lake(settings.lake).current_key("lora_adapter"))


def test_an_older_adapter_is_taken_to_have_seen_its_whole_set(
    settings: Settings, tmp_path: Path
) -> None:
    lake, adapter = Lake(settings.lake), adapter_of(settings)
    path = lake.folder("lora_adapter", adapter) / "_receipt.json"
    known = json.loads(path.read_text())
    del known["tables"][ADAPTER_SEEN.name]  # as it was before the table was there
    path.write_text(json.dumps(known))
    (found,), _ = lineage_of(settings, ["alpha"], adapter).seen(["process alpha1"], tmp_path)
    assert (found.taught, found.unreached) == (2, 0)


def test_names_are_folded() -> None:
    for name in ("Pattern_matching", "pattern matching", "pattern-matchings", "Pattern  Matching"):
        assert fold(name) == "pattern matching"
    assert fold("send/2") == "send" and fold("class") == "class" and fold("ETS") == "ets"

    assert fold("Processes") == fold("process") and fold("libraries") == fold("library")


@limits(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=30))
def test_case_joints_and_arities_do_not_count(name: str) -> None:
    assert fold(name) == fold(name.replace("_", "-")) == fold(f"  {name}")
    if name.isascii():
        assert fold(name.upper()) == fold(name.lower())


def test_a_concept_leads_to_examples_pages_and_pictures(settings: Settings, tmp_path: Path) -> None:
    lineage = lineage_of(settings, ["alpha"], adapter_of(settings))
    (found, none), crops = lineage.seen(["light weight process", "monads"], tmp_path / "work")
    assert found.known == "process alpha1"
    assert found.taught == len(found.examples) == 2 and found.heldout == 1  # of three sections
    assert found.unreached == 0
    asked = {one.question for one in found.examples}
    assert asked == {"What is a process? (1)", "What is a process? (2)"}
    assert found.examples[0].book == "The alpha book"
    assert {one.crop for one in found.examples} == set(crops) and len(crops) <= CROPS
    for name, path in crops.items():
        assert path == tmp_path / "work" / name
        assert path.read_bytes().startswith(b"\x89PNG")
    assert (none.known, none.taught, none.examples) == ("", 0, ())


def test_examples_that_training_did_not_reach_were_not_seen(
    settings: Settings, tmp_path: Path
) -> None:
    lake, adapter = Lake(settings.lake), adapter_of(settings)
    receipt = lake.receipt("lora_adapter", adapter)
    assert receipt
    (whole,), _ = lineage_of(settings, ["alpha"], adapter).seen(["process alpha1"], tmp_path)
    reached = whole.examples[1].example_id
    frames = {name: lake.read(name, adapter) for name in receipt.tables}
    frames[ADAPTER_SEEN.name] = ADAPTER_SEEN.frame(
        [{"adapter_id": adapter, "example_id": reached, "times": 2, "first_step": 1}]
    )
    lake.publish("lora_adapter", adapter, frames, code_version="t")
    (found,), _ = lineage_of(settings, ["alpha"], adapter).seen(["process alpha1"], tmp_path)
    assert [one.example_id for one in found.examples] == [reached]
    assert (found.taught, found.unreached, found.heldout) == (1, 1, 1)


def test_a_changed_file_gives_no_picture_and_says_why(settings: Settings, tmp_path: Path) -> None:
    with (settings.books / "alpha.pdf").open("ab") as book:
        book.write(b"\n%")
    lineage = lineage_of(settings, ["alpha"], adapter_of(settings))
    (found,), crops = lineage.seen(["process alpha1"], tmp_path)
    assert crops == {}
    assert {(one.crop, one.no_crop) for one in found.examples} == {("", "STALE_INPUT")}


def test_items_get_the_concepts_of_their_section_or_pair(settings: Settings) -> None:
    lake = Lake(settings.lake)
    section = str(lake.read("sections", "alpha")["section_id"][0])
    pair = str(lake.read("instruction_pairs", "alpha")["pair_id"][0])
    about = lineage_of(settings, ["alpha"], adapter_of(settings)).about([section, pair, "else"])
    assert about[section] == ("process alpha0",)
    assert set(about[pair]) >= {"process alpha1"} and "else" not in about
