defmodule TurnstileTest do
  use ExUnit.Case, async: true

  test "is locked at first" do
    {:ok, pid} = Turnstile.start_link(100)
    assert Turnstile.push(pid) == :refused
    assert Turnstile.takings(pid) == 0
  end

  test "coins add up" do
    {:ok, pid} = Turnstile.start_link(100)
    assert Turnstile.coin(pid, 30) == {:locked, 70}
    assert Turnstile.push(pid) == :refused
    assert Turnstile.coin(pid, 20) == {:locked, 50}
    assert Turnstile.coin(pid, 50) == {:unlocked, 0}
  end

  test "change" do
    {:ok, pid} = Turnstile.start_link(150)
    assert Turnstile.coin(pid, 200) == {:unlocked, 50}
    assert Turnstile.coin(pid, 10) == {:unlocked, 10}
  end

  test "one pass for one price" do
    {:ok, pid} = Turnstile.start_link(50)
    Turnstile.coin(pid, 60)
    assert Turnstile.push(pid) == :passed
    assert Turnstile.push(pid) == :refused
    assert Turnstile.coin(pid, 20) == {:locked, 30}
  end

  test "takings in both states" do
    {:ok, pid} = Turnstile.start_link(50)
    Turnstile.coin(pid, 50)
    assert Turnstile.takings(pid) == 0
    Turnstile.push(pid)
    assert Turnstile.takings(pid) == 50
    Turnstile.coin(pid, 80)
    Turnstile.coin(pid, 5)
    Turnstile.push(pid)
    Turnstile.coin(pid, 30)
    assert Turnstile.takings(pid) == 100
  end
end
