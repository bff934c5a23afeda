"""Ruled tables, cell by cell: pdfplumber, or the rules, tell the cells, the drawn lines the text.

Belongs here: the cells of the precise mode, and in any mode those of tables that hold code or
wrapped cells; spans of merged cells, headings of tables. Does not: tables without rules, which
``layout.py`` reads in both modes.

Text is taken from the same lines as all other text, so that it is the same and is accounted for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from booktune_assets.books.blocks import Block, Cell, Face, Parsed, Place
from booktune_assets.books.cells import added_by, row_text
from booktune_assets.books.drawings import Drawing, is_near
from booktune_assets.books.figures import spot_on_page
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.packed import Pages
from booktune_assets.books.pagefacts import Fact
from booktune_assets.books.paths import Rect
from booktune_assets.books.placed import face_of_lines, rounded

__all__ = ["Grid", "find_grids", "place_grids"]

_EDGES_MIN = 5  # strokes of a page that may be a ruled table
_SNAP = 3.0  # pt between edges that are one
_CELLS = 600  # of a table in the fast mode
_LISTING = 4  # lines of code in a cell that make it a listing
_NUMBERS = re.compile(r"\d{1,4}")


@dataclass(slots=True)
class _Spot:
    """A cell of a grid while its text is put together."""

    row: int
    column: int
    rows: int
    columns: int
    box: Rect
    lines: list[tuple[float, float, str]] = field(default_factory=list[tuple[float, float, str]])
    bold: bool = True
    mono: int = 0

    @property
    def text(self) -> str:
        """One line per drawn line."""
        rows: list[list[str]] = []
        base = None
        for at, _, text in sorted(self.lines, key=lambda line: (round(line[0] / 2), line[1])):
            if base is None or abs(at - base) > 2:
                rows.append([])
                base = at
            rows[-1].append(text)
        return "\n".join(" ".join(" ".join(row).split()) for row in rows)


@dataclass(slots=True)
class Grid:
    """A ruled table; ``lines`` are the numbers of the lines inside of it."""

    page: int
    box: Rect
    spots: list[_Spot]
    lines: list[int]
    header: int = 0  # rows of the heading
    face: Face | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return (
            max(spot.row + spot.rows for spot in self.spots),
            max(spot.column + spot.columns for spot in self.spots),
        )


def find_grids(
    path: Path | None, pages: Pages, fonts: Fonts, dropped: Mapping[int, set[int]],
    drawings: Mapping[int, Sequence[Drawing]], parsed: Parsed,
) -> dict[int, list[Grid]]:  # fmt: skip
    """Ruled tables by page. Pages that pdfplumber cannot read are warned of and read without.

    Without a ``path``, that of the precise mode, only those that need their cells to be read.
    """
    if path is None:
        return _coded(pages, fonts, dropped, drawings)
    wanted = {page.number: n for n, page in enumerate(pages) if page.edges >= _EDGES_MIN}
    found: dict[int, list[Grid]] = {}
    if not wanted:
        return found
    import pdfplumber

    parsed.count("pages_precise", len(wanted))
    try:
        with pdfplumber.open(path, pages=sorted(wanted)) as document:
            for sheet in document.pages:
                page = pages.one(wanted[sheet.page_number])
                figures = drawings.get(page.number, ())
                try:
                    grids = list(_grids(sheet, page, fonts, dropped.get(page.number, set())))
                except (MemoryError, KeyboardInterrupt):
                    raise
                except Exception as problem:
                    name = type(problem).__name__
                    parsed.warn(f"tables of page {page.number} were read without cells ({name})")
                    continue
                finally:
                    sheet.close()
                clear = [one for one in grids if not _drawn(one.box, figures)]
                if clear:
                    found[page.number] = clear
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as problem:
        parsed.warn(f"no cells of tables: pdfplumber cannot open it ({type(problem).__name__})")
    return found


def _coded(
    pages: Pages, fonts: Fonts, dropped: Mapping[int, set[int]],
    drawings: Mapping[int, Sequence[Drawing]],
) -> dict[int, list[Grid]]:  # fmt: skip
    """Ruled tables by page that hold code in some cells and words in others, or wrapped cells.

    Their rows read across would be code with notes beside it, or the rows of several cells mixed;
    other tables need no cells.
    """
    seen: list[Grid] = []
    wanted = [n for n, page in pages.having(Fact.LATTICES) if any(map(_fits, page.lattices))]
    for n in wanted:
        page = pages.one(n)
        gone, figures = dropped.get(page.number, set()), drawings.get(page.number, ())
        for cells in filter(_fits, page.lattices):
            grid = _grid(cells, page, fonts, gone)
            if grid is not None and not _drawn(grid.box, figures):
                seen.append(grid)
    needed = list(map(_needs_cells, seen))
    for pairs in (range(1, len(seen)), range(len(seen) - 1, 0, -1)):
        for n in pairs:  # a table that goes on is read alike on all of its pages
            if needed[n - 1] != needed[n] and _on(seen[n - 1], seen[n]):
                needed[n - 1] = needed[n] = True
    found: dict[int, list[Grid]] = {}
    for grid, wants in zip(seen, needed, strict=True):
        if wants:
            found.setdefault(grid.page, []).append(grid)
    return found


def _needs_cells(grid: Grid) -> bool:
    filled = [spot for spot in grid.spots if spot.lines]
    coded = sum(spot.mono == len(spot.lines) for spot in filled)
    return 0 < coded < len(filled) or any("\n" in spot.text for spot in filled)


def _fits(cells: Sequence[Rect]) -> bool:
    return 4 <= len(cells) <= _CELLS


def place_grids(
    parsed: Parsed, found: Mapping[int, Sequence[Grid]], ledger: Ledger, *, cells: bool = True
) -> None:  # fmt: skip
    """A block for each table where it stands, and its ``cells``; one that goes on is one block."""
    placed: list[tuple[Block, Grid, int]] = []
    for page in sorted(found):
        for grid in found[page]:
            rows = _texts(grid)
            text = "\n".join(map(row_text, rows))
            ledger.adds(page, "".join(map(added_by, rows)))
            at = spot_on_page(parsed.blocks, page, grid.box)
            last = placed[-1] if placed else None
            if last is not None and at and parsed.blocks[at - 1] is last[0] and _on(last[1], grid):
                block, start = last[0], len(last[0].text) + 1
                block.text = f"{block.text}\n{text}"
                placed.append((block, grid, last[2] + last[1].size[0]))
            else:
                block, start = Block("table", text), 0
                parsed.blocks.insert(at, block)
                placed.append((block, grid, 0))
            end = start + len(text)
            block.places.append(Place(start, end, page=page, box=grid.box, face=grid.face))
    number = {id(block): index for index, block in enumerate(parsed.blocks)}
    for block, grid, rows_before in placed if cells else ():
        for spot in sorted(grid.spots, key=lambda spot: (spot.row, spot.column)):
            parsed.cells.append(Cell(
                number[id(block)], rows_before + spot.row, spot.column, spot.rows, spot.columns,
                spot.row < grid.header, spot.text, grid.page, spot.box,
            ))  # fmt: skip
    parsed.count("tables_ruled", len({id(block) for block, _, _ in placed}))


def _on(before: Grid, grid: Grid) -> bool:
    """Whether a table goes on with the one at the foot of the page before: the same columns."""
    edges = [
        sorted({round(spot.box[0] / _SNAP) for spot in one.spots if spot.columns == 1})
        for one in (before, grid)
    ]
    same = len(edges[0]) == len(edges[1]) and all(
        abs(one - two) <= 1 for one, two in zip(*edges, strict=True)
    )
    return same and grid.page == before.page + 1 and grid.size[1] == before.size[1]


def _drawn(box: Rect, figures: Sequence[Drawing]) -> bool:
    return any(is_near(figure.box, box, 0.0) for figure in figures)


def _grids(sheet: Any, page: PageDrawn, fonts: Fonts, dropped: set[int]) -> Iterator[Grid]:
    if sheet.rotation:
        return
    dx, dy = float(sheet.cropbox[0]), float(sheet.cropbox[1])
    for table in sheet.find_tables():
        cells = [(c[0] - dx, c[1] - dy, c[2] - dx, c[3] - dy) for c in table.cells]
        if len(cells) >= 4 and (grid := _grid(cells, page, fonts, dropped)) is not None:
            yield grid


def _grid(
    cells: Sequence[Rect], page: PageDrawn, fonts: Fonts, dropped: set[int]
) -> Grid | None:  # fmt: skip
    """The table of some cells with its text, if it is one."""
    box = (
        min(c[0] for c in cells), min(c[1] for c in cells),
        max(c[2] for c in cells), max(c[3] for c in cells),
    )  # fmt: skip
    lines = [
        n for n, line in enumerate(page.lines)
        if n not in dropped and _middle_in(line.box, box)
    ]  # fmt: skip
    grid = Grid(page.number, rounded(box), _spots(cells), lines)
    for n in lines:
        _fill(grid, page.lines[n], fonts)
    if not _is_table(grid):
        return None
    grid.header = _heading_rows(grid, page)
    grid.face = face_of_lines([page.lines[n] for n in lines], fonts)
    return grid


def _spots(cells: Sequence[Rect]) -> list[_Spot]:
    """Cells with their rows and columns; a merged cell reaches over several edges."""
    across = _edges([edge for cell in cells for edge in (cell[0], cell[2])])
    down = _edges([edge for cell in cells for edge in (cell[1], cell[3])])
    spots: list[_Spot] = []
    for cell in cells:
        left, right = _index(across, cell[0]), _index(across, cell[2])
        top, bottom = _index(down, cell[1]), _index(down, cell[3])
        if right > left and bottom > top:
            spots.append(_Spot(top, left, bottom - top, right - left, rounded(cell)))
    return spots


def _edges(values: Sequence[float]) -> list[float]:
    made: list[float] = []
    for value in sorted(values):
        if not made or value - made[-1] > _SNAP:
            made.append(value)
    return made


def _index(edges: Sequence[float], value: float) -> int:
    return min(range(len(edges)), key=lambda n: abs(edges[n] - value))


def _fill(grid: Grid, line: Line, fonts: Fonts) -> None:
    """Every character of a line to the cell that it stands in, or to the nearest one."""
    parts: dict[int, list[str]] = {}
    starts: dict[int, float] = {}
    y = (line.box[1] + line.box[3]) / 2
    at = -1
    for run in line.runs:
        for char, left, right in zip(run.text, run.lefts, run.rights, strict=True):
            if not char.isspace() or at < 0:
                at = _nearest(grid.spots, (left + right) / 2, y)
            parts.setdefault(at, []).append(char)
            starts.setdefault(at, left)
            if not char.isspace():
                grid.spots[at].bold &= run.bold
    mono = all(map(fonts.mono, line.runs))
    for spot, chars in parts.items():
        if text := "".join(chars).strip():
            grid.spots[spot].lines.append((line.baseline, starts[spot], text))
            grid.spots[spot].mono += mono


def _nearest(spots: Sequence[_Spot], x: float, y: float) -> int:
    def away(n: int) -> float:
        x0, y0, x1, y1 = spots[n].box
        return max(x0 - x, 0.0, x - x1) + max(y0 - y, 0.0, y - y1)

    return min(range(len(spots)), key=away)


def _is_table(grid: Grid) -> bool:
    """No box of code, no callout with a picture beside it, no numbered listing."""
    if not grid.spots:
        return False
    rows, columns = grid.size
    if rows < 2 or columns < 2 or any(spot.mono >= _LISTING for spot in grid.spots):
        return False
    filled = {spot.column for spot in grid.spots if spot.lines}
    if len(filled) < 2 or sum(bool(spot.lines) for spot in grid.spots) < 3:
        return False
    first = [spot for spot in grid.spots if spot.column == 0 and spot.lines]
    others = [spot for spot in grid.spots if spot.column > 0 and spot.lines]
    counted = len(first) > 1 and all(_NUMBERS.fullmatch(spot.text) for spot in first)
    return not (counted and columns == 2 and all(spot.mono for spot in others))


def _heading_rows(grid: Grid, page: PageDrawn) -> int:
    """Rows at the top that are bold, or painted, unlike the rest."""
    rows, _ = grid.size
    bold = [_all_bold(grid, row) for row in range(rows)]
    painted = [_painted(grid, row, page) for row in range(rows)]
    for marks in (bold, painted):
        top = next((n for n, mark in enumerate(marks) if not mark), rows)
        if 0 < top < rows and not all(marks[top:]):
            return top if top <= 3 else 0
    return 0


def _all_bold(grid: Grid, row: int) -> bool:
    own = [spot for spot in grid.spots if spot.row == row and spot.lines]
    return bool(own) and all(spot.bold for spot in own)


def _painted(grid: Grid, row: int, page: PageDrawn) -> bool:
    own = [spot for spot in grid.spots if spot.row == row]
    boxes = [box.rect for box in page.boxes if box.filled and not box.white]
    return bool(own) and all(
        any(_middle_in(spot.box, rect) and rect[3] - rect[1] < 3 * (spot.box[3] - spot.box[1])
            for rect in boxes)
        for spot in own
    )  # fmt: skip


def _texts(grid: Grid) -> list[list[str]]:
    """Rows of texts; a merged cell stands once, at its top left, and leaves the others empty."""
    rows, columns = grid.size
    table = [[""] * columns for _ in range(rows)]
    for spot in grid.spots:
        table[spot.row][spot.column] = spot.text.replace("\n", " ")
    return [row for row in table if any(row)]


def _middle_in(one: Rect, box: Rect) -> bool:
    x, y = (one[0] + one[2]) / 2, (one[1] + one[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]
