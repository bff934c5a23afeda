"""Layouts of other houses that Typst sets, after those of ``_typeset.py``.

Used by ``_houses.py``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from _typeset import lift_of, quoted

__all__ = ["columns_of_two", "outer_notes"]

Record = dict[str, Any]

_OUTER = """
#set page(width: 180mm, height: 240mm, margin: (inside: 20mm, outside: 62mm, y: 20mm),
  header: context { let n = here().page(); if calc.odd(n) { [#h(1fr) Programs #h(1em) #n] } else {
  [#n #h(1em) A Shelf of Programs] } })
#set text(font: ("Gentium", "Libertinus Serif"), size: 10pt)
#set par(justify: true, spacing: 0.65em, first-line-indent: 1.2em)
#set heading(bookmarked: false)
#show heading: set text(font: ("Cabin", "DejaVu Sans"))
#show heading.where(level: 1): it => { text(13pt)[CHAPTER
  #context counter(heading).get().at(0)]; v(4pt); text(22pt, it.body); v(10pt) }
#show raw: set text(font: ("Cousine", "DejaVu Sans Mono"))
#show raw.where(block: true): it => block(stroke: (left: 2.5pt + gray), inset: (left: 8pt, y: 3pt),
  breakable: true, text(6.2pt, it))
#let side(body) = context { let odd = calc.odd(here().page())
  place(if odd { right } else { left }, dx: if odd { 50mm } else { -50mm },
    box(width: 44mm, text(7.6pt, par(justify: false, first-line-indent: 0pt, body)))) }
"""
_TWO = """
#set page("a4", margin: 17mm, columns: 2, numbering: "1",
  header: [Harbour Letters #h(1fr) A Shelf of Programs])
#set columns(gutter: 7mm)
#set text(font: ("Libertinus Serif",), size: 8.8pt)
#set par(justify: true)
#set heading(numbering: "1.1", bookmarked: false)
#show heading: set text(9.6pt)
#show raw: set text(font: ("DejaVu Sans Mono",))
#show raw.where(block: true): it => block(fill: luma(245), inset: 4pt, width: 100%,
  breakable: true, text(5.6pt, it))
#show raw.line: it => { box(width: 9pt, align(right, text(4.4pt, gray, str(it.number))))
  h(5pt); it.body }
"""


def outer_notes(records: list[Record], path: Path) -> str | None:
    """Notes in the outer margin of left and right pages, chapters with a label, a bar at code."""
    return _compiled(records, _OUTER, path)


def columns_of_two(records: list[Record], path: Path) -> str | None:
    """Small print in two columns, numbered lines of code, footnotes, no outline."""
    return _compiled(records, _TWO, path)


def _compiled(records: list[Record], setup: str, path: Path) -> str | None:
    try:
        import typst
    except ImportError:
        return "typst is not installed"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "book.typ")
        source.write_text("\n\n".join([setup, *_body(records, breaks=setup is _OUTER)]))
        typst.compile(str(source), output=str(path))
    return None


def _body(records: list[Record], *, breaks: bool) -> list[str]:
    out: list[str] = []
    lift = lift_of(records)
    for record in records:
        text, role = str(record.get("text") or ""), record.get("role")
        if record["kind"] == "heading":
            level = max(1, min(6, int(record["level"]) + lift))
            out += ["#pagebreak(weak: true)"] if level == 1 and breaks else []
            out.append(f"#heading(level: {level}, {quoted(text)})")
        elif record["kind"] == "code" and text.strip():
            lang = str(record.get("lang") or "") or "txt"
            out.append(f"#raw(block: true, lang: {quoted(lang)}, {quoted(text)})")
        elif record["kind"] == "table":
            rows = [record.get("header") or [], *(record.get("rows") or [])]
            rows = [row for row in rows if row]
            wide = max(map(len, rows))
            cells = [
                quoted(str(cell)) for row in rows for cell in (*row, *[""] * (wide - len(row)))
            ]
            out.append(f"#table(columns: {wide}, stroke: none, {', '.join(cells)})")
        elif role == "margin":
            out.insert(-1, f"#side({quoted(text)})")
        elif role == "footnote":
            out[-1] = f"{out[-1].removesuffix(']')}#footnote[#{quoted(text)}]]"
        elif record["kind"] == "prose":
            out.append(f"#list[#{quoted(text)}]" if role == "li" else f"#par[#{quoted(text)}]")
    return out
