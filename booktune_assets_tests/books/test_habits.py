"""Rules that go by the habit of a book: what they take, what they leave, and that nothing is lost.

Each is asked on rows, lines or headings made by hand, and then all of them at once on pages that
hold what they look for in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pymupdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import Block, Limits, Parsed, Place
from booktune_assets.books.composed import compose
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.formats import parse
from booktune_assets.books.glyphs import Box, Line, PageDrawn, Run, edges_of
from booktune_assets.books.ledger import Ledger, ink
from booktune_assets.books.lettered import take_letters
from booktune_assets.books.listing import Listing
from booktune_assets.books.lit import without_grounds
from booktune_assets.books.numerals import take_numerals
from booktune_assets.books.packed import Pages
from booktune_assets.books.prompts import take_prompts
from booktune_assets.books.remarks import keep_remarks
from booktune_assets.books.rowbook import RowBook
from booktune_assets.books.rows import Row, row_of
from booktune_assets.books.tracked import close_tracked
from booktune_assets.errors import BookError

FONTS = Fonts({"Mono": 0.6}, "Serif", 10.0, 8.0)
ANY = settings(max_examples=100, deadline=None)


def run(text: str, font: str = "Mono", x: float = 50.0, gaps: Sequence[float] = ()) -> Run:
    """Letters of 5 pt, with more room before each of them where ``gaps`` say so."""
    lefts = list[float]()
    for number in range(len(text)):
        x += gaps[number] if number < len(gaps) else 0.0
        lefts.append(x)
        x += 5.0
    return Run(text, font, 10.0, 0, 0, edges_of(lefts, [left + 5 for left in lefts]))


def line(base: float, *runs: Run) -> Line:
    return Line(list(runs), base, (runs[0].lefts[0], base - 8, runs[-1].rights[-1], base + 2))


def row(base: float, *runs: Run) -> Row:
    return row_of(1, [line(base, *runs)], FONTS, (40, 400))


def pages_of(*sheets: Sequence[Line]) -> Pages:
    pages = Pages()
    for number, lines in enumerate(sheets, start=1):
        pages.append(PageDrawn(number, 420, 600, list(lines)))
    return pages


def cells(*prompts: str, font: str = "Mono") -> Pages:
    """A page with a prompt left of each row of code."""
    lines = list[Line]()
    for number, prompt in enumerate(prompts):
        lines += [line(50 + 20 * number, run(prompt, "Sans")),
                  line(50 + 20 * number, run("x = 1", font, 150))]  # fmt: skip
    return pages_of(lines)


def test_prompts_that_count_cells_are_taken_off() -> None:
    ledger = Ledger()
    assert take_prompts(cells("In [1]:", "In [2]:", "In [4]:"), FONTS, ledger) == {1: {0, 2, 4}}
    assert [change.before for change in ledger.changes] == ["In [1]:", "In [2]:", "In [4]:"]
    assert all("notebook" in change.why for change in ledger.changes)


def test_a_prompt_on_the_row_of_its_cell_leaves_the_code() -> None:
    pages = pages_of([line(50 + 20 * n, run(f"In [{n}]: x = {n}")) for n in (1, 2, 3)])
    assert take_prompts(pages, FONTS, ledger := Ledger()) == {}
    assert [one.text for one in pages[0].lines] == ["x = 1", "x = 2", "x = 3"]
    assert pages[0].lines[0].box[0] == 50 + 5 * len("In [1]: ")
    assert len(ledger.changes) == 3


@pytest.mark.parametrize(
    "pages",
    [
        cells("In [1]:", "In [2]:"),
        cells("In [9]:", "In [4]:", "In [1]:"),
        cells("In [7]:", "In [7]:", "In [7]:"),
        cells("In [1]:", "In [2]:", "In [3]:", font="Serif"),
        cells("In [1]", "see [2]", "[3] says"),
        cells(*[f"In [{n}]:" for n in range(300)]),
    ],
    ids=["few", "fall", "same", "beside words", "no prompts", "a list"],
)
def test_what_only_looks_like_prompts_stays(pages: Pages) -> None:
    before = [one.text for one in pages[0].lines]
    assert take_prompts(pages, FONTS, ledger := Ledger()) == {}
    assert [one.text for one in pages[0].lines] == before and not ledger.changes


def test_prompts_stay_when_the_repair_is_off() -> None:
    ledger = Ledger(off=frozenset({"callout_marks"}))
    assert take_prompts(cells("In [1]:", "In [2]:", "In [3]:"), FONTS, ledger) == {}


def remarked(*tails: str, alone: str = "") -> RowBook:
    """Rows of code that go on in a font of words, and perhaps one row of nothing else."""
    rows = [row(50 + 10 * n, run("x = 1 "), run(tail, "Slanted", 90))
            for n, tail in enumerate(tails)]  # fmt: skip
    if alone:
        rows.append(row(50 + 10 * len(tails), run(alone, "Slanted")))
    rows.append(row(300, run("It is a tide.", "Serif")))
    book = RowBook()
    book.add(rows)
    return book


def test_rows_that_end_in_remarks_in_a_font_of_words_are_code() -> None:
    book = remarked("# one", "# two", "% three", alone="# all of it")
    assert not any(one.mono for one in book)
    keep_remarks(book, FONTS)
    assert [one.mono for one in book] == [True] * 4 + [False]
    assert {one.font for one in list(book)[:3]} == {"Mono"}


@pytest.mark.parametrize(
    "tails",
    [("# one", "# two"), ("# one", "# two", "# three", "is set", "so here"), ("is", "a", "word")],
    ids=["few", "words too", "words"],
)
def test_a_font_that_also_sets_words_behind_code_sets_no_remarks(tails: tuple[str, ...]) -> None:
    book = remarked(*tails, alone="# all of it")
    keep_remarks(book, FONTS)
    assert not any(one.mono for one in book)


def test_the_font_of_the_text_sets_no_remarks() -> None:
    book = remarked("# one", "# two", "# three")
    keep_remarks(book, Fonts({"Mono": 0.6}, "Slanted", 10.0, 8.0))
    assert not any(one.mono for one in book)


@ANY
@given(st.lists(st.tuples(st.sampled_from(["x = 1 ", "# ", "  "]),
                          st.sampled_from(["# a", "%% b", "c", "{", "#"])),
                max_size=12))  # fmt: skip
def test_remarks_change_no_word(parts: list[tuple[str, str]]) -> None:
    book = RowBook()
    book.add([row(50 + 10 * n, run(code), run(tail, "Slanted", 120))
              for n, (code, tail) in enumerate(parts)])  # fmt: skip
    before = [(one.text, one.baseline) for one in book]
    keep_remarks(book, FONTS)
    assert [(one.text, one.baseline) for one in book] == before


def listing(*texts: str) -> Listing:
    return Listing([row(50 + 10 * n, run("x")) for n in range(len(texts))], list(texts))


@ANY
@given(st.lists(st.lists(st.sampled_from(["x  #A", "y  #B", "z  #C #D", "#E", "w", "# A", "v #1"]),
                         min_size=1, max_size=5), max_size=8))  # fmt: skip
def test_letters_that_are_taken_off_are_written_down(texts: list[list[str]]) -> None:
    listings, ledger = [listing(*one) for one in texts], Ledger()
    take_letters(listings, ledger)
    kept = "".join(text for one in listings for text in one.texts)
    taken = "".join(change.before for change in ledger.changes)
    assert ink(kept + taken) == ink("".join(text for one in texts for text in one))


def test_two_listings_with_letters_are_no_habit() -> None:
    listings = [listing("x  #A", "y  #B") for _ in range(2)]
    take_letters(listings, ledger := Ledger())
    assert listings[0].texts == ["x  #A", "y  #B"] and not ledger.changes


SPREAD = [0.0, *[3.0] * 6, 10.0, *[3.0] * 3]


def spread(text: str = "CHAPTERONES", gaps: Sequence[float] = SPREAD) -> PageDrawn:
    """A line as MuPDF gives it: a blank wherever there is room for one."""
    chars, lefts, x = list[str](), list[float](), 40.0
    for number, char in enumerate(text):
        gap = gaps[number] if number < len(gaps) else 3.0
        if gap > 1:
            chars.append(" ")
            lefts.append(x)
        x += gap
        chars.append(char)
        lefts.append(x)
        x += 6.0
    rights = [*lefts[1:], x]
    for spot, char in enumerate(chars):
        rights[spot] = rights[spot] if char == " " else lefts[spot] + 6.0
    made = Run("".join(chars), "Sans", 10.0, 0, 0, edges_of(lefts, rights))
    return PageDrawn(1, 420, 600, [Line([made], 20.0, (40, 10, x, 22))])


def test_spread_words_are_closed_and_written_down() -> None:
    page, ledger = spread(), Ledger()
    before = page.lines[0].text
    assert [one.lines[0].text for one in close_tracked([page], ledger)] == ["CHAPTER ONES"]
    (change,) = ledger.changes
    assert (change.page, change.kind, change.size) == (1, "spread_letters", 0)
    assert (change.before, change.after) == (before, "CHAPTER ONES")
    assert "spread" in change.why


def test_spread_words_stay_when_the_repair_is_off() -> None:
    page, ledger = spread(), Ledger(off=frozenset({"spread_letters"}))
    before = page.lines[0].text
    assert [one.lines[0].text for one in close_tracked([page], ledger)] == [before]
    assert not ledger.changes


def test_spread_words_are_closed_without_the_repair_of_glyphs() -> None:
    page, ledger = spread(), Ledger(off=frozenset({"glyphs"}))
    list(compose(close_tracked([page], ledger), ledger))
    assert page.lines[0].text == "CHAPTER ONES"


@pytest.mark.parametrize(
    ("text", "gaps"),
    [("ABCDE", [3.0] * 5), ("ABCDEFGHIJ", [2.0, 9.0] * 5), ("1234567890", [3.0] * 10)],
    ids=["few", "uneven", "digits"],
)
def test_letters_that_are_not_spread_evenly_stay(text: str, gaps: list[float]) -> None:
    page = spread(text, gaps)
    before = page.lines[0].text
    assert [one.lines[0].text for one in close_tracked([page], Ledger())] == [before]


@ANY
@given(st.text("ABcd1. \u00e9", min_size=1, max_size=30).filter(str.strip),
       st.lists(st.sampled_from([0.0, 3.0, 3.0, 3.1, 9.0]), max_size=30))  # fmt: skip
def test_closing_keeps_letters_and_their_places(text: str, gaps: list[float]) -> None:
    page = spread(text, gaps)
    before = page.lines[0]
    places = [(c, x) for c, x in zip(before.text, before.runs[0].lefts, strict=True) if c != " "]
    (closed,) = close_tracked([page], Ledger())
    found = [(c, x) for one in closed.lines[0].runs
             for c, x in zip(one.text, one.lefts, strict=True) if c != " "]  # fmt: skip
    assert found == places


def heads(titles: Sequence[str]) -> list[Block]:
    return [Block("heading", one, 1, places=[Place(0, len(one), 1)]) for one in titles]


@ANY
@given(st.lists(st.sampled_from(["I. A", "II. B", "III: C", "IV. D", "A. E", "B) F", "IX. G", "C"]),
                max_size=14))  # fmt: skip
def test_numerals_that_are_moved_are_written_down(titles: list[str]) -> None:
    blocks, ledger = heads(titles), Ledger()
    take_numerals(blocks, ledger)
    taken = {id(change.block): change.before for change in ledger.changes}
    assert [taken.get(id(one), "") + one.text for one in blocks] == titles
    assert all((one.number is not None) == (id(one) in taken) for one in blocks)
    assert all(one.places[0].end == len(one.text) for one in blocks)


def test_two_numerals_are_words() -> None:
    blocks = heads(["I. Nets", "II. Ships", "Ports"])
    take_numerals(blocks, Ledger())
    assert [one.number for one in blocks] == [None] * 3


def coded(count: int, *, bold: bool = False) -> list[Row]:
    rows = [row(100.0 + 10 * n, run("x = 1")) for n in range(count)]
    rows[0].bold = bold
    return rows


def box(y0: float, y1: float, x0: float = 40, x1: float = 300, *, filled: bool = True) -> Box:
    return Box((x0, y0, x1, y1), filled=filled, white=False)


OUTER = box(90, 160)


@pytest.mark.parametrize(
    ("boxes", "rows"),
    [
        ([OUTER, box(101, 129)], coded(6)),  # nearly as high as three rows
        ([OUTER, box(112, 122, x1=200)], coded(6)),  # not from side to side
        ([OUTER, box(112, 122, filled=False)], coded(6)),
        ([box(92, 160), box(92.5, 102.5)], coded(6, bold=True)),  # a bar with a title
        ([OUTER, *[box(92.5 + 10 * n, 102.5 + 10 * n) for n in range(6)]], coded(6)),  # every row
        ([OUTER, box(112, 122)], coded(6)[::3]),  # rows that do not follow each other
        ([box(112, 122)], coded(6)),
    ],
    ids=["room", "narrow", "frame", "title", "paved", "apart", "alone"],
)
def test_boxes_that_are_no_grounds_stay(boxes: list[Box], rows: list[Row]) -> None:
    assert without_grounds(boxes, rows) == boxes


@ANY
@given(st.lists(st.tuples(st.floats(80, 170), st.floats(5, 90), st.booleans()), max_size=12),
       st.lists(st.tuples(st.floats(80, 170), st.booleans()), max_size=12))  # fmt: skip
def test_grounds_are_some_of_the_boxes_in_their_order(
    shapes: list[tuple[float, float, bool]], places: list[tuple[float, bool]]
) -> None:
    boxes = [box(y, y + high, filled=filled) for y, high, filled in shapes]
    rows = [row(y, run("x = 1" if mono else "words", "Mono" if mono else "Serif"))
            for y, mono in places]  # fmt: skip
    left = without_grounds(boxes, rows)
    ids = [id(one) for one in left]
    assert ids == [id(one) for one in boxes if id(one) in set(ids)]
    assert all(one.filled for one in boxes if id(one) not in set(ids))


SAID = ["In [1]:", "In [2]: x = 1", "Out[*]:", "x = 1  #A", "y = 2  #B #C", "#D", "# remark",
        "%% remark", "C H A P T E R  1", "T H E  B O A T S", "I. Nets", "II. Ships", "III. Ports",
        "A. Ropes", "B. Knots", "def tide(level) do", "end", "The keeper counts."]  # fmt: skip
STROKES = st.tuples(
    st.sampled_from(SAID), st.sampled_from([30.0, 80.0, 150.0]), st.integers(0, 24),
    st.sampled_from(["cour", "tiit", "tiro", "hebo"]), st.sampled_from([8.0, 8.0, 9.0, 14.0]),
)  # fmt: skip
GROUNDS = st.tuples(st.integers(0, 24), st.integers(1, 6), st.booleans())
SHEETS = st.lists(
    st.tuples(st.lists(STROKES, max_size=30), st.lists(GROUNDS, max_size=4)), min_size=1, max_size=3
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(SHEETS)
def test_pages_of_such_things_are_conserved(
    sheets: list[tuple[list[tuple[str, float, int, str, float]], list[tuple[int, int, bool]]]],
) -> None:
    with TemporaryDirectory() as folder, pymupdf.open() as document:
        for strokes, grounds in sheets:
            page = document.new_page(width=420, height=420)
            page.insert_text((30, 400), "enough words for a page that is no scan", fontsize=7)
            for at, high, dark in grounds:
                rect = pymupdf.Rect(26, 92 + 10 * at, 380, 92 + 10 * (at + high))
                page.draw_rect(rect, color=None, fill=(0.8 if dark else 0.95,) * 3)
            for text, x, at, font, size in strokes:
                page.insert_text((x, 100 + 10 * at), text, fontname=font, fontsize=size)
        path = Path(folder, "any.pdf")
        document.save(path)
        try:
            parsed = parse(path, Limits(), lambda done, total: None)
        except BookError:  # what stands on every page is no text
            return
    assert [(one.lost, one.doubled) for one in parsed.pages] == [(0, 0)] * len(parsed.pages)


def test_the_switch_of_spread_letters_reaches_a_book(
    tmp_path: Path, read: Callable[[Path], Parsed]
) -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=420, height=420)
        page.insert_text((40, 60), "T H E  K E E P E R  W A I T S", fontname="hebo", fontsize=9)
        for number in range(6):
            page.insert_text((40, 90 + 14 * number), "The keeper counts the boats each morning.")
        document.save(tmp_path / "s.pdf")
    parsed = read(tmp_path / "s.pdf")
    assert any("THE KEEPER WAITS" in one.text for one in parsed.blocks)
    assert [one["page"] for one in parsed.changes if one["kind"] == "spread_letters"] == [1]
    limits = Limits(repairs_off=("spread_letters",))
    kept = parse(tmp_path / "s.pdf", limits, lambda done, total: None)
    assert any("K E E P E R" in one.text for one in kept.blocks)
    assert not [one for one in kept.changes if one["kind"] == "spread_letters"]
