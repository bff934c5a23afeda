# Makes and compiles a source without end.
source = for n <- 1..40_000, into: "", do: "def f#{n}(x), do: {x, #{n}, [x | x], %{x: x}}\n"
Code.compile_string("defmodule Huge do\n#{source}\nend")
IO.puts("tried")
