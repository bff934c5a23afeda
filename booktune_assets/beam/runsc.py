"""gVisor's ``runsc``, rootless: a kernel of its own in user space between a program and ours.

Belongs here: the bundle that runsc starts, and how three pipes go through its stdin, stdout and
stderr. Does not: which rung holds (``ladder.py``). Starts take ten times as long as bubblewrap's,
and CPU time counts gVisor's own work as the program's.
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from pathlib import Path

from booktune_assets.beam import keeper
from booktune_assets.beam.limits import CLEAN, JOB, JOB_FOLDER, NOBODY, REPLY_FD, REQUEST_FD
from booktune_assets.beam.orders import Order, Prepared, environment, folder

__all__ = ["MEMORY_MB", "TASKS", "prepare"]

# gVisor holds a thread of its own for each pairing of a program's process with one of its workers:
# with 256, ten processes at once could end it ("error initializing first thread").
TASKS = 1024
MEMORY_MB = 192  # memory that gVisor itself may need
# Only the three standard descriptors go in: they carry requests, replies and output.
_LIVE = 'exec 7<&0 8>&1 0</dev/null 1>&2; exec "$@"'
_ONCE = 'exec 7</dev/null 8>&1 1>&2; exec "$@"'
_APART = ("pid", "network", "ipc", "uts", "mount")


def prepare(runsc: Path, order: Order, passed: ExitStack, held: ExitStack) -> Prepared:
    place = folder(order, held)
    for name in ("root", "state"):
        (place / name).mkdir()
        if order.user is not None:
            os.chown(place / name, order.user, order.user)
    script = _LIVE if order.stdin is None else _ONCE
    command = ["/bin/sh", "-c", script, "sh", *order.bounded()]
    config = json.dumps(_config(place, order, command))
    (place / "config.json").write_text(config, encoding="utf-8")
    argv = [
        str(runsc), "--rootless", "--network=none", "--ignore-cgroups", f"--root={place}/state",
        "run", "-bundle", str(place), place.name,  # its name is one for the whole machine
    ]  # fmt: skip
    stdin = order.requests if order.stdin is None else order.stdin_file(passed)
    kept = keeper.line(argv, CLEAN, user=order.user, cwd=str(place))
    return Prepared(kept, [], stdin, order.replies, order.output, None)


def _config(place: Path, order: Order, command: list[str]) -> dict[str, object]:
    """An OCI bundle's ``config.json``."""
    seen = {REQUEST_FD: "7", REPLY_FD: "8", JOB_FOLDER: JOB}
    variables = [f"{name}={value}" for name, value in environment("/tmp", **seen).items()]
    size = f"size={order.limits.tmp_mb}m"
    mounts: list[dict[str, object]] = [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": [size, "mode=1777"]},
        _shown(place / "job", JOB),
    ]
    for name in ("usr", "bin", "sbin", "lib", "lib32", "lib64", "etc/alternatives"):
        path = Path("/", name)
        if path.is_dir():
            mounts.append(_shown(path.resolve(), str(path)))
    mounts += [_shown(path, str(path)) for path in order.read_only]
    return {
        "ociVersion": "1.0.0",
        "process": {
            "user": {"uid": NOBODY, "gid": NOBODY},
            "args": command,
            "env": variables,
            "cwd": "/tmp",
            "capabilities": {},
            "noNewPrivileges": True,
        },
        "root": {"path": "root", "readonly": True},
        "hostname": "sandbox",
        "mounts": mounts,
        "linux": {"namespaces": [{"type": kind} for kind in _APART]},
    }


def _shown(path: Path, inside: str) -> dict[str, object]:
    options = ["ro", "rbind"]
    return {"destination": inside, "type": "bind", "source": str(path), "options": options}
