defmodule Parcel do
  def parse(label) do
    case label |> String.trim() |> String.split("/") do
      [country, code, weight] ->
        [
          {:country, country, ~r/\A[A-Z]{2}\z/},
          {:code, code, ~r/\A[0-9]{5}\z/},
          {:weight, weight, ~r/\A0*[1-9][0-9]*g\z/}
        ]
        |> Enum.find(fn {_, text, form} -> not Regex.match?(form, text) end)
        |> case do
          nil -> {:ok, %{country: country, code: code, grams: weight |> String.trim_trailing("g") |> String.to_integer()}}
          {part, text, _} -> {:error, {part, text}}
        end

      _ ->
        {:error, :parts}
    end
  end

  def format(%{country: country, code: code, grams: grams}), do: Enum.join([country, code, weight(grams)], "/")

  defp weight(grams) when grams >= 10_000 and rem(grams, 1000) == 0, do: "#{div(grams, 1000)}kg"
  defp weight(grams), do: "#{grams}g"
end
