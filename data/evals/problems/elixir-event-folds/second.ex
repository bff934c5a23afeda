defmodule Fold do
  @callback start(arg :: term) :: term
  @callback step(event :: term, state :: term) :: {:next, term} | {:halt, term}
  @callback finish(state :: term) :: term

  defmacro __using__(_) do
    quote do
      @behaviour Fold
      def start(arg), do: arg
      def finish(state), do: state
      defoverridable Fold
    end
  end

  def run(module, arg, events) do
    {ending, {state, count}} =
      Enumerable.reduce(events, {:cont, {module.start(arg), 0}}, fn event, {state, count} ->
        case module.step(event, state) do
          {:next, state} -> {:cont, {state, count + 1}}
          {:halt, state} -> {:halt, {state, count + 1}}
        end
      end)

    {ending, module.finish(state), count}
  end
end

defmodule Fold.Sum do
  use Fold
  @impl true
  def step(number, sum), do: {:next, number + sum}
end

defmodule Fold.Longest do
  use Fold
  @impl true
  def start(_arg), do: []

  @impl true
  def step(text, texts) when is_binary(text), do: {:next, [text | texts]}
  def step(_other, texts), do: {:next, texts}

  @impl true
  def finish(texts), do: texts |> Enum.reverse() |> Enum.max_by(&String.length/1, fn -> nil end)
end

defmodule Fold.Until do
  use Fold
  @impl true
  def start(mark), do: {mark, []}

  @impl true
  def step(event, {mark, _} = state) when event == mark, do: {:halt, state}
  def step(event, {mark, events}), do: {:next, {mark, [event | events]}}

  @impl true
  def finish({_, events}), do: Enum.reverse(events)
end

defmodule Fold.Balance do
  use Fold
  @impl true
  def start(limit), do: {-limit, 0}

  @impl true
  def step({:in, n}, state), do: move(n, state)
  def step({:out, n}, state), do: move(-n, state)

  defp move(n, {lowest, balance} = state) when balance + n < lowest, do: {:halt, state}
  defp move(n, {lowest, balance}), do: {:next, {lowest, balance + n}}

  @impl true
  def finish({_, balance}), do: balance
end
