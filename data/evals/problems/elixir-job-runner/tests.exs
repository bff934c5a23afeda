defmodule JobsTest do
  use ExUnit.Case, async: true

  test "results in order" do
    assert Jobs.run([], 1000) == []
    assert Jobs.run([{:return, 1}, {:return, nil}, {:return, {:ok, 2}}], 30_000) ==
             [{:ok, 1}, {:ok, nil}, {:ok, {:ok, 2}}]
  end

  test "failures are results" do
    jobs = [{:raise, "no"}, {:return, 1}, {:exit, :gone}, {:exit, :normal}]
    assert Jobs.run(jobs, 30_000) == [{:error, "no"}, {:ok, 1}, {:exit, :gone}, {:exit, :normal}]
  end

  test "hanging jobs time out" do
    assert Jobs.run([:hang, :hang], 30) == [:timeout, :timeout]
  end

  test "the others are not lost" do
    jobs = [{:return, 1}, :hang, {:raise, "x"}]
    assert Jobs.run(jobs, 1_500) == [{:ok, 1}, :timeout, {:error, "x"}]
  end

  test "each job has its own process" do
    results = Jobs.run([:pid, :pid, :pid], 30_000)
    assert length(Enum.uniq(results)) == 3
    refute {:ok, self()} in results
  end

  test "they hang at the same time" do
    {micros, results} = :timer.tc(fn -> Jobs.run(List.duplicate(:hang, 40), 300) end)
    assert results == List.duplicate(:timeout, 40)
    assert micros < 9_000_000
  end

  test "nothing is left behind" do
    before = Process.info(self(), [:trap_exit, :links])
    Jobs.run([{:exit, :boom}, :hang, {:return, 1}], 50)
    assert Process.info(self(), [:trap_exit, :links]) == before
    refute_received _
  end
end
