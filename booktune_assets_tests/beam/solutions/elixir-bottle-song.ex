defmodule BottleSong do
  @words ~w(No One Two Three Four Five Six Seven Eight Nine Ten)

  def recite(start, count) do
    start..(start - count + 1)//-1
    |> Enum.map(&verse/1)
    |> Enum.intersperse([""])
    |> Enum.concat()
  end

  defp verse(n) do
    hanging = "#{bottles(n)} hanging on the wall,"

    [
      hanging,
      hanging,
      "And if one green bottle should accidentally fall,",
      "There'll be #{String.downcase(bottles(n - 1))} hanging on the wall."
    ]
  end

  defp bottles(1), do: "One green bottle"
  defp bottles(n), do: "#{Enum.at(@words, n)} green bottles"
end
