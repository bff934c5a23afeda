# Tables live outside of every process.
table = :ets.new(:held, [:public])
fill = fn fill, n ->
  :ets.insert(table, {n, String.duplicate("x", 60), Enum.to_list(1..2000)})
  fill.(fill, n + 1)
end
fill.(fill, 0)
