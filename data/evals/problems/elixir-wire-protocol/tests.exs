defmodule WireTest do
  use ExUnit.Case, async: true

  test "plain values" do
    assert Enum.map([0, -12, 345], &Wire.encode/1) == ["0", "-12", "345"]
    assert Enum.map([nil, true, false, :ok, :"a b"], &Wire.encode/1) == ["~", "+", "-", "ok", "a b"]
  end

  test "strings" do
    assert Wire.encode("") == "''"
    assert Wire.encode("grün") == "'grün'"
    assert Wire.encode("it's 'x'") == "'it''s ''x'''"
  end

  test "lists and maps" do
    assert Wire.encode([]) == "[]"
    assert Wire.encode([1, "a", [nil, []]]) == "[1,'a',[~,[]]]"
    assert Wire.encode(%{}) == "{}"
    assert Wire.encode(%{"b" => [1], :a => %{x: true}, 10 => 2, 9 => 1}) == "{'b'=[1],10=2,9=1,a={x=+}}"
    assert Wire.encode(%{nil => 1, true => 2}) == "{+=2,~=1}"
  end

  test "prices" do
    assert 1205 |> Price.new("EUR") |> Wire.encode() == "12.05 EUR"
    assert 7 |> Price.new("SEK") |> Wire.encode() == "0.07 SEK"
    assert 100_000 |> Price.new("EUR") |> Wire.encode() == "1000.00 EUR"
    assert Wire.encode([Price.new(50, "X")]) == "[0.50 X]"
    assert Wire.encode(%{p: Price.new(1, "Y")}) == "{p=0.01 Y}"
  end

  test "other structs" do
    assert Wire.encode(1..3) == "{first=1,last=3,step=1}"
    assert Wire.encode(%{r: 2..0//-1}) == "{r={first=2,last=0,step=-1}}"
  end

  test "what has no form" do
    for value <- [1.5, {1, 2}, self(), [1, {}], %{a: 2.0}, %{{} => 1}, make_ref()] do
      assert_raise ArgumentError, fn -> Wire.encode(value) end
    end
  end
end
