"""Text of a PDF page that nobody can see: white on white, or invisible with nothing below.

Belongs here: which runs are doubtful, and the look at what is drawn where they stand. Does not:
text outside of the page (``glyphs.py``), the account of what was left out (``ledger.py``).

Invisible text over the image of a page is what text recognition wrote, and is kept; so is white
text on a dark ground. The evidence is the page itself: it is drawn, and where a doubtful run stands
it shows one even colour, or it does not. Nothing is drawn for a page without doubtful runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from booktune_assets.books.blocks import Parsed, inked

if TYPE_CHECKING:
    from booktune_assets.books.glyphs import Line, PageDrawn, Run

__all__ = ["Unseen", "invisible", "is_doubtful", "take_unseen"]

_FAINT = 8  # of 255: as much ink is none
_PALE = 0xF0F0F0  # the least of red, green and blue: text so light needs a ground
_EVEN = 10  # levels of grey between the darkest and the lightest point
_ZOOM = 2.0  # points of the drawing on a pt: thin strokes must show
_SHEET = 0.6  # of the page: an image so large is the page
_NAMED = 12  # pages that the warning names
_LOOKS = 64  # runs of a page that are looked at one by one; for more the page is drawn once
_LARGEST = 16_000_000  # points of such a drawing


def is_doubtful(span: dict[str, Any]) -> bool:
    """Whether a run of MuPDF's may be unseen: without ink, or all but white."""
    return span["color"] & _PALE == _PALE or span.get("alpha", 255) < _FAINT


def invisible(span: dict[str, Any]) -> int:
    """Characters of a run that are written without ink, as text recognition does over images."""
    if span.get("alpha", 255) >= _FAINT:
        return 0
    return sum(not char["c"].isspace() for char in span["chars"])


def take_unseen(page: Any, drawn: PageDrawn, doubtful: Sequence[tuple[Line, Run]]) -> None:
    """Move runs that do not show to what stands outside of the page."""
    if not doubtful or page.rotation:
        return
    grounds = _grounds(drawn)
    sheet = _sheet(page, drawn) if len(doubtful) > _LOOKS else None
    gone: set[int] = set()
    for line, run in doubtful:
        box = run.left, line.box[1], run.right, line.box[3]
        if not inked(run.text) or _on_ground(grounds, box) or not _is_even(page, box, sheet):
            continue
        drawn.outside.append(run.text)
        drawn.chars -= inked(run.text)
        line.runs = [one for one in line.runs if one is not run]
        left = [one for one in line.runs if inked(one.text)]
        if left:
            line.box = left[0].left, line.box[1], left[-1].right, line.box[3]
        else:
            gone.add(id(line))
    drawn.lines = [one for one in drawn.lines if id(one) not in gone]


def _grounds(drawn: PageDrawn) -> list[tuple[float, ...]]:
    """Images of the whole page, and dark boxes: what stands on them is seen without a look."""
    sheet = _SHEET * drawn.width * drawn.height
    images = (rect for rect, _, _ in drawn.pictures
              if (rect[2] - rect[0]) * (rect[3] - rect[1]) >= sheet)  # fmt: skip
    dark = (one.rect for one in drawn.boxes if one.filled and one.color and max(one.color) < 0.6)
    return [*images, *dark]


def _on_ground(grounds: Sequence[tuple[float, ...]], box: tuple[float, ...]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in grounds)


def _sheet(page: Any, drawn: PageDrawn) -> Any:
    """The whole page drawn, if it is of a usual size: a look at each run draws all of it again."""
    from booktune_assets.books.mupdf import library

    mupdf = library()
    if drawn.width * drawn.height * _ZOOM * _ZOOM > _LARGEST:
        return None
    with suppress(Exception):
        return page.get_pixmap(
            matrix=mupdf.Matrix(_ZOOM, _ZOOM), colorspace=mupdf.csGRAY, alpha=False
        )
    return None


def _is_even(page: Any, box: tuple[float, ...], sheet: Any = None) -> bool:
    """Whether the page shows one colour there. What cannot be drawn is taken for seen."""
    from booktune_assets.books.mupdf import library

    mupdf = library()
    if sheet is not None:
        spot = (mupdf.Rect(box) * mupdf.Matrix(_ZOOM, _ZOOM)).round() & sheet.irect
        left, right = spot.x0 - sheet.x, spot.x1 - sheet.x
        starts = (sheet.stride * (y - sheet.y) for y in range(spot.y0, spot.y1))
        found = [sheet.samples_mv[start + left : start + right] for start in starts]
        points = b"".join(found)
        return bool(points) and max(points) - min(points) <= _EVEN
    try:
        shown = page.get_pixmap(
            matrix=mupdf.Matrix(_ZOOM, _ZOOM), clip=mupdf.Rect(box), colorspace=mupdf.csGRAY,
            alpha=False,
        )  # fmt: skip
    except Exception:
        return False
    return bool(shown.samples) and max(shown.samples) - min(shown.samples) <= _EVEN


class Unseen:
    """How many characters of which pages are shown to nobody."""

    def __init__(self) -> None:
        self._found: dict[int, int] = {}

    def note(self, page: PageDrawn) -> None:
        """Look at a page that was drawn."""
        if chars := sum(map(inked, page.outside)):
            self._found[page.number] = chars

    def tell(self, parsed: Parsed) -> None:
        """Write it into the counts and warnings."""
        if not self._found:
            return
        pages = list(self._found)
        more = f" and {len(pages) - _NAMED} more" if len(pages) > _NAMED else ""
        chars = sum(self._found.values())
        parsed.count("hidden_chars", chars)
        parsed.warn(
            f"{chars} characters that no reader sees (pale, without ink or outside of the page) "
            f"were left out: page {', '.join(map(str, pages[:_NAMED]))}{more}"
        )
