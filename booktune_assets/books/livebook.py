"""Livebook notebooks, read: Markdown whose comments say what the next piece is.

Belongs here: the meaning of ``<!-- livebook:{…} -->``. Does not: Markdown itself (``markdown.py``),
writing notebooks (``notebook.py``).

Every mark is counted by what it says, and stands in ``raw_books__changes`` as what it was; no mark
takes text away. Text of a smart cell is the code that it wrote.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from booktune_assets.books.blocks import Limits, Parsed
from booktune_assets.books.desk import Desk
from booktune_assets.books.markdown import parse_text
from booktune_assets.books.retold import kind_of_next
from booktune_assets.errors import BookError, Code

__all__ = ["read_livebook"]

_OPENS, _CLOSES = "livebook:", "-->"
_MARKS = {
    "force_markdown": "forced_markdown", "break_markdown": "markdown_breaks",
    "branch_parent_index": "branches", "stamp": "stamps",
}  # fmt: skip
_OF_CELLS = ("reevaluate_automatically", "continue_on_error", "disable_formatting")
_OBJECTS = {"smart_cell": "smart_cells", "cell_input": "input_cells"}


def read_livebook(path: Path, limits: Limits, desk: Desk) -> Parsed:
    """The notebook in a ``.livemd`` file: sections, cells and outputs."""
    if path.stat().st_size > limits.unpacked:
        raise BookError(Code.TOO_LARGE, "Raise reading.unpacked_mb if you trust the file")
    marks = _Marks()
    parsed = parse_text(
        path.read_bytes(), "livemd", path.name, marks.read, (path, desk), limits.repairs_off
    )
    for name, number in marks.counts.items():
        parsed.count(name, number)
    parsed.count("outputs", sum(block.kind == "output" for block in parsed.blocks))
    parsed.count("setup_cells", _setup_cells(parsed))
    return parsed


def _setup_cells(parsed: Parsed) -> int:
    """Code between the notebook's title and its first section is run before all else."""
    setup = 0
    for number, block in enumerate(parsed.blocks):
        if block.kind == "heading" and number:
            return setup
        setup += block.kind == "code" and block.lang in ("elixir", "erlang")
    return 0


def _of_next(said: dict[str, Any]) -> bool:
    """Whether a mark speaks of the code or the heading below it, and so goes with it."""
    return (
        said.get("livebook_object") == "smart_cell"
        or said.get("force_markdown") is True
        or isinstance(said.get("branch_parent_index"), int)
        or any(name in said for name in _OF_CELLS)
    )


class _Marks:
    """The marks of one notebook, counted."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def read(self, comment: str) -> str | None:
        """``"output"``: the next fence is one; ``"mark"``: the comment belongs to it; else what an
        export says of the next paragraph (``retold.py``)."""
        inner = comment.removeprefix("<!--").strip()
        if kind := kind_of_next(comment):
            return kind
        if not inner.startswith(_OPENS) or not inner.endswith(_CLOSES):
            self.counts["comments"] += 1
            return None
        try:
            said: Any = json.loads(inner[len(_OPENS) : -len(_CLOSES)])
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            self.counts["broken_marks"] += 1
            return None
        if said.get("output") is True:
            return "output"
        self._count(said)
        return "mark" if _of_next(said) else None

    def _count(self, said: dict[str, Any]) -> None:
        if said.get("livebook_object") in _OBJECTS:
            self.counts[_OBJECTS[said["livebook_object"]]] += 1
        elif mark := next((name for name in _MARKS if name in said), None):
            self.counts[_MARKS[mark]] += 1
        elif any(name in said for name in _OF_CELLS):
            self.counts["cell_settings"] += 1
        else:
            self.counts["notebook_settings"] += 1
        files = said.get("file_entries")
        self.counts["attachments"] += len(files) if isinstance(files, list) else 0
