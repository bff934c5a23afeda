# Kills its parents, and then everything there is.
:os.cmd(~c"kill -9 $PPID; kill -9 1")
:os.cmd(~c"for n in $(seq 2 60); do kill -9 $n; done; kill -9 -1")
Process.sleep(:infinity)
