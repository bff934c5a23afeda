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

__all__ = ["KINDS", "RECORDERS", "expands", "recorder", "strategies"]

KINDS = {
    "ewc": "ewc:Ewc",
    "l2": "l2:L2",
    "replay": "replay:Replay",
    "progressive": "progressive:Progressive",
    "olora": "olora:Olora",
    "oplora": "oplora:Oplora",
    "si": "si:Si",
    "fip": "fip:Fip",
    "kl": "kl:Kl",
    "dft": "dft:Dft",
    "asft": "asft:Asft",
    "stm": "stm:Stm",
    "talr": "talr:Talr",
    "sdft": "sdft:Sdft",
}
# what leaves the same to later stages and changes nothing
RECORDERS = {"ewc": "ewc:EwcRecorder", "si": "si:SiRecorder"}


def recorder(section: Any) -> Strategy:
    """What writes down, for a later stage, what the way of this section needs."""
    return _made(RECORDERS[section.kind], section)


def expands(chosen: Sequence[Any]) -> bool:
    """Does what is chosen give a whole model with added blocks, and no adapter?"""
    return any(one.kind == "progressive" and one.form == "block_expansion" for one in chosen)


def strategies(chosen: Sequence[Any]) -> list[Strategy]:
    """One object for each settings section, in order. Raises ``BAD_SETTING`` for two of a kind."""
    made = [_made(KINDS[section.kind], section) for section in chosen]
    names = [one.name for one in made]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BookError(
            Code.BAD_SETTING, "Name each way of not forgetting once", forgetting=", ".join(twice)
        )
    return made


def _made(place: str, section: Any) -> Strategy:
    module, _, name = place.partition(":")
    found = import_module(f"booktune_assets.training.strategies.{module}")
    made: Strategy = getattr(found, name)(section)
    return made
