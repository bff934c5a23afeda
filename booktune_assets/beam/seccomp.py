"""A filter of system calls for sandboxed programs: fewer doors of the kernel stand open.

Belongs here: which calls are refused, the filter as the kernel reads it. Does not: loading it
(``bubblewrap.py`` and ``landlock.py`` do). It is a second fence: everything here is already
without effect inside namespaces, unless the kernel has a fault.

The system's libseccomp (Debian: ``libseccomp2``) makes the filter, since numbers of calls differ
by machine. Programs of 32 bits are killed, since their numbers are others.
"""

from __future__ import annotations

import ctypes
import os
from functools import lru_cache

__all__ = ["filter_bytes", "missing"]

# Nothing that Elixir, Erlang or a shell inside a sandbox has a use for.
_REFUSED = (
    "acct", "add_key", "adjtimex", "bpf", "chroot", "clock_adjtime", "clock_settime",
    "create_module", "delete_module", "fanotify_init", "finit_module", "fsconfig", "fsmount",
    "fsopen", "fspick", "get_kernel_syms", "init_module", "io_uring_enter", "io_uring_register",
    "io_uring_setup", "ioperm", "iopl", "kcmp", "kexec_file_load", "kexec_load", "keyctl",
    "lookup_dcookie", "migrate_pages", "modify_ldt", "mount", "mount_setattr", "move_mount",
    "move_pages", "name_to_handle_at", "nfsservctl", "open_by_handle_at", "open_tree",
    "perf_event_open", "personality", "pidfd_getfd", "pivot_root", "process_madvise",
    "process_vm_readv", "process_vm_writev", "ptrace", "query_module", "quotactl", "quotactl_fd",
    "reboot", "request_key", "setdomainname", "sethostname", "setns", "settimeofday", "stime",
    "swapoff", "swapon", "syslog", "umount", "umount2", "unshare", "uselib", "userfaultfd",
    "vhangup", "vm86", "vm86old",
)  # fmt: skip
_LIBRARY = "libseccomp.so.2"
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97
_EQUAL, _GREATER_EQUAL, _MASKED_EQUAL = 4, 5, 7
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
# CLONE_NEW… of time, mount, cgroup, uts, ipc, user, pid, net
_NAMESPACES = (1 << 7, 1 << 17, 1 << 25, 1 << 26, 1 << 27, 1 << 28, 1 << 29, 1 << 30)


class _Compare(ctypes.Structure):
    """libseccomp's ``struct scmp_arg_cmp``: argument, comparison, two operands."""

    _fields_ = (
        ("argument", ctypes.c_uint), ("how", ctypes.c_int),
        ("a", ctypes.c_uint64), ("b", ctypes.c_uint64),
    )  # fmt: skip


@lru_cache(maxsize=1)
def missing() -> str:
    """Why there is no filter here; empty where there is one."""
    try:
        filter_bytes(internet=True)
    except OSError as problem:
        return str(problem)
    return ""


@lru_cache(maxsize=2)
def filter_bytes(*, internet: bool) -> bytes:
    """The filter as BPF. ``internet``: sockets of IPv4 and IPv6 are allowed, which is for a
    sandbox with a network of its own. OSError where libseccomp is missing or too old."""
    library = _library()
    context = library.seccomp_init(_ALLOW)
    if not context:
        raise OSError("libseccomp makes no filter")
    try:
        for name in _REFUSED:
            _refuse(library, context, name, _EPERM)
        _refuse(library, context, "clone3", _ENOSYS)  # its flags cannot be seen: clone takes over
        for flag in _NAMESPACES:
            _refuse(library, context, "clone", _EPERM, (0, _MASKED_EQUAL, flag, flag))
        for request in (_TIOCSTI, _TIOCLINUX):  # typing into the terminal of others
            low = (1, _MASKED_EQUAL, 0xFFFF_FFFF, request)
            _refuse(library, context, "ioctl", _EPERM, low)
        _refuse_sockets(library, context, internet=internet)
        return _exported(library, context)
    finally:
        library.seccomp_release(context)


def _refuse_sockets(library: ctypes.CDLL, context: int, *, internet: bool) -> None:
    """All families but local ones and, if asked, IPv4 and IPv6."""
    refused = [0, *range(3, 10)] if internet else [0, *range(2, 11)]
    for family in refused:
        _refuse(library, context, "socket", _EAFNOSUPPORT, (0, _EQUAL, family, 0))
    _refuse(library, context, "socket", _EAFNOSUPPORT, (0, _GREATER_EQUAL, 11, 0))


def _refuse(
    library: ctypes.CDLL, context: int, name: str, error: int, *when: tuple[int, int, int, int]
) -> None:
    number = library.seccomp_syscall_resolve_name(name.encode())
    if number < 0:  # not on this machine, or not known to this libseccomp
        return
    compared = (_Compare * len(when))(*(_Compare(*one) for one in when))
    code = library.seccomp_rule_add_array(context, _ERRNO | error, number, len(when), compared)
    if code < 0:
        raise OSError(-code, f"libseccomp takes no rule for {name}")


def _exported(library: ctypes.CDLL, context: int) -> bytes:
    number = os.memfd_create("filter")
    with os.fdopen(number, "rb") as file:
        if (code := library.seccomp_export_bpf(context, number)) < 0:
            raise OSError(-code, "libseccomp exports no filter")
        file.seek(0)
        return file.read()


def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError:
        raise OSError(f"{_LIBRARY} is not installed (Debian: libseccomp2)") from None
    pointer, unsigned, number = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int
    library.seccomp_init.restype = pointer
    library.seccomp_init.argtypes = [unsigned]
    library.seccomp_release.restype = None
    library.seccomp_release.argtypes = [pointer]
    library.seccomp_syscall_resolve_name.argtypes = [ctypes.c_char_p]
    library.seccomp_rule_add_array.argtypes = [pointer, unsigned, number, ctypes.c_uint, pointer]
    library.seccomp_export_bpf.argtypes = [pointer, number]
    return library
