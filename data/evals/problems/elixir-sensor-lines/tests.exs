defmodule SensorTest do
  use ExUnit.Case, async: true

  test "reads name and number" do
    assert Sensor.parse("attic=21.5") == {:ok, {"attic", 21.5}}
    assert Sensor.parse(" cold room = -7 ") == {:ok, {"cold room", -7.0}}
  end

  test "needs exactly one sign" do
    assert Sensor.parse("attic 21.5") == {:error, :no_reading}
    assert Sensor.parse("a=b=1") == {:error, :no_reading}
  end

  test "needs a name, which is told first" do
    assert Sensor.parse("  =3") == {:error, :no_name}
    assert Sensor.parse("=warm") == {:error, :no_name}
  end

  test "needs a number and nothing else" do
    assert Sensor.parse("attic=warm") == {:error, :no_number}
    assert Sensor.parse("attic=21.5C") == {:error, :no_number}
    assert Sensor.parse("attic=") == {:error, :no_number}
  end

  test "the hottest of the readable lines" do
    assert Sensor.hottest(["a=1", "junk", "b=30.5", "c=30.5", "d=99F"]) == {:ok, "b"}
    assert Sensor.hottest(["x=-5", "y=-3"]) == {:ok, "y"}
  end

  test "nothing readable" do
    assert Sensor.hottest([]) == :error
    assert Sensor.hottest(["?", "=1"]) == :error
  end
end
