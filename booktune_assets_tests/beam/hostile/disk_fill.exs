# Writes wherever it can until nothing more fits.
home = System.tmp_dir() || System.get_env("HOME")
block = :binary.copy(<<7>>, 1_000_000)
written = Enum.map(1..64, fn n -> File.write(Path.join(home, "fill#{n}"), block) end)
IO.puts("written #{Enum.count(written, &(&1 == :ok))}")
IO.puts("tried")
