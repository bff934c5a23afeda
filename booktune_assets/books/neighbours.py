"""What stands beside a book on the shelf under its name: its sidecar, its pictures.

Belongs here: these names alone, so that the reading child need load nothing else for them. Does
not: what sidecars say (``shelf.py``), copying pictures (``brought.py``).
"""

from __future__ import annotations

import os
from pathlib import Path

from booktune_assets.ids import slug

__all__ = ["pictures_folder", "sidecar_path"]

_NAME_MAX = 255


def sidecar_path(path: Path) -> Path:
    """``<file>.toml`` beside a book, shortened where the name would pass 255 bytes."""
    return _beside(path, "toml")


def pictures_folder(path: Path) -> Path:
    """``<file>.pictures`` beside a text, where those that it names stand on the shelf."""
    return _beside(path, "pictures")


def _beside(path: Path, what: str) -> Path:
    name = f"{path.name}.{what}"
    if len(os.fsencode(name)) > _NAME_MAX:
        name = f"{slug(path.name)}.{what}"
    return path.with_name(name)
