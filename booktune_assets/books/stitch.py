"""Pieces into blocks: text, places, and what goes on over a page break.

Belongs here: joining, hyphenation, list marks, the text of every kind of piece. Does not: deciding
kinds (``layout.py``), geometry of code (``listing.py``).
"""

from __future__ import annotations

import re
from array import array
from collections import deque
from collections.abc import Iterator, Sequence

from booktune_assets.books.blocks import Block
from booktune_assets.books.breaks import Breaks, Cuts, follows, measure_cuts
from booktune_assets.books.cells import added_by, row_text
from booktune_assets.books.cellwraps import cells_of, columns_of, whole_rows
from booktune_assets.books.floats import floating
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Rect
from booktune_assets.books.hangs import no_room, note_hangs
from booktune_assets.books.insets import code_edges
from booktune_assets.books.joins import code_joins
from booktune_assets.books.labels import bare_number, is_label, label_word, split_number
from booktune_assets.books.layout import Piece
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.lettered import take_letters
from booktune_assets.books.listing import (
    Letters,
    Listing,
    indent_unit,
    letter_grid,
    letters_of,
    measure_listing,
    settle_numbers,
    take_callouts,
)
from booktune_assets.books.marks import take_marks
from booktune_assets.books.measures import Measures
from booktune_assets.books.notes import NOTE_MARK, notes_in_place
from booktune_assets.books.numerals import take_appendices, take_numerals
from booktune_assets.books.placed import place_of
from booktune_assets.books.rhythm import learn_rhythm
from booktune_assets.books.room import settle_columns
from booktune_assets.books.rows import Row
from booktune_assets.books.scripts import joins_bare
from booktune_assets.books.wraps import (
    Wraps,
    in_string,
    keeps_spaces,
    known_words,
    runs_over,
)

__all__ = ["into_blocks"]

_MARK = re.compile(
    r"^(?:[\u2022\u25e6\u25aa\u25ab\u2023\u2043\u25cf\u25cb\u25a0\uf0b7\u00b7\u2013*-]|\(?\d{1,2}[.)]|[a-z][.)]"
    r"|[\u2460-\u2473\u2776-\u2793\u24eb-\u24ff])\s+"
)
_MARKS = 3  # wraps with a mark that make it the habit of the book
_PATH = re.compile(r"\w/$|://\S*[:/]$")  # a path or address that was broken behind its mark
_HEADS = ("well", "self")  # begin compounds, hardly ever longer words
_PLAIN = str.maketrans({"\u2010": "-", "\u200b": None, "\u2060": None, "\ufeff": None})
_MARKS_OF = {"list": _MARK, "footnote": NOTE_MARK}
_PROSE = frozenset({"prose", "list", "callout", "footnote"})
_ASIDE = frozenset({"footnote", "caption"})


def into_blocks(
    pieces: list[Piece], fonts: Fonts, measures: Measures, ledger: Ledger
) -> list[Block]:
    """The blocks of a book, in reading order. ``pieces`` hold no furniture; they are taken out.

    What a block is made of is let go with it: a long book's pieces take as much as its blocks.
    """
    words, margin = _words_and_margin(pieces)
    listings = _listings(pieces, fonts, measures)
    pages = list(listings.values())
    take_callouts(pages, ledger)
    take_letters(pages, ledger)
    marks = take_marks(pages, ledger)
    settle_columns(pages, in_string)
    settle_numbers(pages)
    note_hangs(pages)
    none = marks >= _MARKS or runs_over(pages, margin)
    spaced, strict = keeps_spaces(pages)
    wraps = Wraps(known_words(pages) | words, spaced, strict, marked=none, ledger=ledger)
    wraps.learn(pages)
    cuts = measure_cuts(pieces, measures)
    breaks = Breaks(measures, cuts, learn_rhythm(pages), ledger)
    blocks: list[Block] = []
    groups = notes_in_place(_groups(pieces, measures, cuts))[::-1]
    pages.clear()
    pieces.clear()
    while groups:
        group = groups.pop()
        kind = group[0].kind
        if kind == "code":
            block = _code([listings.pop(id(one)) for one in group], group, breaks, wraps)
        elif kind == "table":
            block = _table(group, words, ledger)
        elif kind == "heading":
            block = _heading(group, words, ledger)
        else:
            block = _prose(group, words, ledger)
        if block.text.strip():
            blocks.append(block)
        group[0].forget()
    blocks = _with_labels(blocks, ledger)
    take_numerals(blocks, ledger)
    take_appendices(blocks, ledger)
    return blocks


def _listings(pieces: Sequence[Piece], fonts: Fonts, measures: Measures) -> dict[int, Listing]:
    """Listings by the id of their piece; a book that stretches its code is measured again."""
    code = [piece for piece in pieces if piece.kind == "code"]
    grid, letters = _letters(code, fonts)
    edges = code_edges(pieces, measures, letters, grid)
    unit = indent_unit(((letters[id(piece)], edges[id(piece)][0]) for piece in code), grid)
    if unit != 1:
        edges = code_edges(pieces, measures, letters, unit)

    def measured(justified: bool) -> dict[int, Listing]:
        made: dict[int, Listing] = {}
        for piece in code:
            pitch = measures.pitch_of(piece.rows[0])
            made[id(piece)] = one = measure_listing(
                piece.whole, *edges[id(piece)], fonts, pitch,
                justified=justified, grid=grid, unit=unit,
            )  # fmt: skip
            one.rows = piece.rows  # from here on their texts tell: runs may be let go
        return made

    found = measured(justified=False)
    if sum(listing.stretched for listing in found.values()) >= _MARKS:
        return measured(justified=True)
    return found


def _letters(code: Sequence[Piece], fonts: Fonts) -> tuple[float, dict[int, Letters]]:
    """The grid of a book's code, and the letters of each piece, whose runs are made again once."""
    letters: dict[int, Letters] = {}

    def measured() -> Iterator[Sequence[Row]]:
        for piece in code:
            whole = piece.whole
            letters[id(piece)] = letters_of(whole, fonts)
            yield whole

    pieces = measured()
    grid = letter_grid(pieces, fonts)
    deque(pieces, maxlen=0)  # those that the grid did not ask for
    return grid, letters


def _groups(pieces: Sequence[Piece], measures: Measures, cuts: Cuts) -> list[list[Piece]]:
    """Pieces that make one block: over page breaks, past footnotes."""
    groups: list[list[Piece]] = []
    last_flow: list[Piece] | None = None
    floats = floating(pieces)
    for piece in pieces:
        free = id(piece) in floats
        if last_flow is not None and not free and _joins(last_flow[-1], piece, measures, cuts):
            last_flow.append(piece)
            continue
        groups.append([piece])
        if piece.kind not in _ASIDE and not piece.beside and not free:
            last_flow = groups[-1]
    return groups


def _joins(before: Piece, piece: Piece, measures: Measures, cuts: Cuts) -> bool:
    if before.kind != piece.kind or not follows(before, piece):
        return False
    if piece.kind == "code":
        return code_joins(before, piece, measures, cuts)
    if piece.kind == "table":
        return before.rows[-1].baseline > measures.floor - 6 * measures.pitch
    if piece.kind not in ("prose", "list", "callout"):
        return False
    first, last = piece.rows[0], before.rows[-1]
    if first.bullet or first.role == "list" or (_MARK.match(first.text) and piece.kind == "list"):
        return False
    ended = last.text.rstrip().endswith((".", "!", "?", ":", ".\u201d", ".)"))
    starts_low = first.text[:1].islower()
    full = last.box[2] > last.column[1] - 0.08 * (last.column[1] - last.column[0])
    return starts_low or (not ended and full)


def _code(
    listings: Sequence[Listing], group: Sequence[Piece], breaks: Breaks, wraps: Wraps
) -> Block:
    """One code block out of its pieces; each piece is one place."""
    texts: list[str] = []
    block = Block("code", "")
    at = 0
    lang = max(listings, key=lambda listing: len(listing.rows)).lang if len(group) > 1 else ""
    for number, (listing, piece) in enumerate(zip(listings, group, strict=True)):
        if not listing.texts:
            continue
        start, whole, first = at, None, listing.texts[0]
        if texts:
            broad = len(listing.texts) > 1 and no_room(listing, 1)
            gap = breaks.blank(group[number - 1], piece, (texts[-1], first), lang, broad=broad)
            whole = wraps.over_break(texts[-1], listings[number - 1], listing, gap)
            texts += [""] * (0 if whole else gap)
            start = at = at + (0 if whole else gap)
        lines, blanks = wraps.unwrap(listing, whole)
        if whole:  # the line began on the page before: it ends there where its own rows end
            begun = at - 1 - len(texts[-1])
            start = begun + len(whole) - len(first.lstrip())
            block.places[-1].end = min(block.places[-1].end, start)
            at = begun + len(lines[0]) + 1
            texts[-1] = lines[0]
            lines, blanks = lines[1:], blanks[1:]
        for line, blank in zip(lines, blanks, strict=True):
            texts += [""] * blank + [line]
            at += blank + len(line) + 1
        block.places.append(place_of(start, max(start, at - 1), piece.rows))
    block.text = "\n".join(texts)
    block.lang = next((row.lang for piece in group for row in piece.rows if row.lang), block.lang)
    return block


def _table(group: Sequence[Piece], words: set[str], ledger: Ledger) -> Block:
    lines: list[str] = []
    block = Block("table", "")
    at = 0
    for piece in group:
        start = at
        rows = list(piece.whole)
        columns = columns_of(rows)
        for drawn in whole_rows(rows, columns):
            page = drawn[0].page
            cells: list[str] = []
            for lines_of in cells_of(drawn, columns):
                text = ""
                for one in lines_of:
                    one = _shown(one, page, block, ledger)
                    text, _ = _added(text, one, words, page, block, ledger)
                cells.append(text)
            line = row_text(cells)
            ledger.adds(page, added_by(cells))
            lines.append(line)
            at += len(line) + 1
        block.places.append(place_of(start, at - 1, piece.rows))
    block.text = "\n".join(lines)
    return block


def _heading(group: Sequence[Piece], words: set[str], ledger: Ledger) -> Block:
    block = _prose(group, words, ledger)
    block.level = group[0].rows[0].level
    return block


def _with_labels(blocks: list[Block], ledger: Ledger) -> list[Block]:
    """Printed numbers apart from titles; ``Chapter 7`` over ``Maps`` is one heading."""
    out: list[Block] = []
    for block in blocks:
        before = out[-1] if out else None
        label = None
        if before and before.kind == block.kind == "heading":
            label = is_label(before.text)
            if not label and before.level == block.level and _one_page(before, block):
                label = bare_number(before.text)
        if label and before and not (is_label(block.text) or bare_number(block.text)):
            block.number, block.level = label, before.level
            block.label = label_word(before.text)
            if before.places[0].page == block.places[0].page:
                block.places[0].box = _around(before.places[0].box, block.places[0].box)
            ledger.took(before.places[0].page or 0, "heading_number", before.text, block=block)
            out[-1] = block
            continue
        if block.kind == "heading" and not is_label(block.text):
            whole = block.text
            block.number, block.text = split_number(whole)
            block.label = label_word(whole)
            cut = len(whole) - len(block.text)
            if cut:
                ledger.took(block.places[0].page or 0, "heading_number", whole[:cut], block=block)
            for place in block.places:
                place.start, place.end = max(0, place.start - cut), max(0, place.end - cut)
        out.append(block)
    return out


def _one_page(before: Block, block: Block) -> bool:
    return before.places[0].page == block.places[0].page


def _prose(group: Sequence[Piece], words: set[str], ledger: Ledger) -> Block:
    kind = group[0].kind
    block = Block(kind, "")
    text = ""
    last: Row | None = None
    for piece in group:
        begin = None
        for row in piece.rows:
            line = _shown(row.text, row.page, block, ledger)
            known = _MARKS_OF.get(kind) if not text else None
            if known and (mark := known.match(line)):
                ledger.took(row.page, "mark", mark.group().strip(), block=block)
                line = line[mark.end() :]
            page = last.page if last is not None else row.page
            text, start = _added(text, line, words, page, block, ledger)
            last = row
            begin = start if begin is None else min(begin, start)
        block.places.append(place_of(begin or 0, len(text), piece.rows))
    block.text = text
    for number, place in enumerate(block.places[:-1]):
        place.end = min(place.end, block.places[number + 1].start)
    return block


def _added(
    text: str, line: str, words: set[str], page: int, block: Block, ledger: Ledger
) -> tuple[str, int]:  # fmt: skip
    """What ``_append`` gives; a hyphen that it takes off is written down on ``page``."""
    whole = text
    text, start = _append(text, line, words if ledger.wants("hyphens") else None)
    if start < len(whole):
        hyphen, why = whole[start:], _hyphenated(whole, line, words)
        ledger.took(page, "hyphens", f"{hyphen}\n{line}", line, block, why)
    return text, start


def _append(text: str, line: str, words: set[str] | None) -> tuple[str, int]:
    """Text with a line added, and where the line begins in it; hyphenation is undone.

    Without ``words`` hyphens stay.
    """
    if not text:
        return line, 0
    if words is None:
        glue = "" if text[-1] in "-\u2010\u00ad" else " "
        return f"{text}{glue}{line}", len(text) + len(glue)
    if text[-1] == "\u00ad" and line[:1].isalpha():
        text = text[:-1]
        return text + line, len(text)
    if text[-1] in "-\u2010" and line[:1].isalpha() and len(text) > 1 and text[-2].isalpha():
        if _hyphenated(text, line, words):
            text = text[:-1]
        return text + line, len(text)
    if joins_bare(text, line):
        return text + line, len(text)
    if _PATH.search(text) and line[:1].isalnum():
        return text + line, len(text)
    return f"{text} {line}", len(text) + 1


def _hyphenated(text: str, line: str, words: set[str]) -> str:
    """Why a typesetter put the hyphen at the end of a row, empty if it belongs to the word.

    A word that has another hyphen, or stands with this one elsewhere, keeps it; so does one of two
    words of the book that do not stand together anywhere. No typesetter leaves one letter alone.
    """
    head, tail = re.search(r"([^\W\d_]+)[-\u2010]$", text), re.match(r"[^\W\d_]+", line)
    if not head or not tail:
        return ""
    one, two = head.group(1).casefold(), tail.group().casefold()
    if one + two in words:
        return "the word stands unbroken elsewhere"
    other = set("-\u2010") & set(text[:-1].rsplit(None, 1)[-1])
    if other == {"-"} and text[-1] == "\u2010" and f"{one}-{two}" not in words:
        return "the word has hyphens of another kind"  # browsers draw their own
    if f"{one}-{two}" in words or other or not line[0].islower() or len(one) == 1:
        return ""
    if one in _HEADS or (one in words and two in words):
        return ""
    return "the word stands broken only, and its halves are not both words of the book"


def _shown(text: str, page: int, block: Block, ledger: Ledger) -> str:
    """Words on one line, without what only says where a line may break."""
    line = " ".join(text.split())
    if line.isascii():
        return line
    for marks, kind in (("\u00ad", "hyphens"), ("\u200b\u2060\ufeff", "mark")):
        ends = line[-1:] if kind == "hyphens" else ""  # one at the end joins the rows
        inner = line.removesuffix(ends) if ends in marks else line
        gone = "".join(char for char in inner if char in marks)
        if gone and (kind == "mark" or ledger.wants(kind)):
            ledger.took(page, kind, gone, block=block)
            line = inner.translate(dict.fromkeys(map(ord, marks))) + line[len(inner) :]
    return line


def _words_and_margin(pieces: Sequence[Piece]) -> tuple[set[str], float]:
    """Words and hyphenated words that stand unbroken somewhere in the book; the right margin of the
    text, pt.
    """
    words: set[str] = set()
    ends = array("d")
    broken = False
    for piece in pieces:
        if piece.kind == "code":
            continue
        flows = piece.kind in _PROSE and not piece.beside
        for row in piece.rows:
            if flows:
                ends.append(row.box[2])
            text = row.text if row.text.isascii() else row.text.translate(_PLAIN)
            found = text.casefold().split()
            inner = found[1:] if broken else found  # it begins with the end of a word
            broken = bool(found) and found[-1][-1] in "-\u00ad"
            inner = inner[:-1] if broken else inner
            words.update(word.strip(".,;:!?()[]\"'\u201c\u201d\u2019") for word in inner)
    right = sorted(ends)[int(0.995 * (len(ends) - 1))] if ends else float("inf")
    return words, right


def _around(one: Rect | None, two: Rect | None) -> Rect | None:
    if one is None or two is None:
        return one or two
    return min(one[0], two[0]), min(one[1], two[1]), max(one[2], two[2]), max(one[3], two[3])
