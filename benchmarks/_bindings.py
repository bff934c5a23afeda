"""Sets the records of a book in pages that no other layout shows, fifth part.

Used by ``reading.py --stress``, after ``_reprints.py``. Captions below listings in two columns,
titles in the margin beside text and code that hangs into it, titles of boxes that come again where
a page breaks them, listings as tables whose head each page repeats, a number and a stripe for every
row with a badge, numbers that count on through a chapter. What is missing is said and left out.
"""

from __future__ import annotations

import html
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from _dressing import Dressing, dressed
from _imprints import BASE, CHAPTER, CORNERS, Sheet, page_of
from _latex import block, compiled, fits, words
from _typeset import lift_of, marked, printed, quoted, table

__all__ = ["BINDINGS", "binding", "bound"]

Record = dict[str, Any]
_SHEETS = {
    # two columns with a line between; a number before each row in the type of the code, captions in
    # italics below, footnotes, no outline
    "captions-below": Sheet(
        "@page{size:200mm 260mm;margin:18mm 16mm;@top-center{content:'Letters of the Harbour';"
        "font:7pt serif}@bottom-right{content:counter(page);font:8pt serif}}" + BASE
        + "body{columns:2;column-gap:9mm;column-rule:.4pt solid #666;font:9pt/1.25 'Nimbus Roman',"
        "serif;text-align:justify;hyphens:auto}h1{font-size:15pt}h2{font-size:12pt}"
        "h3,h4{font-size:10pt}p{margin:0;text-indent:9pt}"
        "pre{font:5.6pt/7pt 'DejaVu Sans Mono';margin:5pt 0 2pt;white-space:pre-wrap;hyphens:none}"
        "pre .n{display:inline-block;width:14pt;color:#777}code{font-size:7.6pt}"
        "p.caption{font:italic 7.6pt/1.2 'Nimbus Roman';text-indent:0;text-align:center;"
        "margin:0 0 6pt}", code="numbers", outline=False),
    # titles in the margin beside the text that they begin; code in grey boxes that reach into it
    "side-heads": Sheet(
        "@page{size:7.5in 9.5in;margin:20mm 18mm 22mm 60mm}" + BASE + CHAPTER
        + CORNERS % ("bottom", "counter(page) '   ' string(name)",
                     "bottom", "string(name) '   ' counter(page)")
        + "body{font:10pt/1.4 'P052',serif}h1{font:26pt 'P052';margin:0 0 18pt -42mm}"
        "h2,h3,h4{font:bold 9.5pt/1.2 'Nimbus Sans';float:left;clear:left;width:36mm;"
        "margin:2pt 0 4pt -42mm;text-align:right}h2{font-size:11pt;color:#246}"
        "pre{clear:left;font-size:7.4pt;background:#eee;padding:5pt;margin:6pt 0 6pt -42mm;"
        "white-space:pre-wrap}p.caption{font:italic 8pt 'P052';margin:0 0 8pt}"),
}  # fmt: skip
_REPEATED = (
    "@page{size:letter;margin:18mm}"
    + BASE
    + "body{font:15px/1.5 'Liberation Serif',serif}h1,h2,h3{font-family:'Liberation Sans'}"
    "h1{break-before:page}table.code{border-collapse:collapse;width:100%;margin:10px 0;"
    "border:1px solid #999}table.code td{padding:0 8px;vertical-align:top;white-space:pre-wrap;"
    "font:11px/1.35 'Liberation Mono',monospace}table.code td.n{width:22px;text-align:right;"
    "color:#888;background:#f2f2f2}table.code th{background:#dde;font:bold 12px 'Liberation Sans';"
    "padding:4px 8px}"
)
_CODLY = """
#set page(width: 165mm, height: 235mm, margin: (x: 20mm, y: 22mm), numbering: "1",
  header: context { let all = query(heading.where(level: 1).before(here()))
    if all.len() > 0 { emph(all.last().body); h(1fr); counter(page).display() } }, footer: none)
#set text(font: "Libertinus Serif", size: 10pt)
#set par(justify: true)
#set heading(bookmarked: false)
#show raw: set text(font: "DejaVu Sans Mono")
#show figure: set block(breakable: true)
#let code(lang, body) = block(width: 100%, stroke: .5pt + luma(200), radius: 3pt, clip: true,
  breakable: true, { let rows = body.split("\\n")
    if lang != "" { place(top + right, dx: -3pt, dy: 3pt, box(fill: rgb("#4a7"), radius: 2pt,
      inset: 2pt, text(6pt, white, lang))) }
    grid(columns: (20pt, 1fr), inset: (x: 5pt, y: 2.6pt),
      fill: (_, y) => if calc.odd(y) { luma(240) } else { white },
      ..rows.enumerate().map(((n, row)) => (align(right, text(6.4pt, gray, str(n + 1))),
        if row == "" { v(7.2pt) } else { text(7.2pt, raw(row, block: true)) })).flatten()) })
"""
_BASE_TEX = (
    r"\documentclass[10pt,twoside]{book}\usepackage[T1]{fontenc}\usepackage{textcomp,lmodern}"
    r"\usepackage[paperwidth=170mm,paperheight=220mm,margin=20mm]{geometry}"
)
_FLEX = "columns=fullflexible,keepspaces=true,upquote=true,breaklines=true,"
_TEX = {
    # a bar with its caption over each box, said again with "(continued)" where a page breaks it
    "boxed-titles": _BASE_TEX + r"\usepackage[most]{tcolorbox}\tcbuselibrary{listings,skins,"
    r"breakable}\newtcblisting{titled}[1]{listing only,breakable,enhanced,colback=white,"
    r"colframe=teal!60!black,fonttitle=\sffamily\footnotesize,title={#1},"
    r"title after break={#1 (continued)},left=16pt,listing options={basicstyle=\ttfamily"
    r"\footnotesize,numbers=left,numberstyle=\tiny\color{gray},numbersep=6pt," + _FLEX + "}}"
    r"\newtcblisting{code}{listing only,breakable,enhanced,colback=white,left=16pt,"
    r"colframe=teal!60!black,listing options={basicstyle=\ttfamily\footnotesize,numbers=left,"
    r"numberstyle=\tiny\color{gray},numbersep=6pt," + _FLEX + "}}",
    # numbers at the right that count on through the book, sans type, captions below
    "running-numbers": _BASE_TEX + r"\usepackage{listings,xcolor}"
    r"\renewcommand{\familydefault}{\sfdefault}\lstset{basicstyle=\ttfamily\footnotesize,"
    r"numbers=right,numberstyle=\scriptsize\color{gray},firstnumber=last,frame=leftline,"
    r"xrightmargin=16pt," + _FLEX + r"}\lstnewenvironment{code}{}{}",
}  # fmt: skip


def _below(records: list[Record]) -> list[Record]:
    """The records with each caption behind its listing."""
    out: list[Record] = []
    for record in records:
        if out and out[-1].get("role") == "caption" and record["kind"] == "code":
            out.insert(len(out) - 1, record)
        else:
            out.append(record)
    return out


def _web(records: list[Record], path: Path, name: str) -> str | None:
    sheet = _SHEETS[name]
    return printed(page_of(records, sheet), sheet.engine, path)


def _repeated(records: list[Record], path: Path) -> str | None:
    lift, said = lift_of(records), ""
    out = [f"<html lang=en><meta charset=utf-8><title>A Shelf</title><style>{_REPEATED}</style>"]
    for record in records:
        kind, text = record["kind"], html.escape(str(record.get("text") or ""), quote=False)
        if kind == "heading":
            level = max(1, min(6, int(record["level"]) + lift))
            out.append(f"<h{level}>{text}</h{level}>")
        elif kind == "code":
            head = f"<thead><tr><th colspan=2>{said}</thead>" if said else ""
            rows = "".join(
                f"<tr><td class=n>{n}<td>{row or ' '}"
                for n, row in enumerate(text.split("\n"), start=1)
            )
            out.append(f"<table class=code>{head}<tbody>{rows}</table>")
            said = ""
        elif kind == "table":
            out.append(table(record))
        elif record.get("role") == "caption":
            said = text
        else:
            body = marked(record)
            out.append(f"<ul><li>{body}</ul>" if record.get("role") == "li" else f"<p>{body}</p>")
    return printed("\n".join(out), "chromium", path)


def _codly(records: list[Record], path: Path) -> str | None:
    try:
        import typst
    except ImportError:
        return "typst is not installed"
    out, lift = [_CODLY], lift_of(records)
    for record in records:
        text, role = quoted(str(record.get("text") or "")), record.get("role")
        if record["kind"] == "heading":
            level = max(1, min(6, int(record["level"]) + lift))
            out.append(f"#heading(level: {level}, {text})")
        elif record["kind"] == "code":
            out.append(f"#code({quoted(str(record.get('lang') or ''))}, {text})")
        elif role == "caption":
            out.append(f"#align(center, text(8.4pt, emph({text})))")
        elif role == "footnote":
            out[-1] = out[-1].removesuffix("]") + f"#footnote[#{text}]]"
        elif record["kind"] == "prose":
            out.append(f"#list[#{text}]" if role == "li" else f"#par[#{text}]")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "book.typ")
        source.write_text("\n\n".join(out))
        typst.compile(str(source), output=str(path))
    return None


def _tex(records: list[Record], path: Path, name: str) -> str | None:
    out: list[str] = []
    said = ""
    for record in records:
        text = words(str(record.get("text") or ""))
        if record.get("role") == "footnote":
            out[-1] += f"\\footnote{{{text}}}"
        elif record.get("role") == "caption" and name == "boxed-titles":
            said = text
        elif record.get("role") == "caption":
            out.append(f"\\noindent{{\\small\\itshape {text}}}\\par\\medskip")
        elif said:
            out.append(f"\\begin{{titled}}{{{said}}}\n{record['text']}\n\\end{{titled}}")
            said = ""
        else:
            out.append(block(record))
    body = "\n\n".join(out)
    return compiled(f"{_TEX[name]}\n\\begin{{document}}\n\\sloppy\n{body}\n\\end{{document}}\n",
                    "pdflatex", path)  # fmt: skip


_CAPTIONS = "Listing {chapter}.{number}:"
BINDINGS: dict[str, tuple[Dressing, bool, bool, Callable[[list[Record], Path], str | None]]] = {
    # what is added, captions below, only what old encodings can set
    "captions-below": (Dressing(_CAPTIONS, 2, footnotes=9), True, False,
                       partial(_web, name="captions-below")),
    "side-heads": (Dressing(_CAPTIONS, 5), True, False, partial(_web, name="side-heads")),
    "repeated-heads": (Dressing(_CAPTIONS, 2), False, False, _repeated),
    "codly": (Dressing("Figure {number}:", 3, footnotes=11), True, False, _codly),
    "boxed-titles": (Dressing(_CAPTIONS, 2, footnotes=13), False, True,
                     partial(_tex, name="boxed-titles")),
    "running-numbers": (Dressing(_CAPTIONS, 3), True, True, partial(_tex, name="running-numbers")),
}  # fmt: skip


def bound(records: list[Record], name: str) -> list[Record]:
    """What a layout prints of records, in reading order: the truth of its PDF."""
    dressing, below, ascii_only, _ = BINDINGS[name]
    if ascii_only:
        records = [one for one in records if fits(one)]
    if name == "codly":
        records = [one for one in records if one["kind"] != "table"]
    made = dressed(records, dressing)
    return _below(made) if below else made


def binding(records: list[Record], name: str, path: Path) -> str | None:
    """Write a PDF of such records; says why when the engine is not there."""
    return BINDINGS[name][3](records, path)
