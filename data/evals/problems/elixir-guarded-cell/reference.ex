defmodule Cell do
  use Agent

  def start_link(value), do: Agent.start_link(fn -> {value, 0} end)

  def value(pid), do: Agent.get(pid, &elem(&1, 0))
  def version(pid), do: Agent.get(pid, &elem(&1, 1))

  def change(pid, wanted \\ :any, fun) do
    Agent.get_and_update(pid, fn
      {_value, version} = state when wanted not in [:any, version] ->
        {{:error, {:stale, version}}, state}

      {value, _version} = state ->
        commit(run(fun, value), state)
    end)
  end

  defp commit({:commit, reply, new}, {_value, version}), do: {{:ok, reply}, {new, version + 1}}
  defp commit({:error, _reason} = error, state), do: {error, state}

  defp run(fun, value) do
    case fun.(value) do
      {:commit, reply, new} -> {:commit, reply, new}
      {:abort, reason} -> {:error, reason}
      other -> {:error, {:bad_return, other}}
    end
  rescue
    exception -> {:error, {:crash, :error, Exception.message(exception)}}
  catch
    kind, what -> {:error, {:crash, kind, what}}
  end
end
