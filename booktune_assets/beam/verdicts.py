"""What a judgement says: its class, what it is worth, and why.

Belongs here: the classes and the record. Does not: how a verdict comes about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["DETAIL_MAX", "Assurance", "Status", "Verdict", "said"]

DETAIL_MAX = 2_000  # characters

Status = Literal[
    "pass", "fail", "compile_error", "timeout", "oom", "killed", "output_limit", "suspicious",
    "unsupported", "harness_error",
]  # fmt: skip
# split: tests and candidate in two BEAMs. in_beam: in one, and for a pass in one that was fresh.
# warm: in one that others used before: a first look. none: nothing was run.
Assurance = Literal["split", "in_beam", "warm", "none"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``harness_error`` is a fault of ours or of the problem, never the candidate's. ``phase``
    says where a limit was met; ``cpu_seconds`` counts both BEAMs. ``late``: the tests had to wait
    for a processor, so what they wait for by the clock may have been late too."""

    status: Status
    detail: str = ""
    tests_run: int = 0
    cpu_seconds: float = 0.0
    assurance: Assurance = "none"
    phase: Literal["", "compile", "run"] = ""
    late: bool = False

    @property
    def score_status(self) -> str:
        """As rows of scores have it: a pass is ``ok``, or ``ok_in_beam`` where it rests on less
        than two BEAMs; the class of the others."""
        if self.status != "pass":
            return self.status
        return "ok" if self.assurance == "split" else "ok_in_beam"


def said(text: str | bytes) -> str:
    """A detail, bounded: its beginning, where the reason stands."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return text.strip()[:DETAIL_MAX]
