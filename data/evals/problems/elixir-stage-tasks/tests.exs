defmodule StagesTest do
  use ExUnit.Case, async: true

  defp ok(value), do: fn _values -> {:ok, value} end

  test "nothing to do" do
    assert Stages.run([]) == {:ok, %{}}
    assert Stages.run([[], []]) == {:ok, %{}}
  end

  test "values go on" do
    sum = fn values -> {:ok, values |> Map.values() |> Enum.sum()} end
    stages = [[a: ok(1), b: ok(2)], [c: sum], [d: sum, e: fn values -> {:ok, map_size(values)} end]]
    assert Stages.run(stages) == {:ok, %{a: 1, b: 2, c: 3, d: 6, e: 3}}
  end

  test "a stage runs at the same time" do
    test = self()

    meet = fn me, other ->
      fn _ ->
        send(test, {me, self()})

        receive do
          {:go, ^other} -> {:ok, self()}
        end
      end
    end

    runner = Task.async(fn -> Stages.run([[a: meet.(:a, :b), b: meet.(:b, :a)]]) end)
    assert_receive {:a, a}, 6_000
    assert_receive {:b, b}, 6_000
    send(a, {:go, :b})
    send(b, {:go, :a})
    assert {:ok, %{a: ^a, b: ^b}} = Task.await(runner, 6_000)
    assert a != b
  end

  test "the first failure in order" do
    test = self()
    late = fn _ -> send(test, :late) && {:ok, 0} end

    stages = [
      [a: ok(1)],
      [b: ok(2), c: fn _ -> {:error, :first} end, d: fn _ -> {:error, :second} end, e: ok(3)],
      [f: late]
    ]

    assert Stages.run(stages) == {:error, :c, :first, %{a: 1, b: 2, e: 3}}
    refute_received :late
  end

  test "crashes" do
    for crash <- [
          fn _ -> raise "bad" end,
          fn _ -> throw(:bad) end,
          fn _ -> exit(:bad) end,
          fn _ -> exit(:normal) end
        ] do
      assert Stages.run([[a: crash, b: ok(1)], [c: ok(2)]]) == {:error, :a, :crashed, %{b: 1}}
    end
  end

  test "waits for the others of its stage" do
    test = self()

    slow = fn _ ->
      send(test, {:slow, self()})

      receive do
        :go -> {:ok, :slow}
      end
    end

    runner = Task.async(fn -> Stages.run([[a: fn _ -> raise "bad" end, b: slow]]) end)
    assert_receive {:slow, pid}, 6_000
    assert Task.yield(runner, 20) == nil
    send(pid, :go)
    assert Task.await(runner, 6_000) == {:error, :a, :crashed, %{b: :slow}}
  end

  test "no message is left" do
    assert {:ok, _} = Stages.run([[a: ok(1), b: ok(2)]])
    assert {:error, _, _, _} = Stages.run([[a: ok(1), b: fn _ -> exit(:bad) end]])
    assert Process.info(self(), :messages) == {:messages, []}
  end
end
