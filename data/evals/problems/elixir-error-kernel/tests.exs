defmodule DeskTest do
  use ExUnit.Case, async: true

  test "work that goes well" do
    {:ok, pid} = Desk.start_link(10)
    assert Desk.value(pid) == 10
    assert Desk.work(pid, []) == {:ok, 10}
    assert Desk.work(pid, [{:add, 5}, {:divide, 2}, {:add, -1}]) == {:ok, 6}
    assert Desk.value(pid) == 6
    assert Desk.work(pid, [{:divide, -4}]) == {:ok, -1}
  end

  test "a crash leaves the number alone" do
    {:ok, pid} = Desk.start_link(10)
    assert Desk.work(pid, [{:add, 1}]) == {:ok, 11}
    assert Desk.work(pid, [{:add, 5}, {:fail, :tired}, {:add, 5}]) == {:error, :crashed}
    assert Desk.value(pid) == 11
    assert Desk.work(pid, [{:add, 1}]) == {:ok, 12}
  end

  test "every way to crash" do
    {:ok, pid} = Desk.start_link(1)

    for steps <- [
          [{:divide, 0}],
          [{:fail, :normal}],
          [{:fail, :kill}],
          [{:add, 1}, :dance],
          [{:fail, {:shutdown, 1}}]
        ] do
      assert Desk.work(pid, steps) == {:error, :crashed}
      assert Desk.value(pid) == 1
    end
  end

  test "a new clerk, the same vault" do
    {:ok, pid} = Desk.start_link(1)
    {clerk, vault} = {Desk.clerk(pid), Desk.vault(pid)}
    assert is_pid(clerk) and is_pid(vault) and clerk != vault
    assert Desk.work(pid, [{:add, 1}]) == {:ok, 2}
    assert Desk.clerk(pid) == clerk
    assert Desk.work(pid, [{:fail, :x}]) == {:error, :crashed}
    refute Desk.clerk(pid) == clerk
    assert Desk.vault(pid) == vault
  end

  test "many crashes are survived" do
    {:ok, pid} = Desk.start_link(7)
    for _ <- 1..20, do: assert(Desk.work(pid, [{:add, 1}, {:divide, 0}]) == {:error, :crashed})
    assert Desk.work(pid, [{:add, 1}]) == {:ok, 8}
    assert Process.alive?(pid)
  end

  test "desks do not share" do
    {:ok, one} = Desk.start_link(1)
    {:ok, two} = Desk.start_link(2)
    assert Desk.work(one, [{:add, 1}]) == {:ok, 2}
    clerk = Desk.clerk(two)
    assert Desk.work(one, [{:fail, :x}]) == {:error, :crashed}
    assert Desk.clerk(two) == clerk
    assert {Desk.value(one), Desk.value(two)} == {2, 2}
  end
end
