"""What a typesetter drew: accents, underscores, signs for spaces."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf

from booktune_assets.books.blocks import CODE_KINDS, Parsed
from booktune_assets.books.composed import show_spaces
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.packed import Pages

Read = Callable[[Path], Parsed]
FILLER = "Words of prose that stand between the listings of this small book."


def pages_of(page: PageDrawn) -> Pages:
    pages = Pages()
    pages.append(page)
    return pages


def test_drawn_underscores_and_accents(tmp_path: Path, read: Read) -> None:
    """``snake_case`` with a rule for its underscore, ``é`` as an accent with a letter below."""
    with pymupdf.open() as document:
        page = document.new_page(width=420, height=300)
        for line in range(3):
            page.insert_text((40, 50 + 14 * line), FILLER, fontname="tiro", fontsize=10)
        x = 40.0
        for text, rule in (("Names such as snake", True), ("case or ", True), ("are good.", False)):
            page.insert_text((x, 92), text, fontname="tiro", fontsize=10)
            x += pymupdf.get_text_length(text, "tiro", 10)
            if rule:
                page.draw_rect((x + 0.6, 91.6, x + 3.6, 92), color=None, fill=(0, 0, 0))
                x += 3.6 + (4 if text.endswith(" ") else 0)
        page.insert_text((40, 130), 'IO.puts("caf')
        for text, at in (('IO.puts("caf', 0), ("\u00b4", 12), ("e", 12), (' is open")', 13)):
            page.insert_text((40 + 5.4 * at, 150), text, fontname="cour", fontsize=9)
        page.insert_text((40, 161), "IO.puts(:ok)", fontname="cour", fontsize=9)
        document.save(tmp_path / "u.pdf")
    parsed = read(tmp_path / "u.pdf")
    assert "Names such as snake_case or _ are good." in parsed.blocks[0].text
    code = [block.text for block in parsed.blocks if block.kind in CODE_KINDS]
    assert code == ['IO.puts("caf\u00e9 is open")\nIO.puts(:ok)']
    assert all((row.lost, row.doubled) == (0, 0) for row in parsed.pages)


def test_a_rule_below_words_is_no_underscore(tmp_path: Path, read: Read) -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=420, height=300)
        for line in range(4):
            page.insert_text((40, 50 + 14 * line), FILLER, fontname="tiro", fontsize=10)
            page.draw_rect((70, 51 + 14 * line, 75, 51.5 + 14 * line), color=None, fill=(0, 0, 0))
        document.save(tmp_path / "r.pdf")
    assert "_" not in "".join(block.text for block in read(tmp_path / "r.pdf").blocks)


def spaced(texts: list[str]) -> PageDrawn:
    page = PageDrawn(1, 400, 400)
    for number, text in enumerate(texts):
        lefts = [40.0 + 5 * n for n in range(len(text))]
        run = Run(text, "mono", 8, 0, 0, edges_of(lefts, [x + 5 for x in lefts]))
        page.lines.append(Line([run], 20.0 * number, (40, 0, 40 + 5 * len(text), 9)))
    return page


def test_signs_for_spaces_become_spaces() -> None:
    page = spaced(['\u2423\u2423"a\u2423b"', '"c\u2423d"', '"e\u2423f"'])
    ledger = Ledger()
    show_spaces(pages_of(page), Fonts(advance={"mono": 0.6}), ledger)
    assert [line.text for line in page.lines] == ['"a b"', '"c d"', '"e f"']
    assert page.lines[0].box[0] == 50.0  # the indentation is where the ink begins
    assert len(ledger.changes) == 3


def test_a_single_sign_is_what_the_book_speaks_of() -> None:
    page = spaced(['"a\u2423b"', "plain"])
    show_spaces(pages_of(page), Fonts(advance={"mono": 0.6}), Ledger())
    assert page.lines[0].text == '"a\u2423b"'
