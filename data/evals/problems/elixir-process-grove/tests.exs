defmodule GroveTest do
  use ExUnit.Case, async: true

  @tree {:root, :plain,
         [
           {:left, :plain, [{:leaf, :plain, []}, {:twig, :plain, []}]},
           {:right, :firewall, [{:inner, :plain, [{:deep, :firewall, [{:last, :plain, []}]}]}]}
         ]}
  @all [:deep, :inner, :last, :leaf, :left, :right, :root, :twig]

  defp planted do
    {:ok, grove} = Grove.plant(@tree)
    {grove, Map.new(@all, fn name -> {name, Process.monitor(Grove.pid_of(grove, name))} end)}
  end

  # all of these have ended, the others have not, also a good while later
  defp assert_ended(grove, monitors, names, before \\ []) do
    for name <- names -- before do
      monitor = monitors[name]
      assert_receive {:DOWN, ^monitor, :process, _, _}, 10_000
      assert Grove.pid_of(grove, name) == nil
    end

    for _ <- 1..20, do: assert(Grove.alive(grove) == @all -- names)

    for name <- @all -- names do
      monitor = monitors[name]
      refute_received {:DOWN, ^monitor, :process, _, _}
      assert is_pid(Grove.pid_of(grove, name))
    end
  end

  test "every name has a process" do
    {grove, _monitors} = planted()
    assert Grove.alive(grove) == @all
    pids = for name <- @all, do: Grove.pid_of(grove, name)
    assert Enum.all?(pids, &is_pid/1)
    assert Enum.uniq([grove | pids]) == [grove | pids]
    assert Grove.pid_of(grove, :other) == nil
  end

  test "death spreads both ways up to a firewall" do
    {grove, monitors} = planted()
    assert Grove.fell(grove, :leaf) == {:ok, [:leaf, :left, :root, :twig]}
    assert_ended(grove, monitors, [:leaf, :left, :root, :twig])
    assert Grove.fell(grove, :leaf) == :error
    assert Grove.fell(grove, :root) == :error
  end

  test "firewalls can be killed too" do
    {grove, monitors} = planted()
    assert Grove.fell(grove, :right) == {:ok, [:inner, :leaf, :left, :right, :root, :twig]}
    assert_ended(grove, monitors, [:inner, :leaf, :left, :right, :root, :twig])
    assert Grove.fell(grove, :deep) == {:ok, [:deep, :last]}
    assert Grove.alive(grove) == []
  end

  test "between two firewalls" do
    {grove, monitors} = planted()
    assert Grove.fell(grove, :inner) == {:ok, [:inner]}
    assert_ended(grove, monitors, [:inner])
    assert Grove.fell(grove, :last) == {:ok, [:last]}
    assert_ended(grove, monitors, [:inner, :last], [:inner])
    assert Grove.fell(grove, :deep) == {:ok, [:deep]}
    assert_ended(grove, monitors, [:deep, :inner, :last], [:inner, :last])
  end

  test "withering takes nobody along" do
    {grove, monitors} = planted()
    assert Grove.wither(grove, :left) == :ok
    assert_ended(grove, monitors, [:left])
    assert Grove.wither(grove, :left) == :error
    assert Grove.wither(grove, :right) == :ok
    assert_ended(grove, monitors, [:left, :right], [:left])
    assert Grove.wither(grove, :other) == :error
  end

  test "death does not pass where somebody has withered" do
    {grove, monitors} = planted()
    :ok = Grove.wither(grove, :left)
    assert Grove.fell(grove, :leaf) == {:ok, [:leaf]}
    assert_ended(grove, monitors, [:leaf, :left], [:left])
    assert Grove.fell(grove, :root) == {:ok, [:root]}
    assert_ended(grove, monitors, [:leaf, :left, :root], [:leaf, :left])
    assert Grove.fell(grove, :twig) == {:ok, [:twig]}
  end

  test "groves are apart" do
    {:ok, one} = Grove.plant({:a, :plain, [{:b, :plain, []}]})
    {:ok, two} = Grove.plant({:a, :plain, [{:b, :firewall, []}]})
    assert Grove.fell(one, :a) == {:ok, [:a, :b]}
    assert Grove.alive(two) == [:a, :b]
    assert Grove.fell(two, :a) == {:ok, [:a]}
    assert {Grove.alive(one), Grove.alive(two)} == {[], [:b]}
  end
end
