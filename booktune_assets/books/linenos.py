"""Line numbers of printed code: found, taken off, and used as evidence.

Belongs here: digits in a column of their own beside code, looked for in the lines of all pages
before they become columns and rows: numbers stand in gutters and hide them. Does not: what follows
from them (``listing.py`` knows that a row without a number goes on with the line before).

Numbers make chains: one edge, one style, rising line by line. A chain in small print or in a font
of words tells by itself. One in the code's own font has to begin with its listing, to stand apart
from it, and to have the room left of the code for itself, or nearly every row of code in the book
has one (``everyrow.py``); then the styles and edges that are sure vouch for the short chains.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

from booktune_assets.books.counts import Chain, Count, Style, count_signs
from booktune_assets.books.everyrow import number_every_row, rows_of_code
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.packed import Pages

__all__ = ["take_numbers"]

_DIGITS = re.compile(r"\s*((?:line\s+)?(\d{1,4})(?:\s?([:|\u2502]))?)(?=\s|$)", re.I)
_LEFT_OUT = re.compile(r"\s*(([-\u2013\u00b7\u2022.])())(?=\s|$)")  # a sign for a number
_STEPS = (4, 5, 10)  # from the first number to the fifth line, and on
_SKIP = 3  # blank lines often have no number, so that neighbours may differ by more than one
_FAR = 90.0, 220.0  # pt from a number to the next one, and to that of the fifth line
_EDGE = 1.5  # pt; numbers at one edge differ by less
_ACROSS = 0.35  # of the page: code farther away stands in another column
_LEVEL = 2.0  # pt between the baselines of a number and its code
_ENOUGH = 3  # numbers that make a chain sure
_CODED = 0.4  # of the numbers of a chain stand at code; the others at blank lines
_MOST = 0.8
_PAGED = 0.3  # of the numbers of a style stand at words: they count the rows of the page
_APART = 1.15  # cells between a number in the code's own font and the code
_LONG = 8  # numbers, one space from the code, that need no second chain
_RIGHT = 4  # numbers behind the code


@dataclass(slots=True)
class _Known:
    """What sure chains show of a book: the styles of its numbers, their edges, and the step."""

    styles: set[tuple[Style, bool]] = field(default_factory=set[tuple[Style, bool]])
    edges: set[int] = field(default_factory=set[int])
    stepped: bool = False
    paged: set[Style] = field(default_factory=set[Style])  # of numbers that count all rows


def take_numbers(pages: Pages, fonts: Fonts, ledger: Ledger) -> dict[int, set[int]]:
    """Move line numbers into ``Line.number``; gives, by page, the lines that held nothing else.

    Digits that are cut off a line are entered as drawn.
    """
    if not ledger.wants("line_numbers"):
        return {}
    chains: list[Chain] = []
    going: Sequence[Count] = ()
    rows: Counter[tuple[str, float]] = Counter()
    for index, page in enumerate(pages.whole()):
        rows.update(rows_of_code(page, fonts))
        going = count_signs(list(_counts(page, fonts)), going)
        made = _chains(page, index, going)
        for chain in made:
            chain.strong = any(_differs(count, page, fonts) for count in chain.coded)
            _vouch(chain, page, fonts)
        chains += made
    _vouch_alike(chains)
    number_every_row(chains, rows)
    known = _known(chains)
    alone: dict[int, set[int]] = {}
    last = 0
    numbered = {
        (chain.sheet, count.code) for chain in chains if chain.sure
        for count in chain.counts if count.alone
    }  # fmt: skip
    again = pages.again()
    for chain in chains:
        if any((chain.sheet, count.index) in numbered for count in chain.counts):
            continue  # digits of code that has its number already
        page = partial(again.page, chain.sheet)
        if chain.sure or _is_paged(chain, known, page) or _vouched(chain, known, last, page):
            last = chain.counts[-1].number
            taken = _take(chain, again.edited(chain.sheet), known, ledger)
            alone.setdefault(again.page(chain.sheet).number, set()).update(taken)
    again.close()
    return alone


def _counts(page: PageDrawn, fonts: Fonts) -> Iterator[Count]:
    """What may be numbers on a page, from the top down."""
    found: list[Count] = []
    for index, line in enumerate(page.lines):
        first = next(run for run in line.runs if not run.text.isspace())
        match = _DIGITS.match(first.text) or _LEFT_OUT.match(first.text)
        if match is not None:
            found += _before(index, line, first, match, fonts)
        last = next(run for run in reversed(line.runs) if not run.text.isspace())
        if last is not first and last.text.strip().isdigit():
            found += _behind(index, line, last, fonts)
    if not found:
        return
    order = sorted((line.baseline, line.box[0], index) for index, line in enumerate(page.lines))
    for count in sorted(found, key=lambda count: (count.baseline, count.box[0])):
        if count.alone:
            _pair(count, page, order, fonts)
        yield count


def _before(
    index: int, line: Line, first: Run, match: re.Match[str], fonts: Fonts
) -> Iterator[Count]:
    """Digits that a line begins with, or that it is; a sign for a number counts nothing yet."""
    start, end = match.span(1)
    number = int(match.group(2)) if match.group(2).isdigit() else 0
    if not match.group(1)[0].isdigit() and fonts.mono(first):
        return  # code, or a remark
    count = Count(
        index, number, first, (first.lefts[start], first.rights[end - 1]),
        line.baseline, alone=True, text=match.group(1), mark=match.group(3) or "",
    )  # fmt: skip
    rest = [Run(first.text[end:], first.font, first.size, first.flags, first.color, b"")]
    rest += line.runs[line.runs.index(first) + 1 :]
    if not any(run.text.strip() for run in rest):
        yield count
        return
    inked = [run for run in rest if not run.text.isspace()]
    if not any(map(fonts.mono, inked)) or any(map(fonts.words, inked)):
        return
    count.alone, count.code, count.left = False, index, _left_after(line, first, end)
    count.gap = count.left - count.box[1]
    if count.gap > 0.3 * first.size:
        yield count


def _left_after(line: Line, first: Run, end: int) -> float:
    """Where the text begins that follows the digits at the start of a line."""
    pairs = list(zip(first.text, first.lefts, strict=True))[end:]
    pairs += [
        pair for run in line.runs[line.runs.index(first) + 1 :]
        for pair in zip(run.text, run.lefts, strict=True)
    ]  # fmt: skip
    return next(x for char, x in pairs if not char.isspace())


def _behind(index: int, line: Line, last: Run, fonts: Fonts) -> Iterator[Count]:
    """Small digits, or digits in a font of words, at the end of a line of code."""
    code = [run for run in line.runs if run is not last and not run.text.isspace()]
    digits = last.text.strip()
    small = last.size < code[0].size - 0.3 or not fonts.mono(last)
    coded = any(map(fonts.mono, code)) and not any(map(fonts.words, code))
    if small and coded and digits.isascii() and len(digits) <= 4:
        start = len(last.text) - len(last.text.lstrip())
        edges = last.lefts[start], last.rights[start + len(digits) - 1]
        yield Count(
            index, int(digits), last, edges, line.baseline, alone=False, behind=True, code=index,
            gap=edges[0] - code[-1].right, text=digits,
        )  # fmt: skip


def _pair(
    count: Count, page: PageDrawn, order: list[tuple[float, float, int]], fonts: Fonts
) -> None:
    """Find the code that digits alone stand before, else what they stand behind."""
    at = bisect_left(order, (count.baseline - _LEVEL, 0.0, 0))
    best: tuple[float, int, bool] | None = None
    for baseline, left, index in order[at:]:
        if baseline > count.baseline + _LEVEL:
            break
        if index == count.index:
            continue
        before = left >= count.box[1] - 1
        gap = left - count.box[1] if before else count.box[0] - page.lines[index].box[2]
        if gap >= -1 and (best is None or (not before, gap) < (best[2], best[0])):
            best = gap, index, not before
    if best is None:
        return
    gap, index, behind = best
    count.worded = not behind and any(map(fonts.words, page.lines[index].runs))
    inked = [run for run in page.lines[index].runs if not run.text.isspace()]
    if any(map(fonts.mono, inked)) and not any(map(fonts.words, inked)):
        count.gap, count.code, count.behind = gap, index, behind
        count.left = inked[0].lefts[len(inked[0].text) - len(inked[0].text.lstrip())]


def _chains(page: PageDrawn, sheet: int, counts: Sequence[Count]) -> list[Chain]:
    chains: list[Chain] = []
    for count in counts:
        chain = next((one for one in reversed(chains) if _aligned(one.counts[-1], count)), None)
        if chain is not None and _follows(chain.counts[-1], count):
            chain.counts.append(count)
        else:
            chains.append(Chain(sheet, [count]))
    alike: dict[Style, set[int]] = {}
    for chain in chains:
        _settle(chain, page)
        chain.members = alike.setdefault(chain.first.style, set())
        chain.members.update(count.index for count in chain.counts)
        chain.members.update(count.code for count in chain.counts if count.code is not None)
    return chains


def _settle(chain: Chain, page: PageDrawn) -> None:
    """Let the numbers of a chain that stand at code of another column count blank lines.

    They have their code on one side, the same for all, and not too far away.
    """
    coded = chain.coded
    behind = 2 * sum(count.behind for count in coded) > len(coded)
    least = min((count.gap for count in coded if not count.behind), default=0.0)
    for count in coded:
        far = not behind and count.gap > least + _ACROSS * page.width
        if far or (count.alone and count.behind != behind):
            count.code, count.behind = None, behind


def _aligned(one: Count, two: Count) -> bool:
    near = abs(one.box[1] - two.box[1]) < _EDGE or abs(one.box[0] - two.box[0]) < _EDGE
    return near and one.style == two.style


def _follows(one: Count, two: Count) -> bool:
    step, gap = two.number - one.number, two.baseline - one.baseline
    if 0 < step <= _SKIP:
        return 0 < gap < _FAR[0]
    return step in _STEPS and two.number % 5 == 0 and 0 < gap < _FAR[1]


def _differs(count: Count, page: PageDrawn, fonts: Fonts) -> bool:
    """Whether a number is set in smaller print than its code, or in a font of words."""
    code = [run for run in page.lines[count.code or 0].runs if run != count.run]
    sizes = [run.size for run in code if not run.text.isspace()]
    return not fonts.mono(count.run) or (bool(sizes) and count.run.size < max(sizes) - 0.3)


def _vouch(chain: Chain, page: PageDrawn, fonts: Fonts) -> None:
    """Say whether a chain is sure by itself, or is when it is not the only one of its group."""
    coded = chain.coded
    if not coded or len(coded) < _CODED * len(chain.counts):
        return
    if any(count.behind for count in coded):
        behind = sum(count.behind for count in coded) >= _MOST * len(coded)
        chain.sure = chain.strong and behind and len(chain.counts) >= _RIGHT
    elif chain.strong:
        chain.sure = len(chain.counts) >= 2
    elif len(chain.counts) < _ENOUGH:
        return
    elif all(map(_is_counter, chain.counts)) and _begins(chain, page, own=True):
        chain.group = "marked"
    elif _begins(chain, page):
        if _stands_apart(chain, page, fonts):
            chain.sure = True
        elif chain.first.number == 1:
            chain.group = "tight" if _is_set_in(chain, fonts) else "plain"


def _vouch_alike(chains: Sequence[Chain]) -> None:
    """Let the chains of a group vouch for each other; a long one stands for itself."""
    sizes = Counter(chain.group for chain in chains)
    for chain in chains:
        if chain.group in ("tight", "marked"):
            chain.sure = sizes[chain.group] > 1 or len(chain.counts) >= _LONG


def _is_counter(count: Count) -> bool:
    """Whether no code begins so: a sign parts the number from it, or it begins with a 0."""
    return bool(count.mark) or (count.text[0] == "0" and len(count.text) > 1)


def _begins(chain: Chain, page: PageDrawn, *, alone: bool = True, own: bool = False) -> bool:
    """Whether numbers begin with their listing and nothing but they stands left of its code.

    Wrapped rows may stand there, too, where the numbers are ``alone`` no longer. ``own``: only what
    is in the font of the numbers tells; they go on from listing to listing, with prose between.
    """
    left = min(count.left for count in chain.coded)
    top, bottom = chain.first.baseline, chain.counts[-1].baseline
    pitch = min(b.baseline - a.baseline for a, b in pairwise(chain.counts)) if (
        len(chain.counts) > 1
    ) else 2 * chain.first.run.size  # fmt: skip
    for index, line in enumerate(page.lines):
        if own and line.runs[0].font != chain.first.run.font:
            continue
        if index in chain.members or not top - 1.3 * pitch < line.baseline <= bottom:
            continue
        inside = line.box[0] < left - 1 and line.box[2] > chain.first.box[0] - 1
        above = line.baseline < top - 1 and line.runs[0].font == chain.first.run.font
        if inside and (above or (alone and line.baseline >= top)):
            return False
    return True


def _stands_apart(chain: Chain, page: PageDrawn, fonts: Fonts) -> bool:
    """Whether numbers in the code's font have a column: drawn by itself, or in another colour."""
    cell = fonts.advance.get(chain.first.run.font, 0.6) * chain.first.run.size
    if min(count.gap for count in chain.coded) < _APART * cell:
        return False
    colours = sum(_colour(count, page) != count.run.color for count in chain.coded)
    column = sum(b.index - a.index == 1 for a, b in pairwise(chain.counts) if a.alone and b.alone)
    return colours >= _MOST * len(chain.coded) or column >= _MOST * (len(chain.counts) - 1)


def _colour(count: Count, page: PageDrawn) -> int:
    """The colour of the code behind a number; both may be one run."""
    line = page.lines[count.index if count.code is None else count.code]
    runs = [run for run in line.runs if run != count.run and run.text.strip()]
    whole = line.runs[0] == count.run and len(count.run.text.split()) > 1
    return count.run.color if whole or not runs else runs[0].color


def _is_set_in(chain: Chain, fonts: Fonts) -> bool:
    """Whether the lines behind numbers are indented as code is; those of a plain list are not."""
    cell = fonts.advance.get(chain.first.run.font, 0.6) * chain.first.run.size
    lefts = sorted(count.left for count in chain.coded)
    rows = chain.counts[-1].number - chain.first.number + 1
    return lefts[-1] - lefts[0] > 1.5 * cell and len(chain.counts) >= _MOST * rows


def _known(chains: Sequence[Chain]) -> _Known:
    known = _Known()
    near = more = 0
    for chain in chains:
        if not chain.sure or len(chain.counts) < _ENOUGH:
            continue
        known.styles.add((chain.first.style, chain.strong))
        for count in chain.counts:
            known.edges.update((round(count.box[0]), round(count.box[1])))
        steps = [b.number - a.number for a, b in pairwise(chain.counts)]
        more += sum(step > 1 for step in steps)
        near += sum(step == 1 for step in steps)
    known.stepped = more > near  # blank lines without a number are fewer
    worded: Counter[Style] = Counter()
    every: Counter[Style] = Counter()
    for chain in chains:
        every[chain.first.style] += len(chain.counts)
        worded[chain.first.style] += sum(count.worded for count in chain.counts)
    known.paged = {style for style, n in worded.items() if n > _PAGED * every[style]}
    return known


def _is_paged(chain: Chain, known: _Known, page: Callable[[], PageDrawn]) -> bool:
    """Whether numbers count the rows of a page: they stand in its margin, left of all else."""
    if chain.first.style not in known.paged or len(chain.counts) < _RIGHT:
        return False
    own = {count.index for count in chain.counts if count.alone}
    right = max(count.box[1] for count in chain.counts)
    if len(own) < len(chain.counts):
        return False
    others = (line for n, line in enumerate(page().lines) if n not in chain.members | own)
    return all(line.box[0] > right - 1 for line in others)


def _vouched(chain: Chain, known: _Known, last: int, page: Callable[[], PageDrawn]) -> bool:
    """Whether a short chain is in a style, and at an edge, of the book's numbers.

    ``last`` is the number before it, perhaps on the page before.
    """
    coded, first = chain.coded, chain.first
    near = {edge + off for edge in known.edges for off in (-1, 0, 1)}
    placed = any(round(x) in near for x in first.box)
    if (first.style, True) in known.styles and round(first.box[1]) in near:
        return True  # those of blank lines, too
    if len(coded) < max(1, _CODED * len(chain.counts)):
        return False
    if (first.style, chain.strong) not in known.styles:
        small = chain.strong and first.number == 1 and not coded[0].behind
        return small and first.run.size < _size_of(chain, page()) - 0.3
    if chain.strong:
        return placed or not coded[0].behind
    follows = first.number == 1 or 0 < first.number - last <= _SKIP
    fits = placed and (len(chain.counts) > 1 or follows)
    return fits and _begins(chain, page(), alone=False)


def _size_of(chain: Chain, page: PageDrawn) -> float:
    first = chain.coded[0]
    runs = page.lines[first.code or 0].runs
    return max((run.size for run in runs if run != first.run), default=0.0)


def _take(chain: Chain, page: PageDrawn, known: _Known, ledger: Ledger) -> Iterator[int]:
    """Take the numbers off; gives the lines that held nothing else."""
    paged = chain.first.style in known.paged
    jumps = any(b.number - a.number > _SKIP for a, b in pairwise(chain.counts))
    stepped = paged or known.stepped or jumps
    for count in chain.counts:
        line = page.lines[count.index]
        if count.code is not None:
            code = page.lines[count.code]
            code.number = None if stepped else count.number
            code.counter = None if count.behind else count.box[1]
        ledger.took(page.number, "line_numbers", count.text)
        if count.alone:
            yield count.index
            continue
        ledger.drew(page.number, count.text)
        _cut(line, count)


def _cut(line: Line, count: Count) -> None:
    """A line without its number and the room beside it."""
    at = line.runs.index(count.run)
    if count.behind:
        line.runs = line.runs[:at]
        last = next(run for run in reversed(line.runs) if not run.text.isspace())
        line.box = (*line.box[:2], last.rights[len(last.text.rstrip()) - 1], line.box[3])
        return
    run = count.run
    end = run.text.index(count.text) + len(count.text)
    rest = Run(run.text[end:], run.font, run.size, run.flags, run.color,
               edges_of(run.lefts[end:], run.rights[end:]))  # fmt: skip
    line.runs = [rest, *line.runs[at + 1 :]] if rest.text.strip() else line.runs[at + 1 :]
    while line.runs[0].text.isspace():
        del line.runs[0]
    line.box = (count.left, *line.box[1:])
