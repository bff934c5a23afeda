"""The record of a listing: modules, definitions, uses.

Belongs here: the shapes that ``structure.py`` gives, and questions to them. Does not: reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["CALLABLE", "Defined", "Import", "Kind", "Module", "Structure", "Used"]

Kind = Literal[
    "function", "macro", "guard", "delegate", "callback", "macrocallback", "spec", "type",
    "struct", "exception", "record",
]  # fmt: skip
CALLABLE = frozenset(("function", "macro", "guard", "delegate"))


@dataclass(slots=True)
class Module:
    """A module, protocol or implementation (``kind``), with what it promises.

    ``uses`` are the names after ``use``; ``of`` and ``for_`` are the protocol and type of an
    implementation. ``exports`` is None where all public functions are seen (Elixir).
    """

    name: str
    kind: Literal["module", "protocol", "impl"]
    line: int
    span: tuple[int, int]
    behaviours: list[str] = field(default_factory=list[str])
    uses: list[str] = field(default_factory=list[str])
    of: str = ""
    for_: str = ""
    exports: set[tuple[str, int]] | None = None


@dataclass(slots=True)
class Defined:
    """Something that a listing defines. ``arity`` is the highest, ``low`` the one with every
    default left out; -1 for what has none (structs, records)."""

    kind: Kind
    module: str
    name: str
    arity: int
    low: int
    public: bool
    line: int
    span: tuple[int, int]
    clauses: int = 1
    guarded: bool = False

    @property
    def arities(self) -> range:
        """All arities that it can be called with."""
        return range(self.low, self.arity + 1)


@dataclass(slots=True)
class Used:
    """A call, or a function named (``captured``). ``module`` is empty for a local one; where an
    import or the listing itself decides, it is that module. ``within`` is ``Mod.fun/1``."""

    module: str
    name: str
    arity: int
    line: int
    span: tuple[int, int]
    captured: bool = False
    within: str = ""


@dataclass(slots=True)
class Import:
    """``import Mod``; ``only`` is None without ``only:`` (then everything comes)."""

    module: str
    only: frozenset[tuple[str, int]] | None = None
    excepted: frozenset[tuple[str, int]] = frozenset()


@dataclass(slots=True)
class Structure:
    """Everything found in a listing, in its order. Spans are bytes, lines count from 1."""

    lang: str
    modules: list[Module] = field(default_factory=list[Module])
    defines: list[Defined] = field(default_factory=list[Defined])
    uses: list[Used] = field(default_factory=list[Used])
    imports: list[Import] = field(default_factory=list[Import])
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    structs: set[str] = field(default_factory=set[str])  # whose structs or records it uses
    damaged: bool = False

    def functions(self) -> Iterator[Defined]:
        """What can be called: functions, macros, guards, delegates."""
        return (one for one in self.defines if one.kind in CALLABLE)

    def remote(self) -> Iterator[Used]:
        """Calls to a module by name, those to the listing's own modules left out."""
        own = {one.name for one in self.modules}
        return (one for one in self.uses if one.module and one.module not in own)

    def outside(self) -> Iterator[Used]:
        """Calls that the listing does not answer itself, local ones too."""
        local = {(one.module, one.name, n) for one in self.functions() for n in one.arities}
        here = {one.name for one in self.modules}
        for one in self.uses:
            if one.module in here or not one.module:
                homes = (one.module, *here, "") if not one.module else (one.module,)
                if any((home, one.name, one.arity) in local for home in homes):
                    continue
            yield one
