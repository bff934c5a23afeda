"""Rows that ask for what the page does not tell, or tell it of something else."""

from types import SimpleNamespace
from typing import Any

import pytest

from booktune_assets.pairs.candidate import View
from booktune_assets.pairs.define import define
from booktune_assets.pairs.diagnose_slip import diagnose_slip
from booktune_assets.pairs.write_test import write_test


def _view(text: str, kind: str = "iex", title: str = "Lists", named: Any = ()) -> View:
    lang = "iex" if kind == "iex" else ""
    block = {"section_id": "s", "block_id": "b", "char_start": 0, "kind": kind, "lang": lang}
    return View("s", title, text, "Elixir", [{**block, "text": text}], list(named))


def test_data_is_nothing_to_be_tested() -> None:
    page = 'iex> length([1])\n1\niex> {}\n~c"\\v\\f\\r"'
    assert list(write_test(_view(page.format("Enum.map([10, 11], & &1 + 1)"))))
    assert not list(write_test(_view(page.format("[11, 12, 13]"))))


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        ("** (FunctionClauseError) no function clause matching in Enum.max_sort_fun/1", False),
        ("** (FunctionClauseError) no function clause matching in Enum.max/2", True),
    ],
)
def test_an_error_is_of_what_is_called(error: str, kept: bool) -> None:
    made = next(diagnose_slip(_view("iex> Enum.max([], fn -> :bar end)\n:bar")), None)
    assert made is not None and made.finish is not None
    told: Any = [[], [SimpleNamespace(actual=error)]]
    made.outcomes = told
    made.finish(made)
    assert (made.problem == "") is kept


def test_what_tells_two_things_apart_says_of_neither_what_it_does() -> None:
    text = "Task.async/1 links the task to its caller{}."
    named = [(0, 12, "Task.async", "api")]
    for more, problem in ((", while Task.start/1 does not", "tells_only_a_difference"), ("", "")):
        view = _view(text.format(more), "prose", "Tasks", named)
        found = [one for one in define(view) if "Task.async/1" in one.question]
        assert found and found[0].problem == problem
