"""When the page of a set is written, and where it lies.

Belongs here: ``reports/dataset-<id>.html``, its hash in the receipt, writing it again. Does not:
what is on it (``build.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from booktune_assets.ids import file_sha256
from booktune_assets.lake import Lake, Receipt, replaced
from booktune_assets.on_disk import Rows
from booktune_assets.settings import Settings

__all__ = ["mend_page", "page_of", "write_page"]


def write_page(
    settings: Settings, asset: str, key: str, frames: Mapping[str, pl.DataFrame | Rows],
    counts: Mapping[str, int], notes: Mapping[str, object],
) -> dict[str, object]:  # fmt: skip
    """Write the page of a set from its tables; the notes for its receipt: name and hash."""
    from booktune_assets.page.build import render_page
    from booktune_assets.page.data import gather

    data = gather(Lake(settings.lake), asset, key, frames, counts, notes)
    target = settings.reports / f"dataset-{key}.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    with replaced(target) as temp:
        temp.write_text(render_page(settings, data), encoding="utf-8")
    name = target.relative_to(settings.home)
    return {"page": str(name), "page_sha256": file_sha256(target)}


def mend_page(settings: Settings, receipt: Receipt) -> Path:
    """The page of a built set; written again when it is missing or is not what was written."""
    known = page_of(settings, receipt)
    if known is not None and receipt.notes.get("page_sha256") == file_sha256(known):
        return known
    lake = Lake(settings.lake)
    frames = {name: lake.read(name, receipt.key) for name in receipt.tables}
    told = write_page(settings, receipt.asset, receipt.key, frames, receipt.counts, receipt.notes)
    lake.note(receipt.asset, receipt.key, told)
    return settings.home / str(told["page"])


def page_of(settings: Settings, receipt: Receipt) -> Path | None:
    """Where the page of a set lies, if it is there."""
    name = receipt.notes.get("page")
    path = settings.home / str(name)
    return path if name and path.is_file() else None
