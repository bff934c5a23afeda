"""A book in many files as one: the shelf knows a book by the bytes of one file.

Belongs here: the question, asked of the bounded child. Does not: following includes
(``asciidoc.py``), copying books (the verb ``add``).
"""

from __future__ import annotations

import re
from pathlib import Path

from booktune_assets.books.bounded import ask
from booktune_assets.settings import Reading

__all__ = ["whole_of"]

_INCLUDES = re.compile(rb"^include::[^\n\[]+\[", re.M)


def whole_of(path: Path, reading: Reading) -> bytes | None:
    """The text of an AsciiDoc file with all that it includes; None where it includes nothing.

    Files in its folder and below are taken in, other includes stay as they are. Raises what
    ``read_book`` raises.
    """
    if not _INCLUDES.search(path.read_bytes()):
        return None
    limits = {"unpacked_mb": reading.unpacked_mb}
    task = {"do": "whole", "path": str(path.absolute()), "limits": limits}
    return ask(task, seconds=reading.seconds_per_book, memory_mb=reading.memory_mb)
