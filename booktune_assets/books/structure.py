"""What stands between the sections of a book, as frames: references, exercises, order, units.

Belongs here: rows of the tables beside ``sections``. Does not: finding them (``crossrefs.py``
``exercises.py`` ``order.py`` ``units.py``), the sections themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import polars as pl

from booktune_assets.books.blocks import CODE_KINDS, normalised
from booktune_assets.books.crossrefs import Reference, find_references
from booktune_assets.books.exercises import find_exercises
from booktune_assets.books.order import learning_order
from booktune_assets.books.units import Unit, into_units
from booktune_assets.ids import make_id
from booktune_assets.schemas import TABLES

__all__ = ["structure_of"]

Row = dict[str, Any]


def structure_of(
    book_id: str, sections: Sequence[Row], blocks: Sequence[Row], labels: dict[str, int]
) -> dict[str, pl.DataFrame]:
    """The frames ``sections__refs __exercises __order __units __pieces`` of a book.

    ``labels`` are page numbers by what is printed on the pages.
    """
    references = list(find_references(sections, blocks, labels))
    units, pieces = _units(book_id, sections, blocks)  # blocks stand in the order of sections
    found: dict[str, list[Row]] = {
        "sections__refs": [_reference(one, book_id, n) for n, one in enumerate(references)],
        "sections__exercises": _exercises(book_id, sections, blocks),
        "sections__order": _order(book_id, sections, blocks, references),
        "sections__units": units,
        "sections__pieces": pieces,
    }
    return {name: TABLES[name].frame(rows) for name, rows in found.items()}


def _reference(found: Reference, book_id: str, number: int) -> Row:
    block = found.block
    return {
        "book_id": book_id, "ref": number, "section_id": block["section_id"],
        "block_id": block["block_id"], "kind": found.kind, "number": found.number,
        "words": block["text"][found.start : found.end],
        "char_start": block["char_start"] + found.start,
        "char_end": block["char_start"] + found.end,
        "target_section_id": found.section_id, "target_block_id": found.target_block_id,
        "reason": found.reason,
    }  # fmt: skip


def _exercises(book_id: str, sections: Sequence[Row], blocks: Sequence[Row]) -> list[Row]:
    return [
        {
            "block_id": one.block["block_id"], "book_id": book_id,
            "section_id": one.block["section_id"], "number": one.number or None,
            "answer_block_id": one.answer["block_id"] if one.answer else None,
            "answer_section_id": one.answer["section_id"] if one.answer else None,
            "tied_by": one.how,
        }
        for one in find_exercises(sections, blocks)
    ]  # fmt: skip


def _order(
    book_id: str, sections: Sequence[Row], blocks: Sequence[Row], references: Sequence[Reference]
) -> list[Row]:
    pairs = [(one.block["section_id"], one.section_id) for one in references]
    chapters = learning_order(sections, blocks, pairs)
    return [
        {
            "section_id": one.section_id, "book_id": book_id, "chapter": one.number,
            "position": one.position, "builds_on": sorted(one.builds_on),
            "by_references": sum(found["references"] for found in one.builds_on.values()),
            "by_modules": sum(found["modules"] for found in one.builds_on.values()),
        }
        for one in sorted(chapters, key=lambda chapter: chapter.number)
    ]  # fmt: skip


def _units(
    book_id: str, sections: Sequence[Row], blocks: Sequence[Row]
) -> tuple[list[Row], list[Row]]:
    chapter = {row["section_id"]: (row["role"], row["title_path"][:1]) for row in sections}
    rows: list[Row] = []
    pieces: list[Row] = []
    seen: Counter[str] = Counter()
    for _, own in groupby(blocks, key=lambda block: chapter[block["section_id"]]):
        group = ""
        for unit in into_units([block for block in own if block["text"]]):
            plain = "\n".join(normalised(one.block["kind"], one.text) for one in unit.pieces)
            unit_id = make_id("unit", book_id, plain, seen[plain])
            seen[plain] += 1
            group = unit_id if unit.part == 0 else group
            rows.append(_unit(unit, unit_id, group, book_id, len(rows)))
            pieces += _pieces(unit, unit_id, book_id)
    return rows, pieces


def _unit(unit: Unit, unit_id: str, group: str, book_id: str, ordinal: int) -> Row:
    code = sum(len(one.text) for one in unit.pieces if one.block["kind"] in CODE_KINDS)
    return {
        "unit_id": unit_id, "book_id": book_id,
        "section_id": unit.pieces[0].block["section_id"], "ordinal": ordinal,
        "group_id": group, "part": unit.part, "parts": unit.parts,
        "text": unit.text, "chars": unit.chars, "code_chars": code,
    }  # fmt: skip


def _pieces(unit: Unit, unit_id: str, book_id: str) -> list[Row]:
    return [
        {
            "unit_id": unit_id, "ordinal": number, "book_id": book_id,
            "section_id": one.block["section_id"], "block_id": one.block["block_id"],
            "char_start": one.block["char_start"] + one.start,
            "char_end": one.block["char_start"] + one.end,
        }
        for number, one in enumerate(unit.pieces)
    ]  # fmt: skip
