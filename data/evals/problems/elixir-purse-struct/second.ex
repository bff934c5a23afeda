defmodule Purse do
  defstruct owner: nil, coins: %{}

  def new(owner), do: struct(__MODULE__, owner: owner)

  def add(%Purse{} = purse, currency, cents) when is_integer(cents) and cents > 0, do: set(purse, currency, has(purse, currency) + cents)
  def add(_, _, cents), do: raise(ArgumentError, message: "not an amount: #{inspect(cents)}")

  def pay(purse, currency, cents) do
    case has(purse, currency) - cents do
      left when left < 0 -> {:error, -left}
      left -> {:ok, set(purse, currency, left)}
    end
  end

  def show(purse) do
    shown =
      purse.coins
      |> Enum.reject(&match?({_, 0}, &1))
      |> Enum.sort()
      |> Enum.map(fn {currency, cents} -> :io_lib.format("~B.~2..0B ~ts", [div(cents, 100), rem(cents, 100), currency]) end)
      |> Enum.intersperse(", ")

    to_string([purse.owner, ": ", if(shown == [], do: "nothing", else: shown)])
  end

  defp has(purse, currency), do: Map.get(purse.coins, currency, 0)
  defp set(purse, currency, cents), do: put_in(purse.coins[currency], cents)
end
