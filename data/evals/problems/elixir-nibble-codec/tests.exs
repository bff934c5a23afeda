defmodule NibblesTest do
  use ExUnit.Case, async: true

  test "packs" do
    assert Nibbles.pack("") == {:ok, <<>>}
    assert Nibbles.pack("12") == {:ok, <<0x12>>}
    assert Nibbles.pack("-3.50") == {:ok, <<0xB3, 0xA5, 0x0F>>}
    assert Nibbles.pack("0987654321") == {:ok, <<0x09, 0x87, 0x65, 0x43, 0x21>>}
    assert Nibbles.pack("--..") == {:ok, <<0xBB, 0xAA>>}
  end

  test "refuses other characters" do
    for text <- ["1 2", "a", "12é", "1,5", "+1", "12\n"], do: assert(Nibbles.pack(text) == :error)
  end

  test "unpacks" do
    assert Nibbles.unpack(<<>>) == {:ok, ""}
    assert Nibbles.unpack(<<0xB3, 0xA5, 0x0F>>) == {:ok, "-3.50"}
    assert Nibbles.unpack(<<0x9F>>) == {:ok, "9"}
  end

  test "refuses other values" do
    for binary <- [<<0xC1>>, <<0x1D>>, <<0x12, 0xE3>>, <<0xF1>>, <<0x1F, 0x22>>, <<0xFF>>, <<0x1F, 0x1F>>] do
      assert Nibbles.unpack(binary) == :error
    end
  end

  test "there and back" do
    for text <- ["0", "00", "-12345.678", "1.1.1-", String.duplicate("90", 500)] do
      {:ok, packed} = Nibbles.pack(text)
      assert byte_size(packed) == div(String.length(text) + 1, 2)
      assert Nibbles.unpack(packed) == {:ok, text}
    end
  end

  test "sums" do
    assert Nibbles.sum(<<>>) == 0
    assert Nibbles.sum(<<0xB3, 0xA5, 0x0F>>) == 8
    assert Nibbles.sum(<<0x99, 0x99, 0xCD>>) == 36
  end
end
