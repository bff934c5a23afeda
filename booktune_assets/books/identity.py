"""What text counts as when two readings are compared: block, section, book, sentence.

Belongs here: which parts of a section its ids are made of, and in which order. Does not: folding of
characters (``ids.py``), tables (``sections.py``), comparing books (``editions.py``). The worker
imports this module, so it needs no Polars.

A layout decides where paragraphs break, where notes and figures float and whether a remark stands
in a box. None of that may move an id, so prose counts as one flow without its paragraphs, code as
its lines without the blank ones, and what floats (tables, captions, notes) as a set beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from booktune_assets.ids import fold_prose, make_id, normalise_code

__all__ = ["CODE_KINDS", "Print", "normalised", "prints_of", "prose_id", "same_pieces", "same_text"]

CODE_KINDS = frozenset({"code", "iex", "erl_shell", "output"})
_FLOATS = frozenset({"table", "caption", "figure", "footnote"})
_ITEMS = frozenset({"list", "exercise", "answer"})
_BULLET = re.compile(
    r"^\s*[\u2022\u2023\u2043\u204c\u25aa-\u25ab\u25b8-\u25bf\u25cf\u25cb\u25e6]\s*"
)
_NUMBER = re.compile(r"^\s*(?:\(?(?:\d{1,3}|[a-z])[.)]|[*+\u2013-])\s+")
_EMPTY_CELLS = re.compile(r"(?:[^\S\n]*\|)+[^\S\n]*$", re.M)  # at the end of a row: not drawn
_SENTENCE = re.compile(r"(?<=[.!?\u2026:])[\"'\u201d\u2019)\]]*\s+(?=[\"'\u201c\u2018(\[]*[A-Z])")
_SAYS = 24  # folded characters: shorter sentences and listings say nothing about two books

Kinded = tuple[str, str]  # kind of block, text


@dataclass(frozen=True, slots=True)
class Print:
    """One sentence or listing: its name in every book, and how many folded characters it has."""

    print_id: str
    kind: str
    chars: int


def normalised(kind: str, text: str) -> str:
    """The text of a block as it counts for identity: code verbatim, all else folded.

    Headings count without case (layouts set them in capitals), items and exercises without
    bullet or number: an EPUB may hold those as text of a paragraph, a PDF has them apart.
    """
    if kind in CODE_KINDS:
        return normalise_code(text)
    folded = fold_prose(_bare(kind, text))
    return folded.casefold() if kind == "heading" else folded


def prose_id(blocks: Iterable[Kinded]) -> str | None:
    """Name of what the prose of a section says, the same in every book; None without prose."""
    flow = _flow(blocks)
    return make_id("prose", flow) if flow else None


def same_text(blocks: Iterable[Kinded]) -> str:
    """All that a section or book says, whatever its layout: prose, code, what floats."""
    return "".join(same_pieces(list(blocks)))


def same_pieces(blocks: Sequence[Kinded]) -> Iterator[str]:
    """The same, piece by piece: that of a long book takes as much memory as the book."""
    yield from _flowing(blocks)
    between = "\x1e"
    for line in _coding(blocks):
        yield between + line
        between = "\n"
    if between != "\n":
        yield between
    floats = sorted(normalised(kind, text) for kind, text in blocks if kind in _FLOATS)
    yield from (f"\x1e{text}" for text in floats if text)


def prints_of(blocks: Iterable[Kinded]) -> Iterator[Print]:
    """The sentences and listings of a section that are long enough to be told from others."""
    for kind, text in blocks:
        if kind in CODE_KINDS:
            pieces = [_code([(kind, text)])]
        elif kind in ("heading", "figure", "running_head"):
            continue
        else:
            pieces = [fold_prose(piece) for piece in _SENTENCE.split(_bare(kind, text))]
        name = "code" if kind in CODE_KINDS else "prose"
        for piece in pieces:
            if len(piece) >= _SAYS:
                yield Print(make_id("print", name, piece), name, len(piece))


def _flow(blocks: Iterable[Kinded]) -> str:
    """The prose of some blocks as one text, so that a paragraph may be split or joined."""
    return "".join(_flowing(blocks))


def _flowing(blocks: Iterable[Kinded]) -> Iterator[str]:
    for kind, text in blocks:
        if kind not in CODE_KINDS and kind not in _FLOATS and kind != "running_head":
            yield normalised(kind, text)


def _code(blocks: Iterable[Kinded]) -> str:
    """The lines of all listings: a listing may be split, and a page break may hide a blank line."""
    return "\n".join(_coding(blocks))


def _coding(blocks: Iterable[Kinded]) -> Iterator[str]:
    for kind, text in blocks:
        if kind in CODE_KINDS:
            yield from (line for line in normalise_code(text).split("\n") if line)


def _bare(kind: str, text: str) -> str:
    if kind == "table":
        return _EMPTY_CELLS.sub("", text)
    text = _BULLET.sub("", text, count=1)
    return _NUMBER.sub("", text, count=1) if kind in _ITEMS else text
