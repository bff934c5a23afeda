"""The sweep over learning rates: what is asked, what is kept, what is chosen, what is written."""

from __future__ import annotations

import json
import math
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from booktune_assets.chain.house import House
from booktune_assets.chain.sweep import _heldout as heldout_of  # pyright: ignore
from booktune_assets.chain.sweep import cost_of, rates_of, swept, with_rate
from booktune_assets.cli import cli
from booktune_assets.errors import BookError, BooktuneError, Code
from booktune_assets.llm.models import TINY
from booktune_assets.settings import Evaluation, Settings
from booktune_assets.settings_training import Training
from booktune_assets.training import sweep as runs
from booktune_assets.training.sweep import Tried, chosen
from booktune_assets.training.sweep_plot import sweep_svg
from booktune_assets_tests.builders import publish_rows


def call(home: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--home", str(home), "sweep", *words])


def test_cost_is_said_and_nothing_is_run(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "train", lambda *_: pytest.fail("a dry run trains nothing"))
    told = call(home, "--rate", "1e-4", "--rate", "1e-3", "--steps", "6", "--dry-run")
    assert told.exit_code == 0, told.output
    assert "2 rates (0.0001, 0.001), 6 steps each" in told.output
    assert f"at most {2 * 6 * 96:,} tokens" in told.output.replace("\n", " ")
    assert "28 s of starting, loading and measuring" in told.output, "two programs for each rate"
    assert "1 rate (0.0001)" in call(home, "--rate", "1e-4", "--dry-run").output
    assert rates_of(Settings.load(home)) == [5e-5, 1e-4, 2e-4, 4e-4, 8e-4]


@pytest.mark.slow
def test_a_real_sweep_goes_on_and_writes_only_when_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--rate", "1e-5", "--rate", "5e-3", "--steps", "6")
    train = runs.train
    begun: list[float] = []

    def stopped(spec: Any, work: Path) -> Any:
        begun.append(spec.learning_rate)
        if len(begun) == 2:
            raise BooktuneError(Code.CHILD_FAILED, "stopped in the middle")
        return train(spec, work)

    monkeypatch.setattr(runs, "train", stopped)
    assert call(home, *words).exit_code == 1 and begun == [1e-5, 5e-3]
    before = (home / "booktune.toml").read_text()
    told = call(home, *words)
    assert told.exit_code == 0, told.output
    assert begun == [1e-5, 5e-3, 5e-3], "the first was done"
    assert (home / "booktune.toml").read_text() == before
    (folder,) = (home / "reports" / "sweep").iterdir()
    report = json.loads((folder / "sweep.json").read_text())
    low, high = report["rates"]
    assert report["chosen"] == 5e-3 and not report["shared_with_evaluation"]
    assert high["heldout"] < low["heldout"] < low["heldout_base"] == high["heldout_base"]
    assert 0.5 < high["heldout"] < 20
    assert (
        "chosen" in (folder / "sweep.md").read_text()
        and "<svg" in (folder / "sweep.svg").read_text()
    )
    house = House.open(Settings.load(home))
    assert house.lake.current_key("lora_adapter") is None, "no adapter is published"
    assert not list((home / "work" / "sweep").iterdir())
    told = call(home, *words, "--use")
    assert told.exit_code == 0 and len(begun) == 3
    after = (home / "booktune.toml").read_text()
    assert (
        tomllib.loads(after)["training"]["learning_rate"] == 5e-3 and "# a comment stays" in after
    )


def test_what_it_lacks_is_said_before_a_model_is_fetched(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepared(*_: object) -> None:
        pytest.fail("no model is needed to say so")

    monkeypatch.setattr("booktune_assets.llm.models.prepare", prepared)
    bare = House.open(Settings(home=tmp_path / "bare"))
    with pytest.raises(BookError, match="rehearsal_set") as caught:
        swept(bare, [1e-4], 2)
    assert caught.value.code is Code.NOT_BUILT
    house = House.open(Settings.load(home))
    publish_rows(house.lake, "sharegpt_set", "data_none", {})
    with pytest.raises(BookError) as caught:
        swept(house, [1e-4], 2)
    assert caught.value.code is Code.NO_EXAMPLES


def test_answers_that_an_evaluation_asks_are_the_last_resort(home: Path) -> None:
    settings = Settings.load(home)
    key = House.open(settings).lake.current_key("sharegpt_set") or ""
    free, shared = heldout_of(House.open(settings), key)
    assert len(free) >= 8 and not shared
    all_asked = settings.model_copy(update={"evaluation": Evaluation(answers=500)})
    rows, shared = heldout_of(House.open(all_asked), key)
    assert shared and len(rows) >= len(free)


def test_a_rate_that_breaks_off_is_a_row(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: Any) -> Any:
        time.sleep(0.2)
        raise BooktuneError(Code.NAN_LOSS, "Lower it")

    monkeypatch.setattr(runs, "train", breaks)
    told = call(home, "--rate", "0.01", "--steps", "4")
    assert told.exit_code == 1 and "NAN_LOSS" in told.output and "none is chosen" in told.output
    (folder,) = (home / "reports" / "sweep").iterdir()
    (row,) = json.loads((folder / "sweep.json").read_text())["rates"]
    assert row["seconds"] >= 0.2, "what passed, not what a child says of itself"


@pytest.mark.parametrize("rate", ["nan", "inf", "0", "0.02"])
def test_a_rate_that_settings_would_refuse_is_refused_before_it_is_tried(
    home: Path, monkeypatch: pytest.MonkeyPatch, rate: str
) -> None:
    """--use would write it into the file, and no verb could read that again."""
    monkeypatch.setattr(runs, "train", lambda *_: pytest.fail("nothing is trained"))
    assert call(home, "--rate", rate).exit_code == 2
    with pytest.raises(ValueError, match="sweep"):
        Training(sweep=[float(rate)])


def test_the_estimate_goes_by_the_newest_adapter_and_counts_stages_once(home: Path) -> None:
    file = home / "booktune.toml"
    house = House.open(Settings.load(home))
    plain = cost_of(house, [1e-4, 1e-3], 10)
    assert plain.before == 0 and plain.beside >= 28
    adapter = f"ada_{'1' * 20}"
    row = {
        "adapter_id": adapter, "base": TINY, "base_revision": "r", "dataset_id": f"data_{'1' * 20}",
        "rehearsal_id": "", "rank": 16, "scale": 2.0, "learning_rate": 1e-4, "seed": 0,
        "forgetting": "[]", "metrics": "{}", "environment": "{}", "trainable": 1, "examples": 1,
        "rehearsal_rows": 0, "steps": 20, "tokens": 1920, "loss_first": 2.0, "loss_last": 1.0,
        "seconds": 50.0, "adapter_sha256": "",
    }  # fmt: skip
    steps = [
        {"adapter_id": adapter, "step": n, "loss": 1.0, "lr": 1e-4, "grad_norm": 1.0,
         "tokens": 96 * n, "seconds": 2.0 * n, "metrics": "{}"}
        for n in range(1, 21)
    ]  # fmt: skip
    publish_rows(
        house.lake, "lora_adapter", adapter, {"lora_adapter": [row], "lora_adapter__steps": steps}
    )
    known = cost_of(house, [1e-4, 1e-3], 10)
    assert known.training == pytest.approx(2 * 10 * 2.0), "the rest of the run is no step"
    assert known.beside >= 2 * 2 * (7 + 10), "the run's other ten seconds are loading"
    file.write_text(
        file.read_text() + f'[training.stages.general]\ntexts = "{home}"\nsteps = 1000\n'
    )
    house = House.open(Settings.load(home))
    one, two = (cost_of(house, rates, 10) for rates in ([1e-4], [1e-4, 1e-3]))
    assert one.before == two.before > 0


def tried(rate: float, heldout: float, base: float = 2.0) -> Tried:
    return Tried(rate, heldout, base, 1.0 + rate, 1.0, 3.0, 5, 1.0)


def test_of_rates_that_learn_alike_the_lowest() -> None:
    near = [tried(1e-5, 1.9), tried(2e-5, 1.5015), tried(5e-5, 1.5), tried(1e-4, 1.6)]
    best = chosen(near)
    assert best is not None and best.learning_rate == 2e-5
    worse = chosen([tried(1e-5, 2.1), tried(2e-5, 2.0), Tried(1.0, error="NAN_LOSS")])
    assert worse is None, "nothing was learned"
    picture = sweep_svg(near, best)
    assert picture.count("<circle") == 8 and '<text x="' in picture
    assert 'font-weight="bold">2e-05<' in picture
    assert sweep_svg(near[:1], best) == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[training]\n",
        "profile = 'tiny'\n[training] # mine\nrank = 16\n[post]\nlines = true\n",
        "[training]\n  learning_rate = 3e-4 # old\n[training.stages.general]\ntexts = 'a'\n",
        "[training.stages.general]\ntexts = 'a'\nlearning_rate = 1e-3\n",
    ],
)
def test_one_line_of_the_settings_file(text: str) -> None:
    before, after = tomllib.loads(text), tomllib.loads(with_rate(text, 2e-5))
    assert after["training"]["learning_rate"] == 2e-5
    after["training"].pop("learning_rate")
    before.get("training", {}).pop("learning_rate", None)
    assert after == before | {"training": before.get("training", {})}
    for line in text.splitlines():
        assert line in with_rate(text, 2e-5) or "learning_rate" in line


@pytest.mark.parametrize(
    "text", ["training = {rank = 16}\n", "training.rank = 16\n", 'x = """\n[training]\n"""\n']
)
def test_a_file_that_cannot_be_changed_safely_stays(text: str) -> None:
    with pytest.raises(BookError) as caught:
        with_rate(text, math.pi)
    assert caught.value.code is Code.BAD_SETTING and "learning_rate" in caught.value.remedy
