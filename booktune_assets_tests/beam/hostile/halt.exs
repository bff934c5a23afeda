# Ends at once, as if all were well.
System.halt(0)
