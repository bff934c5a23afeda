defmodule FleetTest do
  use ExUnit.Case, async: true

  defp fleet do
    %{}
    |> Fleet.log("north", "v1", 10)
    |> Fleet.log("north", "v2", 5)
    |> Fleet.log("south", "v3", 7)
    |> Fleet.log("north", "v1", 20)
  end

  test "trips are added in order" do
    assert fleet() == %{
             "north" => %{"v1" => %{km: 30, trips: [10, 20]}, "v2" => %{km: 5, trips: [5]}},
             "south" => %{"v3" => %{km: 7, trips: [7]}}
           }

    assert Fleet.log(fleet(), "south", "v3", 0)["south"]["v3"] == %{km: 7, trips: [7, 0]}
  end

  test "other keys of a van stay" do
    fleet = %{"d" => %{"v" => %{km: 1, trips: [1], colour: "red"}}}
    logged = %{"d" => %{"v" => %{km: 3, trips: [1, 2], colour: "red"}}}
    assert Fleet.log(fleet, "d", "v", 2) == logged
    marked = Fleet.mark_due(logged, 3)
    assert marked["d"]["v"] == %{km: 3, trips: [1, 2], colour: "red", due: true}
    assert Fleet.log(marked, "d", "v", 1)["d"]["v"].due
  end

  test "vans move" do
    assert {:ok, moved} = Fleet.move(fleet(), "v1", "north", "south")
    assert Map.keys(moved["north"]) == ["v2"]
    assert moved["south"]["v1"] == %{km: 30, trips: [10, 20]}
    assert moved["south"]["v3"] == %{km: 7, trips: [7]}
    assert {:ok, back} = Fleet.move(moved, "v1", "south", "north")
    assert back == fleet()
  end

  test "depots come and go" do
    assert {:ok, moved} = Fleet.move(fleet(), "v3", "south", "east")
    assert Map.keys(moved) == ["east", "north"]
    assert moved["east"] == %{"v3" => %{km: 7, trips: [7]}}
    assert moved["north"] == fleet()["north"]
  end

  test "what cannot be moved" do
    assert Fleet.move(fleet(), "v9", "north", "south") == {:error, :no_van}
    assert Fleet.move(fleet(), "v1", "south", "north") == {:error, :no_van}
    assert Fleet.move(fleet(), "v1", "west", "north") == {:error, :no_van}
    assert Fleet.move(%{}, "v1", "a", "a") == {:error, :no_van}
    twice = Fleet.log(fleet(), "south", "v1", 1)
    assert Fleet.move(twice, "v1", "north", "south") == {:error, :van_there}
    assert Fleet.move(fleet(), "v1", "north", "north") == {:error, :van_there}
    assert Fleet.move(fleet(), "v3", "south", "south") == {:error, :van_there}
  end

  test "totals" do
    assert Fleet.totals(%{}) == %{}
    assert Fleet.totals(fleet()) == %{"north" => 35, "south" => 7}
  end

  test "marks follow the limit" do
    due = fn fleet ->
      for {_depot, vans} <- fleet, {name, %{due: true}} <- vans, do: name
    end

    first = Fleet.mark_due(fleet(), 7)
    assert Enum.sort(due.(first)) == ["v1", "v3"]
    assert first["north"]["v2"] == %{km: 5, trips: [5]}
    assert due.(Fleet.mark_due(first, 8)) == ["v1"]
    assert Fleet.mark_due(first, 31) == fleet()
    assert Enum.sort(due.(Fleet.mark_due(first, 0))) == ["v1", "v2", "v3"]
  end
end
