"""A page of our own whose code can be run: each family about code finds something in it."""

CODE_PAGE = """
# Ledgers

The module `Ledger` keeps sums. The following function adds the entries of a list:

```elixir
defmodule Ledger do
  def total([]), do: 0
  def total([entry | rest]), do: entry + total(rest)

  def scaled(entries, factor) do
    entries
    |> Enum.map(fn entry -> entry * factor end)
    |> Enum.sort()
  end
end
```

The function `total/1` walks down the list `[entry | rest]` until it is empty.

```iex
iex> Ledger.total([3, 4, 5])
12
iex> Ledger.scaled([3, 1, 2], 10)
[10, 20, 30]
# sorted, as you see
iex> Ledger.total([1, 2])
4
```

## Errors

Atoms are no numbers:

```iex
iex> 1 + :one
** (ArithmeticError) bad argument in arithmetic expression
```

The `ArithmeticError` says that `:one` is an invalid argument of an arithmetic expression, because
an atom cannot be added.

```iex
iex> [head | rest] = []
** (MatchError) no match of right hand side value: {}
```

The module below needs a package that is not here.

```elixir
defmodule Shop.Router do
  use Phoenix.Router
  get "/", Shop.PageController, :index
end
```

The call of `use Phoenix.Router` gives `Shop.Router` the macro `get/3`.

## Both languages

A list is reversed like this in Elixir:

```elixir
Enum.reverse([1, 2, 3])
```

The same in Erlang:

```erlang
-module(back).
-export([reverse/0]).
reverse() -> lists:reverse([1, 2, 3]).
```

```erl_shell
1> lists:sum([1, 2, 3]).
6
2> lists:sum([2]).
3
```
"""
