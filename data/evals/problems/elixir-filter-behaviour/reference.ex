defmodule Filters.Filter do
  @callback name() :: String.t()
  @callback valid?(term) :: boolean
  @callback run(String.t(), term) :: String.t()
end

defmodule Filters.Cut do
  @behaviour Filters.Filter

  @impl true
  def name, do: "cut"

  @impl true
  def valid?(n), do: is_integer(n) and n >= 0

  @impl true
  def run(text, n), do: String.slice(text, 0, n)
end

defmodule Filters.Repeat do
  @behaviour Filters.Filter

  @impl true
  def name, do: "repeat"

  @impl true
  def valid?(n), do: is_integer(n) and n >= 1

  @impl true
  def run(text, n), do: String.duplicate(text, n)
end

defmodule Filters.Swap do
  @behaviour Filters.Filter

  @impl true
  def name, do: "swap"

  @impl true
  def valid?({from, to}), do: is_binary(from) and from != "" and is_binary(to)
  def valid?(_other), do: false

  @impl true
  def run(text, {from, to}), do: String.replace(text, from, to)
end

defmodule Filters.Ends do
  @behaviour Filters.Filter

  @impl true
  def name, do: "cut"

  @impl true
  def valid?(arg), do: arg == :ends

  @impl true
  def run(text, :ends), do: String.first(text) <> String.last(text)
end

defmodule Filters do
  def run(text, words, modules) do
    with {:ok, steps} <- resolve(words, modules) do
      {:ok, Enum.reduce(steps, text, fn {module, arg}, text -> module.run(text, arg) end)}
    end
  end

  defp resolve(words, modules) do
    Enum.reduce_while(words, {:ok, []}, fn word, {:ok, steps} ->
      case step(word, modules) do
        {:ok, step} -> {:cont, {:ok, steps ++ [step]}}
        error -> {:halt, error}
      end
    end)
  end

  defp step({name, arg}, modules) do
    case Enum.find(modules, &(&1.name() == name)) do
      nil -> {:error, {:unknown, name}}
      module -> check(module, name, arg)
    end
  end

  defp check(module, name, arg) do
    if module.valid?(arg), do: {:ok, {module, arg}}, else: {:error, {:bad_argument, name}}
  end
end
