# Binaries live outside of the process heap.
grow = fn grow, held -> grow.(grow, [:binary.copy(<<System.unique_integer()::64>>, 500_000) | held]) end
grow.(grow, [])
