defmodule LineTest do
  use ExUnit.Case, async: true

  defp lists(pid), do: for(name <- [:first, :second, :third], do: Line.stage(pid, name))

  defp pushed do
    {:ok, pid} = Line.start_link()
    assert Line.push(pid, 1) == :ok
    assert Line.push(pid, 2) == :ok
    pid
  end

  test "every stage gets everything" do
    {:ok, pid} = Line.start_link()
    assert lists(pid) == [[], [], []]
    Line.push(pid, 1)
    Line.push(pid, 2)
    assert lists(pid) == [[2, 1], [2, 1], [2, 1]]
  end

  test "the last stage falls alone" do
    pid = pushed()
    assert Line.crash(pid, :third) == :ok
    assert lists(pid) == [[2, 1], [2, 1], []]
  end

  test "the middle stage takes the last one along" do
    pid = pushed()
    Line.crash(pid, :second)
    assert lists(pid) == [[2, 1], [], []]
    Line.push(pid, 3)
    assert lists(pid) == [[3, 2, 1], [3], [3]]
  end

  test "the first stage takes all along" do
    pid = pushed()
    Line.crash(pid, :first)
    assert lists(pid) == [[], [], []]
    assert Line.alive?(pid)
  end

  test "ten crashes are survived" do
    pid = pushed()
    for _ <- 1..10, do: assert(Line.crash(pid, :third) == :ok)
    assert Line.alive?(pid)
    assert lists(pid) == [[2, 1], [2, 1], []]
  end
end
