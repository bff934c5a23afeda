# What a session runs on: modules kept as files, and the terminal of an Erlang shell.
#
# The first part of the script that session.py puts together; see session.exs.

defmodule Booktune.Tracer do
  @moduledoc false
  # Compiled modules are put on the code path as files, where doctests look for documentation.
  def trace({:on_module, bytecode, _}, env) do
    File.write(Path.join(:persistent_term.get(:booktune_ebin), "#{env.module}.beam"), bytecode)
    :ok
  end

  def trace(_event, _env), do: :ok
end

defmodule Booktune.Tty do
  @moduledoc false
  # The terminal of an Erlang shell: collects what is printed, hands out one expression at a time,
  # and says when the shell asks for the next one.
  def start(owner), do: spawn(fn -> loop(%{owner: owner, text: [], waiting: nil}) end)

  defp loop(state) do
    receive do
      {:io_request, from, ref, request} -> request |> ask({from, ref}, state) |> loop()
      {:type, text} -> state |> give(text) |> loop()
      {:flush, from} ->
        send(from, {:text, self(), state.text |> Enum.reverse() |> IO.iodata_to_binary()})
        loop(%{state | text: []})
      _other -> loop(state)
    end
  end

  defp ask({:put_chars, _, chars}, to, state), do: put(chars, to, state)
  defp ask({:put_chars, _, m, f, a}, to, state), do: put(apply(m, f, a), to, state)
  defp ask({:put_chars_sync, _, chars, _}, to, state), do: put(chars, to, state)
  defp ask({:requests, list}, to, state) do
    {last, first} = List.pop_at(list, -1)
    state = Enum.reduce(first, state, &ask(&1, nil, &2))
    ask(last, to, state)
  end

  defp ask({:get_until, _, _prompt, m, f, a}, to, state) do
    send(state.owner, {:asks, self()})
    %{state | waiting: {to, m, f, a}}
  end

  defp ask({:get_line, _, _}, to, state), do: answer(to, :eof, state)
  defp ask({:get_chars, _, _, _}, to, state), do: answer(to, :eof, state)
  defp ask({:setopts, _}, to, state), do: answer(to, :ok, state)
  defp ask(:getopts, to, state), do: answer(to, [binary: true, encoding: :unicode], state)
  defp ask(_other, to, state), do: answer(to, {:error, :enotsup}, state)

  defp put(chars, to, state) do
    text = with list when not is_binary(list) <- :unicode.characters_to_binary(chars), do: "?"
    answer(to, :ok, %{state | text: [text | state.text]})
  end

  defp give(%{waiting: {to, m, f, a}} = state, text) do
    {:done, result, _} = feed(m, f, a, [], [String.to_charlist(text <> "\n"), :eof])
    answer(to, result, %{state | waiting: nil})
  end

  defp give(state, _text), do: state

  defp feed(m, f, a, continuation, [data | rest]) do
    case apply(m, f, [continuation, data | a]) do
      {:done, _, _} = done -> done
      {:more, more} -> feed(m, f, a, more, rest)
    end
  end

  defp answer(nil, _result, state), do: state

  defp answer({from, ref}, result, state) do
    send(from, {:io_reply, ref, result})
    state
  end
end
