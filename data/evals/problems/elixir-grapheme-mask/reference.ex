defmodule Mask do
  def hide(text, keep) do
    letters = String.graphemes(text)
    {hidden, shown} = Enum.split(letters, max(length(letters) - keep, 0))
    Enum.join([String.duplicate("*", length(hidden)) | shown])
  end

  def fit(text, width) do
    cond do
      String.length(text) <= width -> text
      true -> (text |> String.slice(0, width - 1) |> String.trim_trailing()) <> "…"
    end
  end

  def same?(a, b), do: plain(a) == plain(b)

  defp plain(text), do: text |> String.normalize(:nfc) |> String.downcase()
end
