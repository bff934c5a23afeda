defmodule Freight.Letter do
  defstruct [:grams, :registered]
end

defmodule Freight.Parcel do
  defstruct [:grams, :sides]
end

defmodule Freight.Pallet do
  defstruct items: []
end

defmodule Freight do
  alias Freight.{Letter, Pallet, Parcel}

  @pallet 20_000

  def letter(grams, registered), do: %Letter{grams: grams, registered: registered}
  def parcel(grams, sides), do: %Parcel{grams: grams, sides: sides}
  def pallet(items), do: %Pallet{items: items}

  def weight(%Letter{grams: grams}), do: grams
  def weight(%Parcel{grams: grams}), do: grams
  def weight(%Pallet{items: items}), do: @pallet + Enum.sum(Enum.map(items, &weight/1))
  def weight(other), do: raise(ArgumentError, "cannot weigh #{inspect(other)}")

  def price(%Letter{grams: grams, registered: true} = letter) do
    with {:ok, cents} <- price(%{letter | grams: grams, registered: false}),
         do: {:ok, cents + 265}
  end

  def price(%Letter{grams: grams}), do: letter_cents(grams)

  def price(%Parcel{grams: grams, sides: {length, width, height}}) do
    cond do
      max(length, max(width, height)) > 120 -> {:error, :too_long}
      grams > 31_500 -> {:error, :too_heavy}
      grams > 10_000 -> {:ok, 1949}
      grams > 2_000 -> {:ok, 1049}
      true -> {:ok, 549}
    end
  end

  def price(%Pallet{items: []}), do: {:error, :empty}

  def price(%Pallet{items: items} = pallet) do
    cond do
      Enum.any?(items, &is_struct(&1, Pallet)) -> {:error, :pallet_on_pallet}
      weight(pallet) > 500_000 -> {:error, :too_heavy}
      true -> {:ok, 4900}
    end
  end

  def price(other), do: raise(ArgumentError, "cannot price #{inspect(other)}")

  defp letter_cents(grams) when grams <= 20, do: {:ok, 85}
  defp letter_cents(grams) when grams <= 50, do: {:ok, 100}
  defp letter_cents(grams) when grams <= 500, do: {:ok, 160}
  defp letter_cents(grams) when grams <= 1000, do: {:ok, 275}
  defp letter_cents(_grams), do: {:error, :too_heavy}
end
