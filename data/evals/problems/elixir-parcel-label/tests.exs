defmodule ParcelTest do
  use ExUnit.Case, async: true

  test "labels" do
    assert Parcel.parse("DE/01067/2500g") == {:ok, %{country: "DE", code: "01067", grams: 2500}}
    assert Parcel.parse("  AT/00000/1g\n") == {:ok, %{country: "AT", code: "00000", grams: 1}}
    assert Parcel.parse("AT/10000/007g") == {:ok, %{country: "AT", code: "10000", grams: 7}}
  end

  test "not three parts" do
    for bad <- ["", "DE", "DE/01067", "DE/01067/1g/", "DE/01067/1g/x", "DE 01067 1g"] do
      assert Parcel.parse(bad) == {:error, :parts}
    end
  end

  test "wrong countries come first" do
    for bad <- ["", "D", "DEU", "de", "D1", " DE", "ÄÖ", "DE\n"] do
      label = "x" <> bad
      assert Parcel.parse(label <> "/1/1") == {:error, {:country, label}}
    end

    assert Parcel.parse("/01067/1g") == {:error, {:country, ""}}
    assert Parcel.parse("DE\n/01067/1g") == {:error, {:country, "DE\n"}}
    assert Parcel.parse("DEU/01067/1g") == {:error, {:country, "DEU"}}
  end

  test "wrong codes come next" do
    for bad <- ["", "1067", "010670", "0106x", "01067\n", " 01067", "-1067"] do
      assert Parcel.parse("DE/#{bad}/0") == {:error, {:code, bad}}
    end
  end

  test "wrong weights come last" do
    for bad <- ["", "g", "0g", "00g", "5", "5kg", "-5g", "+5g", "5g5", "1.5g", "5 g", "5G", "5gg"] do
      assert Parcel.parse("DE/01067/#{bad}") == {:error, {:weight, bad}}
    end
  end

  test "writing" do
    parcel = %{country: "DE", code: "01067", grams: 9000}
    assert Parcel.format(parcel) == "DE/01067/9000g"
    assert Parcel.format(%{parcel | grams: 10_000}) == "DE/01067/10kg"
    assert Parcel.format(%{parcel | grams: 10_001}) == "DE/01067/10001g"
    assert Parcel.format(%{parcel | grams: 123_000}) == "DE/01067/123kg"

    for grams <- [1, 999, 9_999, 54_321] do
      parcel = %{country: "PL", code: "00950", grams: grams}
      assert parcel |> Parcel.format() |> Parcel.parse() == {:ok, parcel}
    end
  end
end
