defmodule Memo do
  def start_link, do: Agent.start_link(fn -> [] end)

  def get(pid, key, fun) do
    Agent.get_and_update(
      pid,
      fn known ->
        case List.keyfind(known, key, 0) do
          {_, value} -> {value, known}
          nil -> with value <- fun.(), do: {value, [{key, value} | known]}
        end
      end,
      :infinity
    )
  end

  def forget(pid, key), do: Agent.update(pid, &List.keydelete(&1, key, 0))
end
