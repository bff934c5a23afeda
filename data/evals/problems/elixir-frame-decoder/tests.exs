defmodule FramesTest do
  use ExUnit.Case, async: true

  test "encodes type, length and payload" do
    assert Frames.encode(7, "abc") == <<7, 0, 3, ?a, ?b, ?c>>
    assert Frames.encode(0, "") == <<0, 0, 0>>
  end

  test "long payloads use both bytes of the length" do
    long = String.duplicate("x", 300)
    assert <<1, 1, 44, _::binary-size(300)>> = Frames.encode(1, long)
    assert Frames.decode(Frames.encode(1, long)) == {[{1, long}], ""}
  end

  test "decodes several frames in order" do
    bytes = Frames.encode(1, "one") <> Frames.encode(2, "") <> Frames.encode(1, "three")
    assert Frames.decode(bytes) == {[{1, "one"}, {2, ""}, {1, "three"}], ""}
  end

  test "keeps what is incomplete" do
    assert Frames.decode("") == {[], ""}
    assert Frames.decode(<<5>>) == {[], <<5>>}
    assert Frames.decode(<<5, 0, 4, 1, 2>>) == {[], <<5, 0, 4, 1, 2>>}
    assert Frames.decode(<<9, 0, 1, 65, 5, 0>>) == {[{9, "A"}], <<5, 0>>}
  end
end
