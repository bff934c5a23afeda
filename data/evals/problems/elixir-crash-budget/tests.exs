defmodule PlantTest do
  use ExUnit.Case, async: true

  test "machines count" do
    {:ok, pid} = Plant.start_link(%{press: [:a, :b], paint: [:a]}, 2)
    assert Plant.count(pid, :press, :a) == 0
    assert Plant.run(pid, :press, :a) == 1
    assert Plant.run(pid, :press, :a) == 2
    assert Plant.run(pid, :paint, :a) == 1
    assert Plant.count(pid, :press, :b) == 0
  end

  test "within the budget one machine is started again" do
    {:ok, pid} = Plant.start_link(%{press: [:a, :b]}, 2)
    for machine <- [:a, :b], do: Plant.run(pid, :press, machine)
    assert Plant.crash(pid, :press, :a) == :machine
    assert Plant.count(pid, :press, :a) == 0
    assert Plant.count(pid, :press, :b) == 1
    assert Plant.crash(pid, :press, :a) == :machine
    assert Plant.count(pid, :press, :b) == 1
  end

  test "beyond it the line is" do
    {:ok, pid} = Plant.start_link(%{press: [:a, :b], paint: [:a, :b]}, 2)
    for line <- [:press, :paint], machine <- [:a, :b], do: Plant.run(pid, line, machine)
    assert Plant.crash(pid, :press, :a) == :machine
    assert Plant.crash(pid, :press, :b) == :machine
    Plant.run(pid, :press, :b)
    assert Plant.crash(pid, :press, :a) == :line
    assert for(m <- [:a, :b], do: Plant.count(pid, :press, m)) == [0, 0]
    assert for(m <- [:a, :b], do: Plant.count(pid, :paint, m)) == [1, 1]
  end

  test "a new line has a new budget" do
    {:ok, pid} = Plant.start_link(%{"x" => ["m"]}, 1)
    results = for _ <- 1..6, do: Plant.crash(pid, "x", "m")
    assert results == [:machine, :line, :machine, :line, :machine, :line]
    assert Plant.run(pid, "x", "m") == 1
  end

  test "lines have budgets of their own" do
    {:ok, pid} = Plant.start_link(%{press: [:a], paint: [:a]}, 1)
    assert Plant.crash(pid, :press, :a) == :machine
    assert Plant.crash(pid, :paint, :a) == :machine
    assert Plant.crash(pid, :paint, :a) == :line
    assert Plant.crash(pid, :press, :a) == :line
  end

  test "without a budget every crash is the line's" do
    {:ok, pid} = Plant.start_link(%{press: [:a, :b]}, 0)

    for _ <- 1..20 do
      assert Plant.run(pid, :press, :b) == 1
      assert Plant.crash(pid, :press, :a) == :line
    end

    assert Plant.count(pid, :press, :b) == 0
    assert Process.alive?(pid)
  end

  test "plants do not share" do
    {:ok, one} = Plant.start_link(%{press: [:a]}, 0)
    {:ok, two} = Plant.start_link(%{press: [:a]}, 5)
    Plant.run(one, :press, :a)
    for _ <- 1..5, do: assert(Plant.crash(two, :press, :a) == :machine)
    assert Plant.count(one, :press, :a) == 1
  end
end
