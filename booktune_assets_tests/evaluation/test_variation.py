"""Variants of problems: their oracles hold, and gaps are what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from booktune_assets.beam.problems import Problem, load_problems
from booktune_assets.beam.runner import judge_many, missing
from booktune_assets.errors import BookError, Code
from booktune_assets.evaluation.compare import compare, judged
from booktune_assets.evaluation.items import ARMS, Item
from booktune_assets.evaluation.passk import Counted
from booktune_assets.evaluation.suite import Given
from booktune_assets.evaluation.suites.surface import names_of, renamed, surface
from booktune_assets.evaluation.suites.variants import (
    INSTANCES,
    TWINS,
    compute,
    instances,
    templates,
    twins,
)
from booktune_assets.evaluation.suites.variation import KINDS, Variation, variants_of
from booktune_assets.settings import PROJECT, Evaluation

FOLDER = PROJECT / "data" / "evals" / "problems"
PROBLEMS = {one.id: one for one in load_problems(FOLDER)}
TEMPLATES = templates()


@pytest.fixture
def beam() -> None:
    for language in ("elixir", "erlang"):
        if (reason := missing(language)) is not None:
            pytest.skip(str(reason))


def wrong(jobs: list[tuple[Problem, str]], *, passes: bool) -> list[object]:
    verdicts = judge_many(jobs)
    bad = {"pass", "harness_error", "compile_error"}
    return [
        (problem.id, verdict)
        for (problem, _), verdict in zip(jobs, verdicts, strict=True)
        if (verdict.status != "pass" if passes else verdict.status in bad)
    ]


def test_there_are_enough_twins_and_templates() -> None:
    assert len(twins(PROBLEMS)) >= 12
    assert len(TEMPLATES) >= 8
    for template in TEMPLATES:
        made = instances(template)
        assert template.source in PROBLEMS
        assert len({(one.prompt, one.reference) for one in made}) == len(made) == INSTANCES
        assert not any("{{" in one.prompt + one.reference + one.tests for one in made) or (
            "bracket" in template.id
        )
        for one in made:
            for entry in one.interface:
                assert f"`{entry.split(':')[0].split('.')[0]}`" in one.prompt


@pytest.mark.slow
def test_twins_hold_and_the_old_answer_fails(beam: None) -> None:
    pairs = twins(PROBLEMS)
    assert not wrong([(twin, twin.reference) for _, twin in pairs], passes=True)
    assert not wrong([(twin, PROBLEMS[source].reference) for source, twin in pairs], passes=False)
    # and the flipped program is no answer to the original
    assert not wrong([(PROBLEMS[source], twin.reference) for source, twin in pairs], passes=False)


@pytest.mark.slow
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.id)
def test_references_of_templates_pass_their_tests(template: object, beam: None) -> None:
    made = instances(template)  # pyright: ignore[reportArgumentType]
    assert not wrong([(one, one.reference) for one in made], passes=True)


@pytest.mark.slow
def test_kept_values_are_those_of_the_references(beam: None) -> None:
    template = next(one for one in TEMPLATES if one.id == "near-intervals")
    assert compute(template) == template.oracles


@pytest.mark.slow
@pytest.mark.parametrize("language", ["elixir", "erlang"])
def test_renamed_problems_hold(language: str, beam: None) -> None:
    made = [other for one in PROBLEMS.values()
            if one.language == language and (other := surface(one)) is not None]  # fmt: skip
    assert len(made) >= 0.8 * sum(one.language == language for one in PROBLEMS.values())
    assert not wrong([(one, one.reference) for one in made], passes=True)


def test_renaming_goes_by_tokens() -> None:
    code = (
        'defmodule Stock do\n  def replay(a), do: {Stock.Inner, :go, "Stock.replay", a.replay}\n'
        "  def again(x), do: Other.replay(x) |> Stock.replay() # Stock\nend\n"
    )
    problem = PROBLEMS["elixir-stock-replay"]
    names = names_of(problem)
    new, module = names.functions["replay"], names.modules["Stock"]
    made = renamed(code, "elixir", names) or ""
    assert f'def {new}(a), do: {{{module}.Inner, :go, "Stock.replay", a.replay}}' in made
    assert f"Other.replay(x) |> {module}.{new}() # Stock" in made
    assert renamed("defmodule A do\n  def (", "elixir", names) is None


def test_a_renamed_statement_names_what_its_tests_call() -> None:
    for problem in PROBLEMS.values():
        other = surface(problem)
        if other is None:
            continue
        assert other.prompt != problem.prompt and other.tests != problem.tests
        for entry in other.interface:
            module, function = entry.rsplit("/", 1)[0].replace(":", ".").rsplit(".", 1)
            assert f"`{module}`" in other.prompt, other.id
            assert function in other.prompt, other.id
        for entry in problem.interface:  # nothing of the old name is left in marks
            module = entry.replace(":", ".").rsplit(".", 1)[0]
            assert f"`{module}`" not in other.prompt, other.id


def test_names_that_a_statement_does_not_mark_are_not_changed() -> None:
    from dataclasses import replace

    problem = PROBLEMS["elixir-even-sum"]
    assert surface(replace(problem, prompt=problem.prompt.replace("`", ""))) is None
    assert surface(replace(problem, reference="defmodule Numbers do\n  def (")) is None


def test_a_twin_that_does_not_fit_names_its_file(tmp_path: Path) -> None:
    text = (TWINS / "elixir-even-sum--nil-of-nothing.toml").read_text()
    (tmp_path / "odd.toml").write_text(text.replace("and 0 when", "and 7 when"))
    with pytest.raises(BookError) as caught:
        twins(PROBLEMS, tmp_path)
    assert caught.value.code is Code.BAD_ROW and "odd.toml" in str(caught.value)
    (tmp_path / "odd.toml").write_text(text.replace("elixir-even-sum", "no-such"))
    with pytest.raises(BookError):
        twins(PROBLEMS, tmp_path)


def test_values_of_another_template_are_refused() -> None:
    from dataclasses import replace

    changed = replace(TEMPLATES[0], reference=TEMPLATES[0].reference + "\n# changed\n")
    with pytest.raises(BookError) as caught:
        instances(changed)
    assert caught.value.code is Code.BAD_ROW


def test_every_source_takes_its_turn(beam: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def all_count(problems: list[Problem]) -> dict[str, Counted]:
        return {one.id: Counted(True) for one in problems}

    monkeypatch.setattr("booktune_assets.evaluation.suites.variation.countable", all_count)
    suite = Variation()
    items = suite.items(Given(Evaluation(variation=6), problems=FOLDER))
    assert suite.skipped() == ""
    kinds = [item.about["kind"] for item in items]
    assert all(kinds.count(kind) == 2 for kind in KINDS)
    assert {item.cluster for item in items} == {
        item.item_id for item in items if item.about["kind"] == "original"
    }


def test_gaps_by_hand(beam: None) -> None:
    """The base understands, the tuned model has learned the originals by heart."""
    suite = Variation()
    items = suite.items(Given(Evaluation(variation=3), problems=FOLDER))
    assert suite.skipped() == ""
    by_id = {item.item_id: item for item in items}

    def learned(item: Item) -> str:
        return by_id[item.cluster].reference

    replies = {
        "base": {item.item_id: [item.reference] for item in items},
        "tuned": {item.item_id: [learned(item)] for item in items},
    }
    rows = suite.score(items, replies)
    gaps = {(one.arm, one.metric, one.item_id): one.score for one in rows}
    for item in items:
        kind = item.about["kind"]
        if kind == "original":
            continue
        assert gaps["base", f"gap_{kind}", item.cluster] == 0
        assert gaps["base", "pass@1", item.item_id] == 100
        assert gaps["tuned", f"gap_{kind}", item.cluster] == 100
        if kind == "altered":
            assert gaps["base", "old_answer", item.item_id] == 0
            assert gaps["tuned", "old_answer", item.item_id] == 100
    lost = suite.score(items, {"base": {item.item_id: {"error": "TOO_LONG"} for item in items}})
    assert all(one.score is None and one.status == "TOO_LONG" for one in lost)
    mute = suite.score(items, {"base": {item.item_id: [""] for item in items}})
    assert {one.status for one in mute if one.metric == "pass@1"} == {"empty"}
    assert all(one.score == 0 for one in mute)
    # nobody passes any original: that there is no gap says nothing of memory
    both = suite.score(items, {arm: {item.item_id: [""] for item in items} for arm in ARMS})
    for kind in KINDS:
        metric = next(one for one in suite.card.metrics if one.name == f"gap_{kind}")
        (row,) = judged([compare(suite.card, metric, both, "", Evaluation(bootstrap=200))])
        assert row["n"] and row["low"] is None
        assert "neither passes any original" in str(row["verdict"])


def test_nothing_asked_is_said() -> None:
    suite = Variation()
    assert suite.items(Given(Evaluation(variation=0), problems=FOLDER)) == []
    assert suite.skipped() == "no variants were asked for"


def test_variants_know_their_sources() -> None:
    found = variants_of(PROBLEMS, FOLDER)
    assert {one.kind for one in found} == set(KINDS)
    assert {one.source for one in found} <= set(PROBLEMS)
    assert len({one.problem.id for one in found}) == len(found)


def test_a_profile_with_a_gpu_asks_all_that_nobody_set() -> None:
    assert Evaluation().on("tiny") == Evaluation()
    assert Evaluation(otp=3).on("gpu24").otp == 3
    assert Evaluation(otp=3).on("gpu24").variation > 10_000
