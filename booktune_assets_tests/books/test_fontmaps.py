"""Fonts whose letters only the embedded program knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pymupdf_fonts

from booktune_assets.books.blocks import CODE_KINDS, Parsed

Read = Callable[[Path], Parsed]
PROSE = "Words of prose that stand above the listing of this small book about tides."
CODE = ["def rise(level) do", "  {:ok, level + 1}", "end"]


def made(path: Path, change: Callable[[pymupdf.Document, int], None]) -> Path:
    """Two fonts with their programs; ``change`` is done to the map of each."""
    with pymupdf.open() as document:
        page = document.new_page(width=420, height=300)
        fonts = {
            page.insert_font(fontname=name, fontbuffer=pymupdf_fonts.myfont(name))
            for name in ("notos", "fimo")
        }
        for line in range(4):
            page.insert_text((40, 50 + 14 * line), PROSE, fontname="notos", fontsize=9)
        for number, row in enumerate(CODE):
            page.insert_text((40, 125 + 11 * number), row, fontname="fimo", fontsize=8)
        for xref in fonts:
            change(document, xref)
        document.save(path)
    return path


def texts(parsed: Parsed) -> tuple[str, list[str]]:
    code = [block.text for block in parsed.blocks if block.kind in CODE_KINDS]
    return parsed.blocks[0].text, code


def test_a_map_that_is_not_there(tmp_path: Path, read: Read) -> None:
    path = made(tmp_path / "n.pdf", lambda doc, xref: doc.xref_set_key(xref, "ToUnicode", "null"))
    parsed = read(path)
    assert texts(parsed) == (" ".join([PROSE] * 4), ["\n".join(CODE)])
    assert any(change["before"].startswith("\ufffd") for change in parsed.changes)
    assert all((row.lost, row.doubled) == (0, 0) for row in parsed.pages)


def test_a_map_with_holes(tmp_path: Path, read: Read) -> None:
    """What the map says is kept; only what it does not say comes from the font."""

    def holed(document: pymupdf.Document, xref: int) -> None:
        font = pymupdf.Font(fontbuffer=document.extract_font(xref)[3])
        code, gone = font.has_glyph(ord("e")), font.has_glyph(ord("l"))
        other = "\n".join(
            f"<{font.has_glyph(n):04X}> <{n:04X}>" for n in range(32, 127) if chr(n) not in "el"
        )
        text = (
            "begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange "
            f"1 beginbfrange <{code:04X}> <{code:04X}> [<0065>] endbfrange "
            f"94 beginbfchar {other} <{gone:04X}> <FFFF> endbfchar endcmap"
        )
        stream = int(document.xref_get_key(xref, "ToUnicode")[1].split()[0])
        document.update_stream(stream, text.encode())

    assert texts(read(made(tmp_path / "h.pdf", holed))) == (
        " ".join([PROSE] * 4), ["\n".join(CODE)],
    )  # fmt: skip


def test_a_font_that_cannot_be_read_fails_no_page(tmp_path: Path, read: Read) -> None:
    def bare(document: pymupdf.Document, xref: int) -> None:
        document.xref_set_key(xref, "ToUnicode", "null")
        inner = int(document.xref_get_key(xref, "DescendantFonts")[1].strip("[]").split()[0])
        where = document.xref_get_key(inner, "FontDescriptor")[1].split()[0]
        keys = (document.xref_get_key(int(where), f"FontFile{n}") for n in (2, 3))
        program = next(int(value.split()[0]) for kind, value in keys if kind == "xref")
        document.update_stream(program, b"no font")

    assert [row.status for row in read(made(tmp_path / "b.pdf", bare)).pages] == ["ok"]
