"""Livebook notebooks: Markdown whose comments say which fence is an output.

Belongs here: the meaning of ``<!-- livebook:{…} -->``. Does not: Markdown itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from booktune_assets.books.blocks import Limits, Parsed
from booktune_assets.books.desk import Desk
from booktune_assets.books.markdown import parse_text
from booktune_assets.errors import BookError, Code

__all__ = ["read_livebook"]

_OPENS, _CLOSES = "<!-- livebook:", "-->"


def read_livebook(path: Path, limits: Limits, desk: Desk) -> Parsed:
    """The notebook in a ``.livemd`` file: sections, cells and outputs."""
    if path.stat().st_size > limits.unpacked:
        raise BookError(Code.TOO_LARGE, "Raise reading.unpacked_mb if you trust the file")
    parsed = parse_text(
        path.read_bytes(), "livemd", path.name, note=_kind_of_next, shows=(path, desk)
    )
    parsed.count("outputs", sum(block.kind == "output" for block in parsed.blocks))
    return parsed


def _kind_of_next(comment: str) -> str | None:
    """``"output"`` when the comment says that the next fence is one."""
    if not comment.startswith(_OPENS) or not comment.endswith(_CLOSES):
        return None
    try:
        said: Any = json.loads(comment[len(_OPENS) : -len(_CLOSES)])
    except ValueError:
        return None
    return "output" if isinstance(said, dict) and said.get("output") is True else None
