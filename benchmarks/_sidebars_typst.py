"""The layout of ``_sidebars.py`` that Typst sets."""

from __future__ import annotations

import tempfile
from itertools import groupby
from pathlib import Path
from typing import Any

from _typeset import lift_of, quoted

__all__ = ["zebra"]

Record = dict[str, Any]
_SETUP = """
#set page(width: 170mm, height: 230mm, margin: 20mm, footer: context [
  #line(length: 100%, stroke: 0.4pt) #h(1fr) #counter(page).display("1 / 1", both: true)])
#set text(font: ("Gentium Plus", "Libertinus Serif"), size: 10pt)
#set par(justify: true)
#set heading(numbering: "1.1")
#show heading: set text(font: ("Inter", "DejaVu Sans"))
#show raw: set text(font: ("Go Mono", "DejaVu Sans Mono"))
#let listing(name, lang, body) = block(width: 100%, radius: 4pt, stroke: 0.5pt + luma(200),
  clip: false, breakable: true, {
  if name != none { block(width: 100%, inset: 4pt, fill: luma(225), below: 0pt,
    text(7.5pt, name)) }
  place(top + right, dx: -3pt, dy: if name != none { 18pt } else { 3pt },
    box(fill: rgb("#dde6ff"), inset: 2pt, radius: 2pt, text(6pt, lang)))
  show raw.line: it => block(width: 100%, inset: (x: 4pt, y: 1.6pt), spacing: 0pt,
    fill: if calc.even(it.number) { luma(244) } else { white },
    grid(columns: (14pt, 1fr), align: (right, left), column-gutter: 6pt,
      text(6pt, gray, str(it.number)), text(6.8pt, it.body)))
  set par(justify: false)
  show raw: set text(size: 8.5pt)
  body
})
#let apart(title, body) = block(width: 100%, breakable: true, stroke: (left: 2pt + blue), {
  block(width: 100%, inset: 5pt, fill: rgb("#dce9ff"), below: 0pt,
    [#circle(radius: 3pt, fill: blue) #text(weight: "bold", title)])
  block(width: 100%, inset: 6pt, fill: rgb("#f4f8ff"), body)
})
"""


def zebra(records: list[Record], path: Path) -> str | None:
    """Every second row tinted, numbers, a badge with the language, bars with names of files."""
    try:
        import typst
    except ImportError:
        return "typst is not installed"
    out, lift = [_SETUP], lift_of(records)
    for number, group in groupby(records, lambda record: int(record.get("aside") or 0)):
        members = list(group)
        if number and members[0].get("role") == "aside-title":
            out.append(f"#apart({quoted(members.pop(0)['text'])})[")
        out += _members(members, lift)
        out += ["]"] if number else []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "book.typ")
        source.write_text("\n\n".join(out))
        typst.compile(str(source), output=str(path))
    return None


def _members(members: list[Record], lift: int) -> list[str]:
    out: list[str] = []
    name = "none"
    for record in members:
        text, role = str(record.get("text") or ""), record.get("role")
        if record["kind"] == "heading":
            level = max(1, min(6, int(record["level"]) + lift))
            out += ["#pagebreak(weak: true)"] if level == 1 else []
            out.append(f"#heading(level: {level}, {quoted(text)})")
        elif role == "caption":
            name = quoted(text)
        elif record["kind"] == "code" and text.strip():
            lang = str(record.get("lang") or "") or "text"
            body = f"raw(block: true, lang: {quoted(lang)}, {quoted(text)})"
            out.append(f"#listing({name}, {quoted(lang)}, {body})")
            name = "none"
        elif record["kind"] == "prose":
            out.append(f"#list[#{quoted(text)}]" if role == "li" else f"#par[#{quoted(text)}]")
        elif record["kind"] == "table":
            rows = [row for row in (record.get("header"), *(record.get("rows") or [])) if row]
            wide = max(map(len, rows))
            cells = [
                quoted(str(cell)) for row in rows for cell in (*row, *[""] * (wide - len(row)))
            ]
            out.append(f"#table(columns: {wide}, stroke: 0.4pt, {', '.join(cells)})")
    return out
