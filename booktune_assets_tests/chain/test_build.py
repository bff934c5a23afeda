"""The chain's rules of reuse and failure, on small stages made here."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
import pytest

from booktune_assets.chain import build as chain_build
from booktune_assets.chain.build import build, state
from booktune_assets.chain.house import House, Made, Stage, fact
from booktune_assets.errors import BookError, Code, ServiceDown
from booktune_assets.settings import Settings
from booktune_assets_tests.lake_writer import frames

VERSION = "test.1"


@dataclass
class Script:
    """What the scripted stage answers next, and how often it was asked."""

    inputs: dict[str, str] = field(default_factory=lambda: {"file": "a"})
    raises: Exception | None = None
    content: int = 1
    moves_inputs: bool = False
    settled: bool = False
    made: int = 0


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    plan = Script()

    def make(_: House, key: str) -> Made:
        plan.made += 1
        if plan.raises:
            raise plan.raises
        if plan.moves_inputs:
            plan.inputs = {"file": "moved"}
        found: dict[str, pl.DataFrame] = frames(key, plan.content, 2)
        return Made(key, found, {"rows": 2})

    stage = Stage("booktune_assets_tests.chain.test_build", (), lambda *_: dict(plan.inputs), make)
    monkeypatch.setattr(chain_build, "_stage", lambda _: replace(stage, settled=plan.settled))
    yield plan


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House.open(Settings(home=tmp_path))


def test_the_second_build_is_reused_and_a_change_is_built(house: House, script: Script) -> None:
    assert build("sections", "guide", house).status == "made"
    assert build("sections", "guide", house).status == "reused"
    script.inputs = {"file": "b"}
    assert state("sections", "guide", house) == "stale"
    assert build("sections", "guide", house).status == "made"
    assert script.made == 2
    assert state("sections", "guide", house) == "current"


def test_same_result_of_other_inputs_keeps_the_digest(house: House, script: Script) -> None:
    first = build("sections", "guide", house).receipt
    script.inputs = {"file": "b"}
    second = build("sections", "guide", house).receipt
    assert first is not None
    assert second is not None
    assert first.digest == second.digest


def test_a_bad_book_is_a_row_and_its_last_good_build_stays(house: House, script: Script) -> None:
    build("sections", "guide", house)
    script.inputs, script.raises = {"file": "bad"}, BookError(Code.DAMAGED_FILE, "Get another copy")
    outcome = build("sections", "guide", house)
    assert outcome.status == "failed"
    assert outcome.error is not None
    assert outcome.error.code is Code.DAMAGED_FILE
    assert state("sections", "guide", house) == "failed"
    assert house.lake.read("sections", "guide").height == 2
    with pytest.raises(BookError) as caught:
        fact(house, "sections", "guide")
    assert caught.value.code is Code.UPSTREAM_FAILED
    script.inputs, script.raises = {"file": "a"}, None  # the old file is put back
    assert build("sections", "guide", house).status == "reused"
    assert state("sections", "guide", house) == "current"


def test_a_defect_of_ours_is_a_row_too(house: House, script: Script) -> None:
    script.raises = ZeroDivisionError("by zero")
    outcome = build("sections", "guide", house)
    assert outcome.error is not None
    assert outcome.error.code is Code.INTERNAL
    assert "ZeroDivisionError at test_build.py" in str(outcome.error)
    row = house.lake.failure("sections", "guide")
    assert row is not None
    assert row.inputs == {"file": "a"}


def test_an_upstream_failure_leaves_no_row_of_its_own(house: House, script: Script) -> None:
    script.raises = BookError(Code.UPSTREAM_FAILED, "Mend this first")
    assert build("sections", "guide", house).status == "failed"
    assert house.lake.failure("sections", "guide") is None


def test_a_fault_of_a_service_goes_up_to_be_retried(house: House, script: Script) -> None:
    script.raises = ServiceDown(Code.MODEL_SERVICE, "Start it")
    with pytest.raises(ServiceDown):
        build("sections", "guide", house)
    assert house.lake.failure("sections", "guide") is None


def test_the_last_try_of_a_service_leaves_a_row(house: House, script: Script) -> None:
    script.raises = ServiceDown(Code.MODEL_SERVICE, "Start it")
    outcome = build("sections", "guide", house, last_try=True)
    assert isinstance(outcome.error, ServiceDown)
    row = house.lake.failure("sections", "guide")
    assert row is not None
    assert row.code == Code.MODEL_SERVICE
    script.raises = None
    assert build("sections", "guide", house).status == "made"
    assert house.lake.failure("sections", "guide") is None


def test_inputs_that_change_during_a_build_are_not_published(house: House, script: Script) -> None:
    script.moves_inputs = True
    with pytest.raises(ServiceDown) as caught:
        build("sections", "guide", house)
    assert caught.value.code is Code.STALE_INPUT
    assert house.lake.receipt("sections", "guide") is None


def test_hours_of_work_on_what_was_read_at_once_are_kept_and_stale(
    house: House, script: Script
) -> None:
    script.moves_inputs, script.settled = True, True
    assert build("sections", "guide", house).status == "made"
    receipt = house.lake.receipt("sections", "guide")
    assert receipt and receipt.inputs == {"file": "a"}
    assert state("sections", "guide", house) == "stale"


def test_a_killed_writer_shows_and_is_repaired(house: House, script: Script) -> None:
    build("sections", "guide", house)
    (house.lake.folder("sections", "guide") / "_receipt.json").unlink()
    assert state("sections", "guide", house) == "interrupted"
    assert build("sections", "guide", house).status == "made"


def test_an_unknown_asset_lists_the_known_ones(house: House) -> None:
    with pytest.raises(BookError, match="instruction_pairs") as caught:
        build("nonsense", None, house)
    assert caught.value.code is Code.UNKNOWN_ASSET
