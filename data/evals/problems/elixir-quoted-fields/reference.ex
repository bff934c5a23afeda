defmodule Fields do
  def split(line), do: field(line, [])

  def join(fields), do: Enum.map_join(fields, ",", &quoted/1)

  defp field("\"" <> rest, done), do: inside(rest, "", done)
  defp field(rest, done), do: plain(rest, "", done)

  defp plain("," <> rest, text, done), do: field(rest, [text | done])
  defp plain("", text, done), do: {:ok, Enum.reverse([text | done])}
  defp plain(<<char::utf8, rest::binary>>, text, done), do: plain(rest, text <> <<char::utf8>>, done)

  defp inside("\"\"" <> rest, text, done), do: inside(rest, text <> "\"", done)
  defp inside("\",", text, done), do: field("", [text | done])
  defp inside("\"," <> rest, text, done), do: field(rest, [text | done])
  defp inside("\"", text, done), do: {:ok, Enum.reverse([text | done])}
  defp inside("\"" <> _rest, _text, _done), do: :error
  defp inside("", _text, _done), do: :error

  defp inside(<<char::utf8, rest::binary>>, text, done) do
    inside(rest, text <> <<char::utf8>>, done)
  end

  defp quoted(text) do
    if String.contains?(text, [",", "\""]) do
      "\"" <> String.replace(text, "\"", "\"\"") <> "\""
    else
      text
    end
  end
end
