defmodule AheadTest do
  use ExUnit.Case, async: true

  defp gated(test) do
    fn element ->
      send(test, {:in, element, self()})

      receive do
        :go -> element * 10
      end
    end
  end

  defp entered(element) do
    assert_receive {:in, ^element, pid}, 5_000
    pid
  end

  test "results in order" do
    assert [1, 2, 3] |> Ahead.map(2, &(&1 + 1)) |> Enum.to_list() == [ok: 2, ok: 3, ok: 4]
    assert [] |> Ahead.map(2, &(&1 + 1)) |> Enum.to_list() == []
    assert 1..40 |> Ahead.map(7, & &1) |> Enum.map(&elem(&1, 1)) == Enum.to_list(1..40)
  end

  test "endless input" do
    assert Stream.iterate(1, &(&1 * 2)) |> Ahead.map(3, & &1) |> Enum.take(4) ==
             [ok: 1, ok: 2, ok: 4, ok: 8]
  end

  test "failures are results" do
    work = fn
      1 -> raise "one"
      2 -> throw(:two)
      3 -> exit(:three)
      n -> {:failed, n}
    end

    assert 1..5 |> Ahead.map(2, work) |> Enum.to_list() ==
             [failed: 1, failed: 2, failed: 3, ok: {:failed, 4}, ok: {:failed, 5}]
  end

  test "nothing happens before it is asked for" do
    test = self()

    stream =
      Ahead.map(1..3, 3, fn n ->
        send(test, {:called, n})
        n
      end)

    refute_receive {:called, _}, 100
    assert Enum.to_list(stream) == [ok: 1, ok: 2, ok: 3]
    for n <- 1..3, do: assert_receive({:called, ^n}, 5_000)
  end

  test "as many run as allowed, and order is kept" do
    test = self()
    task = Task.async(fn -> 1..5 |> Ahead.map(3, gated(test)) |> Enum.to_list() end)
    [one, two, three] = for n <- 1..3, do: entered(n)
    refute_receive {:in, _, _}, 100
    assert length(Enum.uniq([one, two, three])) == 3

    for pid <- [three, two, one] do
      ref = Process.monitor(pid)
      send(pid, :go)
      assert_receive {:DOWN, ^ref, :process, _, _}, 5_000
    end

    for n <- [4, 5], do: send(entered(n), :go)
    assert Task.await(task, 6_000) == [ok: 10, ok: 20, ok: 30, ok: 40, ok: 50]
  end

  test "who stops early ends the calls that run" do
    test = self()
    task = Task.async(fn -> 1..100 |> Ahead.map(4, gated(test)) |> Enum.take(1) end)
    pids = for n <- 1..4, do: entered(n)
    refs = for pid <- pids, do: Process.monitor(pid)
    send(hd(pids), :go)
    assert Task.await(task, 6_000) == [ok: 10]
    for ref <- refs, do: assert_receive({:DOWN, ^ref, :process, _, _}, 5_000)
  end
end
