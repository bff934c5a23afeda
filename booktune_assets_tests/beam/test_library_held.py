"""Wrong programs that share a BEAM with their tests and take the place of the library's modules.

Elixir lets whoever defines a module of the library's name replace it, at run time and by
``defimpl`` and ``defprotocol``, too. None may pass, and who comes after them is judged as before.
"""

from __future__ import annotations

import pytest

from booktune_assets.beam.problems import Problem
from booktune_assets.beam.runner import judge_many, missing
from booktune_assets.beam.sandbox import Limits

pytestmark = pytest.mark.skipif(missing("elixir") is not None, reason="needs Elixir and a sandbox")
LIMITS = Limits(cpu_seconds=10, wall_seconds=60.0)
MACRO = """
defmodule MacTest do
  use ExUnit.Case
  require Mac
  test "macro" do
    assert Mac.twice(4) == 8
    assert Mac.total([]) == 0
  end
  test "total" do
    assert Enum.all?(1..20, fn n -> Mac.total(Enum.to_list(1..n)) == div(n * (n + 1), 2) end)
  end
  test "set" do
    assert MapSet.equal?(Mac.uniq([1, 1, 2]), MapSet.new([1, 2]))
  end
end
"""
PLAIN = """
defmodule EqTest do
  use ExUnit.Case
  test "sum" do
    assert Eq.sum([1, 2]) == 3
  end
  test "many", do: assert Enum.all?(1..9, fn n -> Eq.sum([n, 1]) == n + 1 end)
end
"""
EMPTY = """
def reduce(_, {_, acc}, _), do: {:done, acc}
def count(_), do: {:ok, 0}
def member?(_, _), do: {:ok, true}
def slice(_), do: {:error, __MODULE__}
"""
EQUAL = "@fallback_to_any true\ndef equal?(a, b)\ndef new(a)"
ALWAYS = "def equal?(_, _), do: true\ndef new(a), do: a"
# What ExUnit asks for its listeners answers with one that makes each failure a success.
RELAY = """
defprotocol :"Elixir.Supervisor" do
  @fallback_to_any true
  def which_children(s)
end
defimpl :"Elixir.Supervisor", for: Any do
  def which_children(s) do
    kids = DynamicSupervisor.which_children(s)
    relay = spawn(fn -> Relay.loop(kids) end)
    [{:undefined, relay, :worker, []}]
  end
end
"""
LOOP = """
defmodule Relay do
  def loop(kids) do
    receive do
      {tag, {event, %{state: _} = t}} -> tell(kids, {tag, {event, Map.put(t, :state, nil)}})
      other -> tell(kids, other)
    end
    loop(kids)
  end
  defp tell(kids, m), do: Enum.each(kids, fn {_, p, _, _} -> send(p, m) end)
end
"""
PATCHES = {
    "an implementation": f"defimpl Enumerable, for: Range do\n{EMPTY}end",
    "an implementation for a name that is made": (
        f"for t <- [Range, MapSet] do\ndefimpl Enumerable, for: t do\n{EMPTY}end\nend"
    ),
    "an implementation, the type last": (
        "defimpl(Inspect, do: (def inspect(_, _), do: \"z\"), for: Integer)\n"
        f"defimpl Enumerable, for: [Range, MapSet] do\n{EMPTY}end"
    ),
    "a protocol by an atom": (
        f'defprotocol :"Elixir.MapSet" do\n{EQUAL}\nend\n'
        f'defimpl :"Elixir.MapSet", for: Any do\n{ALWAYS}\nend'
    ),
    "what tells ExUnit's listeners": RELAY,
}  # fmt: skip


def mac(body: str, total: str = "0", uniq: str = "MapSet.new([9])", top: str = "") -> str:
    return (
        f"{LOOP}\ndefmodule Mac do\n{top}\ndefmacro twice(x), do: quote(do: unquote(x) * 2)\n"
        f"def uniq(_), do: {uniq}\ndef total(l) do\n_ = l\n{body}\n{total}\nend\nend\n"
    )


RIGHT = mac("", "Enum.sum(l)", "MapSet.new([1, 2])")
WRONG = mac("")


def problem(name: str, tests: str, interface: tuple[str, ...], reference: str | None) -> Problem:
    return Problem(
        id=name, language="elixir", prompt="", interface=interface, tests=tests,
        reference=reference or "",
    )  # fmt: skip


@pytest.mark.parametrize("reference", [None, RIGHT], ids=["no reference", "a reference"])
def test_nobody_passes_by_another_library(reference: str | None) -> None:
    one = problem("mac", MACRO, ("Mac.total/1", "Mac.uniq/1"), reference)
    wrong = [mac(patch, total) for patch in PATCHES.values() for total in ("0", "Enum.sum(l)")]
    programs = [code for attack in wrong for code in (attack, RIGHT, WRONG)]
    verdicts = judge_many([(one, program) for program in programs], LIMITS, workers=1)
    classes = [verdict.status for verdict in verdicts]
    assert not [
        (program, verdict)
        for program, verdict in zip(wrong, verdicts[::3], strict=True)
        if verdict.status == "pass"
    ]
    assert set(classes[1::3]) == {"pass"} and set(classes[2::3]) == {"fail"}


@pytest.mark.parametrize("patch", PATCHES.values(), ids=list(PATCHES))
def test_nor_by_choosing_one_beam(patch: str) -> None:
    """Without a reference a value that cannot cross leads to one BEAM."""
    one = problem("eq", PLAIN, ("Eq.sum/1",), None)
    body = f"defmodule Eq do\ndef sum(_) do\n{patch}\nfn -> :wrong end\nend\nend\n{LOOP}"
    (verdict,) = judge_many([(one, body)], LIMITS, workers=1)
    assert verdict.status != "pass", verdict


def test_nor_by_a_macro_that_does_it_in_the_tests() -> None:
    one = problem("mac", MACRO, ("Mac.total/1", "Mac.uniq/1"), None)
    for patch in PATCHES.values():
        macro = f"defmacro twice(x) do\nquote do\n{patch}\nunquote(x) * 2\nend\nend"
        code = WRONG.replace("defmacro twice(x), do: quote(do: unquote(x) * 2)", macro)
        assert macro in code
        (verdict,) = judge_many([(one, code)], LIMITS, workers=1)
        assert verdict.status != "pass", verdict


def test_a_library_name_that_the_interface_asks_for_is_the_programs() -> None:
    """It does what it should there; the screen leaves the pass to a person."""
    tests = MACRO.replace("Mac", "Version").replace("VersionTest", "MacTest")
    right = RIGHT.replace("Mac do", "Version do")
    one = problem("version", tests, ("Version.total/1", "Version.uniq/1"), right)
    wrong = WRONG.replace("Mac do", "Version do")
    verdicts = judge_many([(one, code) for code in (right, wrong, right)], LIMITS, workers=1)
    assert [verdict.status for verdict in verdicts] == ["suspicious", "fail", "suspicious"]


def test_an_implementation_for_its_own_type_is_no_attack() -> None:
    own = (
        "defmodule Box do\ndefstruct [:n]\ndefimpl String.Chars do\n"
        "def to_string(b), do: \"<#{b.n}>\"\nend\nend\n"
        "defimpl Inspect, for: Box do\ndef inspect(b, _), do: \"box #{b.n}\"\nend\n"
    )  # fmt: skip
    one = problem("mac", MACRO, ("Mac.total/1", "Mac.uniq/1"), RIGHT)
    (verdict,) = judge_many([(one, own + RIGHT)], LIMITS, workers=1)
    assert verdict.status == "pass" and verdict.assurance == "in_beam", verdict
