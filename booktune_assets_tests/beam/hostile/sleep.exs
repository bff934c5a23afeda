# Does nothing, for ever.
Process.sleep(:infinity)
