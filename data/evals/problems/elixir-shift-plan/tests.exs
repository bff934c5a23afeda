defmodule ShiftsTest do
  use ExUnit.Case, async: true

  test "turns go on over the days" do
    assert Shifts.first(["ann", "bo", "cy"], 1, 5) == [
             {1, :day, "ann"},
             {1, :night, "bo"},
             {2, :day, "cy"},
             {2, :night, "ann"},
             {3, :day, "bo"}
           ]
  end

  test "starts on any day" do
    assert Shifts.first(["ann", "bo", "cy"], 3, 2) == [{3, :day, "bo"}, {3, :night, "cy"}]
    assert Shifts.first([:x], 1000, 1) == [{1000, :day, :x}]
  end

  test "no shifts" do
    assert Shifts.first(["ann"], 4, 0) == []
    assert Shifts.on(["ann"], "ann", 0) == []
  end

  test "shifts of one worker" do
    assert Shifts.on(["ann", "bo", "cy"], "bo", 4) == [{1, :night}, {3, :day}, {4, :night}]
    assert Shifts.on(["ann", "bo"], "bo", 2) == [{1, :night}, {2, :night}]
    assert Shifts.on(["ann", "bo"], "zed", 9) == []
  end
end
