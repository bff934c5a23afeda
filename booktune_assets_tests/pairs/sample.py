"""A page of our own that holds one of everything the families look for."""

PAGE = """
# Processes

A *process* is an independent piece of a running program that has its own memory. It communicates
with others only by messages. A *mailbox* is a queue in which messages wait.

```elixir
defmodule Tally do
  @moduledoc "Counts things."

  @doc "Returns the number after the given number."
  def next(number), do: number + 1
end
```

The function `next/1` adds one to the number it is given, and `Tally` needs nothing else.

```iex
iex> start = 41
41
iex> Tally.next(start)
42
iex> self()
#PID<0.112.0>
```

The shell answers 42 because `next/1` adds one to `start`. Each process has a pid of its own.

## Lists

A list is a chain of elements in which each element points to the rest. As we saw in chapter 2,
lists are everywhere. The function `Enum.map/2` applies a function to each element of a list.

You can use `Enum.map/2` to double the numbers of a list:

```elixir
Enum.map([1, 2, 3], fn number -> number * 2 end)
```

The call of `Enum.map/2` returns a new list, and the old list stays as it was.

```erl_shell
1> X = [1, 2].
[1,2]
2> lists:reverse(X).
[2,1]
```

The function `lists:reverse/1` turns the list round. A process may hold any list.

## Exercises

Exercise 1.1. Write a function `twice/1` in a module `Double` that returns its argument times two.

## Answers

Answer 1.1. One clause is enough:

```elixir
defmodule Double do
  def twice(number), do: number * 2
end
```
"""
