"""Characters of code that typesetting changed: evidence over the whole book, then the repair."""

from __future__ import annotations

import pytest

from booktune_assets.books.blocks import Block, Page, Place
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.repair import mend_code


def mended(*texts: str, off: tuple[str, ...] = ()) -> tuple[list[str], Ledger]:
    blocks = [
        Block("code", text, lang="elixir", places=[Place(0, len(text), page=1)]) for text in texts
    ]
    ledger = Ledger(frozenset(off))
    for text in texts:
        ledger.drew(1, text)
    pages = [Page(1)]
    ledger.settle(blocks, pages)
    mend_code(blocks, ledger)
    ledger.check(blocks, pages)
    assert (pages[0].lost, pages[0].doubled) == (0, 0)
    return [block.text for block in blocks], ledger


def test_a_typographers_double_quotes_become_plain() -> None:
    texts, ledger = mended("x = \u201cone\u201d", "y = \u201ctwo\u201d\nz = 1")
    assert texts == ['x = "one"', 'y = "two"\nz = 1']
    assert {change.kind for change in ledger.changes} == {"quotes"}


def test_single_quotes_are_judged_apart_from_double_ones() -> None:
    """A code font that has a straight double quote and only a curly apostrophe."""
    code = [f'a{n} = \u2019chars\u2019 ++ "text {n}"' for n in range(4)]
    texts, _ = mended(*code)
    assert texts == [text.replace("\u2019", "'") for text in code]


def test_old_tex_fonts_print_a_backquote_as_an_opening_quote() -> None:
    code = [f"# runs \u2018mix test\u2018\nx{n} = \u2019abc\u2019" for n in range(4)]
    texts, _ = mended(*code)
    assert texts == [f"# runs `mix test`\nx{n} = 'abc'" for n in range(4)]


def test_a_single_curly_quote_in_a_string_is_meant() -> None:
    texts, ledger = mended('IO.puts("it\u2019s")', 'x = "a"', 'y = "b"')
    assert texts[0] == 'IO.puts("it\u2019s")' and not ledger.changes


def test_signs_of_mathematics_all_over_the_code_are_plain_ones() -> None:
    code = [f"x{n} = a \u2212 b \u2217 {n}" for n in range(5)]
    texts, ledger = mended(*code)
    assert texts == [f"x{n} = a - b * {n}" for n in range(5)]
    assert {change.kind for change in ledger.changes} == {"glyphs"}


def test_one_such_sign_among_plain_ones_is_meant() -> None:
    texts, _ = mended("x = a - b", "y = c - d", 'z = "\u2212"')
    assert texts[2] == 'z = "\u2212"'


def test_outside_of_strings_such_a_sign_is_never_meant() -> None:
    texts, ledger = mended("x = a - b", "y = c - d - e", 'f = fn a \u2212> "\u2212" <> a end')
    assert texts[2] == 'f = fn a -> "\u2212" <> a end'
    assert {change.kind for change in ledger.changes} == {"glyphs"}


@pytest.mark.parametrize("off", ["quotes", "glyphs"])
def test_repairs_can_be_switched_off(off: str) -> None:
    code = {
        "quotes": [f"x{n} = \u201cone\u201d" for n in range(4)],
        "glyphs": [f"x{n} = a \u2212 b" for n in range(5)],
    }
    assert mended(*code[off], off=(off,))[0] == code[off]
