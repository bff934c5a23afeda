# Tries to leave a file anywhere.
[secret | _] = File.read!(Path.join(System.get_env("BOOKTUNE_JOB"), "aim")) |> String.split("\n")
places = ["/", "/usr", "/usr/bin", "/usr/lib", "/etc", "/var/tmp", "/home", "/root", "/dev", "/dev/shm"]
for place <- [Path.dirname(secret), System.get_env("BOOKTUNE_JOB") | places] do
  File.write(Path.join(place, "hostile-mark"), "here")
  File.mkdir(Path.join(place, "hostile-mark-folder"))
  File.ln_s("/etc/passwd", Path.join(place, "hostile-mark-link"))
end
File.write(secret, "changed")
File.rm(secret)
File.rm_rf(Path.dirname(secret))
File.write("/dev/shm/hostile-mark", "here")
:os.cmd(~c"mount -t tmpfs none /usr; unshare -Ur true; chmod 777 /; mknod /tmp/disk b 254 0; dd if=/tmp/disk count=1")
IO.puts("tried")
