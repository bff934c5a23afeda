defmodule Parallel do
  def map(enumerable, fun) do
    parent = self()

    refs =
      for element <- enumerable do
        ref = make_ref()
        spawn_link(fn -> send(parent, {ref, fun.(element)}) end)
        ref
      end

    for ref <- refs do
      receive do
        {^ref, value} -> value
      end
    end
  end
end
