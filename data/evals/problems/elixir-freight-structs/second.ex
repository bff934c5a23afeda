defprotocol Freight.Item do
  @fallback_to_any true
  def weight(item)
  def price(item)
end

defmodule Freight.Letter do
  defstruct [:grams, :registered]
end

defmodule Freight.Parcel do
  defstruct [:grams, :sides]
end

defmodule Freight.Pallet do
  defstruct [:items]
end

defimpl Freight.Item, for: Any do
  def weight(other), do: raise(ArgumentError, "not freight: #{inspect(other)}")
  def price(other), do: weight(other)
end

defimpl Freight.Item, for: Freight.Letter do
  def weight(letter), do: letter.grams

  def price(letter) do
    with {:ok, cents} <- Freight.tariff(letter.grams, [{20, 85}, {50, 100}, {500, 160}, {1000, 275}]) do
      {:ok, if(letter.registered, do: cents + 265, else: cents)}
    end
  end
end

defimpl Freight.Item, for: Freight.Parcel do
  def weight(parcel), do: parcel.grams

  def price(parcel) do
    if parcel.sides |> Tuple.to_list() |> Enum.max() > 120,
      do: {:error, :too_long},
      else: Freight.tariff(parcel.grams, [{2000, 549}, {10_000, 1049}, {31_500, 1949}])
  end
end

defimpl Freight.Item, for: Freight.Pallet do
  def weight(pallet), do: Enum.reduce(pallet.items, 20_000, &(Freight.Item.weight(&1) + &2))

  def price(%{items: []}), do: {:error, :empty}

  def price(pallet) do
    if Enum.any?(pallet.items, &is_struct(&1, Freight.Pallet)),
      do: {:error, :pallet_on_pallet},
      else: Freight.tariff(weight(pallet), [{500_000, 4900}])
  end
end

defmodule Freight do
  def letter(grams, registered), do: %Freight.Letter{grams: grams, registered: registered}
  def parcel(grams, sides), do: %Freight.Parcel{grams: grams, sides: sides}
  def pallet(items), do: %Freight.Pallet{items: items}

  defdelegate weight(item), to: Freight.Item
  defdelegate price(item), to: Freight.Item

  @doc false
  def tariff(grams, steps) do
    Enum.find_value(steps, {:error, :too_heavy}, fn {limit, cents} ->
      grams <= limit && {:ok, cents}
    end)
  end
end
