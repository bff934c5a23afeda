defmodule LimiterTest do
  use ExUnit.Case, async: true

  defp asks(pid, client, now, count), do: for(_ <- 1..count, do: Limiter.ask(pid, client, now))

  test "a bucket is full at first" do
    {:ok, pid} = Limiter.start_link(3, 1)
    assert Limiter.left(pid, "ann", 100) == 3
    assert asks(pid, "ann", 100, 4) == [:ok, :ok, :ok, {:wait, 1}]
    assert Limiter.left(pid, "ann", 100) == 0
  end

  test "clients do not share" do
    {:ok, pid} = Limiter.start_link(1, 1)
    assert Limiter.ask(pid, "ann", 0) == :ok
    assert Limiter.ask(pid, "bo", 0) == :ok
    assert Limiter.ask(pid, "ann", 0) == {:wait, 1}
  end

  test "time adds tokens" do
    {:ok, pid} = Limiter.start_link(10, 3)
    asks(pid, "ann", 0, 10)
    assert Limiter.left(pid, "ann", 1) == 3
    assert asks(pid, "ann", 2, 7) == List.duplicate(:ok, 6) ++ [{:wait, 1}]
  end

  test "never more than its size" do
    {:ok, pid} = Limiter.start_link(5, 2)
    asks(pid, "ann", 0, 5)
    assert Limiter.left(pid, "ann", 1000) == 5
    assert Limiter.ask(pid, "ann", 1000) == :ok
    assert Limiter.left(pid, "ann", 1000) == 4
  end

  test "one token every so many seconds" do
    {:ok, pid} = Limiter.start_link(2, {1, 10})
    assert asks(pid, "ann", 5, 3) == [:ok, :ok, {:wait, 10}]
    assert Limiter.ask(pid, "ann", 12) == {:wait, 3}
    assert Limiter.ask(pid, "ann", 15) == :ok
    assert Limiter.ask(pid, "ann", 18) == {:wait, 7}
    assert Limiter.left(pid, "ann", 25) == 1
  end
end
