"""Small Elixir problems by the dozen for ``beam.py``: templates with a number in them.

Each gives a problem, right programs and wrong twins. They are for the clock, not for a score.
"""

from __future__ import annotations

from booktune_assets.beam.problems import Problem

# module body with K as the number; what it is wrong by; tests as (call, value)
_TEMPLATES = [
    (
        "def run(list), do: list |> Enum.filter(&(rem(&1, K) == 0)) |> Enum.sum()",
        ("== 0", "== 1"),
        [("[1, K, 2 * K + 1, 2 * K]", "3 * K"), ("[]", "0"), ("[K, K]", "2 * K")],
    ),
    (
        "def run(text), do: for(<<c <- text>>, into: \"\", do: <<rem(c - ?a + K, 26) + ?a>>)",
        ("+ K, 26", "+ K + 1, 26"),
        [
            ('""', '""'),
            ('"a"', "<<rem(K, 26) + ?a>>"),
            ('"za"', "<<rem(25 + K, 26) + ?a, rem(K, 26) + ?a>>"),
        ],
    ),
    (
        "def run(list), do: list |> Enum.chunk_every(K) |> Enum.map(&Enum.max/1)",
        ("max/1", "min/1"),
        [("Enum.to_list(1..(2 * K))", "[K, 2 * K]"), ("[]", "[]"), ("[3]", "[3]")],
    ),
    (
        "def run(map) do\n    Enum.reduce(map, %{}, fn {key, value}, acc ->\n"
        "      Map.update(acc, rem(value, K), [key], &Enum.sort([key | &1]))\n    end)\n  end",
        ("rem(value, K)", "div(value, K)"),
        [
            ("%{}", "%{}"),
            ("%{a: 1, b: K + 1}", "%{1 => [:a, :b]}"),
            ("%{c: 2 * K}", "%{0 => [:c]}"),
        ],
    ),
    (
        "def run(n) when n < 0, do: {:error, :negative}\n  def run(n), do: {:ok, steps(n, 0)}\n"
        "  defp steps(0, count), do: count\n"
        "  defp steps(n, count), do: steps(div(n, K), count + 1)",
        ("count + 1", "count + 2"),
        [("-1", "{:error, :negative}"), ("0", "{:ok, 0}"), ("K * K", "{:ok, 3}")],
    ),
]  # fmt: skip


def problems(count: int) -> list[tuple[Problem, str, str]]:
    """(problem, right program, wrong program)."""
    made: list[tuple[Problem, str, str]] = []
    for number in range(count):
        body, (right, wrong), cases = _TEMPLATES[number % len(_TEMPLATES)]
        k = str(2 + number // len(_TEMPLATES))
        module = f"Task{number}"
        tests = "".join(
            f'  test "case {n}" do\n    assert {module}.run({given}) == {value}\n  end\n'
            for n, (given, value) in enumerate(cases)
        ).replace("K", k)
        text = f"defmodule {module} do\n  {body}\nend\n"
        made.append((
            Problem(f"task-{number}", "elixir", "", (f"{module}.run/1",),
                    f"defmodule {module}Test do\n  use ExUnit.Case\n{tests}end\n", "",
                    test_count=len(cases)),
            text.replace("K", k), text.replace(right, wrong, 1).replace("K", k),
        ))  # fmt: skip
    return made
