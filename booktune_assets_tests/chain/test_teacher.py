"""The teacher in the chain: settings, receipts, partial work, a dry run, an edit."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from booktune_assets import progress
from booktune_assets.chain.build import build, state
from booktune_assets.chain.house import BOOK_STAGES, House
from booktune_assets.cli import cli
from booktune_assets.errors import Code
from booktune_assets.llm import calls
from booktune_assets.llm.models import TINY, prepare
from booktune_assets.llm.request import Reply, Request
from booktune_assets.pairs import identifiers
from booktune_assets.progress import Tick
from booktune_assets.settings import Llm, Pairs, Settings
from booktune_assets.settings_sets import Licences
from booktune_assets_tests.pairs.teacher_lab import PAGE, good
from booktune_assets_tests.pairs.test_teacher import Ledger, Purse
from booktune_assets_tests.pairs.test_teacher_plan import Priced

ALLOW = Licences(unknown="allow")

KEY = "harbours"
LICENCE = "---\nlicence: CC0-1.0\n---\n\n"  # without one a book is held before its pairs


@pytest.fixture(autouse=True)
def _no_toolchain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of installed functions takes seconds to make, and no test here names one."""
    monkeypatch.setattr(identifiers, "exports", lambda: None)


@pytest.fixture
def caller(monkeypatch: pytest.MonkeyPatch) -> Priced:
    one = Priced(good)
    monkeypatch.setattr(calls, "open_caller", lambda _: one)
    return one


def house(folder: Path, *, recipes: bool = True, text: str = PAGE) -> House:
    pairs = Pairs(recipes=["qa"]) if recipes else Pairs()
    settings = Settings(home=folder, licences=ALLOW, pairs=pairs, llm=Llm(engine="server"))
    settings.books.mkdir(parents=True, exist_ok=True)
    (settings.books / f"{KEY}.md").write_text(LICENCE + text)
    return House.open(settings)


def chain(place: House) -> dict[str, object]:
    outcomes = [build(asset, KEY, place) for asset in BOOK_STAGES]
    assert all(one.receipt is not None for one in outcomes), outcomes
    return {one.asset: one for one in outcomes}


def counts(place: House) -> dict[str, int]:
    receipt = place.lake.receipt("instruction_pairs", KEY)
    assert receipt is not None
    return dict(receipt.counts)


def taught_rows(place: House) -> pl.DataFrame:
    pairs = place.lake.read("instruction_pairs", KEY)
    return pairs.filter(pl.col("generator") == "teacher")


def test_pairs_of_a_teacher_stand_beside_those_of_the_text(tmp_path: Path, caller: Priced) -> None:
    place = house(tmp_path)
    chain(place)
    pairs = place.lake.read("instruction_pairs", KEY)
    assert set(pairs["generator"]) == {"extractive", "teacher"}
    found = counts(place)
    assert found["rows"] == pairs.height
    assert found["teacher_kept"] == taught_rows(place).height
    assert found["teacher_calls"] == len(caller.new)
    assert found["judge_may_gate"] == 1
    assert state("instruction_pairs", KEY, place) == "current"
    assert build("instruction_pairs", KEY, place).status == "reused"
    made = build("sharegpt_set", None, place)
    assert made.receipt is not None
    assert "it gates" in str(made.receipt.notes["teachers"])


def test_without_recipes_nobody_is_asked(tmp_path: Path, caller: Priced) -> None:
    place = house(tmp_path, recipes=False)
    chain(place)
    assert caller.asked == []
    assert "teacher_calls" not in counts(place)


def test_an_edit_asks_about_the_edited_passage_only(tmp_path: Path, caller: Priced) -> None:
    chain(house(tmp_path))
    before = len(caller.new)
    place = house(tmp_path, text=PAGE.replace("a tide of 3 or more", "a tide of 4 or more"))
    chain(place)
    new = caller.new[before:]
    assert new
    assert all("a tide of 4 or more" in " ".join(one.messages[1][1].split()) for one in new)
    kept = counts(place)
    assert kept["teacher_calls"] < 40


def test_partial_work_is_a_receipt_that_a_later_run_goes_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    purse = Purse(78 * 3 + 30)
    one = Ledger(purse)
    monkeypatch.setattr(calls, "open_caller", lambda _: one)
    place = house(tmp_path)
    chain(place)
    receipt = place.lake.receipt("instruction_pairs", KEY)
    assert receipt is not None
    assert "wait for a budget" in str(receipt.notes["partial"])
    assert state("instruction_pairs", KEY, place) == "stale"
    made = build("sharegpt_set", None, place)  # what is there can be exported
    assert made.status == "made"
    rows = place.lake.read("sharegpt_set", made.key)
    ours = rows.filter(pl.col("pair_id").is_in(taught_rows(place)["pair_id"].implode()))
    files = (place.settings.exports / "sharegpt").glob("*.jsonl")
    exported = "".join(file.read_text() for file in files)
    assert ours.height and all(name in exported for name in ours["example_id"])
    same = build("instruction_pairs", KEY, place)
    assert same.status == "made"
    assert same.receipt is not None and same.receipt.digest == receipt.digest
    purse.left = 10_000
    build("instruction_pairs", KEY, place)
    assert state("instruction_pairs", KEY, place) == "current"
    whole = house(tmp_path / "other")
    monkeypatch.setattr(calls, "open_caller", lambda _: Priced(good))
    chain(whole)
    assert taught_rows(whole).write_ndjson() == taught_rows(place).write_ndjson()


def test_a_service_that_is_down_is_an_error_that_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from booktune_assets.errors import ServiceDown

    def down(request: Request) -> str | Reply:
        if request.task == "qa_answer":
            raise ServiceDown(Code.MODEL_SERVICE, "Start the server", url="x")
        return good(request)

    first = Priced(down)
    monkeypatch.setattr(calls, "open_caller", lambda _: first)
    place = house(tmp_path)
    outcomes = [build(asset, KEY, place) for asset in BOOK_STAGES[:3]]
    assert all(one.status == "made" for one in outcomes)
    failed = build("instruction_pairs", KEY, place, last_try=True)
    assert failed.error is not None and failed.error.code is Code.MODEL_SERVICE
    second = Priced(good)
    second.kept = {key: reply for key, reply in first.kept.items() if isinstance(reply, str)}
    monkeypatch.setattr(calls, "open_caller", lambda _: second)
    assert build("instruction_pairs", KEY, place).status == "made"
    assert not any(one.call_key in first.kept for one in second.new)


def test_recipes_without_an_engine_say_what_to_set(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, licences=ALLOW, pairs=Pairs(recipes=["qa"]))
    settings.books.mkdir(parents=True)
    (settings.books / f"{KEY}.md").write_text(LICENCE + PAGE)
    place = House.open(settings)
    outcomes = [build(asset, KEY, place) for asset in BOOK_STAGES]
    error = outcomes[-1].error
    assert error is not None and error.code is Code.BAD_SETTING
    assert "llm.engine" in str(error)


def test_a_dry_run_makes_no_call(tmp_path: Path, caller: Priced) -> None:
    place = house(tmp_path)
    (tmp_path / "booktune.toml").write_text('[pairs]\nrecipes = ["qa"]\n[llm]\nengine = "server"\n')
    ran = CliRunner().invoke(cli, ["--home", str(tmp_path), "run", "--dry-run"])
    assert ran.exit_code == 0, ran.output
    assert "not planned: harbours" in ran.output
    chain_before = [build(asset, KEY, place) for asset in BOOK_STAGES[:3]]
    assert all(one.status == "made" for one in chain_before)
    ran = CliRunner().invoke(cli, ["--home", str(tmp_path), "run", "--dry-run"])
    assert ran.exit_code == 0, ran.output
    assert caller.asked == []
    line = next(one for one in ran.output.splitlines() if one.startswith("harbours"))
    assert line.split()[:6] == ["harbours", "qa", "3", "0", "102", "0"]
    head = next(one for one in ran.output.splitlines() if one.split()[:1] == ["book"])
    assert head.split()[4:] == [
        "calls",
        "cached",
        "tokens",
        "in",
        "tokens",
        "out",
        "hours",
        "price",
    ]
    told_in, told_out, hours, _ = map(float, line.split()[6:])
    assert told_in > 1000 and told_out > 1000 and hours > 0
    build("instruction_pairs", KEY, place)
    asked = len(caller.new)
    ran = CliRunner().invoke(cli, ["--home", str(tmp_path), "run", "--dry-run"])
    line = next(one for one in ran.output.splitlines() if one.startswith("harbours"))
    assert line.split()[:5] == ["harbours", "qa", "3", "3", "0"]
    assert len(caller.new) == asked


def test_a_dry_run_without_a_teacher_says_so(tmp_path: Path) -> None:
    house(tmp_path, recipes=False)
    ran = CliRunner().invoke(cli, ["--home", str(tmp_path), "run", "--dry-run"])
    assert ran.exit_code == 0
    assert "no call would be made" in ran.output


@pytest.mark.slow
def test_a_real_engine_that_talks_nonsense_gives_rows_with_reasons(tmp_path: Path) -> None:
    model = prepare(TINY, tmp_path / "models").path
    pairs = Pairs(recipes=["qa", "bonito"], questions=1, votes=1)
    llm = Llm(engine="transformers", model=str(model), concurrency=8, salvage=0)
    settings = Settings(home=tmp_path, licences=ALLOW, pairs=pairs, llm=llm)
    settings.books.mkdir(parents=True)
    (settings.books / f"{KEY}.md").write_text(LICENCE + PAGE)
    place = House.open(settings)
    chain(place)
    found = counts(place)
    assert found["teacher_kept"] == 0
    assert found["judge_may_gate"] == 0
    assert found["teacher_calls"] > 10
    rejects = place.lake.read("instruction_pairs__rejected", KEY)
    units = place.lake.read("instruction_pairs__teacher", KEY)
    ours = rejects.filter(pl.col("candidate_id").is_in(units.explode("candidate_ids")[
        "candidate_ids"].drop_nulls().implode()))  # fmt: skip
    assert ours.height == found["teacher_rejected"] > 0
    assert set(ours["gate"]) <= {"G0_form", "G2_grounding"}
    assert all(ours["reason"].str.len_chars() > 0)
    if not found["teacher_failed"]:
        assert build("instruction_pairs", KEY, place).status == "reused"


class Poor(Ledger):
    """Says that anything takes a set part of the budget."""

    part = 0.5

    def part_of_budget(self, requests: Iterable[Request]) -> float:
        assert {one.task for one in requests} == {"judge"}
        return self.part


def test_a_small_budget_goes_to_answers_and_the_judge_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    purse = Purse(14)
    one = Poor(purse)
    monkeypatch.setattr(calls, "open_caller", lambda _: one)
    ticks: list[Tick] = []
    place = house(tmp_path)
    with progress.sink(ticks.append):
        chain(place)
    assert one.new and not any(asked.task == "judge" for asked in one.new)
    receipt = place.lake.receipt("instruction_pairs", KEY)
    assert receipt is not None
    found = counts(place)
    assert found["teacher_kept"] > 0 and found["judge_may_gate"] == 0
    assert "nothing is gated" in str(receipt.notes["judge"]) and "partial" in receipt.notes
    told = [tick for tick in ticks if tick.what == "asking the teacher"]
    assert told[-1].done < told[-1].total and "wait for a budget" in told[-1].note
    kept = set(taught_rows(place)["pair_id"])
    purse.left, one.part = 10_000, 0.1
    before = len(one.new)
    chain(place)
    asked = {call.task for call in one.new[before:]}
    assert "judge" in asked  # also of what was answered without one
    assert counts(place)["judge_may_gate"] == 1 and kept <= set(taught_rows(place)["pair_id"])
    whole = house(tmp_path / "other")
    monkeypatch.setattr(calls, "open_caller", lambda _: Priced(good))
    chain(whole)
    assert taught_rows(whole).height == taught_rows(place).height


def test_a_dry_run_names_the_budget_and_what_it_reaches(tmp_path: Path, caller: Priced) -> None:
    from booktune_assets.chain.plan import budget_words, ledger, planned_calls

    place = house(tmp_path)
    chain_of_text = [build(asset, KEY, place) for asset in BOOK_STAGES[:3]]
    assert all(one.receipt is not None for one in chain_of_text)
    rows = list(planned_calls(place, [KEY]))
    assert budget_words(place, rows) == [] and ledger(place) == ""
    limits = {"budget_calls": 10, "budget_name": "pocket money"}
    llm = place.settings.llm.model_copy(update=limits)
    small = House.open(place.settings.model_copy(update={"llm": llm}))
    said = " ".join(budget_words(small, rows))
    assert "budget pocket money: 0 of 10 calls spent" in said
    assert "nobody judges" in said
    wanted = sum(row.calls for row in rows if "canaries" not in row.recipe)
    assert f"about {100 * 10 / wanted:.0f} % of these calls" in said
    large = llm.model_copy(update={"budget_calls": 100_000})
    rich = House.open(place.settings.model_copy(update={"llm": large}))
    assert budget_words(rich, rows)[-1].endswith("all of these calls")
    for row in rows:
        row.seconds = None  # nothing was timed yet
    hours = llm.model_copy(update={"budget_calls": 0, "budget_hours": 0.1})
    said = budget_words(House.open(place.settings.model_copy(update={"llm": hours})), rows)
    assert said[-1].endswith("an unknown part of these calls") and "timed" in said[-2]
    assert caller.asked == []
