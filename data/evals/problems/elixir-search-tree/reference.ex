defmodule Tree do
  def insert(nil, value), do: {nil, value, nil}
  def insert({left, node, right}, value) when value < node, do: {insert(left, value), node, right}
  def insert({left, node, right}, value) when value > node, do: {left, node, insert(right, value)}
  def insert(tree, _value), do: tree

  def to_list(nil), do: []
  def to_list({left, value, right}), do: to_list(left) ++ [value | to_list(right)]

  def depth(nil), do: 0
  def depth({left, _value, right}), do: 1 + max(depth(left), depth(right))
end
