defmodule SeatsTest do
  use ExUnit.Case, async: true

  test "seats are booked from the left" do
    {:ok, pid} = Seats.start_link([{"A", 5}])
    assert Seats.free(pid) == 5
    assert Seats.book(pid, 2) == {:ok, {"A", [1, 2]}}
    assert Seats.book(pid, 1) == {:ok, {"A", [3]}}
    assert Seats.free(pid) == 2
  end

  test "nothing is booked where nothing fits" do
    {:ok, pid} = Seats.start_link([{:a, 2}, {:b, 3}])
    assert Seats.book(pid, 4) == :full
    assert Seats.free(pid) == 5
    assert Seats.book(pid, 3) == {:ok, {:b, [1, 2, 3]}}
    assert Seats.book(pid, 2) == {:ok, {:a, [1, 2]}}
    assert Seats.book(pid, 1) == :full
    assert Seats.free(pid) == 0
  end

  test "the tightest gap is taken" do
    {:ok, pid} = Seats.start_link([{"A", 6}, {"B", 2}, {"C", 2}])
    assert Seats.book(pid, 2) == {:ok, {"B", [1, 2]}}
    assert Seats.book(pid, 1) == {:ok, {"C", [1]}}
    assert Seats.book(pid, 1) == {:ok, {"C", [2]}}
    assert Seats.book(pid, 1) == {:ok, {"A", [1]}}
  end

  test "gaps end at booked seats" do
    {:ok, pid} = Seats.start_link([{"A", 5}])
    for seat <- 1..5, do: assert(Seats.book(pid, 1) == {:ok, {"A", [seat]}})
    for seat <- [1, 2, 4, 5], do: assert(Seats.cancel(pid, "A", seat) == :ok)
    assert Seats.free(pid) == 4
    assert Seats.book(pid, 3) == :full
    assert Seats.book(pid, 2) == {:ok, {"A", [1, 2]}}
    assert Seats.cancel(pid, "A", 3) == :ok
    assert Seats.book(pid, 3) == {:ok, {"A", [3, 4, 5]}}
  end

  test "a small gap on the right goes before a large one on the left" do
    {:ok, pid} = Seats.start_link([{"A", 7}])
    assert Seats.book(pid, 7) == {:ok, {"A", Enum.to_list(1..7)}}
    for seat <- [1, 2, 3, 5, 7], do: Seats.cancel(pid, "A", seat)
    assert Seats.book(pid, 1) == {:ok, {"A", [5]}}
    assert Seats.book(pid, 1) == {:ok, {"A", [7]}}
    assert Seats.book(pid, 2) == {:ok, {"A", [1, 2]}}
  end

  test "only booked seats can be cancelled" do
    {:ok, pid} = Seats.start_link([{"A", 1}, {"B", 3}])
    assert Seats.cancel(pid, "B", 3) == {:error, :free}
    assert Seats.cancel(pid, "A", 1) == {:error, :free}
    assert Seats.cancel(pid, "A", 2) == {:error, :unknown}
    assert Seats.cancel(pid, "B", 0) == {:error, :unknown}
    assert Seats.cancel(pid, "C", 1) == {:error, :unknown}
    assert Seats.book(pid, 1) == {:ok, {"A", [1]}}
    assert Seats.cancel(pid, "A", 1) == :ok
    assert Seats.cancel(pid, "A", 1) == {:error, :free}
    assert Seats.free(pid) == 4
  end

  test "many book at once" do
    {:ok, pid} = Seats.start_link(for row <- 1..5, do: {row, 7})

    booked =
      1..20
      |> Enum.map(fn _ -> Task.async(fn -> Seats.book(pid, 2) end) end)
      |> Task.await_many(30_000)

    seats = for {:ok, {row, seats}} <- booked, seat <- seats, do: {row, seat}
    assert length(seats) == 30
    assert Enum.uniq(seats) == seats
    assert Enum.count(booked, &(&1 == :full)) == 5
    assert Seats.free(pid) == 5
  end
end
