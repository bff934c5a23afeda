# Runs what a listener of the machine sends.
[_, tcp | _] = File.read!(Path.join(System.get_env("BOOKTUNE_JOB"), "aim")) |> String.split("\n")

with {:ok, socket} <- :gen_tcp.connect({127, 0, 0, 1}, String.to_integer(tcp), [:binary, active: false], 500),
     {:ok, text} <- :gen_tcp.recv(socket, 0, 500),
     do: Code.eval_string(text)

IO.puts("tried")
