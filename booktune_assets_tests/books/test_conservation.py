"""Any text layer in, every character accounted for: kept, moved, repaired or dropped for a reason.

The account is checked against a count of our own, made straight from PyMuPDF, and against itself:
``chars = kept + furniture + moved + repaired + lost - doubled``. Then blocks are dropped, doubled
and cut on purpose, and the account has to say so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pymupdf
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from booktune_assets.books import epub as epub_reader
from booktune_assets.books import pdf as pdf_reader
from booktune_assets.books.blocks import Block, Limits, Parsed
from booktune_assets.books.formats import parse
from booktune_assets.books.markdown import parse_text
from booktune_assets.errors import BookError, Code
from booktune_assets_tests.books.makers import epub, harbour, page

FONTS = ("helv", "heit", "cour", "cobo", "tiro", "tibo", "symb", "wide")
TEXTS = st.one_of(
    st.sampled_from(
        [
            "def tide(level), do: level > 3",
            "  end",
            "iex> tide(4)",
            "1",
            "12 end",
            "Chapter 7",
            "3.2 Tides",
            "\u2022 a point",
            "- item",
            "com-",
            "plete words of a line that goes on",
            "Figure 2. A pier",
            "| a | b |",
            "see page 12",
            "\u2460",
            "x = \u201cy\u201d",
            "\ufb01rst \ufb02ow",
            "\u21aa goes on",
            "....... 41",
            "* note",
        ]
    ),
    st.text(
        st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S", "Zs", "Cc", "Cf"]),
        min_size=1,
        max_size=25,
    ),
    st.text(
        st.sampled_from(
            "\u05d0\u05d1\u05d2\u0627\u0628\u062a "
            "\u0301\u0308e\u030a\u200f\u200e\u00ad\u200b\x01\x0c\t"
        ),
        min_size=1,
        max_size=20,
    ),
)
SPOTS = st.tuples(
    st.one_of(st.floats(-60, 460), st.sampled_from([40.0, 40.0, 220.0])),
    st.one_of(st.floats(-40, 640), st.sampled_from([100.0, 112.0, 124.0, 580.0])),
)
STROKES = st.tuples(
    TEXTS,
    SPOTS,
    st.sampled_from(FONTS),
    st.sampled_from([0.05, 4.0, 7.0, 9.0, 9.0, 10.5, 10.5, 14.0, 20.0, 72.0]),
    st.sampled_from([0, 0, 0, 0, 0, 90, 180, 270]),
    st.sampled_from([0, 0, 0, 1, 2, 3]),
    st.sampled_from([1, 1, 1, 1, 2]),
)
BOXES = st.lists(st.tuples(SPOTS, st.floats(5, 400), st.floats(1, 200)), max_size=4)
SHEETS = st.lists(st.tuples(st.lists(STROKES, max_size=30), BOXES), min_size=1, max_size=4)


@cache
def wide_font() -> bytes:
    """A font with Hebrew, Arabic, Greek and marks."""
    return bytes(pymupdf.Font("figo").buffer)


def drawn(path: Path, sheets: Sequence[Any]) -> Path:
    """A PDF of these strokes; those with a count of 2 are drawn twice for a false bold."""
    font = wide_font()
    with pymupdf.open() as document:
        for strokes, boxes in sheets:
            sheet = document.new_page(width=420, height=600)
            if any(stroke[2] == "wide" for stroke in strokes):
                sheet.insert_font(fontname="wide", fontbuffer=font)
            sheet.insert_text((40, 590), "enough words for a page that is no scan", fontsize=7)
            for (x, y), width, height in boxes:
                box = pymupdf.Rect(x, y, x + width, y + height)
                sheet.draw_rect(box, color=None, fill=(0.9, 0.9, 0.92))
            for text, (x, y), name, size, turn, mode, times in strokes:
                for time in range(times if any(text.splitlines()) else 0):
                    sheet.insert_text(
                        (x + 0.3 * time, y),
                        text,
                        fontname=name,
                        fontsize=size,
                        rotate=turn,
                        render_mode=mode,
                    )
        document.save(path, garbage=3)
    return path


def counted(path: Path) -> list[int]:
    """Characters of each page that are not white space, by PyMuPDF alone."""
    with pymupdf.open(path) as document:
        return [
            sum(
                not char["c"].isspace()
                for block in sheet.get_text(
                    "rawdict", flags=pymupdf.TEXT_PRESERVE_WHITESPACE, clip=pymupdf.INFINITE_RECT()
                )["blocks"]
                for line in block.get("lines", ())
                for span in line["spans"]
                for char in span["chars"]
            )
            for sheet in document
        ]


def balanced(parsed: Parsed) -> None:
    """Nothing lost or doubled, and the sums of every page agree."""
    for row in parsed.pages:
        assert (row.lost, row.doubled) == (0, 0), row
        assert row.chars == row.kept + row.furniture + row.moved + row.repaired, row
    for block in parsed.blocks:
        ends = [0, *[edge for place in block.places for edge in (place.start, place.end)]]
        assert ends == sorted(ends) and ends[-1] <= len(block.text)


def read(path: Path) -> Parsed:
    return parse(path, Limits(), lambda done, total: None)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(SHEETS)
def test_any_drawing_is_conserved(sheets: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        path = drawn(Path(folder, "any.pdf"), sheets)
        try:
            parsed = read(path)
        except BookError as problem:  # on every page the same, or glyphs that have no map
            assert problem.code in (Code.NO_CONTENT, Code.NO_TEXT_LAYER)
            return
        assert [row.chars for row in parsed.pages] == counted(path)
    balanced(parsed)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.lists(TEXTS, min_size=1, max_size=40), min_size=1, max_size=6),
    st.sampled_from([1, 2]),
    st.sampled_from(["Courier", "Times-Roman", "Helvetica-Bold"]),
    st.floats(0, 3),
    st.booleans(),
)
def test_any_columns_and_running_heads_are_conserved(
    sheets: list[list[str]], columns: int, font: str, spacing: float, numbered: bool
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "any.pdf")
        canvas = Canvas(str(path), pagesize=(420, 600), invariant=True)
        for number, lines in enumerate(sheets, start=1):
            canvas.setFont("Helvetica", 7)
            canvas.drawString(40, 580, "A Small Harbour")
            canvas.drawRightString(380, 20, f"Page {number}")
            for row, line in enumerate(lines):
                column, at = row % columns, row // columns
                canvas.setFont(font, 9)
                text = canvas.beginText(40 + 190 * column, 550 - 12 * at)
                text.setCharSpace(spacing)
                text.textOut("".join(char for char in line if ord(char) < 256))
                canvas.drawText(text)
                if numbered:
                    canvas.setFont("Helvetica", 5)
                    canvas.drawRightString(36 + 190 * column, 550 - 12 * at, str(row + 1))
            canvas.showPage()
        canvas.save()
        try:
            parsed = read(path)
        except BookError as problem:
            assert problem.code in (Code.NO_CONTENT, Code.NO_TEXT_LAYER)
            return
        assert [row.chars for row in parsed.pages] == counted(path)
    balanced(parsed)


MARKUP = st.recursive(
    st.one_of(
        TEXTS,
        st.sampled_from(
            ["&#xD800;", "&amp;", "&#0;", "&eacute;", "&nope;", "<br/>", "<img alt='x'/>"]
        ),
    ),
    lambda inner: st.tuples(
        st.sampled_from(
            [
                "p",
                "pre",
                "code",
                "h1",
                "h3",
                "li",
                "ul",
                "ol",
                "div",
                "span",
                "aside",
                "td",
                "th",
                "tr",
                "table",
                "thead",
                "caption",
                "figure",
                "figcaption",
                "blockquote",
                "section",
                "b",
                "em",
                "sup",
                "a",
                "dl",
                "dt",
                "dd",
                "script",
                "style",
                "svg",
                "math",
                "nav",
                "ruby",
                "rt",
                "details",
                "hr",
            ]
        ),
        st.sampled_from(
            [
                "",
                " id='a'",
                " class='note'",
                " class='lineno'",
                " hidden=''",
                " style='display:none'",
                " xmlns:epub='http://www.idpf.org/2007/ops' epub:type='noteref'",
                " role='doc-footnote'",
            ]
        ),
        st.lists(inner, max_size=5),
    ),
    max_leaves=30,
)


def markup(tree: Any) -> str:
    if isinstance(tree, str):
        if tree.startswith(("&", "<")) and tree.endswith((";", ">")):
            return tree
        text = "".join(char for char in tree if char >= " " or char == "\n")
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    tag, attributes, inner = tree
    return f"<{tag}{attributes}>{''.join(markup(one) for one in inner)}</{tag}>"


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(MARKUP, min_size=1, max_size=4))
def test_any_markup_is_conserved(trees: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        pages = {f"c{n}.xhtml": page(f"<p>words</p>{markup(tree)}") for n, tree in enumerate(trees)}
        raw = {name: text.encode("utf-8", "replace") for name, text in pages.items()}
        parsed = read(epub(Path(folder, "any.epub"), dict(raw)))
    assert not [row for row in parsed.pages if row.status == "failed"]
    balanced(parsed)


CELLS = st.sampled_from(
    ["tr", "td", "th", "thead", "tbody", "caption", "col", "colgroup", "p", "h2"]
)


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.sampled_from(["word", "", "a b"]),
        lambda inner: st.tuples(CELLS, st.just(""), st.lists(inner, min_size=1, max_size=4)),
        max_leaves=12,
    )
)
def test_any_table_is_conserved(tree: Any) -> None:
    with TemporaryDirectory() as folder:
        body = f"<p>words</p><table>{markup(tree)}</table>"
        balanced(read(epub(Path(folder, "any.epub"), {"c.xhtml": body})))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            TEXTS,
            st.sampled_from(
                [
                    "```\n",
                    "~~~elixir\n",
                    "    x\n",
                    "# ",
                    "## 3.2 ",
                    "> ",
                    "- ",
                    "1. ",
                    "|a|b|\n|-|-|\n|c|d|\n",
                    "\n",
                    "\n\n",
                    "<div>",
                    "</div>\n",
                    "<!-- x -->\n",
                    "![a](b)",
                    "[a](b)",
                    "[a]: b\n",
                    "*",
                    "**",
                    "`",
                    "``",
                    "{#id}",
                    "  \n",
                    "\\",
                    "&amp;",
                    "<br>",
                    "---\n",
                    "<script>x</script>",
                    "<b>",
                    "***\n",
                    "<https://example.org>",
                ]
            ),
        ),
        max_size=25,
    )
)
@example(["<script>x</script>", "\x0c", "\n\x01", "word"])
def test_any_markdown_is_conserved(parts: list[str]) -> None:
    text = "# Title\n\nWords.\n\n" + "".join(parts)
    balanced(parse_text(text.encode("utf-8", "replace"), "md", "any.md"))


Spoil = Callable[[list[Block]], list[Block]]


def _cut(blocks: list[Block]) -> list[Block]:
    longest = max(blocks, key=lambda block: len(block.text))
    longest.text = longest.text[:-3] + "   "
    return blocks


@pytest.mark.parametrize(
    ("spoil", "lost", "doubled"),
    [
        (lambda blocks: blocks[:3] + blocks[4:], True, False),
        (lambda blocks: [*blocks, blocks[3]], False, True),
        (_cut, True, False),
        (lambda blocks: [*blocks[:3], *blocks[4:], blocks[4]], True, True),
    ],
    ids=["dropped", "doubled", "cut", "replaced"],
)
def test_blocks_that_go_missing_or_come_twice_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Spoil, lost: bool, doubled: bool
) -> None:
    whole = pdf_reader.into_blocks
    monkeypatch.setattr(pdf_reader, "into_blocks", lambda *given: spoil(whole(*given)))
    parsed = read(harbour(tmp_path / "b.pdf"))
    found = sum(row.lost for row in parsed.pages), sum(row.doubled for row in parsed.pages)
    assert (found[0] > 0, found[1] > 0) == (lost, doubled)
    for row in parsed.pages:
        spent = row.kept + row.furniture + row.moved + row.repaired
        assert row.chars == spent + row.lost - row.doubled


@pytest.mark.parametrize("reader", [pdf_reader, epub_reader], ids=["pdf", "epub"])
def test_a_repair_that_eats_characters_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: Any
) -> None:
    def greedy(blocks: Sequence[Block], _: object) -> None:
        code = next(block for block in blocks if block.kind in ("code", "iex"))
        code.text = code.text.replace("e", " ")

    monkeypatch.setattr(reader, "mend_code", greedy)
    path = (
        harbour(tmp_path / "b.pdf")
        if reader is pdf_reader
        else epub(tmp_path / "b.epub", {"c.xhtml": "<h1>T</h1><pre>def tide, do: level</pre>"})
    )
    assert sum(row.lost for row in read(path).pages) > 0
