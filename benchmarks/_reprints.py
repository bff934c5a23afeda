"""Sets the records of a book in pages that no other layout shows, fourth part.

Used by ``reading.py --stress``, after ``_customs.py``. A page of Markdown as a browser prints it,
terms with their meanings, titles of one size that weight and slant tell apart, code in two sizes,
three columns, fonts whose maps name look-alikes, contents with their numbers in front, text that is
drawn in another order than it is read, code in fonts of words; and, by LaTeX
(``_reprints_tex.py``), listings that float, numbers that nobody can copy, columns for a section,
listings over both columns. Style sheets are ours; what is missing is said and left out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from _books import NOUNS, VERBS
from _imprints import BASE, CHAPTER, CORNERS
from _latex import fits
from _reprints_tex import REPRINT_TEX, floated, set_reprint
from _typeset import lift_of, marked, printed

__all__ = ["REPRINTS", "reprint", "reprinted"]

Record = dict[str, Any]
_PLAIN = "h1,h2,h3,h4,h5,h6{bookmark-level:none}"
_WORDS = re.compile(r"\b(defmodule|defp?|do|end|case|fn|if|else)\b(?![:;])")
_LONG = 14  # rows of a listing that is set smaller


@dataclass(frozen=True)
class Reprint:
    """A layout of HTML. ``made`` changes the records, ``does`` what is done to the pages."""

    css: str
    made: Callable[[list[Record]], list[Record]] = list
    engine: str = "weasyprint"
    does: str = ""


def _termed(records: list[Record]) -> list[Record]:
    """A term before every fourth paragraph, a table of words behind every eleventh."""
    out: list[Record] = []
    number = 0
    for record in records:
        if record["kind"] != "prose" or record.get("role"):
            out.append(record)
            continue
        number += 1
        noun = NOUNS[number % len(NOUNS)]
        if number % 4 == 0:
            text = f"{noun.title()} {VERBS[number % len(VERBS)]} {number}"
            out += [{"kind": "prose", "role": "term", "text": text}, {**record, "role": "means"}]
        else:
            out.append(record)
        if number % 11 == 0:
            out.append(_table_of(number))
    return out


def _table_of(number: int) -> Record:
    rows = [
        [f"{noun} {number}", f"can {verb}", f"before the {NOUNS[(number + at) % len(NOUNS)]} does"]
        for at, (noun, verb) in enumerate(zip(NOUNS[number % 7 :], VERBS[:4], strict=False))
    ]  # fmt: skip
    header = ["Thing", "What it can", "When"]
    text = "\n".join(" ".join(row) for row in [header, *rows])
    return {"kind": "table", "header": header, "rows": rows, "text": text}


_REPRINTS = {
    # Markdown as a browser prints a page of a forge: rules below titles, rows that leave their box,
    # inline code on grey, tables with heads, no outline
    "forge": Reprint(
        "@page{size:A4;margin:15mm}body{font:16px/1.5 'Liberation Sans',sans-serif;color:#1f2328}"
        "h1,h2{border-bottom:1px solid #d0d7de;padding-bottom:.3em}h1{font-size:2em}"
        "h2{font-size:1.5em}h3{font-size:1.25em}h4{font-size:1em}h5{font-size:.875em}"
        "h6{font-size:.85em;color:#656d76}pre,code{font-family:'DejaVu Sans Mono',monospace}"
        "pre{background:#f6f8fa;border-radius:6px;padding:16px;font-size:85%;line-height:1.45;"
        "}code{background:#eff1f3;padding:.2em .4em;border-radius:6px;font-size:85%}"
        "blockquote{border-left:.25em solid #d0d7de;color:#656d76;padding:0 1em;margin:0 0 16px}"
        "table{border-collapse:collapse}th,td{border:1px solid #d0d7de;padding:6px 13px}"
        "tr:nth-child(2n){background:#f6f8fa}", engine="chromium", does="quotes"),
    # bold terms over meanings that are set in, tables with bold heads between rules, no outline
    "terms": Reprint(
        "@page{size:170mm 240mm;margin:20mm;@bottom-center{content:counter(page)}}" + BASE + CHAPTER
        + _PLAIN + CORNERS % ("top", "string(name)", "top", "'A Shelf of Programs'")
        + "body{font:10pt/1.35 'Crimson Text','DejaVu Serif',serif}h1,h2,h3{font-family:'Lato'}"
        "h1{font-size:24pt}h2{font-size:15pt}h3{font-size:11.5pt}h4,h5{font:italic 10pt 'Lato'}"
        "pre{font-size:7.4pt;margin:6pt 0;white-space:pre-wrap;background:#f4f4f4;padding:4pt}"
        "dl{margin:6pt 0}dt{font-weight:bold}dd{margin:0 0 0 14pt}table{border-collapse:collapse;"
        "border:solid;border-width:.8pt 0;margin:8pt 0}th{border-bottom:.5pt solid;"
        "text-align:left;padding:2pt 8pt}", made=_termed),
    # titles of the second to fourth level in one size: bold, plain and slanted
    "equal-heads": Reprint(
        "@page{size:7in 9.25in;margin:20mm 22mm}" + BASE + CHAPTER + _PLAIN
        + CORNERS % ("bottom", "counter(page)", "bottom", "counter(page)")
        + "body{font:10pt/1.4 'Gentium','DejaVu Serif',serif}h1{font:bold 22pt 'Lato'}"
        "h2,h3,h4,h5{font:bold 13pt 'Lato';margin:12pt 0 4pt}h3{font-weight:normal}"
        "h4,h5{font-weight:normal;font-style:italic}"
        "pre{font-size:7.4pt;margin:6pt 0 6pt 10pt;white-space:pre-wrap}"),
    # no boxes; long listings are set much smaller than short ones, each with its own leading
    "two-sizes": Reprint(
        "@page{size:178mm 235mm;margin:20mm}" + BASE + CHAPTER
        + CORNERS % ("top", "counter(page) '   ' string(name)", "top", "counter(page)")
        + "body{font:10pt/1.35 'TeX Gyre Pagella','DejaVu Serif',serif}h1,h2,h3{font-family:'Lato'}"
        "pre{font-size:8.4pt;line-height:1.3;margin:7pt 0 7pt 12pt;white-space:pre-wrap}"
        "pre.long{font-size:6.2pt;line-height:1.2}", does="sizes"),
    # three columns of small print on their side, as handbooks of reference have them
    "three-columns": Reprint(
        "@page{size:A4 landscape;margin:12mm;@bottom-center{content:counter(page);font:7pt 'Lato'}}"
        + BASE + "body{columns:3;column-gap:7mm;font:7.4pt/1.3 'Lato',sans-serif}"
        "h1{font-size:13pt;color:#235}h2{font-size:10pt;color:#235}h3,h4{font-size:8pt}"
        "pre{font-size:5pt;background:#eef;padding:2pt 3pt;margin:3pt 0;white-space:pre-wrap}"),
    # the maps of the fonts name look-alikes for hyphens, semicolons, spaces and more
    "odd-maps": Reprint(
        "@page{size:165mm 235mm;margin:20mm;@bottom-center{content:counter(page)}}" + BASE + CHAPTER
        + "body{font:10pt/1.35 'Liberation Serif',serif;text-align:justify;hyphens:auto}"
        "h1,h2,h3{font-family:'Liberation Sans'}pre{font-size:7.4pt;margin:6pt 0;hyphens:none;"
        "border:.5pt solid #888;padding:4pt;white-space:pre-wrap}", does="maps"),
    # contents in front with the page before each title; numbers of titles hang in the margin
    "numbers-first": Reprint(
        "@page{size:7in 9.25in;margin:20mm 20mm 20mm 34mm;@bottom-right{content:counter(page)}}"
        + BASE + CHAPTER + _PLAIN
        + "body{font:10pt/1.4 'Charis SIL','DejaVu Serif',serif}h1,h2,h3,h4{font-family:'Carlito';"
        "position:relative}h1 s,h2 s,h3 s{position:absolute;left:-15mm;text-decoration:none}"
        "pre{font-size:7.6pt;margin:6pt 0;background:#f3f3f0;padding:4pt;white-space:pre-wrap}"
        "div.toc a{display:block;color:#000;text-decoration:none}div.toc a.in{margin-left:10mm}"
        "div.toc a::before{content:target-counter(attr(href),page);display:inline-block;"
        "width:12mm;font-family:'Carlito'}", does="contents"),
    # titles are drawn before all else of a page, listings behind all else
    "stacked": Reprint(
        "@page{size:A5;margin:16mm;@top-right{content:counter(page)}}" + BASE + CHAPTER
        + "body{font:9.6pt/1.35 'Liberation Serif',serif;text-align:justify}"
        "h1,h2,h3,h4{font-family:'Open Sans';position:relative;z-index:-1}"
        "pre{font-size:6.8pt;position:relative;z-index:2;margin:6pt 0 6pt 8pt;"
        "white-space:pre-wrap}ul{position:relative;z-index:1}"),
    # two columns whose gutter is elsewhere on odd pages than on even ones, numbers, no outline
    "shifted-columns": Reprint(
        "@page{size:A4;@bottom-center{content:counter(page);font:8pt 'Lato'}}"
        "@page:left{margin:18mm 30mm 18mm 14mm}@page:right{margin:18mm 14mm 18mm 30mm}" + BASE
        + _PLAIN + "body{columns:2;column-gap:7mm;font:8.8pt/1.3 'Liberation Serif',serif;"
        "text-align:justify;hyphens:auto}h1{font-size:15pt}h2{font-size:12pt}h3,h4{font-size:10pt}"
        "p{margin:0;text-indent:9pt}pre{font-size:5.8pt;margin:4pt 0;hyphens:none;"
        "white-space:pre-wrap}"),
    # a number and a colon before each row, in the type of the code; no boxes, no outline
    "colon-numbers": Reprint(
        "@page{size:7in 9in;margin:20mm;@bottom-center{content:counter(page)}}" + BASE + CHAPTER
        + _PLAIN + "body{font:10pt/1.4 'Charis SIL','DejaVu Serif',serif}h1,h2,h3{font-family:"
        "'Lato'}pre{font-size:7.4pt;margin:6pt 0 6pt 10pt}", does="colons"),
    # names of speakers in bold begin paragraphs, now and then; no outline
    "speakers": Reprint(
        "@page{size:6in 9in;margin:18mm;@top-center{content:string(name);font:8pt 'Lato'}"
        "@bottom-center{content:counter(page)}}" + BASE + CHAPTER + _PLAIN
        + "body{font:10pt/1.35 'TeX Gyre Schola','C059',serif}h2{font-size:13pt}h3{font-size:11pt}"
        "pre{font-size:6.6pt;margin:6pt 0;background:#f1f1f1;padding:4pt;white-space:pre-wrap}",
        made=lambda records: _spoken(records), does="speakers"),
    # sentences in large type between paragraphs; the first row of a chapter in small capitals
    "pull-quotes": Reprint(
        "@page{size:A5;margin:16mm;@bottom-right{content:counter(page)}}" + BASE + CHAPTER + _PLAIN
        + "body{font:9.6pt/1.4 'Crimson Text','DejaVu Serif',serif}h1,h2,h3{font-family:'Lato'}"
        "h1{font-size:22pt}h2{font-size:14pt}h3{font-size:11.5pt}"
        "h1+p::first-line{font-variant:small-caps}p.pulled{font:italic 15pt/1.3 'Lato';"
        "margin:14pt 12mm;text-align:center}pre{font-size:6.8pt;margin:6pt 0;"
        "white-space:pre-wrap}", made=lambda records: _pulled(records)),
    # bullets of a word processor: letters and signs of fonts of pictures
    "odd-bullets": Reprint(
        "@page{size:A4;margin:22mm;@bottom-center{content:'Page ' counter(page) ' of ' "
        "counter(pages)}}" + BASE + CHAPTER
        + "body{font:11pt/1.3 'Carlito',sans-serif}h1,h2,h3{color:#2f5496;font-weight:normal}"
        "pre{font-size:8pt;margin:6pt 0;white-space:pre-wrap}ul{list-style-type:'o  '}"
        "ul.b{list-style-type:'\u00a7  '}ul.c{list-style-type:'\u00d8  '}"
        "ul.d{list-style-type:'\u2794  '}", does="bullets"),
    # small bold titles with hardly any room around them; no outline
    "tight-heads": Reprint(
        "@page{size:A5;margin:14mm;@top-left{content:counter(page) ' / ' string(name);font:7pt "
        "'Lato'}}" + BASE + CHAPTER + _PLAIN
        + "body{font:9.4pt/1.25 'Liberation Serif',serif;text-align:justify;hyphens:auto}"
        "h1{font:bold 13pt 'Liberation Sans';margin:0 0 8pt}h2{font:bold 10.4pt 'Liberation Sans';"
        "margin:6pt 0 1pt}h3,h4,h5{font:bold 9.4pt 'Liberation Sans';margin:3pt 0 0}"
        "p{margin:0;text-indent:10pt}pre{font-size:6.8pt;margin:3pt 0;hyphens:none;"
        "white-space:pre-wrap}"),
    # titles in the type of the text, told by the rule below them; no outline
    "ruled-heads": Reprint(
        "@page{size:170mm 240mm;margin:20mm;@bottom-center{content:counter(page)}}" + BASE + CHAPTER
        + _PLAIN + "body{font:10pt/1.4 'Liberation Sans',sans-serif}h1{font:bold 20pt 'Liberation "
        "Sans'}h2,h3,h4{font:10pt 'Liberation Sans';border-bottom:.8pt solid #333;"
        "margin:16pt 0 6pt;padding-bottom:2pt}h3,h4{border-bottom:.4pt solid #aaa}"
        "pre{font-size:7.4pt;margin:6pt 0;white-space:pre-wrap}"),
    # code in a font of words that is not that of the text, set in, without a box
    "proportional-code": Reprint(
        "@page{size:170mm 240mm;margin:20mm;@bottom-center{content:counter(page)}}" + BASE + CHAPTER
        + "body{font:10pt/1.35 'Liberation Serif',serif}h1,h2,h3{font-family:'Lato'}"
        "code,pre{font-family:'Liberation Sans'}code{font-size:9pt}"
        "pre{font-size:8.6pt;margin:6pt 0 6pt 14pt;white-space:pre-wrap}"),
    # the same in the font of the text, smaller, on a ground
    "proportional-boxed": Reprint(
        "@page{size:170mm 240mm;margin:20mm;@bottom-center{content:counter(page)}}" + BASE + CHAPTER
        + "body{font:10pt/1.35 'Liberation Serif',serif}h1,h2,h3{font-family:'Lato'}"
        "code,pre{font-family:'Liberation Serif'}"
        "pre{font-size:9pt;margin:6pt 0;padding:5pt;background:#eee;white-space:pre-wrap}"),
    # nothing but an indent sets code off from the text
    "proportional-plain": Reprint(
        "@page{size:170mm 240mm;margin:20mm;@bottom-center{content:counter(page)}}" + BASE + CHAPTER
        + _PLAIN + "body{font:10pt/1.35 'Liberation Serif',serif}h1,h2,h3{font-family:'Lato'}"
        "code,pre{font-family:'Liberation Serif'}"
        "pre{font-size:10pt;line-height:1.35;margin:6pt 0 6pt 16pt;white-space:pre-wrap}"),
    # indents are steps of the typesetter's, no spaces; words of the language are bold
    "proportional-steps": Reprint(
        "@page{size:7in 9.25in;margin:20mm;@bottom-center{content:counter(page)}}" + BASE + CHAPTER
        + "body{font:10pt/1.4 'Charis SIL','DejaVu Serif',serif}h1,h2,h3{font-family:'Lato'}"
        "code,pre{font-family:'Carlito'}pre{font-size:9pt;margin:6pt 0;border-left:2pt solid #999;"
        "padding-left:8pt;white-space:pre-wrap}pre i{padding-left:12pt}", does="steps"),
}  # fmt: skip


def _spoken(records: list[Record]) -> list[Record]:
    """Every third paragraph begins with the name of who says it."""
    out: list[Record] = []
    for number, record in enumerate(records):
        plain = record["kind"] == "prose" and not record.get("role")
        who = NOUNS[number % 5].title()
        says = {**record, "who": who, "text": f"{who}: {record.get('text')}"}
        out.append(says if plain and number % 3 == 0 else record)
    return out


def _pulled(records: list[Record]) -> list[Record]:
    """A sentence in large type behind every seventh paragraph."""
    out: list[Record] = []
    number = 0
    for record in records:
        out.append(record)
        if record["kind"] == "prose" and not record.get("role"):
            number += 1
            if number % 7 == 0:
                text = (
                    f"A {NOUNS[number % len(NOUNS)]} that can {VERBS[number % len(VERBS)]} number "
                    f"{number} needs no {NOUNS[number * 3 % len(NOUNS)]} to tell it when."
                )
                out.append({"kind": "prose", "role": "pulled", "text": text})
    return out


def reprinted(records: list[Record], name: str) -> list[Record]:
    """What a layout prints of records, in reading order: the truth of its PDF."""
    plain = [
        {**one, "text": str(one["text"]).expandtabs(8).strip("\n")} if one["kind"] == "code"
        else one for one in records
    ]  # fmt: skip
    if name in REPRINT_TEX:
        return floated([one for one in plain if fits(one)], name)
    return _REPRINTS[name].made(plain)


def reprint(records: list[Record], name: str, path: Path) -> str | None:
    """Write a PDF of such records; says why when the engine is not there."""
    return REPRINTS[name](records, path)


def _web(records: list[Record], path: Path, name: str) -> str | None:
    sheet = _REPRINTS[name]
    out = [f"<html lang=en><meta charset=utf-8><title>A Shelf</title><style>{sheet.css}</style>"
           "<body>"]  # fmt: skip
    lift, counts = lift_of(records), [0] * 8
    if sheet.does == "contents":
        out += _contents(records, lift)
    for at, record in enumerate(records):
        kind = record["kind"]
        if kind == "heading":
            level = max(1, min(6, int(record["level"]) + lift))
            counts[level] += 1
            counts[level + 1 :] = [0] * (7 - level)
            out.append(_title(record, at, counts[1 : level + 1], sheet.does))
        elif kind == "code":
            rows = str(record["text"])
            long = sheet.does == "sizes" and rows.count("\n") >= _LONG
            shown = html.escape(rows, quote=False)
            if sheet.does == "colons":
                counted = enumerate(shown.split("\n"), start=1)
                shown = "\n".join(f"{n:>2}: {row}".rstrip() for n, row in counted)
            if sheet.does == "steps":
                shown = "\n".join(map(_stepped, shown.split("\n")))
            out.append(f"<pre{' class=long' if long else ''}>{shown}\n</pre>")
        elif kind == "table":
            out.append(_table(record))
        else:
            out.append(_words(record, at, sheet.does))
    if why := printed("\n".join(out), sheet.engine, path):
        return why
    return _misnamed(path) if sheet.does == "maps" else None


def _stepped(row: str) -> str:
    """A row whose indents of two are steps, with the words of the language in bold."""
    bare = row.lstrip(" ")
    deep, odd = divmod(len(row) - len(bare), 2)
    return "<i></i>" * deep + " " * odd + _WORDS.sub(r"<b>\1</b>", bare)


def _title(record: Record, at: int, counts: list[int], does: str) -> str:
    level, text = len(counts), html.escape(str(record["text"]))
    if does == "contents" and level < 4 and all(counts):
        text = f"<s>{'.'.join(map(str, counts))}</s>{text}"
    return f"<h{level} id=h{at}>{text}</h{level}>"


def _contents(records: list[Record], lift: int) -> list[str]:
    """A page that says where chapters and sections begin."""
    out = ["<div class=toc>"]
    for at, one in enumerate(records):
        level = int(one["level"]) + lift if one["kind"] == "heading" else 9
        if level < 3:
            inner = " class=in" if level == 2 else ""
            out.append(f"<a{inner} href='#h{at}'>{html.escape(str(one['text']))}</a>")
    return [*out, "</div>"]


def _words(record: Record, at: int, does: str) -> str:
    text, role = marked(record), record.get("role")
    if role == "li":
        kind = f" class={'abcd'[at // 5 % 4]}" if does == "bullets" else ""
        return f"<ul{kind}><li>{text}</li></ul>"
    if role == "pulled":
        return f"<p class=pulled>{text}</p>"
    if who := record.get("who"):
        return f"<p>{text.replace(f'{who}:', f'<b>{who}:</b>', 1)}</p>"
    if role == "term":
        return f"<dl><dt>{text}</dt>"
    if role == "means":
        return f"<dd>{text}</dd></dl>"
    if does == "quotes" and at % 9 == 4:
        return f"<blockquote>{text}</blockquote>"
    return f"<p>{text}</p>"


def _table(record: Record) -> str:
    head = "".join(f"<th>{html.escape(str(cell))}</th>" for cell in record.get("header") or [])
    rows = [
        "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row)
        for row in record.get("rows") or []
    ]
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in [head, *rows] if row) + "</table>"


# What shares a glyph with a sign of the keyboard in many fonts, and is named in its place.
_NAMED = {
    "002d": "00ad", "0020": "00a0", "003b": "037e", "0060": "1fef", "004b": "212a", "007c": "2223",
    "002f": "2215",
}  # fmt: skip


def _misnamed(path: Path) -> str | None:
    """Let the maps of all fonts of a PDF name look-alikes."""
    import pymupdf

    with pymupdf.open(path) as document:
        for xref in range(1, document.xref_length()):
            stream = document.xref_stream(xref) if document.xref_is_stream(xref) else b""
            if stream is None or b"beginbfchar" not in stream:
                continue
            text = stream.decode("latin-1")
            made = re.sub(
                r"(?m)^(\s*<[0-9a-fA-F]+> *)<([0-9a-fA-F]{4})>",
                lambda found: f"{found[1]}<{_NAMED.get(found[2].lower(), found[2])}>", text,
            )  # fmt: skip
            document.update_stream(xref, made.encode("latin-1"))
        document.save(path.with_suffix(".named.pdf"), garbage=1, deflate=True)
    path.with_suffix(".named.pdf").replace(path)
    return None


REPRINTS: dict[str, Callable[[list[Record], Path], str | None]] = {
    **{name: partial(_web, name=name) for name in _REPRINTS},
    **{name: partial(set_reprint, name=name) for name in REPRINT_TEX},
}
