defmodule BoundedTest do
  use ExUnit.Case, async: true

  defp until(pid, waiting, tries \\ 600) do
    cond do
      Bounded.waiting(pid) == waiting ->
        :ok

      tries == 0 ->
        flunk("waiting: #{inspect(Bounded.waiting(pid))}, not #{inspect(waiting)}")

      true ->
        Process.sleep(5)
        until(pid, waiting, tries - 1)
    end
  end

  test "first in, first out" do
    {:ok, pid} = Bounded.start_link(3)
    for n <- 1..3, do: assert(Bounded.push(pid, n) == :ok)
    assert for(_ <- 1..3, do: Bounded.pop(pid)) == [{:ok, 1}, {:ok, 2}, {:ok, 3}]
    assert Bounded.waiting(pid) == {0, 0}
  end

  test "a full queue holds back" do
    {:ok, pid} = Bounded.start_link(2)
    for n <- 1..2, do: Bounded.push(pid, n)
    third = Task.async(fn -> Bounded.push(pid, 3) end)
    until(pid, {1, 0})
    fourth = Task.async(fn -> Bounded.push(pid, 4) end)
    until(pid, {2, 0})
    assert Bounded.pop(pid) == {:ok, 1}
    assert Task.await(third, 6_000) == :ok
    assert Bounded.waiting(pid) == {1, 0}
    assert Bounded.pop(pid) == {:ok, 2}
    assert Task.await(fourth, 6_000) == :ok
    assert for(_ <- 1..2, do: Bounded.pop(pid)) == [{:ok, 3}, {:ok, 4}]
  end

  test "an empty queue lets wait, the longest first" do
    {:ok, pid} = Bounded.start_link(1)
    one = Task.async(fn -> Bounded.pop(pid) end)
    until(pid, {0, 1})
    two = Task.async(fn -> Bounded.pop(pid) end)
    until(pid, {0, 2})
    assert Bounded.push(pid, :a) == :ok
    assert Bounded.push(pid, nil) == :ok
    assert Task.await(one, 6_000) == {:ok, :a}
    assert Task.await(two, 6_000) == {:ok, nil}
    assert Bounded.waiting(pid) == {0, 0}
  end

  test "what was handed over is not kept" do
    {:ok, pid} = Bounded.start_link(1)
    popper = Task.async(fn -> Bounded.pop(pid) end)
    until(pid, {0, 1})
    Bounded.push(pid, :a)
    assert Task.await(popper, 6_000) == {:ok, :a}
    next = Task.async(fn -> Bounded.push(pid, :b) end)
    assert Task.await(next, 6_000) == :ok
    assert Bounded.pop(pid) == {:ok, :b}
  end
end
