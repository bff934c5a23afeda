"""Only what was asked alike is compared, and what was not is counted in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from booktune_assets.beam.problems import Problem
from booktune_assets.chain.eval import PROBLEMS
from booktune_assets.chain.measure import compared
from booktune_assets.errors import BookError, Code
from booktune_assets.evaluation.items import Item, ItemScore, within
from booktune_assets.evaluation.passk import Counted
from booktune_assets.evaluation.run import evaluate, planned
from booktune_assets.evaluation.side_by_side import alike, asked_digests
from booktune_assets.evaluation.suite import Given
from booktune_assets.evaluation.suites import variation
from booktune_assets.evaluation.suites.programs import judge
from booktune_assets.settings import Evaluation, Settings
from booktune_assets_tests.evaluation.echo import spec_of, use_echo

QUESTIONS = [(f"pair_{n:020x}", f"What is {n}?", f"{n} is a number.") for n in range(12)]


def made(folder: Path, name: str, **changes: Any) -> Path:
    """Tables of an evaluation, as ``--out`` writes them."""
    spec = replace(spec_of(folder, questions=QUESTIONS, general={}, **changes), adapter=None)
    frames = evaluate(spec, folder / f"work-{name}").frames
    out = folder / name
    out.mkdir()
    for table, frame in frames.items():
        frame.write_parquet(out / f"{table}.parquet")
    return out


def rows_of(folder: Path, first: Path, second: Path) -> dict[str, dict[str, Any]]:
    rows = compared(Settings(home=folder), str(first), str(second))
    return {str(row["suite"]): row for row in rows if row["metric"] in ("bits_per_byte", "chrf")}


def test_the_same_evaluation_twice_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_echo(monkeypatch)
    rows = rows_of(tmp_path, made(tmp_path, "a"), made(tmp_path, "b"))
    assert {name: row["n"] for name, row in rows.items()} == {
        "book_sections": 12, "heldout_answers": 8,
    }  # fmt: skip
    for row in rows.values():
        assert row["verdict"].startswith("no clear difference") and "items" not in row["verdict"]


def test_what_only_the_first_has_a_score_for_is_told_as_its(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_echo(monkeypatch)
    first, second = made(tmp_path, "a"), made(tmp_path, "b")
    path = second / "eval_report__items.parquet"
    rows = pl.read_parquet(path)
    lost = (pl.col("item_id") == rows["item_id"][0]) & (pl.col("suite") == rows["suite"][0])
    score = pl.when(lost).then(None).otherwise(pl.col("score"))
    status = pl.when(lost).then(pl.lit("TOO_LONG")).otherwise(pl.col("status"))
    rows.with_columns(score=score, status=status).write_parquet(path)
    row = rows_of(tmp_path, first, second)[str(rows["suite"][0])]
    assert "the first alone has a score for 1 of" in row["verdict"]


def test_other_prompts_are_left_out_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_echo(monkeypatch)
    first = made(tmp_path, "a")
    before = spec_of(tmp_path).given.sections
    edited = [
        (name, f"{text} and more" if n < 2 else text) for n, (name, text) in enumerate(before)
    ]
    rows = rows_of(tmp_path, first, made(tmp_path, "b", sections=[*edited[:-1], ("new", "text")]))
    assert rows["book_sections"]["n"] == 9
    assert rows["book_sections"]["verdict"].endswith(
        "; 9 of 13 items are the same in both, 2 asked otherwise (prompt, reference or settings), "
        "1 only in the first, 1 only in the second"
    )
    assert rows["heldout_answers"]["n"] == 8 and "asked" not in rows["heldout_answers"]["verdict"]


def test_other_settings_are_told_by_suite_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_echo(monkeypatch)
    first = made(tmp_path, "a")
    longer = Evaluation(bootstrap=500, new_tokens=200, drift=0, tool_calls=0, formats=0)
    rows = rows_of(tmp_path, first, made(tmp_path, "b", evaluation=longer))
    assert rows["book_sections"]["n"] == 12
    assert rows["heldout_answers"]["n"] == 0
    assert rows["heldout_answers"]["verdict"].startswith(
        "skipped: 0 of 8 items are the same in both, 8 asked otherwise"
    )
    alone = [made(tmp_path, "c", sections=[]), made(tmp_path, "d", evaluation=longer, sections=[])]
    with pytest.raises(BookError) as caught:
        rows_of(tmp_path, *alone)
    assert caught.value.code is Code.BAD_ROW
    assert "s: 0 of 8 items are" in str(caught.value)


def test_tables_from_before_are_paired_by_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_echo(monkeypatch)
    folders = [made(tmp_path, "a"), made(tmp_path, "b")]
    for folder in folders:
        path = folder / "eval_report__items.parquet"
        pl.read_parquet(path).drop("asked").write_parquet(path)
    assert rows_of(tmp_path, *folders)["book_sections"]["n"] == 12
    path = folders[0] / "eval_report__items.parquet"
    pl.read_parquet(path).with_columns(prompt=pl.lit("other")).write_parquet(path)
    with pytest.raises(BookError, match="0 of 12 items are the same"):
        rows_of(tmp_path, *folders)


def test_a_row_of_several_items_is_asked_as_all_of_them() -> None:
    items = [Item("p#bare", "answer", "Q?"), Item("p#shown", "answer", "[1] Q?"),
             Item("v1", "answer", "A?", cluster="s"),
             Item("s", "answer", "B?", cluster="s")]  # fmt: skip
    rows = [ItemScore("x", "m", name, "base", 1.0) for name in ("p", "s", "v1")]
    found = asked_digests(items, rows, 0)
    changed = asked_digests([items[0], replace(items[1], text="[2] Q?"), *items[2:]], rows, 0)
    assert found["p"] != changed["p"] and found["s"] == changed["s"]
    hotter = [replace(item, temperature=0.5) for item in items]
    assert asked_digests(hotter, rows, 0)["v1"] != asked_digests(hotter, rows, 1)["v1"]
    assert asked_digests(items, rows, 0) == asked_digests(items, rows, 1), "no seed is used at 0"


def test_of_two_arms_the_tuned_one_is_taken() -> None:
    def row(arm: str, score: float) -> dict[str, Any]:
        return {"suite": "otp", "metric": "pass@1", "item_id": "i", "arm": arm, "score": score,
                "weight": 1.0, "prompt": "p", "output": "o", "reference": "r", "status": "ok",
                "cluster": "", "concepts": ["c"], "samples": 1, "passed": None,
                "asked": "d"}  # fmt: skip

    found = alike([row("base", 1), row("tuned", 2)], [row("base", 3)])
    assert [(one.arm, one.score) for one in found.rows] == [("base", 2), ("tuned", 3)]
    assert found.notes == {"otp": ""} and found.rows[0].concepts == ("c",)


def test_other_tools_and_other_tests_are_another_question() -> None:
    item = Item("one", "answer", "Call it.", "done", system="Tools: a(x)", judge="t1")
    row = ItemScore("tool_calls", "exact", "one", "base", 1.0)
    plain = replace(item, system="", judge="")
    others = (replace(item, system="Tools: b(y)"), replace(item, judge="t2"), plain)
    asked = [asked_digests([one], [row], 0)["one"] for one in (item, *others)]
    assert len(set(asked)) == 4
    problem = Problem("p", "elixir", "Say.", ("A.b/0",), "one", "two")
    assert judge(problem) != judge(replace(problem, tests="other"))
    assert judge(problem) == judge(replace(problem, source="elsewhere"))


def test_a_limit_takes_groups_whole() -> None:
    def item(name: str, group: str = "") -> Item:
        return Item(name, "answer", name, group=group)

    originals = [item(f"o{n}", f"g{n}") for n in range(5)]
    variants = [item(f"v{n}{m}", f"g{n}") for n in range(5) for m in range(3 if n == 1 else 1)]
    found = [one.item_id for one in within([*originals, *variants], 5)]
    assert found == ["o0", "o2", "v00", "v20"]  # of o1 there are four: they do not fit
    assert [one.item_id for one in within([item("a"), item("b"), item("c")], 2)] == ["a", "b"]
    assert within(originals[:1] + variants[:1], 1) == []


def test_limited_retrieval_has_whole_pairs(tmp_path: Path) -> None:
    names = [f"pair_{n:020x}" for n in range(9)]
    given = Given(
        Evaluation(retrieval=9), questions=[(name, "What?", "So.") for name in names],
        passages=dict.fromkeys(names, "Read this."),
    )  # fmt: skip
    spec = replace(spec_of(tmp_path), given=given, suites=["retrieval"], limit=5)
    made = [one.item_id for one in planned(spec).items["retrieval"]]
    assert made == [f"{name}#{way}" for name in names[:2] for way in ("bare", "shown")]
    one = planned(replace(spec, limit=1))
    assert one.items["retrieval"] == [] and "scored together" in one.reasons["retrieval"]


def test_a_limited_variation_has_every_original(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def proof(problems: Sequence[Problem]) -> dict[str, Counted]:
        return {one.id: Counted(True) for one in problems}

    def able(_: object) -> dict[str, object]:
        return {}

    monkeypatch.setattr(variation, "countable", proof)
    monkeypatch.setattr(variation, "lacking", able)
    given = Given(Evaluation(variation=100_000), problems=PROBLEMS)
    spec = replace(spec_of(tmp_path), given=given, suites=["variation"])
    limit = 21
    items = planned(replace(spec, limit=limit)).items["variation"]
    assert limit / 2 < len(items) <= limit
    sides = {item.cluster: {one.about["kind"] for one in items if one.cluster == item.cluster}
             for item in items}  # fmt: skip
    assert all(variation.ORIGINAL in kinds and len(kinds) > 1 for kinds in sides.values())
