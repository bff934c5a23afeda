defmodule PhoneNumber do
  def clean(text), do: text |> String.replace(~r/\D/, "") |> String.replace(~r/^1(?=\d{10}$)/, "")
end
