defmodule FlightTest do
  use ExUnit.Case, async: true

  # a function that tells the test that it runs, and ends as the test says
  defp held(tag) do
    test = self()

    fn ->
      send(test, {:running, tag, self()})

      receive do
        {:value, value} -> value
        {:leave, reason} -> exit(reason)
      end
    end
  end

  defp call(pid, key, fun), do: Task.async(fn -> Flight.run(pid, key, fun) end)

  defp until_waiting(pid, key, n, tries \\ 1_000)
  defp until_waiting(_pid, _key, _n, 0), do: flunk("too few wait")

  defp until_waiting(pid, key, n, tries) do
    unless Flight.waiting(pid, key) == n do
      Process.sleep(5)
      until_waiting(pid, key, n, tries - 1)
    end
  end

  test "gives what the function returns" do
    {:ok, pid} = Flight.start_link()
    assert Flight.run(pid, :a, fn -> 1 + 1 end) == {:ok, 2}
    assert Flight.run(pid, :b, fn -> nil end) == {:ok, nil}
    assert Flight.waiting(pid, :a) == 0
  end

  test "all who ask share one flight" do
    {:ok, pid} = Flight.start_link()
    first = call(pid, :k, held(:first))
    assert_receive {:running, :first, worker}, 5_000
    others = for n <- 1..4, do: call(pid, :k, held({:other, n}))
    until_waiting(pid, :k, 5)
    send(worker, {:value, "v"})
    assert Task.await_many([first | others], 6_000) == List.duplicate({:ok, "v"}, 5)
    refute_received {:running, {:other, _}, _}
    assert Flight.waiting(pid, :k) == 0
  end

  test "nothing is remembered" do
    {:ok, pid} = Flight.start_link()
    assert for(n <- 1..3, do: Flight.run(pid, :k, fn -> n end)) == [{:ok, 1}, {:ok, 2}, {:ok, 3}]
  end

  test "keys do not wait for each other" do
    {:ok, pid} = Flight.start_link()
    slow = call(pid, :slow, held(:slow))
    assert_receive {:running, :slow, worker}, 5_000
    assert Flight.run(pid, :quick, fn -> :done end) == {:ok, :done}
    assert Flight.waiting(pid, :slow) == 1
    send(worker, {:value, 0})
    assert Task.await(slow, 6_000) == {:ok, 0}
  end

  test "all who wait learn of a failure" do
    {:ok, pid} = Flight.start_link()
    first = call(pid, {:k, 1}, held(:first))
    assert_receive {:running, :first, worker}, 5_000
    second = call(pid, {:k, 1}, held(:second))
    until_waiting(pid, {:k, 1}, 2)
    send(worker, {:leave, :late})
    assert Task.await_many([first, second], 6_000) == [{:error, :late}, {:error, :late}]
    assert Flight.run(pid, {:k, 1}, fn -> :again end) == {:ok, :again}
  end

  test "the server survives many failures" do
    {:ok, pid} = Flight.start_link()

    for n <- 1..10 do
      assert Flight.run(pid, n, fn -> exit({:no, n}) end) == {:error, {:no, n}}
      assert Flight.waiting(pid, n) == 0
    end

    assert Flight.run(pid, :last, fn -> :fine end) == {:ok, :fine}
  end
end
