defmodule CrossingTest do
  use ExUnit.Case, async: true

  defp ticks(pid, n), do: for(_ <- 1..n, do: Crossing.tick(pid))

  test "without a press cars go on" do
    {:ok, pid} = Crossing.start_link(2, 1)
    assert Crossing.state(pid) == :cars
    assert ticks(pid, 6) == List.duplicate(:cars, 6)
    assert Crossing.walks(pid) == 0
  end

  test "people wait until cars had their time" do
    {:ok, pid} = Crossing.start_link(3, 2)
    assert Crossing.press(pid) == :wait
    assert Crossing.state(pid) == :cars
    assert ticks(pid, 6) == [:cars, :cars, :walk, :walk, :cars, :cars]
    assert Crossing.walks(pid) == 1
  end

  test "time before the press counts" do
    {:ok, pid} = Crossing.start_link(3, 1)
    ticks(pid, 2)
    assert Crossing.press(pid) == :wait
    assert Crossing.tick(pid) == :walk
    assert Crossing.tick(pid) == :cars
    ticks(pid, 7)
    assert Crossing.press(pid) == :wait
    assert Crossing.press(pid) == :wait
    assert Crossing.tick(pid) == :walk
    assert Crossing.walks(pid) == 2
  end

  test "pressing while people walk does nothing" do
    {:ok, pid} = Crossing.start_link(1, 3)
    Crossing.press(pid)
    assert Crossing.tick(pid) == :walk
    assert Crossing.press(pid) == :walk
    assert ticks(pid, 2) == [:walk, :walk]
    assert Crossing.press(pid) == :walk
    assert ticks(pid, 4) == List.duplicate(:cars, 4)
    assert Crossing.walks(pid) == 1
  end

  test "a press is used up" do
    {:ok, pid} = Crossing.start_link(1, 1)
    Crossing.press(pid)
    Crossing.press(pid)
    assert ticks(pid, 4) == [:walk, :cars, :cars, :cars]
    Crossing.press(pid)
    assert ticks(pid, 3) == [:walk, :cars, :cars]
  end

  test "lights do not share" do
    {:ok, one} = Crossing.start_link(1, 2)
    {:ok, two} = Crossing.start_link(1, 2)
    Crossing.press(one)
    assert {Crossing.tick(one), Crossing.tick(two)} == {:walk, :cars}
    assert {Crossing.state(one), Crossing.state(two)} == {:walk, :cars}
  end
end
