"""What has to stand before an asset can be built, and was never tried.

Belongs here: which asset needs which, for one who names a late one on a new shelf. Does not: what
is stale (``chain.py``), running (``assets/``).
"""

from __future__ import annotations

from collections.abc import Sequence

from booktune_assets.chain import PER_BOOK, SET_STAGES, UPSTREAM, House

__all__ = ["never_built"]

NEEDS = {  # of all that is made: what has to stand before
    **{name: (above,) for name, above in UPSTREAM.items()},
    **dict.fromkeys(SET_STAGES, ("instruction_pairs",)),
    "rehearsal_set": ("sharegpt_set",),
    "lora_adapter": ("sharegpt_set", "rehearsal_set"),
    "eval_report": ("sharegpt_set", "lora_adapter"),
}


def never_built(house: House, assets: Sequence[str], keys: Sequence[str]) -> set[str]:
    """All that ``assets`` need and that was never tried: for one of the books, or for any of them.

    What is only stale is left as it is: naming an asset does not ask for what stands above it.
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


def _tried(house: House, asset: str, keys: Sequence[str], *, every: bool) -> bool:
    """Built or failed; of books all of them, or one where a set takes those that there are."""
    if asset not in PER_BOOK:
        return bool(house.lake.current_key(asset) or house.lake.failure(asset, asset))
    tried = (bool(house.lake.receipt(asset, k) or house.lake.failure(asset, k)) for k in keys)
    return all(tried) if every else any(tried)
