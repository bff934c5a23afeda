"""What has to stand before an asset can be built: never tried, or behind its own inputs.

Belongs here: which asset needs which, for one who names a late one on a new shelf or after an edit.
Does not: what is stale (``build.state``), running (``assets/``).
"""

from __future__ import annotations

from collections.abc import Sequence

from booktune_assets.chain.build import fails_still, state
from booktune_assets.chain.house import BOOK_STAGES, PER_BOOK, SET_STAGES, UPSTREAM, House

__all__ = ["left_out", "never_built", "stale_above"]

NEEDS = {  # of all that is made: what has to stand before
    **{name: (above,) for name, above in UPSTREAM.items()},
    **dict.fromkeys(SET_STAGES, ("instruction_pairs",)),
    "rehearsal_set": ("sharegpt_set",),
    "lora_adapter": ("sharegpt_set", "rehearsal_set"),
    "eval_report": ("sharegpt_set", "lora_adapter"),
}


def never_built(house: House, assets: Sequence[str], keys: Sequence[str]) -> set[str]:
    """All that ``assets`` need and that was never tried as it stands: for one of the books, or for
    any of them.

    What is only stale is told by :func:`stale_above`.
    """
    found: set[str] = set()
    todo = list(assets)
    while todo:
        asset = todo.pop()
        for above in NEEDS.get(asset, ()):
            if above not in found and not _tried(house, above, keys, every=asset in PER_BOOK):
                found.add(above)
                todo.append(above)
    return found - set(assets)


def left_out(house: House, assets: Sequence[str], keys: Sequence[str]) -> list[str]:
    """Books that a set which is built now leaves out, for they were never built as they stand.

    A set takes the books that are ready; one that failed or is held is told where it did.
    """
    if "instruction_pairs" in assets or not set(assets) & set(SET_STAGES):
        return []
    return [
        key for key in keys
        if not house.lake.receipt("instruction_pairs", key)
        and not any(house.lake.failure(stage, key) for stage in BOOK_STAGES)
    ]  # fmt: skip


def stale_above(house: House, assets: Sequence[str], keys: Sequence[str]) -> dict[str, list[str]]:
    """Assets that ``assets`` are made from and that are stale, or are made from what is: with the
    books that it is about (empty for a set).

    A book whose newest file fails is left out: the sets keep what was made of the one before. The
    rehearsal set counts where the adapter itself is asked for; an adapter is never trained anew for
    the sake of a report.
    """
    above = _all_above(assets)
    found: dict[str, list[str]] = {}
    for key in keys if above else ():
        late = False
        for stage in BOOK_STAGES:
            now = "" if late else state(stage, key, house)
            if now == "failed":
                break
            late = late or now == "stale"
            if late and stage in above:
                found.setdefault(stage, []).append(key)
    for asset in SET_STAGES:
        if asset in above and (found or _late(asset, house)):
            found[asset] = []
    rehearsed = "lora_adapter" in assets and "rehearsal_set" not in assets
    if rehearsed and (found or not _whole("rehearsal_set", house)):
        found["rehearsal_set"] = []  # also one that failed: what is asked for rests on it
    return found


def _whole(asset: str, house: House) -> bool:
    """Current, and no build of other inputs has failed since: that one keeps what follows away
    until the asset is looked at again."""
    return state(asset, None, house) == "current" and house.lake.failure(asset, asset) is None


def _late(asset: str, house: House) -> bool:
    """Behind its inputs, also where the build that failed was one of other inputs."""
    return state(asset, None, house) in ("stale", "missing")


def _all_above(assets: Sequence[str]) -> set[str]:
    """All that these are made from, themselves left out unless another one needs them."""
    found: set[str] = set()
    todo = list(assets)
    while todo:
        new = set(NEEDS.get(todo.pop(), ())) - found
        found |= new
        todo += sorted(new)
    return found


def _tried(house: House, asset: str, keys: Sequence[str], *, every: bool) -> bool:
    """Built, or failed as it would now; of books all of them, or one where a set takes those that
    there are.

    What failed with other settings, inputs or code was not tried with these.
    """
    if asset not in PER_BOOK:
        return bool(house.lake.current_key(asset)) or fails_still(asset, None, house)
    tried = (bool(house.lake.receipt(asset, k)) or fails_still(asset, k, house) for k in keys)
    return all(tried) if every else any(tried)
