"""How the code of a book is verified from the lake, and the report of it; who runs that of pairs.

Belongs here: what the verification reads and when it is current. Does not: verifying (``beam/``,
``pairs/execute.py``), reuse and publishing (``build.py``). It is no stage of the chain: nothing is
made from it, and it runs when somebody asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from booktune_assets.chain.house import House, Made, Stage, fact

if TYPE_CHECKING:
    from booktune_assets.pairs.execute import Runner

__all__ = ["STAGES", "code_run_by", "pairs_runner", "rehearsal_runner"]


def pairs_runner(house: House) -> Runner | None:
    """What runs the code of pairs: None when the settings or the machine do not let it."""
    from booktune_assets.pairs.execute import find_runner

    settings = house.settings
    if not settings.pairs.execute:
        return None
    return find_runner(settings.cache, settings.beam.toolchains)


def rehearsal_runner(house: House) -> Runner | None:
    """What runs code that a model wrote, whether or not that of pairs is run."""
    from booktune_assets.pairs.execute import find_runner

    settings = house.settings
    wanted = settings.rehearsal.sized(settings.profile)
    if not (wanted.synthesised_rows and wanted.execute):
        return None
    return find_runner(settings.cache, settings.beam.toolchains)


def code_run_by(house: House) -> str:
    """The toolchain that verdicts on pairs depend on; empty when nothing is run."""
    runner = pairs_runner(house)
    return runner.name if runner else ""


def _inputs(house: House, key: str) -> dict[str, str]:
    from booktune_assets.beam.toolchains import toolchains

    found = {name: fact(house, name, key) for name in ("sections", "sections__blocks")}
    found["sections__spans"] = fact(house, "sections__spans", key, positions=True)
    chains = toolchains(house.settings.beam.toolchains)
    return found | {"toolchains": "; ".join(chain.name for chain in chains)}


def _make(house: House, key: str) -> Made:
    from booktune_assets.beam.book_code import code_frames
    from booktune_assets.beam.places import places_of
    from booktune_assets.beam.verify import counted, passages, verify

    names = ("sections", "sections__blocks", "sections__spans")
    frames = {name: house.lake.read(name, key) for name in names}
    frame = verify(key, frames, house.settings.beam.toolchains)
    notes: dict[str, object] = {"toolchains": frame["toolchain"].unique().sort().to_list()}
    found = passages(frames["sections"], frames["sections__blocks"])
    places = places_of(frames["sections__spans"])
    beside = code_frames(key, found, places, house.settings.cache)
    counts = counted(frame) | {
        name: beside[f"code_verification__{name}"].height for name in ("symbols", "calls")
    }
    return Made(key, {"code_verification": frame} | beside, counts, notes)


STAGES: dict[str, Stage] = {
    "code_verification": Stage("booktune_assets.beam.verify", ("beam",), _inputs, _make)
}
