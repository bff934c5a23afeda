defmodule SessionsTest do
  use ExUnit.Case, async: true

  test "opens once" do
    {:ok, sessions} = Sessions.start_link()
    assert Sessions.count(sessions) == 0
    assert Sessions.open(sessions, "ann") == :ok
    assert Sessions.open(sessions, "ann") == {:error, :open}
    assert Sessions.count(sessions) == 1
  end

  test "puts and gets by user" do
    {:ok, sessions} = Sessions.start_link()
    :ok = Sessions.open(sessions, "ann")
    :ok = Sessions.open(sessions, "bo")
    assert Sessions.put(sessions, "ann", :cart, ["pen"]) == :ok
    assert Sessions.put(sessions, "ann", :seen, nil) == :ok
    assert Sessions.get(sessions, "ann", :cart) == {:ok, ["pen"]}
    assert Sessions.get(sessions, "ann", :seen) == {:ok, nil}
    assert Sessions.get(sessions, "bo", :cart) == :error
  end

  test "nothing without a session" do
    {:ok, sessions} = Sessions.start_link()
    assert Sessions.put(sessions, "x", :a, 1) == {:error, :closed}
    assert Sessions.get(sessions, "x", :a) == {:error, :closed}
    assert Sessions.close(sessions, "x") == {:error, :closed}
  end

  test "closing forgets" do
    {:ok, sessions} = Sessions.start_link()

    for n <- 1..30 do
      assert Sessions.open(sessions, "ann") == :ok
      assert Sessions.get(sessions, "ann", :n) == :error
      assert Sessions.put(sessions, "ann", :n, n) == :ok
      assert Sessions.close(sessions, "ann") == :ok
      assert Sessions.count(sessions) == 0
    end
  end

  test "several share nothing" do
    {:ok, one} = Sessions.start_link()
    {:ok, two} = Sessions.start_link()
    :ok = Sessions.open(one, "ann")
    assert Sessions.count(two) == 0
    assert Sessions.open(two, "ann") == :ok
    Sessions.put(one, "ann", :a, 1)
    assert Sessions.get(two, "ann", :a) == :error
  end
end
