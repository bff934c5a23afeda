"""Codes of TeX's old fonts: the ligatures, quotes and bullets that they stand for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import CODE_KINDS, Limits, Parsed
from booktune_assets.books.formats import parse
from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.packed import Pages
from booktune_assets.books.slots import mend_slots

Read = Callable[[Path], Parsed]
_NARROW, _WIDE = frozenset("ijl.,;:'\x0c\x1c"), frozenset("mwMW\x0e\x1e")
PROSE = [
    "We {fi}nd di{ff}erent ways to de{fi}ne the con{fi}guration of the",
    "{fi}les and o{ff}er e{ffi}cient ones that {fl}ow and re{fl}ect it all.",
    "Words of prose follow here, and the {fi}rst of them is a plain one.",
]
CODE = ["defmodule Tide do", '  @doc "the first file"', "  def rise(level), do: level + 1", "end"]
SLOTS = {
    "T1": {"ff": "\x1b", "fi": "\x1c", "fl": "\x1d", "ffi": "\x1e"},
    "OT1": {"ff": "\x0b", "fi": "\x0c", "fl": "\x0d", "ffi": "\x0e"},
}


def pages_of(page: PageDrawn) -> Pages:
    pages = Pages()
    pages.append(page)
    return pages


def width(char: str, *, fixed: bool) -> int:
    if fixed:
        return 525
    return 280 if char in _NARROW else 800 if char in _WIDE else 500


def coded(path: Path, rows: list[tuple[float, str, str]]) -> Path:
    """A page whose fonts are drawings (Type 3) that say nothing of their letters: y, font, text."""
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 400]/Contents 4 0 R"
        "/Resources<</Font<</F1 5 0 R/F2 6 0 R/F3 7 0 R>>>>>>",
    ]  # fmt: skip
    names = "".join(f"/a{code}" for code in range(256))
    marks = "BT " + "".join(
        f"1 0 0 1 40 {y} Tm /{font} 10 Tf <{text.encode('latin-1').hex()}> Tj "
        for y, font, text in rows
    ) + "ET"  # fmt: skip
    objects.append(f"<</Length {len(marks)}>>stream\n{marks}\nendstream")
    procs = "".join(f"/a{code} 8 0 R" for code in range(256))
    for fixed in (False, True, False):
        widths = " ".join(str(width(chr(code), fixed=fixed)) for code in range(256))
        objects.append(
            "<</Type/Font/Subtype/Type3/FontBBox[0 0 800 800]/FontMatrix[.001 0 0 .001 0 0]"
            f"/FirstChar 0/LastChar 255/Widths[{widths}]/CharProcs<<{procs}>>/Resources<<>>"
            f"/Encoding<</Type/Encoding/Differences[0{names}]>>>>"
        )
    glyph = "500 0 0 0 400 600 d1 0 0 400 600 re f"
    objects.append(f"<</Length {len(glyph)}>>stream\n{glyph}\nendstream")
    body, places = "%PDF-1.4\n", []
    for number, text in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj{text}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    body += f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{body.rindex('xref')}\n"
    path.write_bytes((body + "%%EOF").encode("latin-1"))
    return path


def book(path: Path, slots: dict[str, str]) -> Path:
    rows = [(370.0 - 13 * n, "F1", text.format(**slots)) for n, text in enumerate(PROSE)]
    rows += [(310.0 - 11 * n, "F2", text) for n, text in enumerate(CODE)]
    rows += [(240.0 - 13 * n, "F1", text.format(**slots)) for n, text in enumerate(PROSE)]
    return coded(path, rows)


@pytest.mark.parametrize("encoding", ["T1", "OT1"])
def test_ligatures_come_back_by_the_words_they_make(
    tmp_path: Path, read: Read, encoding: str
) -> None:
    path = book(tmp_path / "t.pdf", SLOTS[encoding])
    parsed = read(path)
    plain = " ".join(PROSE).format(ff="ff", fi="fi", fl="fl", ffi="ffi")
    assert [b.text for b in parsed.blocks if b.kind == "prose"] == [plain] * 2
    assert [b.text for b in parsed.blocks if b.kind in CODE_KINDS] == ["\n".join(CODE)]
    assert sum(change["kind"] == "glyphs" for change in parsed.changes) == 2 * len(PROSE)
    assert all((row.lost, row.doubled) == (0, 0) for row in parsed.pages)
    off = parse(path, Limits(repairs_off=("glyphs",)), lambda done, total: None)
    assert "different" not in "".join(block.text for block in off.blocks)


def drawn(texts: list[tuple[str, str]]) -> PageDrawn:
    """A page of lines, each a run: font and text."""
    page = PageDrawn(1, 400, 400)
    for number, (font, text) in enumerate(texts):
        wide = [width(char, fixed=False) / 100 for char in text]
        rights = [40 + sum(wide[: n + 1]) for n in range(len(text))]
        edges = edges_of([x - w for x, w in zip(rights, wide, strict=True)], rights)
        y = 40.0 + 12 * number
        page.lines.append(Line([Run(text, font, 10, 0, 0, edges)], y, (40, y - 8, 300, y + 2)))
    return page


def test_codes_that_make_no_words_are_left(tmp_path: Path) -> None:
    page = drawn([("F1", "xq\x1czz grw\x0ckk"), ("F1", "plain words of prose stand here")])
    ledger = Ledger()
    mend_slots(pages_of(page), ledger)
    assert page.lines[0].text == "xq\x1czz grw\x0ckk"
    assert ledger.changes == []


def test_one_word_is_enough_where_it_is_all_that_has_codes() -> None:
    page = drawn([("F1", "IO and the \x1cle system"), ("F2", "plain words of prose stand here")])
    mend_slots(pages_of(page), Ledger())
    assert page.lines[0].text == "IO and the file system"


def test_codes_that_begin_lines_alone_are_bullets() -> None:
    rows = [("F9", "\x88"), ("F1", "one item"), ("F9", "\x88"), ("F1", "another item")]
    page = drawn(rows)
    mend_slots(pages_of(page), Ledger())
    assert [line.text for line in page.lines] == ["\u2022", "one item", "\u2022", "another item"]


def test_a_ligature_keeps_the_place_of_its_glyph() -> None:
    words = "\x1crst di\x1berent con\x1cguration"
    page = drawn([("F1", words), ("F1", "the plain words of him")])
    before = page.lines[0].runs[0]
    mend_slots(pages_of(page), Ledger())
    run = page.lines[0].runs[0]
    assert run.text == "first different configuration"
    first = before.rights[0] - before.lefts[0]
    assert list(run.lefts)[:3] == pytest.approx([40, 40 + first / 2, 40 + first])
    assert run.rights[-1] == before.rights[-1]
