"""Families ``define`` and ``steps``, from tables: what an entry means, and all entries together.

Belongs here: which tables say one thing for each row, questions that name entry and column. Does
not: reading tables (``books/``), lists (``steps.py``).

A table counts when its first row names columns and its first column names things: options,
callbacks, constraints, keys. A cell is quoted as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from booktune_assets.pairs.candidate import Candidate, Quote, View
from booktune_assets.pairs.gates import unclear
from booktune_assets.pairs.overview import heading
from booktune_assets.pairs.phrases import keys
from booktune_assets.pairs.plurals import several
from booktune_assets.pairs.which import which_entry
from booktune_assets.pairs.wording_code import ask_code

__all__ = ["table_rows", "whole_table"]

ROWS = (2, 16)
COLUMNS = (2, 5)
CELL_MAX = 240
NAME_MAX = 48
WORDS_MIN = 4  # of all that is said of an entry
_HEAD = re.compile(r"[A-Z][A-Za-z' /-]{1,28}")
_CLAUSE = re.compile(r"\b(?:you|we|I|one|it|they)\b", re.I)  # a heading that is half a sentence
_TELLS = re.compile(
    r"(?:description|details?|meaning|explanation|purpose|notes?|remarks?|what it does|effect|"
    r"usage|use|comment)s?",
    re.I,
)
_ENTRY = re.compile(r"[\w.:/@&!?<>*+=|~^%#`'\"(){}\[\], -]+")
_EMPTY = re.compile(r"[-–—]?|n/a|none|yes|no|x|✓|✗", re.I)


@dataclass(slots=True)
class _Table:
    head: list[str]
    rows: list[list[Quote]]


def table_rows(view: View) -> Iterator[Candidate]:
    """One candidate per row that says enough, and then which row has that meaning."""
    for block in view.blocks:
        table = _read(view, block)
        if table is None:
            continue
        for row in table.rows:
            if made := _row(view, block, table, row):
                yield made
        if len(table.head) == 2 and _TELLS.fullmatch(_small(table.head[1])):
            yield from _which(view, table)


def whole_table(view: View) -> Iterator[Candidate]:
    """One candidate per table whose heading says what its entries belong to."""
    topic, language = heading(view), view.subject or view.language
    for block in view.blocks:
        table = _read(view, block)
        if table is None or not topic or not language or len(table.head) != 2:
            continue
        first, second = (_small(name) for name in table.head)
        lines = [_line(row) for row in table.rows]
        words = ask_code(
            "table_all", block["block_id"], things=several(first), what=second, topic=topic,
            language=language,
        )  # fmt: skip
        yield Candidate(
            "steps", block["block_id"], "", "theory", words, "\n".join(lines),
            [cell for row in table.rows for cell in row], glue=tuple(one[2:] for one in lines),
            borrowed=f"{topic}: {first}, {second}",
        )  # fmt: skip


def _read(view: View, block: dict[str, Any]) -> _Table | None:
    if block["kind"] != "table":
        return None
    lines: list[list[Quote]] = []
    place = 0
    for line in block["text"].split("\n"):
        cells: list[Quote] = []
        for cell in line.split(" | "):
            size = len(cell)
            cells.append(view.quote(block, place, place + size, "answer"))
            place += size + 3
        place -= 2  # a line ends with one sign, not with a bar between blanks
        lines.append(cells)
    head = [cell.text.strip() for cell in lines[0]]
    wide = COLUMNS[0] <= len(head) <= COLUMNS[1]
    if not wide or not all(_HEAD.fullmatch(name) for name in head):
        return None
    rows = lines[1:]
    if not ROWS[0] <= len(rows) <= ROWS[1] or any(len(row) != len(head) for row in rows):
        return None
    names = [row[0].text.strip() for row in rows]
    fit = all(0 < len(name) <= NAME_MAX and _ENTRY.fullmatch(name) for name in names)
    if not fit or len(set(names)) < len(names):
        return None
    return _Table(head, rows) if all(map(_clear, rows)) else None


def _clear(row: list[Quote]) -> bool:
    return all(len(cell.text) <= CELL_MAX and not unclear(cell.text) for cell in row)


def _row(
    view: View, block: dict[str, Any], table: _Table, row: list[Quote]
) -> Candidate | None:  # fmt: skip
    language = view.subject or view.language
    told = [
        (name, cell) for name, cell in zip(table.head[1:], row[1:], strict=True)
        if not _EMPTY.fullmatch(cell.text.strip())
    ]  # fmt: skip
    words = " ".join(cell.text for _, cell in told).split()
    if not language or not told or len(words) < (1 if len(table.head) == 2 else WORDS_MIN):
        return None
    entry = row[0].text.strip()
    first, second = _thing(table.head[0]), _small(table.head[1])
    key = f"{block['block_id']}:{entry}"
    kind = "table_row"
    if len(table.head) == 2 and not _TELLS.fullmatch(second) and not _CLAUSE.search(second):
        kind = "table_value"
    elif len(words) < WORDS_MIN:
        return None
    question = ask_code(
        kind, key, thing=first, entry=f"`{entry.strip('`')}`", what=second,
        topic=_within(view, first), language=language,
    )  # fmt: skip
    if kind == "table_value":
        answer = f"The {second} of `{entry.strip('`')}` is `{row[1].text.strip().strip('`')}`."
    elif len(told) == 1:
        answer = f"`{entry.strip('`')}`: {told[0][1].text.strip()}"
    else:
        answer = f"`{entry.strip('`')}`:\n" + "\n".join(f"- {n}: {c.text.strip()}" for n, c in told)
    return Candidate(
        "define", block["block_id"], "", "theory", question, answer, row,
        glue=tuple(line.removeprefix("- ") for line in answer.split("\n")), entry=entry.strip("`"),
    )  # fmt: skip


def _which(view: View, table: _Table) -> Iterator[Candidate]:
    thing, topic = _thing(table.head[0]), heading(view)
    for row in table.rows:
        entry, meaning = f"`{row[0].text.strip().strip('`')}`", row[1].text.strip()
        others = [one[1].text for one in table.rows if one is not row]
        if found := which_entry(view, row, thing, entry, meaning, topic, others):
            yield found


def _within(view: View, thing: str) -> str:
    """The heading, where it says more than the name of the column."""
    title = heading(view)
    return f" ({title})" if title and not keys(title) <= keys(thing) else ""


def _thing(head: str) -> str:
    """What a column of names is of: "Header name" is of headers, and "You do" of no thing."""
    return "entry" if _CLAUSE.search(head) else _small(head).removesuffix(" name")


def _line(row: list[Quote]) -> str:
    return f"- `{row[0].text.strip().strip('`')}`: {row[1].text.strip()}"


def _small(name: str) -> str:
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
