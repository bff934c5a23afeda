defmodule WalletsTest do
  use ExUnit.Case, async: true

  defp until(value, ask, tries \\ 1_000)
  defp until(value, ask, 0), do: assert(ask.() == value)

  defp until(value, ask, tries) do
    unless ask.() == value do
      Process.sleep(5)
      until(value, ask, tries - 1)
    end
  end

  # ends when the wallet is known to be gone
  defp kill(wallets, user) do
    {:ok, pid} = Wallets.pid(wallets, user)
    ref = Process.monitor(pid)
    Process.exit(pid, :kill)
    assert_receive {:DOWN, ^ref, :process, _, _}, 5_000
    until(:error, fn -> Wallets.pid(wallets, user) end)
  end

  test "nobody at first" do
    {:ok, wallets} = Wallets.start_link()
    assert Wallets.balance(wallets, "ann") == :error
    assert Wallets.pid(wallets, "ann") == :error
    assert Wallets.awake(wallets) == []
  end

  test "starts at the first amount" do
    {:ok, wallets} = Wallets.start_link()
    assert Wallets.add(wallets, "bo", 5) == 5
    assert Wallets.add(wallets, "ann", 1) == 1
    assert Wallets.add(wallets, "bo", -7) == -2
    assert Wallets.balance(wallets, "bo") == {:ok, -2}
    assert Wallets.awake(wallets) == ["ann", "bo"]
    assert Wallets.pid(wallets, "carl") == :error
  end

  test "one process each, the same every time" do
    {:ok, wallets} = Wallets.start_link()
    Wallets.add(wallets, {:user, 1}, 1)
    {:ok, pid} = Wallets.pid(wallets, {:user, 1})
    Wallets.add(wallets, {:user, 2}, 1)
    Wallets.add(wallets, {:user, 1}, 1)
    assert Wallets.pid(wallets, {:user, 1}) == {:ok, pid}
    refute Wallets.pid(wallets, {:user, 2}) == {:ok, pid}
  end

  test "many begin at once" do
    {:ok, wallets} = Wallets.start_link()

    for user <- 1..10 do
      sums =
        1..12
        |> Enum.map(fn _ -> Task.async(fn -> Wallets.add(wallets, user, 1) end) end)
        |> Task.await_many(8_000)

      assert Enum.sort(sums) == Enum.to_list(1..12)
      assert Wallets.balance(wallets, user) == {:ok, 12}
    end

    assert Wallets.awake(wallets) == Enum.to_list(1..10)
  end

  test "a wallet that is gone stays away until it is needed" do
    {:ok, wallets} = Wallets.start_link()
    Wallets.add(wallets, :a, 10)
    Wallets.add(wallets, :b, 20)
    kill(wallets, :a)
    assert Wallets.balance(wallets, :a) == :error
    assert Wallets.awake(wallets) == [:b]
    assert Wallets.add(wallets, :a, 3) == 3
    assert Wallets.balance(wallets, :b) == {:ok, 20}

    for n <- 1..10 do
      Wallets.add(wallets, n, n)
      kill(wallets, n)
    end

    assert Wallets.awake(wallets) == [:a, :b]
    assert Wallets.balance(wallets, :b) == {:ok, 20}
  end

  test "several share nothing" do
    {:ok, one} = Wallets.start_link()
    {:ok, two} = Wallets.start_link()
    Wallets.add(one, :a, 1)
    assert Wallets.balance(two, :a) == :error
    assert Wallets.add(two, :a, 5) == 5
    assert Wallets.balance(one, :a) == {:ok, 1}
  end
end
