defmodule PurseTest do
  use ExUnit.Case, async: true

  test "a new purse is empty" do
    purse = Purse.new("Ada")
    assert %{owner: "Ada", coins: coins} = purse
    assert coins == %{}
    assert Purse.show(purse) == "Ada: nothing"
  end

  test "adds up" do
    purse = "Ada" |> Purse.new() |> Purse.add("USD", 50) |> Purse.add("EUR", 1200) |> Purse.add("EUR", 5)
    assert Purse.show(purse) == "Ada: 12.05 EUR, 0.50 USD"
    assert "Bob" |> Purse.new() |> Purse.add("EUR", 1) |> Purse.show() == "Bob: 0.01 EUR"
  end

  test "only positive whole amounts" do
    for cents <- [0, -1, 2.5] do
      assert_raise ArgumentError, fn -> Purse.add(Purse.new("Ada"), "EUR", cents) end
    end
  end

  test "pays" do
    purse = Purse.add(Purse.new("Bob"), "EUR", 300)
    {:ok, less} = Purse.pay(purse, "EUR", 120)
    assert Purse.show(less) == "Bob: 1.80 EUR"
    {:ok, none} = Purse.pay(less, "EUR", 180)
    assert Purse.show(none) == "Bob: nothing"
  end

  test "says what is missing" do
    purse = Purse.add(Purse.new("Bob"), "EUR", 300)
    assert Purse.pay(purse, "EUR", 301) == {:error, 1}
    assert Purse.pay(purse, "USD", 40) == {:error, 40}
  end
end
