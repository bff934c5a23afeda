defmodule PacketTest do
  use ExUnit.Case, async: true

  defp sealed(body), do: body <> <<rem(Enum.sum(:binary.bin_to_list(body)), 256)>>

  test "known packets" do
    assert Packet.encode(0xABC, []) == {:ok, <<0x3A, 0xBC, 0, 0xF6>>}
    assert Packet.encode(1, [1, -1]) == {:ok, sealed(<<0x30, 0x01, 2, 0x00, 0x1F, 0xFF>>)}
    assert Packet.encode(4095, [-2048]) == {:ok, sealed(<<0x3F, 0xFF, 1, 0x80, 0x00>>)}
    assert Packet.decode(<<0x3A, 0xBC, 0, 0xF6>>) == {:ok, 0xABC, []}
  end

  test "there and back" do
    for count <- [0, 1, 2, 3, 8, 254, 255] do
      readings = for n <- 1..count//1, do: rem(n * 977, 4096) - 2048
      assert {:ok, packet} = Packet.encode(count, readings)
      assert byte_size(packet) == 4 + div(count * 3 + 1, 2)
      assert Packet.decode(packet) == {:ok, count, readings}
    end

    {:ok, packet} = Packet.encode(0, [2047, -2048, 0, -1])
    assert Packet.decode(packet) == {:ok, 0, [2047, -2048, 0, -1]}
  end

  test "what cannot be encoded" do
    for bad <- [-1, 4096, "1", 1.0], do: assert(Packet.encode(bad, [9999]) == {:error, :meter})
    assert Packet.encode(1, List.duplicate(9999, 256)) == {:error, :count}
    assert Packet.encode(1, [5, 2048, -2049]) == {:error, {:reading, 2048}}
    assert Packet.encode(1, [-2049]) == {:error, {:reading, -2049}}

    for bad <- [nil, false, 1.0, "7"],
        do: assert(Packet.encode(1, [bad]) == {:error, {:reading, bad}})
  end

  test "short and wrong packets" do
    for size <- 0..3, do: assert(Packet.decode(<<0::size(size)-unit(8)>>) == {:error, :short})
    {:ok, packet} = Packet.encode(77, [100, 200, 300])

    for at <- 0..(byte_size(packet) - 1) do
      <<before::binary-size(at), byte, rest::binary>> = packet

      assert Packet.decode(<<before::binary, rem(byte + 1, 256), rest::binary>>) ==
               {:error, :checksum}
    end
  end

  test "a valid sum does not make a valid packet" do
    assert Packet.decode(sealed(<<0x40, 1, 9>>)) == {:error, :version}
    assert Packet.decode(sealed(<<0x30, 1, 2, 0, 0>>)) == {:error, :length}
    assert Packet.decode(sealed(<<0x30, 1, 2, 0, 0, 0, 0>>)) == {:error, :length}
    assert Packet.decode(sealed(<<0x30, 1, 0, 0>>)) == {:error, :length}
    assert Packet.decode(sealed(<<0x30, 1, 1, 0, 0x11>>)) == {:error, :padding}
    assert Packet.decode(sealed(<<0x30, 1, 1, 0, 0x10>>)) == {:ok, 1, [1]}
  end

  test "the checksum is the first to be looked at" do
    assert Packet.decode(<<0x40, 1, 9, 0>>) == {:error, :checksum}
    assert Packet.decode(<<0x30, 1, 2, 0, 0>>) == {:error, :checksum}
  end
end
