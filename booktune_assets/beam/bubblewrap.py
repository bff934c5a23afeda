"""The command line of bubblewrap: what a command inside sees and inherits.

Belongs here: mounts, namespaces, the environment inside, limits that are inherited. Does not:
which tool is used (``ladder.py``), the process around it (``live.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path

from booktune_assets.beam.limits import CLEAN, JOB, NOBODY, Limits

__all__ = ["bounded", "command_line"]

# The first process waits for the command: it reaps orphans, cannot be killed from inside, and
# the CPU time of what it waited for is counted where there are no cgroups.
_FIRST = '"$@"; exit $?'


def command_line(
    bwrap: Path, command: Sequence[str], job: Mapping[str, int], limits: Limits,
    read_only: Sequence[Path], environment: Mapping[str, str], *, grouped: bool,
    seccomp: int | None = None,
) -> list[str]:  # fmt: skip
    """``job`` is name → descriptor with the file's bytes; ``environment`` is added inside;
    ``grouped``: a cgroup already bounds memory and counts CPU time."""
    argv = [str(bwrap), *_view(job, limits, read_only)]
    if seccomp is not None:
        argv += ["--seccomp", str(seccomp)]
    for name, value in {**CLEAN, "HOME": "/tmp", "LANG": "C.UTF-8", **environment}.items():
        argv += ["--setenv", name, value]
    return [*argv, "--", *bounded(command, limits, grouped=grouped)]


def _view(job: Mapping[str, int], limits: Limits, read_only: Sequence[Path]) -> list[str]:
    view = ["--unshare-all", "--die-with-parent", "--new-session", "--as-pid-1", "--clearenv"]
    view += ["--uid", str(NOBODY), "--gid", str(NOBODY), "--cap-drop", "ALL"]
    view += ["--hostname", "sandbox", "--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            view += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            view += ["--ro-bind", str(path), str(path)]
    for path in ("/etc/ld.so.cache", "/etc/alternatives"):
        view += ["--ro-bind-try", path, path]
    for path in read_only:
        view += ["--ro-bind", str(path), str(path)]
    view += ["--dev", "/dev", "--size", str(limits.tmp_mb << 20), "--tmpfs", "/tmp", "--dir", JOB]
    for name, number in job.items():
        view += ["--perms", "0444", "--ro-bind-data", str(number), f"{JOB}/{name}"]
    return [*view, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]


def bounded(command: Sequence[str], limits: Limits, *, grouped: bool) -> list[str]:
    """The command below a first process, with limits that it inherits and cannot raise."""
    # where a cgroup counts, the limit of each process is only a second fence
    cpu = ceil(limits.cpu_seconds) + (2 if grouped else 0)
    bounds = [
        f"--cpu={cpu}:{cpu + 1}", f"--fsize={limits.file_mb << 20}", "--core=0",
        f"--nofile={limits.open_files}", f"--nproc={limits.tasks}",
    ]  # fmt: skip
    if not grouped:
        bounds.append(f"--data={limits.memory_mb << 20}")
    return ["/bin/sh", "-c", _FIRST, "sh", "prlimit", *bounds, *command]
