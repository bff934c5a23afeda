defmodule FilterTest do
  use ExUnit.Case, async: true

  @rows [
    %{id: 1, name: "ann", age: 30},
    %{id: 2, name: "bo", age: 41},
    %{id: 3, name: nil},
    %{id: 4, age: 30.0}
  ]

  defp ids(filter) do
    {:ok, rows} = Filter.rows(@rows, filter)
    Enum.map(rows, & &1.id)
  end

  test "comparisons ask for the field" do
    assert ids({:eq, :age, 30}) == [1, 4]
    assert ids({:eq, :name, nil}) == [3]
    assert ids({:lt, :age, 41}) == [1, 4]
    assert ids({:lt, :id, 3}) == [1, 2]
    assert ids({:gt, :id, 2}) == [3, 4]
    assert ids({:gt, :age, 0}) == [1, 2, 4]
    assert ids({:eq, :none, nil}) == []
    assert ids({:in, :age, [41, 30.0]}) == [1, 2, 4]
    assert ids({:in, :name, []}) == []
  end

  test "combined" do
    assert ids(true) == [1, 2, 3, 4]
    assert ids({:all, []}) == [1, 2, 3, 4]
    assert ids({:any, []}) == []
    assert ids({:all, [{:gt, :id, 1}, {:lt, :id, 4}]}) == [2, 3]
    assert ids({:any, [{:eq, :name, "bo"}, {:in, :id, [4, 2]}]}) == [2, 4]
    assert ids({:any, [{:all, [{:eq, :age, 30}, {:lt, :id, 2}]}, {:eq, :id, 3}]}) == [1, 3]
  end

  test "negation holds for rows without the field" do
    assert ids({:not, {:eq, :age, 30}}) == [2, 3]
    assert ids({:not, {:not, {:eq, :age, 30}}}) == [1, 4]
    assert ids({:not, true}) == []
    assert ids({:not, {:any, [{:eq, :id, 1}, {:eq, :id, 2}]}}) == [3, 4]
  end

  test "good filters" do
    for good <- [true, {:eq, nil, 1}, {:in, :a, []}, {:not, {:all, [true, {:any, []}]}}] do
      assert Filter.check(good) == :ok
    end
  end

  test "bad filters" do
    for bad <- [
          false,
          nil,
          :eq,
          {:eq, :a},
          {:eq, "a", 1},
          {:in, :a, :b},
          {:all, :x},
          {:or, []},
          {},
          []
        ] do
      error = {:error, {:bad_term, bad}}
      assert Filter.check(bad) == error
      assert Filter.check({:not, bad}) == error
      assert Filter.check({:all, [true, {:any, [{:eq, :a, 1}, bad]}, {:what}]}) == error
      assert Filter.rows(@rows, {:any, [true, bad]}) == error
      assert Filter.rows([], {:any, [true, bad]}) == error
    end
  end

  test "fields" do
    assert Filter.fields(true) == []

    assert Filter.fields({:all, [{:eq, :b, 1}, {:not, {:in, :a, [1]}}, {:any, [{:lt, :b, 2}]}]}) ==
             [:a, :b]
  end
end
