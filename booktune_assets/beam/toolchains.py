"""The Elixir and Erlang installations of this machine.

Belongs here: finding them, on ``PATH`` and in folders that a setting names, and their versions.
Does not: what is run with them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

__all__ = ["Toolchain", "toolchains"]

_ELIXIR = re.compile(r"^Elixir (\S+)", re.M)
_OTP = re.compile(r"Erlang/OTP (\d+)")
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Toolchain:
    """One pair of Elixir and OTP. ``path`` is the PATH that finds it, ``folders`` are what has to
    be shown in the sandbox because it does not lie under ``/usr``."""

    elixir: str
    otp: str
    path: str
    folders: tuple[Path, ...] = ()

    @property
    def name(self) -> str:
        """As rows record it: ``elixir 1.14.0, otp 25``."""
        return f"elixir {self.elixir}, otp {self.otp}"

    @property
    def program(self) -> str:
        """Its own ``elixir``: PATH may lead to that of another installation."""
        return str(Path(self.path.split(os.pathsep)[0]) / "elixir")


def toolchains(folders: Sequence[str] = ()) -> list[Toolchain]:
    """Every installation on ``PATH`` and in ``folders`` (of an installation or its ``bin``), each
    pair of versions once; empty when there is none."""
    return list(_found(tuple(folders), os.environ.get("PATH", os.defpath)))


@lru_cache(maxsize=4)
def _found(folders: tuple[str, ...], path: str) -> tuple[Toolchain, ...]:
    bins: list[Path] = []
    for folder in folders:
        here = Path(folder).expanduser().absolute()
        bins.append(here / "bin" if (here / "bin" / "elixir").is_file() else here)
    bins += [Path(part).absolute() for part in path.split(os.pathsep) if part]
    seen: dict[Path, Path] = {}
    for folder in bins:
        program = folder / "elixir"
        if program.is_file() and os.access(program, os.X_OK):
            seen.setdefault(program.resolve(), folder)
    known: dict[str, Toolchain] = {}
    for program, folder in seen.items():
        if found := _toolchain(program, folder, path):
            known.setdefault(found.name, found)
    return tuple(known.values())


def _toolchain(program: Path, folder: Path, path: str) -> Toolchain | None:
    """The versions that an ``elixir`` names; its ``erl`` is the one beside it, else on PATH."""
    erl = shutil.which("erl", path=f"{folder}{os.pathsep}{path}")
    if erl is None:
        return None
    inside = os.pathsep.join(
        dict.fromkeys([str(folder), str(Path(erl).parent), "/usr/local/bin", "/usr/bin", "/bin"])
    )
    try:
        ran = subprocess.run(
            [str(folder / "elixir"), "--version"], capture_output=True, text=True, check=False,
            timeout=_SECONDS, env={"PATH": inside, "HOME": "/nonexistent", "LANG": "C.UTF-8"},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    elixir, otp = _ELIXIR.search(ran.stdout), _OTP.search(ran.stdout)
    if elixir is None or otp is None:
        return None
    homes = {
        folder,
        folder.resolve(),
        program.parents[1],
        Path(erl).resolve().parents[1],
        Path(erl).parent,
    }
    outside = {home for home in homes if not home.is_relative_to("/usr") and str(home) != "/bin"}
    return Toolchain(elixir[1], otp[1], inside, tuple(sorted(outside)))
