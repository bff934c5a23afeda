defmodule OrderTest do
  use ExUnit.Case, async: true

  @prices %{"pen" => 3, "ink" => 12}

  test "multiplies" do
    assert Order.total(@prices, %{item: "pen", count: "4"}) == {:ok, 12}
    assert Order.total(@prices, %{item: "ink", count: "1"}) == {:ok, 12}
  end

  test "unknown item" do
    assert Order.total(@prices, %{item: "cup", count: "1"}) == {:error, :unknown_item}
  end

  test "a count must be a whole number" do
    assert Order.total(@prices, %{item: "ink", count: "two"}) == {:error, :bad_count}
    assert Order.total(@prices, %{item: "ink", count: "2x"}) == {:error, :bad_count}
  end

  test "a count must be positive" do
    assert Order.total(@prices, %{item: "ink", count: "0"}) == {:error, :bad_count}
  end

  test "the item is checked first" do
    assert Order.total(@prices, %{item: "cup", count: "x"}) == {:error, :unknown_item}
  end
end
