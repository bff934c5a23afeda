defmodule ParallelTest do
  use ExUnit.Case, async: true

  test "maps in order" do
    assert Parallel.map([30, 1, 10], fn ms ->
             Process.sleep(ms)
             ms * 2
           end) == [60, 2, 20]
  end

  test "nothing gives nothing" do
    assert Parallel.map([], & &1) == []
  end

  test "each element has its own process" do
    pids = Parallel.map(1..4, fn _ -> self() end)
    assert length(Enum.uniq(pids)) == 4
    refute self() in pids
  end

  test "all run at the same time" do
    test = self()

    runner =
      Task.async(fn ->
        Parallel.map(1..6, fn n ->
          send(test, {:here, n, self()})

          receive do
            :go -> n
          end
        end)
      end)

    waiting =
      for n <- 1..6 do
        assert_receive {:here, ^n, pid}, 5_000
        pid
      end

    Enum.each(waiting, &send(&1, :go))
    assert Task.await(runner) == [1, 2, 3, 4, 5, 6]
  end
end
