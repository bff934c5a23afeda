"""Books that are parts of one: a run of numbered files, each a chapter.

Belongs here: which books make a series, and putting them together. Does not: the graph of the shelf
(``shelf.py``).
"""

from __future__ import annotations

from collections.abc import Mapping

from booktune_assets.concepts.opened import NUMBERED, Entry, Opened

__all__ = ["one_book", "series"]


def series(keys: Mapping[str, str]) -> list[list[str]]:
    """Books that are parts of one by the numbers of their files; all others alone.

    ``keys`` are book keys with what the parts of a series share (format, authors). Three numbered
    files of a kind make a series, in the order of their numbers.
    """
    numbered: dict[str, list[tuple[int, str]]] = {}
    for key in sorted(keys):
        if found := NUMBERED.match(key):
            numbered.setdefault(keys[key], []).append((int(found[1]), key))
    runs = [[key for _, key in sorted(run)] for run in numbered.values() if len(run) >= 3]
    taken = {key for run in runs for key in run}
    return sorted([*runs, *([key] for key in sorted(keys) if key not in taken)])


def one_book(parts: list[Opened]) -> Opened:
    """The parts of a series as one book, each a chapter under the name of its file."""
    if len(parts) == 1:
        return parts[0]
    made = Opened(parts[0].book_id, [], [], {})
    for part in parts:
        start = len(made.sections)
        for place, row in enumerate(part.sections):
            made.sections.append({**row, "level": row["level"] + 1 if place else 1})
        made.blocks += [(number + start, row) for number, row in part.blocks]
        made.defining |= part.defining
        made.names |= {place + start: name for place, name in part.names.items()}
        made.entries += [
            Entry(e.kind, e.term, e.block, None if e.section is None else e.section + start)
            for e in part.entries
        ]
    return made
