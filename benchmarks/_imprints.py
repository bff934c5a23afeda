"""Sets the records of a book in layouts of other houses, by what their pages look like.

Used by ``reading.py --stress``, after ``_typeset.py``, ``_latex.py`` and ``_presses.py``, whose
engines are used. These layouts have what those lack: captions, callouts at the right or left of
code, notes beside it, in the margin and at the foot, numbers at the right, titles and chapter
numbers without an outline. Style sheets are ours and have the look of a kind of book, not of one.
A font that is not installed falls back to another, so figures may differ between machines.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _dressing import Dressing, dressed
from _imprints_tex import TEX, set_tex
from _latex import fits
from _typeset import lift_of, marked, printed, table

__all__ = ["BASE", "CHAPTER", "CORNERS", "IMPRINTS", "Sheet", "imprint", "page_of", "prepared"]

Record = dict[str, Any]


@dataclass(frozen=True)
class Sheet:
    """A layout of HTML.

    ``code``: pre, rows (a paragraph each), numbers, table (numbers in a cell), or copy (a button).
    """

    css: str
    engine: str = "weasyprint"
    code: str = "pre"
    outline: bool = True
    label: bool = False
    numbered: bool = False
    mark_left: bool = False


_MONO = "'DejaVu Sans Mono',monospace"
CHAPTER = "h1{string-set:name content(),no counter(chap);counter-increment:chap;break-before:page}"
CORNERS = (
    "@page:left{@%s-left{content:%s;font:8pt 'Carlito',sans-serif}}"
    "@page:right{@%s-right{content:%s;font:8pt 'Carlito',sans-serif}}"
)
BASE = (
    "p{margin:0 0 5pt}code,pre{font-family:" + _MONO + "}pre{white-space:pre;line-height:1.25}"
    "td,th{padding:2pt 8pt;text-align:left}ul{margin:2pt 0}div.note{margin:6pt 0}"
    "span.note{float:footnote;font-size:7pt}"
)
SHEETS = {
    # digits in black circles at the right of rows and before their explanations; captions in
    # italics; a chapter's number on a line of its own above its title; names at the page's foot
    "callouts-right": Sheet(
        "@page{size:7in 9.19in;margin:18mm 20mm 20mm}" + BASE + CHAPTER
        + CORNERS % ("bottom", "counter(page) ' | ' string(name)",
                      "bottom", "string(part) ' | ' counter(page)")
        + "body{font:10pt/1.3 'Gentium Book Basic',serif;text-align:justify;hyphens:auto}"
        "h1,h2,h3,h4{font-family:'Carlito',sans-serif}h2{string-set:part content()}"
        "h1{font-size:22pt;text-align:right;border-bottom:1pt solid}"
        "h1 small{font-size:14pt;font-weight:normal;display:block}h4{font-style:italic}"
        "pre{font-size:7.2pt;margin:6pt 0 6pt 14pt;line-height:1.2}"
        "p.caption{font-size:9pt;font-style:italic;margin:6pt 0}"
        "b.mark{background:#000;color:#fff;border-radius:50%;font:bold 6pt 'DejaVu Sans';"
        "padding:0 2pt}",
        outline=False, label=True),
    # numbered captions in grey bars, notes in bold print beside rows of code, a wide left margin
    # that titles reach into
    "notes-beside-code": Sheet(
        "@page{size:187mm 235mm;margin:22mm 18mm 18mm 34mm}" + BASE + CHAPTER
        + CORNERS % ("top", "counter(page) '  CHAPTER ' string(no) '  ' string(name)",
                      "top", "string(part) '  ' counter(page)")
        + "body{font:9.6pt/1.32 'C059','DejaVu Serif',serif;text-align:justify}"
        "p{margin:0;text-indent:12pt}h1{font:italic 24pt 'C059',serif;text-align:right}"
        "h2,h3{font-family:'Carlito',sans-serif;font-style:italic}"
        "h2{font-size:15pt;margin-left:-14mm;string-set:part content()}"
        "pre{font:7pt/1.25 'Nimbus Mono PS'," + _MONO + ";margin:0 0 8pt;position:relative}"
        "p.caption{background:#ddd;font:bold 8.5pt 'Carlito',sans-serif;padding:2pt 6pt;"
        "margin:8pt 0 4pt;text-indent:0}"
        "span.beside{position:absolute;left:106mm;width:29mm;white-space:normal;color:#833;"
        "font:bold 6.5pt 'Carlito',sans-serif}",
        numbered=True),
    # every row of code is a paragraph, wrapped by the page; page numbers in brackets; no outline
    "rows-as-paragraphs": Sheet(
        "@page{size:7.5in 9.25in;margin:20mm;@bottom-center{content:'[ ' counter(page) ' ]'}}"
        + BASE + CHAPTER
        + CORNERS % ("top", "string(name)", "top", "'Chapter ' string(no)")
        + "body{font:10.5pt 'Caladea','DejaVu Serif',serif}h1,h2,h3{font-family:'Arimo'}"
        "h1{font-size:30pt}h2{font-size:18pt}h3{font-size:14pt}"
        "div.code{margin-bottom:8pt}p.row{font:8.5pt/10.5pt 'Cousine'," + _MONO + ";"
        "margin:0 0 0 12pt;white-space:pre-wrap}",
        code="rows", outline=False),
    # circled digits hang left of rows between two rules; notes with their label in the margin;
    # chapter titles in capitals
    "callouts-left": Sheet(
        "@page{size:7in 9.25in;margin:18mm 20mm 18mm 30mm}" + BASE + CHAPTER
        + CORNERS % ("bottom", "counter(page) '   Chapter ' string(no)",
                      "bottom", "string(name) '   ' counter(page)")
        + "body{font:10pt/1.3 'Bitstream Charter','DejaVu Serif',serif}"
        "h1,h2,h3,h4{font-family:'Cabin',sans-serif}h3{font-style:italic}"
        "h1{font-size:20pt;text-align:center;text-transform:uppercase}"
        "pre{font:6.9pt/1.25 'Go Mono'," + _MONO + ";border:solid;border-width:.5pt 0;"
        "padding:3pt 0;position:relative}p{margin:0;text-indent:14pt}"
        "b.mark{position:absolute;left:-12pt;font:7pt 'DejaVu Sans'}"
        "div.note{font-style:italic}"
        "div.note b{font-size:9pt;display:inline-block;width:22mm;margin-left:-22mm}"
        "div.note b::before{content:'NOTE'}",
        mark_left=True),
    # a caption in italics over every second listing, code wrapped by the page, no boxes
    "captions-above": Sheet(
        "@page{size:7in 10in;margin:22mm 25mm}" + BASE + CHAPTER
        + CORNERS % ("top", "'CHAPTER ' string(no) ' \u25a0 ' string(name)",
                      "bottom", "counter(page)")
        + "body{font:9.8pt/1.3 'Charis SIL',serif;text-align:justify;hyphens:auto}"
        "h1,h2,h3,h4{font-family:'Clear Sans',sans-serif}h1{font-size:26pt}"
        "p{margin:0;text-indent:12pt}p.caption{font-size:8.5pt;font-style:italic;"
        "text-indent:0;margin:6pt 0 2pt}"
        "pre{font:7.6pt/1.25 'Inconsolata'," + _MONO + ";white-space:pre-wrap;margin:5pt 0}"),
    # a manual of the web printed by a browser: a button in each grey box, quoted paragraphs
    "copy-buttons": Sheet(
        "@page{size:A4;margin:14mm}" + BASE
        + "body{font:16px/1.5 'Open Sans',sans-serif}code{background:#f6f7f6;font-size:.875em}"
        "pre{background:#f6f7f6;padding:.7em;font-size:13px;line-height:1.35;"
        "white-space:pre-wrap}.button{float:right;font:10px sans-serif;color:#999}"
        "div.note{background:#f1f6f9;padding:0 20px;border-top:1px solid #ccc}",
        engine="chromium", code="copy"),
    # an article: two columns of small print, small numbers before rows, footnotes, no outline
    "two-columns-bare": Sheet(
        "@page{size:letter;margin:19mm 17mm;font:7pt serif;@top-left{content:'A Shelf of Programs'}"
        "@top-right{content:'Harbour Letters, October'}@bottom-center{content:counter(page)}}"
        + BASE
        + "body{columns:2;column-gap:8mm;font:8.8pt/1.22 'Gentium',serif;text-align:justify;"
        "hyphens:auto}h1{font-size:11pt;text-transform:uppercase}h2{font-size:10pt}"
        "h3,h4{font:italic 9.5pt 'Gentium',serif}p{margin:0;text-indent:9pt}"
        "pre{font:5.4pt/6.8pt 'Cousine'," + _MONO + ";margin:4pt 0 4pt 9pt;position:relative;"
        "white-space:pre-wrap}code{font-family:'Cousine'," + _MONO + ";font-size:7.4pt}"
        "pre .n{position:absolute;left:-11pt;width:8pt;text-align:right;font-size:4.6pt;"
        "color:#555}",
        code="numbers", outline=False),
}  # fmt: skip
IMPRINTS = {
    "callouts-right": Dressing("Example {chapter}-{number}.", 4, callouts=5, explained=True),
    "notes-beside-code": Dressing("Listing {chapter}.{number}", 3, beside=3),
    "rows-as-paragraphs": Dressing(),
    "callouts-left": Dressing(callouts=3, notes=17),
    "captions-above": Dressing("Listing {chapter}-{number}.", 2),
    "copy-buttons": Dressing(notes=13),
    "two-columns-bare": Dressing(footnotes=11),
    "margin-notes": Dressing(margins=7),
    "framed-arrows": Dressing(),
    "numbers-right": Dressing(),
    "two-columns-lined": Dressing(footnotes=11),
}


def prepared(records: list[Record], name: str) -> list[Record]:
    """What a layout prints of records, in reading order: the truth of its PDF."""
    kept = [record for record in records if name not in TEX or fits(record)]
    return dressed(kept, IMPRINTS[name])


def imprint(records: list[Record], name: str, path: Path) -> str | None:
    """Write a PDF of prepared records; says why when the engine is not there."""
    if name in TEX:
        return set_tex(records, name, path)
    sheet = SHEETS[name]
    return printed(page_of(records, sheet), sheet.engine, path)


def page_of(records: list[Record], sheet: Sheet) -> str:
    """The HTML of prepared records."""
    css = sheet.css + ("" if sheet.outline else "h1,h2,h3,h4,h5,h6{bookmark-level:none}")
    out = [f"<html lang=en><meta charset=utf-8><style>{css}</style><body>"]
    counter, lift = [0] * 7, lift_of(records)
    for at, record in enumerate(records):
        kind, role = record["kind"], record.get("role")
        if kind == "heading":
            level = max(1, min(6, int(record["level"]) + lift))
            counter[level] += 1
            counter[level + 1 :] = [0] * (6 - level)
            out.append(_heading(record, level, counter, sheet))
        elif kind == "code":
            after = records[at + 1] if at + 1 < len(records) else {}
            beside = str(after["text"]) if after.get("role") == "beside" else ""
            out.append(_code(record, beside, sheet))
        elif kind == "table":
            out.append(table(record))
        elif kind == "prose" and role == "footnote":
            note = f"<span class=note>{marked(record)}</span></p>"
            out[-1] = out[-1].removesuffix("</p>") + note
        elif kind == "prose" and role == "margin":
            out[-1] = out[-1].replace("<p>", f"<p><span class=side>{marked(record)}</span>", 1)
        elif kind == "prose" and role != "beside":
            out.append(_paragraph(record, sheet))
    return "\n".join(out)


def _heading(record: Record, level: int, counter: list[int], sheet: Sheet) -> str:
    shown = html.escape(str(record["text"]))
    if sheet.label and level == 1:
        shown = f"<small>CHAPTER {counter[1]}</small>{shown}"
    if sheet.numbered and 1 < level < 4 and all(counter[1 : level + 1]):
        shown = ".".join(map(str, counter[1 : level + 1])) + f" {shown}"
    return f"<h{level}>{shown}</h{level}>"


def _paragraph(record: Record, sheet: Sheet) -> str:
    text, role = marked(record), record.get("role")
    if role == "li":
        return f"<ul><li>{text}</li></ul>"
    if role in ("note", "info", "warning", "tip"):
        return f"<div class=note>{'<b></b>' if sheet.mark_left else ''}{text}</div>"
    if role == "callout":
        text = f"{_mark(record['mark'], sheet)} {text}"
    return f"<p class={role}>{text}</p>" if role else f"<p>{text}</p>"


def _mark(number: int, sheet: Sheet) -> str:
    return f"<b class=mark>{chr(0x2775 + number) if sheet.mark_left else number}</b>"


def _code(record: Record, beside: str, sheet: Sheet) -> str:
    rows = [html.escape(row, quote=False) for row in str(record["text"]).split("\n")]
    for number, at in enumerate(record.get("marks") or (), start=1):
        mark = _mark(number, sheet)
        rows[at] = mark + rows[at] if sheet.mark_left else f"{rows[at]} {mark}"
    if beside:
        rows[1] += f"<span class=beside>{html.escape(beside)}</span>"
    if sheet.code == "rows":
        shown = "".join(f"<p class=row>{row or '&nbsp;'}</p>" for row in rows)
        return f"<div class=code>{shown}</div>"
    if sheet.code == "table":
        counts = "\n".join(str(number) for number in range(1, len(rows) + 1))
        cells = f"<td class=n><pre>{counts}</pre><td><pre>" + "\n".join(rows) + "</pre>"
        return f"<table class=code><tr>{cells}</table>"
    if sheet.code == "numbers":
        rows = [f"<span class=n>{number}</span>{row}" for number, row in enumerate(rows, start=1)]
    button = "<div class=button>Copy</div>" if sheet.code == "copy" else ""
    return f"<pre>{button}" + "\n".join(rows) + "\n</pre>"
