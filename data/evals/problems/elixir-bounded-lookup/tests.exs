defmodule LookupTest do
  use ExUnit.Case, async: true

  # calls tell that they run and wait for the word to go on
  defp gated(test) do
    fn key ->
      send(test, {:in, key, self()})

      receive do
        :go -> {:value, key}
      end
    end
  end

  defp next do
    assert_receive {:in, key, pid}, 5_000
    {key, pid}
  end

  test "nothing to look up" do
    assert Lookup.all([], 3, fn _ -> flunk("called") end) == %{}
  end

  test "a value for each key" do
    assert Lookup.all(1..5, 2, &(&1 * &1)) == %{1 => 1, 2 => 4, 3 => 9, 4 => 16, 5 => 25}
    assert Lookup.all(["a", nil], 1, &is_nil/1) == %{"a" => false, nil => true}
  end

  test "a key is looked up once" do
    test = self()

    assert Lookup.all([:a, :b, :a, :a], 4, fn key ->
             send(test, {:called, key})
             key
           end) == %{a: :a, b: :b}

    assert_receive {:called, :a}, 5_000
    assert_receive {:called, :b}, 5_000
    refute_received {:called, _}
  end

  test "as many as allowed run, never more" do
    test = self()
    task = Task.async(fn -> Lookup.all(1..6, 3, gated(test)) end)
    first = for _ <- 1..3, do: next()
    refute_receive {:in, _, _}, 100
    assert first |> Enum.map(&elem(&1, 0)) |> Enum.sort() == [1, 2, 3]
    pids = Enum.map(first, &elem(&1, 1))
    assert length(Enum.uniq(pids)) == 3

    rest =
      for pid <- pids do
        send(pid, :go)
        {key, next_pid} = next()
        refute_receive {:in, _, _}, 20
        {key, next_pid}
      end

    for {_key, pid} <- rest, do: send(pid, :go)
    assert Task.await(task, 6_000) == Map.new(1..6, &{&1, {:value, &1}})
  end

  test "values belong to their keys, whichever is ready first" do
    test = self()
    task = Task.async(fn -> Lookup.all([:a, :b, :c], 3, gated(test)) end)
    pids = Map.new(for _ <- 1..3, do: next())

    for key <- [:c, :b, :a] do
      # the call is over soon; whether its process ends then is up to the solution
      ref = Process.monitor(pids[key])
      send(pids[key], :go)

      receive do
        {:DOWN, ^ref, :process, _, _} -> :ok
      after
        200 -> Process.demonitor(ref, [:flush])
      end
    end

    assert Task.await(task, 6_000) == %{a: {:value, :a}, b: {:value, :b}, c: {:value, :c}}
  end
end
