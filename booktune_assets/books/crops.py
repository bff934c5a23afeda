"""A picture of where something stands on a page.

Belongs here: the question, asked of the bounded child. Does not: drawing (``draw.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from booktune_assets.books.bounded import ask

__all__ = ["crop_page"]

_SECONDS = 20.0
_MEMORY_MB = 1024
Rect = tuple[float, float, float, float]


def crop_page(
    path: Path, page: int, boxes: Sequence[Rect], *, dpi: int = 110, margin: float = 12
) -> bytes | None:
    """PNG of the region of a page that holds the boxes, each outlined; None without pages."""
    with path.open("rb") as handle:
        if b"%PDF-" not in handle.read(1024):
            return None
    task = {
        "do": "crop", "path": str(path.absolute()), "page": page,
        "boxes": [list(box) for box in boxes], "dpi": dpi, "margin": margin,
    }  # fmt: skip
    return ask(task, seconds=_SECONDS, memory_mb=_MEMORY_MB) or None
