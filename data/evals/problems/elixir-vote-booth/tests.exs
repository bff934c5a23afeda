defmodule BoothTest do
  use ExUnit.Case, async: true

  test "nothing to choose from" do
    assert Booth.start_link([]) == :ignore
  end

  test "counts votes, the most first" do
    {:ok, pid} = Booth.start_link([:tea, :milk, :rum])
    assert Booth.result(pid) == [tea: 0, milk: 0, rum: 0]
    for voter <- 1..3, do: assert(Booth.vote(pid, voter, :rum) == :ok)
    assert Booth.vote(pid, "four", :milk) == :ok
    assert Booth.result(pid) == [rum: 3, milk: 1, tea: 0]
  end

  test "equal counts stay in the order given" do
    {:ok, pid} = Booth.start_link([:z, :m, :a])
    for {voter, choice} <- [{1, :a}, {2, :m}, {3, :z}], do: Booth.vote(pid, voter, choice)
    assert Booth.result(pid) == [z: 1, m: 1, a: 1]
    Booth.vote(pid, 4, :a)
    assert Booth.result(pid) == [a: 2, z: 1, m: 1]
  end

  test "one voter, one vote" do
    {:ok, pid} = Booth.start_link([:a, :b])
    assert Booth.vote(pid, {:voter, 1}, :a) == :ok
    assert Booth.vote(pid, {:voter, 1}, :b) == :ok
    assert Booth.result(pid) == [b: 1, a: 0]
    assert Booth.vote(pid, {:voter, 1}, :c) == {:error, :no_choice}
    assert Booth.result(pid) == [b: 1, a: 0]
  end

  test "votes are taken back" do
    {:ok, pid} = Booth.start_link([:a, :b])
    assert Booth.withdraw(pid, "x") == {:error, :no_vote}
    Booth.vote(pid, "x", :b)
    assert Booth.withdraw(pid, "x") == :ok
    assert Booth.withdraw(pid, "x") == {:error, :no_vote}
    assert Booth.result(pid) == [a: 0, b: 0]
  end

  test "closing gives the result and ends the server" do
    {:ok, pid} = Booth.start_link([:a, :b])
    ref = Process.monitor(pid)
    Booth.vote(pid, 1, :b)
    assert Booth.close(pid) == [b: 1, a: 0]
    assert_receive {:DOWN, ^ref, :process, _pid, :normal}, 5_000
  end
end
