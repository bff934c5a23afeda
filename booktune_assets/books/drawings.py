"""Figures on a page: pictures and line art that stand apart from text, code and tables.

Belongs here: which region of a page is a figure, and which words belong to it. Does not: captions
and places in the text (``figures.py``), pixels (``draw.py``).

What is lost to a false figure is text, so evidence is asked for: an image of some size, strokes
that are neither upright nor level, shapes that are no rounded box; or a caption that says so. A
region that swallows lines of text or code is none.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn
from booktune_assets.books.lang import is_language
from booktune_assets.books.packed import Pages
from booktune_assets.books.pagefacts import Fact
from booktune_assets.books.paths import Mark, Rect

__all__ = ["LABEL", "REACH", "Drawing", "find_drawings", "is_near"]

LABEL = re.compile(
    r"^(?P<word>figure|fig\.|diagram|image|illustration|screenshot|plate)\s+"
    r"(?P<number>\d+(?:[.\-\u2011]\d+)*|[A-Z](?:[.\-]\d+)+)(?![\w'\u2019])", re.I,
)  # fmt: skip
REACH = 80.0  # pt from a figure to its caption at most, when nothing stands between them
_SMALL = (50.0, 30.0, 2_800.0)  # width, height and area of the smallest figure, pt
_ICON = (40.0, 30.0)  # of the smallest picture
_PAGE = 0.85  # of the page's area: what is larger is a background or a scan
_GAP = 14.0  # pt between strokes of one drawing
_TOUCH = 6.0  # pt to what a drawing takes in
_INSET = 24.0  # pt from the right side of a listing to a badge with its language
_REPEATS = 3  # pages that show the same at the same place: furniture
_CROWDED = 1_000_000  # strokes times lines of a page; more strokes are no part of a drawing


@dataclass(slots=True)
class Drawing:
    """A region that is a figure; ``lines`` are the numbers of the lines that belong to it."""

    page: int
    box: Rect
    kind: str
    lines: list[int] = field(default_factory=list[int])
    pixels: tuple[int, int] | None = None
    content: str = ""
    captioned: bool = False


def find_drawings(
    pages: Pages, fonts: Fonts, dropped: dict[int, set[int]]
) -> dict[int, list[Drawing]]:
    """Figures by page, from the top down. ``dropped`` are lines that are furniture, by page."""
    found: dict[int, list[Drawing]] = {}
    for _, page in pages.having(Fact.SHAPES):
        if page.pictures or page.marks:
            sheet = _Sheet(page, fonts, dropped.get(page.number, set()))
            drawings = sheet.drawings()
            if page.recognised:  # no type parts labels from text: images only, and no line of it
                drawings = [replace(one, lines=[]) for one in drawings if one.kind == "raster"]
            if drawings:
                found[page.number] = drawings
    return _without_furniture(found)


def _without_furniture(found: dict[int, list[Drawing]]) -> dict[int, list[Drawing]]:
    """Without what many pages show at the same place and no caption speaks of."""
    seen: dict[tuple[object, ...], int] = defaultdict(int)

    def key(one: Drawing) -> tuple[object, ...]:
        return (*(round(edge / 4) for edge in one.box), one.pixels or one.content)

    for drawings in found.values():
        for drawing in drawings:
            seen[key(drawing)] += 1
    kept = {
        page: [one for one in drawings if one.captioned or seen[key(one)] < _REPEATS]
        for page, drawings in found.items()
    }
    return {page: drawings for page, drawings in kept.items() if drawings}


class _Sheet:
    """One page while its figures are looked for."""

    def __init__(self, page: PageDrawn, fonts: Fonts, dropped: set[int]) -> None:
        self.page, self.fonts = page, fonts
        self.lines = {n: line for n, line in enumerate(page.lines) if n not in dropped}
        body = [line.box for line in self.lines.values() if self._is_body(line)]
        self.left = min((box[0] for box in body), default=0.1 * page.width)
        self.right = max((box[2] for box in body), default=0.9 * page.width)
        self.wide = max(self.right - self.left, 0.4 * page.width)
        weak = [mark.rect for mark in page.marks if not mark.art]
        crowded = len(weak) * len(self.lines) > _CROWDED
        self.weak = [] if crowded else [rect for rect in weak if self._may_join(rect)]

    def drawings(self) -> list[Drawing]:
        """The figures of the page, from the top down."""
        pictures = [rect for rect, _, _ in self.page.pictures if self._is_picture(rect)]
        art = [mark.rect for mark in self.page.marks if mark.art and self._fits(mark.rect)]
        regions = [self._grown(rect) for rect in _clustered([*pictures, *art], _GAP)]
        regions = _clustered(regions, 0.0)
        regions = _clustered([*regions, *self._by_caption(regions)], 0.0)
        regions = _clustered([self._labelled(region) for region in regions], 0.0)
        made = [self._drawing(region, pictures) for region in regions]
        found = sorted((one for one in made if one), key=lambda one: (one.box[1], one.box[0]))
        taken: set[int] = set()
        for drawing in found:  # a line on the edge of two belongs to one
            drawing.lines = [number for number in drawing.lines if number not in taken]
            taken.update(drawing.lines)
        return found

    def _is_body(self, line: Line) -> bool:
        run = max(line.runs, key=lambda run: len(run.text))
        return run.font == self.fonts.body and abs(run.size - self.fonts.body_size) < 0.3

    def _fits(self, rect: Rect) -> bool:
        return _area(rect) < _PAGE * self.page.width * self.page.height

    def _is_picture(self, rect: Rect) -> bool:
        x0, y0, x1, y1 = rect
        inside = x1 > 0 and y1 > 0 and x0 < self.page.width and y0 < self.page.height
        return inside and x1 - x0 >= _ICON[0] and y1 - y0 >= _ICON[1] and self._fits(rect)

    def _may_join(self, rect: Rect) -> bool:
        """What a drawing may take in: no rule over the page, no box of text or inline code."""
        x0, y0, x1, y1 = rect
        if x1 - x0 > 0.6 * self.wide and y1 - y0 < 3:
            return False
        if y1 - y0 > 0.6 * self.page.height and x1 - x0 < 3:
            return False
        return self._fits(rect) and not self._holds_text(rect)

    def _holds_text(self, rect: Rect) -> bool:
        """A box around lines of text or code, or behind some words of a line."""
        inner = [line for line in self.lines.values() if _within(line.box, rect)]
        long = [
            line for line in inner
            if line.box[2] - line.box[0] > 0.45 * self.wide or self._is_code(line)
        ]  # fmt: skip
        if len(long) >= 2 or (len(inner) == len(long) == 1 and rect[2] - rect[0] > 0.6 * self.wide):
            return True
        if rect[3] - rect[1] > 2 * self.fonts.body_size:
            return False
        behind = [line for line in self.lines.values() if _overlap(line.box, rect)]
        return any(line.box[0] < rect[0] - 8 or line.box[2] > rect[2] + 8 for line in behind)

    def _is_code(self, line: Line) -> bool:
        wide = line.box[2] - line.box[0]
        return wide > 0.25 * self.wide and all(map(self.fonts.mono, line.runs))

    def _grown(self, region: Rect) -> Rect:
        """A region with the strokes and boxes that touch it."""
        rest = list(self.weak)
        for _ in range(30):
            near = [rect for rect in rest if is_near(rect, region, _TOUCH)]
            if not near:
                break
            rest = [rect for rect in rest if rect not in near]
            region = _union([region, *near])
        return region

    def _by_caption(self, regions: Sequence[Rect]) -> list[Rect]:
        """Boxes and lines above a caption that speaks of a figure, where nothing else was found."""
        made: list[Rect] = []
        for line in self.lines.values():
            if not LABEL.match(line.text.strip()):
                continue
            if any(is_near(line.box, region, REACH) for region in regions):
                continue
            text = [
                other.box[3] for other in self.lines.values()
                if other.box[3] < line.box[1] and other is not line
                and other.box[2] - other.box[0] > 0.5 * self.wide
            ]  # fmt: skip
            top = max([*text, 0.04 * self.page.height])
            above = [
                rect for rect in self.weak if rect[1] >= top - 2 and rect[3] <= line.box[1] + 2
            ]
            code = [whole for whole in _clustered(above, 1.0) if self._is_listing(whole, above)]
            above = [rect for rect in above if not any(_within(rect, whole) for whole in code)]
            if len(above) >= 2:
                made.append(_union(above))
        return made

    def _is_listing(self, whole: Rect, among: Sequence[Rect]) -> bool:
        """Whether boxes, each as wide as all or at a side of them, hold rows of code from one edge.

        Some houses call their listings figures; labels in fixed pitch stand each in its own box.
        """
        x0, _, x1, _ = whole
        boxes = [rect for rect in among if _within(rect, whole)]
        inner = [line for line in self.lines.values() if _within(line.box, whole)]
        code = [line for line in inner if all(map(self.fonts.mono, line.runs))]
        others = {line.text.strip() for line in inner if line not in code}
        edges = Counter(round(line.box[0]) for line in code)
        return (
            bool(code) and edges.most_common(1)[0][1] >= len(code) / 2
            and all(text.isdigit() or is_language(text) for text in others)
            and all(abs(box[0] - x0) < 2 or abs(box[2] - x1) < _INSET for box in boxes)
        )  # fmt: skip

    def _drawing(self, region: Rect, pictures: Sequence[Rect]) -> Drawing | None:
        """The figure of a region, with its labels; None when it is too small or holds text."""
        wide, high = region[2] - region[0], region[3] - region[1]
        marks = [mark for mark in self.page.marks if _within(mark.rect, region)]
        own = [rect for rect in pictures if _within(rect, region)]
        if (wide, high) < _SMALL[:2] or high < _SMALL[1] or wide * high < _SMALL[2]:
            return None
        if not self._fits(region) or (not own and len(marks) < 3):
            return None
        inner = [n for n, line in self.lines.items() if _within(line.box, region)]
        if sum(self._is_long(self.lines[n]) for n in inner) >= (2 if own else 3):
            return None
        clipped = (
            max(0.0, region[0]), max(0.0, region[1]),
            min(self.page.width, region[2]), min(self.page.height, region[3]),
        )  # fmt: skip
        sizes = [(w, h) for rect, w, h in self.page.pictures if rect in own]
        drawing = Drawing(self.page.number, clipped, "raster" if own else "vector", inner)
        drawing.pixels = max(sizes, default=None)
        drawing.captioned = any(
            LABEL.match(line.text.strip()) and is_near(line.box, region, REACH)
            for line in self.lines.values()
        )
        drawing.content = self._content(region, marks, inner)
        return drawing

    def _is_long(self, line: Line) -> bool:
        """A line of text or code, and no label."""
        return line.box[2] - line.box[0] > 0.5 * self.wide and (
            self._is_body(line) or all(map(self.fonts.mono, line.runs))
        )

    def _labelled(self, region: Rect) -> Rect:
        """A region with the labels that stand at its strokes, set in another type than text."""
        for _ in range(3):
            near = [
                line.box for line in self.lines.values()
                if is_near(line.box, region, _TOUCH) and not _within(line.box, region)
                and line.box[2] - line.box[0] < 0.4 * self.wide
                and not self._is_body(line) and not LABEL.match(line.text.strip())
                and not all(map(self.fonts.mono, line.runs)) and self._is_small(line)
            ]  # fmt: skip
            if not near:
                break
            region = _union([region, *near])
        return region

    def _is_small(self, line: Line) -> bool:
        """Type no larger than that of the text: what is larger is a heading."""
        bold = any(run.bold for run in line.runs)
        size = max(run.size for run in line.runs)
        return size <= self.fonts.body_size + 0.3 and not (bold and line.box[0] < self.left + 2)

    def _content(self, region: Rect, marks: Sequence[Mark], inner: Sequence[int]) -> str:
        """Digest of what is drawn, wherever on the page it stands."""
        shapes = sorted(
            (round(m.rect[0] - region[0]), round(m.rect[1] - region[1]),
             round(m.rect[2] - m.rect[0]), round(m.rect[3] - m.rect[1]))
            for m in marks
        )  # fmt: skip
        words = [self.lines[n].text for n in inner]
        return sha256(repr((shapes, words)).encode()).hexdigest()


def is_near(one: Rect, two: Rect, gap: float) -> bool:
    """Whether two boxes are no more than ``gap`` pt apart."""
    return (
        one[0] - gap <= two[2] and two[0] - gap <= one[2]
        and one[1] - gap <= two[3] and two[1] - gap <= one[3]
    )  # fmt: skip


def _clustered(rects: Sequence[Rect], gap: float) -> list[Rect]:
    """Boxes that are near each other as one."""
    made: list[Rect] = []
    for rect in sorted(rects, key=lambda rect: rect[1]):
        merged = rect
        while near := [other for other in made if is_near(other, merged, gap)]:
            made = [other for other in made if other not in near]
            merged = _union([merged, *near])
        made.append(merged)
    return made


def _union(rects: Sequence[Rect]) -> Rect:
    return (
        min(rect[0] for rect in rects), min(rect[1] for rect in rects),
        max(rect[2] for rect in rects), max(rect[3] for rect in rects),
    )  # fmt: skip


def _within(one: Rect, region: Rect) -> bool:
    """Whether the middle of a box lies in a region."""
    x, y = (one[0] + one[2]) / 2, (one[1] + one[3]) / 2
    return region[0] - 1 <= x <= region[2] + 1 and region[1] - 1 <= y <= region[3] + 1


def _overlap(one: Rect, two: Rect) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] - 1 and two[1] < one[3] - 1


def _area(rect: Rect) -> float:
    return (rect[2] - rect[0]) * (rect[3] - rect[1])
