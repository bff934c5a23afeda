"""The asset ``lora_adapter`` itself, in memory, on the random model: stages, and what is not made
twice. Children are real."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from booktune_assets.assets.models import lora_adapter
from booktune_assets.assets.resources import HOUSE
from booktune_assets.chain.build import build, state
from booktune_assets.chain.house import House
from booktune_assets.chain.stage_texts import split_stages
from booktune_assets.ids import file_sha256
from booktune_assets.llm.models import TINY, prepare
from booktune_assets.settings import Evaluation, Settings
from booktune_assets.settings_training import Post, Rehearsal, Stage, Training
from booktune_assets_tests.chain.test_books import chain, markdown, put

FIGURES = {
    "model": TINY,
    "rank": 16,
    "steps": 3,
    "seq_len": 96,
    "batch_rows": 1,
    "cut_max": 1.0,
    "learning_rate": 1e-3,
}
WEIGHTS = "adapter/adapter_model.safetensors"


def opened(home: Path, post: Post, **training: Any) -> House:
    return House.open(
        Settings(
            home=home,
            training=Training(**FIGURES | training),
            post=post,
            rehearsal=Rehearsal(replay_rows=4, synthesised_rows=0),
            evaluation=Evaluation(general_texts=2),
        )
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a small book, its set and a rehearsal set."""
    house = opened(tmp_path_factory.mktemp("home"), Post())
    house.settings.books.mkdir(parents=True)
    put(house, "shelves.md", markdown(12))
    chain(house, "shelves")
    prepare(TINY, house.settings.models)
    for asset in ("sharegpt_set", "rehearsal_set"):
        assert build(asset, None, house).error is None
    return house.settings.home


class Made:
    """What a materialisation left behind."""

    def __init__(self, house: House) -> None:
        with dg.DagsterInstance.ephemeral() as instance:
            done = dg.materialize([lora_adapter], instance=instance, resources={HOUSE: house})
            assert done.success
            self.log = [one.user_message for one in instance.all_logs(done.run_id)]
            seen = instance.fetch_observations(dg.AssetKey("lora_adapter"), limit=99).records
            self.figures = [one.asset_observation.metadata for one in reversed(seen)]
            (event,) = done.asset_materializations_for_node("lora_adapter")
            self.shown = {name: value.value for name, value in event.metadata.items()}
        self.key = house.lake.current_key("lora_adapter") or ""
        self.folder = house.lake.folder("lora_adapter", self.key)
        self.row = house.lake.read("lora_adapter", self.key).row(0, named=True)
        self.stages = house.lake.read("lora_adapter__stages", self.key).sort("place").to_dicts()
        self.curve = house.lake.read("lora_adapter__curve", self.key)

    def children(self) -> int:
        """How many child processes spoke."""
        return sum("successfully opened" in line for line in self.log)


@pytest.mark.slow
def test_books_alone_and_a_change_of_post_only(built: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(built, tmp_path / "home"))
    one = Made(opened(home, Post(alpha_curve=[0.5], curve_texts=2)))
    assert [stage["stage"] for stage in one.stages] == ["books"]
    assert one.stages[0]["began_from"] == "tiny-random"
    assert one.children() == 2  # training, and what follows it
    assert [figures["step"].value for figures in one.figures] == [1, 2, 3]
    assert one.shown["loss_last"] == pytest.approx(one.row["loss_last"])
    assert one.shown["tokens_per_second"] > 0 and one.shown["peak_mb"] > 100
    assert any(line.startswith("training 3/3 (100 %) — loss ") for line in one.log)

    assert one.shown["strength"] == 1 and "0.01 nats" in one.shown["strengths"]
    assert one.shown["alpha curve"].startswith("Strengths: held-out answers' loss")

    house = opened(home, Post(alpha_curve=[0.25, 0.75], curve_texts=2, lines=True, strength=0.75))
    other = Made(house)
    assert other.children() == 1 and not any("training 3/3" in line for line in other.log)
    assert any("training: as it was" in line for line in other.log)
    assert other.key != one.key
    assert set(other.curve["alpha"]) == {0.0, 0.25, 0.75, 1.0} != set(one.curve["alpha"])
    same = ("loss_first", "loss_last", "steps", "tokens", "seconds", "environment")
    assert {name: other.row[name] for name in same} == {name: one.row[name] for name in same}
    assert other.row["adapter_sha256"] == file_sha256(other.folder / WEIGHTS)
    assert other.row["adapter_sha256"] != one.row["adapter_sha256"], "scaled by depth"
    assert other.shown["strength"] == 0.75
    assert (one.folder / WEIGHTS).is_file(), "the adapter before stands as it was"
    assert file_sha256(one.folder / WEIGHTS) == one.row["adapter_sha256"]


WORDS = ("tide", "moon", "harbour", "boat", "rope", "anchor", "light", "storm", "pilot", "chart")


def _words(number: int) -> str:
    draw = random.Random(number)
    return " ".join(draw.choice(WORDS) + str(draw.randrange(9)) for _ in range(30))


def _texts(folder: Path) -> dict[str, Stage]:
    """Texts of two stages, each document like no other."""
    general, domain = folder / "general", folder / "domain.jsonl"
    general.mkdir()
    for number in range(48):
        (general / f"{number}.txt").write_text(_words(number))
    codes = [f"def {_words(number).replace(' ', '_')}, do: {number}" for number in range(48)]
    domain.write_text("".join(json.dumps({"text": code}) + "\n" for code in codes))
    return {"general": Stage(texts=general, steps=2), "domain": Stage(texts=domain, steps=2)}


@pytest.mark.slow
def test_stage_after_stage_through_the_asset(built: Path, tmp_path: Path) -> None:
    """A fourth of the stages' documents is held out, and scored after every stage."""
    home, stages = Path(shutil.copytree(built, tmp_path / "home")), _texts(tmp_path)
    ways = [{"kind": "replay"}, {"kind": "si"}, {"kind": "ewc", "n": 4}]
    post = Post(alpha_curve=[0.5], curve_texts=1)
    house = opened(home, post, stages=stages, stage_heldout_percent=25, forgetting=ways)
    made = Made(house)
    assert [stage["stage"] for stage in made.stages] == ["general", "domain", "books"]
    assert [stage["began_from"] for stage in made.stages] == ["tiny-random", "general", "domain"]
    assert len({stage["adapter_sha256"] for stage in made.stages}) == 3
    assert made.children() == 5  # a look at the run over the books, three stages, what comes after
    for name in ("general", "domain"):
        for file in (WEIGHTS, "pool.jsonl", "reference.json", "left/si.safetensors"):
            assert (made.folder / "stages" / name / file).is_file(), (name, file)
    told = made.shown["stages"].splitlines()[2:]
    ends = [line.split(" | ")[:2] for line in told]
    assert ends == [["| general", "domain"], ["| general", "books"], ["| domain", "books"]]
    metrics = json.loads(made.row["metrics"])
    assert {name.split(".")[0] for name in metrics} >= {"si", "ewc"}
    assert {path.name for path in (made.folder / "left").iterdir()} >= {"si.safetensors"}

    sides = split_stages(house.settings.training)
    held = {text for side in sides.values() for text in side.held.values()}
    assert all(len(side.held) >= 8 for side in sides.values())
    for name in ("general", "domain"):
        pool = (made.folder / "stages" / name / "pool.jsonl").read_text().splitlines()
        rows = [json.loads(line)["text"] for line in pool]
        assert len(rows) == 48 - len(sides[name].held) and not held & set(rows)
    _scored_after_every_stage(house, {name: len(side.held) for name, side in sides.items()})
    new = tmp_path / "general" / "new.txt"  # whichever side it is on, something is stale
    new.write_text(_words(10_000))
    known = split_stages(house.settings.training)["general"].digest == sides["general"].digest
    assert state("lora_adapter", None, house) == ("current" if known else "stale")


def _scored_after_every_stage(house: House, held: dict[str, int]) -> None:
    names = ["stage_texts_general", "stage_texts_domain", "general_text"]
    scored = Evaluation(suites=names, general_texts=2, comparison=False, bootstrap=400)
    house = House.open(house.settings.model_copy(update={"evaluation": scored}))
    done = build("eval_report", None, house)
    assert done.error is None, done.error
    totals, cells, figures, items = (
        house.lake.read(table, done.key).to_dicts()
        for table in ("eval_report", "eval_report__stages", "eval_report__stage_figures",
                      "eval_report__items")
    )  # fmt: skip
    by_suite = {one["suite"]: one for one in totals}
    assert {one["suite"]: one["taught_by"] for one in cells} == {
        "stage_texts_general": "general", "stage_texts_domain": "domain"}  # fmt: skip
    for name, count in held.items():
        mine = {one["stage"]: one for one in cells if one["taught_by"] == name}
        assert list(mine) == ["base", "general", "domain", "books"]
        suite = by_suite[f"stage_texts_{name}"]
        assert suite["n"] == suite["clusters"] == mine["books"]["n"] == count
        assert mine["base"]["score"] == pytest.approx(suite["base"])
        assert mine["books"]["score"] == pytest.approx(suite["tuned"])
        assert mine["books"]["low"] < mine["books"]["change"] < mine["books"]["high"]
    sides = split_stages(house.settings.training).values()
    assert {one["reference"].strip() for one in items if one["suite"] != "general_text"} == {
        text.strip() for side in sides for text in side.held.values()
    }
    assert {one["figure"] for one in figures} == {"average", "backward", "forgotten", "forward"}
    assert all(one["low"] < one["value"] < one["high"] for one in figures)
    page = (house.lake.folder("eval_report", done.key) / "report.html").read_text()
    assert "held-out texts of the domain stage" in page and "<td>BWT</td>" in page
    receipt = house.lake.receipt("eval_report", done.key)
    assert receipt and "BWT over stages" in str(receipt.notes["summary"])
    assert state("eval_report", None, house) == "current"
