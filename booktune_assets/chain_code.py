"""How the code of a book is verified from the lake, and the report of it.

Belongs here: what the verification reads and when it is current. Does not: verifying (``beam/``),
reuse and publishing (``chain.py``). It is no stage of the chain: nothing is made from it, and it
runs when somebody asks for it.
"""

from __future__ import annotations

from booktune_assets.chain import House, Made, Stage, fact

__all__ = ["STAGES"]


def _inputs(house: House, key: str) -> dict[str, str]:
    from booktune_assets.beam.toolchains import toolchains

    found = {name: fact(house, name, key) for name in ("sections", "sections__blocks")}
    found["sections__spans"] = fact(house, "sections__spans", key, positions=True)
    chains = toolchains(house.settings.beam.toolchains)
    return found | {"toolchains": "; ".join(chain.name for chain in chains)}


def _make(house: House, key: str) -> Made:
    from booktune_assets.beam.verify import counted, verify

    names = ("sections", "sections__blocks", "sections__spans")
    frames = {name: house.lake.read(name, key) for name in names}
    frame = verify(key, frames, house.settings.beam.toolchains)
    notes: dict[str, object] = {"toolchains": frame["toolchain"].unique().sort().to_list()}
    return Made(key, {"code_verification": frame}, counted(frame), notes)


STAGES: dict[str, Stage] = {
    "code_verification": Stage("booktune_assets.beam.verify", ("beam",), _inputs, _make)
}
