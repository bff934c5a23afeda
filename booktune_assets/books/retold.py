"""Comments in an exported notebook: where a piece is from, and kinds that Markdown has no mark for.

Belongs here: remarks that say so, written and read, and what they stand between. Does not:
notebooks (``notebook.py``), other marks of Livebook (``livebook.py``).

A caption is a paragraph in italics there, a note a quotation, and so are texts that are neither:
only the remark above tells them apart when the notebook is read again. What the export put before
the words ("Figure 1. ", "Footnote: ") is told, too, and taken off again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import dropwhile, pairwise, takewhile
from typing import Any

from booktune_assets.books.blocks import Block
from booktune_assets.books.ledger import Ledger

__all__ = ["OUTPUT", "kind_of_next", "opens_section", "remark", "remark_of_kind", "take_label"]

OUTPUT = '<!-- livebook:{"output":true} -->'
_SETUP = ("elixir", "pyproject.toml")  # of the cells that run before all others
_REMARK = re.compile(r"<!--\s*booktune:(?P<said>\{.*\})\s*-->", re.S)
_KINDS = ("caption", "figure", "footnote")
_COUNTED = re.compile(r"(?P<label>[A-Z][a-z]{3,8}) (?P<number>\d[\w.-]{0,11})\. ")
_LABEL_CHARS = 24


def remark(facts: Mapping[str, Any]) -> str:
    """A comment that no text can end early, and that Livebook does not take for its own."""
    said = json.dumps({name: fact for name, fact in facts.items() if fact}, ensure_ascii=False)
    said = said.replace(">", "\\u003e").replace("--", "-\\u002d").replace("\n", " ")
    return f"<!-- booktune:{said} -->"


def remark_of_kind(kind: str, label: str) -> str:
    """What stands above a block; ``label`` was put before its words."""
    return remark({"kind": kind, "label": label})


def kind_of_next(comment: str) -> str | None:
    """The kind of the block below, with what was put before its words behind a space."""
    found = _REMARK.fullmatch(comment.strip())
    try:
        said: Any = json.loads(found["said"]) if found else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("kind") not in _KINDS:
        return None
    return f"{said['kind']} {str(said.get('label') or '')[:_LABEL_CHARS]}"


def take_label(block: Block, label: str, ledger: Ledger) -> None:
    """Take off what the export put before the words of a block; a caption keeps its number."""
    if not label or not block.text.startswith(label):
        return
    block.text, block.markup = block.text.removeprefix(label), None
    block.places[0].end = len(block.text)
    if counted := _COUNTED.fullmatch(label):
        block.label, block.number = counted["label"].lower(), counted["number"]
        ledger.took(1, "heading_number", label, block=block, why="is kept as its number")
    else:
        ledger.took(1, "mark", label, block=block, why="says what the block is")


def opens_section(parts: Sequence[str]) -> bool:
    """Whether Livebook makes a section, its first, of what stands between a notebook's name and its
    first ``##``: there are cells, and not setup cells alone."""
    after = list(dropwhile(lambda part: not part.startswith("# "), parts))[1:]
    above = list(takewhile(lambda part: not part.startswith("## "), after))
    cells = [
        part for before, part in pairwise(["", *above])
        if before != OUTPUT and not part.startswith("<!-- ")
    ]  # fmt: skip
    elixir, python = (f"```{word}\n" for word in _SETUP)
    kinds = [cell.startswith(elixir) - cell.startswith(python) for cell in cells]
    return bool(cells) and kinds not in ([1], [1, -1])
