defmodule Purse do
  defstruct [:owner, coins: %{}]

  def new(owner), do: %Purse{owner: owner}

  def add(%Purse{} = purse, currency, cents) when is_integer(cents) and cents > 0 do
    %{purse | coins: Map.update(purse.coins, currency, cents, &(&1 + cents))}
  end

  def add(%Purse{}, _currency, cents), do: raise(ArgumentError, "not an amount: #{inspect(cents)}")

  def pay(%Purse{} = purse, currency, cents) do
    case Map.get(purse.coins, currency, 0) - cents do
      left when left >= 0 -> {:ok, %{purse | coins: Map.put(purse.coins, currency, left)}}
      left -> {:error, -left}
    end
  end

  def show(%Purse{owner: owner, coins: coins}) do
    shown = for {currency, cents} <- Enum.sort(coins), cents > 0, do: "#{amount(cents)} #{currency}"
    "#{owner}: " <> if(shown == [], do: "nothing", else: Enum.join(shown, ", "))
  end

  defp amount(cents) do
    "#{div(cents, 100)}.#{cents |> rem(100) |> Integer.to_string() |> String.pad_leading(2, "0")}"
  end
end
