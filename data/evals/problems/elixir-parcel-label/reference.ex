defmodule Parcel do
  def parse(label) do
    with [country, code, weight] <- label |> String.trim() |> String.split("/"),
         :ok <- country(country),
         :ok <- code(code),
         {:ok, grams} <- grams(weight) do
      {:ok, %{country: country, code: code, grams: grams}}
    else
      {:error, reason} -> {:error, reason}
      parts when is_list(parts) -> {:error, :parts}
    end
  end

  def format(%{country: country, code: code, grams: grams}) do
    "#{country}/#{code}/#{weight(grams)}"
  end

  defp country(text) do
    if text =~ ~r/\A[A-Z]{2}\z/, do: :ok, else: {:error, {:country, text}}
  end

  defp code(text) do
    if text =~ ~r/\A[0-9]{5}\z/, do: :ok, else: {:error, {:code, text}}
  end

  defp grams(text) do
    with [_all, digits] <- Regex.run(~r/\A([0-9]+)g\z/, text),
         grams when grams > 0 <- String.to_integer(digits) do
      {:ok, grams}
    else
      _ -> {:error, {:weight, text}}
    end
  end

  defp weight(grams) when grams >= 10_000 and rem(grams, 1000) == 0, do: "#{div(grams, 1000)}kg"
  defp weight(grams), do: "#{grams}g"
end
