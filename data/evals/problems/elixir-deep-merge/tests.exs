defmodule SettingsTest do
  use ExUnit.Case, async: true

  @base %{port: 80, log: %{level: :info, to: %{file: "a.log", size: 5}}}

  test "changes win" do
    assert Settings.merge(%{a: 1, b: 2}, %{b: 3, c: 4}) == %{a: 1, b: 3, c: 4}
  end

  test "maps are merged to any depth" do
    assert Settings.merge(@base, %{log: %{to: %{size: 9}}}) ==
             %{port: 80, log: %{level: :info, to: %{file: "a.log", size: 9}}}
  end

  test "a map and something else: the change counts" do
    assert Settings.merge(%{log: :off}, %{log: %{level: :debug}}) == %{log: %{level: :debug}}
    assert Settings.merge(@base, %{log: nil}) == %{port: 80, log: nil}
  end

  test "unset removes" do
    assert Settings.merge(@base, %{port: :unset, log: %{to: :unset}}) == %{log: %{level: :info}}
    assert Settings.merge(%{}, %{new: %{a: 1, b: :unset}}) == %{new: %{a: 1}}
  end

  test "gets by path" do
    assert Settings.get(@base, [:log, :to, :file], "?") == "a.log"
    assert Settings.get(@base, [], 1) == @base
    assert Settings.get(%{a: nil, b: %{c: false}}, [:a], 1) == nil
    assert Settings.get(%{a: nil, b: %{c: false}}, [:b, :c], 1) == false
  end

  test "the default" do
    assert Settings.get(@base, [:log, :colour], :none) == :none
    assert Settings.get(@base, [:port, :number], :none) == :none
    assert Settings.get(%{}, [:x, :y], :none) == :none
  end
end
