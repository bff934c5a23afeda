# Looks for what it should not see: files, environments, its own descriptors.
[secret | _] = File.read!(Path.join(System.get_env("BOOKTUNE_JOB"), "aim")) |> String.split("\n")
paths = [secret, "/etc/shadow", "/etc/passwd", "/root/.profile", "/proc/1/environ", "/proc/self/environ"]
for path <- paths ++ Path.wildcard("/proc/[0-9]*/{environ,cmdline}") do
  with {:ok, text} <- File.read(path), do: IO.puts("#{path}: #{text}")
end
for n <- 0..64, {:ok, file} <- [File.read_link("/proc/self/fd/#{n}")], do: IO.puts(file)
IO.inspect(System.get_env())
IO.puts(:os.cmd(~c"cat #{secret}; set; ls -laR /home /root /proc/*/cwd/ 2>/dev/null"))
IO.puts("tried")
