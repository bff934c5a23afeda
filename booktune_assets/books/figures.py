"""Figures in the text of a PDF: their captions, their place in reading order, their pictures.

Belongs here: what becomes of the regions that ``drawings.py`` found. Does not: finding them, bytes
of pictures in other formats (``pictures.py``), who refers to them (``multimodal.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from time import process_time
from typing import Any

from booktune_assets.books.blocks import Block, Figure, Parsed, Place
from booktune_assets.books.desk import Desk
from booktune_assets.books.draw import draw_region
from booktune_assets.books.drawings import LABEL, REACH, Drawing
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.paths import Rect
from booktune_assets.books.rows import Row

__all__ = ["draw_figures", "keep_picture", "mark_captions", "place_figures", "spot_on_page"]

_REACH = 34.0  # pt between a figure and its caption, whatever stands there
_DPI = (110.0, 300.0)  # of pictures; between them, the resolution of the image that is shown
_LINE_ART = 170.0  # dots per inch of a drawing without an image
_BYTES_MAX = 25_000_000  # of one picture
_SECONDS = 100.0  # CPU time that the pictures of one book may take


def mark_captions(rows: Sequence[Row], drawings: Sequence[Drawing]) -> None:
    """Note which rows of a page begin the caption of a figure that was found.

    "Figure 3 shows …" begins a paragraph where the figure has a caption that is none.
    """
    found: dict[int, set[int]] = {}
    for index, row in enumerate(rows):
        if row.role or not LABEL.match(row.text):
            continue
        others = [other.box for other in rows if other is not row]
        near = {n for n, one in enumerate(drawings) if _is_beside(one.box, row.box, others)}
        if near:
            found[index] = near
    titled = {n for index, near in found.items() if not _goes_on(rows[index].text) for n in near}
    for index, near in found.items():
        if not _goes_on(rows[index].text) or not near <= titled:
            rows[index].role, rows[index].tied = "caption", True


def _goes_on(text: str) -> bool:
    """Whether a sentence goes on behind the label."""
    label = LABEL.match(text)
    return label is not None and text[label.end() :].lstrip(" ,")[:1].islower()


def place_figures(
    parsed: Parsed, found: Mapping[int, Sequence[Drawing]], ledger: Ledger,
    lines: Mapping[int, Mapping[int, str]],
) -> None:  # fmt: skip
    """Put a block for each figure where it stands, and tie it to its caption.

    ``lines`` are the texts of lines inside of figures by page and number; they move to them.
    """
    _take_words(parsed, ledger)
    for page in sorted(found):
        for drawing in found[page]:
            block = Block("figure", "", content=drawing.content)
            block.places.append(Place(0, 0, page=page, box=_rounded(drawing.box)))
            words = "\n".join(lines[page][number].strip() for number in drawing.lines)
            if words:
                ledger.took(page, "figure", words, block=block)
            parsed.blocks.insert(spot_on_page(parsed.blocks, page, drawing.box), block)
            figure = Figure(block, drawing.kind, drawing.content, words)
            parsed.figures.append(figure)
    order = {id(block): number for number, block in enumerate(parsed.blocks)}
    parsed.figures.sort(key=lambda figure: order[id(figure.block)])
    _tie(parsed)
    parsed.count("figures", len(parsed.figures))


def _take_words(parsed: Parsed, ledger: Ledger) -> None:
    """Drawings that only their words and a caption tell of: one figure per run of such blocks."""
    kept: list[Block] = []
    last: Figure | None = None
    for block in parsed.blocks:
        if block.kind != "figure":
            last = None
            kept.append(block)
            continue
        for place in block.places:
            ledger.took(
                place.page or 0, "figure", block.text[place.start : place.end],
                block=last.block if last else block,
            )  # fmt: skip
        if last is not None and last.block.places[0].page == block.places[0].page:
            last.words = f"{last.words}\n{block.text}"
            one, two = last.block.places[0].box, block.places[0].box
            if one and two:
                last.block.places[0].box = _around(one, two)
        else:
            last = Figure(block, "vector", "", block.text)
            parsed.figures.append(last)
            block.places = [Place(0, 0, block.places[0].page, box=block.places[0].box)]
            kept.append(block)
        block.text = ""
        last.content = last.block.content = sha256(last.words.encode()).hexdigest()
    parsed.blocks = kept


def spot_on_page(blocks: Sequence[Block], page: int, box: Rect) -> int:
    """The index at which a block that stands in ``box`` belongs into reading order."""
    before = after = None
    for index, block in enumerate(blocks):
        for part, place in enumerate(block.places):
            if place.page is not None and place.page < page and after is None:
                before = index if before is None or before < index else before
            if place.page != page or place.box is None:
                continue
            beside = place.box[0] < box[2] and box[0] < place.box[2]
            if beside and (place.box[1] + place.box[3] < box[1] + box[3]):
                before = index
            elif beside and part > 0:
                before = index  # goes on from the page before: nothing comes between
            elif beside and after is None:
                after = index
    if before is None:
        return after or 0
    return before + 1


def _tie(parsed: Parsed) -> None:
    """Captions to figures of the same page: the nearest, on the side that the book prefers."""
    captions: dict[int, list[Block]] = {}
    for block in parsed.blocks:
        place = block.places[0] if block.places else None
        if block.kind == "caption" and place and place.page and place.box:
            captions.setdefault(place.page, []).append(block)
    boxes: dict[int, list[tuple[Block, Rect]]] = {}
    for block in parsed.blocks:
        for place in block.places:
            if place.page in captions and place.box and block.kind != "figure":
                boxes.setdefault(place.page, []).append((block, place.box))
    pairs: list[tuple[float, bool, Figure, Block]] = []
    for figure in parsed.figures:
        place = figure.block.places[0]
        for caption in captions.get(place.page or 0, ()):
            box = caption.places[0].box
            others = [b for block, b in boxes[place.page or 0] if block is not caption]
            gap = _gap(place.box, box) if place.box and box else None
            if place.box and box and not _is_beside(place.box, box, others):
                continue
            if gap is not None and (LABEL.match(caption.text) or not _is_label(caption.text)):
                below = bool(place.box and box and box[1] >= place.box[1])
                pairs.append((gap, below, figure, caption))
    sides = Counter(below for gap, below, _, _ in pairs if gap < _REACH / 2)
    prefers = sides[True] >= sides[False]
    taken: set[int] = set()
    for _, _, figure, caption in sorted(pairs, key=lambda one: (one[1] != prefers, one[0])):
        if figure.caption is None and id(caption) not in taken:
            figure.caption = caption
            taken.add(id(caption))


def _is_label(text: str) -> bool:
    """A caption of something else: a table or a listing."""
    return text[:8].lower().startswith(("table", "listing", "example", "program"))


def _gap(figure: Rect, caption: Rect) -> float | None:
    """pt between a figure and a caption above or below; None when they are not near."""
    if not (caption[0] < figure[2] and figure[0] < caption[2]):
        return None
    gap = max(caption[1] - figure[3], figure[1] - caption[3])
    return max(0.0, gap) if -6 <= gap <= REACH else None


def _is_beside(figure: Rect, caption: Rect, others: Sequence[Rect]) -> bool:
    """Near, or as far as a drawing with room around it, when nothing stands between the two."""
    gap = _gap(figure, caption)
    if gap is None or gap <= _REACH:
        return gap is not None
    top, bottom = min(figure[3], caption[3]), max(figure[1], caption[1])
    return not any(
        top - 2 <= (box[1] + box[3]) / 2 <= bottom + 2 and box[0] < figure[2] and figure[0] < box[2]
        for box in others
    )


def draw_figures(
    document: Any, parsed: Parsed, found: Mapping[int, Sequence[Drawing]], desk: Desk
) -> None:
    """Crop every figure to a picture; an image is known by its own bytes, wherever it stands."""
    shown = {
        (page, _rounded(drawing.box)): drawing for page in found for drawing in found[page]
    }  # fmt: skip
    began = process_time()
    for figure in parsed.figures:
        place = figure.block.places[0]
        if place.page is None or place.box is None:
            continue
        page = document[place.page - 1]
        drawing = shown.get((place.page, place.box))
        pixels = drawing.pixels if drawing else None
        if pixels:
            stream = _image_bytes(document, page, pixels)
            figure.content = figure.block.content = stream or figure.content
        if desk.figures and process_time() - began > _SECONDS:
            figure.fault = "was not drawn: the pictures before it took too long"
        elif desk.figures:
            wide = max(1.0, place.box[2] - place.box[0])
            dpi = min(_DPI[1], max(_DPI[0], 72 * pixels[0] / wide)) if pixels else _LINE_ART
            try:
                data, width, height = draw_region(page, place.box, dpi)
            except MemoryError:
                raise
            except Exception as problem:
                figure.fault = f"cannot be drawn ({type(problem).__name__})"
                continue
            figure.width, figure.height = width, height
            keep_picture(figure, data, "image/png", "png", desk)


def _image_bytes(document: Any, page: Any, pixels: tuple[int, int]) -> str:
    """Digest of the image of that size as the file holds it; empty when there are several."""
    found = {
        image[0] for image in page.get_images(full=True) if (image[2], image[3]) == pixels
    }  # fmt: skip
    if len(found) != 1:
        return ""
    return sha256(document.xref_stream_raw(found.pop()) or b"").hexdigest()


def keep_picture(figure: Figure, data: bytes, media: str, suffix: str, desk: Desk) -> None:
    """Hand a picture out, and note what it is."""
    if not data or len(data) > _BYTES_MAX:
        figure.fault = "is too large to be kept" if data else "has no picture"
        figure.width = figure.height = None
        return
    figure.media_type, figure.bytes = media, len(data)
    figure.sha256 = sha256(data).hexdigest()
    figure.file = f"{figure.sha256[:24]}.{suffix}"
    desk.give(f"figures/{figure.file}", data)


def _rounded(box: Rect) -> Rect:
    return round(box[0], 2), round(box[1], 2), round(box[2], 2), round(box[3], 2)


def _around(one: Rect, two: Rect) -> Rect:
    return min(one[0], two[0]), min(one[1], two[1]), max(one[2], two[2]), max(one[3], two[3])
