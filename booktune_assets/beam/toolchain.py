"""The Elixir and Erlang that are installed here, asked inside the sandbox.

Belongs here: running a script of ``priv/`` on data, and which versions answer. Does not: what the
scripts do, untrusted code (``runner.py``).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from booktune_assets.beam.sandbox import JOB, Limits, Ran, run
from booktune_assets.errors import MissingPrerequisite

__all__ = ["ask", "elixir_found", "toolchain_version"]

PRIV = Path(__file__).parent / "priv"
# one thread is enough, and nothing may listen
_EMULATOR = (
    "+S 1:1 +SDcpu 1:1 +SDio 1 +A 1 +sbwt none +sbwtdcpu none +sbwtdio none -proto_dist none"
)
_VERSION = (
    "Port.open({:fd, 0, String.to_integer(System.fetch_env!(\"BOOKTUNE_REPLY_FD\"))}, [:out])"
    " |> Port.command(\"elixir-#{System.version()}-otp-#{System.otp_release()}\")"
)  # fmt: skip


def elixir_found() -> bool:
    """Is there an ``elixir`` to call?"""
    return shutil.which("elixir") is not None


def ask(script: str, files: Mapping[str, str], limits: Limits) -> Ran | None:
    """Run a script of ``priv/`` with ``files`` under ``/job``; None without Elixir or sandbox."""
    if not elixir_found():
        return None
    source = (PRIV / script).read_text(encoding="utf-8")
    command = ["env", "ERL_CRASH_DUMP_BYTES=0", "elixir", "--erl", _EMULATOR, f"{JOB}/{script}"]
    try:
        return run(command, {**files, script: source}, limits, read_only=_folders())
    except MissingPrerequisite:
        return None


@lru_cache(maxsize=1)
def toolchain_version() -> str:
    """Such as ``elixir-1.14.0-otp-25``; empty without Elixir or sandbox."""
    if not elixir_found():
        return ""
    command = ["env", "ERL_CRASH_DUMP_BYTES=0", "elixir", "--erl", _EMULATOR, "-e", _VERSION]
    try:
        ran = run(command, {}, Limits(20, 120.0), read_only=_folders())
    except MissingPrerequisite:
        return ""
    return ran.reply.decode("utf-8", "replace").strip()


@lru_cache(maxsize=1)
def _folders() -> tuple[Path, ...]:
    """Folders of an Elixir or Erlang that is not under ``/usr``."""
    found = (shutil.which(name) for name in ("elixir", "erl"))
    homes = {Path(path).resolve().parents[1] for path in found if path}
    return tuple(sorted(home for home in homes if not home.is_relative_to("/usr")))
