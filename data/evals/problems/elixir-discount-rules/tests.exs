defmodule CheckoutTest do
  use ExUnit.Case, async: true

  @rules [Discount.Large, Discount.Bulk, Discount.Penny]

  test "the behaviour" do
    assert Enum.sort(Discount.behaviour_info(:callbacks)) == [applies?: 1, label: 0, reduce: 1]
    assert Discount.behaviour_info(:optional_callbacks) == [label: 0]
  end

  test "the rules" do
    basket = %{"nail" => {13, 33}, "saw" => {9, 999}, "bolt" => {25, 7}}
    assert Discount.Bulk.applies?(basket)
    assert Discount.Bulk.reduce(basket) == 42 + 17
    refute Discount.Bulk.applies?(%{"saw" => {9, 999}})
    assert Discount.Large.applies?(%{"saw" => {4, 2500}})
    refute Discount.Large.applies?(%{"saw" => {1, 9999}})
    assert Discount.Large.reduce(basket) == 500
    assert Discount.Penny.applies?(%{})
    assert Discount.Penny.reduce(%{"saw" => {1, 1234}}) == 34
  end

  test "totals" do
    assert Checkout.total(%{}) == 0
    assert Checkout.total(%{"nail" => {10, 33}, "saw" => {1, 999}}) == 1329
  end

  test "the best rule" do
    assert Checkout.best(%{"saw" => {4, 2510}}, @rules) == {"large basket", 9540}
    assert Checkout.best(%{"nail" => {100, 101}}, @rules) == {"bulk", 10_100 - 1010}
    assert Checkout.best(%{"nail" => {1, 199}}, @rules) == {"penny", 100}
    assert Checkout.best(%{"nail" => {1, 199}}, [Discount.Large, Discount.Bulk]) == {nil, 199}
    assert Checkout.best(%{"nail" => {1, 199}}, []) == {nil, 199}
  end

  test "of equals the first" do
    basket = %{"nail" => {50, 100}, "saw" => {1, 5000}}
    assert Checkout.best(basket, [Discount.Large, Discount.Bulk]) == {"large basket", 9500}
    assert Checkout.best(basket, [Discount.Bulk, Discount.Large]) == {"bulk", 9500}
    assert Checkout.best(%{}, [Discount.Penny]) == {"penny", 0}
  end

  test "all that apply" do
    basket = %{"nail" => {10, 33}}
    assert Checkout.all(basket, @rules) == ["bulk", "penny"]
    assert Checkout.all(basket, Enum.reverse(@rules)) == ["penny", "bulk"]
    assert Checkout.all(%{}, [Discount.Bulk]) == []
  end

  test "what is no rule" do
    for bad <- [Enum, NoSuchRule] do
      assert_raise ArgumentError, fn -> Checkout.best(%{}, [bad]) end
      assert_raise ArgumentError, fn -> Checkout.all(%{}, [Discount.Penny, bad]) end
    end
  end
end
