"""Two runs that would work in one folder: the second is told, and what the first has is left."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from booktune_assets.alone import alone
from booktune_assets.chain.build import build
from booktune_assets.chain.house import House
from booktune_assets.chain.stages import bare_spec
from booktune_assets.cli import cli
from booktune_assets.errors import Code, ServiceDown
from booktune_assets.settings import Settings
from booktune_assets.settings_training import Training
from booktune_assets.training import stages

# a value of each key that is not the one of the home's settings
OTHER: dict[str, Any] = {
    "rank": 32, "learning_rate": 1e-4, "steps": 7, "seq_len": 128, "batch_rows": 3, "cut_max": 0.3,
    "rehearsal_share": 0.4, "ssr_share": 0.5, "seed": 5, "rslora": "on", "curriculum": "shuffled",
    "save_every": 2, "resume": "never", "checkpointing": "on", "quantise": "nf4",
    "forgetting": [{"kind": "l2"}],
}  # fmt: skip
# what decides before a run, or what follows it
ELSEWHERE = {"model", "sweep", "chat_format", "stages", "stage_heldout_percent"}


def test_an_asset_that_another_run_builds_is_no_failure(home: Path) -> None:
    house = House.open(Settings.load(home))
    begun = home / "work" / "lora_adapter" / "checkpoints"
    begun.mkdir(parents=True)
    with alone(home / "work" / "lora_adapter"):
        with pytest.raises(ServiceDown):  # for a retry
            build("lora_adapter", None, house)
        outcome = build("lora_adapter", None, house, last_try=True)
    assert outcome.error is not None and outcome.error.code is Code.BUSY
    assert house.lake.failure("lora_adapter", "lora_adapter") is None
    assert begun.is_dir()


def test_a_disk_that_is_full_before_a_child_begins_is_no_defect(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(home / "work" / "x.jsonl"))

    monkeypatch.setattr("booktune_assets.chain.models.books_run", full)
    house = House.open(Settings.load(home))
    with pytest.raises(ServiceDown) as caught:
        build("lora_adapter", None, house)
    assert caught.value.code is Code.DISK and "Free space" in caught.value.remedy
    assert str(caught.value.where["path"]).endswith("x.jsonl")


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("sweep", ["sweep", "--rate", "1e-3", "--steps", "2"]),
        ("expanded", ["model", "expand", "OUT"]),
    ],
)
def test_a_verb_says_who_works_there(
    home: Path, tmp_path: Path, folder: str, words: list[str]
) -> None:
    words = [str(tmp_path / "out") if word == "OUT" else word for word in words]
    with alone(home / "work" / folder):
        told = CliRunner().invoke(cli, ["--home", str(home), *words])
    assert told.exit_code == 3, told.output
    assert "BUSY" in told.output and "Wait" in told.output
    assert not (tmp_path / "out").exists()


def test_of_two_runs_that_need_a_stage_one_trains_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other finished it between the first look and the lock: it is taken up."""
    looks: list[stages.Staged | None] = [None, stages.Staged("general", tmp_path, {}, [])]

    def look(*_: Any) -> stages.Staged | None:
        return looks.pop(0)

    def place(*_: Any) -> Path:
        return tmp_path / "general"

    def never(*_: Any) -> None:
        pytest.fail("hours are spent twice")

    for name, other in (("_as_it_was", look), ("_place", place), ("train", never)):
        monkeypatch.setattr(stages, name, other)
    run: Any = stages._stage  # pyright: ignore[reportPrivateUsage]
    assert run("general", None, [], tmp_path).name == "general"
    looks[:] = [None]
    with alone(tmp_path / "general"), pytest.raises(ServiceDown) as caught:
        run("general", None, [], tmp_path)
    assert caught.value.code is Code.BUSY


def test_every_training_setting_reaches_the_run(home: Path) -> None:
    assert OTHER.keys() | ELSEWHERE == Training.model_fields.keys()
    before = Settings.load(home)
    plain = bare_spec(House.open(before))
    for key, value in OTHER.items():
        given = {**before.training.model_dump(mode="json"), key: value}
        settings = Settings(home=home, training=Training.model_validate(given))
        assert bare_spec(House.open(settings)) != plain, key
