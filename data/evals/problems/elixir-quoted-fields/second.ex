defmodule Fields do
  # character by character, with what was read so far and where we are
  def split(line) do
    line
    |> String.codepoints()
    |> Enum.reduce({:begin, "", []}, &step/2)
    |> case do
      {:quoted, _, _} -> :error
      {:error, _, _} -> :error
      {_, field, fields} -> {:ok, Enum.reverse([field | fields])}
    end
  end

  defp step(_, {:error, _, _} = state), do: state
  defp step("\"", {:begin, "", fields}), do: {:quoted, "", fields}
  defp step(",", {where, field, fields}) when where != :quoted, do: {:begin, "", [field | fields]}
  defp step("\"", {:quoted, field, fields}), do: {:closed, field, fields}
  defp step(char, {:quoted, field, fields}), do: {:quoted, field <> char, fields}
  defp step("\"", {:closed, field, fields}), do: {:quoted, field <> "\"", fields}
  defp step(_, {:closed, field, fields}), do: {:error, field, fields}
  defp step(char, {_, field, fields}), do: {:plain, field <> char, fields}

  def join(fields) do
    Enum.map_join(fields, ",", fn field ->
      if field =~ ~r/[",]/, do: inspect_quotes(field), else: field
    end)
  end

  defp inspect_quotes(field), do: IO.iodata_to_binary([?", field |> String.split("\"") |> Enum.intersperse("\"\""), ?"])
end
