defmodule GreeterTest do
  use ExUnit.Case, async: true

  test "greets by name" do
    assert Greeter.greet("Ada") == "Hello, Ada!"
  end

  test "does not know nil" do
    assert Greeter.greet(nil) == "Hello, stranger!"
  end

  test "does not know the empty string" do
    assert Greeter.greet("") == "Hello, stranger!"
  end
end
