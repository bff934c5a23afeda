"""Lines put into rows and rows into reading order.

Belongs here: joining what stands on one baseline, which box holds a row. Does not: columns
(``columns.py``), what a row means (``layout.py``), fonts (``fonts.py``).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from booktune_assets.books.blocks import inked
from booktune_assets.books.columns import Columns, in_columns
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Box, Line, PageDrawn, Rect, Run
from booktune_assets.books.lang import is_language

__all__ = ["Row", "into_rows", "raised", "row_of", "set_frames"]

_SMALL = (0.6, 0.92)  # of the type size: capitals drawn as small ones
_BORDER = 12.0  # pt that a border and its room may be wide
_MARK = re.compile(r"[\u2460-\u2473\u2776-\u2793\u24eb-\u24ff]")  # circled numbers
_STRIPE = 3.2  # heights of a row: so much may stand between the boxes of every second one
_MARK_LONG, _RAISED = 5, 0.8  # characters; of the type size of the row that it belongs to
_STRIPS = 2  # rows of a listing with a ground of their own
_LOOKS = 500_000  # boxes beside grounds, half a second; books have some thousand a page


@dataclass(slots=True)
class Row:
    """One row of text in one column. ``mono`` is true when all its ink is in fixed-pitch fonts."""

    page: int
    runs: list[Run]
    baseline: float
    box: Rect
    text: str
    size: float
    font: str
    bold: bool
    mono: bool
    color: int = 0
    frame: Box | None = None
    column: tuple[float, float] = (0.0, 0.0)
    parts: list[float] = field(default_factory=list[float])
    role: str = ""
    bullet: bool = False
    line_no: int | None = None
    counter: float | None = None  # right edge of its number, also where that says nothing
    goes_on: bool = False  # a mark said that it goes on with the row before
    level: int | None = None
    tied: bool = False  # begins the caption of a figure that was found
    lang: str = ""  # of the listing that it begins, as its label says
    hangs: bool = False  # it ends in a space, for where its runs are put by
    ink: float = 0.0  # pt: where its ink begins, for the same
    ruled: float = 0.0  # pt: how thick the rule is that runs below it to the end of its column
    drawn: tuple[float, float] | None = None  # in a font of words, pt: see ``_drawn``

    @property
    def style(self) -> tuple[str, float, bool]:
        """What headings have in common: font, size, weight."""
        return self.font, round(self.size * 2) / 2, self.bold

    def inked_from(self) -> float:
        """Where its ink begins, pt: its box begins with blanks, if the file draws those."""
        first = next((run for run in self.runs if not run.text.isspace()), None)
        return first.lefts[len(first.text) - len(first.text.lstrip())] if first else self.ink


def into_rows(
    page: PageDrawn, fonts: Fonts, dropped: set[int], usual: Columns | None = None
) -> list[Row]:
    """The rows of a page in reading order; ``dropped`` holds line numbers that are furniture.

    ``usual`` are the columns of the book, if it is set in two.
    """
    lines = [line for number, line in enumerate(page.lines) if number not in dropped]
    rows: list[Row] = []
    for group, column in in_columns(lines, usual):
        rows += [row_of(page.number, members, fonts, column) for members in _on_baselines(group)]
    return rows


def set_frames(page: PageDrawn, rows: list[Row], fonts: Fonts) -> None:
    """Note the box around each row, and the bullets that are drawn and not written."""
    frames, low = _frames(page, rows, fonts)
    for row in rows:
        row.frame = _frame_of(row, frames)
        if row.frame is None and row.mono:
            row.frame = _frame_of(row, [box for box in low if _is_wide(box, row)])
        elif row.frame is None and (label := _label_at(row, fonts)) is not None:
            row.frame = _frame_of(row, [box for box in low if box.rect[2] > label])
        row.bullet = any(
            row.box[1] < y < row.box[3] and 0 < row.box[0] - x < 24 for x, y in page.dots
        )


def _label_at(row: Row, fonts: Fonts) -> float | None:
    """Where the name of a language ends that stands well apart behind a row of code."""
    *code, last = (run for run in row.runs if run.text.strip())
    if not code or not all(map(fonts.mono, code)) or fonts.mono(last) or len(row.parts) < 2:
        return None
    apart = last.left - code[-1].right > 4 * row.size
    return row.box[2] if apart and is_language(last.text) else None


def _on_baselines(lines: list[Line]) -> list[list[Line]]:
    """Lines that share a baseline and do not overlap, from left to right."""
    groups: list[list[Line]] = []
    for line in lines:
        near = 0.22 * max(4.0, line.box[3] - line.box[1])
        for group in groups[-1:-4:-1]:
            if abs(group[0].baseline - line.baseline) >= near:
                continue
            apart = _MARK.fullmatch(line.text.strip()) or all(  # marks are printed over code, too
                line.box[0] >= other.box[2] - 2 or line.box[2] <= other.box[0] + 2
                for other in group
            )
            if apart:
                group.append(line)
                break
        else:
            groups.append([line])
    _put_raised(groups)
    for group in groups:
        group.sort(key=lambda line: line.box[0])
    return groups


def _put_raised(groups: list[list[Line]]) -> None:
    """Put a mark that stands raised behind the end of a row, drawn as a line, into that row."""
    for one, two in [*pairwise(groups)]:
        for mark, row in ((one, two), (two, one)):
            if len(mark) == 1 and row and _ends_raised(mark[0], row):
                row.append(mark.pop())
    groups[:] = filter(None, groups)


def _ends_raised(mark: Line, row: Sequence[Line]) -> bool:
    if len(mark.text.strip()) > _MARK_LONG:
        return False
    last = max(row, key=lambda line: line.box[2])
    small = mark.size < _RAISED * last.size
    over = 0 < last.baseline - mark.baseline < 0.6 * last.size
    return small and over and abs(mark.box[0] - last.box[2]) < 0.2 * last.size


def row_of(number: int, lines: list[Line], fonts: Fonts, column: tuple[float, float]) -> Row:
    """One row of some lines of page ``number``, in their order."""
    runs = [run for line in lines for run in line.runs]
    texts: list[str] = []
    parts: list[float] = []
    for line in lines:
        texts.append(line.text.strip())
        parts.append(line.box[0])
    weights: dict[tuple[str, float, bool], int] = {}
    mono = plain = 0
    for run in runs:
        ink = inked(run.text)
        if not ink:
            continue
        if run.font in fonts.advance:
            mono += ink
            ink = max(1, ink // 2)
        else:
            plain += fonts.words(run)
        face = run.font, run.size, run.bold
        weights[face] = weights.get(face, 0) + ink
    font, size, _ = max(weights, key=weights.__getitem__)
    heavy = sum(n for (_, _, bold), n in weights.items() if bold)
    type_size = _capitals(runs, font) or size
    largest = max((run for run in runs if run.font == font and run.size == size), key=_inked)
    base, box = _place(lines, fonts)
    code = mono > 0 and (plain == 0 or fonts.holds(runs))
    counted = next((line for line in lines if line.counter is not None), lines[0])
    return Row(
        number, runs, base, box, " ".join(text for text in texts if text), type_size, font,
        heavy > 0.8 * sum(weights.values()), code, largest.color, None, column, parts,
        line_no=next((line.number for line in lines if line.number is not None), None),
        counter=counted.counter, drawn=_drawn(lines[0]) if len(lines) == 1 else None,
    )  # fmt: skip


def _drawn(line: Line) -> tuple[float, float] | None:
    """Where the ink of a line ended before it was set in columns, and what its first word takes."""
    if not line.space:
        return None
    text = line.text
    edges = memoryview(line.seen).cast("f")
    count = len(edges) // 2
    if count != inked(text):
        return None  # it lost a number or a mark since
    first = len(text.split(maxsplit=1)[0])
    return edges[-1], line.space + edges[count + first - 1] - edges[0]


def _place(lines: Sequence[Line], fonts: Fonts) -> tuple[float, Rect]:
    """The baseline of a row of some lines, and the box around them."""
    if len(lines) == 1:  # as nearly all rows
        return lines[0].baseline, lines[0].box
    box = (
        min(line.box[0] for line in lines), min(line.box[1] for line in lines),
        max(line.box[2] for line in lines), max(line.box[3] for line in lines),
    )  # fmt: skip
    coded = [line for line in lines if all(run.font in fonts.advance for run in line.runs)]
    # words beside code may stand a little off its baseline
    told = coded if lines[0] in coded else lines
    return max(told, key=lambda line: len(line.text)).baseline, box


def _capitals(runs: Sequence[Run], font: str) -> float | None:
    """The size of type of a row in small capitals that are drawn as capitals of a smaller size."""
    if len({run.size for run in runs}) < 2:
        return None  # as nearly all rows
    sizes: Counter[float] = Counter()
    for run in runs:
        letters = sum(map(str.isalpha, run.text))
        if letters and (run.font != font or not run.text.isupper()):
            return None
        if letters:
            sizes[round(run.size, 1)] += letters
    if len(sizes) != 2:
        return None
    low, high = sorted(sizes)
    return high if _SMALL[0] < low / high < _SMALL[1] and sizes[low] > sizes[high] else None


def raised(row: Row) -> bool:
    """Whether a sign that its font lacks, so that it comes from another, may set a row off."""
    return any(run.font != row.font and not run.text.isascii() for run in row.runs)


def _inked(run: Run) -> int:
    return len(run.text) - run.text.count(" ")


def _is_wide(box: Box, row: Row) -> bool:
    """Whether a low box is that of one row of code, left by a page break: as wide as its column.

    What marks code inside of a sentence is as wide as the code.
    """
    left, right = row.column
    wide = box.rect[2] - box.rect[0] > 0.6 * (right - left)
    return wide and abs(box.rect[2] - row.box[2]) > 2 * row.size


def _frames(page: PageDrawn, rows: Sequence[Row], fonts: Fonts) -> tuple[list[Box], list[Box]]:
    """Boxes that can hold rows, and those as low as one row, both from top to bottom.

    The strips that some typesetters draw per line become one box.
    """
    low = 1.55 * (fonts.code_size or fonts.body_size)
    boxes = sorted(
        _seen(page.boxes, low),
        key=lambda box: (round(box.rect[0]), round(box.rect[2]), box.rect[1]),
    )
    striped, rest = _stripes(boxes, [row for row in rows if row.mono], low)
    merged: list[Box] = []
    made: set[int] = set()  # the ids of boxes of several strips
    for box in rest:
        last = merged[-1] if merged else None
        if (
            last is not None and _below(last, box) and -2 < box.rect[1] - last.rect[3] < 1.5
            and box.rect[3] - box.rect[1] < 1.3 * low
        ):  # fmt: skip
            merged[-1] = _joined(last, box)
            made.add(id(merged[-1]))
        else:
            merged.append(box)
    merged = _flush(merged, 1.3 * low, made)
    merged.sort(key=lambda box: box.rect[1])
    tall = [box for box in merged if box.rect[3] - box.rect[1] >= low]
    one_row = [box for box in merged if 0.5 * low < box.rect[3] - box.rect[1] < low]
    tall = _without_strips(tall, one_row)
    return sorted(tall + striped, key=lambda box: box.rect[1]), one_row


def _without_strips(tall: list[Box], one_row: Sequence[Box]) -> list[Box]:
    """Boxes without the ground of a wrapped row, where all rows of a listing have one each.

    It lies in the box of its listing from side to side, as lower ones do, and is white or has the
    colour of one of them.
    """
    if not one_row or len(tall) * (len(tall) + len(one_row)) > _LOOKS:
        return tall
    strips = [one for one in one_row if any(_holds(other, one) for other in tall)]
    left: list[Box] = []
    for box in tall:
        among = [one for one in strips if _below(one, box)]
        inside = box.filled and any(_holds(other, box) for other in tall)
        same = box.white or any(_alike(one, box) for one in among)
        if not (inside and len(among) >= _STRIPS and same):
            left.append(box)
    return left


def _holds(outer: Box, box: Box) -> bool:
    """Whether a box has another in it that has the same sides and is lower."""
    top, bottom = outer.rect[1], outer.rect[3]
    inside = top - 0.5 <= box.rect[1] and box.rect[3] <= bottom + 0.5
    return inside and _below(outer, box) and bottom - top > box.rect[3] - box.rect[1] + 2


def _seen(boxes: Sequence[Box], low: float) -> list[Box]:
    """Boxes without those that lie in a higher one of their own colour: nobody sees them.

    Each is looked at beside each ground, so a page of more than ``_LOOKS`` is a drawing and stays.
    """
    grounds = [box for box in boxes if box.filled and box.rect[3] - box.rect[1] >= low]
    if len(grounds) * len(boxes) > _LOOKS:
        return list(boxes)

    def lies_in(box: Box, other: Box) -> bool:
        (x0, y0, x1, y1), (u0, v0, u1, v1) = box.rect, other.rect
        inside = u0 - 0.5 <= x0 and x1 <= u1 + 0.5 and v0 - 0.5 <= y0 and y1 <= v1 + 0.5
        return inside and v1 - v0 > y1 - y0 + 1 and box.color == other.color

    return [box for box in boxes if not box.filled or not any(lies_in(box, g) for g in grounds)]


def _stripes(boxes: list[Box], code: Sequence[Row], low: float) -> tuple[list[Box], list[Box]]:
    """Listings of which every second row has a box, each as one box; and the boxes that are left.

    Rows of code without a box fill the room between two such boxes; a blank one leaves it empty.
    """
    striped: list[Box] = []
    rest: list[Box] = []
    run: list[Box] = []
    bare: list[Row] = []

    def flush() -> None:
        if bare:
            striped.append(_joined(run[0], run[-1]))
        else:
            rest.extend(run)
        run.clear()
        bare.clear()

    for box in boxes:
        last = run[-1] if run else None
        if last is not None:
            gap = box.rect[1] - last.rect[3] if _below(last, box) else 0.0
            between = [
                row for row in code
                if last.rect[3] < row.baseline < box.rect[1] and row.box[0] < box.rect[2]
                and row.box[2] > box.rect[0]
            ]  # fmt: skip
            fills = _fills(last, box, between) if between else gap < low
            if not (_alike(last, box) and 0.5 * low < gap < _STRIPE * low and fills):
                flush()
            else:
                bare.extend(between)
        run.append(box)
    flush()
    alone = [box for box in rest if any(_alike(box, one) for one in striped)]
    rest = [box for box in rest if box not in alone]
    tops = sorted(boxes, key=lambda box: box.rect[1])
    free = [row for row in code if _frame_of(row, tops) is None] if striped else []
    return [_grown(box, free, low) for box in striped + alone], rest


def _flush(boxes: list[Box], low: float, made: set[int]) -> list[Box]:
    """Boxes with those joined on that go on below, where one is as low as a row.

    A border took the side of some; others are higher, as a line of code has a box of its own and
    was wrapped. ``made`` are those that consist of such.
    """
    out: list[Box] = []
    parts = False  # the last box is one row, or made of such
    for box in sorted(boxes, key=lambda box: (round(box.rect[2]), box.rect[1])):
        last = out[-1] if out else None
        small = box.rect[3] - box.rect[1] < low or id(box) in made
        if last is not None and (parts or small) and _goes_on(last, box):
            rect = min(last.rect[0], box.rect[0]), last.rect[1], last.rect[2], box.rect[3]
            out[-1], parts = Box(rect, last.filled, last.white, last.color), True
        else:
            out.append(box)
            parts = small
    return out


def _goes_on(last: Box, box: Box) -> bool:
    near = abs(box.rect[1] - last.rect[3]) < 0.5 and abs(last.rect[0] - box.rect[0]) < _BORDER
    tinted = last.filled and box.filled and not last.white and last.color == box.color
    return near and tinted and abs(last.rect[2] - box.rect[2]) < 1


def _alike(one: Box, two: Box) -> bool:
    sides = abs(one.rect[0] - two.rect[0]) < 1 and abs(one.rect[2] - two.rect[2]) < 1
    return sides and one.color == two.color


def _grown(box: Box, code: Sequence[Row], low: float) -> Box:
    """A striped box with the bare row before it and after it."""
    x0, y0, x1, y1 = box.rect
    for row in code:
        if x0 - 2 < row.box[0] < x1 and row.box[3] - row.box[1] < low:
            if abs(row.box[3] - y0) < 0.3 * low and row.baseline < y0:
                y0 = row.box[1]
            elif abs(row.box[1] - y1) < 0.3 * low and row.baseline > y1:
                y1 = row.box[3]
    return Box((x0, y0, x1, y1), box.filled, box.white, box.color)


def _fills(above: Box, below: Box, rows: Sequence[Row]) -> bool:
    """Whether rows fill the room between two boxes: no listing has so little around it."""
    near = 0.5 * max(row.box[3] - row.box[1] for row in rows)
    top, bottom = rows[0].box[1], rows[-1].box[3]
    return top < above.rect[3] + near and bottom > below.rect[1] - near


def _below(above: Box, box: Box) -> bool:
    """Whether two boxes have the same sides."""
    return abs(above.rect[0] - box.rect[0]) < 1 and abs(above.rect[2] - box.rect[2]) < 1


def _joined(above: Box, box: Box) -> Box:
    rect = (*above.rect[:3], max(above.rect[3], box.rect[3]))
    return Box(rect, above.filled, above.white, above.color)


def _frame_of(row: Row, frames: Sequence[Box]) -> Box | None:
    """The smallest box around a row."""
    best: Box | None = None
    x0, _, x1, _ = row.box
    x0 = _behind_sign(row, x0)
    reach = bisect_left(frames, row.baseline, key=lambda box: box.rect[1])
    for box in frames[:reach]:
        left, _, right, bottom = box.rect
        if bottom < row.baseline or left > x0 + 2 or right < min(x1, x0 + 20) - 2:
            continue
        if best is None or _area(box) < _area(best):
            best = box
    return best


def _behind_sign(row: Row, left: float) -> float:
    """Where a row begins behind a sign that may hang out of its box."""
    sign = row.runs[0].text.strip()
    if len(row.parts) > 1 and row.mono and len(sign) == 1 and not sign.isascii():
        return row.parts[1]
    return left


def _area(box: Box) -> float:
    return (box.rect[2] - box.rect[0]) * (box.rect[3] - box.rect[1])
