"""Blocks into sections: one row per passage under a heading.

Belongs here: the tree of headings, section text and offsets, front and back matter, ids. Does not:
reading files, names of front and back matter (``matter.py``), splitting for generation.

Section text is its blocks joined by a blank line and begins with its heading; code stands verbatim,
so that ``text[char_start:char_end]`` is the block.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from booktune_assets.books.identity import CODE_KINDS, prints_of, prose_id, same_text
from booktune_assets.books.matter import Head, kinds_of, roles_of
from booktune_assets.books.structure import structure_of
from booktune_assets.ids import make_id
from booktune_assets.schemas import TABLES

__all__ = ["VERSION", "into_sections"]

VERSION = "sections.11"
_GLUE = "\n\n"
_TITLE_CHARS = 60
Plain = dict[str, Any]


@dataclass(slots=True)
class _Section:
    blocks: list[Plain] = field(default_factory=list[Plain])
    level: int = 1
    title: str = ""
    number: str | None = None
    label: str | None = None
    parent: _Section | None = None
    role: str = "body"
    kind: str = "chapter"
    section_id: str = ""
    text: str = ""
    starts: list[int] = field(default_factory=list[int])


def into_sections(
    book_id: str, file_sha256: str, blocks: pl.DataFrame, spans: pl.DataFrame,
    pages: pl.DataFrame | None = None, links: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """The frames of ``sections``.

    ``pages`` say which number is printed on which page, ``links`` which words lead where.
    """
    places: dict[str, list[Plain]] = defaultdict(list)
    for span in spans.sort("block_id", "part").iter_rows(named=True):
        places[span["block_id"]].append(span)
    sections = _tree(list(blocks.sort("ordinal").iter_rows(named=True)))
    _name(sections, book_id)
    rows: list[Plain] = []
    block_rows: list[Plain] = []
    span_rows: list[Plain] = []
    print_rows: list[Plain] = []
    for ordinal, section in enumerate(sections):
        own = [span for block in section.blocks for span in places[block["block_id"]]]
        rows.append(_section_row(section, book_id, ordinal, own))
        print_rows += _print_rows(section, book_id, len(print_rows))
        for number, (block, start) in enumerate(zip(section.blocks, section.starts, strict=True)):
            block_rows.append(_block_row(section, block, book_id, number, start))
            for span in places[block["block_id"]]:
                span_rows.append(_span_row(section, span, file_sha256, start))
    found = {
        "sections": rows, "sections__blocks": block_rows, "sections__spans": span_rows,
        "sections__prints": print_rows,
    }  # fmt: skip
    frames = {name: TABLES[name].frame(made) for name, made in found.items()}
    found_links = (
        [] if links is None else list(links.sort("block_id", "link").iter_rows(named=True))
    )
    labels = _labels(pages)
    if labels or not (leaves := _leaves(span_rows)):
        return frames | structure_of(book_id, rows, block_rows, labels, found_links)
    printed = _on_leaves(rows, span_rows, leaves)
    made = structure_of(book_id, printed, block_rows, leaves, found_links)
    none = pl.lit(None, pl.Int32)
    index = made["sections__index"].with_columns(page_first=none, page_last=none)
    return frames | made | {"sections__index": index}


def _labels(pages: pl.DataFrame | None) -> dict[str, int]:
    """Page numbers by printed label; where no page has one, by the number itself."""
    if pages is None or pages["width"].null_count() == pages.height:
        return {}
    labelled = pages.drop_nulls("label")
    named = {str(label).lower(): page for label, page in labelled.select("label", "page").rows()}
    return named or {str(page): page for page in pages["page"]}


def _leaves(spans: list[Plain]) -> dict[str, int]:
    """Numbers of printed pages by label, in the order in which they come: the file has none."""
    labels = dict.fromkeys(span["printed"].lower() for span in spans if span["printed"])
    return {label: number for number, label in enumerate(labels, start=1)}


def _on_leaves(sections: list[Plain], spans: list[Plain], leaves: dict[str, int]) -> list[Plain]:
    """The sections with printed pages as their pages, for what refers to one."""
    stood: dict[str, list[int]] = defaultdict(list)
    for span in spans:
        if span["printed"]:
            stood[span["section_id"]].append(leaves[span["printed"].lower()])
    ends = {name: (min(found), max(found)) for name, found in stood.items()}
    return [
        {**row, "page_first": first, "page_last": last}
        for row in sections for first, last in [ends.get(row["section_id"], (None, None))]
    ]  # fmt: skip


def _tree(blocks: list[Plain]) -> list[_Section]:
    """Sections in reading order; what stands before the first heading is one of its own."""
    sections: list[_Section] = []
    above: list[_Section] = []
    for block in blocks:
        if block["kind"] == "running_head":
            continue
        if block["kind"] == "heading":
            section = _Section(
                level=block["level"] or 0, title=block["text"], number=block["number"],
                label=block.get("label"),
            )  # fmt: skip
            while above and above[-1].level >= section.level:
                above.pop()
            section.parent = above[-1] if above else None
            above.append(section)
            sections.append(section)
        elif not sections:
            sections.append(_Section(title=_title_of(block["text"])))
        sections[-1].blocks.append(block)
    for section in sections:
        _write(section)
    _set_roles(sections)
    return sections


def _set_roles(sections: list[_Section]) -> None:
    place = {id(section): number for number, section in enumerate(sections)}
    heads = [
        Head(
            one.title, one.level, one.number, place[id(one.parent)] if one.parent else -1, one.text,
            headed=one.blocks[0]["kind"] == "heading", label=one.label,
        )
        for one in sections
    ]  # fmt: skip
    for section, role, kind in zip(sections, roles_of(heads), kinds_of(heads), strict=True):
        section.role, section.kind = role, kind


def _title_of(text: str) -> str:
    line = text.strip().split("\n", 1)[0]
    return line if len(line) <= _TITLE_CHARS else f"{line[:_TITLE_CHARS].rstrip()}…"


def _write(section: _Section) -> None:
    """Join the blocks and note where each of them begins."""
    parts: list[str] = []
    at = 0
    for block in section.blocks:
        if parts and block["text"]:
            parts.append(_GLUE)
            at += len(_GLUE)
        section.starts.append(at)
        if block["text"]:
            parts.append(block["text"])
            at += len(block["text"])
    section.text = "".join(parts)


def _name(sections: list[_Section], book_id: str) -> None:
    """Ids from content; the n-th section of the same words gets its own."""
    seen: Counter[str] = Counter()
    for section in sections:
        plain = same_text(_kinded(section))
        section.section_id = make_id("sec", book_id, plain, seen[plain])
        seen[plain] += 1


def _kinded(section: _Section) -> list[tuple[str, str]]:
    return [(block["kind"], block["text"]) for block in section.blocks]


def _print_rows(section: _Section, book_id: str, first: int) -> list[Plain]:
    return [
        {
            "book_id": book_id, "print": first + number, "section_id": section.section_id,
            "print_id": one.print_id, "kind": one.kind, "chars": one.chars,
        }
        for number, one in enumerate(prints_of(_kinded(section)))
    ]  # fmt: skip


def _section_row(section: _Section, book_id: str, ordinal: int, spans: list[Plain]) -> Plain:
    pages = [span["page"] for span in spans if span["page"] is not None]
    code = sum(len(block["text"]) for block in section.blocks if block["kind"] in CODE_KINDS)
    return {
        "section_id": section.section_id, "book_id": book_id, "ordinal": ordinal,
        "prose_id": prose_id(_kinded(section)),
        "parent_id": section.parent.section_id if section.parent else None,
        "level": section.level, "number": section.number, "title": section.title,
        "title_path": _path(section), "role": section.role, "kind": section.kind,
        "text": section.text, "chars": len(section.text), "code_chars": code,
        "page_first": min(pages, default=None), "page_last": max(pages, default=None),
        "href": next((span["href"] for span in spans if span["href"]), None),
    }  # fmt: skip


def _path(section: _Section) -> list[str]:
    """Titles from the chapter down; a part stands above chapters and is not repeated."""
    titles = [section.title]
    above = section.parent
    while above is not None:
        if above.level > 0:
            titles.append(above.title)
        above = above.parent
    return titles[::-1]


def _block_row(section: _Section, block: Plain, book_id: str, ordinal: int, start: int) -> Plain:
    return {
        "block_id": block["block_id"], "section_id": section.section_id, "book_id": book_id,
        "ordinal": ordinal, "kind": block["kind"], "lang": block["lang"], "text": block["text"],
        "char_start": start, "char_end": start + len(block["text"]),
        "level": block["level"], "number": block["number"],  # not kept: for the structure
        "label": block.get("label"),
        "markup": block.get("markup"),
    }  # fmt: skip


def _span_row(section: _Section, span: Plain, file_sha256: str, start: int) -> Plain:
    names = ("block_id", "part", "book_id", "page", "href", "printed", "x0", "y0", "x1", "y1")
    return {
        **{name: span.get(name) for name in names},
        "section_id": section.section_id, "file_sha256": file_sha256,
        "char_start": start + span["char_start"], "char_end": start + span["char_end"],
    }  # fmt: skip
