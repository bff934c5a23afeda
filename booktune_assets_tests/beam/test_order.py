"""What a test's process is sent arrives in the order in which it was sent, across two BEAMs."""

from __future__ import annotations

import json
import threading

import pytest

from booktune_assets.beam.problems import problem_of
from booktune_assets.beam.programs import program
from booktune_assets.beam.slots import Book, Slot
from booktune_assets.beam.workers import missing, run_limits

TESTS = """
defmodule EchoTest do
  use ExUnit.Case

  defp taken(n), do: for(_ <- 1..n, do: (receive do {:out, i} -> i after 5000 -> flunk("lost") end))

  test "of a process that is alone" do
    Echo.burst(self(), 40)
    assert taken(40) == Enum.to_list(1..40)
  end

  test "with calls between, equal messages and our own among them" do
    pid = Echo.start(self())

    for _ <- 1..10 do
      for i <- 1..8 do
        send(pid, {:in, div(i, 2)})
        Echo.ping(pid)
        if i == 4, do: send(self(), {:out, :own})
      end

      assert taken(9) |> List.delete(:own) == [0, 1, 1, 2, 2, 3, 3, 4]
    end
  end

  test "what was received before does not count" do
    pid = Echo.start(self())

    for _ <- 1..5 do
      send(pid, {:in, 1})
      assert taken(1) == [1]
      send(pid, {:in, 2})
      Echo.ping(pid)
      send(pid, {:in, 1})
      Echo.ping(pid)
      assert taken(2) == [2, 1]
    end
  end

  test "a call may take what lies in its caller's mailbox" do
    pid = Echo.start(self())
    for i <- 1..5, do: send(pid, {:in, i})
    Echo.ping(pid)
    assert Echo.take(3) == 3
    Echo.ping(pid)
    assert taken(4) == [1, 2, 4, 5]
  end
end
"""
ECHO = """
defmodule Echo do
  def burst(to, n), do: (spawn(fn -> for i <- 1..n, do: send(to, {:out, i}) end); :ok)
  def start(to), do: spawn(fn -> loop(to) end)
  def take(i), do: (receive do {:out, ^i} -> i after 1000 -> nil end)

  def ping(pid) do
    ref = make_ref()
    send(pid, {:ping, self(), ref})
    receive do {:pong, ^ref} -> :ok end
  end

  defp loop(to) do
    receive do
      {:in, i} -> send(to, {:out, i})
      {:ping, from, ref} -> send(from, {:pong, ref})
    end

    loop(to)
  end
end
"""
PROBLEM = {
    "id": "echo",
    "language": "elixir",
    "tests": TESTS,
    "interface": ["Echo.burst/2", "Echo.start/1", "Echo.ping/1", "Echo.take/1"],
}


def test_messages_keep_their_order() -> None:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    slot = Slot(Book(), threading.Event(), run_limits())
    try:
        problem = problem_of(json.loads(json.dumps(PROBLEM)))
        assert slot.prepare(problem).kind == "split"
        runs = [slot.split(problem, program("elixir", ECHO), run_limits()) for _ in range(4)]
    finally:
        slot.close()
    for run in runs:
        assert (run.verdict.status, run.verdict.tests_run) == ("pass", 4), run.verdict.detail
