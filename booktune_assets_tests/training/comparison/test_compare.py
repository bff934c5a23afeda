"""The whole way at a size of seconds: stages, arms, results by content, verdicts, page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from booktune_assets.training.comparison import drive, runner
from booktune_assets.training.comparison.arms import ARMS, FREE, SEEDS, Scale, present
from booktune_assets.training.comparison.corpora import Corpus, corpora
from booktune_assets.training.comparison.drive import Compared, compare
from booktune_assets.training.comparison.page import Spent, _strengths, fragment, page
from booktune_assets.training.comparison.readme import readme_table
from booktune_assets.training.comparison.runner import run_arm
from booktune_assets.training.comparison.stages import Begun, begin
from booktune_assets.training.comparison.verdicts import Row, rows, signs
from booktune_assets.training.strategies.registry import KINDS

TINY = Scale(
    hidden=16, layers=1, general_steps=6, general_rate=1e-2, domain_steps=4, books_steps=4, rank=2,
    rate=1e-2, memory=8, measured=4, checkpoints=(0.5, 1.0), budgets=(0.5,), alphas=(0.5,),
)  # fmt: skip


def test_the_plan_is_fair() -> None:
    assert {len(arm.grid) for arm in ARMS} == {0, 4}
    assert all(bool(arm.grid) == bool(arm.knob) for arm in ARMS)
    assert len({arm.name for arm in ARMS}) == len(ARMS)
    assert len(SEEDS) >= 6
    for arm in ARMS:
        jobs = [json.dumps(arm.at(value).job(), sort_keys=True) for value in arm.grid]
        assert len(set(jobs)) == len(arm.grid), "the knob turns"
    assert all(s["kind"] in KINDS for arm in present() for s in arm.forgetting)
    assert [arm.name for arm in present(["naive", "replay"])] == ["naive", "replay"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Compared]:
    work = tmp_path_factory.mktemp("compared")
    return work, compare(work, TINY, present(["naive", "replay"]), [0], processes=1)


def test_one_seed_and_two_arms(made: tuple[Path, Compared]) -> None:
    _, found = made
    assert found.ran == 2
    naive, replay = found.curve(0, "naive"), found.curve(0, "replay")
    assert [point["at"] for point in naive] == [0, 2, 4]
    assert naive[0] == replay[0] == found.curve(0, "decay")[0], "the same checkpoint"
    assert naive[-1] != replay[-1]
    general, domain = (found.results[0]["naive"]["scores"][stage] for stage in (1, 2))
    assert domain["domain"] < general["domain"], "stage 2 learned"
    alpha = found.curve(0, "alpha")
    assert {k: v for k, v in alpha[0].items() if k != "at"} == pytest.approx(
        {k: v for k, v in naive[0].items() if k != "at"}, abs=1e-5
    )
    assert alpha[-1]["books"] == pytest.approx(naive[-1]["books"], abs=1e-5)


def test_a_second_start_runs_nothing_and_a_lost_result_alone(
    made: tuple[Path, Compared],
) -> None:
    work, first = made
    again = compare(work, TINY, first.arms, [0], processes=1)
    assert again.ran == 0
    assert again.results == first.results
    file = next(
        path
        for path in (work / "results").iterdir()
        if "replay" in json.loads(path.read_text())["curves"]
    )
    file.unlink()
    third = compare(work, TINY, first.arms, [0], processes=1)
    assert third.ran == 1
    assert third.results[0]["replay"]["curves"] == first.results[0]["replay"]["curves"]


def test_what_changes_the_figures_changes_the_key(tmp_path: Path) -> None:
    house = drive._House(tmp_path, TINY, 1)  # pyright: ignore
    other = drive._House(tmp_path, replace(TINY, rank=4), 1)  # pyright: ignore
    arm = present(["replay"])[0]
    files = {
        house.order(one, seed, split, "")["file"]
        for one in (arm, arm.at(0.5))
        for seed in (0, 1)
        for split in ("test", "validation")
    } | {other.order(arm, 0, "test", "")["file"]}
    assert len(files) == 9


def _compared(
    lost: dict[str, float], n: int = 6, gains: dict[str, float] | None = None
) -> Compared:
    """Made-up results: straight curves, and seeds that differ a little."""
    arms = present(["naive", "low_rate", "replay", "kl", "dft"])
    results = {}
    for seed in range(n):
        of_seed = {}
        for name, slope in lost.items():
            gain = (gains or {}).get(name, 1.0)
            curve = [
                {"at": k, "books": 4.0 - gain * k / 4,
                 "general": 3.0 + gain * k / 4 * (slope + 0.001 * seed * (1 + len(name))),
                 "domain": 3.0 + gain * k / 4 * (slope - 0.001 * seed)}
                for k in range(5)
            ]  # fmt: skip
            host = "naive" if name in ("decay", "alpha", "lines") else name
            one = of_seed.setdefault(host, {"curves": {}, "cpu_seconds": 1.0})
            one["curves"][name] = curve
            score = {"general": 3.0, "domain": 3.0, "books": 4.0}
            one["scores"] = [dict.fromkeys(score, 8.0), score, score]
        results[seed] = of_seed
    return Compared(Scale(), arms, range(n), results)


FREE_ONES = {"naive": 0.4, "decay": 0.38, "alpha": 0.2, "lines": 0.5, "low_rate": 0.35}


def _row(found: list[Row], name: str) -> Row:
    return next(row for row in found if row.name == name)


def test_verdicts_of_known_differences() -> None:
    made = _compared(
        FREE_ONES | {"replay": 0.1, "kl": 0.25, "dft": 0.0}, gains={"dft": 0.3, "kl": 0.8}
    )
    found = rows(made)
    replay, kl, dft = (_row(found, name) for name in ("replay", "kl", "dft"))
    assert replay.sentence().startswith("forgets less than naive at equal learning: −0.2")
    assert "and less than all four that are free; at 85% of naive's most" in replay.sentence()
    assert set(replay.versus) == set(FREE)
    assert "but no less than alpha scaling; does not always gain 85%" in kl.sentence()
    assert dft.sentence().startswith("did not learn: gained 0.30")
    # equal learning: 0.9 of the smallest largest gain of those that learned, kl's 0.8
    assert replay.lost_equal == pytest.approx(0.72 * 0.1, abs=0.02)
    assert _row(found, "naive").versus.keys() == {"decay", "low_rate", "alpha"}
    assert replay.versus["naive"].p == 2 / 64
    assert replay.holm == pytest.approx(2 * 2 / 64), "a family of two methods that learned"
    assert _row(found, "alpha").sentence().startswith("forgets less")
    assert "forgets more" in _row(found, "lines").sentence()


def test_few_seeds_say_so_and_a_failure_is_a_row() -> None:
    made = _compared(FREE_ONES | {"replay": 0.1, "kl": 0.2, "dft": 0.3}, n=3)
    failed = {"curves": {}, "error": "BAD_SETTING: mend it"}
    made = replace(made, results={**made.results, 1: {**made.results[1], "kl": failed}})
    found = rows(made)
    assert "less in 3 of 3 seeds (too few for a test)" in _row(found, "replay").sentence()
    assert _row(found, "kl").sentence() == "did not run: BAD_SETTING: mend it"
    assert {sign.holds for sign in signs(made, found) if "replay forgets" in sign.expected} == {
        None
    }


def test_signs_tell_what_came_out() -> None:
    made = _compared(FREE_ONES | {"replay": 0.6, "kl": 0.2, "dft": 0.3})
    said = [sign.words() for sign in signs(made, rows(made))]
    assert said[0].startswith("✗ replay forgets less than naive")
    assert any(line.startswith("– EWC") for line in said)
    assert any(line.startswith("✓ alpha curve: what is gained") for line in said)


def test_the_page_shows_every_method_and_stands_alone() -> None:
    made = _compared(FREE_ONES | {"replay": 0.1, "kl": 0.2, "dft": 0.3})
    found = rows(made)
    html = page(made, found, signs(made, found))
    for row in found:
        assert row.title.replace("&", "&amp;") in html
    assert html.count("<svg") == 2
    assert "<script" not in html
    assert "src=" not in html
    assert "nan" not in html.lower().replace("finance", "")
    assert "<svg" in fragment(made, found)


def test_a_grid_goes_on_beyond_its_end_as_far_as_the_setting_allows() -> None:
    arms = {arm.name: arm for arm in ARMS}

    def beyond(name: str, tried: Sequence[float], value: float) -> float | None:
        return arms[name].beyond(tried, value)

    grid = arms["ewc_factored"].grid
    assert beyond("ewc_factored", grid, 0.1) is None, "no end"
    assert beyond("ewc_factored", grid, 0.03) == pytest.approx(0.009)
    assert beyond("ewc_factored", [0.009, *grid], 0.009) == pytest.approx(0.0027)
    assert beyond("ewc_factored", [1.0, 5.0], 5.0) is None, "a share of the loss is below 10"
    # parts of a whole come nearer to 1 and never there
    assert beyond("stm", arms["stm"].grid, 0.95) == pytest.approx(0.983)
    assert beyond("replay", arms["replay"].grid, 0.5) == pytest.approx(0.6)
    assert beyond("replay", arms["replay"].grid, 0.125) == pytest.approx(0.0625)


def test_a_strength_is_looked_for_beyond_the_grid_twice_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    def child(self: drive._House, number: int, orders: list[dict[str, Any]]) -> None:
        """Instead of training: the weaker L2, the less is lost; replay's best is 0.25."""
        for order in orders:
            job = order["job"]
            ran.append(f"{order['split']} {order['label']} {order['seed']}")
            lost = {
                "l2": lambda job: job["forgetting"][0]["strength"],
                "replay": lambda job: 0.1 + abs(job["share"] - 0.25),
            }.get(job["arm"], lambda job: 1.0)(job)
            curve = [
                {"at": k, "books": 4.0 - k / 4, "general": 3 + lost * k, "domain": 3 + lost * k}
                for k in range(5)
            ]
            Path(order["file"]).write_text(json.dumps({"curves": {job["arm"]: curve}}))

    monkeypatch.setattr(drive._House, "_child", child)
    made = compare(tmp_path, TINY, present(["naive", "replay", "l2"]), [0], tuning=[8, 9])
    assert made.grids["l2"] == pytest.approx([1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0])
    assert made.chosen == {"replay": 0.25, "l2": pytest.approx(1e-4)}
    assert made.grids["replay"] == [0.125, 0.25, 0.375, 0.5]
    assert made.ran == len(ran) == len(set(ran)) == 2 * (1 + 4 + 6) + 3
    assert sum(line.startswith("test") for line in ran) == 3
    again = compare(tmp_path, TINY, present(["naive", "replay", "l2"]), [0], tuning=[8, 9])
    assert (again.ran, again.known, again.chosen) == (0, made.ran, made.chosen)
    html = _strengths(made)
    assert "1 of 2 chosen ones lie at an end" in html
    assert "<b>0.0001</b> of [0.0001], [0.001], 0.01, 0.1, 1, 10, at the lower end" in html
    said = Spent("2026-01-01", 1234.5, 600, 2, 1.5).words(replace(made, known=3))
    assert f"{made.ran} runs, 3 results were known before; 1,234 CPU seconds, 10.0 min" in said


def test_what_arms_share_is_measured_once_and_is_what_each_would_measure(
    made: tuple[Path, Compared], tmp_path: Path
) -> None:
    work, _ = made
    texts = corpora(TINY.window)
    folder = next(path for path in work.glob("stages-*")) / "seed-0"
    begun = begin(texts, TINY, 0, folder)
    for name in ("ewc_factored", "ewc_lora"):
        arm = next(one for one in ARMS if one.name == name)
        shared = [
            run_arm(begun, arm.at(value).job(), texts, "validation", TINY) for value in (0.1, 1.0)
        ]
        assert shared[0]["curves"] != shared[1]["curves"]
        assert "moved" not in shared[0], "nobody asks while strengths are chosen"
        alone = _alone(begin(texts, TINY, 0, folder), arm.at(1.0).job(), texts)
        assert shared[1]["curves"][name] == alone, "bit for bit"
    assert len([key for key in begun.known if key[0] == "ewc"]) == 2
    assert len([key for key in begun.known if key[0] == "start"]) == 1
    naive = run_arm(begun, present(["naive"])[0].job(), texts, "validation", TINY)
    assert naive["curves"].keys() == {"naive"}


def _alone(begun: Begun, job: dict[str, Any], texts: dict[str, Corpus]) -> list[dict[str, float]]:
    """The curve when EWC measures importance itself, in ``fit``."""

    class Alone(runner._Run):
        def _earlier(self, sections: Any, old: Any) -> tuple[dict[str, Any], float]:
            return {}, 0.0

    run = Alone(begun, job, begun.tasks(texts, "validation", TINY), TINY, False)
    return run.train(TINY.books_steps)


def test_the_readme_has_every_figure_from_the_page() -> None:
    made = _compared(FREE_ONES | {"replay": 0.1, "kl": 0.25, "dft": 0.0}, gains={"dft": 0.3})
    found = rows(made)
    took = Spent("2026-01-01", 10, 60, 2, 1.0)
    table = readme_table(page(made, found, signs(made, found), took))
    lines = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert lines[0].startswith("| replay | \u22120."), "least lost first"
    assert lines[0].endswith("| yes, than all four |")
    replay, kl = (_row(found, name).versus["naive"] for name in ("replay", "kl"))
    assert f"[{replay.low:.3f}, {replay.high:.3f}]".replace("-", "\u2212") in lines[0]
    line = next(line for line in lines if line.startswith("| KL"))
    assert f"{kl.diff:.3f}".replace("-", "\u2212") in line
    assert line.endswith("| not less than alpha scaling |")
    assert "is free itself" in next(line for line in lines if "WiSE-FT" in line)
    assert "it forgets more" in next(line for line in lines if "LiNeS" in line)
    assert "Did not learn, or did not run: DFT." in table
    assert "Run on 2026-01-01: 0 runs; 10 CPU seconds" in table
