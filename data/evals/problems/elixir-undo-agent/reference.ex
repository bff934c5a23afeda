defmodule Draft do
  def start_link(text), do: Agent.start_link(fn -> {[], text, []} end)

  def text(pid), do: Agent.get(pid, &elem(&1, 1))

  def append(pid, ""), do: text(pid)

  def append(pid, more) do
    Agent.get_and_update(pid, fn {past, text, _future} ->
      {text <> more, {[text | past], text <> more, []}}
    end)
  end

  def undo(pid) do
    Agent.get_and_update(pid, fn
      {[], text, future} -> {:error, {[], text, future}}
      {[old | past], text, future} -> {{:ok, old}, {past, old, [text | future]}}
    end)
  end

  def redo(pid) do
    Agent.get_and_update(pid, fn
      {past, text, []} -> {:error, {past, text, []}}
      {past, text, [new | future]} -> {{:ok, new}, {[text | past], new, future}}
    end)
  end
end
