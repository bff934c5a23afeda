defmodule PackedTimeTest do
  use ExUnit.Case, async: true

  test "packs into two bytes" do
    assert PackedTime.pack({0, 0, 0}) == {:ok, <<0, 0>>}
    assert PackedTime.pack({1, 0, 2}) == {:ok, <<0b00001000, 0b00000001>>}
    assert PackedTime.pack({23, 59, 58}) == {:ok, <<0b10111111, 0b01111101>>}
  end

  test "odd seconds are rounded down" do
    assert PackedTime.pack({1, 0, 3}) == PackedTime.pack({1, 0, 2})
  end

  test "only times of day are packed" do
    for time <- [{24, 0, 0}, {0, 60, 0}, {0, 0, 60}, {-1, 0, 0}, {1, 2}, {1.0, 0, 0}, nil] do
      assert PackedTime.pack(time) == :error
    end
  end

  test "unpacks" do
    assert PackedTime.unpack(<<0b10111111, 0b01111101>>) == {:ok, {23, 59, 58}}
    for time <- [{0, 0, 0}, {7, 8, 10}, {12, 59, 2}] do
      {:ok, packed} = PackedTime.pack(time)
      assert PackedTime.unpack(packed) == {:ok, time}
    end
  end

  test "refuses other sizes and impossible times" do
    assert PackedTime.unpack(<<1>>) == :error
    assert PackedTime.unpack(<<1, 2, 3>>) == :error
    assert PackedTime.unpack(<<24::5, 0::6, 0::5>>) == :error
    assert PackedTime.unpack(<<1::5, 60::6, 0::5>>) == :error
    assert PackedTime.unpack(<<1::5, 1::6, 30::5>>) == :error
  end
end
