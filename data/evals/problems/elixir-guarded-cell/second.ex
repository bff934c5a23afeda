defmodule Cell do
  def start_link(value), do: Agent.start_link(fn -> {0, value} end)

  def value(pid), do: pid |> Agent.get(& &1) |> elem(1)
  def version(pid), do: pid |> Agent.get(& &1) |> elem(0)

  def change(pid, fun), do: change(pid, :any, fun)

  def change(pid, version, fun) do
    Agent.get_and_update(pid, &step(&1, version, fun), :infinity)
  end

  defp step({present, _} = cell, version, _fun) when version not in [:any, present],
    do: {{:error, {:stale, present}}, cell}

  defp step({present, value} = cell, _version, fun) do
    case fun.(value) do
      {:commit, reply, new} -> {{:ok, reply}, {present + 1, new}}
      {:abort, reason} -> {{:error, reason}, cell}
      other -> {{:error, {:bad_return, other}}, cell}
    end
  catch
    :error, what ->
      message = :error |> Exception.normalize(what, __STACKTRACE__) |> Exception.message()
      {{:error, {:crash, :error, message}}, cell}

    kind, what ->
      {{:error, {:crash, kind, what}}, cell}
  end
end
