defmodule SerialsTest do
  use ExUnit.Case, async: true

  test "numbers go up from one" do
    {:ok, pid} = Serials.start_link(4)
    assert Serials.last(pid, "INV") == 0
    assert for(_ <- 1..3, do: Serials.next(pid, "INV")) == ~w(INV-0001 INV-0002 INV-0003)
    assert Serials.last(pid, "INV") == 3
  end

  test "each series counts for itself, and so does each agent" do
    {:ok, one} = Serials.start_link(1)
    {:ok, two} = Serials.start_link(2)
    assert Serials.next(one, "A") == "A-1"
    assert Serials.next(one, "A") == "A-2"
    assert Serials.next(one, "B") == "B-1"
    assert Serials.next(two, "A") == "A-01"
    assert Serials.last(one, "A") == 2
  end

  test "numbers outgrow the width" do
    {:ok, pid} = Serials.start_link(2)
    for _ <- 1..98, do: Serials.next(pid, "x")
    assert for(_ <- 1..3, do: Serials.next(pid, "x")) == ~w(x-99 x-100 x-101)
  end

  test "skipping goes forward" do
    {:ok, pid} = Serials.start_link(3)
    assert Serials.skip_to(pid, "A", 10) == :ok
    assert Serials.last(pid, "A") == 9
    assert Serials.next(pid, "A") == "A-010"
    assert Serials.skip_to(pid, "A", 11) == :ok
    assert Serials.next(pid, "A") == "A-011"
    assert Serials.next(pid, "B") == "B-001"
  end

  test "skipping never goes back" do
    {:ok, pid} = Serials.start_link(1)
    for _ <- 1..5, do: Serials.next(pid, "A")
    assert Serials.skip_to(pid, "A", 5) == {:error, :used}
    assert Serials.skip_to(pid, "A", 1) == {:error, :used}
    assert Serials.last(pid, "A") == 5
    assert Serials.next(pid, "A") == "A-6"
    assert Serials.skip_to(pid, "B", 1) == :ok
    assert Serials.next(pid, "B") == "B-1"
  end

  test "many ask at once" do
    {:ok, pid} = Serials.start_link(1)

    given =
      1..40
      |> Enum.map(fn _ -> Task.async(fn -> Serials.next(pid, "n") end) end)
      |> Task.await_many(30_000)

    assert Enum.sort(given) == Enum.sort(for n <- 1..40, do: "n-#{n}")
  end
end
