"""PDF: opening with care, page after page, and putting the layout rooms to work.

Belongs here: what may be wrong with a PDF as a file (passwords, bombs, loops, scans, outlines), the
order of the steps. Does not: layout rules (``rows layout headings listing stitch``).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from booktune_assets.books.adjacent import part_languages
from booktune_assets.books.admission import admit
from booktune_assets.books.advice import advised
from booktune_assets.books.beside import place_notes
from booktune_assets.books.blocks import CODE_KINDS, Limits, Page, Parsed
from booktune_assets.books.columns import Columns, find_columns
from booktune_assets.books.composed import compose, show_spaces
from booktune_assets.books.contents import is_contents
from booktune_assets.books.counted_runins import RunIns
from booktune_assets.books.described import mark_items
from booktune_assets.books.desk import Desk
from booktune_assets.books.doubled import take_doubled
from booktune_assets.books.drawings import Drawing, find_drawings
from booktune_assets.books.dropcaps import take_drop_caps
from booktune_assets.books.endnotes import mark_endnotes
from booktune_assets.books.figures import draw_figures, mark_captions, place_figures
from booktune_assets.books.fontmaps import complete_maps, note_mapped
from booktune_assets.books.fonts import Fonts, measure
from booktune_assets.books.furniture import find_furniture
from booktune_assets.books.glyphs import PageDrawn, draw_page
from booktune_assets.books.grids import find_grids, place_grids
from booktune_assets.books.headings import mark_headings
from booktune_assets.books.indexpages import is_index, put_index, take_index
from booktune_assets.books.interleaved import part_interleaved
from booktune_assets.books.lang import name_languages
from booktune_assets.books.layout import Piece, into_pieces, put_by
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.ligatures import mend_ligatures
from booktune_assets.books.linenos import take_numbers
from booktune_assets.books.links import linked, place_links
from booktune_assets.books.margins import Groups, find_margins, margin_rows, place_margins
from booktune_assets.books.measures import Measures, measure_rows
from booktune_assets.books.misnamed import mend_misnamed
from booktune_assets.books.mupdf import library
from booktune_assets.books.notes import take_note_marks
from booktune_assets.books.ongrid import set_on_grid
from booktune_assets.books.onside import lay_back
from booktune_assets.books.opposite import Pairs, rows_in_pairs
from booktune_assets.books.outline import read_outline, titled
from booktune_assets.books.packed import Pages
from booktune_assets.books.pagearea import printed_area
from booktune_assets.books.pagefacts import Fact
from booktune_assets.books.pagenumbers import label_of, number_pages, read_rules
from booktune_assets.books.placed import running_head
from booktune_assets.books.precise import place_words
from booktune_assets.books.prompts import take_prompts
from booktune_assets.books.regrid import set_in_columns
from booktune_assets.books.remarks import take_notes
from booktune_assets.books.repair import mend_code
from booktune_assets.books.rowbook import RowBook
from booktune_assets.books.rows import Row
from booktune_assets.books.runins import with_run_ins
from booktune_assets.books.saidadvice import mark_advice
from booktune_assets.books.scans import read_scans
from booktune_assets.books.scattered import join_scattered
from booktune_assets.books.sideheads import Edges, Starts, rows_of
from booktune_assets.books.slots import mend_slots
from booktune_assets.books.stitch import into_blocks
from booktune_assets.books.swapped import mend_swapped
from booktune_assets.books.tracked import close_tracked
from booktune_assets.books.turned import Turned
from booktune_assets.books.typed import name_words
from booktune_assets.books.underlined import note_rules
from booktune_assets.books.unseen import Unseen
from booktune_assets.errors import BookError, Code

__all__ = ["read_pdf", "refuse_unmapped"]

_CODED = re.compile(r"iex(?:\(\d+\))?>|\d{1,3}> \S|defmodule \w|-module\(")
_LIKE = 3  # paragraphs that begin so
_INFLATE_RATIO = 1032  # the most that deflate can unpack
_UNMAPPED = 0.3  # of the characters of a page: so many without a letter make no text
_LOOP = "cycle in page tree"  # MuPDF's words
_NO_TEXT = (
    "Set reading.ocr = true (or booktune read --ocr) and install Tesseract: "
    "apt-get install tesseract-ocr"
)
_EMPTY = "Look at it in a viewer: its pages hold neither text nor images of text"
_NO_MEMORY = re.compile(r"alloc \(.*\) failed|out of memory", re.I)
Tick = Callable[[int, int], None]


def read_pdf(path: Path, limits: Limits, tick: Tick, desk: Desk) -> Parsed:
    """The book in a PDF. Raises ``BookError`` when there is none to be had."""
    with _damage():
        document: Any = library().open(str(path), filetype="pdf")
    library().TOOLS.reset_mupdf_warnings()
    with document:
        parsed = Parsed("pdf")
        with _damage():
            admit(document, limits, parsed)
            total = int(document.page_count)
        drawn = _draw_pages(document, Pages(desk.scratch, total), total, limits, parsed, tick)
        if _LOOP in library().TOOLS.mupdf_warnings():
            parsed.warn("the page tree holds itself; each of its pages was read once")
        turns = read_scans(document, drawn, parsed, limits, desk, tick)
        _judge_pages(parsed)
        ledger = Ledger(frozenset(limits.repairs_off))
        drawings = _build(document, drawn, parsed, ledger, path if limits.precise else None)
        draw_figures(document, parsed, drawings, desk)
        lay_back(parsed, turns)
    return parsed


@contextmanager
def _damage() -> Generator[None]:
    """What PyMuPDF cannot do with a file as a whole: it is damaged."""
    try:
        yield
    except (BookError, MemoryError):
        raise
    except Exception as problem:
        if _out_of_memory(problem):
            raise MemoryError(str(problem)) from problem
        words = " ".join(str(problem).split())[:200]
        raise BookError(Code.DAMAGED_FILE, f"Get a whole copy of it ({words})") from problem


def _out_of_memory(problem: Exception) -> bool:
    return _NO_MEMORY.search(str(problem)) is not None


def _draw_pages(
    document: Any, drawn: Pages, total: int, limits: Limits, parsed: Parsed, tick: Tick
) -> Pages:
    """Every page that can be read; one that cannot is a failed row."""
    if total > limits.pages_max:
        parsed.warn(f"has {total} pages; the first {limits.pages_max} were read")
    sizes: dict[float, float] = {}
    tried: set[int] = set()
    turned, unseen = Turned(), Unseen()
    rules = read_rules(document)
    for number in range(1, min(total, limits.pages_max) + 1):
        row = Page(number)
        parsed.pages.append(row)
        try:
            page = document[number - 1]
            _bounded(document, page, limits)
            made = _mapped(document, draw_page(page, number, sizes), sizes, tried)
            unseen.note(made)
            refuse_unmapped(made, parsed)
            row.label = label_of(number, rules)
        except BookError as problem:
            row.status, row.code = "failed", problem.code.value
            continue
        except MemoryError:
            raise
        except Exception as problem:
            if _out_of_memory(problem):
                raise MemoryError(str(problem)) from problem
            row.status, row.code = "failed", Code.PAGE_UNREADABLE.value
            # a page tree that says millions and holds two would fail page by page for hours
            if sum(page.status == "failed" for page in parsed.pages[-50:]) == 50:
                parsed.warn(f"page {number} and those after it cannot be read")
                break
            continue
        _measured(row, made)
        turned.note(made)
        drawn.append(made)
        tick(number, total)
        if number % 20 == 0:
            library().TOOLS.store_shrink(100)  # fonts and images of pages gone by
    turned.tell(parsed)
    unseen.tell(parsed)
    return drawn


def _measured(row: Page, made: PageDrawn) -> None:
    row.width, row.height = round(made.width, 2), round(made.height, 2)
    row.chars, row.status = made.chars, "ok" if made.chars else "empty"


def _mapped(
    document: Any, drawn: PageDrawn, sizes: dict[float, float], tried: set[int]
) -> PageDrawn:
    """The page, drawn again where its fonts know letters that the file does not tell."""
    if not any("\ufffd" in run.text for line in drawn.lines for run in line.runs):
        return drawn
    if not complete_maps(document, document[drawn.number - 1], tried):
        return drawn
    again = draw_page(document[drawn.number - 1], drawn.number, sizes)
    note_mapped(drawn, again)
    return again


def refuse_unmapped(page: PageDrawn, parsed: Parsed) -> None:
    """Text whose fonts do not say which letters they draw is no text: it is told as hidden."""
    lost = "".join([run.text for line in page.lines for run in line.runs]).count("\ufffd")
    if lost <= _UNMAPPED * page.chars or not lost:
        return
    page.outside += [line.text for line in page.lines]
    page.lines, page.chars, page.unmapped = [], 0, True
    parsed.count("pages_unmapped")
    parsed.warn("on some pages fonts do not say which letters they draw; text recognition can help")


def _bounded(document: Any, page: Any, limits: Limits) -> None:
    """Refuse a page whose streams unpack beyond the limit, without unpacking them whole."""
    for xref in dict.fromkeys(page.get_contents()):
        raw = document.xref_stream_raw(xref) or b""
        if len(raw) * _INFLATE_RATIO <= limits.unpacked:
            continue
        unpacker, size = zlib.decompressobj(), 0
        rest = raw
        with suppress(zlib.error):
            while rest and not unpacker.eof:
                size += len(unpacker.decompress(rest, 1 << 20))
                rest = unpacker.unconsumed_tail
                if size > limits.unpacked:
                    raise BookError(
                        Code.TOO_LARGE, "Raise reading.unpacked_mb if you trust the file"
                    )


def _judge_pages(parsed: Parsed) -> None:
    """Refuse a book of which too little can be read."""
    pages = parsed.pages
    failed = [page for page in pages if page.status == "failed"]
    if not pages:
        raise BookError(Code.NO_CONTENT, "The file holds no page; get another copy")
    if len(failed) > len(pages) / 2:
        code = Code(failed[0].code or Code.PAGE_UNREADABLE)
        raise BookError(
            code, f"{len(failed)} of {len(pages)} pages cannot be read; get another copy"
        )
    if failed:
        codes = ", ".join(sorted({page.code or "" for page in failed}))
        parsed.warn(f"{len(failed)} of {len(pages)} pages could not be read ({codes})")
    # what a library stamps on scans is no text of the book
    chars = sum(page.chars for page in pages if page.status != "scanned")
    if chars < 20 * max(1, len(pages) - len(failed)) / 4:
        raise BookError(
            Code.NO_TEXT_LAYER, _NO_TEXT if any(p.status == "scanned" for p in pages) else _EMPTY,
            pages=len(pages),
        )  # fmt: skip


def _build(
    document: Any, drawn: Pages, parsed: Parsed, ledger: Ledger, precise: Path | None
) -> dict[int, list[Drawing]]:
    """The blocks of the book; gives the figures by page. ``precise``: the file, to read cells."""
    outline = read_outline(document, parsed)
    fonts = _mend_letters(drawn, ledger)
    counted = _counters(drawn, fonts, ledger)
    dropped = _without(find_furniture(drawn, fonts, titled(outline)), counted)
    gone = _joined(dropped, counted)
    drawings = find_drawings(drawn, fonts, gone)
    grids = find_grids(precise, drawn, fonts, gone, drawings, parsed)
    inside = {
        page: {n for one in (*drawings.get(page, ()), *grids.get(page, ())) for n in one.lines}
        for page in {*drawings, *grids}
    }
    inside = _joined(inside, counted)
    sides = find_margins(drawn, _joined(dropped, inside), fonts)
    inside = _joined(inside, {page: {n for one in sides[page] for n in one} for page in sides})
    gone = _joined(dropped, inside)
    usual = find_columns(drawn, gone, fonts.advance)
    kept, texts, edges, run_ins, paired = _once_more(drawn, fonts, gone, drawings, precise)
    lay = _layer(fonts, ledger, None if paired else usual, edges, paired=paired)
    below = run_ins.below(named := outline or run_ins.entries())
    read = partial(
        _rows_of, lay=with_run_ins(lay, [*named, *below], fonts, ledger), fonts=fonts,
        parsed=parsed, ledger=ledger, inside=inside, contents=set[int](),
    )  # fmt: skip
    rows, beside = _all_rows(drawn, dropped, read, partial(_margin_rows, sides, fonts, ledger))
    notes = take_notes(rows, fonts, ledger)
    mark_headings(rows, outline, fonts, () if outline else named, below)
    index = take_index(rows, ledger)
    measures = measure_rows(rows, fonts, printed_area(document))
    pieces = _pieces_of(rows, fonts, measures, drawings, notes, beside, ledger)
    blocks = part_languages(into_blocks(pieces, fonts, measures, ledger))
    parsed.blocks = put_index(mark_advice(blocks), index)
    place_figures(parsed, drawings, ledger, texts)
    place_grids(parsed, grids, ledger, cells=precise is not None)
    number_pages(parsed.pages, ledger.texts("furniture"))
    _settle(parsed, ledger)
    _tell_no_code(parsed)
    place_links(kept.whole(), parsed.blocks)
    parsed.words = place_words(parsed.blocks, kept) if precise else []
    return drawings


def _layer(
    fonts: Fonts, ledger: Ledger, usual: Columns | None, edges: Edges | None, *, paired: bool
) -> Callable[..., list[Row]]:
    """What gives the rows of a page; a book of pairs (``paired``) has no columns."""
    lay = partial(rows_of, usual=usual, edges=edges)
    lay = partial(rows_in_pairs, fonts=fonts, lay=lay, paired=paired)
    return partial(advised, fonts=fonts, ledger=ledger, usual=usual, lay=lay)


def _all_rows(
    drawn: Pages, dropped: dict[int, set[int]], read: Callable[[PageDrawn, set[int]], list[Row]],
    margin: Callable[[PageDrawn, bool], list[list[Row]]],
) -> tuple[RowBook, dict[int, list[list[Row]]]]:  # fmt: skip
    """The rows of all pages, and those of the notes in their margins."""
    rows = RowBook(drawn.scratch, live=drawn.live)
    beside: dict[int, list[list[Row]]] = {}
    for page in drawn.taken():  # it is let go when it has become rows
        rows.add(made := read(page, dropped.get(page.number, set())))
        if found := margin(page, bool(made)):
            beside[page.number] = found
    return rows, beside


def _margin_rows(
    sides: Groups, fonts: Fonts, ledger: Ledger, page: PageDrawn, told: bool
) -> list[list[Row]]:
    """The notes in the margin of a page; of a page of contents they are no text."""
    found = margin_rows(page, sides.get(page.number, ()), fonts)
    for row in () if told else (row for note in found for row in note):
        ledger.took(page.number, "contents", row.text)
    return found if told else []


def _once_more(
    drawn: Pages, fonts: Fonts, gone: dict[int, set[int]], drawings: dict[int, list[Drawing]],
    precise: Path | None,
) -> tuple[Pages, dict[int, dict[int, str]], Edges | None, RunIns, bool]:  # fmt: skip
    """Pages that are asked for later, words in drawings, where text begins; run-ins, pairs.

    All of it in one pass: each over a long book unpacks it.
    """
    starts, run_ins, pairs = Starts(fonts), RunIns(fonts), Pairs(fonts)
    texts: dict[int, dict[int, str]] = {}
    asked: list[bool] = []
    for page in drawn:
        for one in (starts, run_ins, pairs):
            one.see(page, gone.get(page.number, set()))
        asked.append(bool(page.links or precise))
        if found := drawings.get(page.number):
            texts[page.number] = {n: page.lines[n].text for one in found for n in one.lines}
    kept = drawn.where(asked, None if precise else linked)
    return kept, texts, starts.edges(), run_ins, pairs.is_habit()


def _pieces_of(
    rows: RowBook, fonts: Fonts, measures: Measures, drawings: dict[int, list[Drawing]],
    notes: dict[int, list[Row]], beside: dict[int, list[list[Row]]], ledger: Ledger,
) -> list[Piece]:  # fmt: skip
    """The pieces of all pages, which take the rows over."""
    mark_items(rows, fonts)
    ahead = mark_endnotes(rows)
    pieces, kept = list[Piece](), RowBook(rows.scratch, live=rows.live, settled=True)
    for members in rows.taken():
        mark_captions(members, drawings.get(members[0].page, ()))
        made = into_pieces(members, fonts, measures)
        made = place_notes(made, notes.get(members[0].page, ()))
        made = place_margins(made, beside.get(members[0].page, ()))
        take_note_marks(made, ledger, ahead.get(members[0].page))
        put_by(made, kept)
        pieces += made
    return pieces


def _counters(drawn: Pages, fonts: Fonts, ledger: Ledger) -> dict[int, set[int]]:
    """Take off what counts rows and cells; gives the lines, by page, that held nothing else."""
    prompts = take_prompts(drawn, fonts, ledger)
    return _joined(prompts, take_numbers(drawn, fonts, ledger))


def _mend_letters(drawn: Pages, ledger: Ledger) -> Fonts:
    """Put letters in the place of what the fonts of a book print for them; gives their measures."""
    for _, page in drawn.having(Fact.MAPPED):
        if page.mapped[1]:
            ledger.misread(page.number, "\ufffd" * page.mapped[1], page.mapped[0])
    mend_ligatures(drawn, ledger)
    mend_swapped(drawn, ledger)
    mend_slots(drawn, ledger)
    mend_misnamed(drawn, ledger)
    parted = join_scattered(part_interleaved(drawn.edited()))
    fonts = measure(compose(close_tracked(take_doubled(parted, ledger), ledger), ledger))
    take_drop_caps(drawn, fonts)
    if any(put(drawn, fonts) for put in (name_words, set_on_grid, set_in_columns)):
        fonts = measure(drawn.whole())
    show_spaces(drawn, fonts, ledger)
    return fonts


def _settle(parsed: Parsed, ledger: Ledger) -> None:
    """Close the account, repair the code, and see that the account still holds."""
    ledger.settle(parsed.blocks, parsed.pages)
    name_languages(parsed.blocks)
    mend_code(parsed.blocks, ledger)
    ledger.check(parsed.blocks, parsed.pages)  # repairs must keep the account, too
    taken = (change.block for change in ledger.changes if change.kind == "furniture")
    parsed.heads = [block for block in taken if block is not None]
    parsed.changes = ledger.as_rows([*parsed.blocks, *parsed.heads])


def _tell_no_code(parsed: Parsed) -> None:
    """Say that listings were not told from text: they are told by their fixed pitch."""
    if any(block.kind in CODE_KINDS for block in parsed.blocks):
        return
    like = sum(bool(_CODED.match(block.text)) for block in parsed.blocks)
    if like >= _LIKE:
        why = "none is in fixed pitch: it was read as text"
        parsed.warn(f"{like} paragraphs look like code, {why}")


def _without(one: dict[int, set[int]], two: dict[int, set[int]]) -> dict[int, set[int]]:
    return {page: lines - two.get(page, set()) for page, lines in one.items()}


def _joined(one: dict[int, set[int]], two: dict[int, set[int]]) -> dict[int, set[int]]:
    return {page: one.get(page, set()) | two.get(page, set()) for page in {*one, *two}}


def _rows_of(
    page: PageDrawn, dropped: set[int], *, lay: Callable[..., list[Row]], fonts: Fonts,
    parsed: Parsed, ledger: Ledger, inside: dict[int, set[int]], contents: set[int],
) -> list[Row]:  # fmt: skip
    """The rows of a page that are text of the book; what is not is written down."""
    for number, line in enumerate(page.lines):
        ledger.drew(page.number, line.text)
        if number in dropped:
            head = running_head(page.number, line, fonts)
            ledger.took(page.number, "furniture", line.text, block=head)
    for kind, texts in (("turned", page.turned), ("hidden", page.outside)):
        for text in texts:
            ledger.drew(page.number, text)
            ledger.took(page.number, kind, text)
    gone = dropped | inside.get(page.number, set())
    made = lay(page, gone)
    note_rules(page, made)
    words = [row.text for row in made if not row.mono]  # code may end in numbers, too
    listed = is_contents(words, goes_on=page.number - 1 in contents)
    if len(words) < 0.7 * len(made) or not listed or is_index(words):
        return made
    contents.add(page.number)
    parsed.count("contents_pages")
    for row in made:
        ledger.took(page.number, "contents", row.text)
    return []
