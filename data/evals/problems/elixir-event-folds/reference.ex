defmodule Fold do
  @callback start(arg :: term()) :: term()
  @callback step(event :: term(), state :: term()) :: {:next, term()} | {:halt, term()}
  @callback finish(state :: term()) :: term()

  defmacro __using__(_options) do
    quote do
      @behaviour Fold

      @impl Fold
      def start(arg), do: arg

      @impl Fold
      def finish(state), do: state

      defoverridable Fold
    end
  end

  def run(module, arg, events) do
    {how, state, count} =
      Enum.reduce_while(events, {:done, module.start(arg), 0}, fn event, {_, state, count} ->
        case module.step(event, state) do
          {:next, state} -> {:cont, {:done, state, count + 1}}
          {:halt, state} -> {:halt, {:halted, state, count + 1}}
        end
      end)

    {how, module.finish(state), count}
  end
end

defmodule Fold.Sum do
  use Fold

  @impl true
  def step(number, sum), do: {:next, sum + number}
end

defmodule Fold.Longest do
  use Fold

  @impl true
  def start(_arg), do: {nil, -1}

  @impl true
  def step(event, {_longest, length} = state) when is_binary(event) do
    case String.length(event) do
      longer when longer > length -> {:next, {event, longer}}
      _ -> {:next, state}
    end
  end

  def step(_event, state), do: {:next, state}

  @impl true
  def finish({longest, _length}), do: longest
end

defmodule Fold.Until do
  use Fold

  @impl true
  def start(stop), do: {stop, []}

  @impl true
  def step(event, {stop, seen}) when event == stop, do: {:halt, {stop, seen}}
  def step(event, {stop, seen}), do: {:next, {stop, [event | seen]}}

  @impl true
  def finish({_stop, seen}), do: Enum.reverse(seen)
end

defmodule Fold.Balance do
  use Fold

  @impl true
  def start(limit), do: {limit, 0}

  @impl true
  def step({:in, n}, {limit, balance}), do: {:next, {limit, balance + n}}
  def step({:out, n}, {limit, balance}) when balance - n < -limit, do: {:halt, {limit, balance}}
  def step({:out, n}, {limit, balance}), do: {:next, {limit, balance - n}}

  @impl true
  def finish({_limit, balance}), do: balance
end
