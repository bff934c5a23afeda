defmodule StockTest do
  use ExUnit.Case, async: true

  test "nothing happens" do
    assert Stock.replay(%{"bolt" => 2}, []) == {:ok, %{"bolt" => 2}}
  end

  test "in and out" do
    events = [{:in, "bolt", 3}, {:in, "nut", 1}, {:out, "bolt", 4}]
    assert Stock.replay(%{"bolt" => 2}, events) == {:ok, %{"bolt" => 1, "nut" => 1}}
  end

  test "nothing left is no entry" do
    assert Stock.replay(%{"bolt" => 2}, [{:out, "bolt", 2}]) == {:ok, %{}}
  end

  test "stops at the first shortage with the stock before it" do
    events = [{:in, "nut", 1}, {:out, "nut", 2}, {:in, "nut", 9}]
    assert Stock.replay(%{}, events) == {:error, {:out, "nut", 2}, %{"nut" => 1}}
  end

  test "what was never there is short" do
    assert Stock.replay(%{}, [{:out, "cog", 1}]) == {:error, {:out, "cog", 1}, %{}}
  end
end
