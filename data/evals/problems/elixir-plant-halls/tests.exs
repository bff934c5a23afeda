defmodule PlantTest do
  use ExUnit.Case, async: true

  test "levels by hall and machine" do
    {:ok, pid} = Plant.start_link([:north, :south], 2)
    assert Plant.level(pid, :north, :press) == 0
    assert Plant.load(pid, :north, :press, 5) == 5
    assert Plant.load(pid, :north, :press, -2) == 3
    assert Plant.level(pid, :north, :press) == 3
    assert Plant.level(pid, :north, :saw) == 0
    assert Plant.level(pid, :south, :press) == 0
    assert Plant.starts(pid, :north) == 1
  end

  test "a crash empties the hall, not the others" do
    {:ok, pid} = Plant.start_link([:north, :south], 3)
    for hall <- [:north, :south], m <- [:press, :saw], do: Plant.load(pid, hall, m, 7)
    assert Plant.crash(pid, :north, :saw) == :ok
    assert for(m <- [:press, :saw], do: Plant.level(pid, :north, m)) == [0, 0]
    assert for(m <- [:press, :saw], do: Plant.level(pid, :south, m)) == [7, 7]
    assert for(hall <- [:north, :south], do: Plant.starts(pid, hall)) == [1, 1]
  end

  test "one crash too many ends the hall, which begins anew" do
    {:ok, pid} = Plant.start_link([:a, :b], 2)
    Plant.load(pid, :b, :saw, 1)

    starts =
      for n <- 1..9 do
        assert Plant.crash(pid, :a, Enum.at([:press, :saw], rem(n, 2))) == :ok
        Plant.starts(pid, :a)
      end

    assert starts == [1, 1, 2, 2, 2, 3, 3, 3, 4]
    assert Plant.level(pid, :b, :saw) == 1
    assert Plant.starts(pid, :b) == 1
  end

  test "a hall that bears nothing" do
    {:ok, pid} = Plant.start_link([:a, :b], 0)
    Plant.load(pid, :b, :press, 4)

    for n <- 1..20,
        do: assert({Plant.crash(pid, :a, :press), Plant.starts(pid, :a)} == {:ok, n + 1})

    assert Plant.level(pid, :b, :press) == 4
    assert Plant.load(pid, :a, :press, 2) == 2
  end

  test "halls count for themselves" do
    {:ok, pid} = Plant.start_link([:a, :b], 1)
    Plant.crash(pid, :a, :saw)
    Plant.crash(pid, :b, :saw)
    assert {Plant.starts(pid, :a), Plant.starts(pid, :b)} == {1, 1}
    Plant.crash(pid, :b, :press)
    assert {Plant.starts(pid, :a), Plant.starts(pid, :b)} == {1, 2}
  end

  test "two plants share nothing" do
    {:ok, one} = Plant.start_link([:a], 0)
    {:ok, two} = Plant.start_link([:a], 0)
    Plant.load(one, :a, :saw, 9)
    Plant.crash(two, :a, :saw)
    assert Plant.level(one, :a, :saw) == 9
    assert {Plant.starts(one, :a), Plant.starts(two, :a)} == {1, 2}
  end
end
