"""Code that a model wrote: real good and bad code in the real sandbox, and none without one."""

from __future__ import annotations

import pytest

from booktune_assets.pairs.execute import Runner, find_runner
from booktune_assets.rehearsal.code import check_code, code_in
from booktune_assets.rehearsal.item import Item

GOOD = "defmodule A do\n  def twice(x), do: 2 * x\nend"
CASES = [
    ("prose", "A process has a mailbox. Messages wait there.", "no_code", ""),
    ("module", f"So:\n```elixir\n{GOOD}\n```", "runs", ""),
    ("bare module", GOOD, "runs", ""),
    ("bare function", "```elixir\ndef twice(x), do: 2 * x\n```", "runs", ""),
    ("unknown name", f"```elixir\n{GOOD.replace('2 * x', '2 * y')}\n```", "", "does_not_compile"),
    ("cut", "```elixir\ndefmodule A do\n  def f(x) do\n```", "", "does_not_compile"),
    ("raises", '```elixir\nraise "no"\n```', "compiles", ""),
    ("session", "```iex\niex> 1 + 1\n2\n```", "runs", ""),
    ("session that errs", "```iex\niex> 6 * 7\n40\n```", "", "shows_otherwise"),
    ("session that raises", "```iex\niex> hd([])\n40\n```", "", "shows_otherwise"),
    ("session with its error", "```iex\niex> 1 / 0\n** (ArithmeticError) bad argument in "
     "arithmetic expression\n```", "runs", ""),
    ("session of a module", f"```elixir\n{GOOD}\n```\nThen:\n```iex\niex> x = A.twice(2)\n4\n"
     "iex> [x, self()]\n[4, #PID<0.1.0>]\n```", "runs", ""),
    ("session of no module", "```iex\niex> Nowhere.twice(2)\n4\n```", "", "shows_otherwise"),
    ("Erlang session", "```erlang\n1> X = 6 * 7.\n42\n2> X + 1.\n43\n```", "runs", ""),
    ("Erlang session that errs", "```erlang\n1> 6 * 7.\n40\n```", "", "shows_otherwise"),
    ("session that says nothing", "```iex\niex> x = 3\niex> x + 1\n```", "runs", ""),
    ("erlang", "```erlang\n-module(a).\n-export([f/1]).\nf(X) -> X + 1.\n```", "runs", ""),
    ("unbound", "```erlang\n-module(a).\n-export([f/1]).\nf(X) -> Y.\n```", "", "does_not_compile"),
    ("python", "```python\ndef f(x):\n    return x + 1\n```", "parses", ""),
    ("bare python", "def f(x):\n    return x +", "", "does_not_parse"),
    ("bad python", "```python\ndef f(x:\n```", "", "does_not_parse"),
    ("both", f"```elixir\n{GOOD}\n```\n\n```python\nx = 1\n```", "parses", ""),
    ("other", "```sql\nselect from where\n```", "no_code", ""),
]  # fmt: skip


def _items() -> list[Item]:
    return [Item("ssr", name, "", text) for name, text, _, _ in CASES]


@pytest.fixture(scope="module")
def runner() -> Runner:
    found = find_runner(None)
    if found is None:
        pytest.skip("no Elixir or no sandbox here")
    return found


def test_what_compiles_stays(runner: Runner) -> None:
    items = _items()
    check_code(items, runner)
    found = {item.source: (item.verification, item.reason) for item in items}
    assert found == {name: (level or "not_checked", why) for name, _, level, why in CASES}
    assert all(item.detail for item in items if item.reason)


@pytest.mark.parametrize("how", ["none", "fails"])
def test_nothing_that_would_have_to_run_passes_without_a_sandbox(how: str, monkeypatch) -> None:
    class Broken:
        def found(self, programs: object) -> object:
            raise OSError("the sandbox is gone")

    items = _items()
    check_code(items, None if how == "none" else Broken())  # pyright: ignore
    found = {item.source: item.reason for item in items}
    for name, text, level, why in CASES:
        beam = any(one.lang != "python" for one in code_in(text))
        assert found[name] == ("no_sandbox" if beam else why), name
        if not beam and not why:
            assert next(i for i in items if i.source == name).verification == level


def test_an_answer_that_the_sandbox_lost_is_left_out() -> None:
    class Silent:
        def found(self, programs: object) -> dict:
            return {}

    items = _items()
    check_code(items, Silent())  # pyright: ignore
    reasons = {item.source: item.reason for item in items}
    assert reasons["module"] == reasons["erlang"] == "not_run"
