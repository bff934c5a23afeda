# A list that grows until memory ends; the limit of the process heap is switched off first.
Process.flag(:max_heap_size, 0)
grow = fn grow, list -> grow.(grow, [list | list] ++ Enum.to_list(1..10_000)) end
grow.(grow, [])
