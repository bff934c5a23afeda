"""Sets the records of a book in many styles, to measure reading on layouts nobody tuned for.

Records are those of ``benchmarks/reading.py``: dictionaries with ``kind`` heading, code, prose or
table. HTML styles are laid out by WeasyPrint or a Chromium on the path, Typst styles by Typst. All
of them are optional: what is missing is said and left out.
"""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class Style:
    """One layout. ``wrap`` breaks code at so many columns by hand and ends the row in ``mark``."""

    engine: str
    css: str = ""
    outline: bool = True
    numbered_code: bool = False
    numbered_heads: bool = True
    two_fonts: bool = False
    wrap: int = 0
    mark: str = ""
    lead: str = ""
    callouts: bool = False
    notes: bool = False


_PAGE = "@page{size:%s;margin:%s}"
_HEADS = (
    "@page:left{@top-left{content:counter(page)}@top-right{content:'A Shelf of Programs'}}"
    "@page:right{@top-right{content:counter(page)}@top-left{content:string(chapter)}}"
    "h1{string-set:chapter content()}"
)
_SMALL = _HEADS.replace(
    "content:string(chapter)", "content:string(chapter);font-variant:small-caps"
)
_FOOT = (
    "@page{@bottom-center{content:'- ' counter(page) ' -'}"
    "@top-center{content:'A Shelf of Programs'}}"
)
_BASE = (
    "body{font-family:'DejaVu Serif';font-size:9.5pt;line-height:1.35}"
    "pre,code{font-family:'DejaVu Sans Mono'} "
    "pre{font-size:7.6pt;line-height:1.25;white-space:pre;margin:6pt 0}"
    "h1{break-before:page} table{border-collapse:collapse} td,th{padding:2pt 8pt;text-align:left}"
    "aside{background:#eef;padding:4pt 8pt;margin:6pt 0}"
)
STYLES: dict[str, Style] = {
    # fixed-pitch code on plain paper, set in by an indent; page numbers below
    "plain": Style("weasyprint", _PAGE % ("A5", "18mm") + _FOOT + _BASE
                   + "pre{margin-left:14pt;font-size:6.4pt}", outline=False, numbered_heads=False),
    # code in grey boxes with line numbers, long lines wrapped by the page without a mark
    "numbered": Style("weasyprint", _PAGE % ("140mm 216mm", "16mm") + _HEADS + _BASE
                      + "pre{background:#f3f3f3;padding:5pt 5pt 5pt 26pt;white-space:pre-wrap}"
                      "pre{overflow-wrap:anywhere;position:relative}"
                      "pre .n{position:absolute;left:4pt;width:16pt;text-align:right}"
                      "pre .n{font-size:5.6pt;color:#888;user-select:none}",
                      numbered_code=True),
    # framed code, wrapped rows end in an arrow
    "arrow": Style("weasyprint", _PAGE % ("A5", "17mm") + _SMALL + _BASE
                   + "pre{border:.5pt solid #999;padding:4pt}", wrap=64, mark="\u21a9"),
    # wrapped rows begin with an arrow, two columns of small print
    "columns": Style("weasyprint", _PAGE % ("A4", "15mm") + _FOOT + _BASE
                     + "body{columns:2;column-gap:9mm;font-size:7.6pt}h1{column-span:all}"
                   "pre{font-size:5.8pt;background:#eee;padding:3pt}",
                     wrap=66, lead="\u21aa "),
    # comments in italics, keywords bold, footnotes at the foot of the page
    "fonts": Style("weasyprint", _PAGE % ("7in 9.25in", "20mm") + _HEADS + _BASE
                   + "pre{background:#f7f7f7;padding:6pt;font-size:7pt}pre i{color:#777}"
                   "span.note{float:footnote;font-size:7pt}", two_fonts=True, notes=True),
    # callout marks after code, a dark box
    "dark": Style("weasyprint", _PAGE % ("A4", "22mm") + _FOOT + _BASE
                  + "pre{background:#222;color:#eee;padding:8pt}"
                  "pre b{color:#fc6;font-family:'DejaVu Sans'}", callouts=True),
    # a browser's print: no outline, no running heads, blocks without boxes
    "browser": Style("chromium", _PAGE % ("A4", "14mm") + _BASE
                     + "pre{font-size:8pt;white-space:pre-wrap}h1{break-before:auto}",
                     outline=False, numbered_heads=False),
    # left-aligned, tightly set, boxes cut at page breaks, wrapped by the page
    "tight": Style("chromium", _PAGE % ("5.5in 8.5in", "13mm") + _BASE
                   + "body{font-size:8.5pt;line-height:1.2;text-align:justify;hyphens:auto}"
                   "pre{background:#f1f1f1;padding:4pt;white-space:pre-wrap}"
                   "pre{overflow-wrap:anywhere;box-decoration-break:slice}"),
    "typst": Style("typst", "", numbered_heads=True),
    "typst-wide": Style("typst", "box", outline=True, numbered_heads=False),
}  # fmt: skip


def render(records: list[Record], style: Style, path: Path) -> str | None:
    """Write a PDF; says why when the engine is not there."""
    if style.engine == "typst":
        return _typst(records, style, path)
    return printed(_html(records, style), style.engine, path)


def printed(page: str, engine: str, path: Path) -> str | None:
    """Lay out HTML by ``weasyprint`` or ``chromium``; says why when the engine is not there."""
    if engine == "chromium":
        return _chromium(page, path)
    try:
        from weasyprint import HTML
    except ImportError:
        return "weasyprint is not installed"
    HTML(string=page).write_pdf(path)
    return None


def _chromium(page: str, path: Path) -> str | None:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        return "no Chromium on the path"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "book.html")
        source.write_text(page)
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                   f"--print-to-pdf={path}", str(source)]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    return None


def _html(records: list[Record], style: Style) -> str:
    out = [f"<html lang=en><meta charset=utf-8><style>{style.css}</style><body>"]
    if not style.outline:
        out[0] = out[0].replace("<style>", "<style>h1,h2,h3,h4,h5,h6{bookmark-level:none}")
    counter = [0] * 7
    lift = lift_of(records)
    for number, row in enumerate(records):
        kind, text = row["kind"], str(row.get("text") or "")
        if kind == "heading":
            level = max(1, min(6, int(row["level"]) + lift))
            counter[level] += 1
            counter[level + 1 :] = [0] * (6 - level)
            inner = counter[1 + lift : level + 1]  # parts are not counted into chapters' numbers
            label = ".".join(str(n) for n in inner) + " " if len(inner) <= 3 else ""
            shown = (label if style.numbered_heads and inner and all(inner) else "") + text
            out.append(f"<h{level}>{html.escape(shown)}</h{level}>")
        elif kind == "code":
            out.append(_pre(text, style))
        elif kind == "table":
            out.append(table(row))
        elif kind == "prose":
            out.append(_paragraph(row, style, number))
    return "\n".join(out)


def lift_of(records: list[Record]) -> int:
    """1 when a book has parts (level 0), so that they are the first level of HTML."""
    return int(any(row["kind"] == "heading" and int(row["level"]) < 1 for row in records))


def _paragraph(row: Record, style: Style, number: int) -> str:
    text = marked(row)
    role = row.get("role")
    if role == "li":
        return f"<ul style='margin:2pt 0'><li>{text}</li></ul>"
    if role in ("note", "info", "warning", "tip"):
        return f"<aside>{text}</aside>"
    if style.notes and row.get("note"):
        text += f"<span class=note>{html.escape(row['note'])}</span>"
    return f"<p>{text}</p>"


def marked(row: Record) -> str:
    """The text of a paragraph with its inline code in ``code``."""
    text = str(row["text"])
    pieces = sorted(filter(None, set(row.get("inline_code") or ())), key=len, reverse=True)
    if not pieces:
        return html.escape(text)
    found = re.split(f"({'|'.join(map(re.escape, pieces))})", text)
    cooked = [html.escape(one) for one in found]
    cooked[1::2] = [f"<code>{one}</code>" for one in cooked[1::2]]
    return "".join(cooked)


def table(row: Record) -> str:
    """A table of plain cells."""
    lines = [row.get("header") or [], *(row.get("rows") or [])]
    cells = ["".join(f"<td>{html.escape(str(cell))}</td>" for cell in line) for line in lines]
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in cells if line) + "</table>"


def _pre(text: str, style: Style) -> str:
    lines = text.split("\n")
    shown: list[str] = []
    for number, line in enumerate(lines, start=1):
        body = "\n".join(_broken(line, style))
        cooked = html.escape(body, quote=False)
        stripped = line.lstrip()
        if style.two_fonts and stripped.startswith(("# ", "% ", "%% ")):
            cooked = f"<i>{cooked}</i>"
        elif style.two_fonts and stripped.startswith(("def ", "defmodule ", "defp ")):
            word, _, rest = cooked.lstrip().partition(" ")
            indent = cooked[: len(cooked) - len(cooked.lstrip())]
            cooked = f"{indent}<b>{word}</b> {rest}"
        if style.callouts and number == 1 and len(lines) > 3:
            cooked += " <b>\u2460</b>"
        if style.numbered_code:
            cooked = f"<span class=n>{number}</span>{cooked}"
        shown.append(cooked)
    return "<pre>" + "\n".join(shown) + "\n</pre>"


def _broken(line: str, style: Style) -> list[str]:
    """A long line in rows of ``wrap`` columns, broken at a space where there is one."""
    rows: list[str] = []
    while style.wrap and len(line) > style.wrap:
        at = line.rfind(" ", 20, style.wrap)
        at = style.wrap if at <= len(line) - len(line.lstrip()) else at
        rows.append(line[:at].rstrip() + (f" {style.mark}" if style.mark else ""))
        line = style.lead + line[at:].lstrip()
    return [*rows, line]


def _typst(records: list[Record], style: Style, path: Path) -> str | None:
    try:
        import typst
    except ImportError:
        return "typst is not installed"
    box = style.css == "box"
    out = [
        '#set page(width: 150mm, height: 210mm, margin: 18mm, numbering: "1", '
        'header: context { if calc.odd(here().page()) [_A Shelf of Programs_] else [_Programs_] })',
        '#set text(font: "Libertinus Serif", size: 10pt)', "#set par(justify: true)",
        '#show raw: set text(font: "DejaVu Sans Mono")',
    ]  # fmt: skip
    if style.numbered_heads:
        out.append('#set heading(numbering: "1.1")')
    fill = "fill: luma(240), inset: 6pt, radius: 3pt, width: 100%, breakable: true"
    out.append(f"#show raw.where(block: true): it => block({fill}, it)" if box
               else "#show raw.where(block: true): it => pad(left: 8pt, it)")  # fmt: skip
    lift = lift_of(records)
    for row in records:
        text = str(row.get("text") or "")
        if row["kind"] == "heading":
            level = max(1, min(6, int(row["level"]) + lift))
            if level == 1:
                out.append("#pagebreak(weak: true)")
            out.append(f"#heading(level: {level}, {quoted(text)})")
        elif row["kind"] == "code" and text.strip():
            lang = str(row.get("lang") or "") or "txt"
            out.append(f"#raw(block: true, lang: {quoted(lang)}, {quoted(text)})")
        elif row["kind"] == "prose":
            body = (
                f"#list[#{quoted(text)}]" if row.get("role") == "li" else f"#par[#{quoted(text)}]"
            )
            out.append(body)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "book.typ")
        source.write_text("\n\n".join(out))
        typst.compile(str(source), output=str(path))
    return None


def quoted(text: str) -> str:
    """A string of Typst."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
