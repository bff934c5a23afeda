# Starts the port mapper and makes a node of itself.
:os.cmd(~c"epmd -daemon")
IO.inspect(:net_kernel.start([:"hostile@127.0.0.1", :longnames]))
IO.inspect(:erl_epmd.names())
IO.puts("tried")
