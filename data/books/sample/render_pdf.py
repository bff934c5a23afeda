"""Renders the sample book as a PDF with reportlab.

The output is invariant: no time stamps, no random identifiers, so that the same source and the
same library versions give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import font_source_serif_pro
import pymupdf_fonts
from book_source import HERE, Book, Chapter, Node, inline_markup
from pdf_flowables import INK, MONO, MONO_BOLD, CodeBox, SvgFigure, code_rows
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)
from reportlab.platypus.tableofcontents import TableOfContents

PAGE = (7.5 * 72.0, 9.25 * 72.0)
MARGIN, TOP, BOTTOM = 52.0, 54.0, 42.0
WIDTH = PAGE[0] - 2 * MARGIN
QUIET, ACCENT = HexColor("#5f6b7a"), HexColor("#2b4a6f")
TAGS = {
    "em": ("<i>", "</i>"),
    "strong": ("<b>", "</b>"),
    "code": (f'<font name="{MONO}">', "</font>"),
}


def register_fonts() -> None:
    """Makes the fonts known; both families come as ordinary Python packages."""
    folder = Path(font_source_serif_pro.__file__).parent / "files"
    for name, file in {
        "Serif": "Regular",
        "Serif-Italic": "It",
        "Serif-Bold": "Semibold",
        "Serif-BoldItalic": "SemiboldIt",
    }.items():
        pdfmetrics.registerFont(TTFont(name, str(folder / f"SourceSerifPro-{file}.ttf")))
    pdfmetrics.registerFontFamily(
        "Serif", "Serif", "Serif-Bold", "Serif-Italic", "Serif-BoldItalic"
    )
    for name, key in ((MONO, "ubuntm"), (MONO_BOLD, "ubuntmbo")):
        pdfmetrics.registerFont(TTFont(name, BytesIO(pymupdf_fonts.myfont(key))))


def make_styles() -> dict[str, ParagraphStyle]:
    """The paragraph styles of the book."""
    body = ParagraphStyle(
        "body",
        fontName="Serif",
        fontSize=9.5,
        leading=12.1,
        textColor=INK,
        alignment=TA_JUSTIFY,
        spaceAfter=4.6,
        allowWidows=0,
        allowOrphans=0,
    )

    def like(name: str, **changes: Any) -> ParagraphStyle:
        return ParagraphStyle(name, parent=body, **changes)

    heading = {"fontName": "Serif-Bold", "textColor": ACCENT, "alignment": 0}
    return {
        "body": body,
        "chapter": like("chapter", **heading | {"fontSize": 23, "leading": 28, "spaceAfter": 16}),
        "label": like("label", fontSize=10.5, textColor=QUIET, alignment=0),
        "section": like("section", **heading | {"fontSize": 13.5, "leading": 17, "spaceBefore": 9}),
        "caption": like(
            "caption", alignment=0, fontSize=9.2, leading=12, spaceBefore=2, spaceAfter=3
        ),
        "figure": like("figure", alignment=TA_CENTER, fontSize=9.2, leading=12),
        "note": like("note", fontSize=9.6, leading=13, spaceAfter=0),
        "cell": like("cell", alignment=0, fontSize=9.2, leading=12, spaceAfter=0),
        "title": like(
            "title", fontName="Serif-Bold", fontSize=32, leading=38, textColor=ACCENT, alignment=0
        ),
        "subtitle": like("subtitle", fontName="Serif-Italic", fontSize=14, leading=19, alignment=0),
        "small": like("small", fontSize=9.2, leading=12.6, alignment=0),
    }


class BookTemplate(BaseDocTemplate):
    """Running heads, page numbers, the outline and the entries of the contents."""

    def __init__(self, path: Path, meta: dict[str, str]) -> None:
        super().__init__(
            str(path),
            pagesize=PAGE,
            title=meta["title"],
            author=meta["author"],
            subject=f"{meta['subtitle']}. Licence: {meta['licence']} ({meta['licence_url']})",
            creator="booktune",
            keywords="Elixir, Erlang, OTP, BEAM",
            lang=meta["language"],
            invariant=1,
        )
        self.meta, self.chapter = meta, ""
        frame = Frame(MARGIN, BOTTOM, WIDTH, PAGE[1] - TOP - BOTTOM, 0, 0, 0, 0, id="text")
        self.addPageTemplates(
            [
                PageTemplate("bare", [frame]),
                PageTemplate("opening", [frame], onPageEnd=self._foot),
                PageTemplate("text", [frame], onPageEnd=self._head),
            ]
        )

    def _foot(self, canvas: Any, _doc: Any) -> None:
        canvas.setFont("Serif", 9)
        canvas.setFillColor(QUIET)
        canvas.drawCentredString(PAGE[0] / 2, BOTTOM - 22, str(canvas.getPageNumber()))

    def _head(self, canvas: Any, _doc: Any) -> None:
        number = canvas.getPageNumber()
        baseline = PAGE[1] - TOP + 20
        canvas.setFillColor(QUIET)
        canvas.setFont("Serif-Italic", 9)
        # As in a printed book: the book's title on the left page, the chapter's on the right.
        if number % 2 == 0:
            canvas.drawRightString(PAGE[0] - MARGIN, baseline, self.meta["title"])
        else:
            canvas.drawString(MARGIN, baseline, self.chapter)
        canvas.setFont("Serif", 9)
        outside = canvas.drawString if number % 2 == 0 else canvas.drawRightString
        outside(MARGIN if number % 2 == 0 else PAGE[0] - MARGIN, baseline, str(number))
        canvas.setStrokeColor(HexColor("#c5ccd6"))
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, baseline - 5, PAGE[0] - MARGIN, baseline - 5)

    def afterFlowable(self, flowable: Flowable) -> None:
        """Registers a heading that has just been placed; the name of the hook is reportlab's."""
        level = getattr(flowable, "outline_level", None)
        if level is None:
            return
        title, key = flowable.outline_title, flowable.outline_key
        if level == 0:
            self.chapter = title
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(title, key, level, closed=level == 0)
        if not flowable.outline_title.startswith(("Exercises", "Answers for")):
            self.notify("TOCEntry", (level, escape(title), self.page, key))


def glued(node: Node, follower: Node) -> bool:
    """Whether a page break between the two would be ugly."""
    if node.kind in ("heading", "caption"):
        return True
    return node.kind == "para" and follower.kind in ("code", "caption", "table", "figure")


def heading(text: str, style: ParagraphStyle, level: int, title: str, key: str) -> Paragraph:
    """A heading that will appear in the outline and in the contents."""
    paragraph = Paragraph(text, style)
    paragraph.outline_level, paragraph.outline_title, paragraph.outline_key = level, title, key
    return paragraph


class PdfBook:
    """Turns the nodes of the book into flowables."""

    def __init__(self, book: Book) -> None:
        self.book, self.styles = book, make_styles()
        self.homes = book.home_of()

    def markup(self, tokens: list[Any], own: str = "") -> str:
        """Inline markup with references that can be clicked, except to `own`, the text itself."""

        def link(target: str, text: str) -> str:
            known = target in self.homes and target != own
            return f'<a href="#{target}" color="#2b4a6f">{text}</a>' if known else text

        return inline_markup(tokens, TAGS, link)

    def story(self) -> list[Flowable]:
        """The whole book."""
        story: list[Flowable] = [*self.title_page(), *self.contents()]
        for chapter in self.book.chapters:
            story += [NextPageTemplate("opening"), PageBreak(), NextPageTemplate("text")]
            story += self.chapter(chapter)
        return story

    def title_page(self) -> Iterator[Flowable]:
        """The title page and the page with the licence."""
        meta, styles = self.book.meta, self.styles
        yield Spacer(1, 130)
        yield Paragraph(escape(meta["title"]), styles["title"])
        yield Paragraph(escape(meta["subtitle"]), styles["subtitle"])
        yield Spacer(1, 200)
        yield Paragraph(escape(meta["author"]), styles["subtitle"])
        yield Paragraph(f"{meta['edition']}, {meta['date'][:4]}", styles["small"])
        yield Paragraph(f"Licence: {meta['licence']}", styles["small"])
        yield PageBreak()
        yield Spacer(1, 380)
        for line in (
            f"<b>{escape(meta['title'])}</b>. {escape(meta['subtitle'])}.",
            f"© {meta['date'][:4]} {escape(meta['author'])}.",
            "This book is licensed under the Creative Commons Attribution 4.0 International "
            f"licence ({meta['licence']}), {meta['licence_url']}. You may share and adapt it for "
            "any purpose as long as you name the authors.",
            "All examples run on Elixir 1.14 and Erlang/OTP 25.",
        ):
            yield Paragraph(line, styles["small"])

    def contents(self) -> Iterator[Flowable]:
        """The table of contents."""
        toc = TableOfContents(dotsMinLevel=1)
        body = self.styles["body"]
        toc.levelStyles = [
            ParagraphStyle(
                "toc0",
                body,
                fontName="Serif-Bold",
                alignment=0,
                spaceBefore=2,
                spaceAfter=0,
                fontSize=9.2,
                leading=11.6,
            ),
            ParagraphStyle(
                "toc1", body, alignment=0, leftIndent=14, spaceAfter=0, fontSize=8.6, leading=9.6
            ),
        ]
        yield NextPageTemplate("opening")
        yield PageBreak()
        yield Paragraph("Contents", self.styles["chapter"])
        yield toc

    def chapter(self, chapter: Chapter) -> Iterator[Flowable]:
        """One chapter."""
        yield Spacer(1, 18)
        if chapter.label:
            yield Paragraph(chapter.label.upper(), self.styles["label"])
        yield heading(
            f'<a name="{chapter.id}"/>{escape(chapter.title)}',
            self.styles["chapter"],
            0,
            chapter.heading,
            f"top-{chapter.id}",
        )
        for position, node in enumerate(chapter.nodes):
            before = chapter.nodes[position - 1] if position else None
            if before is None or not glued(before, node):
                yield CondPageBreak(self.room_needed(chapter.nodes[position:]))
            yield from self.flowables(node)

    def flowables(self, node: Node) -> Iterator[Flowable]:
        """The flowables of one node."""
        return getattr(self, f"node_{node.kind}")(node)

    def room_needed(self, nodes: list[Node]) -> float:
        """The height that must be left so that a lead-in is not parted from what it leads to."""
        last = next(
            (n for n, node in enumerate(nodes[:-1]) if not glued(node, nodes[n + 1])),
            len(nodes) - 1,
        )
        room = sum(self.height(node, None) for node in nodes[:last])
        return min(room + self.height(nodes[last], 45.0), PAGE[1] - TOP - BOTTOM)

    def height(self, node: Node, enough: float | None) -> float:
        """The height of a node, or `enough` of it if it is one that may be split."""
        total = 0.0
        for flowable in self.flowables(node):
            total += flowable.wrap(WIDTH, PAGE[1])[1]
            total += flowable.getSpaceBefore() + flowable.getSpaceAfter()
        splits = node.kind == "para" or (node.kind == "code" and node.text.count("\n") > 8)
        return min(total, enough) if enough is not None and splits else total

    def node_heading(self, node: Node) -> Iterator[Flowable]:
        """A section heading."""
        style = self.styles["section"]
        yield heading(self.markup(node.inline), style, 1, node.text, f"top-{node.id}")

    def node_para(self, node: Node) -> Iterator[Flowable]:
        """A paragraph; an exercise or an answer is a target for references."""
        anchor = f'<a name="{node.id}"/>' if node.id else ""
        yield Paragraph(anchor + self.markup(node.inline, node.id), self.styles["body"])

    def node_caption(self, node: Node) -> Iterator[Flowable]:
        """The caption above a listing or a table."""
        markup = f'<a name="{node.id}"/>{self.markup(node.inline, node.id)}'
        yield Paragraph(markup, self.styles["caption"])

    def node_code(self, node: Node) -> Iterator[Flowable]:
        """A box of code; room_needed makes sure that short ones stay whole."""
        yield CodeBox(code_rows(node.text, node.language), node.language)

    def node_note(self, node: Node) -> Iterator[Flowable]:
        """A note in a frame."""
        table = Table([[Paragraph(self.markup(node.inline), self.styles["note"])]], [WIDTH])
        table.setStyle(
            TableStyle(
                [
                    ("BACKGROUND", (0, 0), (-1, -1), HexColor("#eef4ee")),
                    ("LINEBEFORE", (0, 0), (0, -1), 2.2, HexColor("#4a7c59")),
                    ("LEFTPADDING", (0, 0), (-1, -1), 10),
                    ("TOPPADDING", (0, 0), (-1, -1), 6),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
                ]
            )
        )
        table.spaceBefore, table.spaceAfter = 4, 10
        yield table

    def node_table(self, node: Node) -> Iterator[Flowable]:
        """A table with rules above, below and under its head."""
        style = self.styles["cell"]
        cells = [[Paragraph(self.markup(cell), style) for cell in row] for row in node.rows]
        cells[0] = [Paragraph(f"<b>{self.markup(cell)}</b>", style) for cell in node.rows[0]]
        table = Table(cells, column_widths(node), repeatRows=1)
        rules = [("LINEABOVE", (0, 0), (-1, 0), 1, INK), ("LINEBELOW", (0, -1), (-1, -1), 1, INK)]
        inner = [("LINEBELOW", (0, row), (-1, row), 0.3, QUIET) for row in range(1, len(cells) - 1)]
        head = [("LINEBELOW", (0, 0), (-1, 0), 0.7, INK), ("VALIGN", (0, 0), (-1, -1), "TOP")]
        table.setStyle(TableStyle([*rules, *inner, *head]))
        table.spaceAfter = 12
        yield table

    def node_figure(self, node: Node) -> Iterator[Flowable]:
        """A figure with its caption below."""
        label, text = node.text.split(". ", 1)
        caption = f'<a name="{node.id}"/><b>{escape(label)}.</b> {escape(text)}'
        figure = SvgFigure(HERE / node.src)
        yield from (Spacer(1, 4), figure, Paragraph(caption, self.styles["figure"]))


def column_widths(node: Node) -> list[float]:
    """Shares the width by the longest entry of each column."""
    longest = [
        max(len("".join(t.content for t in row[column])) for row in node.rows)
        for column in range(len(node.rows[0]))
    ]
    weights = [max(length, 8) ** 0.8 for length in longest]
    return [WIDTH * weight / sum(weights) for weight in weights]


def render_pdf(book: Book, target: Path) -> None:
    """Writes the PDF."""
    register_fonts()
    BookTemplate(target, book.meta).multiBuild(PdfBook(book).story())
