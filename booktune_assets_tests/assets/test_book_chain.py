"""Several books in one run: each stage of each book has its own event, version and failure."""

import json
from dataclasses import replace

import dagster as dg
import polars as pl
import pytest
from click.testing import CliRunner
from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.loader import LoadingContextForTest

from booktune_assets.assets.checks import BOOK_CHECKS
from booktune_assets.chain import books as chain_books
from booktune_assets.chain.house import BOOK_STAGES, SET_STAGES
from booktune_assets.cli import cli
from booktune_assets.definitions import build_defs
from booktune_assets_tests.assets import lab


def test_a_bad_book_leaves_the_others_done(bench):
    for name in ("alpha", "beta", "delta"):
        bench.write(name, f"hello {name}")
    bench.write("gamma", "BAD")
    summary = bench.run()
    assert [(o.asset, o.key, o.error.code) for o in summary.failed] == [
        ("raw_books", "gamma", "DAMAGED_FILE")
    ]
    for asset in BOOK_STAGES:
        assert bench.materialised(asset) == {"alpha", "beta", "delta"}
    assert bench.house.lake.failure("raw_books", "gamma").remedy == "Get the file again"
    assert (
        bench.house.lake.read("sharegpt_set", bench.house.lake.current_key("sharegpt_set")).height
        == 3
    )
    run = bench.instance.get_run_by_id(summary.run_ids[0])
    assert run.status is dg.DagsterRunStatus.FAILURE
    events = bench.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    told = events[0].dagster_event.step_failure_data.user_failure_data
    assert "gamma: DAMAGED_FILE" in told.description
    assert "Get the file again" in told.metadata["failed"].value


def test_each_book_has_its_own_version(bench):
    bench.write("alpha", "one")
    bench.write("beta", "two")
    bench.run()
    for asset in BOOK_STAGES:
        versions = bench.versions(asset)
        assert versions == {
            key: bench.house.lake.receipt(asset, key).digest for key in ("alpha", "beta")
        }
        assert len(bench.events(asset)) == 2
    assert len(set(bench.versions("sections").values())) == 2


def test_a_subset_of_stages_runs_only_those(bench):
    bench.write("alpha", "one")
    bench.write("beta", "two")
    bench.run()
    lab.calls.clear()
    summary = bench.run("sections")
    assert {(o.asset, o.status) for o in summary.outcomes} == {("sections", "reused")}
    assert not lab.calls
    assert len(bench.events("raw_books")) == 2


def test_a_stage_whose_book_was_never_read_says_so(bench):
    bench.write("alpha", "one")
    summary = bench.run("sections")
    assert [o.error.code for o in summary.failed] == ["NOT_BUILT"]


def test_scattered_books_run_without_those_between(bench):
    for name in ("a", "b", "c", "d", "e"):
        bench.write(name, name)
    bench.run("raw_books", books=["a"])
    bench.run("raw_books", books=["e", "b", "d"])
    assert bench.materialised("raw_books") == {"a", "b", "d", "e"}


def test_a_mended_book_is_retried_alone(bench):
    bench.write("alpha", "one")
    bench.write("beta", "BAD")
    bench.run()
    lab.calls.clear()
    bench.write("beta", "two")
    assert bench.run().ok
    assert [call for call in lab.calls if call[0] in BOOK_STAGES] == [
        (stage, "beta") for stage in BOOK_STAGES
    ]
    assert bench.house.lake.failure("raw_books", "beta") is None


def test_unchanged_things_are_reused(bench):
    bench.write("alpha", "one")
    bench.run()
    lab.calls.clear()
    summary = bench.run()
    made, again = (
        bench.events("sections")[place].asset_materialization.metadata for place in (1, 0)
    )
    assert (made["reused"].value, again["reused"].value) == (False, True)
    # what it cost to make, not the look at its receipt
    assert made["made_seconds"] == again["made_seconds"]
    assert made["made_seconds"].value > 0
    assert {o.status for o in summary.outcomes} == {"reused"}
    assert not lab.calls


def test_a_book_check_stands_for_one_book(bench):
    bench.write("alpha", "one")
    bench.write("beta", "two")
    run_id = bench.run(*BOOK_STAGES).run_ids[0]
    logs = bench.instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    found = {
        (e.dagster_event.asset_check_evaluation_data.check_name,
         e.dagster_event.asset_check_evaluation_data.partition,
         e.dagster_event.asset_check_evaluation_data.passed)
        for e in logs
    }  # fmt: skip
    names = [spec.name for spec in BOOK_CHECKS]
    assert found == {(name, book, True) for name in names for book in ("alpha", "beta")}


def test_lost_characters_fail_the_check_of_their_book_alone(bench, monkeypatch):
    bench.write("alpha", "one")
    bench.write("beta", "two")
    raw = lab._raw

    def losing(house, key):
        made = raw(house, key)
        if key == "beta":
            pages = made.frames["raw_books__pages"]
            made.frames["raw_books__pages"] = pages.with_columns(lost=pl.lit(2, pl.Int64))
        return made

    monkeypatch.setitem(
        chain_books.STAGES, "raw_books", replace(chain_books.STAGES["raw_books"], make=losing)
    )
    run_id = bench.run("raw_books").run_ids[0]
    logs = bench.instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    told = [e.dagster_event.asset_check_evaluation_data for e in logs]
    found = {
        (one.partition, one.passed) for one in told if one.check_name == "characters_conserved"
    }
    assert found == {("alpha", True), ("beta", False)}
    (bad,) = [one for one in told if not one.passed]
    assert bad.severity is dg.AssetCheckSeverity.ERROR and bad.metadata["sample"].value == "1"


@pytest.mark.parametrize(
    ("stage", "table", "check"),
    [
        ("raw_books", "raw_books__spans", "characters_conserved"),
        ("sections", "sections__pieces", "blocks_conserved"),
    ],
)
def test_what_is_gone_behind_the_reader_fails_a_check(bench, monkeypatch, stage, table, check):
    bench.write("alpha", "one two")
    make = chain_books.STAGES[stage].make

    def cutting(house, key):
        made = make(house, key)
        made.frames[table] = made.frames[table].with_columns(char_end=pl.lit(3, pl.Int32))
        return made

    monkeypatch.setitem(chain_books.STAGES, stage, replace(chain_books.STAGES[stage], make=cutting))
    run_id = bench.run("raw_books", "sections").run_ids[0]
    logs = bench.instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    told = [e.dagster_event.asset_check_evaluation_data for e in logs]
    assert [one.check_name for one in told if not one.passed] == [check]


def test_a_failed_book_shows_code_and_remedy_on_its_own_page(bench):
    bench.write("alpha", "one")
    bench.write("gamma", "BAD")
    run_id = bench.run(*BOOK_STAGES).run_ids[0]
    (record,) = bench.instance.fetch_observations(dg.AssetKey("raw_books"), limit=10).records
    seen = record.event_log_entry.dagster_event.event_specific_data.asset_observation
    assert seen.partition == "gamma"
    assert seen.metadata["code"].value == "DAMAGED_FILE"
    assert seen.metadata["what"].value == "the file is damaged and cannot be read whole"
    assert seen.metadata["remedy"].value == "Get the file again"
    assert "in use" not in seen.metadata

    storage = bench.instance.event_log_storage
    for spec in BOOK_CHECKS:
        records = storage.get_asset_check_execution_history(spec.key, limit=10)
        found = {one.partition: one for one in records if one.run_id == run_id}
        assert {key: one.status.value for key, one in found.items()} == {
            "alpha": "SUCCEEDED", "gamma": "FAILED",  # none is left as planned: "Execution failed"
        }  # fmt: skip
        told = found["gamma"].event.dagster_event.event_specific_data
        assert told.metadata["code"].value == "DAMAGED_FILE"
        assert "raw_books failed" in told.description

    bench.write("alpha", "BAD now")
    bench.run("raw_books", books=["alpha"])
    newest = bench.instance.fetch_observations(dg.AssetKey("raw_books"), limit=1).records[0]
    seen = newest.event_log_entry.dagster_event.event_specific_data.asset_observation
    assert seen.metadata["in use"].value == "the version made before"


@pytest.mark.parametrize(("text", "restarts"), [("BAD", 0), ("DOWN", 2)])
def test_only_a_service_is_tried_again(bench, monkeypatch, text, restarts):
    monkeypatch.setattr("booktune_assets.assets.stages.FIRST_WAIT", 0.01)
    bench.write("alpha", text)
    summary = bench.run("raw_books")
    events = bench.instance.all_logs(summary.run_ids[0], of_type=dg.DagsterEventType.STEP_RESTARTED)
    assert len(events) == restarts
    assert not summary.ok


def test_metadata_shows_rows_preview_and_picture(bench):
    bench.write("alpha", "Some *text* with ``` fences")
    bench.run()
    for asset in BOOK_STAGES:
        metadata = bench.events(asset)[0].asset_materialization.metadata
        assert metadata["dagster/partition_row_count"].value == 1
        assert metadata["plot"].value.count("data:image/svg+xml;base64,")
        assert len(metadata["plot"].value) < 1000  # shown in place
        assert metadata["reused"].value is False
        numbers = [name for name, value in metadata.items() if isinstance(value.value, int | float)]
        assert len(numbers) <= 5, numbers  # each is a plot of its own
        assert "| rows | 1 |" in metadata["counts"].value
    for asset in SET_STAGES:
        metadata = bench.events(asset)[0].asset_materialization.metadata
        assert metadata["dagster/row_count"].value == 1
        assert "````" in metadata["preview"].value


def test_warnings_of_a_damaged_book_stand_on_its_page(bench, monkeypatch):
    said = "1 of 2 pages could not be read"
    bench.write("alpha", "one")
    raw = lab._raw

    def damaged(house, key):
        made = raw(house, key)
        frame = made.frames["raw_books"].with_columns(warnings=pl.lit([said]))
        made.counts["warnings"] = 1
        made.frames["raw_books"] = frame
        return made

    monkeypatch.setitem(
        chain_books.STAGES, "raw_books", replace(chain_books.STAGES["raw_books"], make=damaged)
    )
    bench.run(*BOOK_STAGES)
    metadata = bench.events("raw_books")[0].asset_materialization.metadata
    assert said in metadata["warnings"].value
    assert list(metadata)[1] == "warnings"  # on top, after the row count
    told = CliRunner().invoke(cli, ["--home", str(bench.settings.home), "status"])
    assert told.exit_code == 0
    assert "current 1 (1 warning)" in told.output and said not in told.output
    told = CliRunner().invoke(cli, ["--home", str(bench.settings.home), "status", "alpha"])
    assert f"warning: {said}" in told.output
    told = CliRunner().invoke(cli, ["--home", str(bench.settings.home), "status", "--json"])
    assert json.loads(told.stdout)[0]["warnings"] == [said]


def test_no_book_text_is_copied_when_the_preview_is_off(bench):
    bench.write("alpha", "Secret words of the book")
    settings = bench.settings.model_copy(update={"preview_rows": 0})
    defs = build_defs(settings)
    bench.instance.add_dynamic_partitions("books", ["alpha"])
    result = defs.resolve_job_def("book_chain").execute_in_process(
        instance=bench.instance, partition_key="alpha"
    )
    assert result.success
    for asset in BOOK_STAGES:
        assert "preview" not in bench.events(asset)[0].asset_materialization.metadata


def test_the_whole_is_one_job_of_runs(bench, monkeypatch):
    bench.write("alpha", "one")
    monkeypatch.setattr("booktune_assets.assets.jobs.WHOLE", BOOK_STAGES + SET_STAGES)
    defs = build_defs(bench.settings)
    result = defs.resolve_job_def("everything").execute_in_process(instance=bench.instance)
    assert result.success
    assert bench.materialised("instruction_pairs") == {"alpha"}
    assert bench.house.lake.current_key("alpaca_set")


def test_a_run_whose_process_was_killed_is_ended(bench):
    """A killed ``booktune run`` would otherwise hold the fan-in up and keep its place in a pool."""
    import platform
    import subprocess
    import sys

    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = bench.instance.add_run(
        dg.DagsterRun(
            job_name="book_chain",
            status=dg.DagsterRunStatus.STARTED,
            tags={"booktune/process": f"{platform.node()}:{gone.pid}"},
        )
    )
    bench.write("alpha", "one")
    bench.run("raw_books")
    assert bench.instance.get_run_by_id(left.run_id).status is dg.DagsterRunStatus.FAILURE


def test_what_was_reused_is_not_called_unsynced(bench):
    """The UI's own judgement: after a second run with nothing changed no stage is out of date."""
    bench.write("alpha", "one")
    for _ in range(2):
        bench.run(*BOOK_STAGES)
    graph = build_defs(bench.settings).resolve_asset_graph()
    loading = LoadingContextForTest(bench.instance)
    resolver = CachingStaleStatusResolver(bench.instance, graph, loading)
    for stage in BOOK_STAGES:
        causes = resolver.get_stale_causes(dg.AssetKey(stage), "alpha")
        told = [cause.reason for cause in causes]
        # the toy stages have another code version than the declared ones
        assert set(told) <= {"has a new code version"}, f"{stage}: {told}"
