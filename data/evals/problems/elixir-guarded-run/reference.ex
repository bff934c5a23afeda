defmodule Guarded do
  def run(what) do
    caller = self()
    tag = make_ref()

    {guard, ref} =
      spawn_monitor(fn ->
        Process.flag(:trap_exit, true)
        send(caller, {tag, guarded(what)})
      end)

    receive do
      {^tag, result} ->
        receive do
          {:DOWN, ^ref, :process, ^guard, _reason} -> result
        end
    end
  end

  def family(reason) do
    caller = self()
    {parent, ref} = spawn_monitor(fn -> parent(caller) end)

    children =
      receive do
        {^parent, children} -> children
      end

    watched = Map.new(children, &{Process.monitor(&1), &1})
    first = hd(children)
    send(first, {:exit, reason})
    {first_ref, _pid} = Enum.find(watched, fn {_ref, pid} -> pid == first end)
    await_down(first_ref)

    others = [ref | Map.keys(watched) -- [first_ref]]
    falling = if reason == :normal, do: [], else: others
    Enum.each(falling, &await_down/1)
    alive = Enum.count([parent | children], &Process.alive?/1)

    for pid <- [parent | children], do: Process.exit(pid, :kill)
    Enum.each(others -- falling, &await_down/1)
    alive
  end

  defp guarded({:value, term}), do: ended(fn -> exit({:value, term}) end)
  defp guarded({:exit, reason}), do: ended(fn -> exit({:reason, reason}) end)
  defp guarded({:linked, reason}), do: ended(fn -> linked(reason) end)

  defp ended(fun) do
    pid = spawn_link(fun)

    receive do
      {:EXIT, ^pid, {:value, term}} -> {:ok, term}
      {:EXIT, ^pid, {:reason, reason}} -> {:exit, reason}
      {:EXIT, ^pid, reason} -> {:exit, reason}
    end
  end

  defp linked(reason) do
    {_pid, ref} = :erlang.spawn_opt(fn -> exit(reason) end, [:link, :monitor])

    receive do
      {:DOWN, ^ref, :process, _pid, :normal} -> exit({:value, :survived})
    end
  end

  defp parent(caller) do
    children = for _ <- 1..3, do: spawn_link(&child/0)
    send(caller, {self(), children})
    Process.sleep(:infinity)
  end

  defp child do
    receive do
      {:exit, reason} -> exit(reason)
    end
  end

  defp await_down(ref) do
    receive do
      {:DOWN, ^ref, :process, _pid, _reason} -> :ok
    end
  end
end
