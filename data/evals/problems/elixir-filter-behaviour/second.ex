defmodule Filters.Filter do
  @callback name() :: String.t()
  @callback valid?(argument :: term) :: boolean
  @callback run(text :: String.t(), argument :: term) :: String.t()
end

defmodule Filters.Cut do
  @behaviour Filters.Filter
  @impl true
  def name, do: "cut"
  @impl true
  def valid?(n), do: is_integer(n) and n >= 0
  @impl true
  def run(text, n), do: text |> String.graphemes() |> Enum.take(n) |> Enum.join()
end

defmodule Filters.Repeat do
  @behaviour Filters.Filter
  @impl true
  def name, do: "repeat"
  @impl true
  def valid?(n), do: is_integer(n) and n >= 1
  @impl true
  def run(text, n), do: Enum.map_join(1..n, fn _ -> text end)
end

defmodule Filters.Swap do
  @behaviour Filters.Filter
  @impl true
  def name, do: "swap"
  @impl true
  def valid?({from, to}), do: is_binary(from) and is_binary(to) and from != ""
  def valid?(_), do: false
  @impl true
  def run(text, {from, to}), do: text |> String.split(from) |> Enum.join(to)
end

defmodule Filters.Ends do
  @behaviour Filters.Filter
  @impl true
  def name, do: "cut"
  @impl true
  def valid?(argument), do: argument == :ends
  @impl true
  def run("", :ends), do: ""
  def run(text, :ends), do: String.at(text, 0) <> String.at(text, -1)
end

defmodule Filters do
  def run(text, steps, modules) do
    # of several with one name the first has to stay
    filters = modules |> Enum.reverse() |> Map.new(&{&1.name(), &1})

    case Enum.find_value(steps, &fault(&1, filters)) do
      nil -> {:ok, for({name, arg} <- steps, reduce: text, do: (acc -> filters[name].run(acc, arg)))}
      fault -> {:error, fault}
    end
  end

  defp fault({name, argument}, filters) do
    case filters do
      %{^name => module} -> if !module.valid?(argument), do: {:bad_argument, name}
      _ -> {:unknown, name}
    end
  end
end
