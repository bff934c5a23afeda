"""What a reader may hand out and ask for while it reads: bytes of figures, results kept before,
room for what it will want again.

Belongs here: the desk of a reader, in memory and over the pipe of the worker. Does not: where the
bytes are kept (the parent's side decides: ``bounded.py``, ``keeping.py``), what they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from booktune_assets.books.scratch import Scratch, Spilled

__all__ = ["Desk", "PipeDesk"]


@dataclass
class Desk:
    """Keeps what it is given in memory. ``figures``: whether pictures are wanted at all."""

    figures: bool = False
    given: dict[str, bytes] = field(default_factory=dict[str, bytes])
    scratch: Scratch = field(default_factory=Scratch)

    def give(self, name: str, data: bytes) -> None:
        """Hand out a file: ``figures/<name>`` or ``ocr/<name>``."""
        self.given[name] = data

    def want(self, name: str) -> bytes | None:
        """What was kept under a name before, or None."""
        return self.given.get(name)


class PipeDesk(Desk):
    """The desk of the worker, which may write no file: everything goes through the parent."""

    def __init__(self, figures: bool, tell: Callable[[str, bytes], None],
                 ask: Callable[[str], bytes], scratch: Spilled) -> None:  # fmt: skip
        super().__init__(figures, scratch=scratch)
        self._tell, self._ask = tell, ask

    def give(self, name: str, data: bytes) -> None:
        """Send the bytes to the parent and forget them."""
        self._tell(name, data)

    def want(self, name: str) -> bytes | None:
        """Ask the parent; an empty answer is none."""
        return self._ask(name) or None
