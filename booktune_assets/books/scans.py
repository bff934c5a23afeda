"""Pages that are images of text: found and said, and recognised where that is asked for.

Belongs here: which pages are scans, asking PyMuPDF's text recognition, keeping its results. Does
not: what recognised words look like as lines (``recognised.py``), where the data of Tesseract are
(``tessdata.py``).

Recognition costs seconds a page. What it finds is kept by the hash of the page image, so that a
book that ran out of time goes on where it stopped.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from booktune_assets.books.blocks import Limits, Page, Parsed
from booktune_assets.books.desk import Desk
from booktune_assets.books.glyphs import PageDrawn
from booktune_assets.books.mupdf import library
from booktune_assets.books.onside import TURNS, best_turn, is_sound
from booktune_assets.books.packed import Pages
from booktune_assets.books.pagefacts import Fact
from booktune_assets.books.recognised import Face, Word, by_recognition, lines_of, words_of
from booktune_assets.books.tessdata import missing_languages, packages_for
from booktune_assets.errors import BookError, Code, MissingPrerequisite

__all__ = ["is_scan", "read_scans"]

_VERSION = "ocr.2"  # of what is kept
_DPI = (200.0, 300.0)  # below, letters are too small; above, only time is lost
_PIXELS_MAX = 30_000_000
_VEILED = 0.8  # of the characters of a page have no ink: it was recognised
_SHEET = 0.6  # of the page: an image so large is the page
_STAMP = 200  # characters that a library stamps on a scan, at most
_OUTLINES = 200  # paths that may be text without characters
_OUTLINES_LESS = 20  # the same of a page among such pages: a title, a last line
_HOW = "set reading.ocr = true (or booktune read --ocr), with the Debian package tesseract-ocr"


def is_scan(page: PageDrawn) -> bool:
    """A page that shows an image, or outlines of letters, and has next to no characters."""
    if page.unmapped:
        return True
    sheet = page.width * page.height
    share = max(
        ((x1 - x0) * (y1 - y0) / sheet for (x0, y0, x1, y1), _, _ in page.pictures), default=0.0
    )
    if page.chars == 0:
        return share >= 0.3 or len(page.marks) >= _OUTLINES
    return page.chars < _STAMP and share >= 0.8


def _covered(page: PageDrawn) -> bool:
    """Whether one image is the page: text without ink on it was recognised there."""
    return any(
        (x1 - x0) * (y1 - y0) >= _SHEET * page.width * page.height
        for (x0, y0, x1, y1), _, _ in page.pictures
    )


def read_scans(
    document: Any, drawn: Pages, parsed: Parsed, limits: Limits, desk: Desk,
    tick: Callable[[int, int], None],
) -> dict[int, int]:  # fmt: skip
    """Lines of the scanned pages when ``limits.ocr`` asks for it; else they are said.

    Gives by how much each page that lay on its side was turned. Raises ``MissingPrerequisite`` when
    there are scans and Tesseract's data are not here.
    """
    rows = {row.page: row for row in parsed.pages}
    scans: list[PageDrawn] = []
    nearly: list[PageDrawn] = []
    found: dict[int, list[list[Word]]] = {}
    layered: dict[int, list[list[Word]]] = {}
    turns: dict[int, int] = {}
    stamped, veiled = any(row.chars >= _STAMP for row in parsed.pages), False
    for row in parsed.pages:
        row.source = "text" if row.chars else None
    for index, page in drawn.having(Fact.SHEETS):
        veiled |= page.veiled > _VEILED * page.chars > 0 and _covered(page)
        if is_scan(page):
            scans.append(page)
        elif page.chars == 0 and len(page.marks) >= _OUTLINES_LESS:
            nearly.append(page)
        if by_recognition(page):
            layered[page.number] = words_of(drawn.one(index))
    if any(page.chars == 0 and len(page.marks) >= _OUTLINES for page in scans):
        scans = sorted([*scans, *nearly], key=lambda page: page.number)
    if scans and limits.ocr:
        _need_data(limits)
        for done, page in enumerate(scans, start=1):
            if seen := _recognised(document, page, limits, desk, parsed):
                turns[page.number], found[page.number] = seen
            tick(done, len(scans))
    unread = [page for page in scans if page.number not in found]
    for page in unread:
        rows[page.number].status = "scanned"
    if unread:
        parsed.count("pages_scanned", len(unread))
        if stamped or found:
            parsed.warn(
                f"{len(unread)} of {len(drawn)} pages are images of text and were not read: {_HOW}"
            )
    if layered or veiled:
        parsed.warn("the text layer was made by text recognition: expect wrong letters in code")
    if layered or found:
        _put_in(drawn, rows, found, layered, parsed, turns)
    return {page: turn for page, turn in turns.items() if turn}


def _put_in(
    drawn: Pages, rows: dict[int, Page], found: dict[int, list[list[Word]]],
    layered: dict[int, list[list[Word]]], parsed: Parsed, turns: Mapping[int, int],
) -> None:  # fmt: skip
    """Lines for words, all pages at once: sizes and columns are those of the whole book."""
    words = {**layered, **found}
    made = lines_of(words, _text_face(drawn, words))
    for page in drawn.edited():
        row = rows[page.number]
        if page.number in layered:
            page.lines, page.recognised = made[page.number], True
        if page.number not in found:
            continue
        if turns.get(page.number, 0) in (90, 270):
            page.width, page.height = page.height, page.width
        old = [line.box for line in page.lines]
        page.lines += [
            line for line in made[page.number]
            if not any(_cover(line.box, box) for box in old)
        ]  # fmt: skip
        page.chars = row.chars = sum(len("".join(line.text.split())) for line in page.lines)
        page.recognised = True
        page.pictures, page.marks = [], []  # the sheet itself is no figure
        row.source, row.status = "ocr", "ok" if page.chars else "empty"
    if found:
        parsed.count("pages_ocr", len(found))
        parsed.warn(
            f"the text of {len(found)} of {len(drawn)} pages was recognised in images: "
            "expect wrong letters, most of all in code"
        )


def _text_face(drawn: Pages, words: Mapping[int, object]) -> Face | None:
    """Font and size of the text on pages that were not recognised, if the book has such text."""
    faces: Counter[Face] = Counter()
    for page in drawn:
        if page.number in words or page.chars < _STAMP:
            continue
        for line in page.lines:
            for run in line.runs:
                faces[run.font, round(run.size, 2)] += len(run.text)
    return faces.most_common(1)[0][0] if faces else None


def _need_data(limits: Limits) -> None:
    missing = missing_languages(limits.tessdata, limits.ocr_language)
    if missing:
        raise MissingPrerequisite(
            Code.MISSING_PROGRAM,
            f"apt-get install {packages_for(missing)}, or set TESSDATA_PREFIX to the folder of its "
            "*.traineddata; reading.ocr = false reads what has a text layer",
            language="+".join(missing),
        )


def _recognised(
    document: Any, page: PageDrawn, limits: Limits, desk: Desk, parsed: Parsed
) -> tuple[int, list[list[Word]]] | None:
    """Turn and words by line of one page, from what was kept or by looking; None where neither."""
    try:
        zoom = _resolution(page) / 72
        while page.width * page.height * zoom * zoom > _PIXELS_MAX:
            zoom *= 0.8
        return _words(document[page.number - 1], zoom, limits, desk)
    except (MemoryError, BookError):
        raise
    except Exception as problem:
        parsed.warn(f"the text of page {page.number} cannot be recognised ({problem})"[:200])
        return None


def _resolution(page: PageDrawn) -> float:
    """Dots per inch at which a page is looked at: those of its image, within bounds."""
    wide, pixels = max(
        ((rect[2] - rect[0], wide) for rect, wide, _ in page.pictures), default=(72.0, 300)
    )
    return min(_DPI[1], max(_DPI[0], 72 * pixels / max(1.0, wide)))


def _words(
    page: Any, zoom: float, limits: Limits, desk: Desk
) -> tuple[int, list[list[Word]]]:  # fmt: skip
    picture = _picture(page, zoom, 0)
    name = f"ocr/{_key(picture, limits)}.json"
    kept = desk.want(name)
    if kept is not None:
        with suppress(ValueError, TypeError, KeyError):
            said = cast("dict[str, Any]", json.loads(kept))
            return int(said["turn"]), [[Word(*one) for one in line] for line in said["lines"]]
    turn, words = 0, _look(picture, page, limits)
    if not is_sound(words):
        turned = ((one, _look(_picture(page, zoom, one), page, limits, one)) for one in TURNS)
        turn, words = best_turn(words, turned)
    plain = [[word.as_plain() for word in line] for line in words]
    desk.give(name, json.dumps({"turn": turn, "lines": plain}).encode())
    return turn, words


def _picture(page: Any, zoom: float, turn: int) -> Any:
    """The sheet as an image, turned clockwise."""
    matrix = library().Matrix(zoom, zoom).prerotate(turn)
    return page.get_pixmap(matrix=matrix, alpha=False, annots=False)


def _look(picture: Any, page: Any, limits: Limits, turn: int = 0) -> list[list[Word]]:
    """The words that are recognised in an image of a page."""
    data = picture.pdfocr_tobytes(
        compress=False, language=limits.ocr_language, tessdata=limits.tessdata
    )
    with library().open(stream=data, filetype="pdf") as recognised:
        sheet: Any = recognised[0]
        wide = page.rect.height if turn in (90, 270) else page.rect.width
        scale = wide / sheet.rect.width
        return _plain(sheet.get_text("rawdict", flags=library().TEXT_PRESERVE_WHITESPACE), scale)


def _key(picture: Any, limits: Limits) -> str:
    """Hash of the page image and of all that decides what is seen in it."""
    state = sha256(f"{_VERSION} {limits.ocr_language} {picture.width} {picture.height}".encode())
    for language in limits.ocr_language.split("+"):
        data = Path(limits.tessdata or "") / f"{language}.traineddata"
        state.update(str(data.stat().st_size).encode())
    state.update(picture.samples_mv)
    return state.hexdigest()


def _plain(found: dict[str, Any], scale: float) -> list[list[Word]]:
    """The words of each line: spans of PyMuPDF's recognition, at the size of the page."""
    lines: list[list[Word]] = []
    for block in found["blocks"]:
        for line in block.get("lines", ()):
            words: list[Word] = []
            for span in line["spans"]:
                text = "".join(char["c"] for char in span["chars"]).strip()
                if not text:
                    continue
                inked = [char for char in span["chars"] if not char["c"].isspace()]
                box = (inked[0]["bbox"][0], span["bbox"][1], inked[-1]["bbox"][2], span["bbox"][3])
                x0, y0, x1, y1 = (round(edge * scale, 2) for edge in box)
                base = round(span["origin"][1] * scale, 2)
                words.append(Word(text, x0, y0, x1, y1, base, round(span["size"] * scale, 2)))
            if words:
                lines.append(words)
    return lines


def _cover(one: tuple[float, ...], two: tuple[float, ...]) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] - 1 and two[1] < one[3] - 1
