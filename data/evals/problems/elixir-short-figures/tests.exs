defmodule FiguresTest do
  use ExUnit.Case, async: true

  defp all(pairs), do: for({n, text} <- pairs, do: assert(Figures.short(n) == text))

  test "small numbers stay" do
    all([{0, "0"}, {7, "7"}, {999, "999"}, {-999, "-999"}, {-1, "-1"}])
  end

  test "three digits" do
    all([{1234, "1.23k"}, {12_345, "12.3k"}, {123_456, "123k"}, {1_235_000, "1.24M"}])
    all([{7_654_321_000, "7.65G"}, {45_678_000_000_000, "45.7T"}, {-1234, "-1.23k"}])
  end

  test "zeros at the end" do
    all([{1000, "1k"}, {1001, "1k"}, {1200, "1.2k"}, {1050, "1.05k"}, {10_000, "10k"}])
    all([{100_000, "100k"}, {1_200_000, "1.2M"}, {20_040_000, "20M"}, {500_000_000_000, "500G"}])
  end

  test "halves go away from zero" do
    all([{1005, "1.01k"}, {1004, "1k"}, {-1005, "-1.01k"}, {10_050, "10.1k"}, {100_500, "101k"}])
    all([{100_499, "100k"}, {1_994_999, "1.99M"}, {1_995_000, "2M"}])
  end

  test "rounded up to the next letter" do
    all([{999_499, "999k"}, {999_500, "1M"}, {999_999, "1M"}, {-999_500, "-1M"}])
    all([{9_995, "10k"}, {99_950, "100k"}, {999_999_999, "1G"}, {999_999_999_999, "1T"}])
  end

  test "there is nothing above T" do
    t = 1_000_000_000_000
    all([{999 * t, "999T"}, {1000 * t, "1000T"}, {1000 * t - 1, "1000T"}, {1234 * t, "1234T"}])
    all([{1234 * t + div(t, 2), "1235T"}, {123_456_789 * t, "123456789T"}])
  end

  test "groups" do
    assert Figures.grouped(1_234_567, 2, " ") == "12 345.67"
    assert Figures.grouped(1_234_567, 0, ",") == "1,234,567"
    assert Figures.grouped(-1_234_567, 3, "'") == "-1'234.567"
    assert Figures.grouped(5, 2, ",") == "0.05"
    assert Figures.grouped(-50, 2, ",") == "-0.50"
    assert Figures.grouped(0, 0, ",") == "0"
    assert Figures.grouped(100_000, 2, ",") == "1,000.00"
    assert Figures.grouped(123_456, 0, "") == "123456"
    assert Figures.grouped(1_000_000_007, 0, "__") == "1__000__000__007"
  end
end
