defmodule Greeter do
  def greet(name) when name in [nil, ""], do: "Hello, stranger!"
  def greet(name), do: "Hello, #{name}!"
end
