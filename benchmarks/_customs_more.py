"""More layouts for ``_customs.py``: other alphabets, typewriters, drafts, columns for a while.

Russian prose and remarks, columns of two only in the sections of a chapter's end, all of a book in
one face of code, lines that show indentation, numbers beside every row of the book, a draft with
room for corrections, boxes that touch, chapters that say what they hold, and names of languages
as tabs over listings. Pure functions of the records, and style sheets.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from _imprints import BASE, CHAPTER, CORNERS
from _typeset import lift_of, marked, printed, table

__all__ = ["MORE", "more", "set_more"]

Record = dict[str, Any]
_PLAIN = "h1,h2,h3,h4,h5,h6{bookmark-level:none}"
_CYRILLIC = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "абцдефгхийклмнопярстувшжызАБЦДЕФГХИЙКЛМНОПЯРСТУВШЖЫЗ",
)
MORE = {
    # Russian words and remarks, code without a box
    "russian": "@page{size:165mm 235mm;margin:20mm;@bottom-center{content:counter(page)}}" + BASE
    + CHAPTER + CORNERS % ("top", "string(name)", "top", "'Кыст'")
    + "body{font:10pt/1.35 'Liberation Serif',serif;text-align:justify}"
    "h1,h2,h3{font-family:'Liberation Sans'}"
    "pre{font:8pt/1.25 'Liberation Mono';margin:6pt 0 6pt 8mm;white-space:pre-wrap}"
    "code{font-family:'Liberation Mono'}",
    # the sections of the third level and below are set in two columns
    "columns-at-times": "@page{size:A4;margin:20mm;@top-left{content:string(part);"
    "font:8pt 'DejaVu Sans Mono'}@top-right{content:counter(page)}}" + BASE + CHAPTER
    + "h2{string-set:part content()}body{font:10pt/1.35 'Gentium','DejaVu Serif',serif}"
    "h1,h2,h3,h4{font-family:'Lato'}div.two{columns:2;column-gap:9mm;font-size:8.6pt}"
    "pre{font-size:8pt;background:#f1f1f1;padding:4pt;white-space:pre-wrap}"
    "div.two pre{font-size:6.4pt}",
    # all of it in one face, as a typewriter has it; code is set in
    "typewriter": "@page{size:A4;margin:25mm;@bottom-right{content:'Page ' counter(page);"
    "font:10pt 'Liberation Mono'}}" + BASE + CHAPTER + _PLAIN
    + "body,pre,code{font:10pt/1.2 'Liberation Mono'}h1,h2,h3,h4{font:bold 10pt 'Liberation Mono'}"
    "h1{text-transform:uppercase}p{margin:0 0 12pt}pre{margin:0 0 12pt 24pt;white-space:pre-wrap}",
    # thin upright lines at each step of the indentation
    "guides": "@page{size:7in 9in;margin:18mm;@bottom-center{content:counter(page)}}" + BASE
    + CHAPTER + "body{font:10pt/1.4 'Lato',sans-serif}pre{font-size:7.6pt;background:#fafafa;"
    "border:.6pt solid #ddd;padding:5pt;white-space:pre}"
    "i.g{display:inline-block;width:2ch;border-left:.4pt solid #bbb;margin-left:-.4pt}",
    # every row of the page has a number in the margin, as copies for reviewers have
    "reviewed": "%lineno",
    # a draft: twice the room between rows, a line at the edge of each page
    "draft": "@page{size:letter;margin:25mm;@top-right{content:'A Shelf / ' counter(page)}}" + BASE
    + CHAPTER + "body{font:12pt/2 'Liberation Serif',serif}h1,h2,h3{font:bold 12pt 'Liberation "
    "Serif'}pre{font:10pt/2 'Liberation Mono';margin:5pt 0 5pt 10mm;white-space:pre-wrap}"
    "p{text-indent:12mm;margin:0}",
    # listings part at a blank line into two boxes that touch, each on a ground of its own
    "touching": "@page{size:A4;margin:18mm}" + BASE
    + "body{font:11pt/1.45 'Open Sans',sans-serif}pre{font-size:8.6pt;padding:6pt;margin:0;"
    "background:#eef3fa;white-space:pre-wrap}pre.out{background:#fff7e6}"
    "p,h1,h2,h3,ul{margin:10pt 0}",
    # a large numeral, an epigraph, what the chapter holds with pages, then the text
    "openers": "@page{size:178mm 235mm;margin:22mm 20mm}" + BASE + CHAPTER
    + CORNERS % ("bottom", "counter(page)", "bottom", "counter(page)")
    + "body{font:10pt/1.35 'TeX Gyre Pagella',serif}h1,h2,h3,h4{font-family:'Carlito'}"
    "div.no{font:700 64pt 'Carlito';color:#bbb;break-before:page;margin-top:20mm}"
    "h1{break-before:avoid;font-size:26pt}pre{font-size:7.6pt;border-left:2pt solid #888;"
    "padding-left:8pt;white-space:pre-wrap}div.holds{border:solid #999;border-width:1pt 0;"
    "padding:4pt 0;margin:6mm 0}div.holds a{display:block;text-decoration:none;color:#000}"
    "div.holds a::after{content:leader('.') target-counter(attr(href),page)}",
    # the name of each language as a tab over its listing; prompts and output in colours
    "tabs": "@page{size:A4;margin:15mm}" + BASE
    + "body{font:15px/1.5 'Lato',sans-serif}div.tabs{border-bottom:1px solid #ccc;margin-top:10px}"
    "div.tabs b{display:inline-block;font:12px 'Lato';padding:3px 10px;border:1px solid #ccc;"
    "border-bottom:0}div.tabs b.off{color:#999;background:#eee}"
    "pre{font-size:11.5px;margin:0 0 12px;padding:8px;border:1px solid #ccc;border-top:0;"
    "white-space:pre-wrap}",
}  # fmt: skip


def more(records: list[Record], name: str) -> list[Record]:
    """What a layout prints of records, in reading order."""
    if name == "russian":
        return [_russian(one) for one in records if one["kind"] != "table"]
    if name == "touching":
        return [part for one in records for part in _parted(one)]
    return records


def _russian(record: Record) -> Record:
    text = str(record["text"])
    if record["kind"] == "code":
        return {**record, "text": re.sub(r"(?m)(?<=# ).*$", lambda m: _words(m[0]), text)}
    pieces = sorted(filter(None, set(record.get("inline_code") or ())), key=len, reverse=True)
    if not pieces:
        return {**record, "text": _words(text)}
    found = re.split(f"({'|'.join(map(re.escape, pieces))})", text)
    found[::2] = map(_words, found[::2])
    return {**record, "text": "".join(found)}


def _words(text: str) -> str:
    return text.translate(_CYRILLIC)


def _parted(record: Record) -> list[Record]:
    text = str(record["text"]) if record["kind"] == "code" else ""
    one, blank, two = text.partition("\n\n")
    if not blank or two.startswith((" ", "\n")) or "|" in str(record.get("lang")):
        return [record]
    return [{**record, "text": one}, {**record, "text": two, "touches": True}]


def _page(records: list[Record], name: str) -> str:
    """The HTML of such records."""
    out = [f"<html lang=en><meta charset=utf-8><title>A Shelf</title><style>{MORE[name]}</style>"]
    lift, two = lift_of(records), False
    for at, record in enumerate(records):
        kind = record["kind"]
        if kind == "heading":
            level = max(1, min(6, int(record["level"]) + lift))
            if name == "columns-at-times" and two != (level > 2):
                two = level > 2
                out.append("<div class=two>" if two else "</div>")
            shown = f"<h{level} id=h{at}>{html.escape(str(record['text']))}</h{level}>"
            out.append(_opener(records, at, lift) + shown if _opens(level, name) else shown)
            out += _holds(records, at, lift) if _opens(level, name) else []
        elif kind == "code":
            out.append(_code(record, name, at))
        elif kind == "table":
            out.append(table(record))
        elif record.get("role") == "li":
            out.append(f"<ul><li>{marked(record)}</li></ul>")
        else:
            out.append(f"<p>{marked(record)}</p>")
    return "\n".join(out)


def _opens(level: int, name: str) -> bool:
    return name == "openers" and level == 1


def _opener(records: list[Record], at: int, lift: int) -> str:
    chapter = sum(
        one["kind"] == "heading" and int(one["level"]) + lift == 1 for one in records[: at + 1]
    )
    return f"<div class=no>{chapter}</div>"


def _holds(records: list[Record], at: int, lift: int) -> list[str]:
    """The sections of a chapter with their pages."""
    found: list[str] = []
    for n, one in enumerate(records[at + 1 :], start=at + 1):
        level = int(one["level"]) + lift if one["kind"] == "heading" else 9
        if level == 1:
            break
        if level == 2:
            found.append(f"<a href='#h{n}'>{html.escape(str(one['text']))}</a>")
    return ["<div class=holds>", *found, "</div>"] if len(found) > 1 else []


def _code(record: Record, name: str, at: int) -> str:
    rows = [html.escape(row, quote=False) for row in str(record["text"]).split("\n")]
    if name == "guides":
        rows = [_guided(row) for row in rows]
    kind = " class=out" if record.get("touches") else ""
    shown = f"<pre{kind}>" + "\n".join(rows) + "\n</pre>"
    if name == "tabs":
        others = ("Elixir", "Erlang", "Gleam") if at % 2 else ("Elixir", "Shell")
        names = "".join(f"<b{' class=off' if n else ''}>{one}</b>" for n, one in enumerate(others))
        return f"<div class=tabs>{names}</div>{shown}"
    return shown


def _guided(row: str) -> str:
    bare = row.lstrip(" ")
    steps, odd = divmod(len(row) - len(bare), 2)
    return "<i class=g>  </i>" * steps + " " * odd + bare


def set_more(records: list[Record], path: Path, name: str) -> str | None:
    """Write the PDF; numbers beside all rows are put on pages that are set."""
    if name != "reviewed":
        return printed(_page(records, name), "chromium" if name == "tabs" else "weasyprint", path)
    return _reviewed(records, path)


def _reviewed(records: list[Record], path: Path) -> str | None:
    import pymupdf

    sheet = MORE["draft"].replace("/2 ", "/1.4 ")
    MORE["reviewed"] = sheet
    small = path.with_suffix(".pages.pdf")
    if why := printed(_page(records, "reviewed"), "weasyprint", small):
        return why
    with pymupdf.open(small) as pages:
        for page in pages:
            found: Any = page.get_text("dict")
            heights = sorted({
                round(line["spans"][0]["origin"][1], 1)
                for block in found["blocks"] for line in block.get("lines", ())
            })  # fmt: skip
            for number, y in enumerate((y for y in heights if y > 65), start=1):
                page.insert_text((48 - 3.4 * len(str(number)), y), str(number), fontsize=6)
        pages.save(path, garbage=3, deflate=True)
    return None
