"""The parent's side of the desk: files that the reading child hands out, written where they belong.

Belongs here: names, atomic writes, how much is taken. Does not: asking the child (``bounded.py``).

The child is not trusted: a name is one plain word in a known drawer, and sizes are bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from booktune_assets.lake import replaced

__all__ = ["Drawers"]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}\.(?:png|jpg|gif|webp|svg|json)")
_ALL_MAX = 2_000_000_000  # bytes that one book may hand out


@dataclass
class Drawers:
    """Folders by drawer (``figures``, ``ocr``); a drawer without a folder takes nothing."""

    folders: dict[str, Path] = field(default_factory=dict[str, Path])
    written: dict[str, Path] = field(default_factory=dict[str, Path])
    taken: int = 0

    def give(self, name: str, data: bytes) -> None:
        """Write a file of the child's, whole or not at all."""
        path = self._path(name)
        if path is None or self.taken + len(data) > _ALL_MAX:
            return
        self.taken += len(data)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path) as temp:
            temp.write_bytes(data)
        self.written[name] = path

    def want(self, name: str) -> bytes:
        """A kept file; empty when there is none."""
        path = self._path(name)
        if path is None or not path.is_file():
            return b""
        return path.read_bytes()

    def _path(self, name: str) -> Path | None:
        drawer, _, file = name.partition("/")
        if drawer not in self.folders or not _NAME.fullmatch(file):
            return None
        return self.folders[drawer] / file
