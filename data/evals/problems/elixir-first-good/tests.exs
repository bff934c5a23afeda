defmodule RaceTest do
  use ExUnit.Case, async: true

  # a function that tells the test that it runs, and answers what the test says
  defp held(test, tag) do
    fn ->
      send(test, {:running, tag, self()})

      receive do
        {:answer, answer} -> answer
      end
    end
  end

  defp started(tag) do
    assert_receive {:running, ^tag, pid}, 5_000
    pid
  end

  test "nobody runs" do
    assert Race.first([]) == {:error, []}
  end

  test "a single one" do
    assert Race.first([fn -> {:ok, 1} end]) == {:ok, 1}
    assert Race.first([fn -> {:ok, nil} end]) == {:ok, nil}
    assert Race.first([fn -> {:error, :no} end]) == {:error, [:no]}
    refute_received _
  end

  test "the first good answer wins, the others are killed" do
    test = self()
    race = Task.async(fn -> Race.first(for n <- 1..3, do: held(test, n)) end)
    pids = for n <- 1..3, do: started(n)
    refs = for pid <- pids, do: Process.monitor(pid)
    send(Enum.at(pids, 1), {:answer, {:ok, :second}})
    assert Task.await(race, 6_000) == {:ok, :second}
    for ref <- refs, do: assert_receive({:DOWN, ^ref, :process, _, _}, 5_000)
  end

  test "a quick failure does not end the race" do
    test = self()

    race =
      Task.async(fn ->
        Race.first([fn -> {:error, 1} end, held(test, :slow), fn -> raise "bad" end])
      end)

    slow = started(:slow)
    send(slow, {:answer, {:ok, "late"}})
    assert Task.await(race, 6_000) == {:ok, "late"}
  end

  test "reasons in the order of the functions" do
    test = self()
    race = Task.async(fn -> Race.first(for n <- 1..4, do: held(test, n)) end)
    pids = for n <- 1..4, do: started(n)

    for n <- [3, 1, 4, 2] do
      ref = Process.monitor(Enum.at(pids, n - 1))
      send(Enum.at(pids, n - 1), {:answer, {:error, {:no, n}}})
      assert_receive {:DOWN, ^ref, :process, _, _}, 5_000
    end

    assert Task.await(race, 6_000) == {:error, [no: 1, no: 2, no: 3, no: 4]}
  end

  test "what is raised and exits are reasons" do
    assert Race.first([
             fn -> raise ArgumentError, "not so" end,
             fn -> exit(:shut) end,
             fn -> {:error, "plain"} end,
             fn -> exit({:some, "reason"}) end
           ]) ==
             {:error,
              [{:raised, "not so"}, {:exited, :shut}, "plain", {:exited, {:some, "reason"}}]}

    refute_received _
  end

  test "the caller's mail is left as it was" do
    send(self(), {:mine, 1})
    send(self(), {make_ref(), {:ok, :not_an_answer}})
    funs = for n <- 1..20, do: fn -> if rem(n, 2) == 0, do: {:ok, n}, else: {:error, n} end
    assert {:ok, n} = Race.first(funs)
    assert rem(n, 2) == 0
    assert_received {:mine, 1}
    assert_received {ref, {:ok, :not_an_answer}} when is_reference(ref)
    refute_receive _, 100
  end
end
