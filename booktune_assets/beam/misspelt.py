"""Is a module that nobody knows another one's name with a slip of the pen?

Belongs here: which slips there are, and which names are rather names of their own. Does not: which
modules there are (``symbols.py``, ``priv/session_worker.exs``), packages (``packages.py``).

A name is near by one letter that is wrong, lost, added or swapped with its neighbour, or by
capitals alone; a long one by two such. That alone would take many a package and many a module that
a book does not show for a slip, so the near module has to have the function that is called, and
names that differ in the way in which people name things apart (another beginning, a number, an
ending, a plural) are no slips.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from booktune_assets.beam.packages import package_of
from booktune_assets.beam.session import Answer
from booktune_assets.beam.steps import Check

__all__ = ["meant", "misspelt"]

_SHORT = 3  # letters: in such a name only swapped letters are told from another name
_SURE = 5  # where nobody can say what is called
_LONG = 8  # may have two slips
Near = tuple[str, bool | None]


def meant(module: str, near: Iterable[Near], own: Container[str] = ()) -> str:
    """The module that is meant; empty when there is none, or when the name is that of a package.

    Modules are named as in Elixir. ``near``: those that may be it, and whether each has what is
    called (None: nobody knows what is); ``own``: modules of the book, of which a plural is none.
    """
    if package_of(module):
        return ""
    found: list[tuple[int, str]] = []
    for name, has in near:
        far = 0 if has is False else _slips(module, name, has is True, name in own)
        if far:
            found.append((far, name))
    return min(found)[1] if found else ""


def misspelt(check: Check, answer: Answer, own: Container[str]) -> str:
    """The module that is meant where the error of an answer names one that nobody knows; mostly
    empty. ``own``: modules of the book, as their sources name them."""
    if not answer.near:
        return ""
    typed, *rest = answer.near
    bare = typed.lstrip(":")
    if bare in own or bare.partition(".")[0] == "Mix":
        return ""
    used = re.search(rf"\buse\s+{re.escape(bare)}\b", check.code) is not None
    pairs = [one.rpartition("=")[::2] for one in rest]
    near = [(name, _has(flags, used)) for name, flags in pairs]
    ours = {name for name, _ in near if name.lstrip(":") in own}
    found = meant(typed, near, ours)
    return found.lstrip(":") if check.lang == "erlang" else found


def _has(flags: str, used: bool) -> bool | None:
    """Has a near module what is called?"""
    if flags[:1] == "?":
        return "u" in flags if used else None
    return flags[:1] == "+"


def _slips(typed: str, name: str, called: bool, own: bool) -> int:
    """How many slips lead from the name to what was typed; 0 when it is a name of its own."""
    one, two = typed.split("."), name.split(".")
    if len(one) != len(two) or typed.startswith(":") != name.startswith(":"):
        return 0
    pairs = [(a.lstrip(":"), b.lstrip(":")) for a, b in zip(one, two, strict=True) if a != b]
    if len(pairs) != 1 or _apart(*pairs[0], called and not own):
        return 0
    part, right = pairs[0]
    if part.casefold() == right.casefold():
        return 1
    far = _distance(part, right)
    most = 2 if called and len(right) >= _LONG else 1
    return far if far <= most and (called or len(right) >= _SURE) else 0


def _apart(typed: str, name: str, plural: bool) -> bool:
    """Do they differ as names do that stand for two things?"""
    if typed.casefold() == name.casefold():
        return len(name) < 2
    if re.findall(r"\d+", typed) != re.findall(r"\d+", name):
        return True
    swapped = len(typed) == len(name) and sorted(typed.casefold()) == sorted(name.casefold())
    if swapped:
        return len(name) < _SHORT
    if len(name) <= _SHORT and typed != name + "s":
        return not _doubled(typed, name)
    if typed[0].casefold() != name[0].casefold():
        return True
    if name + "s" == typed or typed + "s" == name:
        return not plural
    return typed.startswith(name) and not _doubled(typed, name)


def _doubled(typed: str, name: str) -> bool:
    """Is it the name with one letter typed twice?"""
    return any(name[: at + 1] + name[at:] == typed for at in range(len(name)))


def _distance(one: str, other: str) -> int:
    """Letters wrong, lost, added or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        last, row = row, [i]
        for j, b in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if before and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = last
    return row[-1]
