defmodule BatcherTest do
  use ExUnit.Case, async: true

  test "nothing yet" do
    {:ok, pid} = Batcher.start_link(3)
    assert Batcher.pending(pid) == []
    assert Batcher.batches(pid) == []
    assert Batcher.flush(pid) == 0
    assert Batcher.batches(pid) == []
  end

  test "a full batch is cut off" do
    {:ok, pid} = Batcher.start_link(3)
    assert Batcher.add(pid, [1, 2]) == :ok
    assert Batcher.pending(pid) == [1, 2]
    Batcher.add(pid, [3, 4])
    assert Batcher.batches(pid) == [[1, 2, 3]]
    assert Batcher.pending(pid) == [4]
  end

  test "one call fills several" do
    {:ok, pid} = Batcher.start_link(2)
    Batcher.add(pid, [1, 2, 3, 4, 5])
    assert Batcher.batches(pid) == [[1, 2], [3, 4]]
    assert Batcher.batches(pid) == []
    assert Batcher.pending(pid) == [5]
  end

  test "flushes what is pending" do
    {:ok, pid} = Batcher.start_link(3)
    Batcher.add(pid, [:a, :b, :c, :d])
    assert Batcher.flush(pid) == 1
    Batcher.add(pid, [:e])
    assert Batcher.batches(pid) == [[:a, :b, :c], [:d]]
    assert Batcher.pending(pid) == [:e]
  end

  test "adding does not wait" do
    {:ok, pid} = Batcher.start_link(2)
    :sys.suspend(pid)
    assert Batcher.add(pid, [1, 2]) == :ok
    :sys.resume(pid)
    assert Batcher.batches(pid) == [[1, 2]]
  end
end
