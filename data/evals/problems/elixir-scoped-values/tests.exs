defmodule ScopedTest do
  use ExUnit.Case, async: true

  test "values hold within" do
    assert Scoped.get(:a, 0) == 0
    assert Scoped.with_values(%{a: 1}, fn -> {Scoped.get(:a, 0), Scoped.get(:b, 0)} end) == {1, 0}
    assert Scoped.get(:a, 0) == 0
  end

  test "nested" do
    result =
      Scoped.with_values(%{a: 1, b: 2}, fn ->
        inner = Scoped.with_values(%{"c" => 4, b: 3}, fn -> for k <- [:a, :b, "c"], do: Scoped.get(k, nil) end)
        {inner, for(k <- [:a, :b, "c"], do: Scoped.get(k, nil))}
      end)

    assert result == {[1, 3, 4], [1, 2, nil]}
  end

  test "nil and false are values" do
    Scoped.with_values(%{a: nil, b: false}, fn ->
      assert Scoped.get(:a, 1) == nil
      assert Scoped.get(:b, 1) == false
    end)
  end

  test "exceptions of all kinds" do
    Scoped.with_values(%{a: 1}, fn ->
      assert catch_throw(Scoped.with_values(%{a: 2}, fn -> throw(:t) end)) == :t
      assert Scoped.get(:a, 0) == 1
      assert catch_exit(Scoped.with_values(%{a: 2}, fn -> exit(:e) end)) == :e
      assert Scoped.get(:a, 0) == 1
      assert_raise RuntimeError, "r", fn -> Scoped.with_values(%{b: 2}, fn -> raise "r" end) end
      assert {Scoped.get(:a, 0), Scoped.get(:b, 0)} == {1, 0}
    end)

    assert Scoped.get(:a, 0) == 0
  end

  test "other processes" do
    Scoped.with_values(%{a: 1}, fn ->
      assert fn -> Scoped.get(:a, :none) end |> Task.async() |> Task.await(6_000) == :none
    end)
  end

  test "wrapped" do
    show = fn -> {Scoped.get(:a, 0), Scoped.get(:b, 0)} end
    wrapped = Scoped.with_values(%{a: 1}, fn -> Scoped.wrap(show) end)
    assert wrapped.() == {1, 0}
    assert Task.await(Task.async(wrapped), 6_000) == {1, 0}

    Scoped.with_values(%{a: 5, b: 6}, fn ->
      assert wrapped.() == {1, 0}
      assert show.() == {5, 6}
    end)

    assert show.() == {0, 0}
    assert Scoped.with_values(%{a: 2}, Scoped.wrap(show)) == {0, 0}
  end

  test "a wrapped function that raises" do
    wrapped = Scoped.with_values(%{a: 1}, fn -> Scoped.wrap(fn -> throw(Scoped.get(:a, 0)) end) end)

    Scoped.with_values(%{a: 7}, fn ->
      assert catch_throw(wrapped.()) == 1
      assert Scoped.get(:a, 0) == 7
    end)
  end
end
