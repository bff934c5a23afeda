"""Drawing a piece of a page, with its boxes outlined. Runs in the worker.

Belongs here: PyMuPDF drawing. Does not: asking for it (``crops.py``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from booktune_assets.books.glyphs import upright
from booktune_assets.books.mupdf import library
from booktune_assets.errors import BookError, Code

__all__ = ["draw_crop", "draw_region"]

_INK = (0.83, 0.15, 0.15)
_PIXELS_MAX = 6_000_000


def draw_crop(path: Path, task: dict[str, Any]) -> bytes:
    """PNG of the region around the boxes; empty when the file has no such page."""
    pymupdf = library()
    try:
        document: Any = pymupdf.open(str(path), filetype="pdf")
    except Exception as problem:
        raise BookError(Code.DAMAGED_FILE, f"Get a whole copy of it ({problem})") from problem
    with document:
        number = int(task["page"])
        if document.needs_pass or not 1 <= number <= document.page_count:
            return b""
        page = document[number - 1]
        upright(page)
        boxes = [pymupdf.Rect(*box) for box in task["boxes"]]
        margin = float(task["margin"])
        clip = pymupdf.Rect(page.rect)
        if boxes:
            region = pymupdf.Rect(boxes[0])
            for box in boxes:
                region |= box
                page.draw_rect(_grown(box, 2), color=_INK, width=0.8)
            clip = _grown(region, margin) & page.rect
        if clip.is_empty or clip.width < 1 or clip.height < 1:
            return b""
        zoom = float(task["dpi"]) / 72
        while clip.width * clip.height * zoom * zoom > _PIXELS_MAX:
            zoom *= 0.8
        return bytes(page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), clip=clip).tobytes("png"))


def draw_region(
    page: Any, box: tuple[float, float, float, float], dpi: float
) -> tuple[bytes, int, int]:
    """PNG of a region of a page without its annotations, and its width and height in pixels."""
    pymupdf = library()
    clip = _grown(pymupdf.Rect(*box), 3) & page.rect  # with the whole width of its edges
    if clip.is_empty or clip.width < 1 or clip.height < 1:
        return b"", 0, 0
    zoom = dpi / 72
    while clip.width * clip.height * zoom * zoom > _PIXELS_MAX:
        zoom *= 0.8
    picture = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), clip=clip, annots=False)
    return bytes(picture.tobytes("png")), int(picture.width), int(picture.height)


def _grown(rect: Any, by: float) -> Any:
    return library().Rect(rect.x0 - by, rect.y0 - by, rect.x1 + by, rect.y1 + by)
