"""Sensors: one run per changed file, nothing lost at the fan-in, nothing asked for ever."""

import os

import dagster as dg

from booktune_assets.assets.instance import open_instance
from booktune_assets.chain.build import state
from booktune_assets.chain.house import BOOK_STAGES, SET_STAGES
from booktune_assets.settings import Settings
from booktune_assets_tests.assets import lab

HOUR = 3_600_000_000_000


def _books(answer):
    assert isinstance(answer, dg.SensorResult)
    return [request.partition_key for request in answer.run_requests or []]


def test_new_files_are_registered_and_run(bench):
    bench.write("alpha", "one")
    bench.write("beta", "two")
    answer = bench.sensor("book_files_sensor")
    assert _books(answer) == ["alpha", "beta"]
    assert bench.instance.get_dynamic_partitions("books") == ["alpha", "beta"]
    assert isinstance(bench.sensor("book_files_sensor", answer.cursor), dg.SkipReason)


def test_a_touched_file_costs_a_look_and_no_run(bench):
    bench.write("alpha", "one")
    first = bench.sensor("book_files_sensor")
    bench.run()
    lab.calls.clear()
    bench.write("alpha", "one", changed=1_700_000_000_000_000_000 + HOUR)
    second = bench.sensor("book_files_sensor", first.cursor)
    assert _books(second) == []
    assert second.cursor != first.cursor
    assert {o.status for o in bench.run().outcomes} == {"reused"}
    assert not lab.calls
    assert "made of what the books hold" in bench.sensor("fan_in_sensor").skip_message
    assert isinstance(bench.sensor("book_files_sensor", second.cursor), dg.SkipReason)


def test_opening_the_ui_runs_nothing_that_the_command_line_built(bench):
    for name in ("alpha", "beta"):
        bench.write(name, name)
    bench.write("gamma", "BAD")
    bench.run()
    answer = bench.sensor("book_files_sensor")
    assert _books(answer) == []
    assert isinstance(bench.sensor("book_files_sensor", answer.cursor), dg.SkipReason)
    bench.write("beta", "beta, second edition", changed=1_700_000_000_000_000_000 + HOUR)
    bench.write("gamma", "mended", changed=1_700_000_000_000_000_000 + HOUR)
    assert _books(bench.sensor("book_files_sensor", answer.cursor)) == ["beta", "gamma"]


def test_a_lake_whose_event_log_was_lost_is_told_to_the_new_one(bench, tmp_path):
    """The remedy for a spoilt instance is to remove it: the UI must then show the books again."""
    bench.write("alpha", "one")
    bench.run()
    with open_instance(Settings(home=tmp_path / "other")) as fresh:
        bench.instance = fresh
        assert _books(bench.sensor("book_files_sensor")) == ["alpha"]
        lab.calls.clear()
        assert bench.run().ok and not lab.calls
        assert _books(bench.sensor("book_files_sensor")) == []


def test_a_file_that_goes_and_comes_back_is_looked_at_again(bench):
    path = bench.write("alpha", "one")
    cursor = bench.sensor("book_files_sensor").cursor
    text = path.read_text()
    path.unlink()
    cursor = bench.sensor("book_files_sensor", cursor).cursor
    bench.write("alpha", text)
    assert _books(bench.sensor("book_files_sensor", cursor)) == ["alpha"]


def test_bytes_that_come_back_are_run_again(bench):
    keys = []
    cursor = None
    for number, text in enumerate(("one", "two", "one")):
        bench.write("alpha", text, changed=1_700_000_000_000_000_000 + number * HOUR)
        answer = bench.sensor("book_files_sensor", cursor)
        cursor = answer.cursor
        keys += [request.run_key for request in answer.run_requests]
    assert len(set(keys)) == 3


def test_a_sidecar_alone_is_noticed_when_it_comes_changes_and_goes(bench):
    path = bench.write("alpha", "one")
    beside = path.with_name(f"{path.name}.toml")
    cursor = bench.sensor("book_files_sensor").cursor
    for number, words in enumerate(('title = "A"', 'title = "B"', None), start=1):
        if words is None:
            beside.unlink()
        else:
            beside.write_text(words)
            stamp = 1_700_000_000_000_000_000 + number * HOUR
            os.utime(beside, ns=(stamp, stamp))
        answer = bench.sensor("book_files_sensor", cursor)
        assert _books(answer) == ["alpha"], words
        cursor = answer.cursor
    assert isinstance(bench.sensor("book_files_sensor", cursor), dg.SkipReason)


def test_a_file_that_is_still_written_waits(bench):
    import time

    # a minute ahead, so that a busy machine is not late
    bench.write("alpha", "half", changed=time.time_ns() + 60 * 10**9)
    answer = bench.sensor("book_files_sensor")
    assert isinstance(answer, dg.SkipReason)
    assert "still being written" in answer.skip_message


def test_a_tick_is_bounded(bench):
    for number in range(30):
        bench.write(f"b{number:02}", f"text {number}")
    first = bench.sensor("book_files_sensor")
    second = bench.sensor("book_files_sensor", first.cursor)
    assert (len(_books(first)), len(_books(second))) == (25, 5)


def test_the_fan_in_loses_no_change(bench):
    """A book changes after the sets' run read the books and before the sensor looks again."""
    assert "no book" in bench.sensor("fan_in_sensor").skip_message
    bench.write("alpha", "one")
    bench.run("raw_books", "sections", "concept_graph", "instruction_pairs")
    asked = bench.sensor("fan_in_sensor")
    assert len(asked.run_requests) == 1
    assert asked.run_requests[0].run_key is None
    bench.run(*SET_STAGES)
    bench.write("alpha", "two", changed=1_700_000_000_000_000_000 + HOUR)
    bench.run("raw_books", "sections", "concept_graph", "instruction_pairs")
    again = bench.sensor("fan_in_sensor", asked.cursor)
    assert len(again.run_requests) == 1
    bench.run(*SET_STAGES)
    assert state("sharegpt_set", None, bench.house) == "current"
    assert isinstance(bench.sensor("fan_in_sensor", again.cursor), dg.SkipReason)


def test_the_fan_in_waits_for_books_under_way(bench):
    bench.write("alpha", "one")
    bench.run("raw_books", "sections", "concept_graph", "instruction_pairs")
    run = bench.instance.add_run(
        dg.DagsterRun(job_name="book_chain", status=dg.DagsterRunStatus.STARTED)
    )
    assert "waiting for 1" in bench.sensor("fan_in_sensor").skip_message
    bench.instance.report_run_failed(run)
    assert isinstance(bench.sensor("fan_in_sensor"), dg.SensorResult)


def test_a_state_that_gives_no_set_is_not_asked_for_ever(bench):
    bench.write("alpha", "one")
    bench.run("raw_books", "sections", "concept_graph", "instruction_pairs")
    cursor, asked = None, 0
    for _ in range(10):
        answer = bench.sensor("fan_in_sensor", cursor)
        if isinstance(answer, dg.SensorResult):
            cursor, asked = answer.cursor, asked + 1
    assert asked == 3


def test_a_book_that_turns_bad_holds_up_neither_sensor_nor_sets(bench):
    for name in ("alpha", "beta"):
        bench.write(name, name)
    bench.run()
    bench.write("beta", "BAD", changed=1_700_000_000_000_000_000 + HOUR)
    bench.write("alpha", "alpha, second edition", changed=1_700_000_000_000_000_000 + HOUR)
    assert not bench.run(*BOOK_STAGES).ok
    asked = bench.sensor("fan_in_sensor")
    assert isinstance(asked, dg.SensorResult)
    assert bench.run(*SET_STAGES).ok
    frame = bench.house.lake.read("alpaca_set", bench.house.lake.current_key("alpaca_set"))
    assert set(frame["output"]) == {"alpha, second edition", "beta"}
    assert "made of what" in bench.sensor("fan_in_sensor", asked.cursor).skip_message
