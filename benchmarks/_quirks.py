"""Sets the records of a book with habits of houses that no other layout shows: titles and faces.

Used by ``reading.py --stress``, after ``_shelves.py``. Epigraphs and large first letters, titles in
small capitals or run into their paragraphs, another face of code in each chapter, code that hangs
into the margin, rows on ruled paper, and words of the typesetter at the breaks of listings.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from _imprints import BASE, CHAPTER, CORNERS
from _latex import block, compiled, fits
from _typeset import lift_of, marked, printed, table

__all__ = ["QUIRKS", "quirk", "quirky"]

Record = dict[str, Any]
_FACES = ("DejaVu Sans Mono", "Inconsolata", "Liberation Mono", "Latin Modern Mono", "Fira Code")
_TEXT = "body{font:10pt/1.35 'TeX Gyre Schola','C059',serif}"
_BOX = "pre{font-size:7.4pt;background:#f3f3ef;padding:6pt 8pt;margin:6pt 0;white-space:pre-wrap}"
_SHEETS = {
    # the first paragraph of a chapter as an epigraph, the next with a letter three rows high
    "epigraphs": (
        "@page{size:178mm 229mm;margin:24mm 22mm}" + BASE + CHAPTER + _TEXT + _BOX
        + CORNERS % ("top", "'Chapter ' counter(chap)", "top", "string(name)")
        + "h1{margin-top:60mm;text-align:right;font-size:30pt;font-weight:400}"
        "h1+p{font-style:italic;text-align:right;margin:4mm 0 14mm 60mm;font-size:9pt}"
        "h1+p+p::first-letter{font-size:34pt;float:left;line-height:.8;padding-right:3pt}"
    ),
    # titles in small capitals, the size of text; page and chapter at the outer edge
    "small-capitals": (
        "@page{size:A5;margin:18mm 16mm}" + BASE + CHAPTER + _TEXT + _BOX
        + "@page:left{@left-top{content:counter(chap);font:bold 11pt 'Lato'}@bottom-left{content:"
        "counter(page);font:8pt 'Lato'}}@page:right{@right-top{content:counter(chap);font:bold "
        "11pt 'Lato'}@bottom-right{content:counter(page);font:8pt 'Lato'}}"
        "h1,h2,h3,h4{font-weight:400;font-variant:small-caps;letter-spacing:.6pt;text-align:center}"
        "h1{font-size:16pt}h2{font-size:12pt}h3,h4{font-size:10pt}"
        "p{text-indent:12pt;margin:0;text-align:justify;hyphens:auto}pre{hyphens:none}"
    ),
    # titles of the third level and deeper begin their paragraphs in bold
    "run-in": (
        "@page{size:170mm 240mm;margin:20mm}" + BASE + CHAPTER + _TEXT + _BOX
        + CORNERS % ("bottom", "counter(page)", "bottom", "counter(page)")
        + "h1,h2{font-family:'Lato'}h2{font-size:13pt}b.h3{bookmark-level:3;bookmark-label:"
        "attr(title)}b.h4{bookmark-level:4;bookmark-label:attr(title)}"
    ),
    # a face of code in each chapter, no boxes
    "faces": (
        "@page{size:letter;margin:25mm}" + BASE + CHAPTER + _TEXT
        + CORNERS % ("top", "string(name)", "top", "counter(page)")
        + "h1,h2,h3,h4{font-family:'Carlito'}pre{font-size:8pt;white-space:pre-wrap;margin:7pt 0}"
        + "".join(f".f{n} pre,.f{n} code{{font-family:'{face}'}}" for n, face in enumerate(_FACES))
    ),
    # code is wider than the text and begins left of it, between rules
    "hanging-code": (
        "@page{size:7in 9in;margin:22mm 18mm 24mm 44mm}" + BASE + CHAPTER + _TEXT
        + CORNERS % ("bottom", "counter(page) ' | ' string(name)", "bottom", "counter(page)")
        + "h1,h2,h3,h4{font-family:'Open Sans';margin-left:-22mm}pre{font-size:7.6pt;"
        "margin:7pt 0 7pt -22mm;border:solid #777;border-width:.5pt 0;padding:4pt 0;"
        "white-space:pre-wrap}"
    ),
    # a thin rule below each row of code
    "ruled-rows": (
        "@page{size:A4;margin:24mm 22mm}" + BASE + CHAPTER + _TEXT
        + CORNERS % ("bottom", "counter(page)", "bottom", "counter(page)")
        + "pre{font-size:8.4pt;margin:8pt 0;white-space:pre-wrap}pre span{display:block;"
        "border-bottom:.3pt solid #bbb;min-height:1.25em}"
    ),
}  # fmt: skip
_TEX = (
    r"\documentclass[10pt]{book}\usepackage[T1]{fontenc}\usepackage{textcomp,lmodern}"
    r"\usepackage[paperwidth=155mm,paperheight=200mm,margin=18mm]{geometry}"
    r"\usepackage[most]{tcolorbox}\tcbuselibrary{listings,skins,breakable}"
    r"\newtcblisting{code}{listing only,breakable,enhanced,sharp corners,colback=gray!8,"
    r"boxrule=.4pt,overlay first={\node[anchor=south east,font=\tiny\itshape] at "
    r"(frame.south east) {continues on the next page};},overlay last={\node[anchor=north east,"
    r"font=\tiny\itshape] at (frame.north east) {continued};},listing options={basicstyle="
    r"\ttfamily\footnotesize,columns=fullflexible,keepspaces=true,upquote=true,breaklines=true}}"
    "\n\\usepackage[hidelinks,bookmarksdepth=6]{hyperref}\n"
)


def quirky(records: list[Record], name: str) -> list[Record]:
    """What a layout prints of records: the truth of its PDF."""
    return [one for one in records if name != "continued" or fits(one)]


def quirk(records: list[Record], name: str, path: Path) -> str | None:
    """Write a PDF of such records; says why when the engine is not there."""
    return QUIRKS[name](records, path)


def _web(records: list[Record], path: Path, name: str) -> str | None:
    lift, chapter, lead = lift_of(records), 0, ""
    out = [f"<html lang=en><meta charset=utf-8><title>A Shelf</title><style>{_SHEETS[name]}"
           "</style><body><div>"]  # fmt: skip
    for record in records:
        kind, text = record["kind"], html.escape(str(record.get("text") or ""))
        if lead and kind != "prose":
            out.append(f"<p>{lead}</p>")
            lead = ""
        if kind == "heading":
            level = max(1, min(6, int(record["level"]) + lift))
            if level == 1:
                out.append(f"</div><div class=f{chapter % len(_FACES)}>")
                chapter += 1
            if name == "run-in" and level > 2:
                lead = f'<b class=h{min(4, level)} title="{text}">{text}.</b> '
            else:
                out.append(f"<h{level}>{text}</h{level}>")
        elif kind == "code":
            out.append(f"<pre>{_rows(str(record['text']), name)}</pre>")
        elif kind == "table":
            out.append(table(record))
        elif record.get("role") == "li" and not lead:
            out.append(f"<ul><li>{marked(record)}</li></ul>")
        else:
            out.append(f"<p>{lead}{marked(record)}</p>")
            lead = ""
    return printed("\n".join([*out, f"<p>{lead}</p>" if lead else ""]), "weasyprint", path)


def _rows(text: str, name: str) -> str:
    cooked = html.escape(text, quote=False)
    if name != "ruled-rows":
        return cooked
    return "".join(f"<span>{row}</span>" for row in cooked.split("\n"))


def _continued(records: list[Record], path: Path) -> str | None:
    body = "\n\n".join(map(block, records))
    text = f"{_TEX}\\begin{{document}}\n\\sloppy\n{body}\n\\end{{document}}\n"
    return compiled(text, "pdflatex", path)


QUIRKS: dict[str, Callable[[list[Record], Path], str | None]] = {
    **{name: partial(_web, name=name) for name in _SHEETS},
    "continued": _continued,
}
