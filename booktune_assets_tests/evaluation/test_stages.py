"""Figures over stages, against a calculation by hand and against those of the comparison."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booktune_assets.contracts import check
from booktune_assets.evaluation import run
from booktune_assets.evaluation.items import Item
from booktune_assets.evaluation.report_stages import said_of_stages, stages
from booktune_assets.evaluation.run import evaluate
from booktune_assets.evaluation.staged import StageRows, score_stages
from booktune_assets.evaluation.stages import stage_figures
from booktune_assets.evaluation.suites import open_suites
from booktune_assets.ids import stable_int
from booktune_assets.schemas_evaluation import EVAL_STAGE_FIGURES, EVAL_STAGES
from booktune_assets.settings import Evaluation
from booktune_assets.training.comparison import statistics
from booktune_assets_tests.evaluation.echo import spec_of, use_echo

NUMBER = st.integers(-100, 100)


def test_by_hand() -> None:
    found = stage_figures(
        {"general": [60.0, 70.0, 55.0], "domain": [20.0, 50.0, 45.0], "books": [10.0, 15.0, 40.0]},
        {"general": 0, "domain": 1, "books": 2},
        {"general": 40.0, "domain": 10.0, "books": 5.0},
    )
    assert found.average == pytest.approx((55 + 45 + 40) / 3)
    assert found.backward == pytest.approx(((55 - 60) + (45 - 50)) / 2)  # since their own stage
    assert found.forgotten == pytest.approx(((70 - 55) + (50 - 45)) / 2)  # since their best
    assert found.forward == pytest.approx(((20 - 10) + (15 - 5)) / 2)  # before their own stage
    assert found.gain == pytest.approx(40 - 15)


def test_two_tasks_of_one_stage_and_a_stage_without_any() -> None:
    found = stage_figures(
        {"prose": [5.0, 4.0, 3.0], "code": [8.0, 9.0, 7.0], "books": [0.0, 0.0, 6.0]},
        {"prose": 0, "code": 0, "books": 2}, {"prose": 1.0, "code": 2.0, "books": 0.0},
    )  # fmt: skip
    assert found.backward == pytest.approx(((3 - 5) + (7 - 8)) / 2)
    assert found.forgotten == pytest.approx(((5 - 3) + (9 - 7)) / 2)
    assert found.gain == 6.0
    alone = stage_figures({"books": [6.0]}, {"books": 0}, {"books": 2.0})
    assert (alone.gain, alone.backward, alone.forgotten, alone.forward) == (4.0, None, None, None)
    with pytest.raises(ValueError, match="every stage"):
        stage_figures({"a": [1.0], "b": [1.0, 2.0]}, {"a": 0, "b": 0}, {"a": 0.0, "b": 0.0})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(2, 4).flatmap(lambda n: st.tuples(
    st.lists(st.lists(NUMBER, min_size=n, max_size=n), min_size=n, max_size=n),
    st.lists(NUMBER, min_size=n, max_size=n),
)))  # fmt: skip
def test_equal_to_the_comparison_where_every_stage_has_one_task(
    drawn: tuple[list[list[int]], list[int]],
) -> None:
    matrix, before = drawn
    names = [str(task) for task in range(len(matrix))]
    mine = stage_figures(
        {name: [line[task] for line in matrix] for task, name in enumerate(names)},
        {name: task for task, name in enumerate(names)}, dict(zip(names, before, strict=True)),
    )  # fmt: skip
    theirs = statistics.stages(matrix, before)
    for name, value in theirs.items():
        assert getattr(mine, name) == pytest.approx(value, abs=1e-9)


def test_every_stage_is_asked_about_the_tasks_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_echo(monkeypatch)
    asked: list[tuple[str | None, tuple[str, ...]]] = []
    in_process = run.run_child

    def watched(child: str, spec: dict[str, object], work: Path) -> dict[str, object]:
        asked.append((str(spec["adapter"]), tuple(spec["arms"])))  # type: ignore[arg-type]
        return in_process(child, spec, work)

    monkeypatch.setattr(run, "run_child", watched)
    first = tmp_path / "general"
    first.mkdir()
    (first / "adapter_model.safetensors").write_bytes(b"weights")
    spec = spec_of(tmp_path, stages=[("general", first), ("books", None)])
    made = evaluate(spec, tmp_path / "work")
    assert [arms for _, arms in asked] == [("base", "tuned"), ("tuned",)]
    assert asked[1][0] == str(first)
    rows = made.frames["eval_report__stages"].to_dicts()
    assert {(one["suite"], one["taught_by"]) for one in rows} == {
        ("general_text", "general"), ("book_sections", "books")}  # fmt: skip
    cells = {(one["suite"], one["stage"]): one["score"] for one in rows}
    totals = {one["suite"]: one for one in made.frames["eval_report"].to_dicts()}
    for suite in ("general_text", "book_sections"):
        assert cells[suite, "base"] == pytest.approx(totals[suite]["base"])
        assert cells[suite, "books"] == pytest.approx(totals[suite]["tuned"])
        assert cells[suite, "general"] == pytest.approx(totals[suite]["tuned"])  # echo: any adapter
    figures = {one["figure"]: one for one in made.frames["eval_report__stage_figures"].to_dicts()}
    assert {name: one["n"] for name, one in figures.items()} == {
        "average": 24, "backward": 12, "forgotten": 12, "forward": 12, "gain": 12}  # fmt: skip
    for name in ("gain", "backward", "forgotten"):  # nothing changed, for every text alike
        assert figures[name]["value"] == 0 and figures[name]["low"] is None
        assert figures[name]["verdict"] == "too few items to tell (n=12 of 12 sources, all alike)"
    assert figures["forward"]["low"] < figures["forward"]["value"] < figures["forward"]["high"]
    assert figures["forward"]["verdict"].startswith("better by 0.2")
    assert "average over stages" in "\n".join(made.staged)
    assert made.summary[-len(made.staged) :] == made.staged
    page = made.files["report.html"].read_text()
    mean = (totals["general_text"]["tuned"] + totals["book_sections"]["tuned"]) / 2
    assert f'<td>average</td><td class="n">{mean:.3f}</td>' in page.split("each stage kept")[1]


def test_a_stage_that_lost_items_says_so_and_has_no_figures(tmp_path: Path) -> None:
    suites = open_suites(["general_text", "book_sections"])
    items = {one.card.name: [Item(f"{n}", "text", "some text") for n in range(3)] for one in suites}
    nan = {"error": "not_finite"}
    broken = {"general_text": [nan, nan, nan], "book_sections": [nan, [9.0, 3, 9], [9.0, 3, 9]]}

    def ask(*_: object) -> Mapping[str, Mapping[str, object]]:
        return {"tuned": {f"{suite}/{n}": value for suite, some in broken.items()
                          for n, value in enumerate(some)}}  # fmt: skip

    arms = {arm: {f"{n}": [8.0, 3, 9] for n in range(3)} for arm in ("base", "tuned")}
    known = [row for one in suites for row in one.score(items[one.card.name], arms)]
    folder = [("general", tmp_path), ("books", None)]
    found = score_stages(folder, suites, items, known, ask, tmp_path, Evaluation())
    rows = found.cells
    cells = {(one["suite"], one["stage"]): (one["n"], one["lost"]) for one in rows}
    assert cells["general_text", "general"] == (0, 3) and cells["general_text", "base"] == (0, 0)
    assert cells["book_sections", "general"] == (2, 1)
    assert {one["score"] for one in rows if one["suite"] == "general_text"} == {None}
    check(EVAL_STAGES, EVAL_STAGES.frame([{**one, "eval_id": "e"} for one in rows]))
    assert found.figures == []
    assert "3 without a score" in stages(rows, found.figures)


def test_a_stage_whose_files_are_gone_gives_no_matrix(tmp_path: Path) -> None:
    suites = open_suites(["general_text"])
    items = {"general_text": [Item("a", "text", "some text")]}

    def never(*_: object) -> Mapping[str, Mapping[str, object]]:
        raise AssertionError("nothing is asked")

    gone = [("general", None), ("books", None)]
    found = score_stages(gone, suites, items, [], never, tmp_path, Evaluation())
    assert found.cells == found.figures == []
    assert stages(found.cells, found.figures) == ""


def _forgets(tmp_path: Path, n: int, **given: float) -> StageRows:
    """Two earlier stages and the books over ``n`` texts of two suites; nats per byte by stage."""
    suites = open_suites(["stage_texts_general", "stage_texts_domain", "general_text"])
    items = {
        one.card.name: [Item(f"{k}", "text", "x" * (50 + k % 9)) for k in range(n)]
        for one in suites
    }
    level = {"base": 2.0, "general": 1.6, "domain": 1.5, "books": 1.7} | given

    def replies(stage: str) -> dict[str, list[float]]:
        size = {f"{k}": 50 + k % 9 for k in range(n)}
        noise = {k: (stable_int(f"{stage}{k}") % 100 - 50) / 5000 * (stage != "base") for k in size}
        return {k: [(level[stage] + noise[k]) * size[k], 9, size[k]] for k in size}

    def ask(adapter: Path, *_: object) -> Mapping[str, Mapping[str, object]]:
        own = replies(adapter.name)
        return {"tuned": {f"{one.card.name}/{k}": own[k] for one in suites for k in own}}

    arms = {"base": replies("base"), "tuned": replies("books")}
    known = [row for one in suites for row in one.score(items[one.card.name], arms)]
    chain = [("general", tmp_path / "general"), ("domain", tmp_path / "domain"), ("books", None)]
    return score_stages(chain, suites, items, known, ask, tmp_path, Evaluation(bootstrap=500))


def test_what_was_lost_since_its_own_stage_is_told_with_its_interval(tmp_path: Path) -> None:
    found = _forgets(tmp_path, 24)
    tasks = {one["suite"]: one["taught_by"] for one in found.cells}
    assert tasks == {"stage_texts_general": "general", "stage_texts_domain": "domain"}, (
        "what stands in for a stage's texts is no task beside them"
    )
    cells = {(one["suite"], one["stage"]): one for one in found.cells}
    assert "change" not in cells["stage_texts_general", "general"]
    for suite, first in (("stage_texts_general", 1.6), ("stage_texts_domain", 1.5)):
        end = cells[suite, "books"]
        assert end["change"] == pytest.approx((1.7 - first) / math.log(2), abs=0.01)
        assert end["low"] < end["change"] < end["high"]
        assert end["verdict"].startswith("not kept within 0.01 bits per byte: worse by 0.")
    kept = cells["stage_texts_general", "domain"]
    assert kept["verdict"].startswith("kept within 0.01 bits per byte: better by 0.1")
    figures = {one["figure"]: one for one in found.figures}
    back, lost = figures["backward"], figures["forgotten"]
    assert set(figures) == {"average", "backward", "forgotten", "forward"}, "the books have no task"
    assert back["value"] == pytest.approx(-0.15 / math.log(2), abs=0.01)
    assert lost["value"] == pytest.approx(0.2 / math.log(2), abs=0.01), "of the general, since best"
    assert back["high"] < 0 < lost["low"] and back["n"] == 48
    assert back["verdict"].startswith("worse by 0.2") and lost["verdict"].startswith("worse by 0.2")
    check(EVAL_STAGES, EVAL_STAGES.frame([{**one, "eval_id": "e"} for one in found.cells]))
    check(EVAL_STAGE_FIGURES,
          EVAL_STAGE_FIGURES.frame([{**one, "eval_id": "e"} for one in found.figures]))  # fmt: skip
    page = stages(found.cells, found.figures)
    assert "held-out texts of the general stage" in page and "(stage domain): not kept" in page
    told = "\n".join(said_of_stages(found.cells, found.figures))
    assert "BWT over stages \u22120.2" in told and "(95 % \u22120.2" in told
    assert "held-out texts of the domain stage, bits per byte, after books since its own" in told


def test_few_texts_have_figures_without_ends(tmp_path: Path) -> None:
    found = _forgets(tmp_path, 7)
    assert {one["low"] for one in found.figures} == {None}
    assert {one["verdict"].partition(" (")[0] for one in found.figures} == {"too few items to tell"}
    page = stages(found.cells, found.figures)
    assert page.count("too few to tell</td>") == len(found.figures)
