"""``booktune run`` for real: Dagster in this process, a tiny book, dbt; and what it prints."""

import json
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from booktune_assets import warehouse
from booktune_assets.assets import marts as marts_module
from booktune_assets.assets.execute import RunSummary
from booktune_assets.assets.marts import build_marts_definitions
from booktune_assets.assets.resources import HOUSE, house_resource
from booktune_assets.chain.house import BOOK_STAGES, MODEL_STAGES, SET_STAGES, House, Outcome
from booktune_assets.chain.needs import left_out, never_built
from booktune_assets.cli.run import Ticker, chosen_assets, code_of, say_results, say_summary
from booktune_assets.errors import BookError, Code, ServiceDown
from booktune_assets.lake import Lake
from booktune_assets.progress import Tick
from booktune_assets.settings import Settings
from booktune_assets.warehouse import Checked, MartsMade, MartsRefused
from booktune_assets_tests.builders import build_home

MARTS = ["dataset_composition", "example_lineage", "book_quality", "book_editions", "eval_history"]
BOOK = """# Processes

A *process* is an isolated unit of work that keeps its own state. It talks by messages.

```elixir
defmodule Ping do
  def reply(:ping), do: :pong
end
```

## Mailboxes

A **mailbox** is a queue of messages that a process has received but not yet handled.

```elixir
receive do
  :stop -> :ok
end
```
"""


def booktune(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    code = "from booktune_assets.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, "--home", str(home), *words], capture_output=True, text=True
    )


def test_words_choose_assets() -> None:
    assert chosen_assets(()) == [*BOOK_STAGES, *SET_STAGES, *MARTS]
    assert chosen_assets((), only_books=True) == list(BOOK_STAGES)
    assert chosen_assets((), everything=True) == [
        *BOOK_STAGES, *SET_STAGES, *MODEL_STAGES, *MARTS,
    ]  # fmt: skip
    assert chosen_assets(("models", "sections")) == ["sections", *MODEL_STAGES]
    assert chosen_assets(("eval_history",)) == MARTS
    with pytest.raises(BookError, match="UNKNOWN_ASSET"):
        chosen_assets(("everything",))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    book = folder / "beam-basics.md"
    book.write_text(BOOK)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing to see")
    home = folder / "home"
    added = booktune(home, "add", str(book), str(folder / "broken.pdf"), "--licence", "CC0")
    assert added.returncode == 0, added.stderr
    return home


def test_a_run_goes_on_past_a_broken_book(home: Path) -> None:
    done = booktune(home, "run", "books", "marts")
    assert done.returncode == 1, done.stderr
    assert "failed: raw_books broken: " in done.stdout
    assert "Traceback" not in done.stderr
    assert "starting: 9 builds" in done.stderr and "building marts 20/20" in done.stderr
    assert "booktune.duckdb  (2 rows)" in done.stdout
    assert ["marts", "1", "0", "0"] in [line.split() for line in done.stdout.splitlines()]
    lake = Lake(Settings(home=home).lake)
    assert lake.keys("instruction_pairs") == ["beam-basics"]
    again = booktune(home, "run", "instruction_pairs", "--book", "beam-basics")
    assert again.returncode == 0, again.stderr
    assert [line.split() for line in again.stdout.splitlines()[1:2]] == [
        ["instruction_pairs", "0", "1", "0"]
    ]
    told = booktune(home, "status", "--json")
    assert told.returncode == 1
    states = {(row["book"], row["asset"]): row["state"] for row in json.loads(told.stdout)}
    assert states["broken", "raw_books"] == "failed"
    assert states["beam-basics", "instruction_pairs"] == "current"


def test_what_an_asset_needs_and_was_never_built_is_built_first(tmp_path: Path) -> None:
    (tmp_path / "tides.md").write_text(BOOK)
    home = tmp_path / "home"
    assert booktune(home, "add", str(tmp_path / "tides.md"), "--licence", "CC0").returncode == 0
    done = booktune(home, "run", "concept_graph")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "also builds what was never built and is needed: raw_books, sections\n" in done.stderr
    assert "starting: 3 builds" in done.stderr
    lake = Lake(Settings(home=home).lake)
    assert lake.keys("concept_graph") == ["tides"] and not lake.keys("instruction_pairs")
    again = booktune(home, "run", "sections")  # stands already: nothing is asked for above it
    assert again.returncode == 0 and "also builds" not in again.stderr


def test_needs_are_followed_up_to_what_stands(tmp_path: Path) -> None:
    house = House.open(Settings(home=tmp_path))
    books, sets = set(BOOK_STAGES), {"sharegpt_set", "rehearsal_set", "lora_adapter"}
    assert never_built(house, ["eval_report"], ["a"]) == books | sets
    assert never_built(house, ["code_verification"], ["a"]) == {"raw_books", "sections"}
    assert never_built(house, BOOK_STAGES, ["a"]) == set() == never_built(house, MARTS, ["a"])
    built = House.open(build_home(tmp_path / "built", models=False))
    keys = built.lake.keys("instruction_pairs")
    assert (
        never_built(built, ["alpaca_set"], [*keys, "new"]) == set()
    )  # of the books that are ready
    assert "raw_books" in never_built(built, ["sections"], [*keys, "new"])
    assert left_out(built, ["alpaca_set"], [*keys, "new"]) == ["new"]  # which is said
    assert left_out(built, ["instruction_pairs", "alpaca_set"], ["new"]) == []
    assert left_out(built, ["sections"], ["new"]) == []


def test_the_exit_code_tells_a_service_from_a_book() -> None:
    down = Outcome("sections", "a", "failed", None, ServiceDown(Code.DISK, "Free space"))
    bad = Outcome("raw_books", "b", "failed", None, BookError(Code.EMPTY_FILE, "Copy it again"))
    assert code_of(RunSummary([down])) == 3
    assert code_of(RunSummary([down, bad])) == 1
    assert code_of(RunSummary([down], broken=["run"])) == 1
    assert code_of(RunSummary(broken=["run"])) == 1


def test_marts_are_assets_with_their_tests_as_checks(tmp_path: Path) -> None:
    settings = build_home(tmp_path, models=False)
    defs = dg.Definitions.merge(
        build_marts_definitions(settings),
        dg.Definitions(resources={HOUSE: house_resource(settings)}),
    )
    job = defs.resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        done = job.execute_in_process(instance=instance)
        assert done.success
        made = {
            e.asset_key.to_user_string(): e
            for e in done.get_asset_materialization_events()
            if e.asset_key
        }
        assert list(made) == MARTS
        metadata = made["example_lineage"].materialization.metadata
        assert metadata["dagster/row_count"].value == 12
        assert "**example_id**" in str(metadata["preview"].value)
        checks = done.get_asset_check_evaluations()
        assert len(checks) == 15 and all(check.passed for check in checks)
        some = job.execute_in_process(
            instance=instance, asset_selection=[dg.AssetKey("book_quality")]
        )
        assert len(some.get_asset_materialization_events()) == 1


def test_a_refused_build_shows_its_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path)
    bad = Checked("references_hold", "book_quality", "fail", 3, "Got 3 results", True)

    def refuse(_: Settings) -> MartsMade:
        raise MartsRefused([bad], settings.warehouse)

    monkeypatch.setattr(marts_module, "build_marts", refuse)
    defs = dg.Definitions.merge(
        build_marts_definitions(settings),
        dg.Definitions(resources={HOUSE: house_resource(settings)}),
    )
    done = defs.resolve_implicit_global_asset_job_def().execute_in_process(raise_on_error=False)
    assert not done.success
    (check,) = done.get_asset_check_evaluations()
    assert (check.check_name, check.passed) == ("references_hold", False)
    assert check.metadata["rows found"].value == 3
    (failure,) = [e for e in done.all_events if e.is_step_failure]
    assert "references_hold (book_quality): 3 rows" in str(
        failure.step_failure_data.user_failure_data
    )


def test_marts_hang_below_the_right_assets() -> None:
    found = {mart.name: set(mart.tables) for mart in warehouse.marts()}
    assert found["dataset_composition"] == {"sharegpt_set", "alpaca_set"}
    assert {"eval_report", "lora_adapter"} <= found["eval_history"]
    assert {"instruction_pairs", "sections__spans", "raw_books"} <= found["example_lineage"]


def test_plain_progress_is_sparse(capsys: pytest.CaptureFixture[str]) -> None:
    with Ticker(3) as ticker:
        for done in range(1, 101):
            ticker.tick(Tick("reading\nx", done, 100, 1.0))
        ticker.outcome(Outcome("sections", "alpha", "made", None, None, 2.0))
        ticker.outcome(Outcome("sections", "beta", "reused", None))
        error = BookError(Code.NO_CONTENT, "Look at it")
        ticker.outcome(Outcome("sections", "gamma", "failed", None, error))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "starting: 3 builds"
    assert lines[1:] == [
        "[0/3] reading\\nx 1/100 (1 %), 1 s to go",
        "[0/3] reading\\nx 100/100 (100 %)",
        "[1/3] sections alpha: made in 2.0 s",
        "[3/3] sections gamma: failed (NO_CONTENT)",
    ]


def test_a_second_round_of_the_same_is_seen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run over the books trains after those of two stages: its loss and time left are said."""
    clock = iter(range(0, 600, 6))
    monkeypatch.setattr("booktune_assets.cli.run.time.monotonic", lambda: float(next(clock)))
    with Ticker(1) as ticker:
        for loss in ("1", "2", "3"):
            for step in range(3):
                ticker.tick(Tick("training", step, 2, 1.0, f"loss {loss}"))
    told = capsys.readouterr().err
    assert told.count("training 2/2") == 3 and told.count("to go — loss 3") == 2


def test_results_name_places_and_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = build_home(tmp_path)
    for fmt in ("sharegpt", "alpaca"):
        folder = settings.exports / f"{fmt}_set"
        folder.mkdir(parents=True)
        (folder / "train.jsonl").touch()
    (settings.exports / "alpaca_set" / "train.jsonl").unlink()
    say_results(House.open(settings), ["sharegpt_set", "alpaca_set", "lora_adapter", "eval_report"])
    said = capsys.readouterr().out
    assert f"{tmp_path}/exports/sharegpt_set  (train.jsonl)" in said
    assert "3 alpaca examples" in said
    assert f"{tmp_path}/exports/alpaca_set" not in said  # no path that is not there
    assert "export files are missing: booktune run alpaca_set" in said
    assert f"adapter   {tmp_path}/lake/lora_adapter/ada_" in said


def test_a_set_that_failed_is_not_shown_as_built(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = House.open(build_home(tmp_path))
    error = BookError(Code.NO_EXAMPLES, "Add a book")
    summary = RunSummary(
        [
            Outcome("sharegpt_set", "sharegpt_set", "failed", None, error),
            Outcome("alpaca_set", "set_1", "reused", None),
        ]
    )
    say_results(house, ["sharegpt_set", "alpaca_set", "lora_adapter"], summary)
    said = capsys.readouterr().out.splitlines()
    (old,) = [line for line in said if "sharegpt examples" in line]
    assert old.endswith("(earlier set, not rebuilt)")
    (kept,) = [line for line in said if "alpaca examples" in line]
    assert kept.endswith("alpaca examples")
    (adapter,) = [line for line in said if line.startswith("adapter")]
    assert adapter.endswith("(earlier adapter, not rebuilt)")  # skipped: what it needs failed


def test_a_summary_says_what_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    error = BookError(Code.DAMAGED_FILE, "Copy it again", book="b")
    summary = RunSummary([Outcome("raw_books", "b", "failed", None, error)], seconds=1.0)
    say_summary(Settings(home=tmp_path), summary)
    said = capsys.readouterr().out
    assert "failed: raw_books b: DAMAGED_FILE: the file is damaged" in said
    assert said.endswith("done, with failures in 1.0 s\n")


def test_a_step_that_is_tried_again_counts_once() -> None:
    """A retry reports again what it finished before: `[7/4]`, and `reused 3` of one book."""
    from booktune_assets.assets.execute import RunSummary
    from booktune_assets.chain.house import Outcome

    made = Outcome("raw_books", "otp", "made", None)
    same = Outcome("raw_books", "otp", "reused", None)
    other = Outcome("raw_books", "joy", "reused", None)
    summary = RunSummary()
    assert summary.note(made)
    assert [summary.note(one) for one in (same, same, other)] == [False, False, True]
    assert summary.outcomes == [made, other]
    failed = Outcome("sections", "otp", "failed", None)
    assert summary.note(failed) and summary.note(Outcome("sections", "otp", "made", None))
    assert summary.failed == []
    with Ticker(2) as ticker:
        for outcome in (made, same, made, other):
            ticker.outcome(outcome)
        assert ticker.done == 2
