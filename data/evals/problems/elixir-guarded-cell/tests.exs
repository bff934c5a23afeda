defmodule CellTest do
  use ExUnit.Case, async: true

  test "commits change the value" do
    {:ok, pid} = Cell.start_link(5)
    assert {Cell.value(pid), Cell.version(pid)} == {5, 0}
    assert Cell.change(pid, &{:commit, &1 + 1, &1 * 2}) == {:ok, 6}
    assert {Cell.value(pid), Cell.version(pid)} == {10, 1}
    assert Cell.change(pid, &{:commit, :same, &1}) == {:ok, :same}
    assert {Cell.value(pid), Cell.version(pid)} == {10, 2}
  end

  test "aborts change nothing" do
    {:ok, pid} = Cell.start_link(%{a: 1})
    assert Cell.change(pid, fn _ -> {:abort, :too_late} end) == {:error, :too_late}
    assert Cell.change(pid, &{:abort, &1}) == {:error, %{a: 1}}
    assert {Cell.value(pid), Cell.version(pid)} == {%{a: 1}, 0}
  end

  test "odd answers change nothing" do
    {:ok, pid} = Cell.start_link(1)

    for odd <- [nil, :ok, {:commit, 2}, {:error, :mine}, {:commit, 1, 2, 3}] do
      assert Cell.change(pid, fn _ -> odd end) == {:error, {:bad_return, odd}}
    end

    assert {Cell.value(pid), Cell.version(pid)} == {1, 0}
  end

  test "exceptions are told by their message" do
    {:ok, pid} = Cell.start_link([])
    assert Cell.change(pid, fn _ -> raise "no" end) == {:error, {:crash, :error, "no"}}

    assert Cell.change(pid, fn _ -> raise ArgumentError, "not this" end) ==
             {:error, {:crash, :error, "not this"}}

    assert {Cell.value(pid), Cell.version(pid)} == {[], 0}
    assert Cell.change(pid, &{:commit, :fine, [1 | &1]}) == {:ok, :fine}
  end

  test "throws and exits are told as they are" do
    {:ok, pid} = Cell.start_link(:v)
    thrown = {:commit, :reply, :new}
    assert Cell.change(pid, fn _ -> throw(thrown) end) == {:error, {:crash, :throw, thrown}}
    assert Cell.change(pid, fn _ -> exit(:normal) end) == {:error, {:crash, :exit, :normal}}
    assert Cell.change(pid, fn _ -> exit({:bad, 1}) end) == {:error, {:crash, :exit, {:bad, 1}}}
    assert {Cell.value(pid), Cell.version(pid)} == {:v, 0}
  end

  test "a stale version is refused" do
    {:ok, pid} = Cell.start_link(0)
    assert Cell.change(pid, 0, &{:commit, &1, &1 + 1}) == {:ok, 0}
    never = fn _ -> raise "called" end
    assert Cell.change(pid, 0, never) == {:error, {:stale, 1}}
    assert Cell.change(pid, 2, never) == {:error, {:stale, 1}}
    assert Cell.change(pid, 1, fn _ -> {:abort, :no} end) == {:error, :no}
    assert Cell.change(pid, 1, &{:commit, &1, &1 + 1}) == {:ok, 1}
    assert {Cell.value(pid), Cell.version(pid)} == {2, 2}
  end

  test "no change is lost" do
    {:ok, pid} = Cell.start_link(0)

    replies =
      1..30
      |> Enum.map(fn _ -> Task.async(fn -> Cell.change(pid, &{:commit, &1, &1 + 1}) end) end)
      |> Task.await_many(30_000)

    assert Enum.sort(replies) == for(n <- 0..29, do: {:ok, n})
    assert {Cell.value(pid), Cell.version(pid)} == {30, 30}
  end
end
