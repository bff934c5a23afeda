defmodule JanitorTest do
  use ExUnit.Case, async: true

  defp owner do
    spawn(fn ->
      receive do
        {:end, reason} -> exit(reason)
      end
    end)
  end

  defp finish(owner, reason) do
    ref = Process.monitor(owner)
    send(owner, {:end, reason})
    assert_receive {:DOWN, ^ref, :process, ^owner, _}, 6_000
  end

  defp until(_pid, _log, 0), do: flunk("not cleaned up")

  defp until(pid, log, tries) do
    unless Janitor.log(pid) == log do
      Process.sleep(5)
      until(pid, log, tries - 1)
    end
  end

  defp until_closed(_pid, _name, 0), do: flunk("not closed")

  defp until_closed(pid, name, tries) do
    if name in Janitor.names(pid) do
      Process.sleep(5)
      until_closed(pid, name, tries - 1)
    end
  end

  test "opens and closes" do
    {:ok, pid} = Janitor.start_link()
    me = self()
    assert Janitor.names(pid) == []
    assert Janitor.open(pid, me, :b) == :ok
    assert Janitor.open(pid, me, "a") == :ok
    assert Janitor.names(pid) == [:b, "a"]
    assert Janitor.close(pid, me, :b) == :ok
    assert Janitor.names(pid) == ["a"]
    assert Janitor.log(pid) == [{:b, :closed}]
    assert Janitor.close(pid, me, :b) == {:error, :not_open}
  end

  test "names are open once" do
    {:ok, pid} = Janitor.start_link()
    {one, two} = {owner(), owner()}
    assert Janitor.open(pid, one, :a) == :ok
    assert Janitor.open(pid, one, :a) == {:error, :open}
    assert Janitor.open(pid, two, :a) == {:error, :open}
    assert Janitor.close(pid, two, :a) == {:error, :not_open}
    assert Janitor.names(pid) == [:a]
    assert Janitor.close(pid, one, :a) == :ok
    assert Janitor.open(pid, two, :a) == :ok
  end

  test "an end closes all, the last first" do
    {:ok, pid} = Janitor.start_link()
    {one, two} = {owner(), owner()}
    for name <- [:a, :b], do: assert(Janitor.open(pid, one, name) == :ok)
    assert Janitor.open(pid, two, :x) == :ok
    assert Janitor.open(pid, one, :c) == :ok
    finish(one, :boom)
    until(pid, [c: :boom, b: :boom, a: :boom], 600)
    assert Janitor.names(pid) == [:x]
    assert Janitor.open(pid, two, :b) == :ok
  end

  test "every way to end" do
    {:ok, pid} = Janitor.start_link()

    log =
      for {reason, name} <- Enum.with_index([:normal, :shutdown, {:odd, 1}]) do
        one = owner()
        assert Janitor.open(pid, one, name) == :ok
        finish(one, reason)
        # what ends later may be heard of earlier
        until_closed(pid, name, 600)
        {name, reason}
      end

    last = owner()
    assert Janitor.open(pid, last, :last) == :ok
    Process.exit(last, :kill)
    until(pid, log ++ [last: :killed], 600)
    assert Janitor.names(pid) == []
  end

  test "the dead own nothing" do
    {:ok, pid} = Janitor.start_link()
    one = owner()
    finish(one, :normal)
    assert Janitor.open(pid, one, :a) == :ok
    until(pid, [a: :noproc], 600)
    assert Janitor.names(pid) == []
  end

  test "nothing is left of who has closed all" do
    {:ok, pid} = Janitor.start_link()
    {one, two} = {owner(), owner()}
    assert Janitor.open(pid, one, :a) == :ok
    assert Janitor.close(pid, one, :a) == :ok
    assert Janitor.open(pid, two, :a) == :ok
    finish(one, :boom)
    finish(two, :bang)
    until(pid, [a: :closed, a: :bang], 600)
    assert Process.alive?(pid)
  end
end
