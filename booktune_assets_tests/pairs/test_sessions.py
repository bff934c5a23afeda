"""Transcripts and tasks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booktune_assets.pairs.candidate import View
from booktune_assets.pairs.posed import posed
from booktune_assets.pairs.sessions import bound, entries, free, modules_used, own_calls
from booktune_assets.pairs.write import task_of


def test_an_iex_session() -> None:
    text = "iex(1)> x = [1,\n...(1)>   2]\n[1, 2]\niex(2)> Enum.sum(x)\n3\niex(3)> y = 5"
    found = entries(text, "iex")
    assert [(one.expression, one.result) for one in found] == [
        ("x = [1,\n  2]", "[1, 2]"), ("Enum.sum(x)", "3"), ("y = 5", ""),
    ]  # fmt: skip
    assert text[found[0].start : found[0].typed_end].startswith("iex(1)> x")
    assert text[found[1].result_start : found[1].end] == "3"


def test_lines_continued_without_a_prompt() -> None:
    found = entries("iex> double = fn n ->\n  n * 2\nend\niex> double.(4)\n8", "iex")
    assert [one.expression for one in found] == ["double = fn n ->\n  n * 2\nend", "double.(4)"]


def test_an_erlang_session() -> None:
    found = entries("1> X = [1,\n2].\n[1,2]\n2> lists:sum(X).\n3", "erl_shell")
    assert [(one.expression, one.result) for one in found] == [
        ("X = [1,\n2].", "[1,2]"), ("lists:sum(X).", "3"),
    ]  # fmt: skip


@given(st.text(alphabet="iex>. \n1+ab()[]", max_size=120), st.sampled_from(["iex", "erl_shell"]))
def test_places_are_exact(text: str, shell: str) -> None:
    for one in entries(text, shell):
        assert 0 <= one.start < one.typed_end <= len(text)
        if one.result:
            assert text[one.result_start : one.end].strip("\n") == one.result


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("Enum.map(xs, fn x -> x * n end)", {"xs", "n"}),
        ("x = x + 1", {"x"}),
        ("{:ok, y} = {:ok, 1}", set()),
        ("{^x, y} = pair", {"x", "pair"}),
        ("[a: a] = [a: 1]", set()),
        ("double.(3)", {"double"}),
        ('"Hi #{name}"', {"name"}),
        ("for n <- [1, 2], do: n * 2", set()),
        ("case x do\n  {:ok, v} -> v\n  _ -> nil\nend", {"x"}),
        ("~w(one two three)", set()),
        ("receive do\n  {:hi, who} -> who\nend", set()),
        ("defmodule A do\n  def f(x), do: x\nend", set()),
    ],
)
def test_free_names(expression: str, names: set[str]) -> None:
    assert free(expression, "iex") == names


def test_bound_names() -> None:
    assert bound("{:ok, pid} = start()", "iex") == {"pid"}
    assert bound("X = 1.", "erl_shell") == {"X"}
    assert bound("x == 1", "iex") == set()


def test_what_needs_a_listing() -> None:
    assert modules_used("Tally.next(1) + Enum.sum([])") == {"Tally"}
    assert own_calls("twice(2) + length([1])") == {"twice"}


@pytest.mark.parametrize(
    ("sentence", "task"),
    [
        ("Let's define a module `Math` with a sum:", "Define a module `Math` with a sum."),
        ("You can use `Enum.map/2` to add one:", "Use `Enum.map/2` to add one."),
        ("The following module keeps a stack:", "Write a module that keeps a stack."),
        ("Here is a function that adds two numbers:", "Write a function that adds two numbers."),
        ("To spawn a process, we use `spawn/1`:", "Show how to spawn a process with `spawn/1`."),
        ("The result surprises many people.", ""),
        ("Here is an example:", ""),
    ],
)  # fmt: skip
def test_tasks(sentence: str, task: str) -> None:
    assert task_of(sentence) == task


def test_what_was_waited_for_is_asked_with_the_rest() -> None:
    text = (
        "iex> Process.sleep(5)\n:ok\niex> pid = spawn(fn -> :done end)\niex> 1 + 1\n2\n"
        "iex> Process.sleep(50)\n:ok\niex> Process.alive?(pid)\nfalse"
    )
    block = {"block_id": "blk", "kind": "iex", "lang": "iex", "text": text, "char_start": 0}
    found = posed(View("sec", "Processes", text, "Elixir", [block], []))
    typed = {one.entry.expression: one.typed for one in found}
    assert typed["Process.alive?(pid)"] == [
        "pid = spawn(fn -> :done end)", "Process.sleep(50)", "Process.alive?(pid)",
    ]  # fmt: skip
    assert typed["1 + 1"] == ["1 + 1"]
