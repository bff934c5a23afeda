# Leaves processes behind that no longer belong to it.
for _ <- 1..5, do: :os.cmd(~c"setsid sh -c 'trap \"\" TERM HUP; sleep 654.321' >/dev/null 2>&1 &")
IO.puts("tried")
