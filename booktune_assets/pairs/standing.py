"""What stays from section to section of a chapter: named tables and registered processes.

Belongs here: which lines typed in earlier sections made or filled a thing that this section calls
by its name. Does not: modules of earlier sections (``posed.py``), which of these lines an
expression needs (``posed.py`` too), running them.

A chapter on tables creates one, fills it in the next section and looks things up in the third. What
is looked up there is clear only with the lines before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from booktune_assets.concepts.mentions import code_without_text
from booktune_assets.pairs.sessions import Entry, entries

__all__ = ["standing_lines"]

Block = dict[str, Any]
_MAKES = (
    re.compile(r":ets\.new\(\s*:(\w+)[^\n]*:named_table"),
    re.compile(r"\bets:new\(\s*(\w+)[^\n]*\bnamed_table"),
    re.compile(r"\bProcess\.register\([^\n]*,\s*:(\w+)\s*\)"),
    re.compile(r"(?<![\w.])register\(\s*([a-z]\w*)\s*,"),
)
_ATOM = {
    "iex": re.compile(r"(?<![\w:]):([a-z]\w*)(?![\w.])"),
    "erl_shell": re.compile(r"(?<![\w:.])([a-z]\w*)(?![\w(:])"),
}


def standing_lines(
    sections: Iterable[tuple[str, Sequence[Block]]],
) -> Iterator[list[tuple[Block, Entry]]]:
    """For each section the lines of earlier ones that speak of a name which it uses and does not
    make. ``sections`` are (chapter, blocks) in book order; nothing passes from chapter to chapter.
    """
    chapter = ""
    typed: list[tuple[Block, Entry, set[str]]] = []
    made: set[str] = set()
    for title, blocks in sections:
        if title != chapter:
            chapter, typed, made = title, [], set()
        own = [
            (block, entry, _atoms(entry.expression, block["kind"]))
            for block in blocks
            if block["kind"] in ("iex", "erl_shell")
            for entry in entries(block["text"], block["kind"])
        ]
        here = _made(own)
        wanted = {name for _, _, names in own for name in names} & (made - here)
        yield [(block, entry) for block, entry, names in typed if names & wanted]
        typed += own
        made |= here


def _atoms(expression: str, shell: str) -> set[str]:
    return set(_ATOM[shell].findall(code_without_text(expression)))


def _made(typed: Iterable[tuple[Block, Entry, set[str]]]) -> set[str]:
    """Names that these lines give to a table or a process."""
    said = [entry.expression for _, entry, _ in typed]
    return {name for one in said for shape in _MAKES for name in shape.findall(one)}
