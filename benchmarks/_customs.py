"""Sets the records of a book with customs of presses that no other layout shows, third part.

Used by ``reading.py --stress``, after ``_quirks.py``. White text on a dark page, windows with a bar
of a title, code beside its explanation, code within lists, code in cells of tables, numbers with a
sign behind them in the type of the code, signs that nobody sees, text drawn twice, listings on
their side, rows that are stretched, pages of the size of a hand, titles that only their colour
shows, and Chinese. Style sheets are ours; what is missing is said and left out.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from _customs_more import MORE, more, set_more
from _customs_texts import CALLS, beside, celled, han, hidden, in_chinese, nested, windowed
from _imprints import BASE, CHAPTER, CORNERS
from _typeset import lift_of, marked, printed, table

__all__ = ["CUSTOMS", "custom", "customary"]

Record = dict[str, Any]
_PLAIN = "h1,h2,h3,h4,h5,h6{bookmark-level:none}"


@dataclass(frozen=True)
class Custom:
    """A layout of HTML. ``made`` changes the records, ``rows`` the rows of a listing."""

    css: str
    made: Callable[[list[Record]], list[Record]] = list
    rows: str = ""
    engine: str = "weasyprint"
    hides: bool = False


_CUSTOMS = {
    # white on a page that is dark from edge to edge, code on a ground that is a little lighter
    "night": Custom(
        "@page{size:7in 9in;margin:18mm;background:#1d2026;@bottom-center{content:counter(page);"
        "color:#888;font:8pt 'Lato'}}" + BASE + _PLAIN
        + "body{font:10pt/1.4 'Lato',sans-serif;color:#f4f4f4}h1{break-before:page;font-size:24pt}"
        "pre{background:#2b303b;color:#d8dee9;padding:6pt;font-size:7.4pt;white-space:pre-wrap}"
        "pre i{color:#8a93a5}code{color:#ffd580}", rows="italics"),
    # windows with three lights and a name in a bar, with a shadow, as makers of pictures draw them
    "windows": Custom(
        "@page{size:A4;margin:17mm}" + BASE
        + "body{font:15px/1.5 'Lato',sans-serif}h1{break-before:page}"
        "div.win{background:#282c34;border-radius:8px;box-shadow:0 4px 12px #777;margin:14px 0;"
        "break-inside:auto}div.bar{height:22px;position:relative;text-align:center;color:#9aa;"
        "font:11px/22px 'Lato'}div.bar s{position:absolute;top:7px;width:9px;height:9px;"
        "border-radius:50%;background:#f55}"
        "div.win pre{color:#dcdfe4;padding:2px 14px 12px;font-size:11px;white-space:pre-wrap}",
        made=windowed, rows="window", engine="chromium"),
    # each listing stands at the right of the paragraph that explains it
    "annotated": Custom(
        "@page{size:11in 8.5in;margin:15mm;@bottom-right{content:counter(page);font:8pt 'Lato'}}"
        + BASE + "body{font:9.6pt/1.35 'Crimson Text','DejaVu Serif',serif}h1{break-before:page}"
        "div.pair{display:flex;margin:0 0 8pt}div.pair>p{width:72mm;margin:0 8mm 0 0}"
        "div.pair>pre{flex:1;background:#f4f4fa;padding:4pt 6pt;margin:0;font-size:7pt}"
        "pre{font-size:7pt;background:#f4f4fa;padding:4pt 6pt;margin:5pt 0 5pt 80mm}",
        made=beside, rows="pair"),
    # code without a box, set in as deep as the list that it belongs to
    "in-lists": Custom(
        "@page{size:170mm 230mm;margin:20mm;@bottom-center{content:counter(page)}}" + BASE + CHAPTER
        + CORNERS % ("top", "string(name)", "top", "'A Shelf of Programs'")
        + "body{font:10pt/1.35 'TeX Gyre Pagella','DejaVu Serif',serif}"
        "h1,h2,h3{font-family:'Open Sans',sans-serif}ul,ol{margin:2pt 0;padding-left:16pt}"
        "pre{font-size:7.2pt;margin:4pt 0;white-space:pre-wrap}", made=nested, rows="nested"),
    # tables whose cells hold code, and functions with their meanings in two columns
    "code-cells": Custom(
        "@page{size:A4;margin:20mm;@top-right{content:counter(page)}}" + BASE + CHAPTER
        + "body{font:10pt/1.35 'Liberation Serif',serif}h1,h2,h3{font-family:'Liberation Sans'}"
        "pre{font-size:8pt;margin:6pt 0;padding:4pt;border:.5pt solid #999;white-space:pre-wrap}"
        "table{border-collapse:collapse;margin:6pt 0;width:100%}"
        "td,th{border:.4pt solid #aaa;vertical-align:top}"
        "td.c{font:8pt 'DejaVu Sans Mono',monospace;white-space:pre}"
        "dl{display:grid;grid-template-columns:45mm 1fr;margin:4pt 0}"
        "dt{font:8.4pt 'DejaVu Sans Mono'}dd{margin:0}", made=celled, rows="cells"),
    # numbers of two digits and a bar behind them, in the type of the code, over a whole chapter
    "zeros": Custom(
        "@page{size:178mm 229mm;margin:20mm 22mm}" + BASE + CHAPTER
        + CORNERS % ("bottom", "counter(page)", "bottom", "counter(page)")
        + "body{font:10pt/1.35 'TeX Gyre Schola','C059',serif}h1,h2,h3{font-family:'Lato'}"
        "pre{font-size:7.4pt;margin:6pt 0}", rows="zeros"),
    # soft hyphens in words, breaks of no width in names, blanks that do not break in code
    "hidden-signs": Custom(
        "@page{size:A5;margin:15mm}" + BASE
        + "body{font:13px/1.4 'Liberation Serif',serif;text-align:justify}"
        "h1{break-before:page}pre{font-size:9.5px;background:#f0f0f0;padding:6px;"
        "white-space:pre-wrap}", rows="nbsp", engine="chromium", hides=True),
    # titles and words of code are drawn twice, a little apart: a shadow, a bold face that is none
    "drawn-twice": Custom(
        "@page{size:letter;margin:18mm}" + BASE
        + "body{font:15px/1.45 'Liberation Serif',serif}h1{break-before:page}"
        "h1,h2,h3,h4{text-shadow:1px 1px #bbb}pre{font-size:11px;margin:8px 0 8px 14px;"
        "white-space:pre-wrap}pre b{font-weight:400;text-shadow:.35px 0 #000}",
        rows="bold", engine="chromium"),
    # listings with long rows stand on their side, on pages of their own
    "on-its-side": Custom(
        "@page{size:165mm 235mm;margin:18mm;@bottom-center{content:counter(page)}}"
        + BASE + CHAPTER
        + "body{font:10pt/1.35 'Caladea','DejaVu Serif',serif}h1,h2,h3{font-family:'Carlito'}"
        "pre{font-size:7.4pt;margin:6pt 0;background:#eee;padding:4pt}"
        "div.side{break-before:page;break-after:page;height:196mm;position:relative}"
        "div.side pre{position:absolute;width:185mm;left:0;top:0;transform-origin:0 0;"
        "transform:translate(125mm,0) rotate(90deg)}", rows="side"),
    # rows that the page wraps are stretched to the width of the page, as words are
    "stretched": Custom(
        "@page{size:140mm 210mm;margin:16mm;@bottom-center{content:counter(page)}}" + BASE + CHAPTER
        + "body{font:10pt/1.35 'Liberation Serif',serif;text-align:justify;hyphens:auto}"
        "pre{font-size:7.6pt;white-space:pre-wrap;text-align:justify;hyphens:none}"),
    # pages as large as a hand: most rows of code are wrapped
    "pocket": Custom(
        "@page{size:95mm 140mm;margin:7mm 6mm 9mm;@bottom-center{content:counter(page) ' / ' "
        "counter(pages);font:5pt 'Lato'}}" + BASE + CHAPTER
        + "body{font:8pt/1.3 'Caladea','DejaVu Serif',serif}h1{font-size:13pt}h2{font-size:11pt}"
        "h3{font-size:9pt}pre{font-size:5.6pt;white-space:pre-wrap;overflow-wrap:anywhere;"
        "background:#f2f2f2;padding:3pt}"),
    # titles as large and heavy as the text, told by their colour alone; output smaller and grey
    "coloured-heads": Custom(
        "@page{size:7in 9.25in;margin:20mm;@bottom-center{content:counter(page)}}" + BASE
        + "body{font:10pt/1.4 'Lato',sans-serif}h1{font:22pt 'Lato';break-before:page}"
        "h2,h3,h4,h5{font:10pt 'Lato';color:#b5341b;margin:12pt 0 4pt}h3,h4,h5{color:#1b62b5}"
        "pre{font-size:7.6pt;margin:6pt 0 6pt 12pt;white-space:pre-wrap}"
        "pre i{font-size:6.8pt;color:#666}" + _PLAIN, rows="output"),
    # Chinese: no space between words, none where a row ends; remarks in code are Chinese, too
    "han": Custom(
        "@font-face{font-family:Han;src:url('%s')}@page{size:A5;margin:16mm;@bottom-center{"
        "content:counter(page)}}" + BASE.replace("monospace", "Han,monospace") + CHAPTER
        + "body{font:9.6pt/1.5 'Liberation Serif',Han,serif;text-align:justify}"
        "pre{font-size:6.8pt;background:#f4f4f4;padding:4pt;white-space:pre-wrap}",
        made=in_chinese),
}  # fmt: skip


def customary(records: list[Record], name: str) -> list[Record]:
    """What a layout prints of records, in reading order: the truth of its PDF."""
    plain = [
        {**one, "text": str(one["text"]).expandtabs(8).strip("\n")} if one["kind"] == "code"
        else one for one in records
    ]  # fmt: skip
    return more(plain, name) if name in MORE else _CUSTOMS[name].made(plain)


def custom(records: list[Record], name: str, path: Path) -> str | None:
    """Write a PDF of such records; says why when the engine is not there."""
    return CUSTOMS[name](records, path)


def _web(records: list[Record], path: Path, name: str) -> str | None:
    sheet = _CUSTOMS[name]
    css = sheet.css
    if name == "han":
        face, why = han(path.with_suffix(".ttf"))
        if why:
            return why
        css = css % face
    out = [f"<html lang=en><meta charset=utf-8><title>A Shelf</title><style>{css}</style><body>"]
    lift, number = lift_of(records), 0
    for at, record in enumerate(records):
        kind = record["kind"]
        if kind == "heading":
            level = max(1, min(6, int(record["level"]) + lift))
            number = 0 if level == 1 else number
            out.append(f"<h{level}>{html.escape(str(record['text']))}</h{level}>")
        elif kind == "code":
            out.append(_code(record, sheet.rows, number))
            number += str(record["text"]).count("\n") + 1
        elif kind == "table":
            out.append(table(record) if sheet.rows != "cells" else _cells(record))
        else:
            after = records[at + 1] if at + 1 < len(records) else {}
            out.append(_words(record, sheet, after))
    return printed("\n".join(out), sheet.engine, path)


def _words(record: Record, sheet: Custom, after: Record) -> str:
    text, role = marked(record), record.get("role")
    if sheet.hides:
        text = hidden(text)
    if sheet.rows == "window" and role == "caption":
        return (
            "<div class=win><div class=bar><s style='left:10px'></s><s style='left:24px'></s>"
            f"<s style='left:38px'></s>{text}</div>"
        )
    if role == "paired" and after.get("kind") == "code":
        return f"<div class=pair><p>{text}</p>"
    if role == "li":
        return f"<ul><li>{text}</li></ul>"
    deep = int(record.get("deep") or 0)
    return "<ul><li>" * deep + f"<p>{text}</p>" + "</ul>" * deep


def _code(record: Record, rows: str, number: int) -> str:
    text = str(record["text"])
    cooked = [html.escape(row, quote=False) for row in text.split("\n")]
    if rows == "zeros":
        cooked = [f"{number + at:03}| {row}" for at, row in enumerate(cooked, start=1)]
    elif rows == "nbsp":
        cooked = [row.replace("  ", "\u00a0\u00a0") for row in cooked]
    elif rows in ("italics", "output", "bold"):
        cooked = [_dressed(row, rows) for row in cooked]
    shown = "<pre>" + "\n".join(cooked) + "\n</pre>"
    if rows == "side" and len(text) > 700 and max(map(len, text.split("\n"))) < 110:
        return f"<div class=side>{shown}</div>"
    if record.get("paired") or rows == "window":
        return f"{shown}</div>"
    deep = int(record.get("deep") or 0)
    return "<ul><li style='list-style:none'>" * deep + shown + "</ul>" * deep


def _dressed(row: str, rows: str) -> str:
    bare = row.lstrip()
    if rows == "bold":
        word, blank, rest = bare.partition(" ")
        kept = word in CALLS
        return f"{row[: len(row) - len(bare)]}<b>{word}</b>{blank}{rest}" if kept else row
    if rows == "italics":
        return f"<i>{row}</i>" if bare.startswith("#") else row
    typed = bare.startswith(("iex", "...", "#", "$"))
    return row if typed or not bare or row != bare else f"<i>{row}</i>"


def _cells(record: Record) -> str:
    if record.get("role") == "functions":
        pairs = (map(html.escape, row) for row in record["rows"])
        return "<dl>" + "".join(f"<dt>{name}</dt><dd>{says}</dd>" for name, says in pairs) + "</dl>"
    lines = [record.get("header") or [], *(record.get("rows") or [])]
    code: set[int] = set(record.get("code_columns") or ())
    made = [
        "".join(f"<td{' class=c' if n in code else ''}>{html.escape(str(cell))}</td>"
                for n, cell in enumerate(line))
        for line in lines if line
    ]  # fmt: skip
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in made) + "</table>"


CUSTOMS: dict[str, Callable[[list[Record], Path], str | None]] = {
    **{name: partial(_web, name=name) for name in _CUSTOMS},
    **{name: partial(set_more, name=name) for name in MORE},
}
