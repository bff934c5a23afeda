"""What a PDF page draws, in a small plain form: lines of runs, boxes, images.

Belongs here: asking PyMuPDF for one page, spaces that the file leaves out.
Does not: any judgement of what a line is (``rows.py``, ``layout.py``).
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import isfinite
from struct import Struct
from typing import Any

from booktune_assets.books.blocks import inked, printable
from booktune_assets.books.latticed import lattices
from booktune_assets.books.links import Hit, hits_on
from booktune_assets.books.mupdf import library
from booktune_assets.books.paths import Mark, Rect, marks_of
from booktune_assets.books.ruled import ruled_boxes
from booktune_assets.books.unseen import invisible, is_doubtful, take_unseen

__all__ = ["Box", "Line", "PageDrawn", "Rect", "Run", "draw_page", "edges_of", "upright"]

_FLAGS = 3  # TEXT_PRESERVE_LIGATURES, TEXT_PRESERVE_WHITESPACE; code may run off the page
_WORD_GAP = 0.115  # of the font size: a wider gap without a space glyph parts two words
_SIZES = (0.2, 2_000.0)  # pt; type beyond these cannot be read
_FAR = 50_000.0  # pt; no page is as large
_PADDING = 0.5  # of the font size: inline code on a coloured ground has so much around it
_CLOSERS, _OPENERS = frozenset(".,;:)]!?\u2019\u201d"), frozenset("([\u2018\u201c")
_TURNS = {(1, 0): 0, (0, -1): 90, (-1, 0): 180, (0, 1): 270}  # /Rotate that sets text upright
_THIN, _DASH = 1.5, 12.0  # pt; a drawn underscore is neither higher nor wider
_HEM, _SAME = 2.5, 0.1  # pt: of a lower border at most; other sides of its boxes
_RULE, _TINT = 2.5, 0.9  # pt; what is higher is a ground, of an unknown grey
_BOLD = 16
_MONO = 8
_CROWDED = 2_000_000  # shapes of a kind times lines of a page; more are a drawing
_BAR = (1.2, 9.0, 14.0)  # pt: width of a bar at the side of text, its least height
_EDGE = Struct("f")  # as ``Run.edges`` hold them
_BOXES = 10_000  # no page of words has so many boxes
_CAPTIONS = frozenset({"fig", "dia", "ima", "ill", "scr", "pla"})  # how captions of figures begin


@dataclass(slots=True)
class Run:
    """Characters in one font and size.

    ``edges`` are the left edges of all of them, then the right ones, in the single precision that
    MuPDF computes in: a book has millions, so they are kept as bytes.
    """

    text: str
    font: str
    size: float
    flags: int
    color: int
    edges: bytes

    @property
    def lefts(self) -> Sequence[float]:
        """The left edge of each character, x in pt."""
        return memoryview(self.edges)[: len(self.edges) // 2].cast("f")

    @property
    def rights(self) -> Sequence[float]:
        """The right edge of each character, x in pt."""
        return memoryview(self.edges)[len(self.edges) // 2 :].cast("f")

    @property
    def left(self) -> float:
        """The left edge of the first character."""
        return _EDGE.unpack_from(self.edges)[0]

    @property
    def right(self) -> float:
        """The right edge of the last character."""
        return _EDGE.unpack_from(self.edges, len(self.edges) - _EDGE.size)[0]

    @property
    def bold(self) -> bool:
        """Drawn bold, by flag or by name."""
        return bool(self.flags & _BOLD) or "bold" in self.font.lower()

    @property
    def mono_flag(self) -> bool:
        """What the file says about fixed pitch; often missing, so only a hint."""
        return bool(self.flags & _MONO)


def edges_of(lefts: Sequence[float], rights: Sequence[float]) -> bytes:
    """The ``edges`` of a run."""
    return array("f", [*lefts, *rights]).tobytes()


@dataclass(slots=True)
class Line:
    """Runs on one baseline. ``number`` counts it as a line of code; ``counter`` is where that ends.

    A number not printed on every line says nothing: then only its right edge is known. ``seen``
    are the edges of its ink where it was set in columns, ``space`` how wide its spaces were then.
    """

    runs: list[Run]
    baseline: float
    box: Rect
    number: int | None = None
    counter: float | None = None
    seen: bytes = b""
    space: float = 0.0

    @property
    def text(self) -> str:
        """All characters, spaces included."""
        runs = self.runs  # asked for twenty times a line, and most lines have one run
        return runs[0].text if len(runs) == 1 else "".join([run.text for run in runs])

    @property
    def size(self) -> float:
        """The largest type size of its runs, pt."""
        runs = self.runs
        return runs[0].size if len(runs) == 1 else max([run.size for run in runs], default=0.0)


@dataclass(slots=True)
class Box:
    """A filled or framed rectangle."""

    rect: Rect
    filled: bool
    white: bool
    color: tuple[float, ...] = ()


@dataclass(slots=True)
class PageDrawn:
    """One page as drawn. ``rules`` are horizontal hairlines, ``dashes`` short ones, ``dots`` drawn
    bullets, ``pictures`` images with their size in pixels, ``marks`` paths that may be drawings."""

    number: int
    width: float
    height: float
    lines: list[Line] = field(default_factory=list[Line])
    boxes: list[Box] = field(default_factory=list[Box])
    rules: list[Rect] = field(default_factory=list[Rect])
    dashes: list[Rect] = field(default_factory=list[Rect])
    pictures: list[tuple[Rect, int, int]] = field(default_factory=list[tuple[Rect, int, int]])
    marks: list[Mark] = field(default_factory=list[Mark])
    dots: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    lattices: list[list[Rect]] = field(default_factory=list[list[Rect]])  # cells of ruled tables
    edges: int = 0  # strokes that may rule a table
    chars: int = 0
    recognised: bool = False  # its letters were seen in an image
    unmapped: bool = False  # its fonts do not say which letters they draw
    mapped: tuple[str, int] = ("", 0)  # letters that only the fonts knew, for so many unknown ones
    turned: list[str] = field(default_factory=list[str])
    outside: list[str] = field(default_factory=list[str])
    links: list[Hit] = field(default_factory=list[Hit])
    veiled: int = 0  # characters without ink
    hems: list[Rect] = field(default_factory=list[Rect])  # lower borders of boxes without others
    bars: list[Rect] = field(default_factory=list[Rect])  # upright ones, thicker than rules


def upright(page: Any) -> None:
    """Turn a page so that most of its text runs from left to right, whatever /Rotate says.

    Pages are stored lying on their side, and pages of wide tables are shown so.
    """
    runs: Counter[tuple[int, int]] = Counter()
    for block in page.get_text("dict", flags=0)["blocks"]:
        for line in block.get("lines", ()):
            way = (round(line["dir"][0]), round(line["dir"][1]))
            runs[way] += sum(len(span["text"]) for span in line["spans"])
    turn = _TURNS.get(runs.most_common(1)[0][0]) if runs else page.rotation
    if turn is None or turn == page.rotation == 0:
        return
    with suppress(Exception):  # a page without contents has nothing to turn
        page.set_rotation(turn)
        if turn:
            _trim(page)
            page.remove_rotation()


def _trim(page: Any) -> None:
    """Make the part that is shown the whole page: turning it forgets that there is more."""
    whole, shown = page.mediabox, page.cropbox
    if shown != whole:  # its heights count from the top of the whole page
        page.set_mediabox(
            library().Rect(shown.x0, whole.y1 - shown.y1, shown.x1, whole.y1 - shown.y0)
        )


def draw_page(page: Any, number: int, sizes: dict[float, float] | None = None) -> PageDrawn:
    """Lines, boxes and images of a PyMuPDF page.

    ``sizes`` holds the type sizes met so far in the document, so that equal ones are one object.
    """
    sizes = {} if sizes is None else sizes
    if page.rotation:
        upright(page)
    drawn = _draw(page, number, sizes)
    if sum(map(inked, drawn.turned)) > drawn.chars / 2:
        upright(page)
        drawn = _draw(page, number, sizes)
    return drawn


def _draw(page: Any, number: int, sizes: dict[float, float]) -> PageDrawn:
    drawn = PageDrawn(number, float(page.rect.width), float(page.rect.height))
    doubtful: list[tuple[Line, Run]] = []
    everywhere = library().INFINITE_RECT()
    for block in page.get_text("rawdict", flags=_FLAGS, clip=everywhere)["blocks"]:
        for line in block.get("lines", ()):
            made = _line(line, sizes)
            if made is None:
                _hang(line, drawn.lines, sizes)
                continue
            if not _on_page(made, drawn):
                drawn.outside.append(made.text)
                continue
            drawn.chars += inked(made.text)
            if abs(line["dir"][1]) > 0.05 or line["dir"][0] < 0:
                drawn.turned.append(made.text)
            else:
                drawn.lines.append(made)
                if any(map(is_doubtful, line["spans"])):
                    doubtful += _doubted(line["spans"], made)
                    drawn.veiled += sum(map(invisible, line["spans"]))
    _shapes(page, drawn)
    take_unseen(page, drawn, doubtful)
    drawn.links = hits_on(page)
    return drawn


def _doubted(spans: Sequence[dict[str, Any]], line: Line) -> list[tuple[Line, Run]]:
    """The runs of a line that may not show; spans without characters made none."""
    made = [span for span in spans if span["chars"]]
    return [
        (line, run) for span, run in zip(made, line.runs, strict=True) if is_doubtful(span)
    ]  # fmt: skip


def _on_page(line: Line, drawn: PageDrawn) -> bool:
    """A line that begins on the page; what begins outside of it is shown to nobody.

    Nor is type of no size, nor what is drawn at no place at all: broken files place glyphs at NaN.
    """
    x0, y0, x1, y1 = line.box
    if not (-1 <= x0 <= drawn.width and y1 > 0 and y0 < drawn.height):
        return False
    if not (x1 < _FAR and y0 > -_FAR and y1 < _FAR and -_FAR < line.baseline < _FAR):
        return False
    return all(_SIZES[0] < run.size < _SIZES[1] and _finite(run) for run in line.runs)


def _finite(run: Run) -> bool:
    return isfinite(sum(memoryview(run.edges).cast("f")))


def _hang(line: dict[str, Any], lines: Sequence[Line], sizes: dict[float, float]) -> None:
    """Blank glyphs drawn apart from the text they follow: they tell where a row was wrapped."""
    last = lines[-1] if lines else None
    x0, y0, _, y1 = line["bbox"]
    if last is None or not last.box[1] - 1 < (y0 + y1) / 2 < last.box[3] + 1:
        return
    if -1 <= x0 - last.box[2] <= last.box[3] - last.box[1] and line["spans"]:
        run = _run(line["spans"][0], None, sizes)
        if run is not None and run.text.isspace():
            last.runs.append(run)


def _line(line: dict[str, Any], sizes: dict[float, float]) -> Line | None:
    runs: list[Run] = []
    before = None
    for span in line["spans"]:
        run = _run(span, before, sizes, runs[-1].text[-1] if runs else "")
        if run is not None:
            runs.append(run)
            before = run.right
    inked = [run for run in runs if not run.text.isspace()]
    if not inked:
        return None
    # an underscore that TeX drew may stand higher than the letters behind it
    longest = inked[0] if len(inked) == 1 else max(inked, key=lambda run: len(run.text))
    sized = [span for span in line["spans"] if span["size"] == longest.size]
    base = max(sized, key=lambda span: len(span["chars"]))["origin"][1]
    x0, y0, _, y1 = line["bbox"]
    return Line(runs, base, (min(x0, inked[0].left), y0, inked[-1].right, y1))


def _run(
    span: dict[str, Any], before: float | None, sizes: dict[float, float], prior: str = ""
) -> Run | None:
    """A run with the missing spaces put in; spaces of no width are dropped.

    ``prior`` is the last character of the run before: a gap between words and marks where the font
    changes is the padding of inline code.
    """
    size = sizes.setdefault(span["size"], span["size"])
    chars: list[str] = []
    lefts: list[float] = []
    rights: list[float] = []
    end, gap, last = before, _WORD_GAP * size, ""
    for char in span["chars"]:  # the innermost loop of reading: every character of a book
        left, _, right, _ = char["bbox"]
        glyph = char["c"]
        if end is not None and left - end > gap and not glyph.isspace() and not last.isspace():
            padded = not chars and (glyph in _CLOSERS or prior in _OPENERS)
            if not padded or left - end > _PADDING * size:
                chars.append(" ")
                lefts.append(end)
                rights.append(left)
        end = right if right > left else left
        last = glyph
        chars.append(glyph)
        lefts.append(left)
        rights.append(end)
    if not chars:
        return None
    edges = edges_of(lefts, rights)
    font = sys.intern(span["font"])
    return Run(printable(chars), font, size, span["flags"], span["color"], edges)


def _apart(one: float, other: float) -> float:
    return abs(one - other)


def _shapes(page: Any, drawn: PageDrawn) -> None:
    seen: set[tuple[int, ...]] = set()
    posts: list[Rect] = []
    thin: list[Rect] = []
    paths = page.get_cdrawings() or _masks(page)
    for path in paths:
        rect = path["rect"]
        x0, y0, x1, y1 = (float(value) for value in rect)
        wide, high = x1 - x0, y1 - y0
        if len(path["items"]) == 2:
            _add_hem(drawn, path)
        if high < 2.5 or wide < 2.5 or path["type"] == "s":
            drawn.edges += len(path["items"])
            thin += _sides((x0, y0, x1, y1))
        if high > 8 and wide < 2.5:
            posts.append((x0, y0, x1, y1))
        if high > _BAR[2] and _BAR[0] < wide < _BAR[1]:
            drawn.bars.append((x0, y0, x1, y1))
        if wide > 20 and high < 2.5:
            drawn.rules.append((x0, y0, x1, y1))
            continue
        if wide < 40 or high < 8:
            _add_small(drawn, (x0, y0, x1, y1))
            continue
        if wide > 0.97 * drawn.width and high > 0.97 * drawn.height:
            continue
        fill = path.get("fill")
        framed = any(item[0] in ("re", "qu", "c") for item in path["items"])
        if fill is None and not framed:
            continue
        white = fill is not None and min(fill) > 0.995
        _add_box(drawn, Box((x0, y0, x1, y1), fill is not None, white, tuple(fill or ())), seen)
    _add_ruled(drawn, posts)
    drawn.lattices = lattices(thin)
    _thin_out(drawn)
    if paths:
        captioned = any(line.text.lstrip()[:3].lower() in _CAPTIONS for line in drawn.lines)
        drawn.marks = marks_of(paths, captioned)
    if not drawn.chars or page.get_images():
        drawn.pictures += map(_picture, page.get_image_info())


def _add_box(drawn: PageDrawn, box: Box, seen: set[tuple[int, ...]]) -> None:
    key = tuple(map(round, box.rect))
    last = drawn.boxes[-1] if drawn.boxes else box
    if last is not box and max(map(_apart, last.rect, box.rect)) < 1:
        if box.filled:
            drawn.boxes[-1] = box  # a border is often a box below the box
    elif key not in seen:
        drawn.boxes.append(box)
    seen.add(key)


def _sides(rect: Rect) -> list[Rect]:
    """The lines of a frame; of a rule itself."""
    x0, y0, x1, y1 = rect
    if y1 - y0 < _RULE or x1 - x0 < _RULE:
        return [rect]
    return [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]


def _thin_out(drawn: PageDrawn) -> None:
    """Leave out kinds of shapes of which a page holds so many that each is none of the text's.

    Each is looked for beside each line, which a crowded page would make endless.
    """
    if len(drawn.boxes) > _BOXES:
        drawn.boxes.clear()
    for shapes in (drawn.boxes, drawn.dashes, drawn.dots, drawn.bars):
        if len(shapes) * len(drawn.lines) > _CROWDED:
            shapes.clear()


def _masks(page: Any) -> list[dict[str, Any]]:
    """Rules and grounds that are painted through a mask of one pixel, as dvips has them."""
    if b"BI" not in page.read_contents():
        return []
    found: list[dict[str, Any]] = []
    for info in page.get_image_info():
        x0, y0, x1, y1 = info["bbox"]
        if info["width"] == info["height"] == 1 and x1 > x0 and y1 > y0:
            tint = 0.0 if min(x1 - x0, y1 - y0) < _RULE else _TINT
            found.append(
                {"rect": info["bbox"], "type": "f", "fill": (tint,) * 3, "items": [("re",)]}
            )
    return found


def _add_hem(drawn: PageDrawn, path: dict[str, Any]) -> None:
    """Note a lower border that is painted as what a box has over a lower one: browsers do so."""
    if not path.get("even_odd") or any(item[0] != "re" for item in path["items"]):
        return
    boxes = [tuple(map(float, item[1])) for item in path["items"]]
    inner, outer = sorted(boxes, key=lambda box: box[3])
    same = max(map(_apart, inner[:3], outer[:3])) < _SAME
    if same and 0 < outer[3] - inner[3] < _HEM:
        drawn.hems.append((outer[0], inner[3], outer[2], outer[3]))


def _add_small(drawn: PageDrawn, rect: Rect) -> None:
    """Note what may be a drawn dash or bullet."""
    x0, y0, x1, y1 = rect
    wide, high = x1 - x0, y1 - y0
    if high < _THIN and wide < _DASH:
        drawn.dashes.append(rect)
    if 1.5 < wide < 8 and 1.5 < high < 8:
        drawn.dots.append(((x0 + x1) / 2, (y0 + y1) / 2))


def _picture(info: dict[str, Any]) -> tuple[Rect, int, int]:
    x0, y0, x1, y1 = (float(value) for value in info["bbox"])
    return (x0, y0, x1, y1), int(info["width"]), int(info["height"])


def _add_ruled(drawn: PageDrawn, posts: Sequence[Rect]) -> None:
    """Add the boxes that four rules make, but for those that are drawn as rectangles, too."""
    for rect in ruled_boxes(drawn.rules, posts):
        if not any(max(map(_apart, box.rect, rect)) < 3 for box in drawn.boxes):
            drawn.boxes.append(Box(rect, filled=False, white=False))
