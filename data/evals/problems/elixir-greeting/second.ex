defmodule Greeter do
  def greet(name) do
    shown = Enum.find([name, "stranger"], fn one -> one not in [nil, ""] end)
    Enum.join(["Hello, ", shown, "!"])
  end
end
