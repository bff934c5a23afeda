# Tries to reach a listener of the machine by TCP, by UDP and by an abstract local socket.
[_, tcp, udp, local | _] =
  File.read!(Path.join(System.get_env("BOOKTUNE_JOB"), "aim")) |> String.split("\n")
IO.inspect(:gen_tcp.connect({127, 0, 0, 1}, String.to_integer(tcp), [], 500))
with {:ok, socket} <- :gen_udp.open(0), do: :gen_udp.send(socket, {127, 0, 0, 1}, String.to_integer(udp), "hostile")
IO.inspect(:gen_tcp.connect({:local, <<0, local::binary>>}, 0, [], 500))
IO.inspect(:gen_tcp.connect({1, 1, 1, 1}, 80, [], 300))
IO.inspect(:inet.gethostbyname(~c"example.org"))
IO.puts("tried")
