defmodule TenantsTest do
  use ExUnit.Case, async: true

  defp until(value, ask, tries \\ 1_000)
  defp until(value, ask, 0), do: assert(ask.() == value)

  defp until(value, ask, tries) do
    unless ask.() == value do
      Process.sleep(5)
      until(value, ask, tries - 1)
    end
  end

  test "nothing without an open tenant" do
    {:ok, system} = Tenants.start_link(2)
    assert Tenants.run(system, :x, 1) == {:error, :closed}
    assert Tenants.pid(system, :x, 1) == {:error, :closed}
    assert Tenants.finish(system, :x, 1) == {:error, :closed}
    assert Tenants.jobs(system, :x) == {:error, :closed}
    assert Tenants.close(system, :x) == {:error, :closed}
  end

  test "tenants have a limit" do
    {:ok, system} = Tenants.start_link(2)
    assert Tenants.open(system, :a, 1) == :ok
    assert Tenants.open(system, :b, 1) == :ok
    assert Tenants.open(system, :c, 1) == {:error, :full}
    assert Tenants.open(system, :a, 5) == {:error, :open}
    assert Tenants.close(system, :a) == {:ok, 0}
    assert Tenants.open(system, :c, 1) == :ok
  end

  test "jobs have a limit for each tenant" do
    {:ok, system} = Tenants.start_link(3)
    :ok = Tenants.open(system, "a", 2)
    :ok = Tenants.open(system, "b", 1)
    assert Tenants.run(system, "a", :y) == :ok
    assert Tenants.run(system, "a", :x) == :ok
    assert Tenants.run(system, "a", :z) == {:error, :full}
    assert Tenants.run(system, "a", :x) == {:error, :running}
    assert Tenants.run(system, "b", :x) == :ok
    assert Tenants.jobs(system, "a") == {:ok, [:x, :y]}
    assert Tenants.jobs(system, "b") == {:ok, [:x]}
    {:ok, one} = Tenants.pid(system, "a", :x)
    {:ok, other} = Tenants.pid(system, "b", :x)
    assert one != other
  end

  test "a finished job makes room" do
    {:ok, system} = Tenants.start_link(1)
    :ok = Tenants.open(system, :t, 1)

    for n <- 1..15 do
      assert Tenants.run(system, :t, :same) == :ok
      assert Tenants.run(system, :t, n) == {:error, :full}
      {:ok, pid} = Tenants.pid(system, :t, :same)
      ref = Process.monitor(pid)
      assert Tenants.finish(system, :t, :same) == :ok
      assert_receive {:DOWN, ^ref, :process, _, _}, 5_000
      assert Tenants.finish(system, :t, :same) == {:error, :unknown}
      assert Tenants.pid(system, :t, :same) == {:error, :unknown}
    end

    assert Tenants.jobs(system, :t) == {:ok, []}
  end

  test "a job that dies stays dead and hurts nobody" do
    {:ok, system} = Tenants.start_link(1)
    :ok = Tenants.open(system, :t, 2)
    :ok = Tenants.run(system, :t, :steady)
    {:ok, steady} = Tenants.pid(system, :t, :steady)

    for n <- 1..10 do
      assert Tenants.run(system, :t, n) == :ok
      {:ok, pid} = Tenants.pid(system, :t, n)
      ref = Process.monitor(pid)
      Process.exit(pid, :kill)
      assert_receive {:DOWN, ^ref, :process, _, _}, 5_000
      until({:ok, [:steady]}, fn -> Tenants.jobs(system, :t) end)
    end

    assert Tenants.pid(system, :t, :steady) == {:ok, steady}
  end

  test "closing ends all jobs" do
    {:ok, system} = Tenants.start_link(2)
    :ok = Tenants.open(system, :other, 1)
    :ok = Tenants.run(system, :other, 1)

    for _ <- 1..10 do
      assert Tenants.open(system, :t, 3) == :ok
      for job <- 1..3, do: assert(Tenants.run(system, :t, job) == :ok)
      {:ok, pid} = Tenants.pid(system, :t, 2)
      ref = Process.monitor(pid)
      assert Tenants.close(system, :t) == {:ok, 3}
      assert_receive {:DOWN, ^ref, :process, _, _}, 5_000
      assert Tenants.jobs(system, :t) == {:error, :closed}
    end

    assert Tenants.jobs(system, :other) == {:ok, [1]}
  end

  test "systems share nothing" do
    {:ok, one} = Tenants.start_link(1)
    {:ok, two} = Tenants.start_link(1)
    assert Tenants.open(one, :t, 1) == :ok
    assert Tenants.jobs(two, :t) == {:error, :closed}
    assert Tenants.open(two, :t, 1) == :ok
    assert Tenants.run(one, :t, :j) == :ok
    assert Tenants.jobs(two, :t) == {:ok, []}
  end
end
