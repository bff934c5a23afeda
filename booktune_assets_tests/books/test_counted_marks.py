"""What a press counts beside code, and letters that it spreads."""

from __future__ import annotations

from booktune_assets.books.blocks import Block, Place
from booktune_assets.books.glyphs import Box, Line, PageDrawn, Run, edges_of
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.lettered import take_letters
from booktune_assets.books.listing import Listing
from booktune_assets.books.lit import without_grounds
from booktune_assets.books.numerals import take_numerals
from booktune_assets.books.rows import Row
from booktune_assets.books.tracked import close_tracked


def _row(number: int) -> Row:
    base = 100.0 + 10 * number
    return Row(1, [], base, (50, base - 7, 150, base + 2), "x = 1", 8, "Mono", False, True, 0)


def _listing(*texts: str) -> Listing:
    return Listing([_row(n) for n in range(len(texts))], list(texts))


def test_letters_that_count_remarks_are_taken_off() -> None:
    ledger = Ledger()
    listings = [_listing("def a do  #A", "  1", "end  #B") for _ in range(3)]
    take_letters(listings, ledger)
    assert [one.texts for one in listings] == [["def a do", "  1", "end"]] * 3
    assert [change.before for change in ledger.changes] == ["#A", "#B"] * 3


def test_letters_stay_where_they_do_not_count_or_the_repair_is_off() -> None:
    once = [_listing("x  #B", "y  #A") for _ in range(4)]
    take_letters(once, Ledger())
    assert once[0].texts == ["x  #B", "y  #A"]
    kept = [_listing("x  #A", "y  #B") for _ in range(4)]
    take_letters(kept, Ledger(off=frozenset({"callout_marks"})))
    assert kept[0].texts == ["x  #A", "y  #B"]


def test_the_ground_of_a_row_is_no_box_but_that_of_words_is() -> None:
    rows = [_row(n) for n in range(6)]
    around = Box((40, 90, 300, 160), filled=True, white=False)
    ground = Box((40, 112, 300, 122), filled=True, white=False)
    assert without_grounds([around, ground], rows) == [around]
    rows[2].mono = False  # a title, or words of a side bar
    assert without_grounds([around, ground], rows) == [around, ground]


def test_spread_letters_are_words() -> None:
    text, lefts, x = "C H A P T E R 1", list[float](), 0.0
    for char in text:
        lefts.append(x)
        x += 3.0 if char.isspace() else 6.0
    lefts[-1] += 5.0
    run = Run(text, "Sans", 10.0, 0, 0, edges_of(lefts, [left + 6 for left in lefts]))
    page = PageDrawn(1, 500, 700, [Line([run], 20.0, (0, 10, x, 22))])
    (closed,) = close_tracked([page], Ledger())
    assert closed.lines[0].text == "CHAPTER 1"


def test_numerals_count_headings_or_are_words() -> None:
    def heads(*titles: str) -> list[Block]:
        return [Block("heading", one, 1, places=[Place(0, 9, 1)]) for one in titles]

    counted = heads("I. Nets", "A. Knots", "B. Ropes", "II. Ships", "A. Sails", "III. Ports")
    take_numerals(counted, Ledger())
    assert [one.text for one in counted] == ["Nets", "Knots", "Ropes", "Ships", "Sails", "Ports"]
    assert [one.number for one in counted] == ["I", "A", "B", "II", "A", "III"]
    plain = heads("I. Robot", "C. elegans", "Ports")
    take_numerals(plain, Ledger())
    assert [one.text for one in plain] == ["I. Robot", "C. elegans", "Ports"]
