defmodule FreightTest do
  use ExUnit.Case, async: true

  test "letters by weight" do
    for {grams, cents} <- [{1, 85}, {20, 85}, {21, 100}, {50, 100}, {51, 160}, {500, 160}] do
      assert Freight.price(Freight.letter(grams, false)) == {:ok, cents}
    end

    assert Freight.price(Freight.letter(501, false)) == {:ok, 275}
    assert Freight.price(Freight.letter(1000, false)) == {:ok, 275}
    assert Freight.price(Freight.letter(1001, false)) == {:error, :too_heavy}
  end

  test "registered letters cost more" do
    assert Freight.price(Freight.letter(10, true)) == {:ok, 350}
    assert Freight.price(Freight.letter(800, true)) == {:ok, 540}
    assert Freight.price(Freight.letter(1001, true)) == {:error, :too_heavy}
  end

  test "parcels by weight" do
    sides = {120, 60, 60}

    for {grams, cents} <- [{1, 549}, {2000, 549}, {2001, 1049}, {10_000, 1049}, {10_001, 1949}] do
      assert Freight.price(Freight.parcel(grams, sides)) == {:ok, cents}
    end

    assert Freight.price(Freight.parcel(31_500, sides)) == {:ok, 1949}
    assert Freight.price(Freight.parcel(31_501, sides)) == {:error, :too_heavy}
  end

  test "long parcels" do
    for sides <- [{121, 1, 1}, {1, 121, 1}, {1, 1, 121}], grams <- [5, 90_000] do
      assert Freight.price(Freight.parcel(grams, sides)) == {:error, :too_long}
    end
  end

  test "weights" do
    letter = Freight.letter(30, true)
    parcel = Freight.parcel(900, {1, 2, 3})
    assert Freight.weight(letter) == 30
    assert Freight.weight(parcel) == 900
    assert Freight.weight(Freight.pallet([])) == 20_000
    pallet = Freight.pallet([letter, parcel, letter])
    assert Freight.weight(pallet) == 20_960
    assert Freight.weight(Freight.pallet([pallet, parcel])) == 41_860
  end

  test "pallets" do
    box = Freight.parcel(240_000, {200, 200, 200})
    assert Freight.price(Freight.pallet([])) == {:error, :empty}
    assert Freight.price(Freight.pallet([box])) == {:ok, 4900}
    assert Freight.price(Freight.pallet([box, box])) == {:ok, 4900}
    assert Freight.price(Freight.pallet([box, Freight.letter(1, false), box])) == {:error, :too_heavy}
    inner = Freight.pallet([box])
    assert Freight.price(Freight.pallet([box, inner])) == {:error, :pallet_on_pallet}
    assert Freight.price(Freight.pallet([inner, box, box, box])) == {:error, :pallet_on_pallet}
  end

  test "anything else" do
    bare = Freight.letter(10, false) |> Map.delete(:__struct__)
    for odd <- [bare, %{items: []}, nil, 5, {:letter, 1}, []] do
      assert_raise ArgumentError, fn -> Freight.price(odd) end
      assert_raise ArgumentError, fn -> Freight.weight(odd) end
      assert_raise ArgumentError, fn -> Freight.weight(Freight.pallet([odd])) end
    end
  end
end
