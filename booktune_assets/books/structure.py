"""What stands between the sections of a book, as frames: references, exercises, order, units …

Belongs here: rows of the tables beside ``sections``. Does not: finding them (``crossrefs.py``
``exercises.py`` ``order.py`` ``units.py`` ``backmatter.py``), the sections themselves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import polars as pl

from booktune_assets.books.backmatter import Entry, glossary_of, index_of
from booktune_assets.books.crossrefs import Reference, find_references
from booktune_assets.books.exercises import Item, Span, find_spans
from booktune_assets.books.identity import CODE_KINDS, normalised
from booktune_assets.books.matter import chapter_level
from booktune_assets.books.order import Chapter, Evidence, learning_order
from booktune_assets.books.terms import entries_of
from booktune_assets.books.ties import tie_answers
from booktune_assets.books.units import Unit, into_units
from booktune_assets.ids import make_id
from booktune_assets.schemas import TABLES

__all__ = ["exercise_rows", "structure_of"]

Row = dict[str, Any]


def structure_of(
    book_id: str, sections: Sequence[Row], blocks: Sequence[Row], labels: dict[str, int],
    links: Sequence[Row] = (),
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """The frames of the tables beside ``sections`` of a book.

    ``blocks`` stand in reading order and carry the ``level`` of headings and list items, ``labels``
    are page numbers by what is printed on the pages, ``links`` rows of ``raw_books__links``.
    """
    by_block: dict[str, list[Row]] = defaultdict(list)
    terms = [link for link in links if link["kind"] == "index"]
    links = [link for link in links if link["kind"] != "index"]
    for link in links:
        by_block[link["block_id"]].append(link)
    home = {block["block_id"]: block["section_id"] for block in blocks}
    spans = _stretches(blocks, links)
    references = list(
        find_references(sections, blocks, labels, by_block, _numbered_tasks(spans, blocks))
    )
    chapters, evidence = learning_order(sections, blocks, [
        (one.block["section_id"], one.section_id, _words(one), one.block["block_id"])
        for one in references if one.section_id
    ])  # fmt: skip
    units, pieces = _units(book_id, sections, blocks)
    index = [
        *index_of(sections, blocks, by_block, labels, home),
        *entries_of(terms, {one["block_id"]: one for one in blocks}, home),
    ]
    found: dict[str, list[Row]] = {
        "sections__refs": [_reference(one, book_id, n) for n, one in enumerate(references)],
        "sections__exercises": exercise_rows(book_id, blocks, links, spans),
        "sections__order": [_chapter(one, book_id) for one in chapters],
        "sections__builds": [_evidence(one, book_id, n) for n, one in enumerate(evidence)],
        "sections__units": units,
        "sections__pieces": pieces,
        "sections__index": _index_rows(index, book_id),
        "sections__glossary": [
            {
                "book_id": book_id, "entry": number, "term": one.term, "definition": one.said,
                "section_id": one.block["section_id"], "block_id": one.block["block_id"],
            }
            for number, one in enumerate(glossary_of(sections, blocks))
        ],
    }  # fmt: skip
    return {name: TABLES[name].frame(rows) for name, rows in found.items()}


def _index_rows(index: Sequence[Entry], book_id: str) -> list[Row]:
    return [
        {
            "book_id": book_id, "entry": number, "locator": place, "term": entry.term,
            "subterm": entry.sub or None, "block_id": (one.block or entry.block)["block_id"],
            "kind": one.kind, "words": one.words, "section_id": one.section_id,
            "page_first": one.page_first, "page_last": one.page_last,
        }
        for number, entry in enumerate(index) for place, one in enumerate(entry.locators)
    ]  # fmt: skip


def _words(found: Reference) -> str:
    return str(found.block["text"][found.start : found.end])


def _reference(found: Reference, book_id: str, number: int) -> Row:
    block = found.block
    return {
        "book_id": book_id, "ref": number, "section_id": block["section_id"],
        "block_id": block["block_id"], "kind": found.kind, "number": found.number,
        "words": _words(found), "char_start": block["char_start"] + found.start,
        "char_end": block["char_start"] + found.end, "resolved_by": found.by,
        "target_section_id": found.section_id, "target_block_id": found.target_block_id,
        "reason": found.reason,
    }  # fmt: skip


def _stretches(blocks: Sequence[Row], links: Sequence[Row]) -> list[Span]:
    items = [
        Item(one["kind"], one["text"], one.get("level") or 0, one.get("number")) for one in blocks
    ]
    return find_spans(items, _leads(blocks, links))


def _leads(blocks: Sequence[Row], links: Sequence[Row]) -> list[tuple[int, int, str]]:
    """Positions of the blocks that links lead from and to, and the words that lead there."""
    place = {block["block_id"]: number for number, block in enumerate(blocks)}
    both = [one for one in links if one["block_id"] in place and one["target_block_id"] in place]
    return [
        (at, place[link["target_block_id"]],
         blocks[at]["text"][link["char_start"] : link["char_end"]])
        for link in both for at in (place[link["block_id"]],)
    ]  # fmt: skip


def _numbered_tasks(
    spans: Sequence[Span], blocks: Sequence[Row]
) -> list[tuple[str, str | None, Row]]:
    """Number, number of its chapter, first block of each task; items of a list are counted."""
    counts: Counter[int] = Counter()
    found: list[tuple[str, str | None, Row]] = []
    for span in spans:
        if span.what != "exercise":
            continue
        number = span.number
        if not number and span.listed >= 0:
            counts[span.listed] += 1
            number = str(counts[span.listed])
        chapter = blocks[span.chapter]["number"] if span.chapter >= 0 else None
        if number:
            found.append((number, chapter, blocks[span.first]))
    return found


def exercise_rows(
    book_id: str, blocks: Sequence[Row], links: Sequence[Row] = (),
    spans: Sequence[Span] | None = None,
) -> list[Row]:  # fmt: skip
    """Rows of ``sections__exercises`` from blocks in reading order, headings among them.

    ``spans`` are their tasks and answers where these are known.
    """
    leads = [(at, to) for at, to, _ in _leads(blocks, links)]

    def ids(span: Span | None) -> list[str]:
        return [one["block_id"] for one in blocks[span.first : span.last]] if span else []

    return [
        {
            "block_id": blocks[tie.task.first]["block_id"], "book_id": book_id,
            "section_id": blocks[tie.task.first]["section_id"], "number": tie.task.number or None,
            "block_ids": ids(tie.task), "answer_block_ids": ids(tie.answer),
            "answer_block_id": next(iter(ids(tie.answer)), None),
            "answer_section_id": blocks[tie.answer.first]["section_id"] if tie.answer else None,
            "tied_by": tie.how,
        }
        for tie in tie_answers(_stretches(blocks, links) if spans is None else spans, leads)
    ]  # fmt: skip


def _chapter(one: Chapter, book_id: str) -> Row:
    kinds = [{made.kind for made in found} for found in one.builds_on.values()]
    return {
        "section_id": one.section_id, "book_id": book_id, "chapter": one.number,
        "position": one.position, "builds_on": sorted(one.builds_on),
        **{
            f"by_{kind}s": sum(kind in found for found in kinds)
            for kind in ("reference", "module", "function")
        },
    }  # fmt: skip


def _evidence(one: Evidence, book_id: str, number: int) -> Row:
    return {
        "book_id": book_id, "evidence": number, "section_id": one.source,
        "target_section_id": one.target, "kind": one.kind, "what": one.what,
        "block_id": one.block_id, "counts": one.counts,
    }  # fmt: skip


def _units(
    book_id: str, sections: Sequence[Row], blocks: Sequence[Row]
) -> tuple[list[Row], list[Row]]:
    """Units of front matter, body and back matter, which never share one."""
    role = {row["section_id"]: row["role"] for row in sections}
    top = chapter_level([row["level"] for row in sections])
    rows: list[Row] = []
    pieces: list[Row] = []
    seen: Counter[str] = Counter()
    for part in ("front", "body", "back"):
        own = [one for one in blocks if role[one["section_id"]] == part and one["text"]]
        openings = frozenset(
            number for number, one in enumerate(own)
            if one["kind"] == "heading" and (one.get("level") or 0) <= top
        )  # fmt: skip
        group = ""
        for unit in into_units(own, openings):
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
