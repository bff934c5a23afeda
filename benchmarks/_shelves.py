"""Sets the records of a book as houses do that no other layout shows: marks, grounds and headings.

Used by ``reading.py --stress``, after ``_sidebars.py``. Changed rows in bold, rows with a ground of
their own, callouts as ``#A``, headings in code type, faces with ligatures for operators, slides,
listings in cells of one-celled tables, prompts beside cells of notebooks, and programs that make
PDFs from HTML and reStructuredText in ways of their own. What is missing is said and left out.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from _dressing import Dressing, dressed
from _imprints import BASE, CHAPTER, CORNERS
from _latex import fits
from _presses import settled
from _shelves_more import (
    backslashes,
    pisa,
    restructured,
    shelf_tex,
    story,
    typst_ligatures,
    web_kit,
)
from _typeset import lift_of, marked, printed, table

__all__ = ["SHELVES", "shelf", "shelved"]

Record = dict[str, Any]
Maker = Callable[[list[Record], Path], str | None]


@dataclass(frozen=True)
class Look:
    """A layout of HTML. ``rows`` says what is done to rows of code, ``around`` to listings."""

    css: str
    engine: str = "weasyprint"
    outline: bool = True
    rows: str = ""
    around: str = ""
    label: bool = False


_FOOT = "@bottom-%s{content:%s;font:8pt 'Lato',sans-serif}"
_LOOKS = {
    # changed rows in bold, folios in brackets, notes with a sign, no boxes around code
    "bold-rows": Look(
        "@page{size:7.5in 9.25in;margin:21mm 20mm;" + _FOOT % ("center", "'[ ' counter(page) ' ]'")
        + "}" + BASE + CHAPTER
        + CORNERS % ("top", "string(name)", "top", "'Chapter ' counter(chap)")
        + "body{font:10.5pt/1.3 'Liberation Serif',serif}h1,h2,h3,h4{font-family:'Liberation Sans'}"
        "h1{font-size:26pt}h2{font-size:17pt}h3{font-size:13pt}"
        "pre{font-size:7.4pt;margin:6pt 0 6pt 10pt}pre b{font-weight:bold}"
        "p.note{border:solid #999;border-width:.6pt 0;padding:6pt 0 6pt 40pt;position:relative}"
        "p.note::before{content:'\\270E';position:absolute;left:8pt;font:20pt 'DejaVu Sans'}",
        rows="bold"),
    # some rows of a listing have a ground of another colour, from edge to edge of its box
    "marked-rows": Look(
        "@page{size:A4;margin:16mm}" + BASE
        + "body{font:15px/1.5 'Open Sans','DejaVu Sans',sans-serif}h1{break-before:page}"
        "pre{background:#f5f5f5;padding:10px 0;font-size:11px;white-space:pre-wrap}"
        "pre span.row{display:block;padding:0 10px;min-height:1.25em}"
        "pre span.lit{background:#fff3b0;border-left:3px solid #e0a800;padding-left:7px}"
        "code{background:#eee;border-radius:3px;padding:1px 3px}",
        engine="chromium", rows="lit", outline=False),
    # letters of callouts at the right of rows, what they say below, a notice in every foot
    "letters": Look(
        "@page{size:7.375in 9.25in;margin:22mm 22mm 24mm 30mm;@bottom-left{content:'\u00a9 Harbour "
        "Press. To comment go to the forum of the book';font:7pt 'Liberation Sans'}"
        + _FOOT % ("right", "counter(page)") + "}" + BASE + CHAPTER
        + "body{font:10pt/1.35 'TeX Gyre Schola','C059',serif}h1,h2,h3{font-family:'Liberation "
        "Sans';font-style:italic}pre{font:7.2pt/1.25 'Liberation Mono',monospace;margin:4pt 0 0}"
        "p.caption{font:bold 8.6pt 'Liberation Sans';border-bottom:1pt solid #555;margin:8pt 0 3pt}"
        "p.callout{font:7.6pt 'Liberation Sans';margin:1pt 0}pre b{font-weight:bold}",
        rows="letter"),
    # heads of functions in code type on a grey bar with a blue edge, as pages of reference have
    "code-heads": Look(
        "@page{size:letter;margin:15mm}" + BASE
        + "body{font:15px/1.5 'Lato',sans-serif}h1{font-size:26px}h2{font-size:22px}"
        "h4,h5,h6{font:bold 13px 'DejaVu Sans Mono',monospace;background:#f7f7fa;"
        "border-left:3px solid #6b5be0;padding:8px 12px;margin:20px 0 10px}"
        "pre{font-size:12px;background:#f7f9fc;border:1px solid #e5eaf0;border-radius:2px;"
        "padding:12px;white-space:pre-wrap}"
        "code{background:#f7f9fc;border:1px solid #d2ddee;border-radius:2px;padding:.5px 4px;"
        "font-size:13px}p.note{background:#eaf2fe;border-left:3px solid #4a82e0;padding:8px}",
        engine="browser", outline=False),
    # a face whose operators are drawn as one sign
    "ligatures": Look(
        "@page{size:178mm 235mm;margin:20mm;}" + BASE
        + "body{font:11pt/1.4 'Linux Libertine O',serif}h1{break-before:page}"
        "pre,code{font-family:'Fira Code',monospace}pre{font-size:7pt;background:#f4f1ea;"
        "padding:8pt;white-space:pre-wrap}", engine="chromium"),
    # slides: large type, a page for each section, code small and boxed beside nothing
    "slides": Look(
        "@page{size:280mm 158mm;margin:16mm 18mm;background:#fdfdfb;"
        + _FOOT % ("left", "'A Shelf of Programs'")
        + _FOOT % ("right", "counter(page) ' / ' counter(pages)") + "}" + BASE
        + "body{font:15pt/1.35 'Lato',sans-serif}h1,h2,h3{break-before:page;color:#274b8f}"
        "h1{font-size:40pt;text-align:center}h2{font-size:26pt;border-bottom:2pt solid #274b8f}"
        "h3{font-size:22pt}pre{font-size:11pt;background:#20242c;color:#f0f0f0;padding:8pt;"
        "white-space:pre-wrap;border-radius:6pt}"),
    # each listing is the one cell of a table; each row of it is a paragraph
    "one-cell": Look(
        "@page{size:letter;margin:25mm}" + BASE
        + "body{font:11pt/1.15 'Liberation Sans'}h1{font-size:20pt;font-weight:400}"
        "h2{font-size:16pt;font-weight:400}h3{font-size:14pt;font-weight:400;color:#434343}"
        "h4{font-size:12pt;font-weight:400;color:#666}table.code{border-collapse:collapse;"
        "width:100%;margin:4pt 0 10pt}table.code td{background:#efefef;border:1pt solid #000;"
        "padding:5pt}table.code p{margin:0;font:9pt/1.15 'Liberation Mono';white-space:pre-wrap}",
        engine="chromium", around="cell", outline=False),
    # cells of a notebook with prompts in the margin, output behind some of them
    "prompts": Look(
        "@page{size:letter;margin:22mm 24mm;" + _FOOT % ("center", "counter(page)") + "}" + BASE
        + "body{font:10.5pt/1.3 'Linux Libertine O',serif}pre{font-size:8pt;background:#f7f7f7;"
        "border:.5pt solid #cfcfcf;padding:4pt;position:relative;white-space:pre-wrap;"
        "margin:6pt 0}pre span.in{position:absolute;left:-64pt;width:60pt;text-align:right;"
        "color:#303f9f;font-size:8pt}", around="prompt"),
    # black marks in running heads, a narrow face of code, captions in italics below listings
    "captions-below": Look(
        "@page{size:178mm 254mm;margin:22mm 24mm}" + BASE + CHAPTER
        + CORNERS % ("top", "counter(page) '      Chapter ' counter(chap) ' \u25a0 ' string(name)",
                     "top", "'Chapter ' counter(chap) ' \u25a0 ' string(name) '      ' "
                     "counter(page)")
        + "body{font:10pt/1.3 'Linux Libertine O',serif;text-align:justify;hyphens:auto}"
        "h1,h2,h3,h4{font-family:'Liberation Sans Narrow','Lato'}"
        "h1{font-size:28pt;text-align:center}h1 small{display:block;font-size:11pt;"
        "letter-spacing:3pt}p{text-indent:12pt;margin:0}"
        "pre{font:8pt/1.2 'Inconsolata',monospace;hyphens:none;margin:6pt 0;white-space:pre-wrap}"
        "p.caption{font:italic 8.6pt 'Linux Libertine O';text-indent:0;margin:0 0 8pt}",
        label=True, outline=False),
    # what is typed in bold, remarks in italics, marks in the margin beside every second row
    "typed": Look(
        "@page{size:178mm 228mm;margin:20mm 18mm 20mm 34mm;"
        + _FOOT % ("left", "string(name) '   ' counter(page)") + "}" + BASE + CHAPTER
        + "body{font:9.6pt/1.35 'TeX Gyre Schola','C059',serif}h1,h2,h3{font-family:'Lato';"
        "text-transform:uppercase;letter-spacing:.5pt}h2,h3{margin-left:-12mm}"
        "pre{font:7.2pt/1.3 'Liberation Mono',monospace;margin:5pt 0 5pt 0;white-space:pre-wrap;"
        "border-top:.5pt solid #000;border-bottom:.5pt solid #000;padding:3pt 0}"
        "pre b{font-weight:bold}pre i{font-style:italic}pre s{text-decoration:none;"
        "position:absolute;left:-12mm;font-family:'DejaVu Sans'}", rows="typed"),
}  # fmt: skip


def shelved(records: list[Record], name: str) -> list[Record]:
    """What a layout prints of records, in reading order: the truth of its PDF."""
    dressing, kind, _ = SHELVES[name]
    kept = settled(records) if kind in ("settled", "settled ascii") else records
    return dressed([one for one in kept if "ascii" not in kind or fits(one)], dressing)


def shelf(records: list[Record], name: str, path: Path) -> str | None:
    """Write a PDF of such records; says why when the engine is not there."""
    return SHELVES[name][2](records, path)


def page(records: list[Record], look: Look) -> str:
    """The HTML of such records."""
    css = look.css + ("" if look.outline else "h1,h2,h3,h4,h5,h6{bookmark-level:none}")
    out = [f"<html lang=en><meta charset=utf-8><title>A Shelf</title><style>{css}</style><body>"]
    lift, chapter, listing = lift_of(records), 0, 0
    below = ""
    for record in records:
        kind, role = record["kind"], record.get("role")
        if kind == "heading":
            level = max(1, min(6, int(record["level"]) + lift))
            chapter += level == 1
            shown = html.escape(str(record["text"]))
            label = f"<small>CHAPTER {chapter}</small>" if look.label and level == 1 else ""
            out.append(f"<h{level}>{label}{shown}</h{level}>")
        elif kind == "code":
            listing += 1
            out.append(_listing(record, look, listing) + below)
            below = ""
        elif kind == "table":
            out.append(table(record))
        elif role == "li":
            out.append(f"<ul><li>{marked(record)}</li></ul>")
        elif role == "callout":
            out.append(f"<p class=callout><b>#{chr(64 + record['mark'])}</b> {marked(record)}</p>")
        elif role == "caption" and look.label:
            below = f"<p class=caption>{marked(record)}</p>"
        else:
            out.append(f"<p class={role}>{marked(record)}</p>" if role else
                       f"<p>{marked(record)}</p>")  # fmt: skip
    return "\n".join(out)


def _listing(record: Record, look: Look, number: int) -> str:
    rows = [_row(row, at, look, number) for at, row in enumerate(str(record["text"]).split("\n"))]
    if look.rows == "letter":
        for mark, at in enumerate(record.get("marks") or ()):
            rows[at] += f"  <b>#{chr(65 + mark)}</b>"
    if look.around == "cell":
        body = "".join(f"<p>{row or '&nbsp;'}</p>" for row in rows)
        return f"<table class=code><tr><td>{body}</table>"
    prompt = f"<span class=in>In [{number}]:</span>" if look.around == "prompt" else ""
    glue = "" if look.rows == "lit" else "\n"
    return f"<pre>{prompt}" + glue.join(rows) + "</pre>"


def _row(row: str, at: int, look: Look, number: int) -> str:
    cooked = html.escape(row, quote=False)
    if look.rows == "bold" and number % 2 and at in (1, 2, 5):
        return f"<b>{cooked}</b>"
    if look.rows == "lit":
        lit = " lit" if number % 2 == 0 and at in (1, 2, 6) else ""
        return f"<span class='row{lit}'>{cooked}</span>"
    if look.rows == "typed":
        shown = row and number % 4 == 0 and at % 2
        lead = f"<s>{chr(0x2775 + min(9, at // 2 + 1))}</s>" if shown else ""
        typed = f"<b>{cooked}</b>" if row.startswith(("iex", "$ ", ">", "1>")) else cooked
        return lead + (f"<i>{typed}</i>" if row.lstrip().startswith("#") else typed)
    return cooked


def _web(records: list[Record], path: Path, name: str) -> str | None:
    look = _LOOKS[name]
    if look.engine == "browser":
        from _sidebars import browser

        return browser(page(records, look), path)
    return printed(page(records, look), look.engine, path)


def _looks(name: str, dressing: Dressing, kind: str = "all") -> tuple[Dressing, str, Maker]:
    return dressing, kind, partial(_web, name=name)


_NONE = Dressing()
SHELVES: dict[str, tuple[Dressing, str, Maker]] = {
    "bold-rows": _looks("bold-rows", Dressing(notes=9)),
    "marked-rows": _looks("marked-rows", _NONE),
    "letters": _looks("letters", Dressing("Listing {chapter}.{number}", 3, 3, explained=True)),
    "code-heads": _looks("code-heads", Dressing(notes=11)),
    "ligatures": _looks("ligatures", _NONE),
    "slides": _looks("slides", _NONE),
    "one-cell": _looks("one-cell", _NONE),
    "prompts": _looks("prompts", _NONE),
    "captions-below": _looks("captions-below", Dressing("Listing {chapter}-{number}.", 2)),
    "typed": _looks("typed", _NONE),
    "web-kit": (_NONE, "all", web_kit),
    "pisa": (_NONE, "settled ascii", pisa),
    "restructured": (_NONE, "settled ascii", restructured),
    "story": (_NONE, "settled", story),
    "typst-ligatures": (_NONE, "all", typst_ligatures),
    "backslashes": (_NONE, "settled ascii", backslashes),
    "journal": (Dressing(footnotes=11), "ascii", partial(shelf_tex, name="journal")),
    "roman-remarks": (_NONE, "ascii", partial(shelf_tex, name="roman-remarks")),
    "handout": (_NONE, "ascii", partial(shelf_tex, name="handout")),
}  # fmt: skip
