"""OTP tasks: what they show, and what is made of answers by hand."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from booktune_assets.beam.patterns import find_patterns
from booktune_assets.beam.problems import load_problems, problem_of
from booktune_assets.beam.runner import missing
from booktune_assets.evaluation.items import ItemScore
from booktune_assets.evaluation.suite import Given, card
from booktune_assets.evaluation.suites.crossed import crossed
from booktune_assets.evaluation.suites.otp import Otp, f1
from booktune_assets.evaluation.suites.otp_tasks import (
    KINDS,
    LABELS,
    LETTERS,
    TOPICS,
    Task,
    labels_in,
    spread,
    tasks_of,
)
from booktune_assets.settings import PROJECT, Evaluation

PROBLEMS = [one for one in load_problems(PROJECT / "data" / "evals" / "problems") if one.topic]
REFERENCE = """defmodule Seat do
  use GenServer

  def start_link(limit), do: GenServer.start_link(__MODULE__, limit)
  def take(pid), do: GenServer.call(pid, :take)

  @impl true
  def init(limit), do: {:ok, {0, limit}}

  @impl true
  def handle_call(:take, _from, {taken, limit}) when taken < limit do
    {:reply, {:ok, taken + 1}, {taken + 1, limit}}
  end

  def handle_call(:take, _from, state), do: {:reply, :full, state}
end
"""
TESTS = """defmodule SeatTest do
  use ExUnit.Case, async: true

  test "seats are counted" do
    {:ok, pid} = Seat.start_link(2)
    assert [Seat.take(pid), Seat.take(pid), Seat.take(pid)] == [{:ok, 1}, {:ok, 2}, :full]
  end

  test "the next one begins anew after a kill" do
    Process.flag(:trap_exit, true)
    {:ok, pid} = Seat.start_link(1)
    Process.exit(pid, :kill)
    assert_receive {:EXIT, ^pid, :killed}, 5_000
    {:ok, other} = Seat.start_link(1)
    assert Seat.take(other) == {:ok, 1}
  end
end
"""
MUTANTS = [
    REFERENCE.replace("taken < limit", "taken <= limit"),
    REFERENCE.replace("{:ok, taken + 1}, {", "{:ok, taken}, {"),
    REFERENCE.replace("{:reply, :full, state}", "{:reply, :none, state}"),
]
NO_OTP = """defmodule Seat do
  def start_link(limit), do: {:ok, spawn_link(fn -> loop(0, limit) end)}

  def take(pid) do
    ref = make_ref()
    send(pid, {self(), ref})

    receive do
      {^ref, answer} -> answer
    end
  end

  defp loop(taken, limit) do
    receive do
      {from, ref} when taken < limit ->
        send(from, {ref, {:ok, taken + 1}})
        loop(taken + 1, limit)

      {from, ref} ->
        send(from, {ref, :full})
        loop(taken, limit)
    end
  end
end
"""
RAW = {
    "id": "seat", "language": "elixir", "prompt": "Write `Seat`.", "topic": "genserver",
    "interface": ["Seat.start_link/1", "Seat.take/1"], "tests": TESTS, "reference": REFERENCE,
    "mutants": MUTANTS, "test_count": 2, "patterns": ["gen_server"],
}  # fmt: skip
# what the sentences of an identify task say, read by somebody else than the detectors
SAID = {
    "elixir": {
        "gen_server": r"use GenServer|\bGenServer\.|:gen_server\b",
        "supervisor": r"use Supervisor|(?<![\w.])Supervisor\.|:supervisor\.",
        "dynamic_supervisor": r"DynamicSupervisor\b",
        "application": r"use Application|Application\.(start|stop|ensure)",
        "task": r"\bTask\.", "agent": r"use Agent|\bAgent\.", "registry": r"\bRegistry\.",
        "gen_statem": r":gen_statem", "ets": r":ets\.",
        "link": r"spawn_link|Process\.(un)?link|trap_exit|{:EXIT,|:link\b",
        "monitor": r"spawn_monitor|monitor\(|{:DOWN,|:monitor\b",
        "let_it_crash": r"(?m)^\s*({:ok, \w+}|:ok) = ",
        "behaviour": r"@(behaviour|callback)", "protocol": r"defprotocol|defimpl|@derive",
    },
    "erlang": {
        "gen_server": r"gen_server", "supervisor": r"supervisor", "gen_statem": r"gen_statem",
        "dynamic_supervisor": r"simple_one_for_one", "application": r"application:",
        "ets": r"\bets:", "link": r"spawn_link|\b(un)?link\(|trap_exit|'EXIT'",
        "monitor": r"spawn_monitor|monitor\(|'DOWN'", "behaviour": r"-behaviour|-callback",
        "let_it_crash": r"(?m)^\s*({ok, \w+}|ok) = ",
    },
}  # fmt: skip


def test_the_sentences_of_identify_leave_one_answer() -> None:
    tasks = [task for one in PROBLEMS for task in tasks_of(one) if task.kind == "identify"]
    for task in tasks:
        said = {
            label
            for label, sign in SAID[task.problem.language].items()
            if re.search(sign, task.problem.reference)
        }
        assert said == set(task.reference.split(", ")), task.item_id
        assert all(task.text.count(label) >= 2 for label in LABELS)


def test_topics_have_patterns_that_their_references_show() -> None:
    assert {one.topic for one in PROBLEMS} <= set(TOPICS)
    for problem in PROBLEMS:
        shown = {one.name for one in find_patterns(problem.reference, problem.language)}
        assert problem.patterns and set(problem.patterns) <= shown, problem.id


def test_there_are_enough_tasks_of_every_kind() -> None:
    tasks = [task for problem in PROBLEMS for task in tasks_of(problem)]
    assert len({task.item_id for task in tasks}) == len(tasks)
    assert len(PROBLEMS) < 30 or len(tasks) >= 120
    for task in tasks:
        if task.kind == "choose":
            assert task.options == LETTERS and task.reference in LETTERS
        else:  # the answer is not given away
            assert task.reference not in task.text or task.kind == "identify"
    letters = [task.reference for task in tasks if task.kind == "choose"]
    assert max(letters.count(one) for one in LETTERS) <= len(letters) // 2


def test_any_beginning_is_spread_over_kinds_and_topics() -> None:
    tasks = spread([task for problem in PROBLEMS for task in tasks_of(problem)])
    first = tasks[:8]
    assert [task.kind for task in first] == [*KINDS, *KINDS]
    assert len({task.problem.topic for task in first}) >= 6
    assert spread(list(reversed(tasks))) == tasks


def test_labels_are_read_from_lists_and_not_from_prose() -> None:
    assert labels_in("gen_server, ets") == {"gen_server", "ets"}
    assert labels_in("- GenServer: calls\n2) **let it crash**\n* `gen_statem` (two)") == {
        "gen_server", "let_it_crash", "gen_statem",
    }  # fmt: skip
    assert labels_in("It answers with a guard. The task is done.") == set()
    assert labels_in("DynamicSupervisor and Supervisor.") == {"dynamic_supervisor", "supervisor"}
    assert labels_in(", ".join(LABELS)) == set(LABELS)
    both = {"gen_server", "supervisor"}
    assert labels_in("The patterns are GenServer and Supervisor.") == both
    assert labels_in("Labels: gen_server, supervisor") == both
    assert labels_in("This program shows a GenServer and it uses a supervisor") == both
    assert labels_in("gen_server: its state is a registry") == {"gen_server"}
    assert labels_in("ets, guard, pattern_heads") == {"ets"}, "labels of OTP alone"
    assert labels_in("") == set()


def versions_of(task: Task) -> dict[str, Counter[str]]:
    """Lines of each version that is offered."""
    shown = task.text[task.text.index("Here are four versions") :]
    found = re.findall(r"\n([ABCD])\n```\w+\n(.*?)\n```", shown, re.DOTALL)
    return {
        letter: Counter(line.strip() for line in code.split("\n") if line.strip())
        for letter, code in found
    }


def test_the_version_that_the_others_share_most_with_is_right_by_chance_only() -> None:
    """A reader who counts lines and understands none gets one in four, of the odd ones too."""
    tasks = [task for one in PROBLEMS for task in tasks_of(one) if task.kind == "choose"]
    assert len(tasks) == len(PROBLEMS)
    for extreme in (min, max):
        hits = 0.0
        for task in tasks:
            lines = versions_of(task)
            assert set(lines) == set(LETTERS)
            apart = {
                one: sum(((own - other) + (other - own)).total() for other in lines.values())
                for one, own in lines.items()
            }
            best = [one for one in apart if apart[one] == extreme(apart.values())]
            hits += (task.reference in best) / len(best)
        assert abs(hits / len(tasks) - 0.25) < 0.1


def test_two_faults_are_crossed_and_touching_ones_are_not() -> None:
    right = "a = 1\nb = 2\nc = 3\n"
    first, second = right.replace("1", "9"), right.replace("3", "8")
    assert list(crossed(right, [first, second])) == [(first, second, "a = 9\nb = 2\nc = 8\n")]
    one_line = "f(a, b)"
    assert list(crossed(one_line, ["f(x, b)", "f(a, y)"])) == [("f(x, b)", "f(a, y)", "f(x, y)")]
    assert list(crossed(right, [first, right.replace("1", "7")])) == []
    longer = right + "d = 4\n"
    assert list(crossed(right, [longer, right + "e = 5\n"])) == [], "which comes first?"
    assert list(crossed(right, [longer, first])) == [(longer, first, longer.replace("1", "9"))]


def test_what_an_answer_gets_that_never_looks_stands_on_the_card() -> None:
    wanted = [
        set(task.reference.split(", ")) for one in PROBLEMS for task in tasks_of(one)
        if task.kind == "identify"
    ]  # fmt: skip
    best = max(
        sum(100 * f1(one, set(said)) for one in wanted) / len(wanted)
        for count in (1, 2, 3, 4)
        for said in combinations(LABELS, count)
    )
    blind = {one.name: one.blind for one in card("otp").metrics}
    assert blind["pattern_f1"] == pytest.approx(best, abs=0.5) and best < 40
    assert blind["choose"] == 100 / len(LETTERS)
    tasks = sum(len(tasks_of(one)) for one in PROBLEMS)
    assert f"{len(PROBLEMS)} problems, {tasks} tasks" in card("otp").size
    problems = load_problems(PROJECT / "data" / "evals" / "problems")
    assert f"{len(problems)} problems (" in card("problems").size


def test_f1_is_that_of_sets() -> None:
    assert f1({"a", "b"}, {"a", "c", "d"}) == pytest.approx(0.4)
    assert f1({"a"}, set()) == 0 and f1({"a"}, {"a"}) == 1


def test_a_problem_without_three_mutants_has_no_choice() -> None:
    few = problem_of(RAW | {"mutants": MUTANTS[:1]})
    assert [task.kind for task in tasks_of(few)] == ["implement", "repair", "identify"]


@pytest.fixture
def suite(tmp_path: Path) -> tuple[Otp, dict[str, object]]:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    path = tmp_path / "problems.jsonl"
    blind = RAW | {"id": "blind", "mutants": [REFERENCE.replace("limit", "most")] * 1}
    path.write_text("\n".join(json.dumps(one) for one in (RAW, blind)))
    otp = Otp()
    items = otp.items(Given(Evaluation(otp=8), problems=path))
    return otp, {item.item_id: item for item in items}


def test_answers_by_hand(suite: tuple[Otp, dict[str, object]]) -> None:
    otp, items = suite
    # a fault that no test finds proves nothing: two tasks of the blind problem are left out, named
    assert set(items) == {"seat#implement", "seat#repair", "seat#choose", "seat#identify",
                          "blind#identify"}  # fmt: skip
    assert "blind#repair does not count: a fault of its is not found" in otp.skipped()
    assert {item.cluster for item in items.values()} == {"seat", "blind"}  # pyright: ignore
    asked = list(items.values())
    right = items["seat#choose"].reference  # pyright: ignore
    shown = items["seat#identify"].reference  # pyright: ignore
    costs = [[1.0 if letter == right else 3.0, 1, 1] for letter in LETTERS]
    base: dict[str, object] = {
        "seat#implement": [f"```elixir\n{NO_OTP}```"], "seat#repair": [""],
        "seat#choose": {"error": "TOO_LONG"}, "seat#identify": ["ets"],
        "blind#identify": ["na na na na na " * 20],
    }  # fmt: skip
    tuned: dict[str, object] = {
        "seat#implement": [f"Here it is.\n```elixir\n{REFERENCE}```"], "seat#repair": [REFERENCE],
        "seat#choose": costs, "seat#identify": [shown], "blind#identify": [shown],
    }  # fmt: skip
    rows = otp.score(asked, {"base": base, "tuned": tuned})  # pyright: ignore
    found = {(one.arm, one.metric, one.item_id): one for one in rows}

    def score(arm: str, metric: str, kind: str) -> tuple[float | None, str]:
        row: ItemScore = found[arm, metric, kind]
        return row.score, row.status

    assert score("tuned", "pass@1", "seat#implement") == (100, "ok")
    assert score("tuned", "in_pattern", "seat#implement") == (100, "ok")
    assert score("tuned", "idiom", "seat#implement") == (100, "ok")
    assert score("tuned", "pass@1", "seat#repair") == (100, "ok")
    assert score("tuned", "choose", "seat#choose") == (100, "ok")
    assert score("tuned", "pattern_f1", "seat#identify") == (100, "ok")
    # it passes, but a GenServer was wanted
    assert score("base", "pass@1", "seat#implement") == (100, "ok")
    assert score("base", "in_pattern", "seat#implement") == (0, "other_pattern")
    assert score("base", "pass@1", "seat#repair") == (0, "empty")
    assert score("base", "choose", "seat#choose") == (None, "TOO_LONG")
    assert score("base", "pattern_f1", "seat#identify") == (0, "wrong")
    assert score("base", "pattern_f1", "blind#identify") == (0, "loops")
    assert ("base", "idiom", "seat#repair") not in found


def test_a_shown_fault_is_not_the_answer(suite: tuple[Otp, dict[str, object]]) -> None:
    otp, items = suite
    item = items["seat#repair"]
    shown = next(one for one in MUTANTS if one.strip() in item.text)  # pyright: ignore
    (row,) = otp.score([item], {"base": {"seat#repair": [shown]}})  # pyright: ignore
    assert (row.score, row.status) == (0, "fail")


def test_nothing_asked_is_said(tmp_path: Path) -> None:
    otp = Otp()
    assert otp.items(Given(Evaluation(otp=0), problems=tmp_path)) == []
    assert otp.skipped() == "no OTP tasks were asked for"
    path = tmp_path / "p.jsonl"
    path.write_text(json.dumps(RAW | {"topic": ""}))
    assert otp.items(Given(Evaluation(), problems=path)) == []
    assert otp.skipped() == "no problem has a topic"
