defmodule DraftTest do
  use ExUnit.Case, async: true

  test "appends" do
    {:ok, pid} = Draft.start_link("a")
    assert Draft.text(pid) == "a"
    assert Draft.append(pid, "b") == "ab"
    assert Draft.append(pid, "c") == "abc"
    assert Draft.text(pid) == "abc"
  end

  test "undoes change after change" do
    {:ok, pid} = Draft.start_link("a")
    Draft.append(pid, "b")
    Draft.append(pid, "c")
    assert Draft.undo(pid) == {:ok, "ab"}
    assert Draft.undo(pid) == {:ok, "a"}
    assert Draft.undo(pid) == :error
    assert Draft.text(pid) == "a"
  end

  test "makes them again" do
    {:ok, pid} = Draft.start_link("")
    assert Draft.redo(pid) == :error
    Draft.append(pid, "x")
    Draft.append(pid, "y")
    Draft.undo(pid)
    Draft.undo(pid)
    assert Draft.redo(pid) == {:ok, "x"}
    assert Draft.redo(pid) == {:ok, "xy"}
    assert Draft.redo(pid) == :error
    assert Draft.undo(pid) == {:ok, "x"}
  end

  test "a new change ends what can be made again" do
    {:ok, pid} = Draft.start_link("")
    Draft.append(pid, "x")
    Draft.undo(pid)
    Draft.append(pid, "z")
    assert Draft.redo(pid) == :error
    assert Draft.text(pid) == "z"
  end

  test "the empty string is no change" do
    {:ok, pid} = Draft.start_link("a")
    Draft.append(pid, "b")
    Draft.undo(pid)
    assert Draft.append(pid, "") == "a"
    assert Draft.redo(pid) == {:ok, "ab"}
  end
end
