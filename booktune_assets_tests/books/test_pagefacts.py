"""What is known of packed pages: rules skip those that cannot matter, and say the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from booktune_assets.books import misnamed, packed, swapped
from booktune_assets.books.composed import show_spaces
from booktune_assets.books.dropcaps import take_drop_caps
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.listing import Listing
from booktune_assets.books.misnamed import mend_misnamed
from booktune_assets.books.packed import Pages
from booktune_assets.books.pagefacts import Fact, facts_of
from booktune_assets.books.paths import Mark
from booktune_assets.books.prompts import take_prompts
from booktune_assets.books.rows import Row
from booktune_assets.books.slots import mend_slots
from booktune_assets.books.swapped import mend_swapped

FONTS = Fonts(advance={"Mono": 0.6}, body="Serif", body_size=10.0, code_size=10.0)
PLAIN = "The tide comes in twice a day."


def run(text: str, font: str = "Serif", size: float = 10.0, left: float = 50.0) -> Run:
    lefts = [left + 6.0 * n for n in range(len(text))]
    return Run(text, font, size, 0, 0, edges_of(lefts, [x + 6.0 for x in lefts]))


def line(text: str, base: float, font: str = "Serif", size: float = 10.0, x: float = 50.0) -> Line:
    own = run(text, font, size, x)
    return Line([own], base, (x, base - size, own.right, base + 2))


def page(number: int, *texts: str, font: str = "Serif") -> PageDrawn:
    lines = [line(text, 100.0 + 14 * n, font) for n, text in enumerate((PLAIN, *texts))]
    return PageDrawn(number, 420, 600, lines, chars=200)


def both(pages: Callable[[], Sequence[PageDrawn]], rule: Callable[[Pages], object]) -> list[object]:
    """What a rule makes of pages, live and packed, as their texts."""
    found: list[object] = []
    for live in (300, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(packed, "LIVE", live)
            book = Pages()
            for one in pages():
                book.append(one)
            said = rule(book)
            found.append((said, [[own.text for own in one.lines] for one in book]))
    return found


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        (Fact.CODES, "af\x1cne line"), (Fact.SPACES, '"a\u2423b"'), (Fact.PROMPTS, "In [1]: x"),
        (Fact.PROMPTS, "In [1] : x"), (Fact.CAPS, "T"), (Fact.CAPS, "\u201cT"),
        (Fact.WIDE, "\u6600\u6900"),
    ],
)  # fmt: skip
def test_what_a_text_holds_is_a_fact_of_its_page(fact: int, text: str) -> None:
    assert facts_of(page(1, text)) & fact
    assert facts_of(page(1)) == 0


def test_each_look_alike_and_each_swapped_letter_is_a_fact() -> None:
    # the rules' own tables: a sign that is added there has to be one here
    assert all(facts_of(page(1, f"a{sign}b")) & Fact.TWINS for sign in vars(misnamed)["_PLAIN"])
    letters = filter(vars(swapped)["_WIDE"].search, vars(swapped)["_ASCII"])
    assert all(facts_of(page(1, f"{one}{one}")) & Fact.WIDE for one in letters)


def test_what_is_drawn_is_a_fact_too() -> None:
    shapes, sheet, table, known = page(1), page(2), page(3), page(4)
    shapes.marks = [Mark((0.0, 0.0, 9.0, 9.0), True)]
    sheet.lines, sheet.chars, sheet.pictures = [], 0, [((0.0, 0.0, 420.0, 600.0), 900, 1200)]
    table.lattices = [[(0.0, 0.0, 9.0, 9.0)]]
    known.mapped = "ab", 2
    assert [facts_of(one) for one in (shapes, sheet, table, known)] == [
        Fact.SHAPES, Fact.SHAPES | Fact.SHEETS, Fact.LATTICES, Fact.MAPPED,
    ]  # fmt: skip
    assert facts_of(page(5, font="GlyphLessFont")) == Fact.SHEETS  # text recognition wrote it


def test_facts_are_those_of_the_page_as_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "LIVE", 1)
    pages = Pages()
    for number in (1, 2, 3):
        pages.append(page(number))
    assert [n for n, _ in pages.having(Fact.EVERY)] == [0]  # a live one is looked at anyway
    for one in pages.edited():
        if one.number == 3:
            one.lines[0] = line("a\u2423b", 100.0)
    assert [n for n, _ in pages.having(Fact.SPACES)] == [0, 2]
    back = pages.one(2)
    back.lines[0] = line(PLAIN, 100.0)
    pages.put(2, back)
    assert [n for n, _ in pages.having(Fact.SPACES)] == [0]


def test_rules_that_skip_pages_say_the_same() -> None:
    soft = [page(n, "ab\u00adcd", font="Mono") for n in range(1, 7)]

    def mended(pages: Pages) -> None:
        mend_misnamed(pages, Ledger())

    live, away = both(lambda: [*soft, page(7)], mended)
    assert live == away and "ab-cd" in str(live)
    live, away = both(
        lambda: [page(1), *(page(n, '"a\u2423b"', font="Mono") for n in (2, 3, 4))],
        lambda pages: show_spaces(pages, FONTS, Ledger()),
    )
    assert live == away and '"a b"' in str(live)
    live, away = both(
        lambda: [page(1), *(page(n, f"In [{n}]: tide()", font="Mono") for n in range(2, 7))],
        lambda pages: take_prompts(pages, FONTS, Ledger()),
    )
    assert live == away and "In [" not in str(live)


def test_letters_are_mended_on_packed_pages_alike() -> None:
    def letters(pages: Pages) -> None:
        mend_swapped(pages, Ledger())
        mend_slots(pages, Ledger())

    words = "the \u6600\u6900le", "con\x1cguration de\x1cned in the \x1crst \x1cle"
    live, away = both(lambda: [page(1), page(2, words[0]), page(3, words[1])], letters)
    assert live == away and "file" in str(live)


def test_a_large_letter_is_found_on_a_packed_page() -> None:
    def pages() -> list[PageDrawn]:
        cap = line("T", 124.0, size=36.0)
        cap.box = (50.0, 92.0, 56.0, 126.0)
        rows = [line("he tide is low", 100.0 + 12 * n, x=60.0) for n in range(3)]
        return [page(1), PageDrawn(2, 420, 600, [cap, *rows], chars=60), page(3)]

    live, away = both(pages, lambda book: take_drop_caps(book, FONTS))
    assert live == away and "The tide is low" in str(live)


def test_a_listing_notes_what_is_asked_of_its_rows() -> None:
    rows = [
        Row(1, [], 10.0, (x, 0.0, 90.0, 10.0), "x", 10.0, "Mono", False, True, line_no=number,
            hangs=hangs, goes_on=on)
        for x, number, hangs, on in ((5.0, 1, False, False), (9.0, None, True, True))
    ]  # fmt: skip
    known = Listing(rows, ["a", "b"]).known
    assert (list(known.lefts), known.marked) == ([5.0, 9.0], {1})
    assert [known.number(0), known.number(1)] == [1, None]
    assert [known.hangs(0), known.hangs(1)] == [False, True]
    bare = Listing([rows[0]], ["a"]).known
    assert not bare.hung and bare.hangs(0) is False
