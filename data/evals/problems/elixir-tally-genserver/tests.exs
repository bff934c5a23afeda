defmodule TallyTest do
  use ExUnit.Case, async: true

  test "starts with what it is given" do
    {:ok, pid} = Tally.start_link(%{tea: 2})
    assert Tally.count(pid, :tea) == 2
    assert Tally.count(pid, :milk) == 0
  end

  test "bumps" do
    {:ok, pid} = Tally.start_link(%{})
    assert Tally.bump(pid, :tea) == :ok
    assert Tally.bump(pid, :tea) == :ok
    assert Tally.bump(pid, :milk) == :ok
    assert {Tally.count(pid, :tea), Tally.count(pid, :milk)} == {2, 1}
  end

  test "bumping does not wait" do
    {:ok, pid} = Tally.start_link(%{})
    :sys.suspend(pid)
    assert Tally.bump(pid, :tea) == :ok
    :sys.resume(pid)
    assert Tally.count(pid, :tea) == 1
  end

  test "reset hands back the counts" do
    {:ok, pid} = Tally.start_link(%{tea: 1})
    Tally.bump(pid, :tea)
    assert Tally.reset(pid) == %{tea: 2}
    assert Tally.count(pid, :tea) == 0
  end

  test "two servers do not share counts" do
    {:ok, one} = Tally.start_link(%{})
    {:ok, two} = Tally.start_link(%{})
    Tally.bump(one, :tea)
    assert Tally.count(two, :tea) == 0
  end
end
