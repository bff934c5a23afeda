defmodule LayersTest do
  use ExUnit.Case, async: true

  defp news(n) do
    news =
      for _ <- 1..n do
        assert_receive {what, name, ticket} when what in [:up, :down], 5_000
        {ticket, what, name}
      end

    for {_ticket, what, name} <- Enum.sort(news), do: {what, name}
  end

  test "up in order, down the other way round" do
    {:ok, pid} = Layers.start_link([:disk, :table, :query], self())
    assert news(3) == [up: :disk, up: :table, up: :query]
    assert Layers.names(pid) == [:disk, :table, :query]
    refute_received {_, _, _}
    ref = Process.monitor(pid)
    assert Layers.stop(pid) == :ok
    assert news(3) == [down: :query, down: :table, down: :disk]
    assert_receive {:DOWN, ^ref, :process, _pid, _reason}, 5_000
  end

  test "no layers" do
    {:ok, pid} = Layers.start_link([], self())
    assert Layers.names(pid) == []
    assert Layers.drop(pid, :a) == {:error, :unknown}
    assert Layers.stop(pid) == :ok
    refute_received {_, _, _}
  end

  test "one more on top" do
    {:ok, pid} = Layers.start_link([:a], self())
    assert Layers.add(pid, :b) == :ok
    assert Layers.add(pid, :a) == {:error, :there}
    assert Layers.add(pid, :b) == {:error, :there}
    assert Layers.names(pid) == [:a, :b]
    Layers.stop(pid)
    assert news(4) == [up: :a, up: :b, down: :b, down: :a]
  end

  test "dropping from the middle" do
    {:ok, pid} = Layers.start_link([:a, :b, :c], self())
    assert Layers.drop(pid, :b) == :ok
    assert news(4) == [up: :a, up: :b, up: :c, down: :b]
    assert Layers.names(pid) == [:a, :c]
    assert Layers.drop(pid, :b) == {:error, :unknown}
    assert Layers.add(pid, :b) == :ok
    assert Layers.names(pid) == [:a, :c, :b]
    Layers.stop(pid)
    assert news(4) == [up: :b, down: :b, down: :c, down: :a]
  end

  test "two of them tell only their own" do
    {:ok, one} = Layers.start_link([:a], self())
    {:ok, two} = Layers.start_link([:a, :x], self())
    assert news(3) == [up: :a, up: :a, up: :x]
    Layers.stop(two)
    assert news(2) == [down: :x, down: :a]
    assert Layers.names(one) == [:a]
    refute_received {_, _, _}
    Layers.stop(one)
    assert news(1) == [down: :a]
  end
end
