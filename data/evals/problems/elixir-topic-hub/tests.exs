defmodule HubTest do
  use ExUnit.Case, async: true

  test "boxes are numbered" do
    {:ok, hub} = Hub.start_link()
    assert for(_ <- 1..3, do: Hub.join(hub)) == [1, 2, 3]
    assert Hub.drain(hub, 2) == []
  end

  test "messages by topic, oldest first" do
    {:ok, hub} = Hub.start_link()
    [one, two] = [Hub.join(hub), Hub.join(hub)]
    assert Hub.subscribe(hub, one, "a") == :ok
    assert Hub.subscribe(hub, two, "b") == :ok
    assert Hub.publish(hub, "a", 1) == 1
    assert Hub.publish(hub, "a", 2) == 1
    assert Hub.publish(hub, "c", 3) == 0
    assert Hub.drain(hub, one) == [{"a", 1}, {"a", 2}]
    assert Hub.drain(hub, one) == []
    assert Hub.drain(hub, two) == []
  end

  test "patterns, and each message once" do
    {:ok, hub} = Hub.start_link()
    box = Hub.join(hub)
    for topic <- ["news.*", "news.sport", "news.*"], do: Hub.subscribe(hub, box, topic)
    assert Hub.publish(hub, "news.sport", :goal) == 1
    assert Hub.publish(hub, "news.", :dot) == 1
    assert Hub.publish(hub, "new", :no) == 0
    assert Hub.drain(hub, box) == [{"news.sport", :goal}, {"news.", :dot}]
  end

  test "no pattern matches in the middle" do
    {:ok, hub} = Hub.start_link()
    box = Hub.join(hub)
    Hub.subscribe(hub, box, "a")
    assert Hub.publish(hub, "ab", 1) == 0
    assert Hub.publish(hub, "xa", 1) == 0
  end

  test "unsubscribes exactly one" do
    {:ok, hub} = Hub.start_link()
    box = Hub.join(hub)
    Hub.subscribe(hub, box, "x.*")
    Hub.subscribe(hub, box, "x.y")
    assert Hub.unsubscribe(hub, box, "x.y") == :ok
    assert Hub.publish(hub, "x.y", 1) == 1
    assert Hub.unsubscribe(hub, box, "x.*") == :ok
    assert Hub.publish(hub, "x.y", 2) == 0
    assert Hub.drain(hub, box) == [{"x.y", 1}]
  end

  test "no such box" do
    {:ok, hub} = Hub.start_link()
    assert Hub.subscribe(hub, 1, "a") == {:error, :no_box}
    assert Hub.unsubscribe(hub, 1, "a") == {:error, :no_box}
    assert Hub.drain(hub, 7) == {:error, :no_box}
  end
end
