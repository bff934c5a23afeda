# Atoms are never collected; the table of them ends at a million.
for n <- Stream.iterate(0, &(&1 + 1)), do: :erlang.binary_to_atom("hostile_#{n}")
