# Processes of the BEAM without end, each of which starts more.
bomb = fn bomb ->
  spawn(fn -> bomb.(bomb) end)
  spawn(fn -> bomb.(bomb) end)
  Process.sleep(:infinity)
end
bomb.(bomb)
