defmodule LiftTest do
  use ExUnit.Case, async: true

  defp lift(floor, requests) do
    {:ok, pid} = Lift.start_link(floor)
    for one <- requests, do: :ok = Lift.request(pid, one)
    pid
  end

  defp steps(pid, n), do: for(_ <- 1..n, do: Lift.step(pid))

  test "an idle lift stays" do
    pid = lift(2, [])
    assert Lift.state(pid) == {:idle, 2}
    assert steps(pid, 3) == List.duplicate({:idle, 2}, 3)
    assert Lift.pending(pid) == []
  end

  test "goes to a floor and becomes idle" do
    pid = lift(0, [3, 3])
    assert Lift.pending(pid) == [3]
    assert steps(pid, 5) == [up: 1, up: 2, open: 3, idle: 3, idle: 3]
    assert Lift.request(pid, 1) == :ok
    assert steps(pid, 3) == [down: 2, open: 1, idle: 1]
    assert Lift.pending(pid) == []
  end

  test "opens where it is" do
    pid = lift(4, [4, 2])
    assert Lift.step(pid) == {:open, 4}
    assert Lift.pending(pid) == [2]
    assert Lift.request(pid, 4) == :ok
    assert Lift.pending(pid) == [2]
    assert steps(pid, 4) == [down: 4, down: 3, open: 2, idle: 2]
  end

  test "the nearest first, and upwards when in doubt" do
    assert Lift.step(lift(0, [-2, 3])) == {:down, -1}
    assert Lift.step(lift(0, [-3, 3])) == {:up, 1}
    assert Lift.step(lift(5, [4, 6, 9])) == {:open, 6}
    pid = lift(0, [0, -2, 2])
    assert steps(pid, 3) == [open: 0, up: 0, up: 1]
  end

  test "keeps its direction while there is something ahead" do
    pid = lift(3, [4, 2, 6])
    assert steps(pid, 4) == [open: 4, up: 4, up: 5, open: 6]
    assert steps(pid, 6) == [down: 6, down: 5, down: 4, down: 3, open: 2, idle: 2]
  end

  test "stops on its way for requests made meanwhile" do
    pid = lift(0, [4])
    assert Lift.step(pid) == {:up, 1}
    Lift.request(pid, 3)
    Lift.request(pid, 1)
    assert Lift.pending(pid) == [1, 3, 4]
    assert steps(pid, 5) == [up: 2, open: 3, up: 3, open: 4, down: 4]
    assert Lift.pending(pid) == [1]
    assert steps(pid, 4) == [down: 3, down: 2, open: 1, idle: 1]
  end

  test "an idle lift has no direction" do
    pid = lift(0, [1])
    assert steps(pid, 2) == [open: 1, idle: 1]
    for floor <- [1, 0, 5], do: Lift.request(pid, floor)
    assert steps(pid, 4) == [open: 1, down: 1, open: 0, up: 0]
  end

  test "every request is served, and only requests" do
    for seed <- 1..15 do
      floors = for n <- 1..6, do: rem(seed * 7 + n * n * 3, 19) - 9
      pid = lift(0, floors)
      seen = steps(pid, 90)
      opened = for {:open, floor} <- seen, do: floor
      assert Enum.sort(opened) == floors |> Enum.uniq() |> Enum.sort()
      assert {:idle, _floor} = List.last(seen)
      assert Lift.pending(pid) == []
    end
  end
end
