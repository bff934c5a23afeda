defmodule PagedTest do
  use ExUnit.Case, async: true

  @pages %{:start => {[1, 2], "b"}, "b" => {[], {:c, 1}}, {:c, 1} => {[3], false}, false => {[4, 5], nil}}

  defp stream(pages \\ @pages) do
    test = self()

    Paged.stream(
      fn token ->
        send(test, {:fetched, token})
        Map.fetch!(pages, token)
      end,
      fn count -> send(test, {:done, count}) end
    )
  end

  defp told do
    receive do
      message -> [message | told()]
    after
      0 -> []
    end
  end

  test "all items" do
    assert Enum.to_list(stream()) == [1, 2, 3, 4, 5]
    assert told() == [fetched: :start, fetched: "b", fetched: {:c, 1}, fetched: false, done: 4]
  end

  test "nothing happens before" do
    stream = stream()
    assert told() == []
    refute is_list(stream)
    assert stream |> Stream.map(&(&1 * 10)) |> Enum.at(0) == 10
    assert told() == [fetched: :start, done: 1]
  end

  test "no page too many" do
    assert Enum.take(stream(), 2) == [1, 2]
    assert told() == [fetched: :start, done: 1]
    assert Enum.take(stream(), 3) == [1, 2, 3]
    assert told() == [fetched: :start, fetched: "b", fetched: {:c, 1}, done: 3]
  end

  test "one page" do
    assert Enum.to_list(stream(%{start: {[], nil}})) == []
    assert told() == [fetched: :start, done: 1]
    assert Enum.to_list(stream(%{start: {[:a], nil}})) == [:a]
  end

  test "begins again" do
    stream = stream()
    assert Enum.count(stream) == 5
    told()
    assert Enum.sum(stream) == 15
    assert {:done, 4} in told()
  end

  test "the consumer raises" do
    assert_raise ArithmeticError, fn -> Enum.each(stream(), fn n -> 1 / (n - 3) end) end
    assert List.last(told()) == {:done, 3}
  end

  test "the source raises" do
    assert_raise KeyError, fn -> Enum.to_list(stream(%{start: {[1], :gone}})) end
    assert told() == [fetched: :start, fetched: :gone, done: 1]
  end
end
