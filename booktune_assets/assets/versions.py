"""Code versions as Dagster shows them.

Belongs here: asking a stage for its version at definition time. Does not: the versions, which stand
beside the domain functions.
"""

from __future__ import annotations

from booktune_assets.chain import code_version

__all__ = ["version_of"]


def version_of(asset: str) -> str | None:
    """``<asset>.<n>``, or None while the stage's room is not there (a partial checkout)."""
    try:
        return code_version(asset)
    except ModuleNotFoundError as problem:
        if not (problem.name or "").startswith("booktune_assets"):
            raise
        return None
