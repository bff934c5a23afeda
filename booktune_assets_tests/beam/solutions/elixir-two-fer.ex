defmodule TwoFer do
  def two_fer(name), do: "One for #{name || "you"}, one for me."
end
