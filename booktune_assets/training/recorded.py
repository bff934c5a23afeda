"""What every stage writes down for the ways of later ones, whichever are chosen then.

Belongs here: which sections record, and which of their settings count. Does not: recording
(``strategies/si.py``, ``strategies/ewc.py``), stages (``stages.py``).

The path of synaptic intelligence and the importance of EWC are always left: they cannot be had
later, and the factored one takes 23 MB for Devstral. Only settings that recording reads are kept,
so a stage stays as it is while strengths are tuned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from booktune_assets.settings_training import Ewc, Forgetting, Si

__all__ = ["as_sections", "recorded"]

_EWC = ("space", "fisher", "full_max", "labels", "n", "online")


def as_sections(forgetting: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Settings sections of plain mappings."""
    return list(TypeAdapter(list[Forgetting]).validate_python([dict(one) for one in forgetting]))


def recorded(forgetting: Sequence[Any], *, first: bool) -> list[Any]:
    """Sections of what a stage records; the ``first`` has no earlier path that ξ would weigh."""
    chosen = {one.kind: one for one in forgetting}
    si, ewc = chosen.get("si"), chosen.get("ewc")
    return [
        Si() if si is None or first else Si(xi=si.xi, xi_unit=si.xi_unit),
        Ewc() if ewc is None else Ewc(**{name: getattr(ewc, name) for name in _EWC}),
    ]
