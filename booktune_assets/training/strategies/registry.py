"""All ways of not forgetting by the ``kind`` that settings name.

Belongs here: which class answers to which kind. Does not: any method. A class takes its settings
section (``settings_training``) as its one argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from booktune_assets.errors import BookError, Code
from booktune_assets.training.strategies.base import Strategy

__all__ = ["KINDS", "strategies"]

KINDS = {
    "ewc": "ewc:Ewc",
    "ewc_recorder": "ewc:EwcRecorder",
    "l2": "l2:L2",
    "replay": "replay:Replay",
    "progressive": "progressive:Progressive",
    "olora": "olora:Olora",
    "oplora": "oplora:Oplora",
    "si": "si:Si",
    "si_recorder": "si:SiRecorder",
}


def strategies(chosen: Sequence[Any]) -> list[Strategy]:
    """One object for each settings section, in order. Raises ``BAD_SETTING`` for two of a kind."""
    made: list[Strategy] = []
    for section in chosen:
        module, _, name = KINDS[section.kind].partition(":")
        found = import_module(f"booktune_assets.training.strategies.{module}")
        made.append(getattr(found, name)(section))
    names = [one.name for one in made]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BookError(
            Code.BAD_SETTING, "Name each way of not forgetting once", forgetting=", ".join(twice)
        )
    return made
