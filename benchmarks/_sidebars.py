"""Sets the records of a book with side bars and notes that hold code, as publishers do.

Used by ``reading.py --stress``, after ``_houses.py``. What is set apart is text of the book: a run
of paragraphs and listings with a title, in a tinted box, beside other text, behind an icon, over
page breaks. Furniture of other kinds comes along: names of files above listings, arrowheads beside
rows, a browser's lines with date and address, notes at the end of chapters with links back,
watermarks and thumb tabs. What is missing is said and left out.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from _books import NOUNS, VERBS
from _dressing import Dressing, dressed
from _imprints import BASE, CHAPTER, CORNERS
from _latex import fits
from _sidebars_more import boxes_of_word, marked_pages
from _sidebars_tex import set_aside_tex
from _sidebars_typst import zebra
from _typeset import lift_of, marked, printed, table

__all__ = ["SIDEBARS", "browser", "sidebar", "sidebarred"]

Record = dict[str, Any]
_SPAN = 4  # records of one side bar at most


@dataclass(frozen=True)
class Page:
    """A layout of HTML. ``row`` and ``around`` say what is set at rows of code and around them."""

    css: str
    engine: str = "weasyprint"
    outline: bool = True
    numbered: bool = False
    files: bool = False
    arrows: bool = False
    icon: str = ""
    cells: bool = False


_ICON = (
    "<img src=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 40 40'"
    "%3E%3Ccircle cx='20' cy='20' r='18' fill='%23376'/%3E%3Crect x='17' y='8' width='6' "
    "height='24' fill='white'/%3E%3C/svg%3E\">"
)
_PAGES = {
    # names of files in bars above code, arrowheads left of typed rows, tinted side bars with code
    "file-bars": Page(
        "@page{size:7.5in 9in;margin:20mm 22mm;@bottom-right{content:'report erratum  \u2022  "
        "discuss';font:7pt 'Lato'}}" + BASE + CHAPTER
        + CORNERS % ("top", "string(name) '  \u2022  ' counter(page)",
                     "top", "string(name) '  \u2022  ' counter(page)")
        + "body{font:10pt/1.35 'Bookman','URW Bookman',serif;hyphens:auto}"
        "h1,h2,h3,h4{font-family:'Lato',sans-serif}h1{font-size:24pt;text-align:right}"
        "pre{font-size:7pt;margin:4pt 0 8pt;position:relative}"
        "p.file{background:#e4e4ee;font:7pt 'Lato',sans-serif;padding:1pt 4pt;margin:6pt 0 2pt}"
        "i.arrow{position:absolute;left:-11pt;font:normal 7pt 'DejaVu Sans';color:#555}"
        "div.aside{background:#eef1e4;border-radius:6pt;padding:8pt 10pt;margin:8pt 0;"
        "box-decoration-break:clone;font:9pt/1.3 'Lato',sans-serif}"
        "div.aside>b{display:block;font-size:11pt;margin-bottom:4pt}div.aside pre{font-size:6.4pt}",
        files=True, arrows=True),
    # a picture in a column of its own beside paragraphs and code, over page breaks, no words
    "icon-column": Page(
        "@page{size:7in 9.19in;margin:19mm 20mm;@bottom-center{content:counter(page)}}" + BASE
        + CHAPTER
        + "body{font:9.8pt/1.3 'Crimson Text','DejaVu Serif',serif;text-align:justify}"
        "h1,h2,h3,h4{font-family:'Cabin',sans-serif}"
        "pre{font-size:7pt;margin:5pt 0 5pt 12pt}"
        "div.aside{margin:8pt 20pt 8pt 62pt;font-size:9pt;position:relative}"
        "div.aside img{position:absolute;left:-48pt;top:0;width:34pt}div.aside>b{display:none}"
        "p.caption{font-style:italic}", icon=_ICON),
    # narrow tinted boxes float at the right, with text and listings at their left
    "floating-boxes": Page(
        "@page{size:187mm 235mm;margin:18mm 17mm}" + BASE + CHAPTER
        + CORNERS % ("top", "counter(page) '   ' string(name)",
                     "top", "string(name) '   ' counter(page)")
        + "body{font:9.6pt/1.3 'Caladea','DejaVu Serif',serif}h1,h2,h3{font-family:'Carlito'}"
        "pre{font-size:6.2pt;white-space:pre-wrap;overflow:hidden;background:#f2f2f2;padding:4pt}"
        "div.aside{float:right;width:62mm;margin:2pt 0 6pt 6mm;background:#dfe8f2;padding:6pt;"
        "font:8pt/1.25 'Carlito',sans-serif}div.aside>b{display:block;font-size:9pt}"
        "div.aside pre{background:none;padding:0;font-size:5.4pt}"),
    # a manual of the web with a browser's date and address, titled notes with an icon, names of
    # files, numbers in cells, notes at the end of chapters with arrows that lead back
    "web-manual": Page(
        "@page{size:A4;margin:18mm 14mm}" + BASE
        + "body{font:14px/1.5 'Roboto',sans-serif}h1{break-before:page}"
        "code{background:#f3f3f3;font-size:12px}"
        "pre{font-size:11px;white-space:pre-wrap;background:#f5f5f5;padding:8px;margin:0 0 10px}"
        "p.file{background:#e0e0e0;font:bold 11px 'DejaVu Sans Mono';"
        "padding:4px 8px;margin:0}"
        "div.aside{border:1px solid #48f;border-radius:3px;margin:10px 0;padding:0 10px 4px}"
        "div.aside>b{display:block;background:#e7eeff;margin:0 -10px 6px;padding:4px 10px}"
        "div.aside img{width:13px;vertical-align:-2px;margin-right:6px}"
        "table.code{border-collapse:collapse;width:100%;background:#f5f5f5;margin-bottom:10px}"
        "table.code pre{margin:0;padding:4px 0}table.code td{vertical-align:top}"
        "table.code td.n{color:#999;text-align:right;width:24px}"
        "ol.notes{border-top:1px solid #ccc;font-size:11px}",
        engine="browser", outline=False, files=True, icon=_ICON, cells=True),
    # two columns of a magazine: tinted side bars and grounds of code that break over columns
    "magazine": Page(
        "@page{size:210mm 275mm;margin:16mm 14mm 18mm;@bottom-left{content:counter(page) "
        "'  HARBOUR MONTHLY  October 2016';font:7pt 'Lato'}}" + BASE
        + "body{columns:2;column-gap:7mm;font:9pt/1.28 'PT Serif',serif;text-align:justify;"
        "hyphens:auto}h1{column-span:all;font:900 26pt 'Lato';margin:10pt 0}"
        "h2{font:bold 12pt 'Lato'}h3,h4{font:bold 9.5pt 'Lato'}p{margin:0;text-indent:9pt}"
        "code{font-size:7.6pt}"
        "pre{hyphens:none;font:5.7pt/1.3 'PT Mono','DejaVu Sans Mono';padding:4pt;"
        "background:#ecece4;"
        "white-space:pre-wrap}"
        "div.aside{background:#f7e3cf;padding:6pt;margin:6pt 0;font:8.2pt/1.25 'PT Sans'}"
        "div.aside>b{display:block;font-size:10pt}div.aside pre{background:none;padding:0}",
        outline=False),
}  # fmt: skip


def sidebarred(records: list[Record], name: str) -> list[Record]:
    """What a layout prints of records, in reading order: the truth of its PDF."""
    dressing, every, kind, _ = SIDEBARS[name]
    kept = [one for one in records if kind != "ascii" or fits(one)]
    kept = [one for one in kept if kind != "plain" or one["kind"] != "table"]
    made = _set_apart(dressed(kept, dressing), every)
    return _notes_last(made) if name == "web-manual" else made


def sidebar(records: list[Record], name: str, path: Path) -> str | None:
    """Write a PDF of such records; says why when the engine is not there."""
    return SIDEBARS[name][3](records, path)


def _set_apart(records: list[Record], every: int) -> list[Record]:
    """Every so many paragraphs a run of records gets a title and ``aside``, a number of its own."""
    out: list[Record] = []
    paragraph = left = number = 0
    for record in records:
        plain = record["kind"] in ("prose", "code")
        if left and (not plain or record.get("role") in ("footnote", "margin")):
            left = 0 if not plain else left
        elif record["kind"] == "prose" and not record.get("role") and not left:
            paragraph += 1
            if every and paragraph % every == 0:
                number += 1
                left = 1 + number % _SPAN
                noun, verb = NOUNS[number % len(NOUNS)], VERBS[number * 3 % len(VERBS)]
                out.append({"kind": "prose", "role": "aside-title", "aside": number,
                            "text": f"Why {noun}s {verb} number {number}"})  # fmt: skip
        if left and record["kind"] != "heading":
            record = {**record, "aside": number}
            left -= record.get("role") not in ("footnote", "margin")
        out.append(record)
    return out


def _notes_last(records: list[Record]) -> list[Record]:
    """Footnotes at the end of their chapter, as pages of the web have them."""
    out: list[Record] = []
    held: list[Record] = []
    for record in records:
        if record.get("role") == "footnote":
            held.append({key: value for key, value in record.items() if key != "aside"})
            continue
        if record["kind"] == "heading" and int(record["level"]) + lift_of(records) == 1:
            out, held = out + held, []
        out.append(record)
    return out + held


def runs_of(records: Sequence[Record]) -> Iterator[tuple[int, list[Record]]]:
    """Records by what they are set in: 0 for the text of the book."""
    for number, group in groupby(records, lambda record: int(record.get("aside") or 0)):
        yield number, list(group)


def _page(records: list[Record], path: Path, name: str) -> str | None:
    sheet = _PAGES[name]
    css = sheet.css + ("" if sheet.outline else "h1,h2,h3,h4,h5,h6{bookmark-level:none}")
    out = [f"<html lang=en><meta charset=utf-8><title>A Shelf</title><style>{css}</style><body>"]
    lift, notes, listing = lift_of(records), list[str](), 0
    for number, group in runs_of(records):
        out += [f"<div class=aside>{sheet.icon}"] if number else []
        for record in group:
            listing += record["kind"] == "code"
            if record["kind"] == "heading" and int(record["level"]) + lift == 1:
                out += _notes(notes)
            if record.get("role") == "footnote":
                notes.append(marked(record))
            else:
                out.append(_element(record, sheet, lift, listing))
        out += ["</div>"] if number else []
    page = "\n".join([*out, *_notes(notes)])
    return browser(page, path) if sheet.engine == "browser" else printed(page, sheet.engine, path)


def _notes(notes: list[str]) -> list[str]:
    made = ["<ol class=notes>", *(f"<li>{one} \u21a9</li>" for one in notes), "</ol>"]
    shown = made if notes else []
    notes.clear()
    return shown


def _element(record: Record, sheet: Page, lift: int, listing: int) -> str:
    kind, role = record["kind"], record.get("role")
    if kind == "heading":
        level = max(1, min(6, int(record["level"]) + lift))
        return f"<h{level}>{html.escape(str(record['text']))}</h{level}>"
    if kind == "table":
        return table(record)
    if kind == "code":
        return _code(record, sheet, listing)
    text = marked(record)
    if role == "aside-title":
        return f"<b>{text}</b>"
    if role == "li":
        return f"<ul><li>{text}</li></ul>"
    if role == "caption" and sheet.files:
        return f"<p class=file>{text}</p>"
    return f"<p class={role}>{text}</p>" if role else f"<p>{text}</p>"


def _code(record: Record, sheet: Page, listing: int) -> str:
    rows = [html.escape(row, quote=False) for row in str(record["text"]).split("\n")]
    if sheet.arrows and listing % 3 == 0:
        rows = [f"<i class=arrow>\u27a4</i>{row}" if at % 2 and row.strip() else row
                for at, row in enumerate(rows)]  # fmt: skip
    body = "\n".join(rows)
    if sheet.cells and listing % 2:
        counts = "\n".join(str(number) for number in range(1, len(rows) + 1))
        return f"<table class=code><tr><td class=n><pre>{counts}</pre><td><pre>{body}</pre></table>"
    return f"<pre>{body}\n</pre>"


def browser(page: str, path: Path) -> str | None:
    """Printed by Chromium with the lines that browsers set above and below."""
    import shutil
    import subprocess
    import tempfile

    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        return "no Chromium on the path"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "book.html")
        source.write_text(page)
        command = [program, "--headless", "--no-sandbox", "--disable-gpu",
                   f"--print-to-pdf={path}", str(source)]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    return None


Maker = Callable[[list[Record], Path], str | None]
_NAMES = Dressing("code/{chapter}/listing_{number}.ex", 2)
SIDEBARS: dict[str, tuple[Dressing, int, str, Maker]] = {
    "file-bars": (_NAMES, 12, "all", partial(_page, name="file-bars")),
    "icon-column": (Dressing("Example {chapter}-{number}.", 5), 9, "all",
                    partial(_page, name="icon-column")),
    "floating-boxes": (Dressing(), 14, "all", partial(_page, name="floating-boxes")),
    "web-manual": (Dressing("lib/{chapter}/part_{number}.ex", 3, footnotes=9), 10, "all",
                   partial(_page, name="web-manual")),
    "magazine": (Dressing(), 13, "all", partial(_page, name="magazine")),
    "fifth-numbers": (Dressing("Listing {chapter}.{number}:", 3, footnotes=8), 11, "ascii",
                      partial(set_aside_tex, name="fifth-numbers")),
    "backslash-wraps": (Dressing(footnotes=13), 10, "ascii",
                        partial(set_aside_tex, name="backslash-wraps")),
    "grid-sans": (Dressing(), 0, "ascii", partial(set_aside_tex, name="grid-sans")),
    "dvips": (Dressing(footnotes=10), 9, "ascii", partial(set_aside_tex, name="dvips")),
    "zebra": (Dressing("lib/{chapter}/part_{number}.ex", 3), 10, "all", zebra),
    "word-boxes": (Dressing(), 8, "plain", boxes_of_word),
    "thumb-tabs": (Dressing(), 0, "all", marked_pages),
}  # fmt: skip
