"""Patterns: precision and recall on labelled listings, evidence, positions, damaged text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.beam.patterns import PATTERNS, Pattern, find_patterns
from booktune_assets_tests.beam.labelled import score, snippets

SERVER = """defmodule Tally do
  use GenServer

  def handle_call(:value, _from, n), do: {:reply, n, n}
  def handle_call({:add, m}, from, n) when m > 0, do: {:noreply, n + m}

  def watch(pid), do: pid |> Process.monitor() |> IO.inspect()
end
"""


def _one(text: str, lang: str, name: str) -> Pattern:
    return next(one for one in find_patterns(text, lang) if one.name == name)


@pytest.mark.parametrize("share", ["tuned", "held_out", "house"])
def test_precision_and_recall(share: str) -> None:
    labelled = snippets(share)
    result = score(labelled)
    assert result.precision >= 0.97, result.faults
    assert result.recall >= 0.95, result.faults


def test_labels_are_many_enough_and_name_every_pattern() -> None:
    tuned, held_out = snippets("tuned"), snippets("held_out")
    assert len(tuned) + len(held_out) >= 150
    assert len(held_out) >= 0.3 * (len(tuned) + len(held_out))
    assert {one.lang for one in held_out} == {one.lang for one in tuned} == {"elixir", "erlang"}
    for labelled in (tuned, held_out):
        assert {name for one in labelled for name in one.labels} == set(PATTERNS)
        assert sum(not one.labels for one in labelled) >= 20  # nothing to be found there


def test_evidence_and_place() -> None:
    server = _one(SERVER, "elixir", "gen_server")
    assert server.evidence == (
        "use GenServer", "handle_call/3 :noreply/2", "handle_call/3 :reply/3",
    )  # fmt: skip
    assert server.line == 2
    pipeline = _one(SERVER, "elixir", "pipeline")
    assert SERVER.encode()[slice(*pipeline.span)] == b"pid |> Process.monitor() |> IO.inspect()"
    assert pipeline.evidence == ("2 steps",)
    assert _one(SERVER, "elixir", "guard").evidence == ("when m > 0",)
    assert _one(SERVER, "elixir", "pattern_heads").evidence == ("Tally.handle_call/3 2 clauses",)
    erlang = (
        "f() ->\n  supervisor:start_link(x, []).\ninit(_) -> {ok, {{one_for_all, 1, 1}, []}}.\n"
    )
    assert _one(erlang, "erlang", "supervisor").evidence == (
        "supervisor:start_link", "strategy one_for_all",
    )  # fmt: skip


def test_names_are_resolved() -> None:
    assert not find_patterns("alias My.GenServer\nGenServer.call(x, 1)", "elixir")
    assert find_patterns("alias GenServer, as: G\nG.call(x, 1)", "elixir")
    macro = "-define(S, gen_server).\nf(X) -> ?S:call(X, 1)."
    assert [one.name for one in find_patterns(macro, "erlang")] == ["gen_server"]


@pytest.mark.parametrize(
    ("text", "lang", "names"),
    [
        ("iex> pid = spawn_link(fn -> 1 end)\n\"Agent.get(a)\"", "iex", {"link"}),
        ("iex> [1]\n...> |> Enum.map(&f/1)\n[2]", "iex", {"pipeline"}),
        ("defmodule A do\n  use Agent\nend\n\niex> A.x()\n:ok", "iex", {"agent"}),
        ("iex> case x do\n  y when y > 1 -> :a\nend\n:a", "iex", {"guard"}),
        ("1> [X || X <- L].\n[ets:new(a)]\n2> ets:tab2list(t).", "erl_shell",
         {"comprehension", "ets"}),
        ("use GenServer", "other", set()),
    ],
)  # fmt: skip
def test_sessions(text: str, lang: str, names: set[str]) -> None:
    assert {one.name for one in find_patterns(text, lang)} == names


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_damage_adds_no_process_patterns(data: st.DataObject) -> None:
    """Cutting a listing short never shows a pattern of OTP that the whole does not show."""
    one = data.draw(st.sampled_from(snippets("tuned") + snippets("held_out")))
    cut = one.text[: data.draw(st.integers(0, len(one.text)))]
    found = find_patterns(cut, one.lang)
    size = len(cut.encode()) + 1
    assert all(0 <= pattern.span[0] <= pattern.span[1] for pattern in found)
    assert all(pattern.span[0] <= size for pattern in found)
    otp = {"gen_server", "supervisor", "agent", "registry", "gen_statem", "protocol"}
    assert {pattern.name for pattern in found} & otp <= one.labels


def test_what_a_quote_defines_is_of_no_module_here() -> None:
    text = (
        "defmodule R do\n  defmacro get(path) do\n    quote do\n"
        "      def match(1), do: unquote(path)\n"
        "    end\n  end\n\n  def match(_), do: 2\nend\n"
    )
    assert find_patterns(text, "elixir") == []


@pytest.mark.parametrize(
    ("text", "lang", "names"),
    [
        ("DynamicSupervisor.start_child(p, %{id: 1, start: {W, :start_link, []}})", "elixir",
         {"dynamic_supervisor"}),
        ("%{id: 1, start: {W, :start_link, []}}", "elixir", {"supervisor"}),
        ("-module(a_tests).\nsetup() -> {ok, P} = a:start(), P.", "erlang", set()),
        ("-module(a_SUITE).\nsetup() -> {ok, P} = a:start(), P.", "erlang", set()),
        ("-module(a).\nsetup() -> {ok, P} = a:start(), P.", "erlang", {"let_it_crash"}),
    ],
)  # fmt: skip
def test_surroundings_count(text: str, lang: str, names: set[str]) -> None:
    assert {one.name for one in find_patterns(text, lang)} == names
