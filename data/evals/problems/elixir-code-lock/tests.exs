defmodule CodeLockTest do
  use ExUnit.Case, async: true

  defp enter(pid, digits), do: for(digit <- digits, do: CodeLock.press(pid, digit))

  test "opens with the code" do
    {:ok, pid} = CodeLock.start_link([1, 2, 3], 3)
    assert CodeLock.state(pid) == :closed
    assert enter(pid, [1, 2, 3]) == [:more, :more, :open]
    assert CodeLock.state(pid) == :open
    assert CodeLock.press(pid, 9) == :open
  end

  test "a wrong entry is forgotten" do
    {:ok, pid} = CodeLock.start_link([1, 2], 3)
    assert enter(pid, [2, 1]) == [:more, :wrong]
    assert enter(pid, [3, 1]) == [:more, :wrong]
    assert enter(pid, [1, 2]) == [:more, :open]
  end

  test "closes only when open" do
    {:ok, pid} = CodeLock.start_link([7], 2)
    assert CodeLock.close(pid) == :error
    CodeLock.press(pid, 7)
    assert CodeLock.close(pid) == :ok
    assert CodeLock.state(pid) == :closed
    assert CodeLock.press(pid, 7) == :open
  end

  test "blocks after too many tries" do
    {:ok, pid} = CodeLock.start_link([7], 2)
    assert enter(pid, [1, 2, 7]) == [:wrong, :blocked, :blocked]
    assert CodeLock.state(pid) == :blocked
    assert CodeLock.close(pid) == :error
  end

  test "opening gives all tries back" do
    {:ok, pid} = CodeLock.start_link([7], 2)
    assert enter(pid, [1, 7]) == [:wrong, :open]
    CodeLock.close(pid)
    assert enter(pid, [1, 7]) == [:wrong, :open]
  end

  test "reset" do
    {:ok, pid} = CodeLock.start_link([7, 8], 1)
    assert CodeLock.reset(pid, [7, 8]) == :error
    assert enter(pid, [8, 7]) == [:more, :blocked]
    assert CodeLock.reset(pid, [8, 7]) == :error
    assert CodeLock.reset(pid, [7, 8]) == :ok
    assert CodeLock.state(pid) == :closed
    assert enter(pid, [7, 8]) == [:more, :open]
  end
end
