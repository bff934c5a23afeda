defmodule MemoTest do
  use ExUnit.Case, async: true

  defp noisy(value) do
    test = self()

    fn ->
      send(test, :called)
      value
    end
  end

  test "computes once" do
    {:ok, pid} = Memo.start_link()
    assert Memo.get(pid, :a, noisy(1)) == 1
    assert_received :called
    assert Memo.get(pid, :a, noisy(2)) == 1
    refute_received :called
  end

  test "nil is a value" do
    {:ok, pid} = Memo.start_link()
    assert Memo.get(pid, :a, noisy(nil)) == nil
    assert_received :called
    assert Memo.get(pid, :a, noisy(1)) == nil
    refute_received :called
  end

  test "keys are apart" do
    {:ok, pid} = Memo.start_link()
    assert Memo.get(pid, :a, noisy(1)) == 1
    assert Memo.get(pid, :b, noisy(2)) == 2
  end

  test "forgets one key" do
    {:ok, pid} = Memo.start_link()
    Memo.get(pid, :a, noisy(1))
    Memo.get(pid, :b, noisy(2))
    assert Memo.forget(pid, :a) == :ok
    assert Memo.get(pid, :a, noisy(3)) == 3
    assert Memo.get(pid, :b, noisy(4)) == 2
  end
end
