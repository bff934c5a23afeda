defmodule Draft do
  # all texts so far and which of them is the present one
  def start_link(text), do: Agent.start_link(fn -> {[text], 0} end)
  def text(pid), do: Agent.get(pid, fn {texts, at} -> Enum.at(texts, at) end)

  def append(pid, more) do
    Agent.get_and_update(pid, fn {texts, at} = state ->
      new = Enum.at(texts, at) <> more
      if more == "", do: {new, state}, else: {new, {Enum.take(texts, at + 1) ++ [new], at + 1}}
    end)
  end

  def undo(pid), do: step(pid, -1)
  def redo(pid), do: step(pid, 1)

  defp step(pid, by) do
    Agent.get_and_update(pid, fn {texts, at} = state ->
      if (at + by) in 0..(length(texts) - 1), do: {{:ok, Enum.at(texts, at + by)}, {texts, at + by}}, else: {:error, state}
    end)
  end
end
